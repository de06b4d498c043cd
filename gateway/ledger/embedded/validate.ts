/** What the transactions of one block change, and which of them still stand on what they read (Fabric's MVCC and phantom checks). */
import type { StateWrite } from "../port";
import type { RangeRead } from "./range";
import { type Snapshot, type Update, type Version, versionOf } from "./store";
import type { EmbeddedStub } from "./stub";

export class BlockUpdates {
  readonly #block: number;
  readonly #state: Snapshot;
  readonly #updates = new Map<string, Update>();

  /** @param state after the block before this one */
  constructor(block: number, state: Snapshot) {
    this.#block = block;
    this.#state = state;
  }

  get all(): ReadonlyMap<string, Update> {
    return this.#updates;
  }

  /** Whether all that a transaction read is still so, after the transactions applied before it. @param height state it was endorsed on */
  async stands(height: number, { reads, ranges }: Pick<EmbeddedStub, "reads" | "ranges">): Promise<boolean> {
    if (height === this.#state.height && this.#updates.size === 0) return true; // nothing can have changed
    for (const [key, version] of reads) if (this.#version(key) !== version) return false;
    for (const range of ranges) if (!(await this.#unchanged(range))) return false;
    return true;
  }

  /** @param position of the transaction in the block */
  apply(position: number, writes: readonly StateWrite[]): void {
    const version = versionOf(this.#block, position);
    for (const { key, value } of writes) this.#updates.set(key, { version, value });
  }

  #version(key: string): Version | undefined {
    const update = this.#updates.get(key);
    if (update === undefined) return this.#state.get(key)?.version;
    return update.value === undefined ? undefined : update.version;
  }

  async #unchanged({ start, end, last, found }: RangeRead): Promise<boolean> {
    const now = new Map<string, Version>();
    for await (const [key, { version }] of this.#state.range(start, end)) {
      if (last !== undefined && isBefore(last, key)) break;
      now.set(key, version);
    }
    for (const [key, { version, value }] of this.#updates) {
      if (isBefore(key, start) || (end !== "" && !isBefore(key, end)) || (last !== undefined && isBefore(last, key))) continue;
      if (value === undefined) now.delete(key);
      else now.set(key, version);
    }
    return now.size === found.length && found.every(([key, version]) => now.get(key) === version);
  }
}

/** In the byte order of UTF-8, which is not that of JavaScript's strings. */
const isBefore = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
