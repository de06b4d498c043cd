/** The fingerprints of all holdings that are looked for: some 28 bytes each, found by their weak part in a few steps. */
import { fingerprintsOf, type Sidecar } from "./sidecar";

export class FingerprintIndex {
  /** Where the fingerprints begin whose weak parts share a bucket; one more than there are buckets. */
  readonly #heads: Uint32Array;
  readonly #shift: number;
  readonly #weak: Uint32Array;
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  /** Of a row 0. */
  readonly #lengths: Uint32Array;
  readonly #holdings: Uint32Array;
  readonly hasRows: boolean;
  readonly hasChunks: boolean;

  /** @param sidecars by the number of their holding */
  constructor(sidecars: ReadonlyMap<number, Sidecar>) {
    let [chunks, rows] = [0, 0];
    for (const { head } of sidecars.values()) [chunks, rows] = [chunks + head.chunks, rows + head.rows];
    const size = chunks + rows;
    [this.hasChunks, this.hasRows] = [chunks > 0, rows > 0];
    const bits = Math.max(1, Math.ceil(Math.log2(size + 1)));
    this.#shift = 32 - bits;
    this.#heads = new Uint32Array(2 ** bits + 1);
    const column = (): Uint32Array => new Uint32Array(size);
    [this.#weak, this.#high, this.#low, this.#lengths, this.#holdings] = [column(), column(), column(), column(), column()];
    // Counted first, then each put where its bucket has room.
    for (const sidecar of sidecars.values()) for (const { weak } of fingerprintsOf(sidecar)) add(this.#heads, this.#bucket(weak) + 1, 1);
    for (let i = 1; i < this.#heads.length; i++) add(this.#heads, i, this.#heads[i - 1] as number);
    const next = this.#heads.slice();
    for (const [holding, sidecar] of sidecars)
      for (const { weak, high, low, length } of fingerprintsOf(sidecar)) {
        const at = add(next, this.#bucket(weak), 1);
        [this.#weak[at], this.#high[at], this.#low[at], this.#lengths[at], this.#holdings[at]] = [weak, high, low, length, holding];
      }
  }

  /** Whether a chunk of that length, or a row (0), may be among them. */
  mayHave(weak: number, length: number): boolean {
    const bucket = this.#bucket(weak);
    const end = this.#heads[bucket + 1] as number;
    for (let at = this.#heads[bucket] as number; at < end; at++) if (this.#weak[at] === weak && this.#lengths[at] === length) return true;
    return false;
  }

  /** Those that are the same: their numbers and their holdings'. */
  *find(weak: number, length: number, strong: Buffer): Generator<{ readonly number: number; readonly holding: number }, void> {
    const [high, low, bucket] = [strong.readUInt32BE(0), strong.readUInt32BE(4), this.#bucket(weak)];
    for (let at = this.#heads[bucket] as number; at < (this.#heads[bucket + 1] as number); at++)
      if (this.#weak[at] === weak && this.#lengths[at] === length && this.#high[at] === high && this.#low[at] === low)
        yield { number: at, holding: this.#holdings[at] as number };
  }

  #bucket(weak: number): number {
    return Math.imul(weak, 0x9e37_79b1) >>> this.#shift;
  }
}

/** @returns what stood there before */
function add(numbers: Uint32Array, at: number, amount: number): number {
  const before = numbers[at] as number;
  numbers[at] = before + amount;
  return before;
}
