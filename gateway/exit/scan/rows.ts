/**
 * Rows of tables written as text: lines with cells between commas, tabs, semicolons or bars, quoted or not (RFC 4180 and its relatives). A row's weak
 * fingerprint is a sum over its cells, so that neither the order of rows nor that of columns counts, nor how cells were quoted.
 */

/** Longest row, in bytes; what is longer is none. */
const MAX_ROW = 65_536;
/** Bytes in its cells below which a row is like anybody's. */
const LEAST_BYTES = 12;
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

/** What a byte is to who reads rows. */
const PLAIN = 0;
const DELIMITER = 1;
const ROW_END = 2;
const QUOTES = 3;

export class RowReader {
  /** What is left of the blocks before: the beginning of a row. */
  #rest = Buffer.alloc(0);
  #delimiter: number = COMMA;
  #decoder: TextDecoder | undefined;
  #isText: boolean | undefined;
  readonly #kinds = new Uint8Array(256);

  constructor(
    private readonly gear: Int32Array,
    private readonly onRow: OnRow,
  ) {}

  /** @param block may be used again once this returns */
  write(block: Buffer): void {
    if (this.#isText === undefined) block = this.#look(block);
    if (this.#isText) this.#take(this.#decoder === undefined ? block : Buffer.from(this.#decoder.decode(block, { stream: true })));
  }

  #take(bytes: Buffer): void {
    let start = 0;
    if (this.#rest.length > 0) {
      // A row that began before these bytes is read where it lies together, and nothing after it.
      const joined = Buffer.concat([this.#rest, bytes.subarray(0, MAX_ROW)]);
      const next = this.#rows(joined, 0, this.#rest.length);
      if (next < this.#rest.length) {
        this.#rest = joined.subarray(next);
        return;
      }
      start = next - this.#rest.length;
    }
    this.#rest = Buffer.from(bytes.subarray(this.#rows(bytes, start)));
  }

  end(): void {
    if (this.#rest.length > 0) this.#rows(Buffer.concat([this.#rest, Buffer.of(LF)]), 0, Infinity, 0);
    this.#rest = Buffer.alloc(0);
  }

  /** Text that is not UTF-8 is taken for UTF-16 where it says so, else for GB 18030, which Chinese programs write. */
  #look(block: Buffer): Buffer {
    const head = block.subarray(0, SAMPLE);
    const isWide = head[0] === 0xff && head[1] === 0xfe;
    this.#isText = isWide || (head.length > 0 && isPlain(head));
    if (!this.#isText) return block;
    const encoding = isWide ? "utf-16le" : isUtf8(head) ? undefined : "gb18030";
    this.#decoder = encoding && new TextDecoder(encoding);
    this.#delimiter = delimiterOf(encoding === undefined ? head : Buffer.from(new TextDecoder(encoding).decode(head)));
    this.#kinds[this.#delimiter] = DELIMITER;
    this.#kinds[LF] = this.#kinds[CR] = ROW_END;
    this.#kinds[QUOTE] = QUOTES;
    return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? block.subarray(3) : block;
  }

  /**
   * @param until no row begins from there on
   * @param longest bytes of a row that may still come to its end
   * @returns where the first row begins that was not read
   */
  #rows(work: Buffer, start: number, until = Infinity, longest = MAX_ROW): number {
    for (let at = start; ;) {
      at = readRows(this.gear, this.#kinds, work, at, until, this.#delimiter, this.onRow);
      if (at >= until || work.length - at <= longest) return Math.min(at, work.length);
      // Longer than any row, or within a quote that is never closed.
      at = work.indexOf(LF, at) + 1;
      if (at === 0) return work.length;
    }
  }
}

/** A function of its own, with nothing in it but the loops: it is what a scan of tables spends its time on. @returns where the first row begins that does not end, or that begins from `until` on */
function readRows(
  gear: Int32Array,
  kinds: Uint8Array,
  work: Buffer,
  start: number,
  until: number,
  delimiter: number,
  onRow: OnRow,
): number {
  const length = work.length;
  // Of the row: what its cells sum up to, how many they are, and its bytes that are none of theirs.
  let [row, cells, around] = [0, 0, 0];
  let [rowStart, cellStart, cell] = [start, start, 0];
  for (let at = start; at < length; at++) {
    const byte = work[at] as number;
    const kind = kinds[byte] as number;
    if (kind === PLAIN || (kind === QUOTES && at !== cellStart)) {
      cell = ((cell << 5) | (cell >>> 27)) ^ (gear[byte] as number);
      continue;
    }
    if (kind === QUOTES) {
      for (at++; ; at += 2, around++) {
        for (; at < length && work[at] !== QUOTE; at++) cell = ((cell << 5) | (cell >>> 27)) ^ (gear[work[at] as number] as number);
        // The byte after it says whether it is the last.
        if (at + 1 >= length) return rowStart;
        if (work[at + 1] !== QUOTE) break;
        cell = ((cell << 5) | (cell >>> 27)) ^ (gear[QUOTE] as number);
      }
      around += 2;
      continue;
    }
    if (cell !== 0) {
      row = (row + Math.imul(cell ^ (cell >>> 15), 0x2c1b_3c6d)) | 0;
      cells++;
      cell = 0;
    }
    cellStart = at + 1;
    if (kind === DELIMITER) {
      around++;
      continue;
    }
    if (cells > 0 && at - rowStart - around >= (cells === 1 ? LEAST_ALONE : LEAST_BYTES)) onRow(work, rowStart, at, delimiter, row >>> 0);
    rowStart = at + 1;
    row = cells = around = 0;
    if (rowStart >= until) break;
  }
  return rowStart;
}

/** What the cells of a row hold, quotes removed, empty ones left out. */
export function cellsOf(row: Buffer, delimiter: number): Buffer[] {
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
