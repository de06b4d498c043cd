import { expect } from "chai";
import { execFile } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProblemDocument } from "../../gateway/http/problem";
import { issueToken } from "../../gateway/keys";
import { OutboxStore } from "../../gateway/outbox/store";
import { AUTHORITY, OPERATOR } from "../chaincode/events/world";
import { evaluate, openLedger, verified } from "../gateway/ledger/embedded";
import { accessed, creditCode, registered, type Result, rolesOf } from "../gateway/running";
import { Served, suyuan } from "../scripts/suyuan";
import { recorded } from "./recorded";

/** Blocks of 512 bytes that a file may have: a write beyond is cut short and fails, as on a full disk. */
const LIMIT = 2048;

/** Runs a program that is killed in the end. @returns the numbers that it printed behind each word */
async function limited(program: string, directory: string): Promise<(word: string) => readonly number[]> {
  const script = `trap "" XFSZ; ulimit -S -f ${LIMIT}; exec "$0" "$@"`;
  const args = ["-c", script, process.execPath, join(__dirname, program), directory];
  const said = await new Promise<string>((resolve) => execFile("/bin/sh", args, (_, stdout) => resolve(stdout)));
  return (word) => [...said.matchAll(new RegExp(`^${word} (\\d+)$`, "gm"))].map(([, number]) => Number(number));
}

describe("when writes fail half-way", function () {
  this.timeout(60_000);
  let base: string;
  beforeEach(async () => (base = await mkdtemp(join(tmpdir(), "suyuan-full-"))));
  afterEach(() => rm(base, { recursive: true }));

  it("the outbox's store keeps every group that it said was durable, also those after a failure", async () => {
    const directory = join(base, "outbox");
    const groups = await limited("store-writer.js", directory);
    const [durable, failed] = [groups("durable"), groups("failed")];
    expect(failed).to.not.be.empty;
    // The store went on after a failure.
    expect(durable.at(-1)).to.be.greaterThan(failed[0]!);
    const store = await OutboxStore.open(directory);
    for (const from of durable) {
      expect((await store.group(from))?.equals(Buffer.alloc(30_000, `${from} `)), `group ${from}`).to.equal(true);
      expect(await store.promise(from)).to.deep.equal({ from, size: 1, jws: `${from}` });
    }
    await store.close();
  });

  it("the ledger keeps every block that it said was committed, goes on after a failure, and is whole", async () => {
    const directory = join(base, "ledger");
    const values = await limited("ledger-writer.js", directory);
    const [stored, unknown] = [values("stored"), values("outcome-unknown")];
    expect(unknown).to.not.be.empty;
    expect(stored.at(-1)).to.be.greaterThan(unknown[0]!);
    expect(stored.length + unknown.length, "nothing else was answered").to.equal(60);
    const ledger = await openLedger(directory);
    for (const i of stored) expect(await evaluate(ledger, "get", `k${i}`), `k${i}`).to.have.length(30_000);
    await ledger.close();
    expect(await verified(directory)).to.deep.equal([]);
  });

  it("the gateway says so while its disk is full, and goes on when there is room again, with all that it acknowledged", async () => {
    // Its last words go to the same disk.
    const words = openSync(join(base, "stderr"), "a");
    const served = await Served.start(join(base, "data"), {}, words);
    closeSync(words);
    const token = (party: string): Promise<string> => issueToken(served.data, { party, roles: rolesOf(party), seconds: 600 });
    const tokens: Readonly<Record<string, string>> = { [OPERATOR]: await token(OPERATOR), [AUTHORITY]: await token(AUTHORITY) };
    const post = async (party: string, event: object): Promise<{ status: number; body: Result & ProblemDocument }> => {
      const headers = { authorization: `Bearer ${tokens[party]!}`, "content-type": "application/json" };
      const response = await fetch(`${served.url}/v1/events`, { method: "POST", headers, body: JSON.stringify(event) });
      return { status: response.status, body: (await response.json()) as Result & ProblemDocument };
    };
    const ready = async (): Promise<{ status: number; body: { status: string; ledger: string; reason?: string } }> => {
      const response = await fetch(`${served.url}/readyz`);
      return { status: response.status, body: (await response.json()) as { status: string; ledger: string; reason?: string } };
    };
    const figure = async (name: string): Promise<number> =>
      Number(new RegExp(`^suyuan_${name} (\\S+)$`, "m").exec(await (await fetch(`${served.url}/metrics`)).text())?.[1]);
    const until = async (status: number): Promise<void> => {
      while ((await ready()).status !== status) await sleep(20);
    };

    const acknowledged: Result[] = [];
    const fact = async (): Promise<void> => {
      const { status, body } = await post(OPERATOR, accessed());
      if (status === 202) acknowledged.push(body);
      else expect([status, body.code]).to.deep.equal([503, "storage-unavailable"]);
    };
    for (let i = 0; i < 3; i++) await fact();
    expect(acknowledged).to.have.length(3);

    served.fillDisk(true);
    const act = registered(creditCode(1), "source");
    const answer = post(AUTHORITY, act);
    await until(503);
    const { body } = await ready();
    expect(body).to.include({ status: "failing", ledger: "broken" });
    expect(body.reason).to.be.a("string").and.not.include(base);
    expect(await figure("ledger_broken")).to.equal(1);
    for (let i = 0; i < 3; i++) await fact();

    served.fillDisk(false);
    await until(200);
    expect(await figure("ledger_broken")).to.equal(0);
    const { status, body: first } = await answer;
    expect([201, 202, 503], JSON.stringify(first)).to.include(status);
    const again = await post(AUTHORITY, act);
    expect([again.status, again.body.state, again.body.index], "the act stands there once").to.deep.equal([201, "anchored", 0]);
    for (let i = 0; i < 3; i++) await fact();
    expect(acknowledged).to.have.length.of.at.least(6);
    while ((await figure("outbox_facts")) > 0) await sleep(20);
    expect(await served.stop()).to.equal(0);

    const places = new Map<string, string>();
    for await (const { journal, index, leafHash } of recorded(served.data)) places.set(`${journal}/${index}`, leafHash);
    expect(places).to.have.property("size", acknowledged.length + 1);
    for (const { journal, index, leafHash } of acknowledged) expect(places.get(`${journal}/${index}`)).to.equal(leafHash);
    const { code, stdout, stderr } = await suyuan(["fsck", "--data", served.data, "--json"]);
    expect(code, stdout + stderr).to.equal(0);
  });
});
