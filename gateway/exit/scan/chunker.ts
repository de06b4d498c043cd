/**
 * Cuts content where the content itself says so, so that a copy is cut alike wherever it stands: FastCDC (W. Xia et al., USENIX ATC 2016) with a gear
 * table that follows from a key. Its cost is one step for each byte past the least length of a chunk, which is why that is not small.
 */

/** Bytes. Below `normal` a cut is sixteen times as rare as above (normalised chunking); on the whole a chunk has some 13 KiB. */
export const CHUNK = { min: 8192, normal: 12_288, max: 65_536 } as const;

/** In the upper bits, which depend on the last 32 bytes. */
const RARE = 0xfffe_0000 | 0;
const OFTEN = 0xffe0_0000 | 0;

/** Told of a chunk: where it lies, and its weak fingerprint, which is the state at the cut. */
export type OnChunk = (content: Buffer, start: number, end: number, weak: number) => void;

export class Chunker {
  /** What is left of the blocks before, and the block at hand. */
  #work = Buffer.allocUnsafeSlow(4 * CHUNK.max);
  #length = 0;

  constructor(
    private readonly gear: Int32Array,
    private readonly onChunk: OnChunk,
  ) {}

  /** @param block may be used again once this returns */
  write(block: Uint8Array): void {
    const length = this.#length + block.length;
    if (length > this.#work.length) {
      const larger = Buffer.allocUnsafeSlow(length + CHUNK.max);
      this.#work.copy(larger, 0, 0, this.#length);
      this.#work = larger;
    }
    this.#work.set(block, this.#length);
    this.#length = length;
    this.#cut(CHUNK.max);
  }

  end(): void {
    this.#cut(1);
    this.#length = 0;
  }

  /** @param least bytes that must be there for the next chunk to be certain */
  #cut(least: number): void {
    const { gear, onChunk } = this;
    const work = this.#work;
    let start = 0;
    while (this.#length - start >= least) {
      const end = Math.min(this.#length, start + CHUNK.max);
      const normal = Math.min(end, start + CHUNK.normal);
      let state = 0;
      let at = Math.min(end, start + CHUNK.min);
      let found = false;
      while (at < normal && !found) {
        state = ((state << 1) + (gear[work[at++] as number] as number)) | 0;
        found = (state & RARE) === 0;
      }
      while (at < end && !found) {
        state = ((state << 1) + (gear[work[at++] as number] as number)) | 0;
        found = (state & OFTEN) === 0;
      }
      onChunk(work, start, at, state >>> 0);
      start = at;
    }
    work.copyWithin(0, start, this.#length);
    this.#length -= start;
  }
}

/** Chunks that repeat themselves every few bytes stand in everybody's files: filled sectors, empty pages. They say nothing. */
export function isMonotonous(chunk: Buffer): boolean {
  for (let period = 1; period <= 64 && period < chunk.length; period++)
    if (chunk[0] === chunk[period] && chunk.subarray(period).equals(chunk.subarray(0, chunk.length - period))) return true;
  return false;
}
