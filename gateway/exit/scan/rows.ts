/**
 * Rows of tables written as text: lines with cells between commas, tabs, semicolons or bars, quoted or not (RFC 4180 and its relatives). A row's weak
 * fingerprint is a sum over the pairs of neighbouring bytes in its cells, so that neither the order of rows nor that of columns counts, nor what
 * separates and quotes cells. A cell with line ends makes several rows.
 */
import { isAscii, isUtf8 } from "node:buffer";

/** Longest row, in bytes; what is longer is none. */
const MAX_ROW = 65_536;
/** Bytes in its cells below which a row is like anybody's. */
export const LEAST_BYTES = 12;
const LEAST_ALONE = 24;

/** Bytes by which text is known, at each so many bytes until it is: before it something else may stand, most often something short. */
const SAMPLE = 16_384;
const STRIDE = { near: 8192, far: 32_768 };
const NEAR = 65_536;
/** Of the first of them, by which most of what is no text is known. */
const GLANCE = 256;
/** Control characters that texts do not have and yet may come with them, as a mark of some program's before it: so many at once, and in so many bytes one. */
const MOST_CONTROLS = 12;
const BYTES_PER_CONTROL = 64;

const QUOTE = 0x22;
export const LF = 0x0a;
const CR = 0x0d;
const TAB = 0x09;
const COMMA = 0x2c;
/** Before UTF-8, where a program puts it. */
const MARK = Buffer.of(0xef, 0xbb, 0xbf);
export const DELIMITERS: readonly number[] = [",", "\t", ";", "|"].map((delimiter) => delimiter.charCodeAt(0));

/** Told of a row: where it lies, without its end, what separates its cells, and its weak fingerprint. */
export type OnRow = (content: Buffer, start: number, end: number, delimiter: number, weak: number) => void;

export class RowReader {
  /** What is left of the blocks before: the beginning of a row. */
  #rest = Buffer.alloc(0);
  /** Within a line that is too long to be a row. */
  #isLost = false;
  #delimiter = COMMA;
  #lineEnd = LF;
  #decoder: TextDecoder | undefined;
  #isText: boolean;
  /** Other blocks came before. */
  #isFar = false;

  /** @param pairs see {@link pairsOf}. @param isCsv it is known to be rows in UTF-8, with commas between their cells */
  constructor(
    private readonly pairs: Int32Array,
    private readonly onRow: OnRow,
    isCsv = false,
  ) {
    this.#isText = isCsv;
  }

