/** Threads that look through files, as many as the machine runs at once; what they find is told in the order in which the files were given. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { type Looked, Tally } from "./looked";
import type { Quarry, QuarryData } from "./quarry";

/** A file to look through. */
export interface Given {
  readonly path: Uint8Array;
  readonly name: string;
  readonly size: number;
  /** A LevelDB folder; a file that is read as a part of one. */
  readonly isLevel?: boolean;
  readonly isOfDatabase?: boolean;
  /** What was found in it before: it is not looked through again. */
  readonly known?: Looked;
}

/** What each thread is given at its start. */
export interface Task {
  readonly quarry: QuarryData;
  /** Folder for what readers of databases need. */
  readonly scratch: string;
}

export type Told = { readonly looked: readonly Looked[] } | { readonly bytes: number };

/** Files go to a thread together until they have so many bytes or are so many: a message costs what reading a small file costs. */
const BATCH = { bytes: 4 * 1024 * 1024, files: 64 } as const;
/** Batches given out beyond the one whose answer is waited for: what is known of them is kept in memory. */
const AHEAD = 128;
/** Files given out before one that is not done yet. */
export const MOST_AHEAD = (AHEAD + 1) * BATCH.files;
const MOST_THREADS = 16;

interface Batch<T extends Given> {
  readonly files: readonly T[];
  readonly done: (looked: readonly Looked[]) => void;
}

export class Crew<T extends Given> {
  readonly #threads = new Set<Thread<T>>();
  readonly #waiting: Batch<T>[] = [];
  #isClosed = false;

  constructor(
    private readonly quarry: Quarry,
    private readonly scratch: string,
    private readonly onBytes: (bytes: number) => void,
    private readonly count = Math.min(MOST_THREADS, availableParallelism()),
  ) {}

  /**
   * Each with what was found in it, in the same order.
   * @param onLooked told of those that were not known as soon as they are, in any order
   */
  async *look(files: AsyncIterable<T>, onLooked: (file: T, looked: Looked) => void): AsyncGenerator<readonly [T, Looked], void> {
    const given: { readonly looked: Promise<readonly (readonly [T, Looked])[]>; isDone: boolean }[] = [];
    const lookAt = async (batch: readonly T[]): Promise<readonly (readonly [T, Looked])[]> => {
      const looked = await this.#give(batch);
      return batch.map((file, i) => {
        onLooked(file, looked[i] as Looked);
        return [file, looked[i] as Looked];
      });
    };
    for await (const batch of batchesOf(files)) {
      const known = batch.flatMap((file) => (file.known === undefined ? [] : [[file, file.known] as const]));
      const it = { isDone: false, looked: known.length > 0 ? Promise.resolve(known) : lookAt(batch) };
      const done = (): unknown => (it.isDone = true);
      void it.looked.then(done, done);
      given.push(it);
      await nextTurn();
      while (given[0]?.isDone === true || given.length > AHEAD) yield* (await given.shift()?.looked) ?? [];
    }
    for (const { looked } of given) yield* await looked;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#threads].map((thread) => thread.worker.terminate()));
  }

  #give(files: readonly T[]): Promise<readonly Looked[]> {
    return new Promise((done) => {
      this.#waiting.push({ files, done });
      this.#assign();
    });
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const thread = [...this.#threads].find(({ batch }) => batch === undefined) ?? this.#start();
      if (thread === undefined) return;
      thread.batch = this.#waiting.shift();
      const files = (thread.batch?.files ?? []).map(({ path, name, size, isLevel, isOfDatabase }): Given => ({
        ...{ path, name, size },
        ...(isLevel && { isLevel }),
        ...(isOfDatabase && { isOfDatabase }),
      }));
      thread.worker.postMessage(files);
    }
  }

  #start(): Thread<T> | undefined {
    if (this.#threads.size >= this.count) return undefined;
    const task: Task = { quarry: this.quarry.data, scratch: this.scratch };
    const worker = new Worker(join(__dirname, "crew-thread.js"), { workerData: task });
    const thread: Thread<T> = { worker, batch: undefined };
    this.#threads.add(thread);
    worker.on("message", (told: Told) => {
      if ("bytes" in told) {
        this.onBytes(told.bytes);
        return;
      }
      const { batch } = thread;
      thread.batch = undefined;
      batch?.done(told.looked);
      this.#assign();
    });
    worker.on("error", () => undefined);
    worker.on("exit", () => {
      this.#threads.delete(thread);
      if (!this.#isClosed && thread.batch !== undefined) void this.#repeat(thread.batch);
    });
    return thread;
  }

  /** A thread died, of memory it was not given, over a file made for that: which it is becomes known by giving each alone. */
  async #repeat({ files, done }: Batch<T>): Promise<void> {
    if (files.length > 1) {
      const all = await Promise.all(files.map((file) => this.#give([file])));
      done(all.flat());
      return;
    }
    const tally = new Tally();
    for (const { name } of files) tally.miss(name, "unreadable");
    done([tally.looked]);
    this.#assign();
  }
}

interface Thread<T extends Given> {
  readonly worker: Worker;
  batch: Batch<T> | undefined;
}

/** In each all are known or none is. */
async function* batchesOf<T extends Given>(files: AsyncIterable<T>): AsyncGenerator<readonly T[], void> {
  let [batch, bytes]: [T[], number] = [[], 0];
  for await (const file of files) {
    const isKnown = file.known !== undefined;
    if (batch[0] !== undefined && (batch[0].known !== undefined) !== isKnown) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(file);
    bytes += isKnown ? 0 : file.size;
    if (batch.length < BATCH.files && bytes < BATCH.bytes) continue;
    yield batch;
    [batch, bytes] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}
