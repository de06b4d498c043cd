/**
 * Sidecars: the fingerprints of one holding, made while it is at hand and kept beside it, whose SHA-256 stands in its declaration. A closed format:
 * a line of JSON, then `chunks` records of 16 bytes and `rows` records of 12, each sort in ascending order and none twice, all numbers big-endian:
 * strong fingerprint (8), weak (4), and of a chunk its length (4). A small holding has every chunk that may come of a part of it, wherever that begins;
 * of a large one the chunks of one cut are enough, since a part of it is soon cut alike.
 *
 * Of a folder the line is followed by `files` records of 36 bytes, one for each file with another content than those before it: strong fingerprint of its
 * digest (8), weak (4), how many files have that content (4), how many chunks (4) and rows (4) it has that those before it have not, its length (6), and bytes
 * in these chunks of one cut (6).
 * Then come all files' chunks, file by file, and all files' rows.
 */
import { canonicalText } from "../../../chaincode/proof/canonical";
import { COARSE, type Cutting, FINE } from "./chunker";
import { STRONG_BYTES } from "./fingerprint-key";
import { LEAST_BYTES } from "./rows";

export const FORMAT = "suyuan-fingerprints-3";
export const FOLDER_FORMAT = "suyuan-folder-fingerprints-1";
/** How chunks are cut, and whether rows are told as they are now: else they are not looked for. */
const FORMATS = {
  [FOLDER_FORMAT]: { cutting: FINE, hasRows: true },
  [FORMAT]: { cutting: FINE, hasRows: true },
  "suyuan-fingerprints-2": { cutting: COARSE, hasRows: true },
  "suyuan-fingerprints-1": { cutting: COARSE, hasRows: false },
} as const;

export const CHUNK_RECORD = STRONG_BYTES + 8;
export const ROW_RECORD = STRONG_BYTES + 4;
const FILE_RECORD = STRONG_BYTES + 28;

/** Bytes below which a file of a folder is like anybody's, and not found by itself. */
export const LEAST_FILE = 64;

export interface SidecarHead {
  readonly format: keyof typeof FORMATS;
  /** The key's id. */
  readonly key: string;
  /** Of the holding: SHA-256 in hex, and its length. */
  readonly digest: string;
  readonly bytes: number;
  readonly chunks: number;
  readonly rows: number;
  /** Bytes in the different chunks of one cut, and in its rows. Formats 1 and 2 do not say. */
  readonly chunkBytes?: number;
  readonly rowBytes?: number;
  /** Of a folder: how many different files it has, and bytes in all that are found by themselves. */
  readonly files?: number;
  readonly fileBytes?: number;
}

/** What is found together: a holding, or one file of a folder. */
export interface Part {
  /** Of a folder's file: the fingerprint of its digest, which is found by its length as a chunk is. */
  readonly whole?: Fingerprint;
  /** How many files of the folder have that content. */
  readonly copies?: number;
  readonly bytes: number;
  /** See {@link SidecarHead}. */
  readonly chunkBytes: number;
  readonly chunks: Buffer;
  readonly rows: Buffer;
}

export interface Sidecar {
  readonly head: SidecarHead;
  readonly cutting: Cutting;
  /** See {@link SidecarHead}; of rows at least so many. */
  readonly chunkBytes: number;
  readonly rowBytes: number;
  /** It told of rows in an earlier way: they are not looked for. */
  readonly isWithoutRows: boolean;
  readonly parts: readonly Part[];
}

export function writeSidecar(head: SidecarHead, parts: readonly Part[]): Buffer {
  const files = head.format === FOLDER_FORMAT ? parts.map(fileRecord) : [];
  const [chunks, rows] = [parts.map((part) => part.chunks), parts.map((part) => part.rows)];
  return Buffer.concat([Buffer.from(`${canonicalText(head)}\n`), ...files, ...chunks, ...rows]);
}

function fileRecord({ whole, copies, bytes, chunkBytes, chunks, rows }: Part): Buffer {
  const record = Buffer.alloc(FILE_RECORD);
  [whole?.high, whole?.low, whole?.weak, copies, chunks.length / CHUNK_RECORD, rows.length / ROW_RECORD].forEach((number, i) =>
    record.writeUInt32BE(number ?? 0, 4 * i),
  );
  record.writeUIntBE(bytes, STRONG_BYTES + 16, 6);
  record.writeUIntBE(chunkBytes, STRONG_BYTES + 22, 6);
  return record;
}

