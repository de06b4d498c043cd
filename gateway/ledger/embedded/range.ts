/** Range queries as fabric-shim gives them to a chaincode, and what is remembered of them. */
import type { Iterators, StateQueryResponse } from "fabric-shim-api";
import type { Snapshot, Version } from "./store";

type KV = Iterators.KV;
export type Query<T> = Promise<T> & AsyncIterable<KV>;

/** Results that a peer sends at a time; they count as read whether the chaincode looks at them or not. */
const QUERY_BATCH = 100;

/** A range that was read, and what was found: it must be found again when the transaction is committed. */
export interface RangeRead {
  readonly start: string;
  /** Excluded; empty for no end. */
  readonly end: string;
  /** Set when the chaincode stopped early: the range ends with this key, included. */
  readonly last?: string;
  readonly found: readonly (readonly [key: string, Version])[];
}

/** A range being read, batch by batch. */
export class RangeCursor implements Iterators.CommonIterator<KV> {
  readonly #start: string;
  readonly #end: string;
  readonly #limit: number;
  readonly #source: AsyncGenerator<readonly [string, { version: Version; value: Buffer }]>;
  readonly #found: (readonly [string, Version])[] = [];
  #waiting: KV[] = [];
  #exhausted = false;

  constructor(state: Snapshot, start: string, end: string, limit: number) {
    this.#start = start;
    this.#end = end;
    this.#limit = limit;
    this.#source = state.range(start, end);
  }

  get read(): RangeRead {
    const last = this.#found.at(-1)?.[0];
    return { start: this.#start, end: this.#end, found: this.#found, ...(this.#exhausted || last === undefined ? {} : { last }) };
  }

  async fetch(): Promise<void> {
    for (let left = QUERY_BATCH; left > 0 && !this.#exhausted && this.#found.length < this.#limit; left--) {
      const next = await this.#source.next();
      if (next.done === true) {
        this.#exhausted = true;
        return;
      }
      const [key, { version, value }] = next.value;
      this.#found.push([key, version]);
      this.#waiting.push({ namespace: "", key, value });
    }
  }

  async next(): Promise<Iterators.NextResult<KV>> {
    if (this.#waiting.length === 0) await this.fetch();
    const value = this.#waiting.shift();
    return value === undefined ? ({ done: true } as Iterators.NextResult<KV>) : { value, done: false };
  }

  /** Reads a whole page. @returns how many there are, and the key with which the next page begins */
  async finish(): Promise<{ fetchedRecordsCount: number; bookmark: string }> {
    while (!this.#exhausted && this.#found.length < this.#limit) await this.fetch();
    const following = this.#exhausted ? undefined : await this.#source.next();
    const bookmark = following === undefined || following.done === true ? "" : following.value[0];
    return { fetchedRecordsCount: this.#found.length, bookmark };
  }

  async close(): Promise<void> {
    await this.#source.return(undefined);
  }
}

/** As fabric-shim has it: a promise of an iterator that can itself be iterated. */
export function query<T extends Iterators.StateQueryIterator | StateQueryResponse<Iterators.StateQueryIterator>>(
  answer: Promise<T>,
): Query<T> {
  return Object.assign(answer, {
    async *[Symbol.asyncIterator](): AsyncGenerator<KV, void> {
      const opened: Iterators.StateQueryIterator | StateQueryResponse<Iterators.StateQueryIterator> = await answer;
      const iterator = "iterator" in opened ? opened.iterator : opened;
      try {
        for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
      } finally {
        await iterator.close();
      }
    },
  });
}
