/** What the ledger keeps of an exit, and its steps in their order: the contract refuses by it, a gateway tells by it what comes next. Clause 六(五)6. */
import type { Leaving } from "./exit-ground";
import type { Mark, Stepped } from "./steps";
import { type Settled, table } from "./definition";

export interface Exit extends Stepped, Leaving {
  /** Since when its ground stands: from then on logs are kept. Milliseconds since 1970. */
  readonly since: number;
  /** Credit codes of those who leave and who close it for them; with those who delete, they are none of whom verifies. */
  readonly hands: readonly string[];
  /** Credit code of the developer whose product ends; none where it is the operator's own, or before 0.7.0. */
  readonly maker?: string;
  /** Residue that was reported and not found gone since: by whom, and when last. Milliseconds since 1970. */
  readonly residue?: { readonly by: readonly string[]; readonly at: number };
}

export const exits = table<Exit>("exit");

interface StepRow {
  /** Steps for which it waits. */
  readonly after: readonly string[];
  /** Nothing waits for it. */
  readonly optional?: true;
  /** It waits, too, until all that is held is cleared or lawfully retained. */
  readonly cleared?: true;
}

const BEFORE_VERIFIED = ["permissions-closed", "inventory-frozen", "reconciled", "residue-scanned"] as const;

const steps = {
  opened: { after: [] },
  "permissions-closed": { after: ["opened"] },
  announced: { after: ["permissions-closed"], optional: true },
  "inventory-frozen": { after: ["permissions-closed"] },
  reconciled: { after: ["inventory-frozen"] },
  "handed-over": { after: ["permissions-closed"], optional: true },
  "residue-scanned": { after: ["inventory-frozen"] },
  verified: { after: BEFORE_VERIFIED, cleared: true },
  certified: { after: [...BEFORE_VERIFIED, "verified"], cleared: true },
  "completion-announced": { after: [...BEFORE_VERIFIED, "verified", "certified"], cleared: true },
  "logs-disposed": { after: ["permissions-closed"] },
} as const satisfies Readonly<Record<string, StepRow>>;

export type ExitStep = keyof typeof steps;
export const EXIT_STEPS: Readonly<Record<ExitStep, StepRow>> = steps;

/** The steps that say that nothing is left: none of them holds while residue is found, not even where what ended it was annulled since. */
export const CLEAN: readonly string[] = ["residue-scanned", "verified", "certified"];

/**
 * Whether a step that says so says it of all that was accounted for by now: a scan began after the last of it, a verification and a certificate are of as
 * much. So what is declared late and deleted is scanned for and verified as all else was; what is struck was never there, and asks for nothing.
 * What developers declare after the freeze is left out in others' exits, which they could hold up for ever; to freeze anew has it scanned for and
 * verified too.
 * @param mark without a result where a version before 0.6.0 left it: it counts as it did
 */
export function isOfAll(step: string, { result }: Mark, { count, last }: Settled): boolean {
  if (result === undefined || !CLEAN.includes(step)) return true;
  return step === "residue-scanned" ? last <= Number(result) : count === Number(result);
}

/** Whether it is a developer's exit, or that of its product: what developers declare late counts there, and the operator's word that residue is left ends nothing. */
export const isDevelopers = ({ leaving, maker }: { readonly leaving: string; readonly maker?: string }): boolean =>
  leaving === "developer" || maker !== undefined;
