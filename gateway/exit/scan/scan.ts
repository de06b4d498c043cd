/**
 * Looks through everything below some directories, file by file. What was found in each stands in a journal as soon as it is known, in the order of
 * the walk, so that a scan that was cut off goes on where it was; one that was not is over, and the next looks at everything. Memory: the index, the names of a directory, what {@link JUDGED} allows, and what
 * {@link BOUNDS} allow for one file in each thread.
 */
import { closeSync, createReadStream, existsSync, fstatSync, fsyncSync, openSync, readSync, truncateSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { Crew } from "./crew";
import { judge, type Judged } from "./kept";
import { JUDGED, type Looked, Tally } from "./looked";
import type { Quarry } from "./quarry";
import type { Tables } from "../tables/tables";
import { lookThroughTables } from "./table-content";
import { type Walked, walk } from "./walk";

export interface Scanning {
  readonly targets: readonly string[];
  /** Directories of the scan itself. */
  readonly own: readonly string[];
  /** File of the journal. */
  readonly journal: string;
  /** Existing folder for what readers of databases need: nothing of it is left. */
  readonly scratch: string;
  /** Databases that are no files, under the names by which they are told. They are looked through at each run. */
  readonly stores?: ReadonlyMap<string, () => Promise<Tables>>;
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

export interface Scanned extends Omit<Looked, "found">, Judged {
  readonly files: number;
  /** Files that an earlier run had looked through. */
  readonly resumed: number;
}

interface Line extends Looked {
  readonly name: string;
  readonly version: string;
}

/** In which way files are looked through. Raised whenever more may be told of the same file: what was looked through in an earlier way is looked through again. */
const LOOKING = 4;

/** Journal lines that may be lost to a power cut: looking through these files again costs little. */
const SYNC_EVERY = 256;

/** Bytes below the targets. */
export function sizeOf(targets: readonly string[]): number {
  let bytes = 0;
  for (const { size } of walk(targets)) bytes += size;
  return bytes;
}

export async function scan(scanning: Scanning): Promise<Scanned> {
  const known = new Known(scanning.journal);
  if (!(await known.begins(scanning.purpose))) known.restart(scanning.purpose);
  try {
    const scanned = await new Scan(scanning, known).run();
    known.end();
    return scanned;
  } finally {
    known.close();
  }
}

class Scan {
  readonly #tally = new Tally(JUDGED);
  #files = 0;
  #resumed = 0;
  /** Bytes of files: known before, done, and read so far by what the threads say. */
  #bytes = { known: 0, done: 0, read: 0 };
  #name = "";

  constructor(
    private readonly scanning: Scanning,
    private readonly known: Known,
  ) {}

  async run(): Promise<Scanned> {
    const walked = walk(this.scanning.targets, this.scanning.own);
    const first = await this.#recall(walked);
    if (first !== undefined) await this.#look(this.#readable(first, walked));
    for (const [name, open] of this.scanning.stores ?? []) {
      this.#tell(name);
      this.#tally.add(await lookThroughTables(open, name, this.scanning.quarry));
    }
    const { looked } = this.#tally;
    return { ...looked, ...judge(this.scanning.quarry, looked), files: this.#files, resumed: this.#resumed };
  }

  /** Takes what an earlier run found. @returns the first file that it does not know */
  async #recall(walked: Iterator<Walked, void>): Promise<Walked | undefined> {
    for (let next = walked.next(); next.done !== true; next = walked.next()) {
      const { name, version, size, unread } = next.value;
      const line = unread === undefined ? await this.known.take(name, version) : undefined;
      if (unread !== undefined) this.#tally.miss(name, unread);
      else if (line === undefined) return next.value;
      else {
        this.#tally.add(line);
        this.#files++;
        this.#resumed++;
        this.#bytes.known += size;
        this.#tell(name);
      }
    }
    return undefined;
  }

  async #look(files: Iterable<Walked>): Promise<void> {
    const { quarry, scratch, threads } = this.scanning;
    const onBytes = (bytes: number): void => {
      this.#bytes.read += bytes;
      this.#tell(this.#name);
    };
    const crew = new Crew<Walked>(quarry, scratch, onBytes, threads);
    try {
      for await (const [{ name, version, size }, looked] of crew.look(files)) {
        this.known.add({ name, version, ...looked });
        this.#tally.add(looked);
        this.#files++;
        this.#bytes.done += size;
        this.#tell(name);
      }
    } finally {
      await crew.close();
    }
  }

  /** What there is to look through; the rest is told. */
  *#readable(first: Walked, others: Iterator<Walked, void>): Generator<Walked, void> {
    for (let next: IteratorResult<Walked, void> = { value: first }; next.done !== true; next = others.next()) {
      if (next.value.unread === undefined) yield next.value;
      else this.#tally.miss(next.value.name, next.value.unread);
    }
  }

  #tell(name: string): void {
    this.#name = name;
    const { known, done, read } = this.#bytes;
    this.scanning.onProgress?.({ bytes: known + Math.max(done, read), resumed: known, name });
  }
}

/** Last line of the journal of a scan that was not cut off. */
const ENDED = `${JSON.stringify({ ended: true })}\n`;

const beginning = (purpose: string): string => JSON.stringify({ looking: LOOKING, purpose });

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
    if (first.done === true || first.value !== beginning(purpose) || hasEnded(this.journal)) return false;
    this.#valid = Buffer.byteLength(first.value) + 1;
    return true;
  }

  restart(purpose: string): void {
    this.#lines = undefined;
    this.#file = openSync(this.journal, "w", 0o600);
    writeSync(this.#file, `${beginning(purpose)}\n`);
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
    this.#append();
    return undefined;
  }

  #append(): void {
    this.#lines = undefined;
    truncateSync(this.journal, this.#valid);
    this.#file = openSync(this.journal, "a", 0o600);
  }

  add(line: Line): void {
    if (this.#file === undefined) return;
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
    if (++this.#unsynced % SYNC_EVERY === 0) fsyncSync(this.#file);
  }

  /** What is found from now on is another scan's to find. */
  end(): void {
    if (this.#file === undefined) this.#append();
    if (this.#file !== undefined) writeSync(this.#file, ENDED);
  }

  close(): void {
    if (this.#file === undefined) return;
    fsyncSync(this.#file);
    closeSync(this.#file);
  }
}

function hasEnded(journal: string): boolean {
  const [file, end] = [openSync(journal, "r"), Buffer.alloc(ENDED.length)];
  try {
    const read = readSync(file, end, 0, end.length, Math.max(0, fstatSync(file).size - end.length));
    return end.toString("latin1", 0, read) === ENDED;
  } finally {
    closeSync(file);
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
