/**
 * Looks through everything below some directories, file by file. What was found in each stands in a journal as soon as it is known, so that a scan that was cut off goes on where it was; one that was not is over, and the next looks at everything. Memory: the index, the names of a directory, what {@link JUDGED} allows, and what
 * {@link BOUNDS} allow for one file in each thread.
 */
import { closeSync, createReadStream, existsSync, fstatSync, fsyncSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { createInterface, type Interface } from "node:readline";
import { Crew, MOST_AHEAD } from "./crew";
import { judge, type Judged } from "./kept";
import { JUDGED, type Looked, Tally, type Unread } from "./looked";
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
    const { quarry, scratch, threads, stores = [] } = this.scanning;
    const onBytes = (bytes: number): void => {
      this.#bytes.read += bytes;
      this.#tell(this.#name);
    };
    const crew = new Crew<Walked & { readonly known?: Looked }>(quarry, scratch, onBytes, threads);
    try {
      const all = crew.look(this.#walked(), ({ name, version }, looked) => this.known.add({ name, version, ...looked }));
      for await (const [{ name, size, unread, known }, looked] of all) {
        this.#tally.add(looked);
        if (unread !== undefined) continue;
        this.#files++;
        if (known === undefined) this.#bytes.done += size;
        else {
          this.#resumed++;
          this.#bytes.known += size;
        }
        this.#tell(name);
      }
    } finally {
      await crew.close();
    }
    for (const [name, open] of stores) {
      this.#tell(name);
      this.#tally.add(await lookThroughTables(open, name, quarry));
    }
    const { looked } = this.#tally;
    return { ...looked, ...judge(quarry, looked), files: this.#files, resumed: this.#resumed };
  }

  /** With what an earlier run found. */
  async *#walked(): AsyncGenerator<Walked & { readonly known?: Looked }, void> {
    for (const walked of walk(this.scanning.targets, this.scanning.own)) {
      const { name, version, unread } = walked;
      const known = unread === undefined ? await this.known.take(name, version) : missed(name, unread);
      yield known === undefined ? walked : { ...walked, known };
    }
  }

  #tell(name: string): void {
    this.#name = name;
    const { known, done, read } = this.#bytes;
    this.scanning.onProgress?.({ bytes: known + Math.max(done, read), resumed: known, name });
  }
}

function missed(name: string, reason: Unread): Looked {
  const tally = new Tally();
  tally.miss(name, reason);
  return tally.looked;
}

/** Last line of the journal of a scan that was not cut off. */
const ENDED = `${JSON.stringify({ ended: true })}\n`;

const beginning = (purpose: string): string => JSON.stringify({ looking: LOOKING, purpose });

/**
 * The journal: read along with the walk, then written further. Its lines stand in the order in which files were done, which is that of the walk but for
 * {@link MOST_AHEAD}: a large file at the beginning loses nothing of what was done beside it.
 */
class Known {
  #reading: Interface | undefined;
  #lines: AsyncIterator<string> | undefined;
  /** Read, and not yet come to in the walk. */
  readonly #ahead = new Map<string, Line>();
  #file: number | undefined;
  #unsynced = 0;

  constructor(private readonly journal: string) {}

  async begins(purpose: string): Promise<boolean> {
    if (!existsSync(this.journal) || statSync(this.journal).size === 0 || hasEnded(this.journal)) return false;
    this.#reading = createInterface({ input: createReadStream(this.journal, { end: statSync(this.journal).size - 1 }) });
    this.#lines = this.#reading[Symbol.asyncIterator]();
    const first = await this.#lines.next();
    if (first.done === true || first.value !== beginning(purpose)) return false;
    this.#file = openSync(this.journal, "a", 0o600);
    writeSync(this.#file, "\n"); // Its last line may have been cut off.
    return true;
  }

  restart(purpose: string): void {
    this.#reading?.close();
    this.#lines = undefined;
    this.#file = openSync(this.journal, "w", 0o600);
    writeSync(this.#file, `${beginning(purpose)}\n`);
  }

  /** What an earlier run found in this version of the file. */
  async take(name: string, version: string): Promise<Line | undefined> {
    while (this.#lines !== undefined && !this.#ahead.has(name) && this.#ahead.size < MOST_AHEAD) {
      const next = await this.#lines.next();
      if (next.done === true) this.#lines = undefined;
      const line = next.done === true ? undefined : parse(next.value);
      if (line !== undefined) this.#ahead.set(line.name, line);
    }
    const line = this.#ahead.get(name);
    this.#ahead.delete(name);
    return line?.version === version ? line : undefined;
  }

  add(line: Line): void {
    if (this.#file === undefined) return;
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
    if (++this.#unsynced % SYNC_EVERY === 0) fsyncSync(this.#file);
  }

  /** What is found from now on is another scan's to find. */
  end(): void {
    if (this.#file !== undefined) writeSync(this.#file, ENDED);
  }

  close(): void {
    this.#reading?.close();
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
