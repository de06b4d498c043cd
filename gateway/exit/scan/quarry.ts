/** What a scan looks for, made of the holdings' digests and sidecars. */
import { type Certainty, certaintyOf } from "./certainty";
import type { Cutting } from "./chunker";
import { FingerprintIndex, type FingerprintTable, type Parts, tableOf } from "./fingerprint-index";
import { FingerprintKey } from "./fingerprint-key";
import { isCopy, type Match } from "./match";
import { fingerprintsOf, LEAST_FILE, parseSidecar, type Sidecar, wholeLength } from "./sidecar";

/** Why a holding may still be there: it is lawfully retained, it was transferred to a successor, or what goes on holds it (or keeps it). */
export type Kept = "retained" | "transferred" | "goes-on";

export interface Wanted {
  readonly holding: string;
  readonly digest: string;
  /** The sidecar's bytes; without one only the very bytes of the holding are found, where it is a file. */
  readonly sidecar?: Buffer;
  /** Whether it is a file, and not a folder or table, where that is known. */
  readonly isFile?: boolean;
  readonly kept?: Kept;
}

/** A holding that is looked for. */
export interface Sought {
  /** `MSPID/journal/index/ordinal` */
  readonly holding: string;
  /** SHA-256, hex. */
  readonly digest: string;
  readonly kept: Kept | undefined;
  /** By its sidecar: its bytes, those of them in chunks, and different rows, of a folder those of all files. Without one its bytes are unknown, and the others zero. */
  readonly bytes: number | undefined;
  readonly chunkBytes: number;
  readonly rows: number;
  readonly certainty: Certainty;
}

/** As one thread gives it to another. */
export interface QuarryData {
  readonly sought: readonly Sought[];
  readonly table: FingerprintTable;
  readonly key: Uint8Array;
}

export class Quarry {
  readonly sought: readonly Sought[];
  readonly index: FingerprintIndex;
  readonly key: FingerprintKey;
  readonly cuttings: readonly Cutting[];
  readonly hasRows: boolean;
  readonly parts: Parts;
  /** Numbers of the first parts of holdings. */
  readonly #firsts = new Map<number, number>();
  /** Numbers of the holdings with a digest. */
  readonly #byDigest = new Map<string, number[]>();
  /** Of which lengths files of folders are, see `wholeLength`. */
  readonly #fileLengths: ReadonlySet<number>;
  /** What lengths the holdings have; undefined where one's is unknown: what it is declared with is somebody's word. */
  readonly #lengths: ReadonlySet<number> | undefined;

