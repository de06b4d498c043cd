/**
 * Looks through everything below some directories, file by file. What was found in each stands in a journal as soon as it is known, so that a scan
 * that was cut off goes on where it was. Memory: the index, one line of the journal, and what {@link BOUNDS} allow for one file.
 */
import { closeSync, createReadStream, existsSync, fsyncSync, openSync, truncateSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { type Looked, lookThrough, type Unread } from "./content";
import type { Quarry } from "./matcher";
import { walk } from "./walk";

export interface Scanning {
  readonly targets: readonly string[];
  /** Directories of the scan itself. */
  readonly own: readonly string[];
  /** File of the journal. */
  readonly journal: string;
  /** What is looked for and where, as text: a journal of another scan begins anew. */
  readonly purpose: string;
  readonly quarry: Quarry;
  readonly onProgress?: (done: { readonly bytes: number; readonly name: string }) => void;
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

export async function scan({ targets, own, journal, purpose, quarry, onProgress = () => undefined }: Scanning): Promise<Scanned> {
  const known = new Known(journal);
  const total = {
    files: 0,
    resumed: 0,
    objects: 0,
    bytes: 0,
    found: [] as Scanned["found"][number][],
    unread: [] as Scanned["unread"][number][],
  };
  if (!(await known.begins(purpose))) known.restart(purpose);
  let bytes = 0;
  try {
    for (const { path, name, size, version, unread } of walk(targets, own)) {
      let line: Line | undefined;
      if (unread !== undefined)
        line = { name, version, objects: 0, bytes: 0, found: [], unread: [{ object: name, reason: unread satisfies Unread }] };
      else {
        line = await known.take(name, version);
        if (line !== undefined) total.resumed++;
        else {
          const start = bytes;
          let read = 0;
          const looked = await lookThrough(path, name, quarry, (more) => onProgress({ bytes: start + (read += more), name }));
          line = { name, version, objects: looked.objects, bytes: looked.bytes, found: looked.found, unread: looked.unread };
          known.add(line);
        }
        total.files++;
      }
      total.objects += line.objects;
      total.bytes += line.bytes;
      total.found.push(...line.found);
      total.unread.push(...line.unread);
      onProgress({ bytes: (bytes += size), name });
    }
    return total;
  } finally {
    known.close();
  }
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
