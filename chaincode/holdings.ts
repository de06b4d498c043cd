/**
 * Holdings (留存数据) in the world state: for each authorization and journal, how many there are and pages of 64 slots; for each scenario and
 * product, how many of them are of it and by whom they were declared, so that whether anything is left of a part is one read a journal.
 */
import type { HoldingDeclaration, HoldingsCount, HoldingsPart, Settled, Whose } from "./events/definition";
import { type Inventory, inventoryOf } from "./proof/inventory";
import { parseHoldingName } from "./proof/holding-name";
import {
  clearHolding,
  declareHolding,
  emptyPage,
  type Holding,
  type HoldingProblem,
  type HoldingSlot,
  type HoldingsPage,
  PAGE_SLOTS,
  pageOf,
  retainHolding,
  attributeHolding,
  strikeHolding,
} from "./proof/holdings-page";
import { keys, type State } from "./state";

/** What is kept of a count: what was settled is counted since 0.6.0, apart what developers declared late since 0.7.0, and stays when nothing is left. */
interface Kept extends HoldingsCount, Accounted {}
interface Accounted {
  readonly settled?: Settled;
  readonly ofDevelopers?: Settled;
}

/** Of an authorization in a journal, with how many were ever declared there, and by the last freeze of an inventory; none of before 0.7.0. */
export interface JournalCount extends Kept {
  readonly declared: number;
  readonly frozen?: number;
}

export type PartKind = "scenario" | "product";

/** Of a part in a journal, of what one party declared; where nothing was ever left or settled there is none. Below zero where an {@link EarlierCount} goes on. */
export interface PartCount extends Kept {
  /** Credit code. */
  readonly party: string;
}

/** The same of all parties, by credit code: as versions before 0.5.0 kept it, under a key without a party. It stands as it was left. */
type EarlierCount = Readonly<Record<string, HoldingsCount>>;

/** What the values below a part's key count, by party. */
export const partCounts = (values: readonly unknown[]): readonly PartCount[] =>
  (values as readonly (PartCount | EarlierCount)[]).flatMap((value) =>
    isPartCount(value) ? [value] : Object.entries(value).map(([party, count]) => ({ party, ...count })),
  );
const isPartCount = (value: PartCount | EarlierCount): value is PartCount => typeof value.party === "string";

/** What is counted of each party, where anything is. */
export function byParty(counts: readonly PartCount[]): Readonly<Record<string, HoldingsCount>> {
  const all = new Map<string, HoldingsCount>();
  for (const { party, ...count } of counts) all.set(party, sum(all.get(party) ?? NONE, count));
  return Object.fromEntries([...all].filter(([, count]) => !isNone(count)));
}

const NONE: HoldingsCount = { outstanding: 0, retained: 0, logs: 0 };
const isNone = ({ outstanding, retained, logs }: HoldingsCount): boolean => outstanding === 0 && retained === 0 && logs === 0;
const sum = (a: HoldingsCount, b: HoldingsCount, sign: 1 | -1 = 1): HoldingsCount => ({
  outstanding: a.outstanding + sign * b.outstanding,
  retained: a.retained + sign * b.retained,
  logs: a.logs + sign * b.logs,
});

/** What was settled, by all these counts. @param late with what developers declared late */
export const settledIn = (counts: readonly Accounted[], late: boolean): Settled =>
  counts.reduce<Settled>((total, { settled, ofDevelopers }) => {
    const own = together(total, settled);
    return late ? together(own, ofDevelopers) : own;
  }, UNSETTLED);

const ACCOUNTED = { developers: "ofDevelopers", others: "settled" } as const satisfies Readonly<Record<Whose, keyof Accounted>>;
const isUnsettled = ({ settled, ofDevelopers }: Accounted): boolean => settled === undefined && ofDevelopers === undefined;
const UNSETTLED: Settled = { count: 0, last: 0 };
const together = (a: Settled, b: Settled = UNSETTLED): Settled => ({ count: a.count + b.count, last: Math.max(a.last, b.last) });

