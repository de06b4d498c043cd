/** The hash tiles of a tree that grows. */
import { sameBytes } from "../../chaincode/proof/bytes";
import { HASH_BYTES, type Hash } from "../../chaincode/proof/sha256";
import { type Tile, TILE_HEIGHT, TILE_WIDTH, tileOf } from "../../chaincode/proof/tile";

export type MadeTile = readonly [tile: Tile, bytes: Uint8Array];

export class Tiles {
  readonly #levels: Hash[][] = [];
  /** Nodes of each level so far. */
  readonly #counts: number[] = [];
  readonly #full: MadeTile[] = [];

  /** @param read the last tiles of a tree of that size; undefined where one is not there */
  static async open(size: number, read: (tile: Tile) => Promise<Uint8Array | undefined>): Promise<Tiles> {
    const tiles = new Tiles();
    for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
      const last = tileOf(size, level, Math.floor(count / TILE_WIDTH));
      const bytes = last && (await read(last));
      tiles.#counts[level] = count;
      tiles.#levels[level] = Array.from(
        { length: last?.width ?? 0 },
        (_, i) => bytes?.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES) as Hash,
      );
    }
    return tiles;
  }

  /** Told of every node as it is completed, see `CompactRange.append`. */
  add(nodeLevel: number, hash: Hash): void {
    if (nodeLevel % TILE_HEIGHT !== 0) return;
    const level = nodeLevel / TILE_HEIGHT;
    const hashes = (this.#levels[level] ??= []);
    hashes.push(hash);
    const count = (this.#counts[level] = (this.#counts[level] ?? 0) + 1);
    if (hashes.length < TILE_WIDTH) return;
    this.#full.push([{ level, index: count / TILE_WIDTH - 1, width: TILE_WIDTH }, Buffer.concat(hashes)]);
    this.#levels[level] = [];
  }

  /** Whether the last tile of leaves, as it was before, has this hash there. */
  begins(at: number, hash: Hash): boolean {
    const known = this.#levels[0]?.[at];
    return known !== undefined && sameBytes(known, hash);
  }

  /** Those that have become whole since it was last asked. */
  full(): readonly MadeTile[] {
    return this.#full.splice(0);
  }

  /** Those that are not whole yet. */
  rest(): readonly MadeTile[] {
    return this.#levels.flatMap((hashes, level): readonly MadeTile[] => {
      const index = Math.floor((this.#counts[level] ?? 0) / TILE_WIDTH);
      return hashes.length === 0 ? [] : [[{ level, index, width: hashes.length }, Buffer.concat(hashes)]];
    });
  }
}
