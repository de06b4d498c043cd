/** Findings (疑似问题): what the contract found, and what only comparing shows. */
import type { Breach } from "../../chaincode/events/judge";
import { keys } from "./keys";
import type { Place } from "./place";
import { fromJson, type Changes, type Store, toJson } from "./store";

/** Same source and id as an earlier event, other content. No rule can tell: a rule sees one event. */
export const CONFLICTING_REPORT = "conflicting-report";

export function noteFindings(place: Place, breaches: readonly Breach[], changes: Changes): void {
  if (breaches.length > 0) changes.put(keys.finding(place), toJson(breaches));
}

export async function readFindings(store: Store, places: readonly Place[]): Promise<(readonly Breach[])[]> {
  const found = await store.getMany(places.map((place) => keys.finding(place)));
  return found.map((bytes) => (bytes === undefined ? [] : (fromJson(bytes) as readonly Breach[])));
}
