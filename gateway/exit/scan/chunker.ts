/**
 * Cuts content where the content itself says so, so that a copy is cut alike wherever it stands: FastCDC (W. Xia et al., USENIX ATC 2016) with a gear
 * table that follows from a key. Its cost is one step for each byte past the least length of a chunk, which is why that is not small.
 */

import { Buffers } from "./buffers";

/** How long chunks are, in bytes. Below `normal` a cut is sixteen times as rare as above (normalised chunking). */
export interface Cutting {
  readonly min: number;
  readonly normal: number;
  readonly max: number;
  /** Bits of the state that are zero at a cut, below `normal` and above: upper ones, which depend on the last {@link WINDOW} bytes. */
  readonly rare: number;
  readonly often: number;
}

/** A chunk has some 5 KiB, and none is cut below `normal`: that costs least, and what is small has chunks from everywhere anyway. */
export const FINE: Cutting = { min: 4096, normal: 4096, max: 32_768, rare: 0xffc0_0000 | 0, often: 0xffc0_0000 | 0 };
/** Of sidecars that were made earlier: some 13 KiB. */
export const COARSE: Cutting = { min: 8192, normal: 12_288, max: 65_536, rare: 0xfffe_0000 | 0, often: 0xffe0_0000 | 0 };

/** Bytes before a cut that decide it. */
const WINDOW = 32;

/** Bytes of the end of content that may be a chunk wherever cutting begins: many files end alike. */
const LEAST_END = 1024;

/** Told of a chunk: where it lies, and its weak fingerprint, which is the state at the cut. */
export type OnChunk = (content: Buffer, start: number, end: number, weak: number) => void;

const spans = new Buffers(2 * COARSE.max);

export class Chunker {
  /** What is left of the blocks before. */
  #rest: Buffer | undefined;
  #length = 0;

  constructor(
    private readonly gear: Int32Array,
    private readonly cutting: Cutting,
    private readonly onChunk: OnChunk,
  ) {}

  /** @param block may be used again once this returns */
  write(block: Buffer): void {
    const rest = (this.#rest ??= spans.take());
    const { max } = this.cutting;
    let at = 0;
    if (this.#length > 0) {
      // A chunk that began before this block is cut where both lie together.
      const taken = block.copy(rest, this.#length, 0, max);
      const cut = this.#cut(rest, this.#length + taken, 0, max, this.#length);
      if (cut < this.#length) {
        rest.copyWithin(0, cut, this.#length + taken);
        this.#length += taken - cut;
        return;
      }
      at = cut - this.#length;
    }
    at = this.#cut(block, block.length, at, max);
    this.#length = block.copy(rest, 0, at);
  }

  end(): void {
    if (this.#rest === undefined) return;
    this.#cut(this.#rest, this.#length, 0, 1);
    spans.give(this.#rest);
    this.#rest = undefined;
    this.#length = 0;
  }

  /**
   * @param least bytes that must be there for the next chunk to be certain
   * @param until no chunk begins from there on
   * @returns where the next chunk begins
   */
  #cut(content: Buffer, length: number, start: number, least: number, until = length): number {
    const { gear, cutting, onChunk } = this;
    while (start < until && length - start >= least) {
      const at = cutOf(gear, cutting, content, start, Math.min(length, start + cutting.max));
      onChunk(content, start, at, stateAt(gear, content, start, at));
      start = at;
    }
    return start;
  }
}

/**
 * Every chunk that may come of content wherever cutting begins, so that all whole chunks of any part of it are among them: some five times as many as in one cut.
 * @param content all of it
 */
export function cutAnywhere(gear: Int32Array, cutting: Cutting, content: Buffer, onChunk: OnChunk): void {
  const tell = (start: number): void => {
    const end = cutOf(gear, cutting, content, start, Math.min(content.length, start + cutting.max));
    if (end - start >= LEAST_END) onChunk(content, start, end, stateAt(gear, content, start, end));
  };
  for (let at = 0, state = 0; at < content.length;) {
    state = ((state << 1) + (gear[content[at++] as number] as number)) | 0;
    if (at >= WINDOW && (state & cutting.often) === 0) tell(at);
  }
}

/** Where a chunk ends. A function of its own, with nothing in it but the loops: it is what a scan spends its time on. */
function cutOf(gear: Int32Array, { min, normal: until, rare, often }: Cutting, content: Buffer, start: number, end: number): number {
  if (end - start <= min) return end;
  const last = end - ((end - start) % 2);
  const normal = Math.min(last, start + until);
  let at = start + min;
  let state = 0;
  // Two bytes a turn, the second one's state computed beside the first one's and not after it.
  for (; at < normal; at += 2) {
    const first = gear[content[at] as number] as number;
    const second = gear[content[at + 1] as number] as number;
    if (((((state << 1) + first) | 0) & rare) === 0) return at + 1;
    state = ((state << 2) + ((first << 1) + second)) | 0;
    if ((state & rare) === 0) return at + 2;
  }
  for (; at < last; at += 2) {
    const first = gear[content[at] as number] as number;
    const second = gear[content[at + 1] as number] as number;
    if (((((state << 1) + first) | 0) & often) === 0) return at + 1;
    state = ((state << 2) + ((first << 1) + second)) | 0;
    if ((state & often) === 0) return at + 2;
  }
  return end;
}

/** The state before a cut: the last bytes decide it, or fewer where the content ends there. */
function stateAt(gear: Int32Array, content: Buffer, start: number, end: number): number {
  let state = 0;
  for (let at = Math.max(start, end - WINDOW); at < end; at++) state = ((state << 1) + (gear[content[at] as number] as number)) | 0;
  return state >>> 0;
}

/** Chunks that repeat themselves every few bytes stand in everybody's files: filled sectors, empty pages. They say nothing. */
export function isMonotonous(chunk: Buffer): boolean {
  for (let period = 1; period <= 64 && period < chunk.length; period++)
    if (chunk[0] === chunk[period] && chunk.subarray(period).equals(chunk.subarray(0, chunk.length - period))) return true;
  return false;
}
