/**
 * What has been done about something, step by step. Every act leaves its mark on the record of what it is about; rules look whether a step
 * stands, and corrections end or annul marks, whatever family they are of.
 */
import type { Effects, LedgerEvent, Table, World } from "./definition";

/** One doing of a step: since when it holds, and until when. Milliseconds since 1970. */
export interface Mark {
  readonly at: number;
  /** The act: `MSPID/journal/index`. */
  readonly act: string;
  /** Credit code of whose act it was. */
  readonly party: string;
  /** What it came to, where acts of this step can come to different things (`passed`, `failed`). */
  readonly result?: string;
  readonly until?: number;
  /** The act that ended it. */
  readonly endedBy?: string;
  /** Since when it counts as never done (撤销). */
  readonly annulled?: number;
}

/** A record that is made of steps: by the last part of the act's type (`list-approved`), the marks that it left, in the order of the ledger. */
export interface Stepped {
  readonly steps: Steps;
}
export type Steps = Readonly<Record<string, readonly Mark[]>>;

/** Marks of a step, and versions, that are kept: the first, and of the others the newest. */
export const KEPT = 24;

export const kept = <T>(all: readonly T[]): readonly T[] => {
  const [first, ...others] = all;
  return all.length <= KEPT || first === undefined ? all : [first, ...others.slice(1 - KEPT)];
};

const holds = (mark: Mark, at: number): boolean => mark.at <= at && (mark.until === undefined || at < mark.until);

/** The last mark of a step that holds at a time. */
export const standing = (record: Stepped | undefined, step: string, at: number): Mark | undefined =>
  record?.steps[step]?.findLast((mark) => isStanding(mark, at));

/** Whether what was done holds at a time, as far as is known now. */
export const isStanding = (mark: Mark, at: number): boolean => mark.annulled === undefined && holds(mark, at);

/** Whether a step holds at a time and, where it could fail, did not. */
export const passed = (record: Stepped | undefined, step: string, at: number): boolean => {
  const mark = standing(record, step, at);
  return mark !== undefined && mark.result !== "failed";
};

/** All marks of a step that hold at a time, in the order of the ledger. */
export const allStanding = (record: Stepped | undefined, step: string, at: number): readonly Mark[] =>
  record?.steps[step]?.filter((mark) => isStanding(mark, at)) ?? [];

/** Whether a step holds at a time. */
export const stands = (record: Stepped | undefined, step: string, at: number): boolean => standing(record, step, at) !== undefined;

/** Whether a step was taken, and annulled as often as it was: what rests on it has no basis. What no step shows is not said to be annulled. */
export const isAnnulled = (record: Stepped | undefined, step: string): boolean =>
  record?.steps[step]?.every(({ annulled }) => annulled !== undefined) === true;

/** Whether a step held at a time and was annulled since: what rests on it has lost its basis. */
export const annulledSince = (record: Stepped | undefined, step: string, at: number): boolean =>
  !stands(record, step, at) && stood(record, step, at) !== undefined;

/** The last mark of a step that held at a time as far as could be known then: what happened on its strength was not unfounded when it happened. */
export const stood = (record: Stepped | undefined, step: string, at: number): Mark | undefined =>
  record?.steps[step]?.findLast((mark) => holds(mark, at) && !annulledBy(mark, at));

const annulledBy = ({ annulled }: Mark, at: number): boolean => annulled !== undefined && annulled <= at;

/** The record with one more mark. */
export function marked<R extends Stepped>(
  record: R,
  step: string,
  { recorded, place, party }: Pick<LedgerEvent<unknown>, "recorded" | "place" | "party">,
  result?: string,
): R {
  const mark = { at: recorded, act: place, party, ...(result === undefined ? {} : { result }) };
  return { ...record, steps: { ...record.steps, [step]: kept([...(record.steps[step] ?? []), mark]) } };
}

