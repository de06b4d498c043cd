/**
 * What was said of events afterwards: voided, corrected, annulled, withdrawn. Nothing is hidden or rewritten: an event is shown with its
 * corrections, and whatever was recorded on the basis of an act before that act was annulled is shown with `basis-annulled`.
 */
import type { Breach } from "../../chaincode/events/judge";
import { type Activity, Decisions } from "./decisions";
import { type Entry, readEntries } from "./entries";
import { under } from "./keys";
import { ANNULLED, lists, tallies } from "./lists";
import { BASIS_ANNULLED } from "./lost-basis";
import type { Place, Position } from "./place";
import { type Page, readPlaces } from "./places";
import { type Known, knownOf } from "./recording";
import type { Store } from "./store";
import { type Tally, tallyOf } from "./tallies";
import type { View } from "./view";

export const FAMILY = "correction";

/** An event that speaks of another. What replaces that one is shown with it too, so that from each the way leads to the other. */
export interface Correction extends Position {
  /** Of which it speaks, and what replaces that: `MSPID/journal/index`. */
  readonly event: string;
  readonly replacement?: string;
  readonly type: string;
  readonly party: string;
  /** When the ledger recorded it, RFC 3339. */
  readonly recorded: string;
  readonly block: number;
}

interface Named {
  readonly event: string;
  readonly replacement?: string;
}

/** What an event is shown with. */
export interface Corrected {
  /** Every annulment, and the newest of the others, in the order of the ledger. */
  readonly corrections?: readonly Correction[];
  /** By type how many there are, where that is more than are shown. */
  readonly correctionsInAll?: Tally;
}

/** Corrections of one event that are shown beside its annulments. */
const SHOWN = 100;
/** The authority alone annuls, and an act once in each record that it left a mark on. */
const ANNULMENTS = 100;

const VOIDED = "suyuan.correction.voided";
/** Events that are looked at together. */
const TOGETHER = 2048;

/** Corrects nothing by itself: what it is needed for does. */
const COUNTERSIGNED = "suyuan.correction.countersigned";

/** Which events a correction is about, as it names them. */
export function correctedBy({ type, event }: Known): readonly string[] {
  if (type.family !== FAMILY || type.type === COUNTERSIGNED) return [];
  const { event: place, replacement } = event.data as Named;
  return replacement === undefined ? [place] : [place, replacement];
}

export class Corrections {
  readonly #known = new Map<string, Promise<Corrected>>();
  #any: Promise<boolean> | undefined;

  constructor(
    private readonly store: Store,
    private readonly view: View,
  ) {}

  /** Of each event, in the order of the ledger. */
  async of(places: readonly Place[]): Promise<readonly Corrected[]> {
    return (await this.#isAny()) ? Promise.all(places.map((place) => this.#of(place))) : places.map(() => NONE);
  }

  /** Which of the events were voided (作废) by who reported them: `MSPID/journal/index`. */
  async voided(places: readonly Place[]): Promise<ReadonlySet<string>> {
    const voided = new Set<string>();
    if (!(await this.#isAny())) return voided;
    for (let start = 0; start < places.length; start += TOGETHER) {
      const some = places.slice(start, start + TOGETHER);
      const found = await this.of(some);
      some.forEach((place, i) => {
        const [name, { corrections = [], correctionsInAll = {} }] = [nameOf(this.view.position(place)), found[i] ?? NONE];
        // However much else its reporter said of it since.
        if (VOIDED in correctionsInAll || corrections.some(({ type, event }) => type === VOIDED && event === name)) voided.add(name);
      });
    }
    return voided;
  }

  /** Of each event, what it lost: findings beyond those that the ledger made when it recorded it. */
  async findings(entries: readonly Entry[]): Promise<readonly (readonly Breach[])[]> {
    if (!(await this.#isAny())) return entries.map(() => []);
    const activities = entries.map((entry) => activityOf(entry));
    const judged = activities.filter((activity) => activity !== undefined);
    const decisions = await new Decisions(this.store, this.view).ofAll(judged);
    const lost = new Map(await Promise.all(judged.map(async (it, i) => [it, await this.#lost(it, decisions[i] ?? [])] as const)));
    return activities.map((activity) => (activity && lost.get(activity)) ?? []);
  }

  async #lost({ entry }: Activity, acts: readonly Activity[]): Promise<readonly Breach[]> {
    const corrections = await this.of(acts.map((act) => act.entry.place));
    const missing = acts.flatMap((act, i) => {
      const later = corrections[i]?.corrections?.some(({ type, block }) => type === ANNULLED && block > entry.block) ?? false;
      return later ? [nameOf(this.view.position(act.entry.place))] : [];
    });
    return missing.length === 0 ? [] : [{ code: BASIS_ANNULLED, missing }];
  }

  /** Most ledgers have none, and then nothing is looked up. */
  #isAny(): Promise<boolean> {
    this.#any ??= this.store
      .keys({ ...under("p", lists.corrections.name), limit: 1 })
      .all()
      .then((found) => found.length > 0);
    return this.#any;
  }

  #of(place: Place): Promise<Corrected> {
    const name = nameOf(this.view.position(place));
    let found = this.#known.get(name);
    if (found === undefined) this.#known.set(name, (found = this.#read(name)));
    return found;
  }

  async #read(name: string): Promise<Corrected> {
    const read = (list: string, order: "oldest" | "newest", limit: number): Promise<Page> =>
      readPlaces(this.store, this.view, list, { order, limit });
    const newest = await read(lists.corrections.of(name), "newest", SHOWN);
    if (newest.places.length === 0) return NONE;
    const annulments = newest.next === undefined ? [] : (await read(lists.annulments.of(name), "oldest", ANNULMENTS)).places;
    const corrections = this.#shown(await readEntries(this.store, distinct([...annulments, ...newest.places.toReversed()])));
    if (newest.next === undefined) return { corrections };
    return { corrections, correctionsInAll: await tallyOf(this.store, this.view, tallies.corrections.of(name)) };
  }

  #shown(entries: readonly (Entry | undefined)[]): readonly Correction[] {
    const inOrder = entries.filter((entry) => entry !== undefined).sort((a, b) => a.block - b.block || a.place.index - b.place.index);
    return inOrder.flatMap((entry) => {
      const known = knownOf(JSON.parse(entry.leaf.toString("utf8")));
      if (known === undefined) return [];
      const { type, party, data } = known.event;
      const { event, replacement } = data as Named;
      const named = { event, ...(replacement === undefined ? {} : { replacement }) };
      return [
        { ...this.view.position(entry.place), ...named, type, party, recorded: new Date(entry.recorded).toISOString(), block: entry.block },
      ];
    });
  }
}

const NONE: Corrected = {};
const distinct = (places: readonly Place[]): readonly Place[] => [
  ...new Map(places.map((place) => [`${place.journal}/${place.index}`, place])).values(),
];

/** Corrections rest on no act: they end them. */
function activityOf(entry: Entry): Activity | undefined {
  const known = entry.quarantined ? undefined : knownOf(JSON.parse(entry.leaf.toString("utf8")));
  if (known === undefined || known.type.family === FAMILY) return undefined;
  return { entry, known, subjects: known.type.about(known.event.data) };
}

const nameOf = ({ journal, index }: Position): string => `${journal}/${index}`;
