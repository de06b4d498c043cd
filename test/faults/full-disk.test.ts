import { expect } from "chai";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OutboxStore } from "../../gateway/outbox/store";
import { evaluate, openLedger, verified } from "../gateway/ledger/embedded";

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
});
