/** Transfers that do not agree, as findings: of events that are shown, and how many there are. */
import type { Breach } from "../../chaincode/events/judge";
import { parametersIn, type Rulebook, RULEBOOK } from "../../chaincode/events/rulebook";
import { keys } from "./keys";
import type { Place } from "./place";
import { nameOf, TYPES } from "./reconciliation";
import type { Known } from "./recording";
import { fromJson, type Store } from "./store";
import { breachesOf, isOf, RECONCILIATION_CODES, type ReconciliationCode, type Stored } from "./transfer-sides";
import type { View } from "./view";

const HOUR_MS = 3600_000;

/**
 * What comparing shows of each of these events now, as transfers stand. That a side is missing is found once it is late: until then whoever did its part
 * may still report it.
 */
export async function readUnreconciled(
  store: Store,
  view: View,
  events: readonly (Known & { readonly place: Place; readonly recorded: number })[],
): Promise<(readonly Breach[])[]> {
  if (view.isPast) return events.map(() => []);
  const names = events.map(({ type, event, place }) => (TYPES.has(type.type) ? nameOf({ type, event }, view.position(place)) : undefined));
  if (names.every((name) => name === undefined)) return events.map(() => []);
  const found = await store.getMany(names.map((name) => (name === undefined ? "" : keys.transfer(...name))));
  const adopted = await store.get(keys.record("rulebook", RULEBOOK));
  const rulebook = adopted && (fromJson(adopted) as Rulebook);
  return found.map((bytes, i) => {
    const transfer = bytes && (fromJson(bytes) as Stored);
    const { place: { journal = -1, index = -1 } = {}, recorded = 0 } = events[i] ?? {};
    if (transfer === undefined || !isOf(transfer, { at: [journal, index] })) return [];
    const isLate = view.latest - recorded > parametersIn(rulebook, recorded).lateHours * HOUR_MS;
    return breachesOf(transfer).filter(({ code }) => isLate || code === "amounts-differ");
  });
}

/** How many transfers do not agree now, by code. */
export async function countUnreconciled(store: Store): Promise<Readonly<Partial<Record<ReconciliationCode, number>>>> {
  const found = await store.getMany(RECONCILIATION_CODES.map((code) => keys.unreconciledCount(code)));
  return Object.fromEntries(
    RECONCILIATION_CODES.flatMap((code, i) => (found[i] === undefined ? [] : [[code, fromJson(found[i]) as number]])),
  );
}
