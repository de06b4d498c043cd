/**
 * Whether the files of a `level` database are as LevelDB wrote them: it keeps a checksum (CRC-32C) of every piece, but compares it hardly ever. What a changed
 * byte means is found by comparing contents; here any changed byte is found, also in what has been overwritten since and in what only serves searching.
 * Formats: LevelDB, doc/log_format.md and doc/table_format.md; Snappy, format_description.txt.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { partsOf } from "./database-log";
import { tablesOf } from "./database-manifest";
import { crc32c, Damaged, Reader, unmask } from "./database-reader";

export interface FileDifference {
  /** A file holds something else than was written. */
  readonly code: "file-damaged";
  readonly file: string;
  /** Byte at which the damaged piece begins. */
  readonly at: number;
  /** For people. */
  readonly detail: string;
}

/**
 * Changes nothing. A log may end in the middle of a record: so much was written when the process or the machine was stopped, and nobody relied on it. Nor did
 * anybody on a table that the manifest does not name.
 * @param database its directory
 * @param onProgress bytes done
 */
export async function* checkFiles(
  database: string,
  onProgress: (done: number) => void = () => undefined,
): AsyncGenerator<FileDifference, void> {
  let done = 0;
  const names = (await readdir(database)).sort();
  const tables = await namedTables(database);
  for (const name of names) {
    if (name.endsWith(".ldb") && tables?.has(name) === false) continue;
    const check = checkOf(name, names);
    if (check === undefined) continue;
    const file = join(database, name);
    const bytes = await readFile(file);
    try {
      check(bytes);
    } catch (error) {
      const at = error instanceof Damaged ? error.at : 0;
      if (!(error instanceof Damaged || error instanceof RangeError)) throw error;
      yield { code: "file-damaged", file, at, detail: error.message };
    }
    onProgress((done += bytes.length));
  }
}

/** @returns undefined where no manifest tells, so that every table counts */
async function namedTables(database: string): Promise<ReadonlySet<string> | undefined> {
  try {
    const current = await readFile(join(database, "CURRENT"), "latin1");
    const manifest = await readFile(join(database, CURRENT.exec(current)?.[1] ?? ""));
    return tablesOf(manifest);
  } catch {
    return undefined; // what is wrong with it is told of the manifest itself
  }
}

const CURRENT = /^(MANIFEST-\d+)\n$/;

function checkOf(name: string, others: readonly string[]): ((bytes: Buffer) => void) | undefined {
  if (name.endsWith(".ldb")) return checkTable;
  if (name.endsWith(".log") || name.startsWith("MANIFEST-")) return checkLog;
  return name === "CURRENT" ? (bytes) => checkCurrent(bytes, others) : undefined;
}

function checkCurrent(bytes: Buffer, others: readonly string[]): void {
  const [, manifest = ""] = CURRENT.exec(bytes.toString("latin1")) ?? [];
  if (!others.includes(manifest)) throw new Damaged(0, "it does not name the manifest");
}

function checkLog(bytes: Buffer): void {
  const parts = partsOf(bytes);
  while (parts.next().done !== true);
}

const FOOTER = 48;
const MAGIC = Buffer.from("57fb808b247547db", "hex");
/** type u8, checksum u32 */
const TRAILER = 5;

interface Piece {
  readonly offset: number;
  readonly size: number;
}

/** Every piece has its own checksum, and the pieces and the footer make up the file. */
function checkTable(bytes: Buffer): void {
  const footerAt = bytes.length - FOOTER;
  if (footerAt < 0 || !bytes.subarray(-MAGIC.length).equals(MAGIC)) throw new Damaged(Math.max(footerAt, 0), "its footer is not a table's");
  const footer = new Reader(bytes.subarray(footerAt, bytes.length - MAGIC.length));
  const [metaindex, index] = [footer.piece(), footer.piece()];
  if (footer.rest().some((byte) => byte !== 0)) throw new Damaged(footerAt, "what fills up the footer is not zero");
  const pieces = [metaindex, index];
  for (const list of [metaindex, index]) pieces.push(...listed(contentOf(bytes, list, footerAt), list.offset));
  let end = 0;
  for (const piece of pieces.sort((a, b) => a.offset - b.offset)) {
    if (piece.offset !== end) throw new Damaged(end, "a piece is missing, or there are two in its place");
    verifyPiece(bytes, piece, footerAt);
    end += piece.size + TRAILER;
  }
  if (end !== footerAt) throw new Damaged(end, "bytes are left over");
}

function verifyPiece(bytes: Buffer, { offset, size }: Piece, limit: number): void {
  const end = offset + size + TRAILER;
  if (end > limit) throw new Damaged(offset, "a piece goes beyond the file");
  if (unmask(bytes.readUInt32LE(end - 4)) !== crc32c(bytes, offset, end - 4)) throw new Damaged(offset, "a piece has another checksum");
}

function contentOf(bytes: Buffer, piece: Piece, limit: number): Buffer {
  verifyPiece(bytes, piece, limit);
  const { offset, size } = piece;
  const content = bytes.subarray(offset, offset + size);
  switch (bytes[offset + size]) {
    case 0:
      return content;
    case 1:
      return unsnappy(content);
    default:
      throw new Damaged(offset, "a piece is compressed in a way that is unknown here");
  }
}

/** The pieces that an index names: its values. Keys share prefixes; a list of u32 and their number stand at the end. */
function listed(index: Buffer, at: number): readonly Piece[] {
  const restarts = index.length >= 4 ? index.readUInt32LE(index.length - 4) : 0;
  const end = index.length - 4 * (restarts + 1);
  if (end < 0) throw new Damaged(at, "an index is shorter than it says");
  const reader = new Reader(index.subarray(0, end));
  const pieces: Piece[] = [];
  while (!reader.ended) {
    reader.varint(); // shared with the key before
    const [key, value] = [reader.varint(), reader.varint()];
    reader.take(key);
    pieces.push(new Reader(reader.take(value)).piece());
  }
  return pieces;
}

/** @throws RangeError where it is not Snappy's */
function unsnappy(compressed: Buffer): Buffer {
  const reader = new Reader(compressed);
  const length = reader.varint();
  if (length > 64 * 1024 * 1024) throw new RangeError("it is too long to be an index");
  const content = Buffer.alloc(length);
  let at = 0;
  while (!reader.ended) {
    const tag = reader.byte();
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >> 2;
      const literal = reader.take(1 + (short < 60 ? short : reader.take(short - 59).readUIntLE(0, short - 59)));
      if (at + literal.length > length) throw new RangeError("it is longer than it says");
      content.set(literal, at);
      at += literal.length;
      continue;
    }
    const size = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    const back = kind === 1 ? (tag >> 5) * 256 + reader.byte() : reader.take(kind === 2 ? 2 : 4).readUIntLE(0, kind === 2 ? 2 : 4);
    if (back === 0 || back > at || at + size > length) throw new RangeError("it copies what is not there");
    for (let i = 0; i < size; i++, at++) content[at] = content[at - back] ?? 0;
  }
  if (at !== length) throw new RangeError("it is shorter than it says");
  return content;
}
