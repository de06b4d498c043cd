/**
 * Blocks and world state in one `level` database, so that a block and what it changes are written as one:
 *
 *     "g"           -> the genesis record
 *     "b" u64       -> block of that number
 *     "s" state key -> u64(version), value
 */
import { Level } from "level";

/** Which transaction wrote a value last: block number * 65,536 + position in the block. */
export type Version = number;

export const versionOf = (block: number, position: number): Version => block * 65_536 + position;

export interface Versioned {
  readonly version: Version;
  readonly value: Buffer;
}

/** What a block changes; without a value the key is deleted. */
export interface Update {
  readonly version: Version;
  readonly value?: Uint8Array | undefined;
}

const BINARY = { keyEncoding: "buffer", valueEncoding: "buffer" } as const;
const STATE = { keyEncoding: "utf8", valueEncoding: "buffer" } as const;
const GENESIS = Buffer.from("g");
const BLOCK = "b".charCodeAt(0);
const WRITE_BUFFER = 16 * 1024 * 1024;

export class Store {
  readonly #level: Level<Buffer, Buffer>;

  private constructor(level: Level<Buffer, Buffer>) {
    this.#level = level;
  }

  /**
   * @param create whether it may be made new: on what is left of a damaged one that would delete the rest
   * @throws Error whose cause has the code LEVEL_LOCKED when another process has it open, another when it cannot be read
   */
  static async open(directory: string, create: boolean): Promise<Store> {
    // Not compressed: what is large in a block is compressed already, and reading is a third faster.
    const options = { ...BINARY, createIfMissing: create, writeBufferSize: WRITE_BUFFER, compression: false };
    const level = new Level<Buffer, Buffer>(directory, options);
    await level.open();
    return new Store(level);
  }

  genesis(): Buffer | undefined {
    return this.#level.getSync(GENESIS);
  }

  /** Makes the database a ledger's. */
  async found(genesis: Buffer): Promise<void> {
    await this.#level.put(GENESIS, genesis, { sync: true });
  }

  async block(number: number): Promise<Buffer | undefined> {
    return this.#level.get(blockKey(number));
  }

  /** The last blocks, from the highest number down. */
  lastBlocks(): AsyncIterable<readonly [key: Buffer, block: Buffer]> {
    return this.#level.iterator({ gte: Buffer.of(BLOCK), lt: Buffer.of(BLOCK + 1), reverse: true });
  }

  /** Durable when it resolves. Whether it was stored is unknown when it rejects. */
  async commit(number: number, block: Buffer, updates: ReadonlyMap<string, Update>): Promise<void> {
    await this.#batch(updates).put(blockKey(number), block).write({ sync: true });
  }

  /** Changes the state alone, without waiting for the disk: for a store that is thrown away. */
  async apply(updates: ReadonlyMap<string, Update>): Promise<void> {
    await this.#batch(updates).write();
  }

  /** The state as it is now. @param height number of blocks it is the state after; no block may be being written */
  snapshot(height: number): Snapshot {
    return new Snapshot(this.#level, height);
  }

  /** Everything that lies in the database, in the byte order of keys. */
  entries(): AsyncIterable<readonly [key: Buffer, value: Buffer]> {
    return this.#level.iterator();
  }

  /** The state as it lies in the database, in the byte order of keys. */
  async *state(): AsyncGenerator<readonly [key: Buffer, value: Buffer], void> {
    yield* this.#level.iterator({ gte: Buffer.from("s"), lt: Buffer.from("t") });
  }

  async close(): Promise<void> {
    await this.#level.close();
  }

  #batch(updates: ReadonlyMap<string, Update>): ReturnType<Level<Buffer, Buffer>["batch"]> {
    const batch = this.#level.batch();
    for (const [key, { version, value }] of updates) {
      if (value === undefined) batch.del(`s${key}`, STATE);
      else batch.put(`s${key}`, encodeVersioned(version, value), STATE);
    }
    return batch;
  }
}

/** State after so many blocks, for as long as someone holds it. */
export class Snapshot {
  readonly #level: Level<Buffer, Buffer>;
  readonly #snapshot: ReturnType<Level["snapshot"]>;
  #holders = 1;

  constructor(
    level: Level<Buffer, Buffer>,
    readonly height: number,
  ) {
    this.#level = level;
    this.#snapshot = level.snapshot();
  }

  get(key: string): Versioned | undefined {
    const stored = this.#level.getSync<string, Buffer>(`s${key}`, { ...STATE, snapshot: this.#snapshot });
    return stored === undefined ? undefined : decodeVersioned(stored);
  }

  /** Keys from `start` to before `end`, in the byte order of their UTF-8; to the last one when `end` is empty. */
  async *range(start: string, end: string): AsyncGenerator<readonly [key: string, Versioned]> {
    const range = { gte: `s${start}`, lt: end === "" ? "t" : `s${end}` };
    for await (const [key, stored] of this.#level.iterator<string, Buffer>({ ...range, ...STATE, snapshot: this.#snapshot }))
      yield [key.slice(1), decodeVersioned(stored)];
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  async release(): Promise<void> {
    if (--this.#holders === 0) await this.#snapshot.close();
  }
}

export function blockKey(number: number): Buffer {
  const key = Buffer.alloc(9, BLOCK);
  key.writeBigUInt64BE(BigInt(number), 1);
  return key;
}

/** The block number in a key, when it is a block's. */
export const blockNumber = (key: Buffer): number | undefined =>
  key.length === 9 && key[0] === BLOCK ? Number(key.readBigUInt64BE(1)) : undefined;

/** The state key in a key, when it is one's. */
export const stateKey = (key: Buffer): string | undefined => (key[0] === "s".charCodeAt(0) ? key.toString("utf8", 1) : undefined);

export const isGenesisKey = (key: Buffer): boolean => key.equals(GENESIS);

function encodeVersioned(version: Version, value: Uint8Array): Buffer {
  const stored = Buffer.allocUnsafe(8 + value.length);
  stored.writeBigUInt64BE(BigInt(version));
  stored.set(value, 8);
  return stored;
}

const decodeVersioned = (stored: Buffer): Versioned => ({
  version: Number(stored.readBigUInt64BE()),
  value: stored.subarray(8),
});
