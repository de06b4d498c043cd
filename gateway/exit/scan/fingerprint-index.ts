/** The fingerprints of all holdings that are looked for: some 24 bytes each, found by their weak part in a few steps. */
import type { Cutting } from "./chunker";
import { type Fingerprint, fingerprintsOf, ROW_RECORD, type Sidecar } from "./sidecar";

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
  /** Of a row 0, of a whole file of a folder see `wholeLength`. */
  readonly lengths: Uint32Array;
  /** Numbers of the parts that have them. */
  readonly partsOf: Uint32Array;
  readonly parts: Parts;
}

/** What is found together, by its number: a holding, or one file of a folder. */
export interface Parts {
  readonly holdings: Uint32Array;
  /** Which file of the folder it is, from one on; 0 where it is a holding. */
  readonly files: Uint32Array;
  /** How many files of the folder have that content. */
  readonly copies: Uint32Array;
  readonly bytes: Float64Array;
  readonly chunkBytes: Float64Array;
  readonly rows: Uint32Array;
}

/** @param sidecars by the number of their holding */
export function tableOf(sidecars: ReadonlyMap<number, Sidecar>): FingerprintTable {
  let [size, rows] = [0, 0];
  const cuttings = new Set<Cutting>();
  for (const { head, cutting } of sidecars.values()) {
    size += head.chunks + head.rows + (head.files ?? 0);
    rows += head.rows;
    if (head.chunks > 0) cuttings.add(cutting);
  }
  const all = [...sidecars].flatMap(([holding, { parts }]) => parts.map((part, i) => ({ holding, part, file: part.whole ? i + 1 : 0 })));
  const buckets = 2 ** Math.min(28, Math.max(3, Math.ceil(Math.log2(size + 1))));
  const heads = column(buckets + 1);
  const filter = new Int32Array(new SharedArrayBuffer(2 * buckets));
  const table = {
    ...{ cuttings: [...cuttings], hasRows: rows > 0, heads, filter },
    ...{ weak: column(size), high: column(size), low: column(size), lengths: column(size), partsOf: column(size) },
    parts: {
      ...{ holdings: column(all.length), files: column(all.length), copies: column(all.length), rows: column(all.length) },
      ...{ bytes: wideColumn(all.length), chunkBytes: wideColumn(all.length) },
    },
  };
  all.forEach(({ holding, part, file }, i) => {
    const { holdings, files, copies, rows, bytes, chunkBytes } = table.parts;
    copies[i] = part.copies ?? 1;
    [holdings[i], files[i], bytes[i], chunkBytes[i], rows[i]] = [holding, file, part.bytes, part.chunkBytes, part.rows.length / ROW_RECORD];
  });
  // Counted first, then each put where its bucket has room.
  const shift = shiftOf(heads);
  for (const { part } of all) for (const { weak } of fingerprintsOf(part)) add(heads, bucketOf(weak, shift) + 1, 1);
  for (let i = 1; i < heads.length; i++) add(heads, i, heads[i - 1] as number);
  const next = heads.slice();
  all.forEach(({ part }, number) => {
    for (const { weak, high, low, length } of fingerprintsOf(part)) {
      const [at, word] = [add(next, bucketOf(weak, shift), 1), bucketOf(weak, shift + 1)];
      filter[word] = (filter[word] as number) | bitsOf(weak);
      [table.weak[at], table.high[at], table.low[at], table.lengths[at], table.partsOf[at]] = [weak, high, low, length, number];
    }
  });
  return table;
}

/** In memory that threads share. */
const column = (length: number): Uint32Array => new Uint32Array(new SharedArrayBuffer(4 * length));
const wideColumn = (length: number): Float64Array => new Float64Array(new SharedArrayBuffer(8 * length));

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

  /** Those that are the same: their numbers and their parts'. */
  *find({ weak, length, high: itsHigh, low: itsLow }: Fingerprint): Generator<{ readonly number: number; readonly part: number }, void> {
    const { heads, lengths, high, low, partsOf, weak: all } = this.table;
    const bucket = bucketOf(weak, this.#shift);
    for (let at = heads[bucket] as number; at < (heads[bucket + 1] as number); at++)
      if (all[at] === weak >>> 0 && lengths[at] === length && high[at] === itsHigh && low[at] === itsLow)
        yield { number: at, part: partsOf[at] as number };
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
