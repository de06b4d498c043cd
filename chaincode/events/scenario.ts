/** scenario 需求场景: 一场景一审核, one review for each use, down to field and purpose. Clauses 六(五)3, 七(五)10, 七(六)1. */
import { active, authorizations } from "./authorization";
import { isParty, ownOrAuthority, sameHands } from "./party";
import { entryAt, isAbove, type Resource, resources, SENSITIVITY, type Sensitivity } from "./resource";
import { type Data, document, id, list, oneOf, optional, struct, text } from "./schema";
import { annulledAfter, recordIn, stands, stood, takenBack, type Version, type Versioned, versionAt, withVersion } from "./steps";
import { act, authorization, type Effects, resource, rule, scenario, type Subject, table, type World } from "./definition";

/**
 * One line of the data demand list (数据需求清单). Where it names its use by a code, whoever uses the data names that code: the words of a
 * purpose differ from report to report, and those of the list are no measure for them.
 */
export const demand = struct({ resource: id, fields: list(id, { min: 1, max: 500 }), purpose: optional(text), use: optional(id) });
type Demand = Data<{ demand: typeof demand }>["demand"];

/** What is reviewed. */
interface Request {
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
  /** To what was submitted last, by resource. */
  readonly consents: Readonly<Record<string, Consent>>;
}

/** Which source consented, and where that act stands. */
interface Consent {
  readonly source: string;
  readonly act: string;
}

export const scenarios = table<Scenario>("scenario");

interface Named {
  readonly data: { readonly scenario: string };
}
type Recorded = Named & { recorded: number };
type Happened = Named & { happened: number };

const itsRecord = recordIn(scenarios, (d: Named["data"]) => d.scenario);

function update(world: Pick<Effects, "get" | "put">, id: string, change: (scenario: Scenario) => Scenario): void {
  const it = world.get(scenarios, id);
  if (it) world.put(scenarios, id, change(it));
}

/** Whether a scenario belongs to that authorization and was approved, and not closed, at a time. */
export const isOpen = (scenario: Scenario | undefined, authorization: string, at: number): boolean =>
  scenario?.authorization === authorization &&
  stood(scenario, "approved", at) !== undefined &&
  versionAt(scenario, at) !== undefined &&
  !stands(scenario, "closed", at);

/** What was asked for last: under review, else in force. */
const lastRequest = (it: Scenario | undefined): Request | undefined => it?.proposed ?? it?.versions.at(-1);

/** The data demand list in force at a time; before the first approval, the one that it is about. */
export const demandsAt = (it: Scenario | undefined, at: number): readonly Demand[] =>
  (versionAt(it, at) ?? it?.proposed ?? it?.versions[0])?.demands ?? [];

/** Acts that bring a demand list. */
interface Requesting extends Recorded {
  readonly data: {
    readonly scenario: string;
    readonly authorization: string;
    readonly parent?: string;
    readonly sensitivity?: Sensitivity;
    readonly demands: readonly Demand[];
  };
}

const eachDemand = (demands: readonly Demand[], fails: (demand: Demand) => boolean): readonly string[] =>
  demands.filter(fails).map((demand) => demand.resource);

const demandsKnown = rule("resource-unknown", ({ data }: Requesting, world) =>
  eachDemand(data.demands, (demand) => world.get(resources, demand.resource) === undefined),
);

const demandsApproved = rule("resource-not-approved", ({ data, recorded }: Requesting, world) =>
  eachDemand(data.demands, (demand) => !stands(world.get(resources, demand.resource), "approved", recorded)),
);

/** Ours: a demand beyond the catalogued fields could never be consented to knowingly. */
const demandsCatalogued = rule("fields-not-catalogued", ({ data, recorded }: Requesting, world) =>
  eachDemand(data.demands, (demand) => {
    const fields = new Set(entryAt(world.get(resources, demand.resource), recorded)?.fields);
    return demand.fields.some((field) => !fields.has(field));
  }),
);

const sensitivityOf = (it: Resource | undefined, at: number): Sensitivity => entryAt(it, at)?.sensitivity ?? "open";

/** Nothing is demanded above the level that is asked for. */
const demandsWithinLevel = rule("classification-exceeded", ({ data, recorded }: Requesting, world) => {
  const { sensitivity } = data;
  if (sensitivity === undefined) return [];
  return eachDemand(data.demands, (demand) => isAbove(sensitivityOf(world.get(resources, demand.resource), recorded), sensitivity));
});

