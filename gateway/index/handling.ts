/** What became of findings (问题处置): in which state each is, whose it is to explain, and its words. */
import { ruleClauses } from "../../chaincode/events/codes";
import { nameOf } from "../../chaincode/events/finding";
import type { Breach } from "../../chaincode/events/judge";
import { type Label, ruleLabel } from "../labels";
import { lastPart, under } from "./keys";
import { holding, lastFact } from "./marks";
import { type Position, positionOf } from "./place";
import { fromJson, type Store } from "./store";
import { readSubjects } from "./subjects";
import type { Tally } from "./tallies";
import type { View } from "./view";

/** What has been done last; `open` before anything. Of two things done at once the later one here counts. */
const HANDLED = ["assigned", "explained", "confirmed", "dismissed", "referred", "closed"] as const;
export const FINDING_STATES = ["open", ...HANDLED] as const;
export type FindingState = (typeof FINDING_STATES)[number];

export interface FindingRecord extends Breach, Label {
  /** Of the plan; absent where the rule is ours. */
  readonly clause?: string;
  readonly state: FindingState;
  /** Credit code of who has to explain it: to whom it was assigned, else whose event it is. */
  readonly party?: string;
  /** Of an overdue duty: what events of the family `finding` call it. */
  readonly duty?: string;
}

/** A finding where it stands. */
export interface Standing {
  readonly event: Position;
  readonly breach: Breach;
  /** Whose event it is. */
  readonly party: string | undefined;
  readonly duty?: string;
}

const EXPLAINED = "suyuan.finding.explained";

/** The findings as they are now. */
export async function describeFindings(store: Store, view: View, standing: readonly Standing[]): Promise<readonly FindingRecord[]> {
  const subjects = standing.map(({ event: { journal, index }, breach: { code }, duty }) => ({
    kind: "finding" as const,
    id: nameOf({ event: `${journal}/${index}`, code, ...(duty === undefined ? {} : { duty }) }),
  }));
  const records = await readSubjects(store, subjects);
  const explained = await Promise.all(subjects.map((subject) => lastFact(store, view, EXPLAINED, subject)));
  return standing.map(({ breach, party: reporter, duty }, i) => {
    const record = records[i]?.state as { readonly assigned?: string } | undefined;
    const clause = ruleClauses.get(breach.code);
    const party = record?.assigned ?? reporter;
    return {
      ...breach,
      ...wordsOf(breach.code),
      ...(clause === undefined ? {} : { clause }),
      state: stateOf(record, explained[i]),
      ...(party === undefined ? {} : { party }),
      ...(duty === undefined ? {} : { duty }),
    };
  });
}

/** How many findings are in each state. @param codes findings by code, and what only comparing shows; those of which nothing was recorded are open */
export async function countStates(
  store: Store,
  view: View,
  codes: Tally,
  compared: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, number>>> {
  const recorded = await store.iterator(under("r", "finding")).all();
  // What is told of an event that is none is handled, and found in nothing.
  const records = recorded.filter(([key]) => isThere(view, lastPart(key)));
  const states: Record<string, number> = {};
  await Promise.all(
    records.map(async ([key, value]) => {
      const explained = await lastFact(store, view, EXPLAINED, { kind: "finding", id: lastPart(key) });
      const state = stateOf(fromJson(value), explained);
      states[state] = (states[state] ?? 0) + 1;
    }),
  );
  const counts = [...Object.values(codes).map(([count]) => count), ...Object.values(compared)];
  const all = counts.reduce((sum, count) => sum + count, 0);
  return { ...states, open: Math.max(0, all - records.length) };
}

/** Whether there is the event that a finding names: `MSPID/journal/index/code`, and the duty where it is of one. */
const isThere = (view: View, finding: string): boolean => view.place(positionOf(finding.split("/").slice(0, 3).join("/"))) !== undefined;

function wordsOf(code: string): Label {
  const { zh, en } = ruleLabel(code) ?? { zh: code, en: code };
  return { zh, en };
}

function stateOf(record: unknown, explained: number | undefined): FindingState {
  let last: { readonly state: FindingState; readonly at: number } = { state: "open", at: 0 };
  for (const state of HANDLED) {
    const at = state === "explained" ? explained : holding(record, state, Infinity)?.at;
    if (at !== undefined && at >= last.at) last = { state, at };
  }
  return last.state;
}
