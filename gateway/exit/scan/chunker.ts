/**
 * Cuts content where the content itself says so, so that a copy is cut alike wherever it stands: FastCDC (W. Xia et al., USENIX ATC 2016) with a gear
 * table that follows from a key. Its cost is one step for each byte past the least length of a chunk, which is why that is not small.
 */

import { Buffers } from "./buffers";

/** Bytes. Below `normal` a cut is sixteen times as rare as above (normalised chunking); on the whole a chunk has some 13 KiB. A least length nearer to that would cost less, but copies that begin elsewhere would be cut alike too late. */
export const CHUNK = { min: 8192, normal: 12_288, max: 65_536 } as const;

/** In the upper bits, which depend on the last 32 bytes. */
const RARE = 0xfffe_0000 | 0;
const OFTEN = 0xffe0_0000 | 0;

/** Told of a chunk: where it lies, and its weak fingerprint, which is the state at the cut. */
export type OnChunk = (content: Buffer, start: number, end: number, weak: number) => void;

const spans = new Buffers(2 * CHUNK.max);

export class Chunker {
  /** What is left of the blocks before. */
  #rest: Buffer | undefined;
  #length = 0;

  constructor(
    private readonly gear: Int32Array,
    private readonly onChunk: OnChunk,
  ) {}

  /** @param block may be used again once this returns */
  write(block: Buffer): void {
    const rest = (this.#rest ??= spans.take());
    let at = 0;
    if (this.#length > 0) {
      // A chunk that began before this block is cut where both lie together.
      const taken = block.copy(rest, this.#length, 0, CHUNK.max);
      const cut = this.#cut(rest, this.#length + taken, 0, CHUNK.max, this.#length);
      if (cut < this.#length) {
        rest.copyWithin(0, cut, this.#length + taken);
        this.#length += taken - cut;
        return;
      }
      at = cut - this.#length;
    }
    at = this.#cut(block, block.length, at, CHUNK.max);
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
    const { gear, onChunk } = this;
    while (start < until && length - start >= least) {
      const at = cutOf(gear, content, start, Math.min(length, start + CHUNK.max));
      onChunk(content, start, at, stateAt(gear, content, start, at));
      start = at;
    }
    return start;
  }
}

/** Where a chunk ends. A function of its own, with nothing in it but the loops: it is what a scan spends its time on. */
function cutOf(gear: Int32Array, content: Buffer, start: number, end: number): number {
  if (end - start <= CHUNK.min) return end;
  const last = end - ((end - start) % 2);
  const normal = Math.min(last, start + CHUNK.normal);
  let at = start + CHUNK.min;
  let state = 0;
  // Two bytes a turn, the second one's state computed beside the first one's and not after it.
  for (; at < normal; at += 2) {
    const first = gear[content[at] as number] as number;
    const second = gear[content[at + 1] as number] as number;
    if (((((state << 1) + first) | 0) & RARE) === 0) return at + 1;
    state = ((state << 2) + ((first << 1) + second)) | 0;
    if ((state & RARE) === 0) return at + 2;
  }
  for (; at < last; at += 2) {
    const first = gear[content[at] as number] as number;
    const second = gear[content[at + 1] as number] as number;
    if (((((state << 1) + first) | 0) & OFTEN) === 0) return at + 1;
    state = ((state << 2) + ((first << 1) + second)) | 0;
    if ((state & OFTEN) === 0) return at + 2;
  }
  return end;
}

/** The state before a cut: the last 32 bytes decide it, or fewer where the least chunk ends there. */
function stateAt(gear: Int32Array, content: Buffer, start: number, end: number): number {
  let state = 0;
  for (let at = Math.max(start, end - 32); at < end; at++) state = ((state << 1) + (gear[content[at] as number] as number)) | 0;
  return state >>> 0;
}

/** Chunks that repeat themselves every few bytes stand in everybody's files: filled sectors, empty pages. They say nothing. */
export function isMonotonous(chunk: Buffer): boolean {
  for (let period = 1; period <= 64 && period < chunk.length; period++)
    if (chunk[0] === chunk[period] && chunk.subarray(period).equals(chunk.subarray(0, chunk.length - period))) return true;
  return false;
}
