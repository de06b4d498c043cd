import { expect } from "chai";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OutboxStore } from "../../gateway/outbox/store";

/** Blocks of 512 bytes that a file may have: a write beyond is cut short and fails, as on a full disk. */
const LIMIT = 2048;

describe("the outbox's store, when writes fail half-way", function () {
  this.timeout(60_000);

  it("keeps every group that it said was durable, also those after a failure", async () => {
    const directory = await mkdtemp(join(tmpdir(), "suyuan-full-"));
    const limited = `trap "" XFSZ; ulimit -S -f ${LIMIT}; exec "$0" "$@"`;
    const args = ["-c", limited, process.execPath, join(__dirname, "store-writer.js"), join(directory, "outbox")];
    const said = await new Promise<string>((resolve) => execFile("/bin/sh", args, (_, stdout) => resolve(stdout)));
    const groups = (word: string): number[] => [...said.matchAll(new RegExp(`^${word} (\\d+)$`, "gm"))].map(([, from]) => Number(from));
    const [durable, failed] = [groups("durable"), groups("failed")];
    expect(failed).to.not.be.empty;
    // The store went on after a failure.
    expect(durable.at(-1)).to.be.greaterThan(failed[0]!);
    const store = await OutboxStore.open(join(directory, "outbox"));
    for (const from of durable) {
      expect((await store.group(from))?.equals(Buffer.alloc(30_000, `${from} `)), `group ${from}`).to.equal(true);
      expect(await store.promise(from)).to.deep.equal({ from, size: 1, jws: `${from}` });
    }
    await store.close();
    await rm(directory, { recursive: true });
  });
});
