/** What a scenario may use: the data demand list (数据需求清单) that was reviewed, down to field and purpose. Clauses 六(五)3, 七(六)1. */
import { isAbove, resources, type Sensitivity } from "./catalogue";
import { type Data, id, list, optional, struct, text } from "./schema";
import { annulledAfter, standing, stands, stood, type Version, type Versioned, versionAt } from "./steps";
import { rule, table, type World } from "./definition";

/**
 * One line of the data demand list (数据需求清单). Where it names its use by a code, whoever uses the data names that code: the words of a
 * purpose differ from report to report, and those of the list are no measure for them.
 */
export const demand = struct({ resource: id, fields: list(id, { min: 1, max: 500 }), purpose: optional(text), use: optional(id) });
export type Demand = Data<{ demand: typeof demand }>["demand"];

/** What is reviewed. */
export interface Request {
  readonly demands: readonly Demand[];
  /** The highest level of sensitivity that may be used: as asked for, else the highest of what was demanded. */
  readonly sensitivity: Sensitivity;
}

export interface Scenario extends Versioned<Request & Version> {
  readonly authorization: string;
  readonly operator: string;
  /** Whose demands are never wider than this scenario's. */
  readonly parent?: string;
  /** What is not approved yet. */
  readonly proposed?: Request;
  /** The act that asked for it: what was consented to before is no consent to this. */
  readonly asked?: string;
  /** By resource: as versions before 0.5.0 kept them. */
  readonly consents?: Readonly<Record<string, Consented>>;
}

/** Which source consented, and where that act stands. */
export interface Consented {
  readonly source: string;
  readonly act: string;
}

export const scenarios = table<Scenario>("scenario");

interface Happened {
  readonly data: { readonly scenario: string };
  readonly happened: number;
}

/** Whether a scenario belongs to that authorization and was approved, and not closed, at a time. */
export const isOpen = (scenario: Scenario | undefined, authorization: string, at: number): boolean =>
  scenario?.authorization === authorization &&
  stood(scenario, "approved", at) !== undefined &&
  versionAt(scenario, at) !== undefined &&
  !stands(scenario, "closed", at);

/** What was asked for last: under review, else in force. */
export const lastRequest = (it: Scenario | undefined): Request | undefined => it?.proposed ?? it?.versions.at(-1);

/** The data demand list in force at a time; before the first approval, the one that it is about. */
export const demandsAt = (it: Scenario | undefined, at: number): readonly Demand[] =>
  (versionAt(it, at) ?? it?.proposed ?? it?.versions[0])?.demands ?? [];

/** How many levels of scenarios there may be: every fact under the lowest is judged by all of them. */
export const LEVELS = 8;

/** A scenario and those that it is part of, the nearest first; ends in undefined where there are more than may be, or one is unknown. */
export function withItsParents(name: string, world: World): readonly (Scenario | undefined)[] {
  const line: (Scenario | undefined)[] = [];
  for (let next: string | undefined = name; next !== undefined;) {
    const it: Scenario | undefined = line.length === LEVELS ? undefined : world.get(scenarios, next);
    line.push(it);
    next = it?.parent;
  }
  return line;
}

export const linesFor = (demands: readonly Demand[], resource: string, use: string | undefined): readonly Demand[] =>
  demands.filter((line) => line.resource === resource && (line.use === undefined || line.use === use));

export const beyond = (lines: readonly Demand[], fields: readonly string[]): readonly string[] =>
  fields.filter((field) => !lines.some((line) => line.fields.includes(field)));

/** Facts: the scenario was approved, for this authorization, when the data flowed. */
export const scenarioApproved = rule(
  "scenario-not-approved",
  ({ data, happened }: Happened & { data: { authorization: string } }, world) =>
    !withItsParents(data.scenario, world).every((it) => isOpen(it, data.authorization, happened)),
);

type Using = Happened & { data: { resource: string; use?: string } };

/** The lines of the demand list that name a resource, of the scenario and of those that it is part of. */
const linesOf = ({ data, happened }: Using, world: World): readonly (readonly Demand[])[] =>
  withItsParents(data.scenario, world).map((it) => demandsAt(it, happened).filter((line) => line.resource === data.resource));

/** What was registered is what was in force then; what a change has added since is registered before it is used. */
export const scenarioRegistered = rule(
  "scenario-not-registered",
  ({ data, happened }: Using & { data: { fields?: readonly string[] } }, world) => {
    const it = world.get(scenarios, data.scenario);
    const registration = standing(it, "registered", happened);
    if (it === undefined || registration === undefined) return true;
    const [then, now] = [versionAt(it, registration.at), versionAt(it, happened)];
    if (then === undefined || now === undefined || then === now) return false;
    const [known = [], needed = []] = [then, now].map(({ demands }) => linesFor(demands, data.resource, data.use));
    return needed.length > 0 && (known.length === 0 || beyond(known, data.fields ?? []).length > 0);
  },
);

export const resourceInScenario = rule("resource-not-in-scenario", (event: Using, world) =>
  linesOf(event, world).some((lines) => lines.length === 0),
);

/** By the lines for that use, where there are any. */
export const fieldsInScenario = rule("fields-beyond-scenario", (event: Using & { data: { fields: readonly string[] } }, world) => {
  const { resource, use, fields } = event.data;
  const beyondEach = linesOf(event, world).flatMap((lines) => {
    const forUse = linesFor(lines, resource, use);
    return lines.length === 0 ? [] : beyond(forUse.length > 0 ? forUse : lines, fields);
  });
  return [...new Set(beyondEach)];
});

/** The data was used for what the list names, by the code that it is named by there. */
export const purposeKept = rule("purpose-changed", (event: Using, world) => {
  const [lines = []] = linesOf(event, world);
  return lines.length > 0 && linesFor(lines, event.data.resource, event.data.use).length === 0;
});

/** The resource has not become more sensitive than what the scenario was approved for. */
export const levelKept = rule("classification-exceeded", ({ data, happened }: Using, world) => {
  const level = versionAt(world.get(scenarios, data.scenario), happened)?.sensitivity;
  const entry = versionAt(world.get(resources, data.resource), happened);
  return level !== undefined && entry !== undefined && isAbove(entry.sensitivity, level);
});

/** Where the act stands by which the scenario was approved then, if it was annulled since. */
export const annulledReview = (it: Scenario | undefined, at: number): readonly string[] =>
  it === undefined ? [] : annulledAfter(it, versionAt(it, at)?.acts ?? [], at);