/** As a new scenario names it; one that changes keeps it. */
const parentOf = ({ data, recorded }: Requesting, world: World): string | undefined => {
  const it = world.get(scenarios, data.scenario);
  return data.parent ?? (stands(it, "submitted", recorded) ? it?.parent : undefined);
};

/** How many levels of scenarios there may be: every fact under the lowest is judged by all of them. */
const LEVELS = 8;

/** A scenario and those that it is part of, the nearest first; ends in undefined where there are more than may be, or one is unknown. */
function withItsParents(name: string, world: World): readonly (Scenario | undefined)[] {
  const line: (Scenario | undefined)[] = [];
  for (let next: string | undefined = name; next !== undefined;) {
    const it: Scenario | undefined = line.length === LEVELS ? undefined : world.get(scenarios, next);
    line.push(it);
    next = it?.parent;
  }
  return line;
}

/** A scenario is part of one that is approved, under the same authorization, and so are all that this one is part of; and no part of itself. */
const parentApproved = rule("scenario-not-approved", (event: Requesting, world) => {
  const parent = parentOf(event, world);
  if (parent === undefined) return [];
  const { data, recorded } = event;
  const above = withItsParents(parent, world);
  const isSound = parent !== data.scenario && above.length < LEVELS && above.every((it) => isOpen(it, data.authorization, recorded));
  return isSound ? [] : [parent];
});

const linesFor = (demands: readonly Demand[], resource: string, use: string | undefined): readonly Demand[] =>
  demands.filter((line) => line.resource === resource && (line.use === undefined || line.use === use));

const beyond = (lines: readonly Demand[], fields: readonly string[]): readonly string[] =>
  fields.filter((field) => !lines.some((line) => line.fields.includes(field)));

/** Lists each field that the parent was not approved for, for that use, and the level where it is above the parent's. */
const withinParent = rule("scenario-wider-than-parent", (event: Requesting, world) => {
  const parent = parentOf(event, world);
  const allowed = parent === undefined ? undefined : versionAt(world.get(scenarios, parent), event.recorded);
  if (allowed === undefined) return [];
  const fields = event.data.demands.flatMap(({ resource, use, fields }) =>
    beyond(linesFor(allowed.demands, resource, use), fields).map((field) => `${resource}/${field}`),
  );
  return isAbove(request(event, world).sensitivity, allowed.sensitivity) ? [...fields, "sensitivity"] : fields;
});

const demandRules = [demandsKnown, demandsApproved, demandsCatalogued, demandsWithinLevel, parentApproved, withinParent];

/** What the authority and the sources are asked to review. */
function request({ data, recorded }: Requesting, world: World): Request {
  const levels = data.demands.map((line) => sensitivityOf(world.get(resources, line.resource), recorded));
  const highest = levels.reduce((one, other) => (isAbove(other, one) ? other : one), "open");
  return { demands: data.demands, sensitivity: data.sensitivity ?? highest };
}

const described = { scenario: id, authorization: id, parent: optional(id), name: text, purpose: text };
const demanded = { sensitivity: optional(oneOf(...SENSITIVITY)), demands: list(demand, { min: 1 }) };
const about = (d: { scenario: string; authorization: string; demands: readonly Demand[] }): readonly Subject[] => [
  scenario(d.scenario),
  authorization(d.authorization),
  ...d.demands.map((line) => resource(line.resource)),
];

const isProposed = (it: Scenario | undefined, at: number): boolean => stands(it, "proposed", at) && !stands(it, "submitted", at);

/** Submitted, or approved once: what was approved is never replaced under its number, whatever was withdrawn since. */
const isTaken = (it: Scenario | undefined, at: number): boolean =>
  stands(it, "submitted", at) || it?.steps["approved"] !== undefined || (it?.versions.length ?? 0) > 0;

const numberFree = rule("scenario-exists", ({ data, recorded }: Recorded, world) => {
  const it = world.get(scenarios, data.scenario);
  return isProposed(it, recorded) || isTaken(it, recorded);
});

const authorizationKnown = rule(
  "authorization-unknown",
  ({ data }: Requesting, world) => world.get(authorizations, data.authorization) === undefined,
);

const opened = ({ data: { authorization, parent } }: Requesting, operator: string, before: Scenario | undefined): Scenario => ({
  authorization,
  operator,
  ...(parent === undefined ? {} : { parent }),
  versions: [],
  consents: {},
  steps: before?.steps ?? {},
});