/** The record with every mark changed, of some steps or of all. */
function changed<R extends Stepped>(record: R, change: (mark: Mark) => Mark, only?: string): R {
  const entries = Object.entries(record.steps).map(
    ([step, marks]) => [step, only === undefined || step === only ? marks.map(change) : marks] as const,
  );
  return { ...record, steps: Object.fromEntries(entries) };
}

/**
 * The record with a step ended, wherever it still holds. All of it was done before, as the ledger stands, be it by a clock that is ahead: that never
 * held then.
 * @param by the act that ends it @param only of the marks those that it ends
 */
export const endedStep = <R extends Stepped>(record: R, step: string, at: number, by?: string, only: (mark: Mark) => boolean = isAny): R =>
  changed(record, (mark) => (isOpen(mark, at) && only(mark) ? { ...mark, until: Math.max(at, mark.at), ...endedBy(by) } : mark), step);
const isAny = (): boolean => true;
const isOpen = ({ until }: Mark, at: number): boolean => until === undefined || at < until;
const endedBy = (by: string | undefined): Pick<Mark, "endedBy"> => (by === undefined ? {} : { endedBy: by });

/** The record with the marks that one act left changed. */
export const amended = <R extends Stepped>(record: R, act: string, change: (mark: Mark) => Mark): R =>
  changed(record, (mark) => (mark.act === act ? change(mark) : mark));

/** The record with what one act ended holding again. */
export const restored = <R extends Stepped>(record: R, act: string): R =>
  changed(record, (mark) => {
    if (mark.endedBy !== act) return mark;
    const { until: _, ...open } = mark;
    return open;
  });

/** The step of which an act left its mark there. */
export const stepOf = (record: Stepped | undefined, act: string): string | undefined =>
  Object.entries(record?.steps ?? {}).find(([, marks]) => marks.some((mark) => mark.act === act))?.[0];

/** The mark that an act left there, unless it has been annulled. */
export const markOf = (record: Stepped | undefined, act: string): Mark | undefined =>
  record && marksBy(record, act).find((mark) => mark.annulled === undefined);

/** Whether what one act did holds at a time. */
export const standsBy = (record: Stepped, act: string, at: number): boolean => anyMark(record, [act], (mark) => isStanding(mark, at));

/** What acts set, from a time on: it falls with the mark of any of them. Milliseconds since 1970. */
export interface Version {
  readonly from: number;
  /** The acts: `MSPID/journal/index`. */
  readonly acts: readonly string[];
}

/** Marks by the act that left them, for records of which many acts are asked. */
const byAct = new WeakMap<Steps, ReadonlyMap<string, readonly Mark[]>>();

function marksBy({ steps }: Stepped, act: string): readonly Mark[] {
  let marks = byAct.get(steps);
  if (marks === undefined) byAct.set(steps, (marks = sortedByAct(steps)));
  return marks.get(act) ?? NO_MARKS;
}
const NO_MARKS: readonly Mark[] = [];

function sortedByAct(steps: Steps): ReadonlyMap<string, readonly Mark[]> {
  const sorted = new Map<string, Mark[]>();
  for (const mark of Object.values(steps).flat()) {
    const others = sorted.get(mark.act);
    if (others === undefined) sorted.set(mark.act, [mark]);
    else others.push(mark);
  }
  return sorted;
}

/** Asked of every fact, mostly of records with few marks, so it makes nothing on its way. */
function anyMark(record: Stepped, acts: readonly string[], is: (mark: Mark) => boolean): boolean {
  for (const step in record.steps) for (const mark of record.steps[step] ?? []) if (acts.includes(mark.act) && is(mark)) return true;
  return false;
}

/** Whether what acts set was no longer in force at a time, as far as could be known then. */
export const takenBack = (record: Stepped, acts: readonly string[], at: number): boolean =>
  anyMark(record, acts, (mark) => annulledBy(mark, at) || (mark.until !== undefined && mark.until <= at));

