/**
 * Holdings (留存数据): the slot of each, which the outbox sends beside a leaf that names it; the pages of the world state, which say what
 * is outstanding; and what became of the others.
 */
import { formatHoldingName, parseHoldingName } from "../../chaincode/proof/holding-name";
import { type Form, type HoldingsPage, pageOf } from "../../chaincode/proof/holdings-page";
import type { Breach } from "../../chaincode/events/judge";
import { splitKey } from "../../chaincode/state";
import type { StateWrite } from "../ledger/port";
import type { Access } from "./access";
import { readEntries } from "./entries";
import { isVisible } from "./events";
import { keys, lastPart, under } from "./keys";
import type { Place, Position } from "./place";
import { type Known, knownOf, type Recording } from "./recording";
import { fromJson, type Changes, type Store, toJson } from "./store";
import type { View } from "./view";

/** What became of a holding: the last part of the type of the event that says so (`deleted`, `struck`, `retained`). */
export type Fate = readonly [state: string, journal: number, index: number];

/** The act by which a holding came to be of a product. */
export type Release = readonly [product: string, journal: number, index: number];

const OUTSTANDING = "outstanding";

/** Types of events that change the state of the holdings that they name. */
const CHANGING: ReadonlySet<string> = new Set([
  "suyuan.holding.deleted",
  "suyuan.holding.retained",
  "suyuan.holding.transferred",
  "suyuan.holding.struck",
  "suyuan.exit.logs-disposed",
]);
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(["holding-mismatch", "not-your-event"]);

/** Whether the ledger let a fact change the holding that it names: name and digest agreed, and it was for that party to say. */
export const hadEffect = (breaches: readonly Breach[]): boolean => !breaches.some(({ code }) => WITHOUT_EFFECT.has(code));

const stateAfter = (type: string): string => type.slice(type.lastIndexOf(".") + 1);

/** Says of holdings that were declared for no product of which they are. */
const RELEASED = "suyuan.product.released";

export const HOLDING_STATES: readonly string[] = [OUTSTANDING, ...[...CHANGING].map(stateAfter)];

/** Collects what one block says of holdings. */
export class HoldingWriter {
  readonly #fates = new Map<string, Fate[]>();
  readonly #releases = new Map<string, Release>();

  constructor(
    private readonly store: Store,
    private readonly changes: Changes,
  ) {}

  declare({ slots, forms, place: { index } }: Recording, journal: string): void {
    slots.forEach((slot, ordinal) => {
      const form = forms.get(ordinal);
      const said = form === undefined ? String(slot) : `${slot} ${form}`;
      this.changes.put(keys.slot(formatHoldingName({ journal, index, ordinal })), Buffer.from(said));
    });
  }

  note({ type, event }: Known, { place, breaches }: Recording): void {
    if (type.type === RELEASED) this.#release({ type, event }, place);
    if (!CHANGING.has(type.type) || !hadEffect(breaches)) return;
    const named = type.names(event.data);
    for (const name of named?.holdings ?? []) {
      const key = keys.fate(named?.authorization ?? "", name);
      const fates = this.#fates.get(key) ?? [];
      fates.push([stateAfter(type.type), place.journal, place.index]);
      this.#fates.set(key, fates);
    }
  }

  /** The first counts. */
  #release({ type, event }: Known, { journal, index }: Place): void {
    const { product } = event.data as { readonly product: string };
    const named = type.names(event.data);
    for (const name of named?.holdings ?? []) {
      const key = keys.release(named?.authorization ?? "", name);
      if (!this.#releases.has(key)) this.#releases.set(key, [product, journal, index]);
    }
  }

  /** A page of the world state, as it is from now on. */
  page({ key, value }: StateWrite): void {
    const [, authorization = "", journal = "", page = ""] = splitKey(key);
    const own = keys.holdings(authorization, journal, Number(page));
    if (value === undefined) this.changes.del(own);
    else this.changes.put(own, value);
  }