/** As what one slot counts. */
function counted(slot: Holding | undefined): HoldingsCount {
  if (slot === undefined) return NONE;
  const retained = slot.until === undefined ? 0 : 1;
  return { outstanding: 1 - retained, retained, logs: slot.form === "log" ? retained : 0 };
}

/** What stands in the slot of a holding that a party declares. */
export function declaredHolding({ scenario, product, holdings }: HoldingDeclaration, ordinal: number, party: string): Holding {
  const held = holdings[ordinal];
  if (held === undefined) throw new RangeError(`no holding ${ordinal}`);
  return {
    digest: held.digest,
    form: held.form,
    party,
    ...(scenario === undefined ? {} : { scenario }),
    ...(product === undefined ? {} : { product }),
    ...(held.platform === "off" ? { off: true } : {}),
  };
}

function partsOf({ scenario, product }: { readonly scenario?: string | undefined; readonly product?: string | undefined }) {
  const parts: (readonly [PartKind, string])[] = [];
  if (scenario !== undefined) parts.push(["scenario", scenario]);
  if (product !== undefined) parts.push(["product", product]);
  return parts;
}

/** Keys of the counts that a declaration changes. */
export function countsOf(declaration: HoldingDeclaration | undefined, journal: string, party: string): readonly string[] {
  if (declaration === undefined || declaration.holdings.length === 0) return [];
  const { authorization } = declaration;
  return [
    keys.holdings(authorization, journal),
    ...partsOf(declaration).map(([kind, id]) => keys.part(authorization, kind, id, journal, party)),
  ];
}

/** All reads throw `NotLoaded` as {@link State} does. */
export class Holdings {
  readonly #state: State;
  /** Slots of the holdings declared in this transaction or named beside the leaf at hand. */
  readonly #slots = new Map<string, number>();

  /** @param now the transaction's time, milliseconds since 1970 */
  constructor(
    state: State,
    private readonly now: number,
  ) {
    this.#state = state;
  }

