/**
 * The head kept beside the database: u64(blocks committed), hash of the last of them. It is written after each commit, without waiting
 * for the disk, so it may lag behind the database but never lead it: when it does, blocks have been lost.
 */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";

export interface Head {
  readonly height: number;
  /** Hash of the last block, or of the genesis record when there is none. */
  readonly hash: Buffer;
}

const LENGTH = 40;

export class HeadFile {
  readonly #file: number;

  private constructor(file: number) {
    this.#file = file;
  }

  /** @throws Error when there is no such file */
  static open(path: string): HeadFile {
    return new HeadFile(openSync(path, "r+"));
  }

  static create(path: string, head: Head): HeadFile {
    const file = new HeadFile(openSync(path, "w+", 0o644));
    file.write(head);
    fsyncSync(file.#file);
    return file;
  }

  write({ height, hash }: Head): void {
    const bytes = Buffer.alloc(LENGTH);
    bytes.writeBigUInt64BE(BigInt(height));
    hash.copy(bytes, 8);
    writeSync(this.#file, bytes, 0, LENGTH, 0);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** @throws Error when it is missing or not 40 bytes long */
export function readHead(path: string): Head {
  const bytes = readFileSync(path);
  if (bytes.length !== LENGTH) throw new Error(`${path} is ${bytes.length} bytes long, not ${LENGTH}`);
  return { height: Number(bytes.readBigUInt64BE()), hash: bytes.subarray(8) };
}
