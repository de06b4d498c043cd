/** What takes long of evidence: every bit of every file, and what a hundred thousand proofs cost. */
import { expect } from "chai";
import { inclusionPath, leafHash, verifyInclusion } from "../../../chaincode/proof/rfc6962";
import { type Hash, sha256 } from "../../../chaincode/proof/sha256";
import { SAMPLE } from "../../fuzz/chance";
import { leavesOf, mth, nodesOf } from "../../chaincode/proof/forest";
import { kinds } from "./kinds";
import { codeOf, world } from "./ledger";

describe("evidence", function () {
  this.timeout(1800_000);

  it("is not verified with any one byte changed, in any of eight ways", async () => {
    for (const { name, good, verify, everyByteCounts } of await kinds(await world())) {
      if (!everyByteCounts) continue;
      const file = Buffer.from(good);
      for (let i = 0; i < file.length; i += SAMPLE ? 7 : 1)
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
    process.stdout.write(`      ${Math.round(count / (verifying / 1000))} proofs/s, ${(plain / verifying).toFixed(2)} of plain hashing\n`);
    expect(plain / verifying).to.be.at.least(0.5);
  });

  const expectTrue = (good: boolean): void => {
    if (!good) throw new Error("a good proof is refused");
  };
});
