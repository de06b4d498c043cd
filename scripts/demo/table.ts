/** Tables in files: CSV (RFC 4180) read and written, JSON arrays of records read; every file with the digest of its exact bytes. */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { csvRow } from "../../gateway/csv";

/** One row; every cell is the text that stood in the file, an absent one is empty. */
export type Row = Readonly<Record<string, string>>;

/** A file as an event reports it: SHA-256 in lower-case hex of its bytes, and how many rows of data it holds. */
export interface DataFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly rows: number;
}

export interface Table {
  readonly file: DataFile;
  readonly fields: readonly string[];
  readonly rows: readonly Row[];
}

/** Why a step of the pipeline could not be done. */
export class PipelineError extends Error {
  constructor(
    readonly code: "field-unknown" | "table-malformed" | "nothing-found",
    message: string,
  ) {
    super(message);
  }
}

/**
 * Reads a table, `.json` or else CSV.
 * @throws {PipelineError} `table-malformed` when the file as a whole is no table. A single bad row is kept, with what cells it has
 * empty, so that cleaning drops it and counts it.
 */
export async function readTable(path: string): Promise<Table> {
  const bytes = await readFile(path);
  const content = bytes.toString("utf8").replace(/^\uFEFF/, "");
  const { fields, rows } = path.endsWith(".json") ? fromJson(content, path) : fromCsv(content, path);
  return { file: describe(path, bytes, rows.length), fields, rows };
}

/** Writes rows as CSV: these fields in this order, LF at line ends. */
export async function writeTable(path: string, fields: readonly string[], rows: readonly Row[]): Promise<DataFile> {
  const lines = [fields.join(","), ...rows.map((row) => csvRow(fields.map((name) => row[name] ?? "")))];
  return writeText(path, `${lines.join("\n")}\n`, rows.length);
}

export async function writeText(path: string, content: string, rows: number): Promise<DataFile> {
  const bytes = Buffer.from(content, "utf8");
  await writeFile(path, bytes);
  return describe(path, bytes, rows);
}

/** The rows by key, in the order in which each key first appears. */
export function grouped(rows: Iterable<Row>, keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

function describe(path: string, bytes: Buffer, rows: number): DataFile {
  return { path, sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length, rows };
}

type Content = Pick<Table, "fields" | "rows">;

function fromJson(content: string, path: string): Content {
  const records = parseJson(content, path);
  if (!Array.isArray(records)) throw new PipelineError("table-malformed", `${path} is not a JSON array of records`);
  const fields = new Set<string>();
  const rows = records.map((record: unknown) => {
    const cells = typeof record === "object" && record !== null ? Object.entries(record) : [];
    for (const [name] of cells) fields.add(name);
    return Object.fromEntries(cells.map(([name, value]: [string, unknown]) => [name, cell(value)]));
  });
  return { fields: [...fields], rows };
}

function parseJson(content: string, path: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new PipelineError("table-malformed", `${path}: ${String(cause)}`);
  }
}

const cell = (value: unknown): string => (typeof value === "string" ? value : value === null ? "" : JSON.stringify(value));

function fromCsv(content: string, path: string): Content {
  const [fields, ...lines] = records(content, path);
  if (fields === undefined) throw new PipelineError("table-malformed", `${path} is empty`);
  // A line of another length fits no column for certain: all its cells stay empty.
  const rows = lines.map((cells) =>
    cells.length === fields.length ? Object.fromEntries(fields.map((name, i) => [name, cells[i] ?? ""])) : {},
  );
  return { fields, rows };
}

/** The records of a CSV text, RFC 4180: quoted cells may hold separators, line ends and doubled quotes. */
function records(content: string, path: string): string[][] {
  const all: string[][] = [];
  let cells: string[] = [];
  const token = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  while (token.lastIndex < content.length) {
    const match = token.exec(content);
    if (match === null) throw new PipelineError("table-malformed", `${path}: a stray quote in record ${all.length + 1}`);
    const [, quoted, plain = "", end] = match;
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    all.push(cells);
    cells = [];
  }
  return all;
}
