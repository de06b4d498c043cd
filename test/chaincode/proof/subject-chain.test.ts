import { createHash } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { toHex } from "../../../chaincode/proof/bytes";
import { leafHash } from "../../../chaincode/proof/rfc6962";
import { chainFrom, chainOver, chainState, emptyChain, extendChain } from "../../../chaincode/proof/subject-chain";
import { leavesOf } from "./forest";

const hashes = leavesOf(20).map(leafHash);

describe("subject chain", () => {
  it("begins with nothing and 32 zero bytes", () => {
    expect(chainState(emptyChain)).to.deep.equal({ count: 0, hash: "00".repeat(32) });
  });

  it("goes on with SHA-256(chain hash || leaf hash)", () => {
    const first = createHash("sha256").update(Buffer.alloc(32)).update(hashes[0]!).digest();
    const second = createHash("sha256").update(first).update(hashes[1]!).digest();
    expect(chainState(chainOver(hashes.slice(0, 2)))).to.deep.equal({ count: 2, hash: second.toString("hex") });
  });

  it("can be stored and taken up again at any point", () => {
    fc.assert(
      fc.property(fc.nat(20), (at) => {
        const stored = chainFrom(JSON.parse(JSON.stringify(chainState(chainOver(hashes.slice(0, at))))))!;
        expect(chainState(hashes.slice(at).reduce(extendChain, stored))).to.deep.equal(chainState(chainOver(hashes)));
      }),
    );
  });

  it("differs when a leaf is missing, swapped or added", () => {
    const whole = toHex(chainOver(hashes).hash);
    fc.assert(
      fc.property(fc.nat(18), (at) => {
        expect(toHex(chainOver(hashes.toSpliced(at, 1)).hash)).not.to.equal(whole);
        expect(toHex(chainOver(hashes.with(at, hashes[at + 1]!).with(at + 1, hashes[at]!)).hash)).not.to.equal(whole);
        expect(toHex(chainOver(hashes.toSpliced(at, 0, hashes[at]!)).hash)).not.to.equal(whole);
      }),
    );
  });

  it("takes leaf hashes of 32 bytes only", () => {
    expect(() => extendChain(emptyChain, new Uint8Array(31))).to.throw(RangeError);
  });

  it("is read from no state that it would not write", () => {
    const hash = "ab".repeat(32);
    for (const state of [
      null,
      7,
      {},
      { count: 1 },
      { hash },
      { count: -1, hash },
      { count: 0.5, hash },
      { count: 1, hash: "ab" },
      { count: 1, hash: 7 },
    ])
      expect(chainFrom(state), JSON.stringify(state)).to.equal(undefined);
  });
});
