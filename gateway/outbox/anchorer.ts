/** Facts to the ledger: in journal order, one transaction in flight. Whatever goes wrong, the head of the journal says what came of it. */
import { setTimeout as sleep } from "node:timers/promises";
import { LedgerError, type Trouble, troubleOf } from "../ledger/port";
import { BATCH_LINES, type Batch, type Batcher } from "./batcher";
import { backoff, type Journal, refusalOf } from "./journal";
import type { Progress } from "./progress";
import type { Slots } from "./slots";

/** A transaction costs some milliseconds whatever it holds, so that they follow each other no faster than this, and hold what has arrived by then. */
const PACE_MS = 200;
/** After this many conflicts in a row a batch is halved: less of it may be in the way of others. */
const CONFLICTS = 3;

export interface AnchorerOptions {
  readonly journal: Journal;
  readonly batcher: Batcher;
  readonly progress: Progress;
  readonly slots: Slots;
  /** Told of every failure; anchoring goes on. */
  readonly onError: (error: unknown) => void;
}

export class Anchorer {
  readonly #options: AnchorerOptions;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #most: number;
  #conflicts = 0;
  #failures = 0;
  #trouble: Trouble | undefined;

  constructor(options: AnchorerOptions) {
    this.#options = options;
    this.#most = BATCH_LINES[options.journal.kind];
    this.#running = this.#run();
  }

  /** Failures since the ledger last recorded something. */
  get failures(): number {
    return this.#failures;
  }

  /** What the last of them was. */
  get trouble(): Trouble | undefined {
    return this.#trouble;
  }

  /** What is in flight is finished; call it after `progress` is closed. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { batcher, progress, journal, onError } = this.#options;
    let known = false;
    while (!this.#stopping.signal.aborted) {
      try {
        if (!known) await this.#askWhatIsDone();
        known = true;
        const batch = await batcher.next(progress.anchored(journal.name), this.#most);
        if (batch === undefined) return;
        known = false;
        const pace = this.#pause(PACE_MS);
        await this.#append(batch);
        known = true;
        this.#recovered();
        await pace;
      } catch (error) {
        onError(error);
        this.#trouble = troubleOf(error);
        await this.#pause(backoff(this.#failures++));
      }
    }
  }

  /** What the ledger holds is done, the rest is sent again: after a crash, and whenever the outcome is not known. */
  async #askWhatIsDone(): Promise<void> {
    const { progress, journal } = this.#options;
    const size = await journal.size();
    if (size < progress.anchored(journal.name) || size > progress.accepted(journal.name)) {
      throw new Error(
        `${journal.name} has ${size} events on the ledger, while this gateway knows ${progress.anchored(journal.name)} of them and ` +
          `has accepted ${progress.accepted(journal.name)}: either store was put back to an earlier state, or another gateway writes this journal`,
      );
    }
    progress.nowAnchored(journal.name, size);
    // Nothing waits any more that the next failure could be about.
    if (size === progress.accepted(journal.name)) this.#recovered();
  }

  #recovered(): void {
    this.#failures = 0;
    this.#trouble = undefined;
  }

  async #append(batch: Batch): Promise<void> {
    const { journal, slots, progress } = this.#options;
    try {
      const { size, declared } = await journal.append(batch.from, batch.bytes);
      slots.learn(journal.name, declared);
      progress.nowAnchored(journal.name, size);
      [this.#most, this.#conflicts] = [BATCH_LINES[journal.kind], 0];
    } catch (error) {
      if (error instanceof LedgerError && error.code === "conflict") this.#conflicts++;
      if (this.#conflicts === CONFLICTS || refusalOf(error)?.code === "batch-too-large") {
        [this.#most, this.#conflicts] = [Math.max(1, batch.lines >> 1), 0];
      }
      throw error;
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    const { signal } = this.#stopping;
    await sleep(milliseconds, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
