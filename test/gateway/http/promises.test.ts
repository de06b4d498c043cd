/** A promise and what a real gateway shows beside it: whoever got it can tell whether it was kept. */
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readConfig } from "../../../gateway/config";
import { parseTrust } from "../../../gateway/evidence/trust";
import { issueToken } from "../../../gateway/keys";
import { type Gateway, startGateway } from "../../../gateway/main";
import { OPERATOR } from "../../chaincode/events/world";
import { outcomeOf } from "../evidence/examined";
import { accessed, type Result, rolesOf } from "../running";

describe("a promise of a real gateway", function () {
  this.timeout(60_000);
  let directory: string;
  let data: string;
  let gateway: Gateway;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "suyuan-promises-"));
    data = join(directory, "data");
  });
  afterEach(async () => {
    await gateway.stop();
    await rm(directory, { recursive: true });
  });

  /** @param promiseMinutes how long it gives itself: none, and whatever it promises is late; less than none, and the deadline was over before */
  const start = async (promiseMinutes: number): Promise<void> => {
    gateway = await startGateway({ ...readConfig({ data, port: 0 }, {}), promiseMinutes });
  };
  const ask = async (path: string, body?: object): Promise<Response> => {
    const token = await issueToken(data, { party: OPERATOR, roles: rolesOf(OPERATOR), seconds: 3600 });
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return fetch(gateway.url + path, body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) });
  };
  /** @returns the answer with its promise, as it came */
  const promise = async (): Promise<Result & { readonly file: Buffer }> => {
    const file = Buffer.from(await (await ask("/v1/events", accessed())).arrayBuffer());
    return { ...(JSON.parse(file.toString("utf8")) as Result), file };
  };
  /** Of what is asked for, as soon as it is there. */
  const shown = async (path: string): Promise<Buffer> => {
    for (;;) {
      const response = await ask(path);
      const file = Buffer.from(await response.arrayBuffer());
      if (response.status === 200) return file;
      expect(response.status, file.toString("utf8")).to.be.oneOf([404, 503]);
    }
  };
  const outcome = async (file: Buffer, ...shown: readonly Buffer[]): Promise<string> =>
    outcomeOf(file, parseTrust(await readFile(join(data, "trust.json"))), { shown });
  const journal = (name: string, file: string): string => `/v1/journals/${encodeURIComponent(name)}/${file}`;

  it("is kept", async () => {
    await start(60);
    const { file, leafHash } = await promise();
    expect(await outcome(file)).to.equal("unsettled");
    for (const head of ["first", "newest"])
      expect(await outcome(file, await shown(`/v1/receipts/${leafHash}?head=${head}`))).to.equal("kept");
  });

  it("is kept late, as the receipt of the head that first held it tells by itself", async () => {
    await start(0);
    const first = await promise();
    const receipt = await shown(`/v1/receipts/${first.leafHash}?head=first`);
    expect(await outcome(first.file, receipt)).to.equal("kept-late");
    // A later head holds it too, and does not tell since when; with the head that came with it, it does.
    const second = await promise();
    await shown(`/v1/receipts/${second.leafHash}?head=first`);
    const later = await shown(`/v1/receipts/${first.leafHash}`);
    expect(await outcome(first.file, later)).to.be.oneOf(["kept-time-unknown", "kept-late"]);
    expect(await outcome(second.file, receipt, await shown(`/v1/receipts/${second.leafHash}`))).to.equal("kept-late");
  });

  it("is broken by a gateway that lost what it had promised, and by one that put another record in its place", async () => {
    await start(-10);
    await shown(`/v1/receipts/${(await promise()).leafHash}?head=first`);
    await gateway.stop();
    await cp(data, join(directory, "before"), { recursive: true });
    await start(-10);
    const lost = await promise();
    await gateway.stop();
    await rm(data, { recursive: true });
    await cp(join(directory, "before"), data, { recursive: true });

    await start(-10);
    for (const file of ["latest", "head"])
      expect(await outcome(lost.file, await shown(journal(lost.journal, file))), file).to.equal("broken-missing");
    const { leafHash, index } = await promise();
    expect(index).to.equal(lost.index);
    expect(await outcome(lost.file, await shown(`/v1/receipts/${leafHash}`))).to.equal("broken-other-record");
  });
});
