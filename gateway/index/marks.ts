/**
 * What has been done about a subject, and when: the marks that acts left on its record (`chaincode/events/steps.ts`), and facts of the types
 * that somebody waits for, which leave none.
 */
import type { Subject } from "../../chaincode/events/definition";
import type { Mark, Stepped } from "../../chaincode/events/steps";
import { readEntries } from "./entries";
import { lists } from "./lists";
import { readPlaces } from "./places";
import type { Store } from "./store";
import type { View } from "./view";

/** Marks of a step that were not annulled, in the order of the ledger. */
export const marksOf = (record: unknown, step: string): readonly Mark[] =>
  ((record as Partial<Stepped> | undefined)?.steps?.[step] ?? []).filter(({ annulled }) => annulled === undefined);

/** The last mark of a step that holds at a time. */
export const holding = (record: unknown, step: string, at: number): Mark | undefined =>
  marksOf(record, step).findLast((mark) => mark.at <= at && (mark.until === undefined || at < mark.until));

/** When the newest fact of a followed type about a subject was recorded; undefined where there is none. @param type `suyuan.asset.checked` */
export async function lastFact(store: Store, view: View, type: string, subject: Subject): Promise<number | undefined> {
  const { places } = await readPlaces(store, view, lists.followed.of({ kind: `${type} ${subject.kind}`, id: subject.id }), NEWEST);
  const [entry] = await readEntries(store, places);
  return entry?.recorded;
}

const NEWEST = { order: "newest", limit: 1 } as const;
