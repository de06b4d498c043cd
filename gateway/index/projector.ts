/** Keeps the read model up with the ledger: feeds blocks to the thread that projects them, no faster than it can. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Block, type Ledger, LedgerError, type Trouble, troubleOf } from "../ledger/port";
import type { ProjectorState } from "./projector-messages";
import { ProjectorThread } from "./projector-thread";

export type { ProjectorState } from "./projector-messages";

export interface ProjectorOptions {
  /** Of the read model; made when it does not exist. */
  readonly directory: string;
  readonly ledger: Ledger;
  /** Told after each block, once it can be read. */
  readonly onProjected: (state: ProjectorState) => void;
  /** Told of every failure; the projector tries again by itself. */
  readonly onError: (error: unknown) => void;
}

/** Blocks sent to the thread and not projected yet, so that it need not wait for the next. */
const AHEAD = 2;
const RETRY_MS = 1000;

export class Projector {
  readonly #stopping = new AbortController();
  #state: ProjectorState;
  #running: Promise<void> = Promise.resolve();
  #trouble: Trouble | undefined;

  private constructor(
    private readonly options: ProjectorOptions,
    state: ProjectorState,
  ) {
    this.#state = state;
  }

  /**
   * Resolves once the read model shows everything that the ledger holds now, so that nothing recorded is taken for new. While the ledger
   * cannot be reached, it resolves with what was projected before.
   * @throws what went wrong before that, but for the ledger not being reached
   */
  static async start(options: ProjectorOptions): Promise<Projector> {
    const { thread, state } = await ProjectorThread.open(options.directory);
    const projector = new Projector(options, state);
    await new Promise<void>((resolve, reject) => {
      projector.#running = projector.#run(thread, resolve, reject);
    });
    return projector;
  }

  get state(): ProjectorState {
    return this.#state;
  }

  /** Why it does not follow the ledger at the moment. */
  get trouble(): Trouble | undefined {
    return this.#trouble;
  }

  /** Finishes the blocks under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(first: ProjectorThread, caughtUp: () => void, failed: (error: unknown) => void): Promise<void> {
    let thread: ProjectorThread | undefined = first;
    let begun = false;
    while (!this.#stopping.signal.aborted) {
      try {
        thread ??= (await ProjectorThread.open(this.options.directory)).thread;
        await this.#compare(thread);
        const height = await this.options.ledger.height();
        this.#trouble = undefined;
        await this.#feed(thread, height, () => {
          begun = true;
          caughtUp();
        });
      } catch (error) {
        const isUnreached = error instanceof LedgerError;
        if (!begun && !isUnreached) {
          this.#stopping.abort();
          failed(error);
          break;
        }
        begun = true;
        this.#trouble = troubleOf(error);
        caughtUp();
        this.options.onError(error);
        await sleep(RETRY_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      }
      if (thread?.ended.aborted === true) thread = undefined;
    }
    await thread?.stop();
  }

  /** Makes sure that the read model was built from this very ledger. */
  async #compare(thread: ProjectorThread): Promise<void> {
    const { ledger } = this.options;
    const { height } = this.#state;
    const block = height > 0 && (await ledger.height()) >= height ? await blockAt(ledger, height - 1) : undefined;
    this.#advance(await thread.compare(block));
  }

  /** Until the projector stops, the thread ends or the ledger cannot be reached. @param caughtUp called once the height is reached */
  async #feed(thread: ProjectorThread, height: number, caughtUp: () => void): Promise<void> {
    const advance = (state: ProjectorState): void => {
      this.#advance(state);
      if (state.height >= height) caughtUp();
    };
    advance(this.#state);
    const signal = AbortSignal.any([this.#stopping.signal, thread.ended]);
    const ahead: Promise<void>[] = [];
    try {
      for await (const block of this.options.ledger.blocks(this.#state.height, signal)) {
        const projected = thread.project(block).then(advance);
        // It is awaited below, perhaps not before the next block comes.
        projected.catch(() => undefined);
        ahead.push(projected);
        if (ahead.length >= AHEAD) await ahead.shift();
      }
      await Promise.all(ahead);
    } finally {
      await Promise.allSettled(ahead);
    }
    if (thread.ended.aborted) throw thread.ended.reason;
  }

  #advance(state: ProjectorState): void {
    this.#state = state;
    this.options.onProjected(state);
  }
}

async function blockAt(ledger: Ledger, number: number): Promise<Block | undefined> {
  for await (const block of ledger.blocks(number)) return block;
  return undefined;
}
