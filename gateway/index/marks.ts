/**
 * What has been done about a subject, and when: the marks that acts left on its record (`chaincode/events/steps.ts`), and facts of the types
 * that somebody waits for, which leave none.
 */
import type { Subject } from "../../chaincode/events/definition";
import type { Mark, Stepped } from "../../chaincode/events/steps";
import { readEntries } from "./entries";
import { lists } from "./lists";
import { positionOf } from "./place";
import { readPlaces } from "./places";
import { knownOf } from "./recording";
import type { Store } from "./store";
import type { View } from "./view";

/** Marks of a step that were not annulled, in the order of the ledger. */
export const marksOf = (record: unknown, step: string): readonly Mark[] =>
  ((record as Partial<Stepped> | undefined)?.steps?.[step] ?? []).filter(({ annulled }) => annulled === undefined);

/** The last mark of a step that holds at a time. */
export const holding = (record: unknown, step: string, at: number): Mark | undefined =>
  marksOf(record, step).findLast((mark) => mark.at <= at && (mark.until === undefined || at < mark.until));

/** What the acts said that left these marks. */
export async function said(store: Store, view: View, marks: readonly Mark[]): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const places = marks.map(({ act }) => view.place(positionOf(act)));
  const entries = await readEntries(
    store,
    places.filter((place) => place !== undefined),
  );
  return entries.flatMap((entry) => {
    const data = entry && (knownOf(JSON.parse(entry.leaf.toString("utf8")))?.event.data as Readonly<Record<string, unknown>> | undefined);
    return data === undefined ? [] : [data];
  });
}

/** Something that was done: when it was recorded, milliseconds since 1970, and by which event. */
export interface Done {
  readonly at: number;
  /** `MSPID/journal/index` */
  readonly act: string;
}

/** When the newest fact of a followed type about a subject was recorded; undefined where there is none. @param type `suyuan.asset.checked` */
export async function lastFact(store: Store, view: View, type: string, subject: Subject): Promise<number | undefined> {
  return (await newestFacts(store, view, type, subject, 1))[0]?.at;
}

/** The newest of these, the newest first. */
export async function newestFacts(store: Store, view: View, type: string, subject: Subject, limit: number): Promise<readonly Done[]> {
  const list = lists.followed.of({ kind: `${type} ${subject.kind}`, id: subject.id });
  const { places } = await readPlaces(store, view, list, { order: "newest", limit });
  return (await readEntries(store, places)).flatMap((entry) => {
    if (entry === undefined) return [];
    const { journal, index } = view.position(entry.place);
    return [{ at: entry.recorded, act: `${journal}/${index}` }];
  });
}