  async save(): Promise<void> {
    const known = await this.store.getMany([...this.#releases.keys()]);
    [...this.#releases].forEach(([key, release], i) => {
      if (known[i] === undefined) this.changes.put(key, toJson(release));
    });
    const before = await this.store.getMany([...this.#fates.keys()]);
    [...this.#fates].forEach(([key, fates], i) => {
      const known = before[i];
      this.changes.put(key, toJson(known === undefined ? fates : [...(fromJson(known) as Fate[]), ...fates]));
    });
  }
}

/** The slot of a holding and, where the ledger counts it in another form than its event says, that. */
export function slotIn(bytes: Buffer): { readonly slot: number; readonly form?: Form } {
  const [slot, form] = bytes.toString("latin1").split(" ");
  return { slot: Number(slot), ...(form === undefined ? {} : { form: form as Form }) };
}

/** The number of a holding among those of its authorization and journal. */
export async function readSlot(store: Store, name: string): Promise<number | undefined> {
  const bytes = await store.get(keys.slot(name));
  return bytes && slotIn(bytes).slot;
}

export interface Held {
  readonly holding: string;
  readonly authorization: string;
  /** `outstanding`, or the last part of the type of the event that changed it. */
  readonly state: string;
  /** The event that changed it. */
  readonly by?: Position;
  /** Who declared it, and for what where the declaring event named it. */
  readonly party: string;
  readonly scenario?: string;
  readonly product?: string;
  /** As declared: digest, bytes, rows, form (as which it counts), place, platform. */
  readonly declared: Readonly<Record<string, unknown>>;
}

/** Holdings by name, each undefined where none of that name was declared. */
export async function readHoldings(store: Store, view: View, names: readonly string[]): Promise<(Held | undefined)[]> {
  const parsed = names.map(parseHoldingName);
  const places = parsed.map((name) => (name && view.place(name)) ?? NOWHERE);
  const [entries, slots] = await Promise.all([readEntries(store, places), store.getMany(names.map((name) => keys.slot(name)))]);
  const declared = names.map((holding, i) => {
    const entry = entries[i];
    if (entry === undefined || entry.quarantined || entry.strangers) return undefined;
    const it = knownOf(JSON.parse(entry.leaf.toString("utf8")));
    const declaration = it?.type.declares(it.event.data);
    const one = declaration?.holdings[parsed[i]?.ordinal ?? 0];
    if (it === undefined || declaration === undefined || one === undefined) return undefined;
    const { authorization, scenario, product } = declaration;
    const of = { ...(scenario === undefined ? {} : { scenario }), ...(product === undefined ? {} : { product }) };
    return { holding, authorization, party: it.event.party, ...of, declared: { ...one, ...formIn(slots[i]) } };
  });
  const [fates, releases] = await Promise.all(
    ([keys.fate, keys.release] as const).map((of) => store.getMany(declared.map((it) => of(it?.authorization ?? "", it?.holding ?? "")))),
  );
  return declared.map((it, i) => it && { ...releasedFor(view, releases?.[i]), ...it, ...stateOf(view, fates?.[i]) });
}

const formIn = (bytes: Buffer | undefined): { readonly form?: Form } => {
  const form = bytes && slotIn(bytes).form;
  return form === undefined ? {} : { form };
};

function releasedFor(view: View, bytes: Buffer | undefined): Pick<Held, "product"> {
  const [product, journal, index] = bytes === undefined ? [] : (fromJson(bytes) as Release);
  return product === undefined || journal === undefined || index === undefined || !view.has({ journal, index }) ? {} : { product };
}

/** Those that may be seen: who sees the event that declared one sees it. */
export async function visibleHoldings<H extends { readonly holding: string }>(
  store: Store,
  view: View,
  access: Access,
  held: readonly H[],
): Promise<readonly H[]> {
  if (access.all) return held;
  const places = held.map(({ holding }) => parseHoldingName(holding)).map((name) => (name && view.place(name)) ?? NOWHERE);
  const entries = await readEntries(store, places);
  const declaredBy = new Map(held.map((it, i) => [it, entries[i]]));
  return access.only(held, async (it) => {
    const entry = declaredBy.get(it);
    return entry !== undefined && isVisible(access, entry);
  });
}

const NOWHERE: Place = { journal: 0xffff, index: 0 };

function stateOf(view: View, bytes: Buffer | undefined): Pick<Held, "state" | "by"> {
  const fates = bytes === undefined ? [] : (fromJson(bytes) as Fate[]);
  const last = fates.findLast(([, journal, index]) => view.has({ journal, index }));
  if (last === undefined) return { state: OUTSTANDING };
  const [state, journal, index] = last;
  return { state, by: view.position({ journal, index }) };
}

/** Which holdings of an authorization: those of a part of it, of a form, of a party; of all where nothing is said. */
export interface HoldingFilter {
  readonly form?: string | undefined;
  readonly party?: string | undefined;
  readonly scenario?: string | undefined;
  readonly product?: string | undefined;
}

const fitsFilter = (filter: HoldingFilter, one: HoldingFilter): boolean =>
  (["form", "party", "scenario", "product"] as const).every((field) => filter[field] === undefined || filter[field] === one[field]);

export interface HoldingPage {
  readonly holdings: readonly Held[];
  /** Where the next page begins; absent on the last. */
  readonly next?: string;
}

/** Records looked at for one page at most: a page may be short of its limit, and still have a next one. */
const LOOKED_AT = 5000;

/**
 * Holdings of an authorization in a state, in the order in which they were declared within a journal.
 * @param cursor `next` of the page before, which is the name of a holding
 */
export async function listHoldings(
  store: Store,
  view: View,
  access: Access,
  authorization: string,
  state: string,
  filter: HoldingFilter,
  limit: number,
  cursor?: string,
): Promise<HoldingPage> {
  const names = state === OUTSTANDING ? outstanding(store, authorization, filter, cursor) : changed(store, authorization, state, cursor);
  const found: string[] = [];
  let looked = 0;
  let next: string | undefined;
  for await (const { name, fits } of names) {
    if (found.length === limit || looked === LOOKED_AT) {
      next = name;
      break;
    }
    looked++;
    if (fits) found.push(name);
  }
  const fits = (held: Held | undefined): held is Held =>
    // An event may name what is another authorization's.
    held?.authorization === authorization && held.state === state && fitsFilter(filter, { ...held, form: String(held.declared["form"]) });
  const holdings = (await readHoldings(store, view, found)).filter(fits);
  return { holdings: await visibleHoldings(store, view, access, holdings), ...(next === undefined ? {} : { next }) };
}

interface Candidate {
  readonly name: string;
  readonly fits: boolean;
}

/** From the pages of the world state, which list nothing that is gone. */
async function* outstanding(
  store: Store,
  authorization: string,
  filter: HoldingFilter,
  from: string | undefined,
): AsyncGenerator<Candidate, void> {
  const start = from === undefined ? undefined : { name: parseHoldingName(from), slot: await readSlot(store, from) };
  const range = under("g", authorization);
  const journal = start?.name?.journal ?? "";
  const gte = start?.slot === undefined ? range.gt : keys.holdings(authorization, journal, pageOf(start.slot));
  for await (const [key, value] of store.iterator({ gte, lt: range.lt })) {
    const skipped = start?.slot !== undefined && key.startsWith(under("g", authorization, journal).gt) ? start.slot : 0;
    for (const slot of fromJson(value) as HoldingsPage)
      if (slot.slot >= skipped) yield { name: slot.holding, fits: slot.until === undefined && fitsFilter(filter, slot) };
  }
}

async function* changed(store: Store, authorization: string, state: string, from: string | undefined): AsyncGenerator<Candidate, void> {
  const range = under("w", authorization);
  for await (const [key, value] of store.iterator(from === undefined ? range : { gte: keys.fate(authorization, from), lt: range.lt })) {
    yield { name: lastPart(key), fits: (fromJson(value) as Fate[]).at(-1)?.[0] === state };
  }
}
