/** rulebook 规则: the version of the rules in force, and what in it a final text may still change. Ours: the plan has no such event. */
import { atMost, day, document, oneOf, optional, type OptionalField, struct, text, type Withheld } from "./schema";
import { within } from "./limits";
import { kept } from "./steps";
import { endOfDay, startOfDay } from "./time";
import { act, rule, type Subject, table, type World } from "./definition";

/** Numbers of the rulebook, as they are where no version is adopted or it leaves one out. */
const NUMBERS = {
  /** Clause 六(二): years that an agreement lasts at most. */
  termYears: 5,
  /** Clause 六(二): months that a trial lasts at most. */
  trialMonths: 6,
  /** Clause 六(二): how often an agreement is renewed at most. */
  renewals: 2,
  /** Clause 六(二): months before expiry from which a renewal is late. */
  renewalMonths: 3,
  /** Clause 六(一)4: working days that a result is shown at least. */
  publicityDays: 5,
  /** Clause 六(五)6: months that logs are kept at least. */
  logMonths: 6,
  /** Ours: months from the day on which it is recorded that a log may be retained at most. */
  logMonthsMost: 36,
  /** Ours: hours after it happened, within which a fact is recorded. */
  lateHours: 24,
  /** Ours: days for a filing with the province. */
  filingDays: 30,
  /** Ours: days for a rectification. */
  rectificationDays: 90,
  /** Ours: days for each step of an exit. */
  exitStepDays: 30,
  /** Ours: days for the follow-up of an incident. */
  incidentDays: 30,
  /** Ours: days for purging what was narrowed, withdrawn or lost its consent. */
  purgeDays: 30,
  /** Ours: days for the review of an emergency's use of data. */
  emergencyDays: 30,
  /** Ours: days for disposing of a log, from the first day on which that is lawful. */
  logDisposalDays: 30,
  /** Ours: months between two evaluations. */
  evaluationMonths: 12,
  /** Ours: months between two checks of assets. */
  assetCheckMonths: 12,
  /** Ours: months between two operation reports. */
  operationReportMonths: 12,
};
type Numbers = Readonly<Record<keyof typeof NUMBERS, number>>;

export interface Parameters extends Numbers {
  /** Clause 六(一)5 and 附件1 differ: whose decision an agreement rests on. */
  readonly decidedBy: "authority" | "government" | "either";
}

/** Where no rulebook is adopted, or it leaves something out. */
export const STANDARD: Parameters = { ...NUMBERS, decidedBy: "either" };

/** A number beyond it is a slip of the pen, and dates so far away cannot be written. */
const LARGEST = 1000;
const number = optional(atMost(LARGEST));

/** What a version sets; what it leaves out is as it is in {@link STANDARD}. */
const parameters = struct({
  ...(Object.fromEntries(Object.keys(NUMBERS).map((name) => [name, number])) as Record<keyof Numbers, OptionalField<number>>),
  decidedBy: optional(oneOf("authority", "government", "either")),
});

interface Version extends Partial<Parameters> {
  /** Of the document. */
  readonly number: string | Withheld;
  /** The first moment of its effective day, or of its record where that is the same day: milliseconds since 1970. */
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
export const parametersAt = (world: World, at: number): Parameters => parametersIn(world.get(rulebooks, RULEBOOK), at);

/** The same, of its record; undefined where none was ever adopted. */
export function parametersIn(record: Rulebook | undefined, at: number): Parameters {
  const version = record?.versions.findLast(({ from }) => from <= at);
  return version === undefined ? STANDARD : { ...STANDARD, ...version };
}

const rulebook: Subject = { kind: "rulebook", id: RULEBOOK };

/** What happened before it was recorded is judged by what was in force then. */
const beginning = ({ data, recorded }: { data: { effective: string }; recorded: number }): number =>
  Math.max(startOfDay(data.effective), recorded);

/** What was judged by a version stays judged by it: a new one begins no earlier than the day on which it is recorded, and after the others. */
const notBackdated = rule("effective-too-early", ({ data, recorded }: { data: { effective: string }; recorded: number }, world) => {
  const last = world.get(rulebooks, RULEBOOK)?.versions.at(-1);
  return endOfDay(data.effective) <= recorded || (last !== undefined && beginning({ data, recorded }) < last.from);
});

const notTooManyToCome = within("upcoming", ({ data, recorded }: { data: { effective: string }; recorded: number }, world) => {
  const all = [...(world.get(rulebooks, RULEBOOK)?.versions ?? []), { from: beginning({ data, recorded }) }];
  return all.filter(({ from }) => recorded < from).length;
});

export const adopted = act("rulebook.adopted", {
  by: ["authority"],
  data: { number: text, effective: day, document, parameters },
  about: () => [rulebook],
  rules: [notBackdated, notTooManyToCome],
  effects: (event, world) => {
    const { number, parameters } = event.data;
    const { versions = [] } = world.get(rulebooks, RULEBOOK) ?? {};
    world.put(rulebooks, RULEBOOK, { versions: kept([...versions, { ...parameters, number, from: beginning(event) }]) });
  },
});

export const types = [adopted];
