/**
 * A fact is voided and corrected by whose it is. The contract sees a fact only when it is recorded, and knows whose it was where it found something
 * in it: here every leaf is at hand, and what somebody says of another's fact is not shown with it.
 */
import { isAct } from "../../chaincode/events/correction";
import type { RecordedEvent } from "../../chaincode/events/envelope";
import { correctedBy } from "./corrections";
import { readEntry } from "./entries";
import { type Position, positionOf } from "./place";
import { type Batch, type Known, parsed, recordingsOf } from "./recording";
import type { Store } from "./store";
import type { SubjectWriter } from "./subjects";

/** Types that say of a fact that it does not count. */
export const OF_FACTS: ReadonlySet<string> = new Set(["suyuan.correction.voided", "suyuan.correction.corrected"]);

export class OwnFacts {
  /** @param journals numbers of the journals that there are, by name */
  constructor(
    private readonly store: Store,
    private readonly batches: readonly Batch[],
    private readonly journals: ReadonlyMap<string, number>,
    private readonly subjects: SubjectWriter,
  ) {}

  /** Places (`MSPID/journal/index`) of the corrections of this block that speak of facts which are not their party's own. */
  async meddling(): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (const batch of this.batches.filter(({ journal }) => isAct(`${journal}/`))) {
      for (const { known, place } of recordingsOf(batch, 0)) {
        if (known === undefined || !OF_FACTS.has(known.type.type)) continue;
        if (!(await this.#isOwn(known))) found.add(`${batch.journal}/${place.index}`);
      }
    }
    return found;
  }

  async #isOwn(correction: Known): Promise<boolean> {
    const { party } = correction.event;
    const { former = [] } = ((await this.subjects.current("party", party)) ?? {}) as { readonly former?: readonly string[] };
    return correctedBy(correction).every((fact) => {
      const whose = this.#whose(positionOf(fact));
      return whose === party || (whose !== undefined && former.includes(whose));
    });
  }

  #whose({ journal, index }: Position): string | undefined {
    const number = this.journals.get(journal);
    const leaf =
      this.#here({ journal, index }) ?? (number === undefined ? undefined : readEntry(this.store, { journal: number, index })?.leaf);
    const event = leaf && (parsed(Buffer.from(leaf).toString("utf8")) as Partial<RecordedEvent> | null | undefined);
    return event?.party;
  }

  /** Of this block, which the database does not show yet. */
  #here({ journal, index }: Position): Uint8Array | undefined {
    const batch = this.batches.find(({ journal: name, from, size }) => name === journal && from <= index && index < size);
    if (batch === undefined) return undefined;
    for (const { place, leaf } of recordingsOf(batch, 0)) if (place.index === index) return leaf;
    return undefined;
  }
}
