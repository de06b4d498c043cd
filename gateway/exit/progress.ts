/** How far an exit has come: which steps are done, which can be done next and by whom, and what is missing for the others. Pure. */
import type { HoldingsCount, Role, Settled } from "../../chaincode/events/definition";
import { CLEAN, type Exit, EXIT_STEPS, isOfAll } from "../../chaincode/events/exit-record";
import { type Mark, standing } from "../../chaincode/events/steps";
import { vocabulary } from "../../chaincode/events/vocabulary";

/** Those that a certificate tells of: the ones up to the verification. */
export const TIMELINE: readonly string[] = Object.keys(EXIT_STEPS).slice(0, Object.keys(EXIT_STEPS).indexOf("verified") + 1);

export interface Step {
  readonly step: string;
  /** Who may do it. */
  readonly by: readonly Role[];
  readonly optional?: true;
  /** `done`, `next` (nothing is missing), or `waiting`. */
  readonly state: "done" | "next" | "waiting";
  /** The act or fact: `MSPID/journal/index`, whose it was, and the ledger's time (RFC 3339). */
  readonly act?: string;
  readonly party?: string;
  readonly at?: string;
  /** It was done, and no longer counts: since when something has been accounted for that it did not see (RFC 3339). */
  readonly outdated?: string;
  /** Steps that come before it, and `holdings-outstanding`. */
  readonly missing?: readonly string[];
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

/** @param held of the holdings that it is about @param now milliseconds since 1970 */
export function stepsOf(record: Exit, held: Held, duties: readonly Owed[], now: number): readonly Step[] {
  return Object.entries(EXIT_STEPS).map(([step, { after, optional, cleared }]): Step => {
    const mark = doneIn(record, step, held, now);
    const owed = duties.find(({ duty }) => DUTIES[duty] === step);
    const missing: string[] = after.filter((before) => doneIn(record, before, held, now) === undefined);
    if (cleared === true && held.outstanding > 0) missing.push("holdings-outstanding");
    const before = standing(record, step, now);
    const isOutdated = before !== undefined && !isOfAll(step, before, held.settled);
    const common = { step, by: vocabulary.get(`suyuan.exit.${step}`)?.by ?? [], ...(optional === undefined ? {} : { optional }) };
    if (mark !== undefined) return { ...common, state: "done", act: mark.act, party: mark.party, at: new Date(mark.at).toISOString() };
    return {
      ...common,
      state: missing.length === 0 ? "next" : "waiting",
      ...(isOutdated ? { outdated: new Date(Math.max(0, held.settled.last)).toISOString() } : {}),
      ...(missing.length === 0 ? {} : { missing }),
      ...(owed === undefined ? {} : { due: owed.due, ...(owed.code === undefined ? {} : { overdue: true as const }) }),
    };
  });
}
