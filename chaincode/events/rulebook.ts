/** rulebook 规则: the version of the rules in force, and what in it a final text may still change. Ours: the plan has no such event. */
import { count, day, document, oneOf, optional, struct, text } from "./schema";
import { startOfDay } from "./time";
import { act, type LedgerEvent, rule, type Subject, table, type World } from "./definition";

/** What a version of the rulebook sets; each that it leaves out is as it is in {@link STANDARD}. */
const parameters = struct({
  /** Clause 六(二): years that an agreement lasts at most. */
  termYears: optional(count),
  /** Clause 六(二): months that a trial lasts at most. */
  trialMonths: optional(count),
  /** Clause 六(二): how often an agreement is renewed at most. */
  renewals: optional(count),
  /** Clause 六(二): months before expiry from which a renewal is late. */
  renewalMonths: optional(count),
  /** Clause 六(一)4: working days that a result is shown at least. */
  publicityDays: optional(count),
  /** Clause 六(一)5 and 附件1 differ: whose decision an agreement rests on. */
  decidedBy: optional(oneOf("authority", "government", "either")),
  /** Clause 六(五)6: months that logs are kept at least. */
  logMonths: optional(count),
  /** Ours: hours after it happened, within which a fact is recorded. */
  lateHours: optional(count),
  /** Ours: days for the province's filing, a trial's assessment, a rectification, a step of an exit, a follow-up of an incident, a purge. */
  filingDays: optional(count),
  rectificationDays: optional(count),
  exitStepDays: optional(count),
  incidentDays: optional(count),
  purgeDays: optional(count),
  /** Ours: months between evaluations, asset checks, operation reports, security reports, audits. */
  evaluationMonths: optional(count),
  assetCheckMonths: optional(count),
  operationReportMonths: optional(count),
});

export interface Parameters {
  readonly termYears: number;
  readonly trialMonths: number;
  readonly renewals: number;
  readonly renewalMonths: number;
  readonly publicityDays: number;
  readonly decidedBy: "authority" | "government" | "either";
  readonly logMonths: number;
  readonly lateHours: number;
  readonly filingDays: number;
  readonly rectificationDays: number;
  readonly exitStepDays: number;
  readonly incidentDays: number;
  readonly purgeDays: number;
  readonly evaluationMonths: number;
  readonly assetCheckMonths: number;
  readonly operationReportMonths: number;
}

/** Where no rulebook is adopted, or it leaves something out. */
export const STANDARD: Parameters = {
  termYears: 5,
  trialMonths: 6,
  renewals: 2,
  renewalMonths: 3,
  publicityDays: 5,
  decidedBy: "either",
  logMonths: 6,
  lateHours: 24,
  filingDays: 30,
  rectificationDays: 90,
  exitStepDays: 30,
  incidentDays: 30,
  purgeDays: 30,
  evaluationMonths: 12,
  assetCheckMonths: 12,
  operationReportMonths: 12,
};

interface Version extends Partial<Parameters> {
  readonly number: string;
  /** The first moment of its effective day, milliseconds since 1970. */
  readonly from: number;
}

export interface Rulebook {
  /** In the order of their effective days. */
  readonly versions: readonly Version[];
}

export const rulebooks = table<Rulebook>("rulebook");

/** There is one. */
export const RULEBOOK = "current";

/** What the rulebook in force at a time says. */
export function parametersAt(world: World, at: number): Parameters {
  const version = world.get(rulebooks, RULEBOOK)?.versions.findLast(({ from }) => from <= at);
  return version === undefined ? STANDARD : { ...STANDARD, ...version };
}

const rulebook: Subject = { kind: "rulebook", id: RULEBOOK };

/** What was judged by a version stays judged by it: a new one begins no earlier than the day on which it is recorded, and after the others. */
const notBackdated = rule(
  "effective-too-early",
  ({ data, recorded }: Pick<LedgerEvent<{ effective: string }>, "data" | "recorded">, world) => {
    const from = startOfDay(data.effective);
    const last = world.get(rulebooks, RULEBOOK)?.versions.at(-1);
    return from + DAY_MS <= recorded || (last !== undefined && from < last.from);
  },
);
const DAY_MS = 24 * 3600_000;

export const adopted = act("rulebook.adopted", {
  by: ["authority"],
  data: { number: text, effective: day, document, parameters },
  about: () => [rulebook],
  rules: [notBackdated],
  effects: ({ data }, world) => {
    const { versions = [] } = world.get(rulebooks, RULEBOOK) ?? {};
    const number = typeof data.number === "string" ? data.number : data.number.withheld;
    const version = { ...data.parameters, number, from: startOfDay(data.effective) } as Version;
    world.put(rulebooks, RULEBOOK, { versions: [...versions, version] });
  },
});

export const types = [adopted];
