/** How far an exit has come: which steps are done, which can be done next and by whom, and what is missing for the others. Pure. */
import type { HoldingsCount, Role, Settled } from "../../chaincode/events/definition";
import { CLEAN, type Exit, EXIT_STEPS, isOfAll } from "../../chaincode/events/exit-record";
import { type Mark, standing } from "../../chaincode/events/steps";
import { startOfDay } from "../../chaincode/events/time";
import { vocabulary } from "../../chaincode/events/vocabulary";

/** Those that a certificate tells of: the ones up to the verification. */
export const TIMELINE: readonly string[] = Object.keys(EXIT_STEPS).slice(0, Object.keys(EXIT_STEPS).indexOf("verified") + 1);

/** What no act does: that all is deleted, transferred or lawfully retained. */
export const ACCOUNTED_FOR = "accounted-for";

export interface Step {
  readonly step: string;
  /** Who can do it. */
  readonly by: readonly Role[];
  readonly optional?: true;
  /** `done`, `next` (nothing is missing), or `waiting`. */
  readonly state: "done" | "next" | "waiting";
  /** The act or fact: `MSPID/journal/index`, whose it was, and the ledger's time (RFC 3339). */
  readonly act?: string;
  readonly party?: string;
  readonly at?: string;
  /** It was done, and has to be done again. */
  readonly again?: true;
  /** Since when: something was accounted for then that it did not see (RFC 3339). */
  readonly outdated?: string;
  /** Nothing was accounted for since, but what ends is something else by a succession, or its annulment. */
  readonly changed?: true;
  /** Steps that come before it, `holdings-outstanding` and `retention-not-over`. */
  readonly missing?: readonly string[];
  /** The first day on which it may be done. */
  readonly from?: string;
  /** The last day, where somebody owes it. */
  readonly due?: string;
  readonly overdue?: true;
}

/** Of which step it is the duty. */
const DUTIES: Readonly<Record<string, string>> = {
  "exit-reconciling": "reconciled",
  "exit-verifying": "verified",
  "exit-certifying": "certified",
  "log-retention": "logs-disposed",
};

interface Owed {
  readonly duty: string;
  readonly from?: string;
  readonly due: string;
  readonly code?: string;
}

type Held = Pick<HoldingsCount, "outstanding"> & { readonly settled: Settled };

/** The mark of a step that is done, and need not be done again for what was found or accounted for since. @param now milliseconds since 1970 */
export function doneIn(record: Exit, step: string, { settled }: Pick<Held, "settled">, now: number): Mark | undefined {
  if (record.residue !== undefined && CLEAN.includes(step)) return undefined;
  const mark = standing(record, step, now);
  return mark !== undefined && isOfAll(step, mark, settled) ? mark : undefined;
}

/** Whether it is certified, and the certificate still says how things stand. @param now milliseconds since 1970 */
export const isCertified = (record: Exit, held: Pick<Held, "outstanding" | "settled">, now: number): boolean =>
  held.outstanding === 0 && doneIn(record, "certified", held, now) !== undefined;

/** Who is given the key of the fingerprints and sees what was held, without which nothing can be looked for. */
const SEEKERS: readonly Role[] = ["primary-operator", "implementing-agency", "assessor"];

/** Of those whose word the ledger takes, who can: a developer does nothing in others' exits but account for what it holds. */
function byOf(step: string, { leaving }: Exit): readonly Role[] {
  const { by = [] } = vocabulary.get(step === ACCOUNTED_FOR ? "suyuan.holding.deleted" : `suyuan.exit.${step}`) ?? {};
  if (step === "residue-scanned") return by.filter((role) => SEEKERS.includes(role));
  return leaving === "developer" || step === ACCOUNTED_FOR ? by : by.filter((role) => role !== "developer");
}

const entries = Object.entries(EXIT_STEPS);
const SCANNED = entries.findIndex(([step]) => step === "residue-scanned");
const ACCOUNTED = [ACCOUNTED_FOR, { after: ["inventory-frozen"] }] as const;
/** In their order: who scans before all is accounted for has to scan again. */
const STEPS: readonly (readonly [step: string, row: (typeof EXIT_STEPS)["opened"]])[] = [
  ...entries.slice(0, SCANNED),
  ACCOUNTED,
  ...entries.slice(SCANNED),
];

/** @param held of the holdings that it is about @param now milliseconds since 1970 */
export function stepsOf(record: Exit, held: Held, duties: readonly Owed[], now: number): readonly Step[] {
  const isOutstanding = held.outstanding > 0;
  const saysNothingIsLeft = (step: string, { cleared }: (typeof EXIT_STEPS)["opened"]): boolean => cleared === true || CLEAN.includes(step);
  const done = new Map<string, Mark | undefined>();
  for (const [step, row] of STEPS) if (!(isOutstanding && saysNothingIsLeft(step, row))) done.set(step, doneIn(record, step, held, now));
  // Logs go by and by.
  if (done.get("logs-disposed")?.result === "some") done.delete("logs-disposed");
  // It told of the certificate of which it comes after.
  const [certified, completed] = [done.get("certified"), done.get("completion-announced")];
  if (certified === undefined || (completed !== undefined && completed.at < certified.at)) done.delete("completion-announced");

  return STEPS.map(([step, row]): Step => {
    const common = { step, by: byOf(step, record), ...(row.optional === undefined ? {} : { optional: true as const }) };
    const missing = row.after.filter((before) => done.get(before) === undefined);
    if (step === ACCOUNTED_FOR)
      return { ...common, ...(missing.length > 0 ? { state: "waiting", missing } : { state: isOutstanding ? "next" : "done" }) };
    const mark = done.get(step);
    if (mark !== undefined) return { ...common, state: "done", act: mark.act, party: mark.party, at: new Date(mark.at).toISOString() };
    const owed = duties.find(({ duty }) => DUTIES[duty] === step);
    if (isOutstanding && saysNothingIsLeft(step, row)) missing.push("holdings-outstanding");
    if (owed?.from !== undefined && now < startOfDay(owed.from)) missing.push("retention-not-over");
    const isOutdated = standing(record, step, now) !== undefined && CLEAN.includes(step) && !isOutstanding && record.residue === undefined;
    return {
      ...common,
      state: missing.length === 0 ? "next" : "waiting",
      ...(wasDone(record, step, now) ? { again: true } : {}),
      ...(isOutdated ? outdatedBy(step, held.settled, standing(record, step, now)) : {}),
      ...(missing.length === 0 ? {} : { missing }),
      ...(owed?.from === undefined ? {} : { from: owed.from }),
      ...(owed === undefined ? {} : { due: owed.due, ...(owed.code === undefined ? {} : { overdue: true as const }) }),
    };
  });
}

/** Only a scan may have begun before what was recorded by the time that it was. */
function outdatedBy(step: string, { last }: Settled, mark: Mark | undefined): Pick<Step, "outdated" | "changed"> {
  const isChanged = mark !== undefined && step !== "residue-scanned" && last <= mark.at;
  return isChanged ? { changed: true } : { outdated: new Date(Math.max(0, last)).toISOString() };
}

/** Whether it was ever done, and neither annulled nor withdrawn. */
const wasDone = (record: Exit, step: string, now: number): boolean =>
  record.steps[step]?.some(
    ({ at, annulled, until, endedBy }) => at <= now && annulled === undefined && (until === undefined || endedBy !== undefined),
  ) === true;
