/** Compares one piece of content, of whatever length, with what is looked for. */
import { createHash, type Hash } from "node:crypto";
import { csvRow } from "../../csv";
import { Chunker, type OnChunk } from "./chunker";
import type { Match } from "./match";
import type { Quarry, Sought } from "./quarry";
import { cellsOf, DELIMITERS, LF, type OnRow, RowReader, weakOf } from "./rows";

/** What is found of a holding, or of one file of a folder, is told from a tenth of it on, or from so much on: less is what files have in common. */
const TENTH = 0.1;
const MUCH = { bytes: 1024 * 1024, rows: 1000 };
/** Of a folder more, whose texts have lines that others' have: settings, licences. */
const LEAST_ROWS = { file: 3, folder: 20 };

/** What was found, and of which parts. */
class Tallied {
  bytes = 0;
  rows = 0;
  /** Most of which part. */
  part = 0;
  #most = 0;
  /** Whether it is enough of one part. */
  isTold: "part" | "rows" | undefined;

  add(part: number, bytes: number, rows: number, isTold: "part" | "rows" | undefined): void {
    this.bytes += bytes;
    this.rows += rows;
    if (isTold === "part" || this.isTold === undefined) this.isTold = isTold ?? this.isTold;
    if (bytes + rows <= this.#most) return;
    [this.part, this.#most] = [part, bytes + rows];
  }
}

const EMPTY = createHash("sha256").digest("hex");

export class Matcher {
  readonly #hash: Hash | undefined;
  readonly #chunkers: readonly Chunker[];
  readonly #onRow: OnRow;
  readonly #rows: RowReader | undefined;
  #length = 0;
  /** Holdings, and parts that are files, that a cell is. */
  readonly #whole = new Set<number>();
  readonly #files = new Set<number>();
  /** Fingerprints found, each once, and how much by their parts. */
  readonly #found = new Set<number>();
  readonly #amounts = new Map<number, readonly [bytes: number, rows: number]>();

  /** @param length of the content in bytes, where it is known: what is as long as no holding is hashed in chunks alone */
  constructor(
    private readonly quarry: Quarry,
    length?: number,
  ) {
    const { index, key } = quarry;
    // A function of its own, which is asked for each row.
    this.#onRow = (content, start, end, delimiter, weak) => {
      if (index.mayHave(weak, 0)) this.#noteRow(weak, content.subarray(start, end), delimiter);
    };
    if (quarry.mayBeWhole(length)) this.#hash = createHash("sha256");
    this.#chunkers = quarry.cuttings.map((cutting) => new Chunker(key.gear, cutting, this.#onChunk));
    if (quarry.hasRows) this.#rows = new RowReader(key.rowPairs, this.#onRow);
  }

  /** @param block may be used again once this returns */
  write(block: Buffer): void {
    this.#hash?.update(block);
    this.#length += block.length;
    for (const chunker of this.#chunkers) chunker.write(block);
    this.#rows?.write(block);
  }

  /** A row that was read elsewhere. */
  row(cells: readonly string[]): void {
    const { index, key, hasRows } = this.quarry;
    if (!hasRows) return;
    // As it would stand in a text: a cell with line ends makes several.
    for (const line of csvRow(cells).split(/\r?\n/)) {
      const bytes = Buffer.from(line);
      const weak = weakOf(key.rowPairs, bytes, 0, bytes.length);
      if (index.mayHave(weak, 0)) this.#noteRow(weak, bytes, DELIMITERS[0] as number);
    }
  }

  /** What stands in one cell, which may be a file of its own. */
  cell(content: Buffer): void {
    const { quarry } = this;
    if (quarry.mayBeWhole(content.length)) this.#noteWhole(createHash("sha256").update(content).digest("hex"), content.length);
    for (const cutting of quarry.cuttings)
      if (content.length > cutting.min) passThrough(new Chunker(quarry.key.gear, cutting, this.#onChunk), content);
    if (quarry.hasRows && content.includes(LF)) passThrough(new RowReader(quarry.key.rowPairs, this.#onRow), content);
  }

  readonly #onChunk: OnChunk = (content, start, end, weak) => {
    const { index, key } = this.quarry;
    if (index.mayHave(weak, end - start)) this.#note(weak, end - start, key.chunk(content.subarray(start, end)));
  };

  end(): readonly Match[] {
    for (const chunker of this.#chunkers) chunker.end();
    this.#rows?.end();
    const digest = this.#hash?.digest("hex") ?? EMPTY;
    if (digest !== EMPTY) this.#noteWhole(digest, this.#length);
    const { sought, parts } = this.quarry;
    const files = new Map([...this.#files].map((part) => [parts.holdings[part] as number, part]));
    const tallied = this.#tallied();
    return [...new Set([...this.#whole, ...files.keys(), ...tallied.keys()])]
      .sort((a, b) => a - b)
      .flatMap((i): Match[] => {
        const { holding, bytes = 0, chunkBytes, rows } = sought[i] as Sought;
        const as = (how: Match["how"], share: number, part?: number): Match => {
          const file = part === undefined ? 0 : (parts.files[part] as number);
          return { holding, how, share, ...(file > 0 && { file }), ...(this.quarry.isFree(i, how) && { free: true }) };
        };
        if (this.#whole.has(i)) return [as("whole", 1000)];
        const file = files.get(i);
        if (file !== undefined) return [as("file", thousandths(parts.bytes[file] as number, bytes), file)];
        const it = tallied.get(i) ?? new Tallied();
        if (it.isTold === "part" || isEnough(it.bytes, chunkBytes)) return [as("part", thousandths(it.bytes, chunkBytes), it.part)];
        if (it.isTold === "rows" || areEnough(it.rows, rows, parts.files[it.part] !== 0))
          return [as("rows", thousandths(it.rows, rows), it.part)];
        return [];
      });
  }

  /** What of the holdings was found in chunks and rows, by their numbers. */
  #tallied(): ReadonlyMap<number, Tallied> {
    const { holdings, files, chunkBytes, rows } = this.quarry.parts;
    const all = new Map<number, Tallied>();
    for (const [part, [ofBytes, ofRows]] of this.#amounts) {
      const holding = holdings[part] as number;
      const tallied = all.get(holding) ?? new Tallied();
      all.set(holding, tallied);
      const isFile = files[part] !== 0;
      const hasPart = isFile && isEnough(ofBytes, chunkBytes[part] as number);
      const hasRows = isFile && areEnough(ofRows, rows[part] as number, true);
      tallied.add(part, ofBytes, ofRows, hasPart ? "part" : hasRows ? "rows" : undefined);
    }
    return all;
  }

  #noteWhole(digest: string, length: number): void {
    for (const holding of this.quarry.withDigest(digest)) this.#whole.add(holding);
    for (const part of this.quarry.filesWith(digest, length)) this.#files.add(part);
  }

  /** Text does not say for certain what separates its cells. @param delimiter most likely */
  #noteRow(weak: number, row: Buffer, delimiter: number): void {
    for (const one of new Set([delimiter, ...DELIMITERS])) if (this.#note(weak, 0, this.quarry.key.row(cellsOf(row, one)))) return;
  }

  /** @returns whether it was sought */
  #note(weak: number, length: number, strong: Buffer): boolean {
    const same = [...this.quarry.index.find({ weak, length, high: strong.readUInt32BE(0), low: strong.readUInt32BE(4) })];
    for (const { number, part } of this.quarry.saying(same)) {
      if (this.#found.has(number)) continue;
      this.#found.add(number);
      const [bytes, rows] = this.#amounts.get(part) ?? [0, 0];
      this.#amounts.set(part, length === 0 ? [bytes, rows + 1] : [bytes + length, rows]);
    }
    return same.length > 0;
  }
}

/** @param of all that there is */
const isEnough = (bytes: number, of: number): boolean => bytes > 0 && bytes >= Math.min(MUCH.bytes, TENTH * of);

function areEnough(rows: number, of: number, isOfFolder: boolean): boolean {
  const many = Math.min(MUCH.rows, TENTH * of);
  return rows > 0 && rows >= (isOfFolder ? Math.max(LEAST_ROWS.folder, many) : Math.min(of, Math.max(LEAST_ROWS.file, many)));
}

function passThrough(reader: Chunker | RowReader, content: Buffer): void {
  reader.write(content);
  reader.end();
}

const thousandths = (part: number, whole: number): number => Math.max(1, Math.floor((1000 * part) / whole));
