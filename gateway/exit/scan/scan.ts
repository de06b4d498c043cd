/**
 * Looks through everything below some directories, file by file. What was found in each stands in a journal as soon as it is known, in the order of
 * the walk, so that a scan that was cut off goes on where it was. Memory: the index, the names of a directory, what {@link Tally} lists, and what
 * {@link BOUNDS} allow for one file in each thread.
 */
import { closeSync, createReadStream, existsSync, fsyncSync, openSync, truncateSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { Crew } from "./crew";
import { type Looked, Tally } from "./looked";
import type { Quarry } from "./quarry";
import { type Walked, walk } from "./walk";

export interface Scanning {
  readonly targets: readonly string[];
  /** Directories of the scan itself. */
  readonly own: readonly string[];
  /** File of the journal. */
  readonly journal: string;
  /** What is looked for and where, as text: a journal of another scan begins anew. */
  readonly purpose: string;
  readonly quarry: Quarry;
  /** Unless given, as many as the machine runs at once. */
  readonly threads?: number;
  readonly onProgress?: (done: Progress) => void;
}

export interface Progress {
  /** Of the files, those included that an earlier run had looked through. */
  readonly bytes: number;
  /** Of the latter. */
  readonly resumed: number;
  readonly name: string;
}

export interface Scanned extends Looked {
  readonly files: number;
  /** Files that an earlier run had looked through. */
  readonly resumed: number;
}

interface Line extends Looked {
  readonly name: string;
  readonly version: string;
}

/** Journal lines that may be lost to a power cut: looking through these files again costs little. */
const SYNC_EVERY = 256;

/** Bytes below the targets. */
export function sizeOf(targets: readonly string[]): number {
  let bytes = 0;
  for (const { size } of walk(targets)) bytes += size;
  return bytes;
}

export async function scan(scanning: Scanning): Promise<Scanned> {
  const { targets, own, journal, purpose, quarry, threads, onProgress = () => undefined } = scanning;
  const known = new Known(journal);
  const tally = new Tally();
  let [files, resumed, name] = [0, 0, ""];
  const progress = { bytes: 0, resumed: 0 };
  /** The bytes that threads told of, and those of files that are done: the latter count when the threads have told of none. */
  let [read, done] = [0, 0];
  const tell = (): void => onProgress({ bytes: progress.resumed + Math.max(read, done), resumed: progress.resumed, name });
  if (!(await known.begins(purpose))) known.restart(purpose);

  const walked = walk(targets, own);
  try {
    let next = walked.next();
    for (; next.done !== true; next = walked.next()) {
      const { unread, size } = next.value;
      if (unread !== undefined) {
        tally.miss(next.value.name, unread);
        continue;
      }
      const line = await known.take(next.value.name, next.value.version);
      if (line === undefined) break;
      tally.add(line);
      name = line.name;
      [files, resumed, progress.resumed] = [files + 1, resumed + 1, progress.resumed + size];
      tell();
    }
    if (next.done === true) return { ...tally.looked, files, resumed };

    const onBytes = (bytes: number): void => {
      read += bytes;
      tell();
    };
    const crew = new Crew<Walked>(quarry, onBytes, threads);
    try {
      for await (const [file, looked] of crew.look(readable(next.value, walked, tally))) {
        known.add({ name: file.name, version: file.version, ...looked });
        tally.add(looked);
        name = file.name;
        files++;
        done += file.size;
        tell();
      }
    } finally {
      await crew.close();
    }
    return { ...tally.looked, files, resumed };
  } finally {
    known.close();
  }
}

/** What there is to look through; the rest is told. */
function* readable(first: Walked, others: Iterator<Walked>, tally: Tally): Generator<Walked, void> {
  for (let next: IteratorResult<Walked, unknown> = { value: first }; next.done !== true; next = others.next())
    if (next.value.unread === undefined) yield next.value;
    else tally.miss(next.value.name, next.value.unread);
}

/** The journal: read from its beginning while the walk goes the same way, then written. */
class Known {
  #lines: AsyncIterator<string> | undefined;
  /** Bytes of the journal that hold for this walk. */
  #valid = 0;
  #file: number | undefined;
  #unsynced = 0;

  constructor(private readonly journal: string) {}

  async begins(purpose: string): Promise<boolean> {
    if (!existsSync(this.journal)) return false;
    this.#lines = createInterface({ input: createReadStream(this.journal) })[Symbol.asyncIterator]();
    const first = await this.#lines.next();
    if (first.done === true || first.value !== JSON.stringify({ purpose })) return false;
    this.#valid = Buffer.byteLength(first.value) + 1;
    return true;
  }

  restart(purpose: string): void {
    this.#lines = undefined;
    this.#file = openSync(this.journal, "w", 0o600);
    writeSync(this.#file, `${JSON.stringify({ purpose })}\n`);
  }

  /** What an earlier run found in this version of the file. From the first file that it does not know, nothing of it holds. */
  async take(name: string, version: string): Promise<Line | undefined> {
    if (this.#lines === undefined) return undefined;
    const next = await this.#lines.next();
    if (next.done !== true) {
      const line = parse(next.value);
      if (line?.name === name && line.version === version) {
        this.#valid += Buffer.byteLength(next.value) + 1;
        return line;
      }
    }
    this.#lines = undefined;
    truncateSync(this.journal, this.#valid);
    this.#file = openSync(this.journal, "a", 0o600);
    return undefined;
  }

  add(line: Line): void {
    if (this.#file === undefined) return;
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
    if (++this.#unsynced % SYNC_EVERY === 0) fsyncSync(this.#file);
  }

  close(): void {
    if (this.#file === undefined) return;
    fsyncSync(this.#file);
    closeSync(this.#file);
  }
}

/** A line that was cut off is none. */
function parse(line: string): Line | undefined {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
}
