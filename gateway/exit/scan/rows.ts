/**
 * Rows of tables written as text: lines with cells between commas, tabs, semicolons or bars, quoted or not (RFC 4180 and its relatives). A row's weak
 * fingerprint is a sum over its cells, so that neither the order of rows nor that of columns counts, nor how cells were quoted.
 */

/** Longest row, in bytes; what is longer is none. */
const MAX_ROW = 65_536;
/** Bytes in its cells below which a row is like anybody's. */
const LEAST_BYTES = 12;
const LEAST_ALONE = 24;

const [QUOTE, LF, CR, COMMA] = [0x22, 0x0a, 0x0d, 0x2c];
const DELIMITERS = [",", "\t", ";", "|"].map((delimiter) => delimiter.charCodeAt(0));

/** Told of a row: where it lies, without its end, what separates its cells, and its weak fingerprint. */
export type OnRow = (content: Buffer, start: number, end: number, delimiter: number, weak: number) => void;

export class RowReader {
  #rest = Buffer.alloc(0);
  #delimiter: number | undefined;
  #decoder: TextDecoder | undefined;
  #isText: boolean | undefined;

  constructor(
    private readonly gear: Int32Array,
    private readonly onRow: OnRow,
  ) {}

  write(block: Buffer): void {
    if (this.#isText === undefined) this.#look(block);
    if (!this.#isText) return;
    const bytes = this.#decoder === undefined ? block : Buffer.from(this.#decoder.decode(block, { stream: true }));
    const work = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const done = this.#rows(work, false);
    this.#rest = work.length - done > MAX_ROW ? Buffer.alloc(0) : Buffer.from(work.subarray(done));
  }

  end(): void {
    if (this.#isText) this.#rows(this.#rest, true);
    this.#rest = Buffer.alloc(0);
  }

  /** Text that is not UTF-8 is taken for UTF-16 where it says so, else for GB 18030, which Chinese programs write. */
  #look(block: Buffer): void {
    const head = block.subarray(0, 4096);
    if (head[0] === 0xff && head[1] === 0xfe) this.#decoder = new TextDecoder("utf-16le");
    else if (!isUtf8(block.subarray(0, MAX_ROW))) this.#decoder = new TextDecoder("gb18030");
    this.#isText =
      this.#decoder?.encoding === "utf-16le" ||
      (head.length > 0 && !head.includes(0) && head.every((byte) => byte >= 0x20 || byte === LF || byte === CR || byte === 0x09));
    const sample =
      this.#decoder === undefined
        ? block.subarray(0, MAX_ROW)
        : Buffer.from(this.#decoder.decode(block.subarray(0, MAX_ROW), { stream: true }));
    if (this.#decoder !== undefined) this.#decoder = new TextDecoder(this.#decoder.encoding);
    this.#delimiter = delimiterOf(sample);
  }

  /** @param last nothing follows. @returns where the first row begins that is not whole */
  #rows(work: Buffer, last: boolean): number {
    const { gear, onRow } = this;
    const delimiter = this.#delimiter ?? COMMA;
    const length = work.length;
    let at = work[0] === 0xef && work[1] === 0xbb && work[2] === 0xbf ? 3 : 0;
    let rowStart = at;
    let [row, cell, cells, bytes] = [0, 0, 0, 0];
    let cellStart = at;
    while (at <= length) {
      const byte = at < length ? (work[at] as number) : last ? LF : -1;
      if (byte === -1) break;
      if (byte === QUOTE && at === cellStart) {
        const from = at++;
        for (;;) {
          const close = work.indexOf(QUOTE, at);
          if (close === -1) {
            // A quote that is never closed is a character like others, once there is no hope.
            if (!last && length - from < MAX_ROW) return rowStart;
            at = from + 1;
            cellStart = -1;
            break;
          }
          for (; at < close; at++, bytes++) cell = (((cell << 5) | (cell >>> 27)) ^ (gear[work[at] as number] as number)) | 0;
          at = close + 1;
          if (work[at] !== QUOTE) break;
          if (at === length && !last) return rowStart;
          cell = (((cell << 5) | (cell >>> 27)) ^ (gear[QUOTE] as number)) | 0;
          at++;
          bytes++;
        }
        if (at === length && !last) return rowStart;
        continue;
      }
      if (byte === delimiter || byte === LF || byte === CR) {
        if (cell !== 0) {
          row = (row + Math.imul(cell ^ (cell >>> 15), 0x2c1b_3c6d)) | 0;
          cells++;
          cell = 0;
        }
        at++;
        cellStart = at;
        if (byte === delimiter) continue;
        if (cells > 0 && bytes >= (cells === 1 ? LEAST_ALONE : LEAST_BYTES)) onRow(work, rowStart, at - 1, delimiter, row >>> 0);
        rowStart = at;
        row = cells = bytes = 0;
        continue;
      }
      cell = (((cell << 5) | (cell >>> 27)) ^ (gear[byte] as number)) | 0;
      bytes++;
      at++;
    }
    return rowStart;
  }
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

/** The most frequent one outside quotes. */
function delimiterOf(sample: Buffer): number {
  const counts = new Map(DELIMITERS.map((delimiter) => [delimiter, 0]));
  let quoted = false;
  for (const byte of sample) {
    if (byte === QUOTE) quoted = !quoted;
    else if (!quoted) {
      const count = counts.get(byte);
      if (count !== undefined) counts.set(byte, count + 1);
    }
  }
  return [...counts].reduce((most, one) => (one[1] > most[1] ? one : most))[0];
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