/** As {@link takenBack}, of one act of many that are asked of the same record. */
export const isTakenBack = (record: Stepped, act: string, at: number): boolean =>
  marksBy(record, act).some((mark) => annulledBy(mark, at) || (mark.until !== undefined && mark.until <= at));

/** Those of the acts that were annulled after a time: what rested on them then has lost its basis. */
export const annulledAfter = (record: Stepped, acts: readonly string[], at: number): readonly string[] =>
  acts.filter((act) => anyMark(record, [act], ({ annulled }) => annulled !== undefined && at < annulled));

/** A record of which versions were in force over time, in the order in which they begin. */
export interface Versioned<V extends Version> extends Stepped {
  readonly versions: readonly V[];
}

/** The version in force at a time, as far as could be known then. */
export const versionAt = <V extends Version>(record: Versioned<V> | undefined, at: number): V | undefined =>
  record?.versions.findLast(({ from, acts }) => from <= at && !takenBack(record, acts, at));

/** The record with one more version. */
export const withVersion = <R extends Versioned<Version>>(record: R, version: R["versions"][number]): R => ({
  ...record,
  versions: kept([
    ...record.versions.filter(({ from }) => from <= version.from),
    version,
    ...record.versions.filter(({ from }) => from > version.from),
  ]),
});

/** The record on which an act leaves its mark. */
export interface RecordOf<D> {
  (data: D): RecordName;
  /** Kind of the subject that the act is about. */
  readonly table: string;
  /** Whose record it is beside, where it is none of a subject's. */
  readonly beside?: (data: D) => RecordName;
}
type RecordName = readonly [table: Table<Stepped>, id: string];

export const recordIn = <R extends Stepped, D>(table: Table<R>, id: (data: D) => string): RecordOf<D> =>
  Object.assign((data: D) => [table, id(data)] as const, { table: table.name });

/**
 * A record of its own for marks that do not belong on the subject's: because facts read that, and ask for none of them, or because there may be as
 * many of the step as there are other things, each of which is withdrawn by itself. It begins with its first mark, if there is the subject's.
 */
export const recordBeside = <S extends Stepped, R extends Stepped, D>(
  subject: readonly [table: Table<S>, id: (data: D) => string],
  [table, id]: readonly [table: Table<R>, id: (data: D) => string],
): RecordOf<D> => Object.assign(recordIn(table, id), { table: subject[0].name, beside: recordIn(...subject) });

/** By an act that left its mark beside the record of its subject: where that is. */
const besides: Table<{ readonly table: string; readonly id: string; readonly subject: string }> = { name: "beside" };
const nameOf = (kind: string, id: string): string => `${kind} ${id}`;

/** On which record an act left its mark, if it was about this subject. */
export function recordWith(act: string, subject: Table<Stepped>, id: string, world: World): RecordName {
  const beside = world.get(besides, act);
  return beside?.subject === nameOf(subject.name, id) ? [{ name: beside.table }, beside.id] : [subject, id];
}

/** How an act leaves its mark, where there is a record. */
export interface Leaving<D> {
  readonly on: RecordOf<D>;
  /** Last part of the act's type. */
  readonly step: string;
  /** Steps that hold no longer. */
  readonly ends: readonly string[];
  readonly result: ((data: D, world: World) => string) | undefined;
}

export function leave<D>({ on, step, ends, result }: Leaving<D>, event: LedgerEvent<D>, world: Effects): void {
  const [table, id] = on(event.data);
  const subject = on.beside?.(event.data);
  const record = world.get(table, id) ?? (subject && world.get(...subject) && { steps: {} });
  if (record === undefined) return;
  const before = ends.reduce((other, ended) => endedStep(other, ended, event.recorded, event.place), record);
  world.put(table, id, marked(before, step, event, result?.(event.data, world)));
  if (subject !== undefined) world.put(besides, event.place, { table: table.name, id, subject: nameOf(subject[0].name, subject[1]) });
}
