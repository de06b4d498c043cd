/**
 * The decisions that allowed an activity: the acts about its authorization, scenario, resource or product that the ledger had recorded
 * when it happened, of each kind the last. They are looked up among the acts of each subject, of which there are few.
 */
import type { Subject } from "../../chaincode/events/vocabulary";
import { type Entry, readEntries } from "./entries";
import { lists } from "./keys";
import { samePlace } from "./place";
import { readPlaces } from "./places";
import { type Known, knownOf } from "./recording";
import type { Store } from "./store";
import type { View } from "./view";

export interface Act extends Entry {
  readonly known: Known;
  readonly subjects: readonly Subject[];
}

/** Acts looked at for one subject, the newest. */
const LOOKED_AT = 500;

export class Decisions {
  readonly #acts = new Map<string, readonly Act[]>();

  constructor(
    private readonly store: Store,
    private readonly view: View,
  ) {}

  /** Reads the acts about these subjects, each once. */
  async load(subjects: readonly Subject[]): Promise<void> {
    const missing = new Map(subjects.map((subject) => [nameOf(subject), subject]));
    for (const name of this.#acts.keys()) missing.delete(name);
    await Promise.all([...missing].map(async ([name, { kind, id }]) => this.#acts.set(name, await this.#read(kind, id))));
  }

  async #read(kind: string, id: string): Promise<readonly Act[]> {
    const { places } = await readPlaces(this.store, this.view, lists.acts(kind, id), { order: "newest", limit: LOOKED_AT });
    const entries = await readEntries(this.store, places);
    return entries.flatMap((entry) => {
      if (entry === undefined) return [];
      const known = knownOf(JSON.parse(entry.leaf.toString("utf8")));
      return known === undefined ? [] : [{ ...entry, known, subjects: known.type.about(known.event.data) }];
    });
  }

  /** Of the subjects loaded. Oldest first. */
  of(activity: Entry, known: Known, subjects: readonly Subject[]): readonly Act[] {
    // A fact is judged by what was recorded when it happened, an act by what was recorded before it.
    const until = known.type.kind === "fact" ? Date.parse(known.event.time) : activity.recorded;
    const resources = resourcesOf(subjects);
    const last = new Map<string, Act>();
    for (const act of subjects.flatMap((subject) => this.#acts.get(nameOf(subject)) ?? [])) {
      if (act.recorded > until || samePlace(act.place, activity.place) || isLater(act, activity)) continue;
      const about = resourcesOf(act.subjects);
      // Consent for another resource allowed nothing here.
      if (resources.length > 0 && about.length > 0 && !about.some((id) => resources.includes(id))) continue;
      const kind = `${act.known.type.type} ${about.length === 1 ? about[0] : ""}`;
      const other = last.get(kind);
      if (other === undefined || isLater(act, other)) last.set(kind, act);
    }
    return inLedgerOrder([...last.values()]);
  }
}

export const inLedgerOrder = (acts: readonly Act[]): Act[] => acts.toSorted((a, b) => (isLater(a, b) ? 1 : isLater(b, a) ? -1 : 0));

/** In the order of the ledger, as far as one journal or different blocks tell it. */
const isLater = (a: Entry, b: Entry): boolean =>
  a.block === b.block ? a.place.journal === b.place.journal && a.place.index > b.place.index : a.block > b.block;

const resourcesOf = (subjects: readonly Subject[]): readonly string[] =>
  subjects.flatMap(({ kind, id }) => (kind === "resource" ? [id] : []));

const nameOf = ({ kind, id }: Subject): string => `${kind} ${id}`;
