/** Recorded events as answers show them. */
import type { RecordedEvent } from "../../chaincode/events/envelope";
import type { Breach } from "../../chaincode/events/judge";
import { toHex } from "../../chaincode/proof/bytes";
import { leafHash } from "../../chaincode/proof/rfc6962";
import type { Access } from "./access";
import { type Corrected, Corrections } from "./corrections";
import { type Entry, readEntries } from "./entries";
import { readFindings } from "./findings";
import type { Place, Position } from "./place";
import { readUnreconciled } from "./unreconciled";
import { knownOf, parsed } from "./recording";
import type { Store } from "./store";
import type { View } from "./view";

export interface EventRecord extends Position, Corrected {
  /** Lower-case hex. */
  readonly leafHash: string;
  readonly block: number;
  /** When the ledger recorded it: the transaction's time, RFC 3339. */
  readonly recorded: string;
  readonly findings: readonly Breach[];
  /** Present where another event with the same source and id came before: it is not counted. */
  readonly repeated?: true;
  /** Present where it could not be judged; then it had no effect, and the leaf may be anything. */
  readonly quarantined?: true;
  readonly event?: RecordedEvent;
  /** In place of an event that could not be judged: the leaf as text. */
  readonly leaf?: string;
}

/** Those of the events at these places that may be seen. */
export async function readEvents(store: Store, view: View, access: Access, places: readonly Place[]): Promise<EventRecord[]> {
  const found = (await readEntries(store, places)).filter((entry) => entry !== undefined);
  const entries = await access.only(found, (entry) => isVisible(access, entry));
  const corrections = new Corrections(store, view);
  const [findings, corrected] = await Promise.all([
    findingsOf(store, view, corrections, entries),
    corrections.of(entries.map(({ place }) => place)),
  ]);
  return entries.map((entry, i) => recordOf(view, entry, findings[i] ?? [], corrected[i] ?? {}));
}

/** Whether an event of the ledger may be seen: one that could not be judged may be anything. */
export const isVisible = (access: Access, { leaf, quarantined }: Entry): Promise<boolean> =>
  access.event(parsed(leaf.toString("utf8")), quarantined);

/** Findings of each: those of when it was recorded, what it has lost since, and how the transfer stands that it tells of. */
export async function findingsOf(
  store: Store,
  view: View,
  corrections: Corrections,
  entries: readonly Entry[],
): Promise<(readonly Breach[])[]> {
  const flagged = entries.filter((entry) => entry.findings);
  const found = new Map(
    (
      await readFindings(
        store,
        flagged.map(({ place }) => place),
      )
    ).map((breaches, i) => [flagged[i], breaches]),
  );
  const lost = await corrections.findings(entries);
  const told = entries.flatMap(({ leaf, place, quarantined, recorded }, i) => {
    const known = quarantined ? undefined : knownOf(parsed(leaf.toString("utf8")));
    return known === undefined ? [] : [{ ...known, place, recorded, i }];
  });
  const compared = await readUnreconciled(store, view, told);
  const unreconciled = new Map(told.map(({ i }, at) => [i, compared[at] ?? []]));
  return entries.map((entry, i) => {
    const judged = found.get(entry) ?? [];
    const later = [...(lost[i] ?? []), ...(unreconciled.get(i) ?? [])];
    return [...judged, ...later.filter(({ code }) => !judged.some((other) => other.code === code))];
  });
}

function recordOf(
  view: View,
  { place, leaf, block, recorded, repeated, quarantined }: Entry,
  findings: readonly Breach[],
  corrected: Corrected,
): EventRecord {
  const text = leaf.toString("utf8");
  return {
    ...view.position(place),
    leafHash: toHex(leafHash(leaf)),
    block,
    recorded: new Date(recorded).toISOString(),
    findings,
    ...corrected,
    ...(repeated ? { repeated } : {}),
    ...(quarantined ? { quarantined, leaf: text } : { event: JSON.parse(text) as RecordedEvent }),
  };
}
