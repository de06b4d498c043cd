import { expect } from "chai";
import fc from "fast-check";
import { toHex } from "../../../chaincode/proof/bytes";
import { CompactRange } from "../../../chaincode/proof/compact-range";
import { leafHash } from "../../../chaincode/proof/rfc6962";
import { leavesOf, mth, nodesOf } from "./forest";

const leaves = leavesOf(300);
const rangeOf = (count: number): CompactRange => {
  const range = CompactRange.empty();
  for (const leaf of leaves.slice(0, count)) range.append(leafHash(leaf));
  return range;
};

describe("compact range", () => {
  it("has the root of the whole tree at every size", () => {
    const range = CompactRange.empty();
    for (const [size, leaf] of leaves.entries()) {
      expect(range.size).to.equal(size);
      expect(toHex(range.root()), `size ${size}`).to.equal(mth(leaves.slice(0, size)).toString("hex"));
      range.append(leafHash(leaf));
    }
  });

  it("goes on from its stored state as if it had never stopped", () => {
    fc.assert(
      fc.property(fc.nat(150), fc.nat(150), (stored, more) => {
        const range = CompactRange.from(JSON.parse(JSON.stringify(rangeOf(stored).state())))!;
        for (const leaf of leaves.slice(stored, stored + more)) range.append(leafHash(leaf));
        expect(range.state()).to.deep.equal(rangeOf(stored + more).state());
      }),
    );
  });

  it("keeps one peak for each digit 1 of its size, the largest first", () => {
    const nodes = nodesOf(leaves);
    expect(rangeOf(11).state()).to.deep.equal({ size: 11, peaks: [nodes(3, 0), nodes(1, 4), nodes(0, 10)].map(toHex) });
  });

  it("tells of every completed node once, children first", () => {
    const nodes = nodesOf(leaves);
    const told = new Map<string, string>();
    const range = CompactRange.empty();
    for (const leaf of leaves)
      range.append(leafHash(leaf), (level, index, hash) => {
        const name = `${level}/${index}`;
        expect(told.has(name), name).to.equal(false);
        if (level > 0) expect(told.has(`${level - 1}/${2 * index}`) && told.has(`${level - 1}/${2 * index + 1}`), name).to.equal(true);
        expect(toHex(hash), name).to.equal(toHex(nodes(level, index)));
        told.set(name, toHex(hash));
      });
    expect(told.size).to.equal([300, 150, 75, 37, 18, 9, 4, 2, 1].reduce((a, b) => a + b));
  });

  it("takes whole subtrees for their leaves, wherever they fit, and nowhere else", () => {
    const nodes = nodesOf(leaves);
    fc.assert(
      fc.property(fc.nat(200), fc.nat(8), (size, height) => {
        const range = rangeOf(size);
        const index = size / 2 ** height;
        if (!Number.isInteger(index) || size + 2 ** height > leaves.length) return;
        range.appendTree(nodes(height, index), height);
        expect(range.state()).to.deep.equal(rangeOf(size + 2 ** height).state());
      }),
    );
    expect(() => rangeOf(3).appendTree(nodes(1, 2), 1)).to.throw(RangeError);
  });

  it("is read from no state that it would not write", () => {
    const { size, peaks } = rangeOf(11).state();
    const bad: unknown[] = [
      null,
      11,
      [],
      {},
      { size },
      { peaks },
      { size: 12, peaks },
      { size: 11, peaks: peaks.slice(1) },
      { size: -1, peaks: [] },
      { size: 2 ** 53, peaks },
      { size: 1.5, peaks },
      { size: "11", peaks },
      { size, peaks: peaks.join("") },
      { size, peaks: peaks.with(1, 7 as unknown as string) },
      { size, peaks: peaks.with(1, peaks[1]!.toUpperCase()) },
      { size, peaks: peaks.with(1, peaks[1]!.slice(2)) },
    ];
    for (const state of bad) expect(CompactRange.from(state), JSON.stringify(state)).to.equal(undefined);
    expect(CompactRange.from({ size, peaks })).not.to.equal(undefined);
  });

  it("carries sizes beyond 32 bits", () => {
    const peak = toHex(leafHash(leaves[0]!));
    const range = CompactRange.from({ size: 2 ** 40 + 1, peaks: [peak, peak] })!;
    range.append(leafHash(leaves[1]!));
    expect(range.size).to.equal(2 ** 40 + 2);
    expect(range.state().peaks).to.have.length(2);
  });
});
