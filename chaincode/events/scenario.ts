/** scenario 需求场景: 一场景一审核, one review for each use, down to the field. Clauses 六(五)3, 七(五)10. */
import { active } from "./authorization";
import { ownOrAuthority } from "./party";
import { resources } from "./resource";
import { type Data, document, id, list, optional, struct, text } from "./schema";
import { recordIn, type Stepped, stands } from "./steps";
import { act, authorization, resource, rule, scenario, table, type World } from "./definition";

/** One line of the data demand list (数据需求清单). */
export const demand = struct({ resource: id, fields: list(id, { min: 1, max: 500 }) });
type Demand = Data<{ demand: typeof demand }>["demand"];

export interface Scenario extends Stepped {
  readonly authorization: string;
  readonly operator: string;
  readonly demands: readonly Demand[];
  /** Credit codes of the sources that consented, by resource. */
  readonly consents: Readonly<Record<string, string>>;
}

export const scenarios = table<Scenario>("scenario");

interface Named {
  readonly data: { readonly scenario: string };
}

const itsRecord = recordIn(scenarios, (d: Named["data"]) => d.scenario);

/** Whether a scenario belongs to that authorization and was approved, and not closed, at a time. */
export const isOpen = (scenario: Scenario | undefined, authorization: string, at: number): boolean =>
  scenario?.authorization === authorization && stands(scenario, "approved", at) && !stands(scenario, "closed", at);

const eachDemand = (demands: readonly Demand[], fails: (demand: Demand) => boolean): readonly string[] =>
  demands.filter(fails).map((demand) => demand.resource);

const demandsKnown = rule("resource-unknown", ({ data }: { data: { demands: readonly Demand[] } }, world) =>
  eachDemand(data.demands, (demand) => world.get(resources, demand.resource) === undefined),
);

const demandsApproved = rule(
  "resource-not-approved",
  ({ data, recorded }: { data: { demands: readonly Demand[] }; recorded: number }, world) =>
    eachDemand(data.demands, (demand) => !stands(world.get(resources, demand.resource), "approved", recorded)),
);

/** Ours: a demand beyond the catalogued fields could never be consented to knowingly. */
const demandsCatalogued = rule("fields-not-catalogued", ({ data }: { data: { demands: readonly Demand[] } }, world) =>
  eachDemand(data.demands, (demand) => {
    const fields = new Set(world.get(resources, demand.resource)?.fields);
    return demand.fields.some((field) => !fields.has(field));
  }),
);

const notSubmittedTwice = rule("scenario-exists", ({ data }: Named, world) => world.get(scenarios, data.scenario) !== undefined);

export const submitted = act("scenario.submitted", {
  clause: "六(五)3",
  by: ["primary-operator"],
  data: { scenario: id, authorization: id, name: text, purpose: text, demands: list(demand, { min: 1 }) },
  about: (d) => [scenario(d.scenario), authorization(d.authorization), ...d.demands.map((demand) => resource(demand.resource))],
  rules: [notSubmittedTwice, active, demandsKnown, demandsApproved, demandsCatalogued],
  effects: ({ data, party }, world) =>
    world.put(scenarios, data.scenario, {
      authorization: data.authorization,
      operator: party,
      demands: data.demands,
      consents: {},
      steps: {},
    }),
  on: itsRecord,
});

const known = rule("scenario-unknown", ({ data }: Named, world) => world.get(scenarios, data.scenario) === undefined);

/** What is closed is not opened again. */
const notClosed = rule("scenario-closed", ({ data, recorded }: Named & { recorded: number }, world) =>
  stands(world.get(scenarios, data.scenario), "closed", recorded),
);

/** A source consents for what it is the source of, and for nothing else. */
const ownResource = rule(
  "not-your-event",
  ({ data, party }: { data: { resource: string }; party: string }, world) => world.get(resources, data.resource)?.source !== party,
);

export const consented = act("scenario.consented", {
  clause: "六(五)3",
  by: ["source", "sector-authority"],
  data: { scenario: id, resource: id, conditions: optional(text) },
  about: (d) => [scenario(d.scenario), resource(d.resource)],
  rules: [known, notClosed, ownResource],
  effects: ({ data, party }, world) => update(world, data.scenario, (s) => ({ ...s, consents: { ...s.consents, [data.resource]: party } })),
});

const allConsented = rule("consent-missing", ({ data }: Named, world) => {
  const it = world.get(scenarios, data.scenario);
  return it === undefined ? [] : eachDemand(it.demands, (demand) => !Object.hasOwn(it.consents, demand.resource));
});

export const approved = act("scenario.approved", {
  clause: "六(五)3",
  by: ["authority"],
  data: { scenario: id, opinion: optional(document) },
  about: (d) => [scenario(d.scenario)],
  rules: [known, notClosed, allConsented],
  on: itsRecord,
});

const ownScenario = rule("not-your-event", ({ data, party }: Named & { party: string }, world) => {
  const it = world.get(scenarios, data.scenario);
  return it !== undefined && !ownOrAuthority(world, party, it.operator);
});

/** Acts: only what was approved is registered. */
const approvedBefore = rule("scenario-not-approved", ({ data, recorded }: Named & { recorded: number }, world) => {
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
});

type Happened = Named & { happened: number };

/** Facts: the scenario was approved, for this authorization, when the data flowed. */
export const scenarioApproved = rule(
  "scenario-not-approved",
  ({ data, happened }: Happened & { data: { authorization: string } }, world) => {
    return !isOpen(world.get(scenarios, data.scenario), data.authorization, happened);
  },
);

export const scenarioRegistered = rule("scenario-not-registered", ({ data, happened }: Happened, world) => {
  return !stands(world.get(scenarios, data.scenario), "registered", happened);
});

/** The lines of the demand list that name a resource. */
const demandsOf = (data: { scenario: string; resource: string }, world: World): readonly Demand[] =>
  world.get(scenarios, data.scenario)?.demands.filter((demand) => demand.resource === data.resource) ?? [];

export const resourceInScenario = rule(
  "resource-not-in-scenario",
  ({ data }: { data: { scenario: string; resource: string } }, world) => demandsOf(data, world).length === 0,
);

export const fieldsInScenario = rule(
  "fields-beyond-scenario",
  ({ data }: { data: { scenario: string; resource: string; fields: readonly string[] } }, world) => {
    const lines = demandsOf(data, world);
    return lines.length === 0 ? [] : data.fields.filter((field) => !lines.some(({ fields }) => fields.includes(field)));
  },
);

function update(
  world: { get: World["get"]; put: (t: typeof scenarios, id: string, s: Scenario) => void },
  id: string,
  change: (scenario: Scenario) => Scenario,
): void {
  const it = world.get(scenarios, id);
  if (it) world.put(scenarios, id, change(it));
}

export const types = [submitted, consented, approved, registered, closed];
