/** Content as it comes: block after block, whatever its length. */
import { readSync } from "node:fs";
import type { Writable } from "node:stream";
import { Buffers } from "./buffers";

export type Blocks = AsyncIterable<Buffer>;

/** Bytes of a file that are read at once. */
export const BLOCK = 256 * 1024;
const blocks = new Buffers(BLOCK);

/**
 * A file's bytes.
 * @param size bytes to read, however much longer it has become
 * @param fresh each block has memory of its own, for whoever reads it later than the next
 * @throws Error of the system
 */
export function* readBlocks(fd: number, size: number, fresh = false): Generator<Buffer, void> {
  const shared = blocks.take();
  try {
    for (let at = 0; at < size;) {
      const length = Math.min(BLOCK, size - at);
      const block = fresh ? Buffer.allocUnsafeSlow(length) : shared;
      const read = readSync(fd, block, 0, length, at);
      if (read === 0) return;
      yield block.subarray(0, read);
      at += read;
    }
  } finally {
    blocks.give(shared);
  }
}

/** The beginning, and all of it. */
export async function peek(from: Blocks, bytes: number): Promise<{ readonly head: Buffer; readonly all: Blocks }> {
  const source = from[Symbol.asyncIterator]();
  const first = await source.next();
  let head = first.done === true ? Buffer.alloc(0) : first.value;
  while (head.length < bytes) {
    const next = await source.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  async function* all(): AsyncGenerator<Buffer, void> {
    if (head.length > 0) yield head;
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
  }
  return { head, all: all() };
}

/** Takes blocks by hand, since leaving a loop would close the generator of which the rest is still wanted. */
export async function* untilDestroyed(from: Blocks, into: Writable): AsyncGenerator<Buffer, void> {
  const source = from[Symbol.asyncIterator]();
  for (let next = await source.next(); next.done !== true; next = await source.next()) {
    if (into.destroyed) return;
    yield next.value;
  }
}

export async function drain(from: Blocks): Promise<void> {
  const source = from[Symbol.asyncIterator]();
  while ((await source.next()).done !== true);
}

/** @returns undefined where it is longer than `most` bytes */
export async function gather(from: Blocks, most: number): Promise<Buffer | undefined> {
  const kept: Buffer[] = [];
  let length = 0;
  const source = from[Symbol.asyncIterator]();
  for (let next = await source.next(); next.done !== true; next = await source.next()) {
    if ((length += next.value.length) > most) return undefined;
    kept.push(next.value);
  }
  return Buffer.concat(kept);
}

/** Without the first bytes. Takes blocks by hand, see {@link untilDestroyed}. */
export async function* skip(from: Blocks, bytes: number): AsyncGenerator<Buffer, void> {
  const source = from[Symbol.asyncIterator]();
  let left = bytes;
  for (let next = await source.next(); next.done !== true; next = await source.next()) {
    if (next.value.length > left) yield next.value.subarray(left);
    left = Math.max(0, left - next.value.length);
  }
}

export async function* blocksOf(all: Iterable<Buffer>): AsyncGenerator<Buffer, void> {
  for (const block of all) {
    yield block;
    await Promise.resolve();
  }
}

/** The last bytes of what passed. */
export class Edge {
  #bytes: Buffer = Buffer.alloc(0);
  #passed = 0;

  constructor(private readonly length: number) {}

  /** @param block is not used again by others while these are its last */
  add(block: Buffer): void {
    this.#passed += block.length;
    this.#bytes = block.length >= this.length ? block.subarray(-this.length) : Buffer.concat([this.#bytes, block]).subarray(-this.length);
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  /** How many bytes came before. */
  get at(): number {
    return this.#passed - this.#bytes.length;
  }
}

/** What whoever takes blocks in parts has not taken of them. */
export class Untaken {
  readonly #blocks: Buffer[] = [];
  /** Where the first of them begins. */
  #start = 0;

  /** @param taken how many bytes were taken so far */
  constructor(private readonly taken: () => number) {}

  async *through(blocks: Blocks): AsyncGenerator<Buffer, void> {
    for await (const block of blocks) {
      for (let first = this.#blocks[0]; first !== undefined && this.#start + first.length <= this.taken(); first = this.#blocks[0]) {
        this.#start += first.length;
        this.#blocks.shift();
      }
      this.#blocks.push(block);
      yield block;
    }
  }

  get rest(): Buffer {
    return Buffer.concat(this.#blocks).subarray(this.taken() - this.#start);
  }
}
