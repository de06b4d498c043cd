/**
 * Pairs (source, id) that the read model does not show yet. With it there is no moment at which a duplicate goes unnoticed: a pair
 * leaves here only after it stands there.
 */
import type { Pair } from "./known";

/** No source has a space in it. */
export const keyOf = ({ source, id }: Pair): string => `${source} ${id}`;

/**
 * Costs about 150 bytes for each event in the outbox, which the outbox's bound keeps within limits. A Map remembers the order in which keys were
 * added, which is the order of their last indexes, so that what has been projected is always at its beginning.
 */
export class Recent {
  readonly #indexes = new Map<string, number | readonly number[]>();

  /** Indexes at which a pair stands, ascending; mostly none. */
  of(key: string): readonly number[] {
    const indexes = this.#indexes.get(key);
    return indexes === undefined ? NONE : typeof indexes === "number" ? [indexes] : indexes;
  }

  /** @param index larger than all before it */
  add(key: string, index: number): void {
    const before = this.of(key);
    // Deleted first, because a key that is set again keeps its old place.
    if (before.length > 0) this.#indexes.delete(key);
    this.#indexes.set(key, before.length === 0 ? index : [...before, index]);
  }

  /** Takes back what was added at this index, the last one. */
  remove(key: string, index: number): void {
    const left = this.of(key).filter((each) => each !== index);
    if (left.length === 0) this.#indexes.delete(key);
    else this.#indexes.set(key, left);
  }

  /** Forgets what stands below `size`. */
  projected(size: number): void {
    for (const [key, indexes] of this.#indexes) {
      const last = typeof indexes === "number" ? indexes : (indexes.at(-1) ?? 0);
      if (last >= size) break;
      this.#indexes.delete(key);
    }
  }

  get size(): number {
    return this.#indexes.size;
  }
}

const NONE: readonly number[] = [];
