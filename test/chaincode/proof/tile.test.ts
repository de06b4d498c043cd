import { expect } from "chai";
import fc from "fast-check";
import { CompactRange } from "../../../chaincode/proof/compact-range";
import { consistencyPath, inclusionPath, leafHash, rootOf } from "../../../chaincode/proof/rfc6962";
import { decodeBundle, encodeBundle, nodesFromTiles, parseTilePath, tileOf, tilePath, type Tile } from "../../../chaincode/proof/tile";
import { leavesOf, nodesOf } from "./forest";

describe("tiles", () => {
  it("have the paths of the specification", () => {
    expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).to.equal("tile/0/x001/x234/067");
    expect(tilePath({ level: 1, index: 1067, width: 17 })).to.equal("tile/1/x001/067.p/17");
    expect(tilePath({ level: "entries", index: 0, width: 256 })).to.equal("tile/entries/000");
  });

  it("are found by exactly those paths", () => {
    const tile = fc.record<Tile>({
      level: fc.oneof(fc.constant("entries" as const), fc.nat(63)),
      index: fc.maxSafeNat(),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(tile, (tile) => {
        expect(parseTilePath(tilePath(tile))).to.deep.equal(tile);
      }),
    );
    const bad = [
      "tile/0/67",
      "tile/0/x000/067",
      "tile/0/001/067",
      "tile/0/x001/x067",
      "tile/00/067",
      "tile/64/067",
      "tile/0/067.p/0",
      "tile/0/067.p/256",
      "tile/0/067.p/08",
      "tile/0/067/",
      "/tile/0/067",
      "tile/0/../067",
      "tile/data/067",
      "tile/0/067\n",
    ];
    for (const path of bad) expect(parseTilePath(path), path).to.equal(undefined);
  });

  it("are those of the specification's example, a tree of 70,000", () => {
    expect(tileOf(70_000, 0, 272)?.width).to.equal(256);
    expect(tileOf(70_000, 0, 273)?.width).to.equal(112);
    expect(tileOf(70_000, "entries", 273)?.width).to.equal(112);
    expect(tileOf(70_000, 0, 274)).to.equal(undefined);
    expect(tileOf(70_000, 1, 0)?.width).to.equal(256);
    expect(tileOf(70_000, 1, 1)?.width).to.equal(17);
    expect(tileOf(70_000, 2, 0)?.width).to.equal(1);
    expect(tileOf(70_000, 3, 0)).to.equal(undefined);
    expect(tileOf(256, 1, 0)?.width).to.equal(1);
    expect(tileOf(0, 0, 0)).to.equal(undefined);
  });

  it("give every root and proof", () => {
    const SIZE = 700;
    const leaves = leavesOf(SIZE);
    const tiles = new Map<string, Uint8Array[]>();
    const range = CompactRange.empty();
    for (const leaf of leaves)
      range.append(leafHash(leaf), (level, index, hash) => {
        if (level % 8 !== 0) return;
        const key = `${level / 8}/${Math.floor(index / 256)}`;
        tiles.set(key, [...(tiles.get(key) ?? []), hash]);
      });
    const nodes = nodesOf(leaves);
    const read = (tile: Tile): Uint8Array => Buffer.concat(tiles.get(`${tile.level}/${tile.index}`)!.slice(0, tile.width));
    const plain = (hashes: readonly Uint8Array[]): string[] => hashes.map((hash) => Buffer.from(hash).toString("hex"));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: SIZE }), fc.nat(), (size, any) => {
        const source = nodesFromTiles(size, read);
        expect(plain([rootOf(size, source)])).to.deep.equal(plain([rootOf(size, nodes)]));
        expect(plain(inclusionPath(any % size, size, source))).to.deep.equal(plain(inclusionPath(any % size, size, nodes)));
        expect(plain(consistencyPath(any % size, size, source))).to.deep.equal(plain(consistencyPath(any % size, size, nodes)));
      }),
    );
    const cut = nodesFromTiles(SIZE, (tile) => read(tile).subarray(32));
    expect(() => rootOf(SIZE, cut)).to.throw(RangeError);
  });
});

describe("entry bundles", () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });

  it("carry entries behind their length", () => {
    expect(Buffer.from(encodeBundle([Buffer.from("ab"), Buffer.alloc(0)])).toString("hex")).to.equal("0002616200" + "00");
    fc.assert(
      fc.property(entries, (entries) => {
        expect(decodeBundle(encodeBundle(entries), entries.length)).to.deep.equal(entries);
      }),
    );
  });

  it("carry entries of up to 65,535 bytes", () => {
    const longest = new Uint8Array(65_535).fill(1);
    expect(decodeBundle(encodeBundle([longest]), 1)).to.deep.equal([longest]);
    expect(() => encodeBundle([new Uint8Array(65_536)])).to.throw(RangeError);
  });

  it("are refused when cut, prolonged, or of another number of entries", () => {
    const bundle = encodeBundle([Buffer.from("ab"), Buffer.from("c")]);
    for (let length = 0; length < bundle.length; length++) expect(decodeBundle(bundle.subarray(0, length), 2)).to.equal(undefined);
    expect(decodeBundle(Buffer.concat([bundle, Buffer.of(0)]), 2)).to.equal(undefined);
    expect(decodeBundle(bundle, 1)).to.equal(undefined);
    expect(decodeBundle(bundle, 3)).to.equal(undefined);
  });
});
