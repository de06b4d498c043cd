/** Compares one piece of content, of whatever length, with what is looked for. */
import { createHash, type Hash } from "node:crypto";
import { csvRow } from "../../csv";
import { Chunker, type OnChunk } from "./chunker";
import type { Quarry, Sought } from "./quarry";
import { cellsOf, LF, type OnRow, RowReader, weakOf } from "./rows";

/** `whole`: the very bytes; `part`: chunks of it; `rows`: rows of it. */
export interface Match {
  readonly holding: string;
  readonly how: "whole" | "part" | "rows";
  /** How much of the holding was found, in thousandths. */
  readonly share: number;
  /** It may be there, however often: nothing that ends has that content (see `kept`). */
  readonly free?: true;
}

/** What is found of a holding is told from a tenth of it on, or from so much on: less is what files have in common. */
const TENTH = 0.1;
const MUCH = { bytes: 1024 * 1024, rows: 1000 };
const LEAST_ROWS = 3;

const EMPTY = createHash("sha256").digest("hex");

export class Matcher {
  readonly #hash: Hash | undefined;
  readonly #chunkers: readonly Chunker[];
  readonly #onRow: OnRow;
  readonly #rows: RowReader | undefined;
  /** Holdings that a cell is. */
  readonly #whole = new Set<number>();
  /** Fingerprints found, each once. */
  readonly #found = new Set<number>();
  readonly #bytesOf = new Map<number, number>();
  readonly #rowsOf = new Map<number, number>();

  /** @param length of the content in bytes, where it is known: what is as long as no holding is hashed in chunks alone */
  constructor(
    private readonly quarry: Quarry,
    length?: number,
  ) {
    const { index, key } = quarry;
    // A function of its own, which is asked for each row.
    this.#onRow = (content, start, end, delimiter, weak) => {
      if (index.mayHave(weak, 0)) this.#note(weak, 0, key.row(cellsOf(content.subarray(start, end), delimiter)));
    };
    if (quarry.mayBeWhole(length)) this.#hash = createHash("sha256");
    this.#chunkers = quarry.cuttings.map((cutting) => new Chunker(key.gear, cutting, this.#onChunk));
    if (quarry.hasRows) this.#rows = new RowReader(key.rowPairs, this.#onRow);
  }

  /** @param block may be used again once this returns */
  write(block: Buffer): void {
    this.#hash?.update(block);
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
      if (index.mayHave(weak, 0)) this.#note(weak, 0, key.row(cellsOf(bytes)));
    }
  }

  /** What stands in one cell, which may be a file of its own. */
  cell(content: Buffer): void {
    const { quarry } = this;
    if (quarry.mayBeWhole(content.length))
      for (const it of quarry.withDigest(createHash("sha256").update(content).digest("hex"))) this.#whole.add(it);
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
    const { sought } = this.quarry;
    const digest = this.#hash?.digest("hex") ?? EMPTY;
    const same = [...this.#whole, ...(digest === EMPTY ? [] : this.quarry.withDigest(digest))];
    const numbers = new Set([...same, ...this.#bytesOf.keys(), ...this.#rowsOf.keys()]);
    return [...numbers]
      .sort((a, b) => a - b)
      .flatMap((i): Match[] => {
        const { holding, chunkBytes, rows } = sought[i] as Sought;
        const as = (how: Match["how"], share: number): Match => ({
          holding,
          how,
          share,
          ...(this.quarry.isFree(i, how) && { free: true }),
        });
        if (same.includes(i)) return [as("whole", 1000)];
        const [bytes, found] = [this.#bytesOf.get(i) ?? 0, this.#rowsOf.get(i) ?? 0];
        if (bytes > 0 && bytes >= Math.min(MUCH.bytes, TENTH * chunkBytes)) return [as("part", thousandths(bytes, chunkBytes))];
        if (found > 0 && found >= Math.min(rows, Math.max(LEAST_ROWS, Math.min(MUCH.rows, TENTH * rows))))
          return [as("rows", thousandths(found, rows))];
        return [];
      });
  }

  #note(weak: number, length: number, strong: Buffer): void {
    const same = [...this.quarry.index.find(weak, length, strong)];
    const shared = new Set(same.flatMap(({ holding }) => this.quarry.goingOn(holding) ?? []));
    for (const { number, holding } of same) {
      // What goes on has it too: only of a twin it says something.
      if (shared.size > 0 && !shared.has(this.quarry.sought[holding]?.digest ?? "")) continue;
      if (this.#found.has(number)) continue;
      this.#found.add(number);
      const [of, amount] = length === 0 ? [this.#rowsOf, 1] : [this.#bytesOf, length];
      of.set(holding, (of.get(holding) ?? 0) + amount);
    }
  }
}

function passThrough(reader: Chunker | RowReader, content: Buffer): void {
  reader.write(content);
  reader.end();
}

const thousandths = (part: number, whole: number): number => Math.max(1, Math.floor((1000 * part) / whole));