/** A developer's idea, for the operator to review. */
export const proposed = act("scenario.proposed", {
  clause: "七(五)10",
  by: ["developer"],
  data: { ...described, ...demanded },
  about,
  rules: [numberFree, authorizationKnown, ...demandRules],
  effects: (event, world) => {
    const { authorization, scenario } = event.data;
    const operator = world.get(authorizations, authorization)?.operator ?? "";
    world.put(scenarios, scenario, opened(event, operator, world.get(scenarios, scenario)));
  },
  on: itsRecord,
  withdrawal: ["submitted"],
});

const exists = rule("scenario-unknown", ({ data }: Named, world) => world.get(scenarios, data.scenario) === undefined);

const ownScenario = rule("not-your-event", ({ data, party }: Named & { party: string }, world) => {
  const it = world.get(scenarios, data.scenario);
  return it !== undefined && !ownOrAuthority(world, party, it.operator);
});

const isPending = rule("scenario-not-pending", ({ data, recorded }: Recorded, world) => {
  const it = world.get(scenarios, data.scenario);
  return it !== undefined && it.proposed === undefined && !isProposed(it, recorded);
});

const isProposal = rule("scenario-not-pending", ({ data, recorded }: Recorded, world) => {
  const it = world.get(scenarios, data.scenario);
  return it !== undefined && !isProposed(it, recorded);
});

export const preReviewed = act("scenario.pre-reviewed", {
  clause: "七(五)10",
  by: ["primary-operator"],
  data: { scenario: id, opinion: optional(document) },
  about: (d) => [scenario(d.scenario)],
  rules: [exists, ownScenario, isProposal],
  on: itsRecord,
  withdrawal: ["submitted"],
});

/** A number stands for one scenario; the operator may take up a developer's proposal that was made under its own authorization. */
const notSubmittedTwice = rule("scenario-exists", ({ data, recorded }: Requesting, world) => {
  const it = world.get(scenarios, data.scenario);
  return isTaken(it, recorded) || (isProposed(it, recorded) && it?.authorization !== data.authorization);
});

const preReviewDone = rule("pre-review-missing", ({ data, recorded }: Recorded, world) => {
  const it = world.get(scenarios, data.scenario);
  return isProposed(it, recorded) && !stands(it, "pre-reviewed", recorded);
});

export const submitted = act("scenario.submitted", {
  clause: "六(五)3",
  by: ["primary-operator"],
  data: { ...described, ...demanded },
  about,
  rules: [notSubmittedTwice, preReviewDone, active, ...demandRules],
  effects: (event, world) => {
    const { scenario } = event.data;
    const it = opened(event, event.party, world.get(scenarios, scenario));
    world.put(scenarios, scenario, { ...it, proposed: request(event, world) });
  },
  on: itsRecord,
  withdrawal: ["approved"],
});

const known = rule(
  "scenario-unknown",
  ({ data, recorded }: Recorded, world) => !stands(world.get(scenarios, data.scenario), "submitted", recorded),
);

/** What is closed is not opened again. */
const notClosed = rule("scenario-closed", ({ data, recorded }: Recorded, world) =>
  stands(world.get(scenarios, data.scenario), "closed", recorded),
);

/** The authorization of the scenario, and no other. */
const ownAuthorization = rule("authorization-inactive", ({ data }: Requesting, world) => {
  const it = world.get(scenarios, data.scenario);
  return it !== undefined && it.authorization !== data.authorization;
});

/** Another data demand list: what was approved stays in force until the new one is consented to and approved. */
export const changed = act("scenario.changed", {
  clause: "六(五)3",
  by: ["primary-operator"],
  data: { scenario: id, authorization: id, ...demanded, reason: text },
  about,
  rules: [known, ownScenario, notClosed, active, ownAuthorization, ...demandRules],
  effects: (event, world) => update(world, event.data.scenario, (it) => ({ ...it, proposed: request(event, world), consents: {} })),
  on: itsRecord,
});

/** A source consents for what it is the source of, and for nothing else. */
const ownResource = rule(
  "not-your-event",
  ({ data, party }: { data: { resource: string }; party: string }, world) =>
    !isParty(world, party, world.get(resources, data.resource)?.source),
);

/** Consent to what nobody asked for would be none. */
const resourceAskedFor = rule("resource-not-in-scenario", ({ data }: Named & { data: { resource: string } }, world) => {
  const asked = lastRequest(world.get(scenarios, data.scenario));
  return asked !== undefined && !asked.demands.some((line) => line.resource === data.resource);
});

