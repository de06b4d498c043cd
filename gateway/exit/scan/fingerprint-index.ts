/** The fingerprints of all holdings that are looked for: some 24 bytes each, found by their weak part in a few steps. */
import type { Cutting } from "./chunker";
import { fingerprintsOf, type Sidecar } from "./sidecar";

/** In memory that threads share, so that there is one for all of them. */
export interface FingerprintTable {
  /** How the chunks that are there were cut. */
  readonly cuttings: readonly Cutting[];
  readonly hasRows: boolean;
  /** A word for each two buckets, with two bits of each weak part that is there: it answers for nearly all that is not, and a processor has it at hand. */
  readonly filter: Int32Array;
  /** Where the fingerprints begin whose weak parts share a bucket; one more than there are buckets, a power of two. */
  readonly heads: Uint32Array;
  readonly weak: Uint32Array;
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  /** Of a row 0. */
  readonly lengths: Uint32Array;
  readonly holdings: Uint32Array;
}

/** @param sidecars by the number of their holding */
export function tableOf(sidecars: ReadonlyMap<number, Sidecar>): FingerprintTable {
  let [chunks, rows] = [0, 0];
  const cuttings = new Set<Cutting>();
  for (const { head, cutting } of sidecars.values()) {
    [chunks, rows] = [chunks + head.chunks, rows + head.rows];
    if (head.chunks > 0) cuttings.add(cutting);
  }
  const size = chunks + rows;
  const column = (length: number): Uint32Array => new Uint32Array(new SharedArrayBuffer(4 * length));
  const buckets = 2 ** Math.min(28, Math.max(3, Math.ceil(Math.log2(size + 1))));
  const heads = column(buckets + 1);
  const filter = new Int32Array(new SharedArrayBuffer(2 * buckets));
  const table = {
    ...{ cuttings: [...cuttings], hasRows: rows > 0, heads, filter },
    ...{ weak: column(size), high: column(size), low: column(size), lengths: column(size), holdings: column(size) },
  };
  // Counted first, then each put where its bucket has room.
  const shift = shiftOf(heads);
  for (const sidecar of sidecars.values()) for (const { weak } of fingerprintsOf(sidecar)) add(heads, bucketOf(weak, shift) + 1, 1);
  for (let i = 1; i < heads.length; i++) add(heads, i, heads[i - 1] as number);
  const next = heads.slice();
  for (const [holding, sidecar] of sidecars)
    for (const { weak, high, low, length } of fingerprintsOf(sidecar)) {
      const [at, word] = [add(next, bucketOf(weak, shift), 1), bucketOf(weak, shift + 1)];
      filter[word] = (filter[word] as number) | bitsOf(weak);
      [table.weak[at], table.high[at], table.low[at], table.lengths[at], table.holdings[at]] = [weak, high, low, length, holding];
    }
  return table;
}

export class FingerprintIndex {
  readonly #filter: Int32Array;
  readonly #shift: number;

  constructor(private readonly table: FingerprintTable) {
    this.#filter = table.filter;
    this.#shift = shiftOf(table.heads);
  }

  /**
   * Whether a chunk of that length, or a row (0), may be among them. Small, so that whoever asks for each row has it in its loop.
   * @param weak of 32 bits, with a sign or without
   */
  mayHave(weak: number, length: number): boolean {
    const bits = bitsOf(weak);
    return ((this.#filter[bucketOf(weak, this.#shift + 1)] as number) & bits) === bits && this.#has(weak, length);
  }

  #has(weak: number, length: number): boolean {
    const { heads, lengths, weak: all } = this.table;
    const [bucket, itsWeak] = [bucketOf(weak, this.#shift), weak >>> 0];
    const end = heads[bucket + 1] as number;
    for (let at = heads[bucket] as number; at < end; at++) if (all[at] === itsWeak && lengths[at] === length) return true;
    return false;
  }

  /** Those that are the same: their numbers and their holdings'. */
  *find(weak: number, length: number, strong: Buffer): Generator<{ readonly number: number; readonly holding: number }, void> {
    const { heads, lengths, high, low, holdings, weak: all } = this.table;
    const [itsHigh, itsLow, bucket] = [strong.readUInt32BE(0), strong.readUInt32BE(4), bucketOf(weak, this.#shift)];
    for (let at = heads[bucket] as number; at < (heads[bucket + 1] as number); at++)
      if (all[at] === weak >>> 0 && lengths[at] === length && high[at] === itsHigh && low[at] === itsLow)
        yield { number: at, holding: holdings[at] as number };
  }
}

const shiftOf = (heads: Uint32Array): number => 32 - Math.log2(heads.length - 1);

const bucketOf = (weak: number, shift: number): number => Math.imul(weak, 0x9e37_79b1) >>> shift;

const bitsOf = (weak: number): number => (1 << weak) | (1 << (weak >>> 5));

/** @returns what stood there before */
function add(numbers: Uint32Array, at: number, amount: number): number {
  const before = numbers[at] as number;
  numbers[at] = before + amount;
  return before;
}
