/**
 * An append-only RFC 6962 tree of which only its size and peaks are kept: the roots of the whole subtrees that its leaves fill, one for
 * each binary digit 1 of the size, the largest (leftmost) first. Enough to append and to compute the root; never grows beyond 53 hashes.
 */
import { fromHex, toHex } from "./bytes";
import { emptyRoot, nodeHash } from "./rfc6962";
import { HASH_BYTES, type Hash } from "./sha256";

/** JSON form; peaks in lower-case hex, leftmost first. */
export interface CompactRangeState {
  readonly size: number;
  readonly peaks: readonly string[];
}

/** Told of every node as it is completed, leaves (level 0) included, children before parents: what hash tiles are made of. */
export type OnNode = (level: number, index: number, hash: Hash) => void;

export class CompactRange {
  private constructor(
    private leaves: number,
    private readonly peaks: Hash[],
  ) {}

  static empty(): CompactRange {
    return new CompactRange(0, []);
  }

  /** @returns undefined unless `state` is what {@link state} could have returned */
  static from(state: unknown): CompactRange | undefined {
    if (typeof state !== "object" || state === null || !("size" in state) || !("peaks" in state)) return undefined;
    const { size, peaks } = state;
    if (!Number.isSafeInteger(size) || (size as number) < 0 || !Array.isArray(peaks)) return undefined;
    const hashes = peaks.map((peak: unknown) => (typeof peak === "string" ? fromHex(peak) : undefined));
    const whole = hashes.filter((hash) => hash?.length === HASH_BYTES) as Hash[];
    if (whole.length !== peaks.length || whole.length !== digitsOne(size as number)) return undefined;
    return new CompactRange(size as number, whole);
  }

  /** Number of leaves. */
  get size(): number {
    return this.leaves;
  }

  append(leaf: Hash, onNode?: OnNode): void {
    this.appendTree(leaf, 0, onNode);
  }

  /** A whole subtree of 2^level leaves, of which only its root is known. @param height level of its root @throws RangeError unless it fits behind what is there */
  appendTree(root: Hash, height: number, onNode?: OnNode): void {
    const leaves = 2 ** height;
    let [hash, index, level] = [root, this.leaves / leaves, height];
    if (!Number.isInteger(index)) throw new RangeError(`no subtree of ${leaves} leaves begins at ${this.leaves}`);
    onNode?.(level, index, hash);
    while (index % 2 === 1) {
      const left = this.peaks.pop();
      if (left === undefined) throw new Error("a peak is missing");
      hash = nodeHash(left, hash);
      index = (index - 1) / 2;
      level++;
      onNode?.(level, index, hash);
    }
    this.peaks.push(hash);
    this.leaves += leaves;
  }

  /** MTH of all leaves appended so far. */
  root(): Hash {
    return this.peaks.length === 0 ? emptyRoot() : this.peaks.reduceRight((right, left) => nodeHash(left, right));
  }

  state(): CompactRangeState {
    return { size: this.leaves, peaks: this.peaks.map(toHex) };
  }
}

function digitsOne(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
