import { createHash } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import MerkleTree from "merkletreejs";
import { toHex } from "../../../chaincode/proof/bytes";
import {
  consistencyPath,
  emptyRoot,
  inclusionPath,
  leafHash,
  nodeHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from "../../../chaincode/proof/rfc6962";
import { leavesOf, mth, nodesOf } from "./forest";

const MAX = 300;
const forest = leavesOf(MAX);
const nodes = nodesOf(forest);
const roots = Array.from({ length: MAX + 1 }, (_, size) => rootOf(size, nodes));
const root = (size: number): Uint8Array => roots[size]!;
const leaf = (index: number): Uint8Array => leafHash(forest[index]!);

const leafInTree = fc.integer({ min: 1, max: MAX }).chain((size) => fc.record({ size: fc.constant(size), index: fc.nat(size - 1) }));
const twoSizes = fc.tuple(fc.nat(MAX), fc.nat(MAX)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const flipped = (hash: Uint8Array, bit: number): Uint8Array => hash.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));

describe("RFC 6962 trees", () => {
  describe("the test vectors of the Certificate Transparency project", () => {
    const inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const vectors = nodesOf(inputs.map((input) => Buffer.from(input, "hex")));
    const expected = [
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    it("have these roots", () => {
      expect(expected.map((_, size) => toHex(rootOf(size, vectors)))).to.deep.equal(expected);
      expect(toHex(emptyRoot())).to.equal(expected[0]);
    });

    it("have these inclusion paths", () => {
      expect(inclusionPath(0, 8, vectors).map(toHex)).to.deep.equal([
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
      ]);
      expect(inclusionPath(5, 8, vectors).map(toHex)).to.deep.equal([
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ]);
      expect(inclusionPath(0, 1, vectors)).to.deep.equal([]);
    });

    it("have this consistency path", () => {
      expect(consistencyPath(6, 8, vectors).map(toHex)).to.deep.equal([
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ]);
    });
  });

  it("has the root of the definition at every size", () => {
    for (let size = 0; size <= MAX; size++) expect(toHex(root(size)), `size ${size}`).to.equal(mth(forest.slice(0, size)).toString("hex"));
  });

  it("agrees with merkletreejs on roots and inclusion paths", () => {
    const node = (children: Buffer): Buffer => createHash("sha256").update(Buffer.of(1)).update(children).digest();
    for (let size = 1; size <= 65; size++) {
      const hashes = forest.slice(0, size).map((_, index) => Buffer.from(leaf(index)));
      const tree = new MerkleTree(hashes, node);
      expect(tree.getRoot().toString("hex"), `size ${size}`).to.equal(toHex(root(size)));
      for (let index = 0; index < size; index++) {
        const theirs = tree.getProof(hashes[index]!, index).map(({ data }) => data.toString("hex"));
        expect(inclusionPath(index, size, nodes).map(toHex), `leaf ${index} of ${size}`).to.deep.equal(theirs);
      }
    }
  });

  describe("inclusion", () => {
    it("is proven for every leaf of every tree up to 66 leaves", () => {
      for (let size = 1; size <= 66; size++)
        for (let index = 0; index < size; index++)
          expect(verifyInclusion(leaf(index), index, size, inclusionPath(index, size, nodes), root(size)), `${index}/${size}`).to.equal(
            true,
          );
    });

    it("is proven in larger trees", () => {
      fc.assert(
        fc.property(leafInTree, ({ index, size }) =>
          verifyInclusion(leaf(index), index, size, inclusionPath(index, size, nodes), root(size)),
        ),
      );
    });

    it("is refused for another leaf, place, root, or a changed, shortened or prolonged path", () => {
      fc.assert(
        fc.property(leafInTree, fc.nat(MAX - 1), fc.nat(255), fc.nat(), ({ index, size }, other, bit, which) => {
          const path = inclusionPath(index, size, nodes);
          const at = which % (path.length || 1);
          expect(verifyInclusion(leaf(index), index, size, path, flipped(root(size), bit))).to.equal(false);
          expect(verifyInclusion(flipped(leaf(index), bit), index, size, path, root(size))).to.equal(false);
          if (other !== index) expect(verifyInclusion(leaf(index), other, size, path, root(size))).to.equal(false);
          if (other !== index) expect(verifyInclusion(leaf(other), index, size, path, root(size))).to.equal(false);
          expect(verifyInclusion(leaf(index), index, size, [...path, leaf(other)], root(size))).to.equal(false);
          if (path.length === 0) return;
          expect(verifyInclusion(leaf(index), index, size, path.slice(0, -1), root(size))).to.equal(false);
          expect(verifyInclusion(leaf(index), index, size, path.slice(1), root(size))).to.equal(false);
          expect(verifyInclusion(leaf(index), index, size, path.with(at, flipped(path[at]!, bit)), root(size))).to.equal(false);
        }),
      );
    });

    it("is refused where the index is no index of the tree", () => {
      for (const [index, size] of [
        [1, 1],
        [7, 7],
        [8, 7],
        [0, 0],
        [-1, 7],
        [0.5, 7],
        [NaN, 7],
        [0, Infinity],
        [2 ** 53, 2 ** 54],
      ] as const)
        expect(verifyInclusion(leaf(0), index, size, [], leaf(0)), `${index}/${size}`).to.equal(false);
      expect(() => inclusionPath(7, 7, nodes)).to.throw(RangeError);
    });

    it("is refused for hashes of another length", () => {
      expect(verifyInclusion(leaf(0).subarray(1), 0, 2, [leaf(1)], root(2))).to.equal(false);
      expect(verifyInclusion(leaf(0), 0, 2, [leaf(1).subarray(1)], root(2))).to.equal(false);
      expect(verifyInclusion(leaf(0), 0, 1, [], new Uint8Array(0))).to.equal(false);
    });

    it("is proven in a tree beyond 32 bits", () => {
      const size = 2 ** 40 + 1;
      const last = leaf(7);
      const left = leaf(8);
      expect(verifyInclusion(last, size - 1, size, [left], nodeHash(left, last))).to.equal(true);
      expect(verifyInclusion(last, size - 2, size, [left], nodeHash(left, last))).to.equal(false);
      expect(inclusionPath(size - 1, size, (level, index) => leaf(level + index))).to.deep.equal([leaf(40)]);
    });
  });

  describe("consistency", () => {
    it("is proven between all trees up to 40 leaves", () => {
      for (let to = 0; to <= 40; to++)
        for (let from = 0; from <= to; from++)
          expect(verifyConsistency(from, root(from), to, root(to), consistencyPath(from, to, nodes)), `${from}-${to}`).to.equal(true);
    });

    it("is proven between larger trees", () => {
      fc.assert(fc.property(twoSizes, ([from, to]) => verifyConsistency(from, root(from), to, root(to), consistencyPath(from, to, nodes))));
    });

    it("is refused for other roots and changed, shortened or prolonged paths", () => {
      fc.assert(
        fc.property(twoSizes, fc.nat(255), fc.nat(), ([from, to], bit, which) => {
          const path = consistencyPath(from, to, nodes);
          const at = which % (path.length || 1);
          expect(verifyConsistency(from, flipped(root(from), bit), to, root(to), path)).to.equal(false);
          if (from > 0) expect(verifyConsistency(from, root(from), to, flipped(root(to), bit), path)).to.equal(false);
          expect(verifyConsistency(from, root(from), to, root(to), [...path, leaf(0)])).to.equal(false);
          if (path.length === 0) return;
          expect(verifyConsistency(from, root(from), to, root(to), path.slice(0, -1))).to.equal(false);
          expect(verifyConsistency(from, root(from), to, root(to), path.with(at, flipped(path[at]!, bit)))).to.equal(false);
        }),
      );
    });

    it("is refused between a tree and one with an earlier leaf changed", () => {
      const forged = nodesOf(forest.with(2, Buffer.from("forged")));
      expect(verifyConsistency(5, root(5), 9, rootOf(9, forged), consistencyPath(5, 9, forged))).to.equal(false);
    });

    it("is refused from a larger tree to a smaller one", () => {
      expect(verifyConsistency(4, root(4), 3, root(3), [])).to.equal(false);
      expect(() => consistencyPath(4, 3, nodes)).to.throw(RangeError);
    });
  });

  it("hashes leaves of any length", () => {
    for (const length of [0, 1, 65_534, 65_535, 65_536, 200_000]) {
      const bytes = Buffer.alloc(length, 7);
      expect(toHex(leafHash(bytes)), `${length} bytes`).to.equal(mth([bytes]).toString("hex"));
    }
  });

  it("hashes no node with children of another length", () => {
    expect(() => nodeHash(leaf(0), leaf(1).subarray(1))).to.throw(RangeError);
  });
});
