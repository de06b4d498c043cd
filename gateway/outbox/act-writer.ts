/** Acts to the ledger, several in a transaction: where the ledger refuses some, those are answered and the rest goes again. */
import { setTimeout as sleep } from "node:timers/promises";
import type { RefusedLine } from "../../chaincode/errors";
import { isQuarantined } from "../../chaincode/events/judge";
import type { Appended } from "../../chaincode/append";
import { LedgerError } from "../ledger/port";
import type { Act } from "./act";
import { deflate } from "./batcher";
import type { Duplicates } from "./duplicates";
import { backoff, type Journal, refusalOf } from "./journal";
import type { Progress } from "./progress";
import { keyOf } from "./recent";
import type { Slots } from "./slots";

const LINE_FEED = Buffer.from("\n");
/** After this many conflicts the acts are halved; one alone is tried longer, for some two seconds: what ends an exit rests on all that is held, which others may be declaring. */
const CONFLICTS = { together: 3, alone: 6 };

export interface ActWriterOptions {
  readonly journal: Journal;
  readonly duplicates: Duplicates;
  readonly slots: Slots;
  readonly progress: Progress;
  /** Told of every failure that is not the act's own. */
  readonly onError: (error: unknown) => void;
}

/** What the ledger said; only the size where the answer itself was lost. */
type Answer = Pick<Appended, "size"> & Partial<Appended>;

export class ActWriter {
  constructor(
    private readonly options: ActWriterOptions,
    private readonly stopping: AbortSignal,
  ) {}

  /** Resolves when the ledger has spoken about each, or cannot be reached. One call at a time. */
  async write(acts: readonly Act[]): Promise<void> {
    const { journal, progress } = this.options;
    let left = acts;
    for (let conflicts = 0; ;) {
      const from = progress.anchored(journal.name);
      const slots = await this.#slots(left, from);
      // Whose sender has lost patience is left out; those that leave now cannot be taken back.
      left = left.filter((act) => act.outcome === undefined);
      if (left.length === 0) return;
      for (const act of left) act.sent = true;
      try {
        const lines = left.flatMap((act) => [act.leaf, slots.get(act) ?? LINE_FEED]);
        this.#recorded(left, from, await this.#append(from, await deflate(Buffer.concat(lines)), left.length));
        return;
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        for (const act of left) act.sent = false;
        const refusal = refusalOf(error);
        if (refusal?.code === "acts-refused") left = withoutRefused(left, refusal.details.lines ?? []);
        else {
          this.options.onError(error);
          if (refusal?.code === "not-next") progress.nowAnchored(journal.name, refusal.details.size ?? from);
          else if (error.code === "conflict" && ++conflicts < CONFLICTS[left.length > 1 ? "together" : "alone"])
            await this.#pause(conflicts);
          else if ((error.code === "conflict" || refusal?.code === "batch-too-large") && left.length > 1) {
            await this.write(left.slice(0, left.length >> 1));
            left = left.slice(left.length >> 1);
          } else {
            const reason = error.code === "conflict" ? "ledger-busy" : "ledger-unavailable";
            for (const act of left) act.settle({ state: "refused", reason });
            return;
          }
        }
      }
    }
  }

  /** What follows the leaves that name holdings. */
  async #slots(acts: readonly Act[], from: number): Promise<ReadonlyMap<Act, Buffer>> {
    const naming = acts.filter(({ entry }) => entry.names.length > 0);
    const beside = naming.map(({ entry }) => this.options.slots.beside(entry.names, this.options.journal.name, from));
    return new Map((await Promise.all(beside)).map((slots, i) => [naming[i] as Act, slots]));
  }

  /**
   * Submits until it is known what became of the batch.
   *
   * Once an outcome is unknown, the same batch is sent again at the same place until the ledger holds it: only one of the two can be
   * valid, because both continue the journal from the same size. A refusal is believed even then: the same batch was not refused the first time, so what
   * it reads has changed since, and that makes the first one invalid.
   */
  async #append(from: number, batch: Uint8Array, acts: number): Promise<Answer> {
    const { journal, onError } = this.options;
    let uncertain = false;
    for (let tries = 0; ; tries++) {
      try {
        return await journal.append(from, batch);
      } catch (error) {
        const code = error instanceof LedgerError ? error.code : "outcome-unknown";
        const moved = refusalOf(error)?.code === "not-next";
        if (code === "refused" ? !(moved && uncertain) : code !== "outcome-unknown" && !uncertain) throw error;
        onError(error);
      }
      uncertain = true;
      const size = await this.#size();
      if (size >= from + acts) return { size: from + acts };
      await this.#pause(tries);
    }
  }

  /** Of the journal, as soon as the ledger can say. */
  async #size(): Promise<number> {
    for (let tries = 0; ; tries++) {
      try {
        return await this.options.journal.size();
      } catch (error) {
        this.options.onError(error);
        await this.#pause(tries);
      }
    }
  }

  #recorded(acts: readonly Act[], from: number, { size, findings = [], declared = [] }: Answer): void {
    const { journal, duplicates, slots, progress } = this.options;
    const quarantined = new Set(findings.filter(([, breaches]) => isQuarantined(breaches)).map(([index]) => index));
    slots.learn(journal.name, declared);
    for (const [i, { entry }] of acts.entries()) duplicates.acts.add(keyOf(entry), from + i);
    progress.nowAnchored(journal.name, size);
    for (const [i, act] of acts.entries()) {
      const index = from + i;
      const state = quarantined.has(index) ? "quarantined" : "anchored";
      act.settle({ state, journal: journal.name, index, leafHash: act.leafHash });
    }
  }

  /** @throws AbortError when the gateway stops */
  async #pause(tries: number): Promise<void> {
    await sleep(backoff(tries), undefined, { signal: this.stopping });
  }
}

function withoutRefused(acts: readonly Act[], lines: readonly RefusedLine[]): readonly Act[] {
  for (const [line, [first, ...others]] of lines) {
    if (first !== undefined) acts[line]?.settle({ state: "refused", reason: "rule", breaches: [first, ...others] });
  }
  return acts.filter((act) => act.outcome === undefined);
}
