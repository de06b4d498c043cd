/** Slots of holdings: the contract finds a holding by its slot, so the gateway writes the slots of the holdings that an event names beside its leaf. */
import { encodeSlots } from "../../chaincode/batch";
import { formatHoldingName, parseHoldingName } from "../../chaincode/proof/holding-name";
import type { Known } from "./known";
import type { Progress } from "./progress";

/** A slot never changes, so those met lately are remembered; this many names, some 15 MB. */
const REMEMBERED = 100_000;

export class Slots {
  readonly #met = new Map<string, number>();

  constructor(
    private readonly known: Pick<Known, "slot">,
    private readonly progress: Progress,
  ) {}

  /** What a transaction answered: slots of the holdings that the event at an index declared, by ordinal. */
  learn(journal: string, declared: readonly (readonly [index: number, slots: readonly number[]])[]): void {
    for (const [index, slots] of declared)
      slots.forEach((slot, ordinal) => this.#remember(formatHoldingName({ journal, index, ordinal }), slot));
  }

  /**
   * What follows a leaf that names holdings, in a batch that continues `journal` at `from`. Waits for holdings that this gateway has accepted
   * and that have no slot yet; leaves out what the batch itself declares, which the contract knows, and what nobody knows.
   */
  async beside(names: readonly string[], journal: string, from: number): Promise<Buffer> {
    const slots = await Promise.all(names.map((name) => this.#slot(name, journal, from)));
    return encodeSlots(slots);
  }

  async #slot(name: string, batch: string, from: number): Promise<number | undefined> {
    const { progress } = this;
    const met = this.#met.get(name);
    if (met !== undefined) return met;
    const holding = parseHoldingName(name);
    if (holding === undefined) return undefined;
    const { journal, index } = holding;
    if (journal === batch && index >= from) return undefined;
    if (progress.owns(journal)) {
      if (index >= progress.accepted(journal)) return undefined;
      await progress.until(() => this.#met.has(name) || progress.projected(journal) > index);
    }
    const slot = this.#met.get(name) ?? (await this.known.slot(name));
    if (slot !== undefined) this.#remember(name, slot);
    return slot;
  }

  #remember(name: string, slot: number): void {
    for (const oldest of this.#met.keys()) {
      if (this.#met.size < REMEMBERED) break;
      this.#met.delete(oldest);
    }
    this.#met.set(name, slot);
  }
}
