/**
 * The outbox on disk: groups of facts until they stand in the read model, and the promise made for each group for ever, so that a
 * duplicate gets the first answer years later.
 */
import { Level } from "level";
import { padded } from "../../chaincode/state";

/** The signed promise of a group. */
export interface KeptPromise {
  /** Index of the group's first fact, and how many there are. */
  readonly from: number;
  readonly size: number;
  readonly jws: string;
}

export interface StoredGroup {
  readonly from: number;
  /** See `lines.ts`. */
  readonly lines: Buffer;
}

const groupKey = (from: number): string => `group/${padded(from)}`;
const LAST_GROUP = groupKey(Number.MAX_SAFE_INTEGER);
const promiseKey = (from: number): string => `promise/${padded(from)}`;
const numberOf = (key: string): number => Number(key.slice(key.indexOf("/") + 1));

export class OutboxStore {
  readonly #level: Level<string, Buffer>;
  /** After a failed write, until the log has been read again. */
  #torn = false;

  private constructor(level: Level<string, Buffer>) {
    this.#level = level;
  }

  static async open(directory: string): Promise<OutboxStore> {
    // Groups come and go within seconds: a larger buffer lets many go before they are written a second time, and compressing them would be in vain.
    const level = new Level<string, Buffer>(directory, { valueEncoding: "buffer", writeBufferSize: 16 * 1024 * 1024, compression: false });
    await level.open();
    return new OutboxStore(level);
  }

  /**
   * Durable when it resolves: one fsync. One call at a time.
   * After a failure (disk full) nobody can say what the log holds, and what is written behind a torn record is lost when the log is read
   * again. So nothing more is written until the store has been closed and opened, which reads the log and begins another.
   */
  async put({ from, size, jws }: KeptPromise, lines: Buffer): Promise<void> {
    if (this.#torn) {
      await this.#level.close();
      await this.#level.open();
      this.#torn = false;
    }
    const batch = this.#level.batch();
    batch.put(groupKey(from), lines);
    batch.put(promiseKey(from), Buffer.from(JSON.stringify({ size, jws }), "latin1"));
    try {
      await batch.write({ sync: true });
    } catch (error) {
      this.#torn = true;
      throw error;
    }
  }

  /** The groups that begin at `from` or after it. Many are read at once: each read waits for its turn on a busy thread. */
  async *groups(from: number): AsyncGenerator<StoredGroup, void> {
    const groups = this.#level.iterator({ gte: groupKey(from), lte: LAST_GROUP, highWaterMarkBytes: 2 * 1024 * 1024 });
    for await (const [key, lines] of groups) yield { from: numberOf(key), lines };
  }

  /** The group that holds `index`, as far as groups go back. */
  async groupOf(index: number): Promise<StoredGroup | undefined> {
    const [entry] = await this.#level.iterator({ gte: groupKey(0), lte: groupKey(index), reverse: true, limit: 1 }).all();
    return entry && { from: numberOf(entry[0]), lines: entry[1] };
  }

  /** Lines of the group that begins at `from`. */
  group(from: number): Promise<Buffer | undefined> {
    return this.#level.get(groupKey(from));
  }

  /** The promise made for the group that held `index`. */
  async promise(index: number): Promise<KeptPromise | undefined> {
    const promise = await this.#promiseUpTo(index);
    return promise !== undefined && index < promise.from + promise.size ? promise : undefined;
  }

  /** Index after the last one ever promised. */
  async end(): Promise<number> {
    const last = await this.#promiseUpTo(Number.MAX_SAFE_INTEGER);
    return last === undefined ? 0 : last.from + last.size;
  }

  async #promiseUpTo(index: number): Promise<KeptPromise | undefined> {
    const [entry] = await this.#level.iterator({ gte: promiseKey(0), lte: promiseKey(index), reverse: true, limit: 1 }).all();
    if (entry === undefined) return undefined;
    const { size, jws } = JSON.parse(entry[1].toString("latin1")) as Pick<KeptPromise, "size" | "jws">;
    return { from: numberOf(entry[0]), size, jws };
  }

  /** Forgets the groups that begin below `index`. */
  async drop(index: number): Promise<void> {
    await this.#level.clear({ gte: groupKey(0), lt: groupKey(index) });
  }

  close(): Promise<void> {
    return this.#level.close();
  }
}