export const consented = act("scenario.consented", {
  clause: "六(五)3",
  by: ["source", "sector-authority"],
  data: { scenario: id, resource: id, conditions: optional(text) },
  about: (d) => [scenario(d.scenario), resource(d.resource)],
  rules: [known, notClosed, ownResource, resourceAskedFor],
  effects: ({ data, party, place }, world) =>
    update(world, data.scenario, (it) => ({ ...it, consents: { ...it.consents, [data.resource]: { source: party, act: place } } })),
  on: itsRecord,
  withdrawal: "free",
});

/** A consent is that of who is the source now, and has not been taken back. */
const allConsented = rule("consent-missing", ({ data, recorded }: Recorded, world) => {
  const it = world.get(scenarios, data.scenario);
  if (it === undefined) return [];
  const consents = new Map(Object.entries(it.consents));
  const asked = new Set(lastRequest(it)?.demands.map((line) => line.resource));
  return [...asked].filter((name) => {
    const [consent, source] = [consents.get(name), world.get(resources, name)?.source];
    return (
      consent === undefined || source === undefined || !sameHands(world, consent.source, source) || takenBack(it, [consent.act], recorded)
    );
  });
});

const isReviewed = rule("scenario-not-pending", ({ data, recorded }: Recorded, world) => {
  const it = world.get(scenarios, data.scenario);
  return stands(it, "submitted", recorded) && lastRequest(it) === undefined;
});

/** What was asked for is in force from then on; what had been, and lost its approval, is so again. */
export const approved = act("scenario.approved", {
  clause: "六(五)3",
  by: ["authority"],
  data: { scenario: id, opinion: optional(document) },
  about: (d) => [scenario(d.scenario)],
  rules: [known, notClosed, isReviewed, allConsented],
  effects: ({ data, recorded, place }, world) =>
    update(world, data.scenario, ({ proposed, ...it }) => {
      const next = proposed ?? versionAt(it, recorded) ?? it.versions.at(-1);
      return next === undefined ? it : withVersion(it, { ...next, from: recorded, acts: [place] });
    }),
  on: itsRecord,
  withdrawal: "free",
});

function withoutRequest(it: Scenario): Scenario {
  const { proposed, ...rest } = it;
  return proposed === undefined ? it : rest;
}

/** What was proposed or asked for, and no more: what is in force stays so. */
export const rejected = act("scenario.rejected", {
  clause: "六(五)3",
  by: ["authority", "primary-operator"],
  data: { scenario: id, reason: text, opinion: optional(document) },
  about: (d) => [scenario(d.scenario)],
  rules: [exists, ownScenario, notClosed, isPending],
  effects: ({ data }, world) => update(world, data.scenario, withoutRequest),
  on: itsRecord,
  ends: ["proposed", "pre-reviewed"],
});

/** Acts: only what was approved is registered. */
const approvedBefore = rule("scenario-not-approved", ({ data, recorded }: Recorded, world) => {
  const it = world.get(scenarios, data.scenario);
  return it !== undefined && !isOpen(it, it.authorization, recorded);
});

export const registered = act("scenario.registered", {
  clause: "六(五)3",
  by: ["authority", "primary-operator"],
  data: { scenario: id, registration: id },
  about: (d) => [scenario(d.scenario)],
  rules: [known, ownScenario, approvedBefore],
  on: itsRecord,
});

export const closed = act("scenario.closed", {
  clause: "六(五)3",
  by: ["authority", "primary-operator"],
  data: { scenario: id, reason: text },
  about: (d) => [scenario(d.scenario)],
  rules: [known, ownScenario],
  on: itsRecord,
  withdrawal: "barred",
});

/** Facts: the scenario was approved, for this authorization, when the data flowed. */
export const scenarioApproved = rule(
  "scenario-not-approved",
  ({ data, happened }: Happened & { data: { authorization: string } }, world) =>
    !withItsParents(data.scenario, world).every((it) => isOpen(it, data.authorization, happened)),
);

export const scenarioRegistered = rule("scenario-not-registered", ({ data, happened }: Happened, world) => {
  return !stands(world.get(scenarios, data.scenario), "registered", happened);
});

type Using = Happened & { data: { resource: string; use?: string } };

/** The lines of the demand list that name a resource, of the scenario and of those that it is part of. */
const linesOf = ({ data, happened }: Using, world: World): readonly (readonly Demand[])[] =>
  withItsParents(data.scenario, world).map((it) => demandsAt(it, happened).filter((line) => line.resource === data.resource));

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

export const types = [proposed, preReviewed, submitted, changed, consented, approved, rejected, registered, closed];
