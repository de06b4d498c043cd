/** How far an exit has come: which steps are done, which can be done next and by whom, and what is missing for the others. Pure. */
import type { HoldingsCount, Role, Settled } from "../../chaincode/events/definition";
import { type Exit, isOfAll } from "../../chaincode/events/exit";
import { type Mark, standing } from "../../chaincode/events/steps";
import { vocabulary } from "../../chaincode/events/vocabulary";

/** The steps in their order; each waits for those that it names, and where it says so for all that is held to be cleared or lawfully retained. */
const STEPS = [
  { step: "opened", after: [] },
  { step: "permissions-closed", after: ["opened"] },
  { step: "announced", after: ["permissions-closed"], optional: true },
  { step: "inventory-frozen", after: ["permissions-closed"] },
  { step: "reconciled", after: ["inventory-frozen"] },
  { step: "handed-over", after: ["permissions-closed"], optional: true },
  { step: "residue-scanned", after: ["inventory-frozen"] },
  { step: "verified", after: ["permissions-closed", "inventory-frozen", "reconciled", "residue-scanned"], cleared: true },
  { step: "certified", after: ["verified"], cleared: true },
  { step: "completion-announced", after: ["verified", "certified"], cleared: true },
  { step: "logs-disposed", after: ["permissions-closed"] },
] as const satisfies readonly { step: string; after: readonly string[]; optional?: true; cleared?: true }[];

/** Those that a certificate tells of: the ones up to the verification. */
export const TIMELINE: readonly string[] = STEPS.map(({ step }) => step).slice(0, STEPS.findIndex(({ step }) => step === "verified") + 1);

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

/** The mark of a step that is done, and need not be done again for what was accounted for since. @param now milliseconds since 1970 */
export function doneIn(record: Exit, step: string, { settled }: Pick<Held, "settled">, now: number): Mark | undefined {
  const mark = standing(record, step, now);
  return mark !== undefined && isOfAll(step, mark, settled) ? mark : undefined;
}

/** @param held of the holdings that it is about @param now milliseconds since 1970 */
export function stepsOf(record: Exit, held: Held, duties: readonly Owed[], now: number): readonly Step[] {
  return STEPS.map((row): Step => {
    const { step, after } = row;
    const mark = doneIn(record, step, held, now);
    const owed = duties.find(({ duty }) => DUTIES[duty] === step);
    const missing: string[] = after.filter((before) => doneIn(record, before, held, now) === undefined);
    if ("cleared" in row && held.outstanding > 0) missing.push("holdings-outstanding");
    const common = { step, by: vocabulary.get(`suyuan.exit.${step}`)?.by ?? [], ...("optional" in row ? { optional: true as const } : {}) };
    if (mark !== undefined) return { ...common, state: "done", act: mark.act, party: mark.party, at: new Date(mark.at).toISOString() };
    return {
      ...common,
      state: missing.length === 0 ? "next" : "waiting",
      ...(missing.length === 0 ? {} : { missing }),
      ...(owed === undefined ? {} : { due: owed.due, ...(owed.code === undefined ? {} : { overdue: true as const }) }),
    };
  });
}