  /** What the sender says is the slot of a holding. It need not be true: the slot has the name. */
  locate(name: string, slot: number): void {
    if (!this.#slots.has(name)) this.#slots.set(name, slot);
  }

  declare(authorization: string, journal: string, name: string, what: Holding): number {
    const slot = this.#count(authorization, journal).declared;
    if (slot % PAGE_SLOTS === 0) this.#state.know(keys.page(authorization, journal, pageOf(slot)), undefined);
    this.#update(authorization, journal, slot, (page) => declareHolding(page, slot, name, what), slot + 1);
    this.#slots.set(name, slot);
    return slot;
  }

  /** Of an authorization, or of a part of it, in all journals. */
  total(authorization: string, part?: HoldingsPart): HoldingsCount {
    return this.#counts(authorization, part).reduce<HoldingsCount>((total, count) => sum(total, count), NONE);
  }

  /** Of the same. @param late with what developers declared late */
  settled(authorization: string, part: HoldingsPart | undefined, late: boolean): Settled {
    return settledIn(this.#counts(authorization, part), late);
  }

  /** What is declared from now on is late. */
  freeze(authorization: string): void {
    for (const [key, count] of this.#state.entriesUnder<JournalCount>("holdings", authorization))
      this.#state.put(key, { ...count, frozen: count.declared });
  }

  #counts(authorization: string, part: HoldingsPart | undefined): readonly Kept[] {
    if (part === undefined) return this.#state.under("holdings", authorization) as readonly JournalCount[];
    const [kind, id] = "scenario" in part ? (["scenario", part.scenario] as const) : (["product", part.product] as const);
    const { parties } = part;
    const counts = partCounts(this.#state.under("part", authorization, kind, id));
    return counts.filter(({ party }) => parties?.includes(party) !== false);
  }

  /** All that is held, from the pages of every journal. */
  inventory(authorization: string, part?: HoldingsPart): Inventory {
    return inventoryOf((this.#state.under("page", authorization) as readonly HoldingsPage[]).flat(), part);
  }

  find(authorization: string, name: string): HoldingSlot | undefined {
    const place = this.#place(name);
    if (place === undefined) return undefined;
    return this.#page(authorization, place.journal, place.slot).find((slot) => slot.slot === place.slot && slot.holding === name);
  }

  /** Whether a holding of that name was there and is cleared: as far as a slot tells that is taken and empty. */
  isCleared(authorization: string, name: string): boolean {
    const place = this.#place(name);
    if (place === undefined || place.slot >= this.#count(authorization, place.journal).declared) return false;
    return !this.#page(authorization, place.journal, place.slot).some(({ slot }) => slot === place.slot);
  }

  clear(authorization: string, name: string, digest: string, whose: Whose): void {
    this.#change(authorization, name, (page, declared, slot) => clearHolding(page, declared, slot, name, digest), whose);
  }

  strike(authorization: string, name: string): void {
    this.#change(authorization, name, (page, declared, slot) => strikeHolding(page, declared, slot, name));
  }

  retain(authorization: string, name: string, digest: string, until: string, whose: Whose): void {
    this.#change(authorization, name, (page, declared, slot) => retainHolding(page, declared, slot, name, digest, until), whose);
  }

  attribute(authorization: string, name: string, product: string): void {
    this.#change(authorization, name, (page, declared, slot) => attributeHolding(page, declared, slot, name, product));
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
    settles?: Whose,
  ): void {
    const place = this.#place(name);
    if (place === undefined) return;
    const { declared } = this.#count(authorization, place.journal);
    const changing = (page: HoldingsPage): HoldingsPage => {
      const changed = change(page, declared, place.slot);
      return typeof changed === "string" ? page : changed;
    };
    this.#update(authorization, place.journal, place.slot, changing, declared, settles);
  }

  /** One slot changes, and all that counts it. @param settles whose it is, where what is outstanding no more is accounted for by that */
  #update(
    authorization: string,
    journal: string,
    slot: number,
    change: (page: HoldingsPage) => HoldingsPage,
    declared: number,
    settles?: Whose,
  ): void {
    const page = this.#page(authorization, journal, slot);
    const changed = change(page);
    if (changed === page) return;
    const isIt = (other: HoldingSlot): boolean => other.slot === slot;
    const [before, after] = [page.find(isIt), changed.find(isIt)];
    const difference = sum(counted(after), counted(before), -1);
    // What is retained was accounted for when it was, and once is enough.
    const { frozen, ...whole } = this.#count(authorization, journal);
    const isLate = frozen !== undefined && slot >= frozen;
    const column = settles === undefined || difference.outstanding >= 0 ? undefined : isLate ? ACCOUNTED[settles] : "settled";
    const counting = (count: Kept, difference: HoldingsCount): Kept => {
      const { settled, ofDevelopers } = count;
      return {
        ...sum(count, difference),
        ...{ ...(settled && { settled }), ...(ofDevelopers && { ofDevelopers }) },
        ...(column && { [column]: together({ count: 1, last: this.now }, count[column]) }),
      };
    };
    this.#state.put(keys.page(authorization, journal, pageOf(slot)), changed.length === 0 ? undefined : changed);
    const line = frozen === undefined ? {} : { frozen };
    this.#state.put(keys.holdings(authorization, journal), { declared, ...line, ...counting(whole, difference) });
    const one = after ?? before;
    if (one === undefined) return;
    const was = new Set(before === undefined ? [] : partsOf(before).map(([kind]) => kind));
    for (const [kind, id] of partsOf(one)) {
      const key = keys.part(authorization, kind, id, journal, one.party);
      // What is attributed to a part comes to it whole.
      const now = counting(this.#state.get(key) ?? NONE, was.has(kind) ? difference : counted(after));
      this.#state.put(key, isNone(now) && isUnsettled(now) ? undefined : { party: one.party, ...now });
    }
  }

  #count(authorization: string, journal: string): JournalCount {
    return this.#state.get(keys.holdings(authorization, journal)) ?? { declared: 0, frozen: 0, ...NONE };
  }

  #page(authorization: string, journal: string, slot: number): HoldingsPage {
    return this.#state.get(keys.page(authorization, journal, pageOf(slot))) ?? emptyPage;
  }
}
