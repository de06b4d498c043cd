/**
 * What was said of events afterwards: voided, corrected, annulled, withdrawn. Nothing is hidden or rewritten: an event is shown with its
 * corrections, and whatever was recorded on the basis of an act before that act was annulled is shown with `basis-annulled`.
 */
import type { Breach } from "../../chaincode/events/judge";
import { type Activity, Decisions } from "./decisions";
import { type Entry, readEntries } from "./entries";
import { under } from "./keys";
import { lists } from "./lists";
import type { Place, Position } from "./place";
import { readPlaces } from "./places";
import { type Known, knownOf } from "./recording";
import type { Store } from "./store";
import type { View } from "./view";

export const FAMILY = "correction";
const ANNULLED = `suyuan.${FAMILY}.annulled`;
const BASIS_ANNULLED = "basis-annulled";

/** An event that speaks of another. */
export interface Correction extends Position {
  readonly type: string;
  readonly party: string;
  /** When the ledger recorded it, RFC 3339. */
  readonly recorded: string;
  readonly block: number;
}

/** Corrections of one event that are shown, the first ones. */
const SHOWN = 100;

/** Which event a correction is about, as it names it. */
export function correctedBy({ type, event }: Known): readonly string[] {
  const { event: place } = event.data as { readonly event?: unknown };
  return type.family === FAMILY && typeof place === "string" ? [place] : [];
}

export class Corrections {
  readonly #known = new Map<string, Promise<readonly Correction[]>>();
  #any: Promise<boolean> | undefined;

  constructor(
    private readonly store: Store,
    private readonly view: View,
  ) {}

  /** Of each event, in the order of the ledger. */
  async of(places: readonly Place[]): Promise<readonly (readonly Correction[])[]> {
    return (await this.#isAny()) ? Promise.all(places.map((place) => this.#of(place))) : places.map(() => []);
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
      const later = corrections[i]?.some(({ type, block }) => type === ANNULLED && block > entry.block) ?? false;
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

  #of(place: Place): Promise<readonly Correction[]> {
    const name = nameOf(this.view.position(place));
    let found = this.#known.get(name);
    if (found === undefined) this.#known.set(name, (found = this.#read(name)));
    return found;
  }

  async #read(name: string): Promise<readonly Correction[]> {
    const { places } = await readPlaces(this.store, this.view, lists.corrections.of(name), { order: "oldest", limit: SHOWN });
    return (await readEntries(this.store, places)).flatMap((entry) => {
      const known = entry && knownOf(JSON.parse(entry.leaf.toString("utf8")));
      if (entry === undefined || known === undefined) return [];
      const { type, party } = known.event;
      return [{ ...this.view.position(entry.place), type, party, recorded: new Date(entry.recorded).toISOString(), block: entry.block }];
    });
  }
}

/** Corrections rest on no act: they end them. */
function activityOf(entry: Entry): Activity | undefined {
  const known = entry.quarantined ? undefined : knownOf(JSON.parse(entry.leaf.toString("utf8")));
  if (known === undefined || known.type.family === FAMILY) return undefined;
  return { entry, known, subjects: known.type.about(known.event.data) };
}

const nameOf = ({ journal, index }: Position): string => `${journal}/${index}`;
