/** scenario 需求场景: 一场景一审核, one review for each use, down to field and purpose. Clauses 六(五)3, 七(五)10, 七(六)1. */
import { active, authorizations } from "./authorization";
import { resources, SENSITIVITY } from "./catalogue";
import { consent, hasConsented, itsConsent } from "./consent";
import { type Demand, demand, isOpen, lastRequest, type Scenario, scenarios } from "./demand";
import { isParty, ownOrAuthority } from "./party";
import { demandRules, request, type Requesting } from "./request";
import { document, id, list, oneOf, optional, text } from "./schema";
import { recordIn, stands, versionAt, withVersion } from "./steps";
import { act, authorization, type Effects, resource, rule, scenario, type Subject } from "./definition";

interface Named {
  readonly data: { readonly scenario: string };
}
type Recorded = Named & { recorded: number };

const itsRecord = recordIn(scenarios, (d: Named["data"]) => d.scenario);

function update(world: Pick<Effects, "get" | "put">, id: string, change: (scenario: Scenario) => Scenario): void {
  const it = world.get(scenarios, id);
  if (it) world.put(scenarios, id, change(it));
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
    world.put(scenarios, scenario, { ...it, proposed: request(event, world), asked: event.place });
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
  effects: (event, world) =>
    update(world, event.data.scenario, ({ consents: _, ...it }) => ({ ...it, proposed: request(event, world), asked: event.place })),
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
  effects: ({ data, party, place }, world) => consent(world, data, { source: party, act: place }),
  on: itsConsent,
  // What was approved on its strength ends by acts of their own: the source withdraws or narrows what it offers, the scenario is closed.
  withdrawal: ["approved"],
});

/** A consent is that of who is the source now, and has not been taken back. */
const allConsented = rule("consent-missing", ({ data, recorded }: Recorded, world) => {
  const it = world.get(scenarios, data.scenario);
  if (it === undefined) return [];
  const asked = new Set(lastRequest(it)?.demands.map((line) => line.resource));
  return [...asked].filter((resource) => {
    const source = world.get(resources, resource)?.source;
    return source === undefined || !hasConsented(world, { scenario: data.scenario, resource }, source, recorded);
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

/** What was consented to while it was asked for is no consent to what is in force, or comes next. @param by the act that takes it from the table */
function withoutRequest(it: Scenario, by: string): Scenario {
  const { proposed, consents: _, ...rest } = it;
  return proposed === undefined ? it : { ...rest, asked: by };
}

/** What was proposed or asked for, and no more: what is in force stays so. */
export const rejected = act("scenario.rejected", {
  clause: "六(五)3",
  by: ["authority", "primary-operator"],
  data: { scenario: id, reason: text, opinion: optional(document) },
  about: (d) => [scenario(d.scenario)],
  rules: [exists, ownScenario, notClosed, isPending],
  effects: ({ data, place }, world) => update(world, data.scenario, (it) => withoutRequest(it, place)),
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

export const types = [proposed, preReviewed, submitted, changed, consented, approved, rejected, registered, closed];