  constructor(readonly data: QuarryData) {
    this.sought = data.sought;
    this.index = new FingerprintIndex(data.table);
    this.key = new FingerprintKey(data.key);
    ({ cuttings: this.cuttings, hasRows: this.hasRows, parts: this.parts } = data.table);
    data.sought.forEach(({ digest }, i) => this.#byDigest.set(digest, [...(this.#byDigest.get(digest) ?? []), i]));
    const { bytes, files } = this.parts;
    for (let part = this.parts.holdings.length; part-- > 0;) this.#firsts.set(this.parts.holdings[part] as number, part);
    this.#fileLengths = new Set(bytes.filter((length, i) => files[i] !== 0 && length >= LEAST_FILE).map((length) => wholeLength(length)));
    const lengths = new Set(data.sought.map(({ bytes }) => bytes));
    this.#lengths = lengths.has(undefined) ? undefined : (lengths as Set<number>);
  }

  withDigest(digest: string): readonly number[] {
    return this.#byDigest.get(digest) ?? [];
  }

  /**
   * Whether what is found of a holding may be there, however often: nothing that ends has that content, or all that has it is retained and it is a part, as
   * logs have of each other.
   */
  isFree(number: number, how: Match["how"]): boolean {
    const { digest } = this.sought[number] as Sought;
    return this.withDigest(digest).every((i) => {
      const kept = this.sought[i]?.kept;
      return kept === "goes-on" || (kept === "retained" && !isCopy(how));
    });
  }

  /** @param same parts that have one fingerprint. @returns those of which it says something: what goes on has it too where any of them does, and then it is its, and a twin's */
  saying<S extends { readonly part: number }>(same: readonly S[]): readonly S[] {
    const of = ({ part }: S): Sought => this.sought[this.parts.holdings[part] as number] as Sought;
    const goingOn = new Set(same.flatMap((one) => (of(one).kept === "goes-on" ? of(one).digest : [])));
    return goingOn.size === 0 ? same : same.filter((one) => goingOn.has(of(one).digest));
  }

  /** Whether a piece of content may be a whole holding. @param length undefined where only its end will tell */
  mayBeWhole(length: number | undefined): boolean {
    return length !== 0 && (length === undefined || this.#lengths?.has(length) !== false || this.#mayBeFile(length));
  }

  /** @returns numbers of the parts that are whole files of folders with that digest, in hex */
  filesWith(digest: string, length: number): readonly number[] {
    if (!this.#mayBeFile(length)) return [];
    return [...this.index.find({ ...this.key.file(digest), length: wholeLength(length) })].map(({ part }) => part);
  }

  /** @param file of a folder, from one on. @returns how many there were of it, or of the holding where that is none */
  copiesOf(number: number, file = 1): number {
    return this.parts.copies[(this.#firsts.get(number) ?? NaN) + file - 1] ?? 1;
  }

  #mayBeFile(length: number): boolean {
    return this.#fileLengths.has(wholeLength(length));
  }
}

/** A sidecar that cannot be used: not one, of another key, or of another holding. */
export class SidecarError extends Error {
  override readonly name = "SidecarError";
  constructor(
    readonly code: "sidecar-malformed" | "sidecar-of-another-key" | "sidecar-of-another-holding",
    readonly holding: string,
  ) {
    super(`${code}: ${holding}`);
  }
}

/** @throws SidecarError */
export function quarryOf(wanted: readonly Wanted[], key: FingerprintKey): Quarry {
  const sidecars = new Map<number, Sidecar>();
  const sought = wanted.map(({ holding, digest, sidecar: bytes, isFile, kept }, i): Sought => {
    if (bytes === undefined)
      return { holding, digest, kept, bytes: undefined, chunkBytes: 0, rows: 0, certainty: certaintyOf(undefined, isFile) };
    const sidecar = parseSidecar(bytes);
    if (sidecar === undefined) throw new SidecarError("sidecar-malformed", holding);
    if (sidecar.head.key !== key.id) throw new SidecarError("sidecar-of-another-key", holding);
    if (sidecar.head.digest !== digest) throw new SidecarError("sidecar-of-another-holding", holding);
    sidecars.set(i, sidecar);
    const { head, chunkBytes } = sidecar;
    return { holding, digest, kept, bytes: head.bytes, chunkBytes, rows: head.rows, certainty: certaintyOf(sidecar) };
  });
  const data = { table: tableOf(sidecars), key: key.bytes };
  const quarry = new Quarry({ sought, ...data });
  if (!wanted.some(({ kept }) => kept === "goes-on")) return quarry;
  const sure = sought.map((one, i): Sought => {
    const sidecar = one.kept === undefined && one.certainty.unsought === undefined ? sidecars.get(i) : undefined;
    return sidecar !== undefined && mostGoesOn(quarry, i, sidecar) ? { ...one, certainty: { unsought: "goes-on" } } : one;
  });
  return new Quarry({ sought: sure, ...data });
}

/** Whether most of a holding's fingerprints say nothing of it. */
function mostGoesOn(quarry: Quarry, holding: number, { parts }: Sidecar): boolean {
  let [all, silent] = [0, 0];
  for (const part of parts)
    for (const fingerprint of fingerprintsOf(part)) {
      all++;
      const saying = quarry.saying([...quarry.index.find(fingerprint)]);
      if (!saying.some(({ part }) => quarry.parts.holdings[part] === holding)) silent++;
    }
  return 2 * silent > all;
}