  /** @param block may be used again once this returns */
  write(block: Buffer): void {
    const bytes = this.#isText ? block : block.subarray(this.#look(block));
    if (this.#isText) this.#take(this.#decoder === undefined ? bytes : Buffer.from(this.#decoder.decode(bytes, { stream: true })));
  }

  end(): void {
    if (this.#isText) this.#take(Buffer.of(this.#lineEnd));
  }

  #take(bytes: Buffer): void {
    let start = 0;
    if (this.#rest.length > 0 || this.#isLost) {
      const end = bytes.indexOf(this.#lineEnd);
      if (end === -1) {
        this.#keep(bytes);
        return;
      }
      start = end + 1;
      if (!this.#isLost) this.#read(Buffer.concat([this.#rest, bytes.subarray(0, start)]), 0);
      [this.#rest, this.#isLost] = [Buffer.alloc(0), false];
    }
    this.#keep(bytes.subarray(this.#read(bytes, start)));
  }

  #keep(bytes: Buffer): void {
    if (!this.#isLost) this.#rest = Buffer.concat([this.#rest, bytes]);
    if (this.#rest.length > MAX_ROW) [this.#rest, this.#isLost] = [Buffer.alloc(0), true];
  }

  #read(bytes: Buffer, start: number): number {
    return readRows(this.pairs, bytes, start, this.#lineEnd, this.#delimiter, this.onRow);
  }

  /** Text that is not UTF-8 is taken for UTF-16 where it looks so, else for GB 18030, which Chinese programs write. @returns where in the block text begins */
  #look(block: Buffer): number {
    const stride = this.#isFar ? STRIDE.far : STRIDE.near;
    for (let at = 0; at < block.length; at += at < NEAR ? stride : STRIDE.far) {
      const sample = block.subarray(at, at + SAMPLE);
      const glance = glanceOf(sample);
      if (glance === undefined || (glance === "plain" && !isPlain(sample))) continue;
      const encoding = glance !== "plain" ? glance : isMostlyUtf8(sample) ? undefined : "gb18030";
      const text = encoding === undefined ? sample : Buffer.from(new TextDecoder(encoding).decode(sample));
      if (!isPlain(text)) continue;
      this.#isText = true;
      this.#decoder = encoding && new TextDecoder(encoding);
      this.#delimiter = delimiterOf(text);
      this.#lineEnd = text.includes(CR) && !text.includes(LF) ? CR : LF;
      return at + (encoding === undefined && sample.indexOf(MARK) === 0 ? MARK.length : 0);
    }
    this.#isFar ||= block.length > NEAR;
    return block.length;
  }
}

/** A function of its own, with nothing in it but the loops: it is what a scan of tables spends its time on. @returns where the first row begins that does not end */
function readRows(pairs: Int32Array, bytes: Buffer, start: number, lineEnd: number, delimiter: number, onRow: OnRow): number {
  for (;;) {
    const end = bytes.indexOf(lineEnd, start);
    if (end === -1) return start;
    // What ends a line besides counts for nothing in the fingerprint.
    if (end - start >= LEAST_BYTES && end - start <= MAX_ROW)
      onRow(bytes, start, bytes[end - 1] === CR ? end - 1 : end, delimiter, weakOf(pairs, bytes, start, end));
    start = end + 1;
  }
}

/** Four bytes a turn. @returns a whole number of 32 bits with its sign: any other kind would cost memory for each row */
export function weakOf(pairs: Int32Array, bytes: Buffer, start: number, end: number): number {
  let sum = 0;
  let before = LF;
  let at = start;
  for (; at + 3 < end; at += 4) {
    const a = bytes[at] as number;
    const b = bytes[at + 1] as number;
    const c = bytes[at + 2] as number;
    const d = bytes[at + 3] as number;
    const first = ((pairs[(before << 8) | a] as number) + (pairs[(a << 8) | b] as number)) | 0;
    sum = (sum + first + (((pairs[(b << 8) | c] as number) + (pairs[(c << 8) | d] as number)) | 0)) | 0;
    before = d;
  }
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    sum = (sum + (pairs[(before << 8) | byte] as number)) | 0;
    before = byte;
  }
  return sum;
}

/**
 * What each pair of bytes adds to a row's weak fingerprint, by the first and then the second: nothing where the second separates or quotes cells, and
 * whichever of these stands before a byte, it is the same.
 * @param first random numbers by byte. @param second likewise
 */
export function pairsOf(first: Int32Array, second: Int32Array): Int32Array {
  const separators = new Set([...DELIMITERS, QUOTE, LF, CR]);
  const pairs = new Int32Array(65_536);
  for (let a = 0; a < 256; a++)
    for (let b = 0; b < 256; b++)
      if (!separators.has(b)) pairs[(a << 8) | b] = Math.imul(second[b] as number, separators.has(a) ? 1 : (first[a] as number) | 1);
  return pairs;
}

/** What the cells of a row hold, quotes removed, empty ones left out. */
export function cellsOf(row: Buffer, delimiter = COMMA): Buffer[] {
  const cells: Buffer[] = [];
  for (let at = 0; at <= row.length; at++) {
    const parts: Buffer[] = [];
    if (row[at] === QUOTE && row.indexOf(QUOTE, at + 1) !== -1) {
      for (at++; ; at++) {
        const close = row.indexOf(QUOTE, at);
        const doubled = row[close + 1] === QUOTE;
        parts.push(row.subarray(at, close === -1 ? row.length : doubled ? close + 1 : close));
        at = close === -1 ? row.length : close + 1;
        if (!doubled) break;
      }
    }
    const end = row.indexOf(delimiter, at);
    parts.push(row.subarray(at, end === -1 ? row.length : end));
    const cell = Buffer.concat(parts);
    if (cell.length > 0) cells.push(cell);
    at = end === -1 ? row.length : end;
  }
  return cells;
}

/** Whether a row is unlike anybody's. */
export const isTelling = (cells: readonly Buffer[]): boolean =>
  cells.reduce((sum, { length }) => sum + length, 0) >= (cells.length === 1 ? LEAST_ALONE : LEAST_BYTES);

type Wide = "utf-16le" | "utf-16be";

/** What a sample may be by its first bytes. Most of what is no text is known by fewer of them. */
function glanceOf(sample: Buffer): "plain" | Wide | undefined {
  if (sample[0] === 0xff && sample[1] === 0xfe) return "utf-16le";
  if (sample[0] === 0xfe && sample[1] === 0xff) return "utf-16be";
  const length = Math.min(GLANCE, sample.length);
  let [controls, even, odd] = [0, 0, 0];
  for (let i = 0; i < length; i++) {
    const byte = sample[i] as number;
    if (byte >= 0x20 || byte === LF || byte === CR || byte === TAB) continue;
    if (byte !== 0) controls++;
    else if (i % 2 === 0) even++;
    else odd++;
    if (controls > MOST_CONTROLS) return undefined;
  }
  if (controls + even + odd <= MOST_CONTROLS) return "plain";
  // One byte of many pairs is zero, always the same: those of digits and of what separates cells.
  if (16 * Math.max(even, odd) < length || 32 * Math.min(even, odd) > length) return undefined;
  return even > odd ? "utf-16be" : "utf-16le";
}

/** Hardly any control characters but those of texts. */
function isPlain(sample: Buffer): boolean {
  let controls = 0;
  for (const byte of sample) if (byte < 0x20 && byte !== LF && byte !== CR && byte !== TAB) controls++;
  return controls * BYTES_PER_CONTROL <= Math.max(GLANCE, sample.length);
}

/** The most frequent one outside quotes. */
function delimiterOf(sample: Buffer): number {
  const counts = new Uint32Array(256);
  let quoted = false;
  for (const byte of sample) {
    if (byte === QUOTE) quoted = !quoted;
    else if (!quoted) counts[byte] = (counts[byte] as number) + 1;
  }
  return DELIMITERS.reduce((most, one) => ((counts[one] as number) > (counts[most] as number) ? one : most));
}

/** By its lines: one with bytes of something else in it makes no other encoding of all. A piece of text may end within a character. */
function isMostlyUtf8(sample: Buffer): boolean {
  let balance = 0;
  for (let start = 0; start < sample.length;) {
    const end = sample.indexOf(LF, start);
    const line = sample.subarray(start, end === -1 ? sample.length : end);
    if (!isAscii(line)) balance += [0, 1, 2, 3].some((cut) => isUtf8(line.subarray(0, line.length - cut))) ? 1 : -1;
    start += line.length + 1;
  }
  return balance >= 0;
}
