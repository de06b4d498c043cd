/**
 * Rows of tables written as text: lines with cells between commas, tabs, semicolons or bars, quoted or not (RFC 4180 and its relatives). A row's weak
 * fingerprint is a sum over the pairs of neighbouring bytes in its cells, so that neither the order of rows nor that of columns counts, nor what
 * separates and quotes cells. A cell with line ends makes several rows.
 */

/** Longest row, in bytes; what is longer is none. */
const MAX_ROW = 65_536;
/** Bytes in its cells below which a row is like anybody's. */
export const LEAST_BYTES = 12;
const LEAST_ALONE = 24;

/** Bytes of the beginning by which text is known. */
const SAMPLE = 16_384;

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;
const COMMA = 0x2c;
const DELIMITERS = [",", "\t", ";", "|"].map((delimiter) => delimiter.charCodeAt(0));

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
  #isText: boolean | undefined;

  /** @param pairs see {@link pairsOf} */
  constructor(
    private readonly pairs: Int32Array,
    private readonly onRow: OnRow,
  ) {}

  /** @param block may be used again once this returns */
  write(block: Buffer): void {
    const bytes = this.#isText === undefined ? this.#look(block) : block;
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

  /** Text that is not UTF-8 is taken for UTF-16 where it says so, else for GB 18030, which Chinese programs write. @returns the block without the mark of UTF-8 */
  #look(block: Buffer): Buffer {
    const head = block.subarray(0, SAMPLE);
    const isWide = head[0] === 0xff && head[1] === 0xfe;
    this.#isText = isWide || (head.length > 0 && isPlain(head));
    if (!this.#isText) return block;
    const encoding = isWide ? "utf-16le" : isUtf8(head) ? undefined : "gb18030";
    this.#decoder = encoding && new TextDecoder(encoding);
    const sample = encoding === undefined ? head : Buffer.from(new TextDecoder(encoding).decode(head));
    this.#delimiter = delimiterOf(sample);
    this.#lineEnd = sample.includes(CR) && !sample.includes(LF) ? CR : LF;
    return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? block.subarray(3) : block;
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

/** No control characters but those of texts. */
function isPlain(head: Buffer): boolean {
  for (const byte of head) if (byte < 0x20 && byte !== LF && byte !== CR && byte !== 0x09) return false;
  return true;
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

/** Whether a piece of text is UTF-8; the piece may end within a character. */
function isUtf8(piece: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(piece, { stream: true });
    return true;
  } catch {
    return false;
  }
}
