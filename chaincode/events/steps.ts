/**
 * What has been done about something, step by step. Every act leaves its mark on the record of what it is about; rules look whether a step
 * stands, and corrections end or annul marks, whatever family they are of.
 */
import type { Effects, LedgerEvent, Table } from "./definition";

/** One doing of a step: since when it holds, and until when. Milliseconds since 1970. */
export interface Mark {
  readonly at: number;
  /** The act: `MSPID/journal/index`. */
  readonly act: string;
  /** Credit code of whose act it was. */
  readonly party: string;
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

/** Marks of a step that are kept: the first, and of the others the newest. */
const KEPT = 24;

const holds = (mark: Mark, at: number): boolean => mark.at <= at && (mark.until === undefined || at < mark.until);

/** The last mark of a step that holds at a time. */
export const standing = (record: Stepped | undefined, step: string, at: number): Mark | undefined =>
  record?.steps[step]?.findLast((mark) => mark.annulled === undefined && holds(mark, at));

/** Whether a step holds at a time. */
export const stands = (record: Stepped | undefined, step: string, at: number): boolean => standing(record, step, at) !== undefined;

/** When a step was done first, of its marks that hold at a time. */
export const since = (record: Stepped | undefined, step: string, at: number): number | undefined =>
  record?.steps[step]?.find((mark) => mark.annulled === undefined && holds(mark, at))?.at;

/** Whether a step would hold at a time, had it not been annulled since: what rests on it has lost its basis. */
export const annulledSince = (record: Stepped | undefined, step: string, at: number): boolean =>
  !stands(record, step, at) && record?.steps[step]?.some((mark) => mark.annulled !== undefined && holds(mark, at)) === true;

/** The record with one more mark. */
export function marked<R extends Stepped>(
  record: R,
  step: string,
  { recorded, place, party }: Pick<LedgerEvent<unknown>, "recorded" | "place" | "party">,
): R {
  const marks = [...(record.steps[step] ?? []), { at: recorded, act: place, party }];
  const [first, ...others] = marks;
  const kept = marks.length <= KEPT || first === undefined ? marks : [first, ...others.slice(1 - KEPT)];
  return { ...record, steps: { ...record.steps, [step]: kept } };
}

/** The record with every mark changed, of some steps or of all. */
function changed<R extends Stepped>(record: R, change: (mark: Mark) => Mark, only?: string): R {
  const entries = Object.entries(record.steps).map(
    ([step, marks]) => [step, only === undefined || step === only ? marks.map(change) : marks] as const,
  );
  return { ...record, steps: Object.fromEntries(entries) };
}

/** The record with a step ended, wherever it still holds. @param by the act that ends it */
export const endedStep = <R extends Stepped>(record: R, step: string, at: number, by?: string): R =>
  changed(record, (mark) => (holds(mark, at) ? { ...mark, until: at, ...(by === undefined ? {} : { endedBy: by }) } : mark), step);

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

/** The mark that an act left there, unless it has been annulled. */
export const markOf = (record: Stepped | undefined, act: string): Mark | undefined =>
  Object.values(record?.steps ?? {})
    .flat()
    .find((mark) => mark.act === act && mark.annulled === undefined);

/** Whether an act left a mark there that has not been annulled. */
export const hasMark = (record: Stepped | undefined, act: string): boolean =>
  Object.values(record?.steps ?? {}).some((marks) => marks.some((mark) => mark.act === act && mark.annulled === undefined));

/** The record on which an act leaves its mark. */
export type RecordOf<D> = (data: D) => readonly [table: Table<Stepped>, id: string];

export const recordIn =
  <R extends Stepped, D>(table: Table<R>, id: (data: D) => string): RecordOf<D> =>
  (data) => [table, id(data)];

/** Leaves an act's mark, where there is a record. @param step last part of the act's type. @param ends steps that hold no longer */
export function leave<D>(on: RecordOf<D>, step: string, ends: readonly string[], event: LedgerEvent<D>, world: Effects): void {
  const [table, id] = on(event.data);
  const record = world.get(table, id);
  if (record === undefined) return;
  const before = ends.reduce((other, ended) => endedStep(other, ended, event.recorded, event.place), record);
  world.put(table, id, marked(before, step, event));
}
