/**
 * A Merkle tree as static files, C2SP tlog-tiles (https://c2sp.org/tlog-tiles): tiles of 256 node hashes and bundles of 256 entries.
 * Tile (l, n) holds the nodes of level 8l with indexes from 256n to 256n + 255; a tree's last tile of a level may hold fewer.
 */
import { nodeHash, type NodeSource } from "./rfc6962";
import { HASH_BYTES, type Hash } from "./sha256";

export const TILE_HEIGHT = 8;
export const TILE_WIDTH = 256;
/** Longest entry that a bundle can carry, in bytes. */
export const MAX_ENTRY_BYTES = 65_535;

export interface Tile {
  /** `entries` for a bundle of entries, else the level of tiles, from 0. */
  readonly level: number | "entries";
  readonly index: number;
  /** Hashes or entries in it, 1 to 256. */
  readonly width: number;
}

/** The tile as it stands in a tree of `size` leaves; undefined where that tree has no such tile. */
export function tileOf(size: number, level: number | "entries", index: number): Tile | undefined {
  const nodes = Math.floor(size / TILE_WIDTH ** (level === "entries" ? 0 : level));
  const width = Math.min(TILE_WIDTH, nodes - index * TILE_WIDTH);
  return width > 0 ? { level, index, width } : undefined;
}

/** `tile/0/x001/067`, with `.p/<width>` after it where the tile is partial. */
export function tilePath({ level, index, width }: Tile): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g) ?? [];
  const number = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${number}${width < TILE_WIDTH ? `.p/${width}` : ""}`;
}

/** @returns undefined for anything {@link tilePath} does not return */
export function parseTilePath(path: string): Tile | undefined {
  const [, level, number, partial] = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path) ?? [];
  if (level === undefined || number === undefined) return undefined;
  const tile: Tile = {
    level: level === "entries" ? level : Number(level),
    index: Number(number.replace(/[x/]/g, "")),
    width: partial === undefined ? TILE_WIDTH : Number(partial),
  };
  const exists = Number.isSafeInteger(tile.index) && tile.width > 0 && (tile.level === "entries" || tile.level < 64);
  return exists && tilePath(tile) === path ? tile : undefined;
}

/** Entries one after the other, each behind its length as a big-endian uint16. @throws RangeError for an entry that is too long */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bundle = new Uint8Array(entries.reduce((length, entry) => length + 2 + entry.length, 0));
  const view = new DataView(bundle.buffer);
  let at = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) throw new RangeError(`an entry has at most ${MAX_ENTRY_BYTES} bytes`);
    view.setUint16(at, entry.length);
    bundle.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bundle;
}

/** Entries as views of the bundle. @returns undefined unless the bundle consists of exactly `width` entries */
export function decodeBundle(bundle: Uint8Array, width: number): Uint8Array[] | undefined {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < width) {
    if (at + 2 > bundle.length) return undefined;
    const end = at + 2 + view.getUint16(at);
    if (end > bundle.length) return undefined;
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return at === bundle.length ? entries : undefined;
}

/**
 * The nodes of a tree of `size` leaves, out of its hash tiles; each tile is read once, and kept as long as the result is.
 * The nodes are as good as the tiles: compare a root, or verify a proof, before relying on them.
 * @param read the tile's hashes, one after the other. @throws RangeError, when used, for a tile of another length
 */
export function nodesFromTiles(size: number, read: (tile: Tile) => Uint8Array): NodeSource {
  const tiles = new Map<string, Uint8Array>();
  const hashesOf = (level: number, index: number): Uint8Array => {
    const key = `${level}/${index}`;
    const known = tiles.get(key);
    if (known !== undefined) return known;
    const tile = tileOf(size, level, index);
    const hashes = tile && read(tile);
    if (hashes?.length !== (tile?.width ?? 0) * HASH_BYTES) throw new RangeError(`tile ${key} is missing or cut`);
    tiles.set(key, hashes);
    return hashes;
  };
  const node = (level: number, index: number): Hash => {
    if (level % TILE_HEIGHT !== 0) return nodeHash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1));
    const at = (index % TILE_WIDTH) * HASH_BYTES;
    return hashesOf(level / TILE_HEIGHT, Math.floor(index / TILE_WIDTH)).subarray(at, at + HASH_BYTES);
  };
  return node;
}
