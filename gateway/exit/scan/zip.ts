/** Zips in a file or in memory, wherever in it they stand: their directories are at their ends. */
import { readSync } from "node:fs";
import { once } from "node:events";
import { Readable } from "node:stream";
import { type Entry, fromBuffer, fromFd, fromRandomAccessReader, RandomAccessReader, type ZipFile } from "yauzl";
import { EDGE_BYTES } from "./containers";

const OPTIONS = { autoClose: false, lazyEntries: true, decodeStrings: false } as const;

/** Where zips may be. */
export interface Bytes {
  readonly size: number;
  read(at: number, length: number): Buffer;
  /** @throws Error where there is none from the first byte to the second */
  open(start: number, end: number): Promise<ZipFile>;
}

export const inFile = (file: number, size: number): Bytes => ({
  size,
  read: (at, length) => {
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, at));
  },
  open: (start, end) =>
    opened<ZipFile>((done) => {
      if (start === 0 && end === size) fromFd(file, OPTIONS, done);
      else fromRandomAccessReader(new Part(file, start), end - start, OPTIONS, done);
    }),
});

export const inMemory = (bytes: Buffer): Bytes => ({
  size: bytes.length,
  read: (at, length) => bytes.subarray(at, at + length),
  open: (start, end) => opened<ZipFile>((done) => fromBuffer(bytes.subarray(start, end), OPTIONS, done)),
});

class Part extends RandomAccessReader {
  constructor(
    private readonly file: number,
    private readonly from: number,
  ) {
    super();
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(piecesOf(this.file, this.from + start, this.from + end), { objectMode: false });
  }
}

/** By hand, since a stream of a file closes it. */
function* piecesOf(file: number, start: number, end: number): Generator<Buffer, void> {
  for (let at = start; at < end;) {
    const piece = Buffer.allocUnsafe(Math.min(EDGE_BYTES, end - at));
    const read = readSync(file, piece, 0, piece.length, at);
    if (read === 0) return;
    yield piece.subarray(0, read);
    at += read;
  }
}

export interface Place {
  /** From which its offsets count; its directory; its end. The directory is not known of the kind with 64 bits. */
  readonly start: number;
  readonly directory: number | undefined;
  readonly end: number;
}

const END = Buffer.from("PK\x05\x06");
const END_BYTES = 22;

/**
 * @param missing how many bytes stood before these, which are not at hand
 * @returns the last one that ends before, and no farther away than its comment may be long
 */
export function lastZip(bytes: Bytes, before: number, missing = 0): Place | undefined {
  const from = Math.max(0, before - EDGE_BYTES);
  const tail = bytes.read(from, before - from);
  // Forwards, which is faster, and nearly always all there is to do.
  if (!tail.includes(END)) return undefined;
  for (let at = tail.length - END_BYTES; at >= 0 && (at = tail.lastIndexOf(END, at)) !== -1; at--) {
    const [size, offset] = [tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
    const end = from + at + END_BYTES + tail.readUInt16LE(at + 20);
    if (end > before) continue;
    if (at >= 20 && tail.toString("latin1", at - 20, at - 16) === "PK\x06\x07") return { start: 0, directory: undefined, end };
    const directory = from + at - size;
    const isThere = directory < 0 ? -directory <= missing : size === 0 || bytes.read(directory, 4).toString("latin1") === "PK\x01\x02";
    if (isThere && missing + directory - offset >= 0) return { start: directory - offset, directory, end };
  }
  return undefined;
}

/** Its entries, one after the other. @throws Error where its directory is not one */
export async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry, void> {
  const end = once(zip, "end").then(() => undefined);
  end.catch(() => undefined);
  for (;;) {
    const next = Promise.race([once(zip, "entry") as Promise<[Entry]>, end]);
    zip.readEntry();
    const [entry] = (await next) ?? [];
    if (entry === undefined) return;
    yield entry;
  }
}

/** A local header without name and extra, and what may follow an entry's content. */
const HEADER_BYTES = 30;
const DESCRIPTOR_BYTES = 24;
/** More than that between two entries is seldom, and looked into. */
const SLACK = 128;

/** Of how many it is kept in mind where they are. */
const MOST_ENTRIES = 500_000;

/** What a directory tells of a zip, compared with what is in it. */
export class Extent {
  readonly #entries: (readonly [offset: number, least: number, size: number])[] = [];
  #first = Infinity;
  #count = 0;

  add({ relativeOffsetOfLocalHeader: offset, fileNameLength, compressedSize }: Entry): void {
    this.#first = Math.min(this.#first, offset);
    if (++this.#count <= MOST_ENTRIES)
      this.#entries.push([offset, offset + HEADER_BYTES + fileNameLength + compressedSize, compressedSize]);
  }

  /** Where its first byte is. */
  startIn({ start, directory, end }: Place): number {
    return this.#count === 0 ? (directory ?? end - END_BYTES) : start + this.#first;
  }

  /** Whether something lies between entries, or between them and the directory, that the directory does not tell; of too many it is not known. */
  hasGap(bytes: Bytes, { start, directory }: Place): boolean {
    if (this.#count > MOST_ENTRIES) return true;
    const entries = this.#entries.sort(([a], [b]) => a - b);
    return entries.some(([offset, least, size], i) => {
      const next = entries[i + 1]?.[0] ?? (directory === undefined ? 0 : directory - start);
      if (next - least <= SLACK) return false;
      const header = bytes.read(start + offset, HEADER_BYTES);
      if (header.length < HEADER_BYTES) return false;
      const end = offset + HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28) + size;
      return next - end > DESCRIPTOR_BYTES && hasContent(bytes, start + end + DESCRIPTOR_BYTES, start + next);
    });
  }
}

/** What fills up is zero. */
export function hasContent(bytes: Bytes, start: number, end: number): boolean {
  for (let at = start; at < end; at += EDGE_BYTES)
    if (bytes.read(at, Math.min(EDGE_BYTES, end - at)).some((byte) => byte !== 0)) return true;
  return false;
}

export const opened = <T>(open: (done: (error: Error | null, it: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => open((error, it) => (error === null ? resolve(it) : reject(error))));
