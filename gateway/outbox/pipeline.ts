/** The outbox put together: from an admitted event to its block. */
import type { Clock } from "../config";
import { signPromise } from "../evidence/promise";
import type { SignerKey } from "../evidence/note-key";
import { type Ledger, LedgerError } from "../ledger/port";
import { Acts } from "./acts";
import { Anchorer } from "./anchorer";
import { Batcher } from "./batcher";
import { Duplicates, type Journals } from "./duplicates";
import { Journal } from "./journal";
import type { Known } from "./known";
import { Outbox } from "./outbox";
import type { Progress } from "./progress";
import { Slots } from "./slots";
import { OutboxStore } from "./store";

export interface PipelineOptions {
  readonly directory: string;
  readonly ledger: Ledger;
  readonly known: Known;
  readonly journals: Journals;
  /** Told of the read model's progress from before the pipeline is opened. */
  readonly progress: Progress;
  /** Signs promises. */
  readonly key: SignerKey;
  readonly clock: Clock;
  readonly promiseMinutes: number;
  readonly outboxBytes: number;
  /** How long an act's sender waits, milliseconds. */
  readonly patience: number;
  readonly onError: (error: unknown) => void;
}

export class Pipeline {
  private constructor(
    readonly journals: Journals,
    readonly progress: Progress,
    readonly outbox: Outbox,
    readonly acts: Acts,
    readonly anchorer: Anchorer,
    private readonly store: OutboxStore,
  ) {}

  static async open(options: PipelineOptions): Promise<Pipeline> {
    const { ledger, known, journals, progress, key, promiseMinutes, onError } = options;
    const store = await OutboxStore.open(options.directory);
    const duplicates = new Duplicates(store, known, progress, journals);
    const slots = new Slots(known, progress);
    const facts = new Journal(ledger, journals.facts);
    const acts = new Journal(ledger, journals.acts);
    const promise = ({ from, size, root }: { from: number; size: number; root: string }): Promise<string> => {
      const now = options.clock();
      const deadline = new Date(now + promiseMinutes * 60_000).toISOString();
      return signPromise({ journal: journals.facts, from, size, root, deadline, iat: Math.floor(now / 1000) }, key);
    };
    const outbox = await Outbox.open(
      { journal: facts.name, store, duplicates, progress, promise, bound: options.outboxBytes, onError },
      await sizeIfReached(facts),
    );
    const pipeline = new Pipeline(
      journals,
      progress,
      outbox,
      new Acts({ journal: acts, duplicates, slots, progress, patience: options.patience, onError }),
      new Anchorer({ journal: facts, batcher: new Batcher(facts.name, store, slots, progress), progress, slots, onError }),
      store,
    );
    progress.onProjected(() => {
      pipeline.outbox.projected(progress.projected(facts.name));
      pipeline.acts.projected(progress.projected(acts.name));
    });
    return pipeline;
  }

  /** Takes nothing more, and answers what it has taken. */
  async drain(): Promise<void> {
    await Promise.all([this.outbox.close(), this.acts.close()]);
  }

  /** Finishes what is in flight. What still waits is taken up by the next process. */
  async close(): Promise<void> {
    await this.drain();
    this.progress.close();
    await this.anchorer.stop();
    // The read model may go on for a while; what it tells from now on is for the next process.
    this.progress.onProjected(() => undefined);
    await this.outbox.close();
    await this.store.close();
  }
}

/** @returns undefined while the ledger is out of reach: facts are taken all the same */
async function sizeIfReached(journal: Journal): Promise<number | undefined> {
  try {
    return await journal.size();
  } catch (error) {
    if (error instanceof LedgerError && error.code === "unavailable") return undefined;
    throw error;
  }
}
