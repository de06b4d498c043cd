/**
 * Sidecars: the fingerprints of one holding, made while it is at hand and kept beside it, whose SHA-256 stands in its declaration. A closed format:
 * a line of JSON, then `chunks` records of 16 bytes and `rows` records of 12, each sort in ascending order and none twice, all numbers big-endian:
 * strong fingerprint (8), weak (4), and of a chunk its length (4). A small holding has every chunk that may come of a part of it, wherever that begins;
 * of a large one the chunks of one cut are enough, since a part of it is soon cut alike.
 */
import { createHash } from "node:crypto";
import { canonicalText } from "../../../chaincode/proof/canonical";
import { Chunker, COARSE, cutAnywhere, type Cutting, FINE, isMonotonous, type OnChunk } from "./chunker";
import { type FingerprintKey, STRONG_BYTES } from "./fingerprint-key";
import { cellsOf, isTelling, LEAST_BYTES, RowReader } from "./rows";

const FORMAT = "suyuan-fingerprints-3";
/** How chunks are cut, and whether rows are told as they are now: else they are not looked for. */
const FORMATS = {
  [FORMAT]: { cutting: FINE, hasRows: true },
  "suyuan-fingerprints-2": { cutting: COARSE, hasRows: true },
  "suyuan-fingerprints-1": { cutting: COARSE, hasRows: false },
} as const;

/** Bytes up to which a holding is small. */
const SMALL = 512 * 1024;

const CHUNK_RECORD = STRONG_BYTES + 8;
const ROW_RECORD = STRONG_BYTES + 4;

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
}

export interface Sidecar {
  readonly head: SidecarHead;
  readonly cutting: Cutting;
  /** See {@link SidecarHead}; of rows at least so many. */
  readonly chunkBytes: number;
  readonly rowBytes: number;
  /** It told of rows in an earlier way: they are not looked for. */
  readonly isWithoutRows: boolean;
  readonly chunks: Buffer;
  readonly rows: Buffer;
}

/** Takes a holding's content and makes its sidecar; holds some 28 bytes for each chunk and row, and a small holding. */
export class Fingerprinter {
  readonly #hash = createHash("sha256");
  readonly #chunks = new Set<string>();
  readonly #rows = new Set<string>();
  readonly #chunker: Chunker;
  readonly #reader: RowReader;
  /** All of it, while it may be small. */
  readonly #small: Buffer[] = [];
  #bytes = 0;
  #chunkBytes = 0;
  #rowBytes = 0;

  constructor(private readonly key: FingerprintKey) {
    this.#chunker = new Chunker(key.gear, FINE, (content, start, end, weak) => {
      const before = this.#chunks.size;
      this.#add(content, start, end, weak);
      if (this.#chunks.size > before) this.#chunkBytes += end - start;
    });
    this.#reader = new RowReader(key.rowPairs, (content, start, end, delimiter, weak) => {
      const cells = cellsOf(content.subarray(start, end), delimiter);
      if (!isTelling(cells)) return;
      this.#rows.add(record(key.row(cells), weak));
      this.#rowBytes += end - start;
    });
  }

  readonly #add: OnChunk = (content, start, end, weak) => {
    const chunk = content.subarray(start, end);
    if (!isMonotonous(chunk)) this.#chunks.add(record(this.key.chunk(chunk), weak, end - start));
  };

  write(block: Buffer): void {
    this.#hash.update(block);
    this.#bytes += block.length;
    if (this.#bytes <= SMALL) this.#small.push(Buffer.from(block));
    else this.#small.length = 0;
    this.#chunker.write(block);
    this.#reader.write(block);
  }

  /** @returns the sidecar's bytes, and its head */
  end(): { readonly head: SidecarHead; readonly bytes: Buffer } {
    this.#chunker.end();
    this.#reader.end();
    cutAnywhere(this.key.gear, FINE, Buffer.concat(this.#small), this.#add);
    const head: SidecarHead = {
      ...{ format: FORMAT, key: this.key.id, digest: this.#hash.digest("hex"), bytes: this.#bytes },
      ...{ chunks: this.#chunks.size, chunkBytes: this.#chunkBytes, rows: this.#rows.size, rowBytes: this.#rowBytes },
    };
    return { head, bytes: Buffer.concat([Buffer.from(`${canonicalText(head)}\n`), sorted(this.#chunks), sorted(this.#rows)]) };
  }
}

/** @returns undefined for anything that {@link Fingerprinter} does not make, nor made earlier */
export function parseSidecar(bytes: Buffer): Sidecar | undefined {
  const end = bytes.subarray(0, 1024).indexOf(0x0a);
  let head: SidecarHead;
  try {
    head = JSON.parse(bytes.toString("utf8", 0, Math.max(0, end))) as SidecarHead;
    if (canonicalText(head) !== bytes.toString("utf8", 0, end)) return undefined;
  } catch {
    return undefined;
  }
  if (!Object.hasOwn(FORMATS, head.format) || (head.format === FORMAT) !== (head.chunkBytes !== undefined && head.rowBytes !== undefined))
    return undefined;
  const { cutting, hasRows } = FORMATS[head.format];
  const known = /^[0-9a-f]{64}$/.test(head.digest) && /^[0-9a-f]{16}$/.test(head.key);
  const counts = [head.bytes, head.chunks, head.rows, head.chunkBytes ?? 0, head.rowBytes ?? 0];
  if (!known || !counts.every((count) => Number.isSafeInteger(count) && count >= 0)) return undefined;
  const middle = end + 1 + head.chunks * CHUNK_RECORD;
  const [chunks, rows] = [bytes.subarray(end + 1, middle), bytes.subarray(middle)];
  if (chunks.length !== head.chunks * CHUNK_RECORD || rows.length !== head.rows * ROW_RECORD) return undefined;
  if (!ascends(chunks, CHUNK_RECORD) || !ascends(rows, ROW_RECORD)) return undefined;
  const { chunkBytes = lengthsOf(chunks), rowBytes = LEAST_BYTES * head.rows } = head;
  const all = { head, cutting, chunkBytes, rowBytes, isWithoutRows: false, chunks, rows };
  if (hasRows) return all;
  return { ...all, head: { ...head, rows: 0 }, rowBytes: 0, isWithoutRows: head.rows > 0, rows: rows.subarray(0, 0) };
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
  /** Of a row 0. */
  readonly length: number;
}

export function* fingerprintsOf({ chunks, rows }: Sidecar): Generator<Fingerprint, void> {
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

/** As text, one character a byte, so that a set knows it. */
function record(strong: Buffer, ...numbers: readonly number[]): string {
  const bytes = Buffer.alloc(STRONG_BYTES + 4 * numbers.length);
  strong.copy(bytes);
  numbers.forEach((number, i) => bytes.writeUInt32BE(number >>> 0, STRONG_BYTES + 4 * i));
  return bytes.toString("latin1");
}

const sorted = (records: ReadonlySet<string>): Buffer => Buffer.from([...records].sort().join(""), "latin1");

function ascends(records: Buffer, size: number): boolean {
  for (let at = size; at < records.length; at += size) if (records.compare(records, at, at + size, at - size, at) >= 0) return false;
  return true;
}
