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
}

export type Told = { readonly looked: readonly Looked[] } | { readonly bytes: number };

/** Files go to a thread together until they have so many bytes or are so many: a message costs what reading a small file costs. */
const BATCH = { bytes: 4 * 1024 * 1024, files: 64 } as const;
/** Batches given out beyond the one whose answer is waited for: what is known of them is kept in memory. */
const AHEAD = 128;
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
    private readonly onBytes: (bytes: number) => void,
    count = Math.min(MOST_THREADS, availableParallelism()),
  ) {
    for (let i = 0; i < count; i++) this.#start();
  }

  /** Each with what was found in it, in the same order. */
  async *look(files: Iterable<T>): AsyncGenerator<readonly [T, Looked], void> {
    const given: { readonly looked: Promise<readonly (readonly [T, Looked])[]>; isDone: boolean }[] = [];
    for (const batch of batchesOf(files)) {
      const it = {
        isDone: false,
        looked: this.#give(batch).then((looked) => batch.map((file, i) => [file, looked[i] as Looked] as const)),
      };
      void it.looked.then(() => (it.isDone = true));
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
    for (const thread of this.#threads) {
      if (thread.batch !== undefined) continue;
      const batch = this.#waiting.shift();
      if (batch === undefined) return;
      thread.batch = batch;
      thread.worker.postMessage(batch.files.map(({ path, name }) => ({ path, name })));
    }
  }

  #start(): void {
    const worker = new Worker(join(__dirname, "crew-thread.js"), { workerData: this.quarry.data satisfies QuarryData });
    const thread: Thread<T> = { worker, batch: undefined };
    this.#threads.add(thread);
    worker.on("message", (told: Told) => {
      if ("bytes" in told) {
        this.onBytes(told.bytes);
        return;
      }
      thread.batch?.done(told.looked);
      thread.batch = undefined;
      this.#assign();
    });
    worker.on("error", () => undefined);
    worker.on("exit", () => {
      this.#threads.delete(thread);
      if (!this.#isClosed) void this.#replace(thread);
    });
  }

  /** A thread that died, of memory it was not given, looked at something made for that: what it is becomes known by giving each file alone. */
  async #replace({ batch }: Thread<T>): Promise<void> {
    this.#start();
    if (batch === undefined) {
      this.#assign();
      return;
    }
    if (batch.files.length > 1) {
      const all = Promise.all(batch.files.map(async (file) => (await this.#give([file]))[0] as Looked));
      batch.done(await all);
      return;
    }
    const tally = new Tally();
    for (const { name } of batch.files) tally.miss(name, "unreadable");
    batch.done([tally.looked]);
    this.#assign();
  }
}

interface Thread<T extends Given> {
  readonly worker: Worker;
  batch: Batch<T> | undefined;
}

function* batchesOf<T extends Given>(files: Iterable<T>): Generator<readonly T[], void> {
  let [batch, bytes]: [T[], number] = [[], 0];
  for (const file of files) {
    batch.push(file);
    bytes += file.size;
    if (batch.length < BATCH.files && bytes < BATCH.bytes) continue;
    yield batch;
    [batch, bytes] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}
