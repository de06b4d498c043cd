/** What is exported while the journals grow is as whole as if they stood still: each head and count is the ledger's of one moment, and all else is of that moment too. */
import { expect } from "chai";
import { readFileSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EvidenceError } from "../../gateway/evidence/errors";
import type { StreamVerdict } from "../../gateway/evidence/event-stream";
import { parseTrust, type TrustFile } from "../../gateway/evidence/trust";
import { verifyStream } from "../../gateway/evidence/verify-stream";
import { AUTHORITY, DEVELOPER, example, OPERATOR } from "../chaincode/events/world";
import { eventOf, PRODUCT, tell, tokenOf } from "./story";
import { Served, suyuan } from "./suyuan";

const SENDERS = 3;
/** So much, so often, that every answer meets a journal that grows, and what was sent stays small. */
const REQUEST = 10;
const PAUSE_MS = 20;

describe("suyuan export while the journals grow", function () {
  this.timeout(120_000);
  let directory: string;
  let served: Served;
  let trust: TrustFile;
  let senders: Promise<void>[] = [];
  let ended = false;
  let sent = 0;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "suyuan-export-"));
    served = await Served.start(join(directory, "data"));
    await tell(served);
    trust = parseTrust(readFileSync(join(served.data, "trust.json")));
    senders = Array.from({ length: SENDERS }, (_, sender) => sending(sender));
  });
  after(async () => {
    ended = true;
    await Promise.all(senders);
    await served.stop();
    rmSync(directory, { recursive: true });
  });

  /** Facts and, of one of them, acts too, so that both journals grow. */
  async function sending(sender: number): Promise<void> {
    const party = sender === 0 ? AUTHORITY : sender === 1 ? DEVELOPER : OPERATOR;
    for (let n = 0; !ended; n++) {
      const fact = example(sender === 1 ? "product.called" : "data.accessed", party);
      const act = { type: "party.updated", data: { code: DEVELOPER, roles: ["developer"] } };
      const body = Array.from({ length: sender === 0 ? 1 : REQUEST }, (_, i) =>
        eventOf(`load-${sender}-${n}-${i}`, sender === 0 ? act : fact),
      );
      const response = await fetch(`${served.url}/v1/events`, {
        method: "POST",
        headers: { authorization: `Bearer ${await tokenOf(party, served)}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      const results = (await response.json()) as { state: string }[];
      if (!results.every(({ state }) => state === "accepted" || state === "anchored")) throw new Error(JSON.stringify(results[0]));
      sent += results.length;
      await sleep(PAUSE_MS);
    }
  }

  const asked = async (path: string): Promise<Uint8Array> => {
    const headers = { authorization: `Bearer ${await tokenOf(AUTHORITY, served)}`, accept: "application/x-ndjson" };
    const response = await fetch(`${served.url}${path}`, { headers });
    const bytes = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(bytes.toString("utf8"));
    return bytes;
  };
  async function verdictsOf(bytes: Uint8Array): Promise<StreamVerdict[]> {
    const verdicts: StreamVerdict[] = [];
    try {
      for await (const verdict of verifyStream([bytes] as never, trust)) verdicts.push(verdict);
    } catch (error) {
      if (error instanceof EvidenceError) throw new Error(`${error.code} at line ${error.line}`, { cause: error });
      throw error;
    }
    return verdicts;
  }

  /** As often, and until there is something new. @returns events of each time */
  async function again(times: number, read: () => Promise<Uint8Array>): Promise<number[]> {
    const counts: number[] = [];
    for (let i = 0; i < times || counts.at(-1) === counts[0]; i++)
      counts.push((await verdictsOf(await read())).reduce((sum, { events }) => sum + events, 0));
    return counts;
  }
  const grew = (counts: readonly number[]): void => {
    expect(counts).to.deep.equal(counts.toSorted((a, b) => a - b));
    expect(counts.at(-1), "it did not grow").to.be.greaterThan(counts[0]!);
  };

  it("gives the complete history of what is being called all the time", async () => {
    const several = [1, 2].map(() => again(8, () => asked(`/v1/subjects/product/${PRODUCT}/events`)));
    for (const counts of await Promise.all(several)) grew(counts);
  });

  it("gives the complete history of who is being registered anew all the time", async () => {
    grew(await again(8, () => asked(`/v1/subjects/party/${DEVELOPER}/events`)));
  });

  it("gives a trace with the histories of all that it touches", async () => {
    grew(await again(4, () => asked(`/v1/trace/product/${PRODUCT}`)));
  });

  it("gives whole journals, and a copy of them", async () => {
    const before = sent;
    const to = ["--url", served.url, "--token", await tokenOf(AUTHORITY, served)];
    const [file, mirror, trusted] = [join(directory, "all.ndjson"), join(directory, "mirror"), join(served.data, "trust.json")];
    for (let i = 0; i < 3; i++) {
      const ran = await suyuan(["export", "--out", file, ...to, "--json"]);
      expect(ran.code, ran.stdout).to.equal(0);
      const verdicts = await verdictsOf(readFileSync(file));
      expect(verdicts.map(({ journals }) => journals[0]?.journal)).to.deep.equal(["SuyuanMSP/acts", "SuyuanMSP/facts"]);
      const copied = await suyuan(["mirror", "--out", mirror, "--trust", trusted, ...to, "--json"]);
      expect(copied.code, copied.stdout).to.equal(0);
      const checked = await suyuan(["verify", join(mirror, "SuyuanMSP", "facts"), "--trust", trusted, "--json"]);
      expect(checked.code, checked.stdout).to.equal(0);
    }
    expect(sent, "nothing was sent meanwhile").to.be.greaterThan(before);
  });
});
