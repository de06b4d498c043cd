/** Content as it comes: block after block, whatever its length. */
import { readSync } from "node:fs";
import type { Writable } from "node:stream";
import { Buffers } from "./buffers";

export type Blocks = AsyncIterable<Buffer>;

const BLOCK = 256 * 1024;
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
