/** A journal's tree as hash tiles (C2SP tlog-tiles): written as leaves arrive, read for proofs and served to other verifiers. */
import type { NodeSource } from "../../chaincode/proof/rfc6962";
import { HASH_BYTES, type Hash } from "../../chaincode/proof/sha256";
import { nodesFromTiles, type Tile, TILE_HEIGHT, TILE_WIDTH } from "../../chaincode/proof/tile";
import { keys } from "./keys";
import type { Changes, Store } from "./store";

interface Last {
  readonly hashes: Buffer;
  /** Nodes of this level so far. */
  count: number;
  unsaved: boolean;
}

/** The writing side, for one journal: keeps the last tile of each level until it is full. */
export class TileWriter {
  private constructor(
    private readonly journal: number,
    private readonly levels: Last[],
  ) {}

  static begin(journal: number): TileWriter {
    return new TileWriter(journal, []);
  }

  static async open(store: Store, journal: number, size: number): Promise<TileWriter> {
    const levels: Last[] = [];
    for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
      const hashes = Buffer.alloc(TILE_WIDTH * HASH_BYTES);
      if (count % TILE_WIDTH > 0) (await store.get(keys.tile(journal, level, Math.floor(count / TILE_WIDTH))))?.copy(hashes);
      levels.push({ hashes, count, unsaved: false });
    }
    return new TileWriter(journal, levels);
  }

  /** Told of every node as it is completed, see `CompactRange.append`. */
  add(nodeLevel: number, hash: Hash, changes: Changes): void {
    if (nodeLevel % TILE_HEIGHT !== 0) return;
    const level = nodeLevel / TILE_HEIGHT;
    const last = (this.levels[level] ??= { hashes: Buffer.alloc(TILE_WIDTH * HASH_BYTES), count: 0, unsaved: false });
    last.hashes.set(hash, (last.count % TILE_WIDTH) * HASH_BYTES);
    last.count++;
    last.unsaved = true;
    if (last.count % TILE_WIDTH === 0) this.#save(level, last, changes);
  }

  /** Writes the last tiles as far as they go. */
  save(changes: Changes): void {
    this.levels.forEach((last, level) => last.unsaved && this.#save(level, last, changes));
  }

  #save(level: number, last: Last, changes: Changes): void {
    const width = ((last.count - 1) % TILE_WIDTH) + 1;
    // The database copies what it is given.
    changes.put(keys.tile(this.journal, level, Math.floor((last.count - 1) / TILE_WIDTH)), last.hashes.subarray(0, width * HASH_BYTES));
    last.unsaved = false;
  }
}

/** A hash tile of a journal, cut to its width where more has been added since; undefined where there is no such tile. */
export async function readTile(store: Store, journal: number, level: number, index: number, width: number): Promise<Buffer | undefined> {
  const hashes = await store.get(keys.tile(journal, level, index));
  return hashes && hashes.length >= width * HASH_BYTES ? hashes.subarray(0, width * HASH_BYTES) : undefined;
}

/** Hashes of the leaves from one index up to another, as far as there are any. */
export async function readLeafHashes(store: Store, journal: number, from: number, to: number): Promise<Hash[]> {
  const first = Math.floor(from / TILE_WIDTH);
  const tiles = await store
    .values({ gte: keys.tile(journal, 0, first), lte: keys.tile(journal, 0, Math.floor((to - 1) / TILE_WIDTH)) })
    .all();
  const all = Buffer.concat(tiles);
  const hashes: Hash[] = [];
  const end = Math.min(to - first * TILE_WIDTH, all.length / HASH_BYTES);
  for (let i = from - first * TILE_WIDTH; i < end; i++) hashes.push(all.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
  return hashes;
}

/** The nodes of a journal's tree of `size` leaves, for proofs. Reads the few tiles of a path at once: they are small and mostly in memory. */
export function treeNodes(store: Store, journal: number, size: number): NodeSource {
  return nodesFromTiles(size, ({ level, index, width }: Tile) => {
    const hashes = store.getSync(keys.tile(journal, Number(level), index));
    return hashes?.subarray(0, width * HASH_BYTES) ?? Buffer.alloc(0);
  });
}
