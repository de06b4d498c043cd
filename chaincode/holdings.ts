/** Holdings (留存数据) in the world state: for each authorization and journal, how many there are and pages of 64 slots. */
import type { HoldingsCount } from "./events/definition";
import { parseHoldingName } from "./proof/holding-name";
import {
  clearHolding,
  declareHolding,
  emptyPage,
  type HoldingProblem,
  type HoldingSlot,
  type HoldingsPage,
  outstanding,
  PAGE_SLOTS,
  pageOf,
  retainHolding,
  strikeHolding,
} from "./proof/holdings-page";
import { keys, type State } from "./state";

const NONE: HoldingsCount = { declared: 0, outstanding: 0, retained: 0 };

/** All reads throw `NotLoaded` as {@link State} does. */
export class Holdings {
  readonly #state: State;
  /** Slots of the holdings declared in this transaction or named beside the leaf at hand. */
  readonly #slots = new Map<string, number>();

  constructor(state: State) {
    this.#state = state;
  }

  /** What the sender says is the slot of a holding. It need not be true: the slot has the name. */
  locate(name: string, slot: number): void {
    if (!this.#slots.has(name)) this.#slots.set(name, slot);
  }

  declare(authorization: string, journal: string, name: string, digest: string): number {
    const slot = this.#count(authorization, journal).declared;
    if (slot % PAGE_SLOTS === 0) this.#state.know(keys.page(authorization, journal, pageOf(slot)), undefined);
    this.#update(authorization, journal, slot, (page) => declareHolding(page, slot, name, digest), slot + 1);
    this.#slots.set(name, slot);
    return slot;
  }

  /** Of an authorization in all journals. */
  total(authorization: string): HoldingsCount {
    const counts = this.#state.under("holdings", authorization) as readonly HoldingsCount[];
    return counts.reduce(
      (sum, count) => ({
        declared: sum.declared + count.declared,
        outstanding: sum.outstanding + count.outstanding,
        retained: sum.retained + count.retained,
      }),
      NONE,
    );
  }

  find(authorization: string, name: string): HoldingSlot | undefined {
    const place = this.#place(name);
    if (place === undefined) return undefined;
    return this.#page(authorization, place.journal, place.slot).find((slot) => slot.slot === place.slot && slot.holding === name);
  }

  clear(authorization: string, name: string, digest: string): void {
    this.#change(authorization, name, (page, declared, slot) => clearHolding(page, declared, slot, name, digest));
  }

  strike(authorization: string, name: string): void {
    this.#change(authorization, name, (page, declared, slot) => strikeHolding(page, declared, slot, name));
  }

  retain(authorization: string, name: string, digest: string, until: string): void {
    this.#change(authorization, name, (page, declared, slot) => retainHolding(page, declared, slot, name, digest, until));
  }

  #place(name: string): { readonly journal: string; readonly slot: number } | undefined {
    const journal = parseHoldingName(name)?.journal;
    const slot = this.#slots.get(name);
    return journal === undefined || slot === undefined ? undefined : { journal, slot };
  }

  #change(
    authorization: string,
    name: string,
    change: (page: HoldingsPage, declared: number, slot: number) => HoldingsPage | HoldingProblem,
  ): void {
    const place = this.#place(name);
    if (place === undefined) return;
    const { declared } = this.#count(authorization, place.journal);
    this.#update(authorization, place.journal, place.slot, (page) => {
      const changed = change(page, declared, place.slot);
      return typeof changed === "string" ? page : changed;
    });
  }

  #update(
    authorization: string,
    journal: string,
    slot: number,
    change: (page: HoldingsPage) => HoldingsPage,
    declared = this.#count(authorization, journal).declared,
  ): void {
    const count = this.#count(authorization, journal);
    const before = this.#page(authorization, journal, slot);
    const after = change(before);
    if (after === before) return;
    this.#state.put(keys.page(authorization, journal, pageOf(slot)), after.length === 0 ? undefined : after);
    this.#state.put(keys.holdings(authorization, journal), {
      declared,
      outstanding: count.outstanding + outstanding(after) - outstanding(before),
      retained: count.retained + retained(after) - retained(before),
    });
  }

  #count(authorization: string, journal: string): HoldingsCount {
    return this.#state.get(keys.holdings(authorization, journal)) ?? NONE;
  }

  #page(authorization: string, journal: string, slot: number): HoldingsPage {
    return this.#state.get(keys.page(authorization, journal, pageOf(slot))) ?? emptyPage;
  }
}

const retained = (page: HoldingsPage): number => page.length - outstanding(page);
