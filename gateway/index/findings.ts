/** Findings (疑似问题): what the contract found, and what only comparing shows. */
import type { Breach } from "../../chaincode/events/judge";
import { keys } from "./keys";
import type { Place } from "./place";
import { fromJson, type Changes, type Store, toJson } from "./store";

/** Same source and id as an earlier event, other content. No rule can tell: a rule sees one event. */
const CONFLICTING_REPORT = "conflicting-report";

/** Committed long after it was endorsed: somebody kept it back. Of transactions taken over, the times are those of then. */
const HELD_BACK = "held-back";

/** Ours: how far a transaction's time may lie behind the latest that an earlier block had, milliseconds. */
const LAG_MS = 10 * 60_000;

export const isHeldBack = (time: number, latest: number): boolean => latest - time > LAG_MS;

/** What comparing shows. */
export function comparedFindings({
  conflicting,
  heldBack,
}: {
  readonly conflicting: boolean;
  readonly heldBack: boolean;
}): readonly Breach[] {
  return [...(conflicting ? [{ code: CONFLICTING_REPORT }] : []), ...(heldBack ? [{ code: HELD_BACK }] : [])];
}

export function noteFindings(place: Place, breaches: readonly Breach[], changes: Changes): void {
  if (breaches.length > 0) changes.put(keys.finding(place), toJson(breaches));
}

export async function readFindings(store: Store, places: readonly Place[]): Promise<(readonly Breach[])[]> {
  const found = await store.getMany(places.map((place) => keys.finding(place)));
  return found.map((bytes) => (bytes === undefined ? [] : (fromJson(bytes) as readonly Breach[])));
}
