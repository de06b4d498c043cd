/** What takes long of evidence: every bit of every file, and what a hundred thousand proofs cost. */
import { execFile } from "node:child_process";
import { createWriteStream, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { expect } from "chai";
import { inclusionPath, leafHash, verifyInclusion } from "../../../chaincode/proof/rfc6962";
import { type Hash, sha256 } from "../../../chaincode/proof/sha256";
import { formatTrust } from "../../../gateway/evidence/trust";
import { inDirectory } from "../../scripts/suyuan";
import { leavesOf, mth, nodesOf } from "../../chaincode/proof/forest";
import { kinds } from "./kinds";
import { codeOf, world } from "./ledger";
import { longJournal } from "./streams";
import { SAMPLE } from "../../sample";

describe("evidence", function () {
  this.timeout(1800_000);

  it("is not verified with any one byte changed, in any of eight ways", async () => {
    for (const { name, good, verify, everyByteCounts } of await kinds(await world())) {
      if (!everyByteCounts) continue;
      const file = Buffer.from(good);
      for (let i = 0; i < file.length; i += SAMPLE ? 21 : 1)
        for (let bit = 0; bit < 8; bit++) {
          const changed = Buffer.from(file);
          changed[i]! ^= 1 << bit;
          expect(await codeOf(() => verify(changed)), `${name}, bit ${bit} of byte ${i}`).to.be.a("string");
        }
    }
  });

  it("verifies 100,000 inclusion proofs at half or more of the rate of plain hashing", () => {
    const count = SAMPLE ? 20_000 : 100_000;
    const leaves = leavesOf(count);
    const [nodes, root] = [nodesOf(leaves), mth(leaves)];
    const proofs = leaves.map((leaf, index) => ({ hash: leafHash(leaf), index, path: inclusionPath(index, count, nodes) }));
    // As many hashes as the proofs take, each of as many bytes, and nothing else.
    const input = new Uint8Array(65);
    const hashing = (length: number): Hash => {
      let hash: Hash = input;
      for (let left = length; left > 0; left--) hash = sha256(input);
      return hash;
    };
    const timed = (work: () => unknown): number => {
      const started = performance.now();
      work();
      return performance.now() - started;
    };
    let [plain, verifying] = [0, 0];
    // In turns, so that what else the machine does falls on both alike.
    for (let from = 0; from < count; from += 5000) {
      const some = proofs.slice(from, from + 5000);
      const hashes = some.reduce((sum, { path }) => sum + path.length, 0);
      plain += timed(() => hashing(hashes));
      verifying += timed(() => {
        for (const { hash, index, path } of some) expectTrue(verifyInclusion(hash, index, count, path, root));
      });
    }
    const rate = (milliseconds: number): number => Math.round(count / (milliseconds / 1000));
    process.stdout.write(
      `      ${rate(verifying)} proofs/s; their hashes alone ${rate(plain)}/s: ${(plain / verifying).toFixed(2)} of plain hashing\n`,
    );
    expect(plain / verifying).to.be.at.least(0.5);
  });

  it("verifies a journal in memory that does not grow with it", async () => {
    const ledger = await world();
    await inDirectory(async (directory) => {
      const trust = join(directory, "trust.json");
      writeFileSync(trust, formatTrust(ledger.trust));
      const most: number[] = [];
      for (const events of SAMPLE ? [10_000, 100_000] : [10_000, 1_000_000]) {
        const file = join(directory, `${events}.ndjson`);
        await pipeline(Readable.from(longJournal(ledger, events)), createWriteStream(file));
        const { stdout } = await promisify(execFile)(process.execPath, [join(__dirname, "verifying.js"), file, trust]);
        const told = JSON.parse(stdout) as { readonly verified: boolean; readonly most: number; readonly seconds: number };
        expect(told.verified).to.equal(true);
        process.stdout.write(
          `      ${events} events, ${statSync(file).size >> 20} MB: ${told.most >> 10} MB resident, ${Math.round(events / told.seconds)} events/s\n`,
        );
        most.push(told.most);
        rmSync(file);
      }
      // What the collector lets lie for a while, whatever the length; the longer file is ten times as long, or a hundred.
      expect(most[1]! - most[0]!).to.be.below(64 * 1024);
    });
  });

  const expectTrue = (good: boolean): void => {
    if (!good) throw new Error("a good proof is refused");
  };
});