/** @returns undefined for anything that is not made as it should be, nor was made earlier */
export function parseSidecar(bytes: Buffer): Sidecar | undefined {
  const end = bytes.subarray(0, 1024).indexOf(0x0a);
  let head: SidecarHead;
  try {
    head = JSON.parse(bytes.toString("utf8", 0, Math.max(0, end))) as SidecarHead;
    if (canonicalText(head) !== bytes.toString("utf8", 0, end)) return undefined;
  } catch {
    return undefined;
  }
  if (!Object.hasOwn(FORMATS, head.format)) return undefined;
  const isFolder = head.format === FOLDER_FORMAT;
  const saysBytes = head.chunkBytes !== undefined && head.rowBytes !== undefined;
  const saysFiles = head.files !== undefined && head.fileBytes !== undefined;
  if ((isFolder || head.format === FORMAT) !== saysBytes || isFolder !== saysFiles) return undefined;
  const { cutting, hasRows } = FORMATS[head.format];
  const known = /^[0-9a-f]{64}$/.test(head.digest) && /^[0-9a-f]{16}$/.test(head.key);
  const counts = [head.bytes, head.chunks, head.rows, head.chunkBytes ?? 0, head.rowBytes ?? 0, head.files ?? 0, head.fileBytes ?? 0];
  if (!known || !counts.every((count) => Number.isSafeInteger(count) && count >= 0)) return undefined;
  const chunksAt = end + 1 + (head.files ?? 0) * FILE_RECORD;
  const rowsAt = chunksAt + head.chunks * CHUNK_RECORD;
  if (bytes.length !== rowsAt + head.rows * ROW_RECORD) return undefined;
  const [chunks, rows] = [bytes.subarray(chunksAt, rowsAt), bytes.subarray(rowsAt)];
  const parts = isFolder ? partsOf(bytes.subarray(end + 1, chunksAt), chunks, rows) : [partOf(head, chunks, rows)];
  if (parts?.every((part) => ascends(part.chunks, CHUNK_RECORD) && ascends(part.rows, ROW_RECORD)) !== true) return undefined;
  if (isFolder && parts.reduce((sum, part) => sum + part.bytes * (part.copies ?? 1), 0) !== head.bytes) return undefined;
  const { rowBytes = LEAST_BYTES * head.rows } = head;
  const all = { head, cutting, chunkBytes: parts.reduce((sum, part) => sum + part.chunkBytes, 0), rowBytes, isWithoutRows: false, parts };
  if (hasRows) return all;
  const without = parts.map((part) => ({ ...part, rows: rows.subarray(0, 0) }));
  return { ...all, head: { ...head, rows: 0 }, rowBytes: 0, isWithoutRows: head.rows > 0, parts: without };
}

const partOf = ({ bytes, chunkBytes }: SidecarHead, chunks: Buffer, rows: Buffer): Part => ({
  ...{ bytes, chunkBytes: chunkBytes ?? lengthsOf(chunks), chunks, rows },
});

/** @returns undefined where the files have more or fewer chunks or rows than there are */
function partsOf(files: Buffer, chunks: Buffer, rows: Buffer): readonly Part[] | undefined {
  const parts: Part[] = [];
  let [chunksAt, rowsAt] = [0, 0];
  for (let at = 0; at < files.length; at += FILE_RECORD) {
    const [chunksEnd, rowsEnd] = [
      chunksAt + CHUNK_RECORD * files.readUInt32BE(at + STRONG_BYTES + 8),
      rowsAt + ROW_RECORD * files.readUInt32BE(at + STRONG_BYTES + 12),
    ];
    const bytes = files.readUIntBE(at + STRONG_BYTES + 16, 6);
    const whole = {
      ...{ high: files.readUInt32BE(at), low: files.readUInt32BE(at + 4), weak: files.readUInt32BE(at + STRONG_BYTES) },
      length: wholeLength(bytes),
    };
    parts.push({
      ...{ whole, copies: files.readUInt32BE(at + STRONG_BYTES + 4), bytes, chunkBytes: files.readUIntBE(at + STRONG_BYTES + 22, 6) },
      ...{ chunks: chunks.subarray(chunksAt, chunksEnd), rows: rows.subarray(rowsAt, rowsEnd) },
    });
    [chunksAt, rowsAt] = [chunksEnd, rowsEnd];
  }
  return chunksAt === chunks.length && rowsAt === rows.length ? parts : undefined;
}

function lengthsOf(chunks: Buffer): number {
  let sum = 0;
  for (let at = 0; at < chunks.length; at += CHUNK_RECORD) sum += chunks.readUInt32BE(at + CHUNK_RECORD - 4);
  return sum;
}

export interface Fingerprint {
  readonly high: number;
  readonly low: number;
  readonly weak: number;
  /** Of a row 0; of a whole file see {@link wholeLength}. */
  readonly length: number;
}

/** As a whole file's length stands among those of chunks. */
export const wholeLength = (bytes: number): number => bytes % 2 ** 32;

/** Those that a scan looks for. */
export function* fingerprintsOf({ whole, bytes, chunks, rows }: Part): Generator<Fingerprint, void> {
  if (whole !== undefined && bytes >= LEAST_FILE) yield whole;
  for (const [records, size] of [
    [chunks, CHUNK_RECORD],
    [rows, ROW_RECORD],
  ] as const)
    for (let at = 0; at < records.length; at += size)
      yield {
        high: records.readUInt32BE(at),
        low: records.readUInt32BE(at + 4),
        weak: records.readUInt32BE(at + STRONG_BYTES),
        length: size === CHUNK_RECORD ? records.readUInt32BE(at + STRONG_BYTES + 4) : 0,
      };
}

function ascends(records: Buffer, size: number): boolean {
  for (let at = size; at < records.length; at += size) if (records.compare(records, at, at + size, at - size, at) >= 0) return false;
  return true;
}
