/** The outbox put together: from an admitted event to its block. */
import { join } from "node:path";
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
import { Progress } from "./progress";
import { Slots } from "./slots";
import { OutboxStore } from "./store";

export interface PipelineOptions {
  readonly directory: string;
  readonly ledger: Ledger;
  readonly known: Known;
  readonly journals: Journals;
  /** How far the read model is. */
  readonly projected: Readonly<Record<string, number>>;
  /** Signs promises. */
  readonly key: SignerKey;
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
    const { ledger, known, journals, key, promiseMinutes, onError } = options;
    const store = await OutboxStore.open(join(options.directory));
    const progress = new Progress();
    for (const [journal, size] of Object.entries(options.projected)) progress.nowProjected(journal, size);
    const duplicates = new Duplicates(store, known, progress, journals);
    const slots = new Slots(known, progress);
    const facts = new Journal(ledger, journals.facts);
    const acts = new Journal(ledger, journals.acts);
    const promise = ({ from, size, root }: { from: number; size: number; root: string }): Promise<string> => {
      const now = Date.now();
      const deadline = new Date(now + promiseMinutes * 60_000).toISOString();
      return signPromise({ journal: journals.facts, from, size, root, deadline, iat: Math.floor(now / 1000) }, key);
    };
    const outbox = await Outbox.open(
      { journal: facts.name, store, duplicates, progress, promise, bound: options.outboxBytes, onError },
      await sizeIfReached(facts),
    );
    progress.nowAnchored(acts.name, (await sizeIfReached(acts)) ?? 0);
    const batcher = new Batcher(facts.name, store, slots, progress);
    return new Pipeline(
      journals,
      progress,
      outbox,
      new Acts({ journal: acts, duplicates, slots, progress, patience: options.patience, onError }),
      new Anchorer({ journal: facts, batcher, progress, slots, onError }),
      store,
    );
  }

  /** The read model shows this much of each journal. */
  projected(sizes: Readonly<Record<string, number>>): void {
    for (const [journal, size] of Object.entries(sizes)) this.progress.nowProjected(journal, size);
    const { facts, acts } = this.journals;
    this.outbox.projected(this.progress.projected(facts));
    this.acts.projected(this.progress.projected(acts));
  }

  /** Takes nothing more, answers what it has taken, finishes what is in flight. */
  async close(): Promise<void> {
    await Promise.all([this.outbox.close(), this.acts.close()]);
    this.progress.close();
    await this.anchorer.stop();
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
