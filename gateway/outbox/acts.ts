/** Acts wait here: an act is recorded, or refused, while its sender waits. Those that arrive meanwhile go together. Nothing of an act is stored here. */
import { setTimeout as sleep } from "node:timers/promises";
import { MAX_INFLATED_BYTES } from "../../chaincode/batch";
import { Act } from "./act";
import { ActWriter, type ActWriterOptions } from "./act-writer";
import { type Entry, type Outcome, sameContent } from "./entry";
import { keyOf } from "./recent";

/** One transaction takes this many acts, or bytes of them: a refusal sends the rest again. */
const TOGETHER = 500;
const TOGETHER_BYTES = MAX_INFLATED_BYTES / 2;
/** Acts that may wait. */
const WAITING = 10_000;

export interface ActsOptions extends ActWriterOptions {
  /** How long a sender waits for the ledger's word, milliseconds. */
  readonly patience: number;
}

export class Acts {
  readonly #options: ActsOptions;
  readonly #stopping = new AbortController();
  readonly #writer: ActWriter;
  /** Every act without an outcome, by its pair: who sends it again waits for the same one. */
  readonly #open = new Map<string, Act>();
  #waiting: Act[] = [];
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  #caughtUp = false;

  constructor(options: ActsOptions) {
    this.#options = options;
    this.#writer = new ActWriter(options, this.#stopping.signal);
  }

  /** How many acts have no outcome yet. */
  get open(): number {
    return this.#open.size;
  }

  /** Records acts; resolves to one outcome for each in the same order, `pending` where the ledger has not spoken in time. */
  async record(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    const acts = entries.map((entry) => this.#take(entry));
    if (!this.#isRunning) this.#running = this.#run();
    const answered = new AbortController();
    const signal = AbortSignal.any([answered.signal, this.#stopping.signal]);
    const impatience = sleep(this.#options.patience, undefined, { signal }).catch(() => undefined);
    await Promise.race([Promise.all(acts.flatMap((act) => (act instanceof Act ? [act.done] : []))), impatience]);
    answered.abort();
    return acts.map((act) => (act instanceof Act ? this.#outcomeOf(act) : act));
  }

  /** The read model shows everything below `size`. */
  projected(size: number): void {
    this.#options.duplicates.acts.projected(size);
  }

  /** What is on its way to the ledger is finished; a ledger that cannot be reached is not waited for. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  #take(entry: Entry): Act | Outcome {
    const key = keyOf(entry);
    const open = this.#open.get(key);
    if (open !== undefined) return sameContent(open.entry.leaf, entry.leaf) ? open : { state: "refused", reason: "conflicting-report" };
    if (this.#stopping.signal.aborted) return { state: "refused", reason: "stopping" };
    if (this.#waiting.length >= WAITING) return { state: "refused", reason: "outbox-full" };
    const act = new Act(entry);
    this.#open.set(key, act);
    void act.done.then(() => this.#open.delete(key));
    this.#waiting.push(act);
    return act;
  }

  #outcomeOf(act: Act): Outcome {
    if (!act.sent) act.settle({ state: "refused", reason: "ledger-unavailable" });
    return act.outcome ?? { state: "pending", journal: this.#options.journal.name, leafHash: act.leafHash };
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0 && !this.#stopping.signal.aborted) {
      const acts = this.#next();
      try {
        await this.#writer.write(await this.#fresh(acts));
      } catch (error) {
        if (!isAbort(error)) this.#options.onError(error);
        for (const act of acts) if (!act.sent) act.settle({ state: "refused", reason: "ledger-unavailable" });
      }
    }
    this.#isRunning = false;
  }

  #next(): readonly Act[] {
    let [acts, bytes] = [0, 0];
    for (const { leaf } of this.#waiting) {
      if (acts === TOGETHER || (acts > 0 && bytes + leaf.length > TOGETHER_BYTES)) break;
      acts++;
      bytes += leaf.length;
    }
    return this.#waiting.splice(0, acts);
  }

  /** Before the first act: what earlier processes recorded must stand in the read model, because memory does not know it. */
  async #catchUp(): Promise<void> {
    if (this.#caughtUp) return;
    const { journal, progress } = this.#options;
    const size = await journal.size();
    progress.nowAnchored(journal.name, size);
    await progress.until(() => progress.projected(journal.name) >= size);
    this.#caughtUp = true;
  }

  /** Those that are not on the ledger yet; the others get their first answer, or learn that their id has been used. */
  async #fresh(acts: readonly Act[]): Promise<readonly Act[]> {
    const { duplicates } = this.#options;
    await this.#catchUp();
    const positions = await duplicates.positions(acts.map(({ entry }) => entry));
    const fresh: Act[] = [];
    for (const [i, act] of acts.entries()) {
      const earlier = positions[i] ?? [];
      if (earlier.length === 0) fresh.push(act);
      else act.settle((await duplicates.firstAnswer(act.entry, earlier)) ?? { state: "refused", reason: "conflicting-report" });
    }
    return fresh;
  }
}

/** The gateway stops while it waits to ask again. */
const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";
