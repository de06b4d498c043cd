/** Findings (疑似问题): what the contract found, and what only comparing shows. Newest first, by code, party or subject. */
import type { Breach } from "../../chaincode/events/judge";
import type { Subject } from "../../chaincode/events/definition";
import { keys, lists, tallies } from "./keys";
import type { Place } from "./place";
import type { PlaceLists } from "./places";
import { fromJson, type Changes, type Store, toJson } from "./store";
import type { TallyWriter } from "./tallies";

/** Same source and id as an earlier event, other content. No rule can tell: a rule sees one event. */
export const CONFLICTING_REPORT = "conflicting-report";

interface Found {
  readonly place: Place;
  readonly breaches: readonly Breach[];
  /** Undefined where the event was quarantined: nobody vouches for whom it names. */
  readonly party: string | undefined;
  readonly subjects: readonly Subject[];
}

export function noteFindings(
  { place, breaches, party, subjects }: Found,
  to: { changes: Changes; places: PlaceLists; counts: TallyWriter },
): void {
  if (breaches.length === 0) return;
  to.changes.put(keys.finding(place), toJson(breaches));
  to.places.add(lists.findings, place);
  if (party !== undefined) to.places.add(lists.findingsOfParty(party), place);
  for (const { kind, id } of subjects) to.places.add(lists.findingsOfSubject(kind, id), place);
  for (const code of new Set(breaches.map((breach) => breach.code))) {
    to.places.add(lists.findingsOfCode(code), place);
    to.counts.count(tallies.codes, code, true);
  }
}

export async function readFindings(store: Store, places: readonly Place[]): Promise<(readonly Breach[])[]> {
  const found = await store.getMany(places.map((place) => keys.finding(place)));
  return found.map((bytes) => (bytes === undefined ? [] : (fromJson(bytes) as readonly Breach[])));
}
