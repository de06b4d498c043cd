/** scenario 需求场景: 一场景一审核, one review for each use, down to the field. Clauses 六(五)3, 七(五)10. */
import { active } from "./authorization";
import { ownOrAuthority } from "./party";
import { resources } from "./resource";
import { type Data, document, id, list, optional, record, text } from "./schema";
import { ended, inForce, type Span } from "./time";
import { act, authorization, resource, rule, scenario, table, type World } from "./definition";

/** One line of the data demand list (数据需求清单). */
export const demand = record({ resource: id, fields: list(id, { min: 1, max: 500 }) });
type Demand = Data<{ demand: typeof demand }>["demand"];

export interface Scenario {
  readonly authorization: string;
  readonly operator: string;
  readonly demands: readonly Demand[];
  /** Credit codes of the sources that consented, by resource. */
  readonly consents: Readonly<Record<string, string>>;
  /** Since it was approved, until it was closed. */
  readonly approved: readonly Span[];
  readonly registered?: number;
}

export const scenarios = table<Scenario>("scenario");

interface Named {
  readonly data: { readonly scenario: string };
}

const eachDemand = (demands: readonly Demand[], fails: (demand: Demand) => boolean): readonly string[] =>
  demands.filter(fails).map((demand) => demand.resource);

export const demandsKnown = rule("resource-unknown", "六(五)3", ({ data }: { data: { demands: readonly Demand[] } }, world) =>
  eachDemand(data.demands, (demand) => world.get(resources, demand.resource) === undefined),
);

export const demandsApproved = rule("resource-not-approved", "六(五)3", ({ data }: { data: { demands: readonly Demand[] } }, world) =>
  eachDemand(data.demands, (demand) => world.get(resources, demand.resource)?.approved === undefined),
);

/** Ours: a demand beyond the catalogued fields could never be consented to knowingly. */
export const demandsCatalogued = rule("fields-not-catalogued", undefined, ({ data }: { data: { demands: readonly Demand[] } }, world) =>
  eachDemand(data.demands, (demand) => {
    const fields = new Set(world.get(resources, demand.resource)?.fields);
    return demand.fields.some((field) => !fields.has(field));
  }),
);

export const notSubmittedTwice = rule(
  "scenario-exists",
  undefined,
  ({ data }: Named, world) => world.get(scenarios, data.scenario) !== undefined,
);

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
      approved: [],
    }),
});

export const known = rule("scenario-unknown", undefined, ({ data }: Named, world) => world.get(scenarios, data.scenario) === undefined);

/** A source consents for what it is the source of, and for nothing else. */
export const ownResource = rule(
  "not-your-event",
  undefined,
  ({ data, party }: { data: { resource: string }; party: string }, world) => world.get(resources, data.resource)?.source !== party,
);

export const consented = act("scenario.consented", {
  clause: "六(五)3",
  by: ["source", "sector-authority"],
  data: { scenario: id, resource: id, conditions: optional(text) },
  about: (d) => [scenario(d.scenario), resource(d.resource)],
  rules: [known, ownResource],
  effects: ({ data, party }, world) => update(world, data.scenario, (s) => ({ ...s, consents: { ...s.consents, [data.resource]: party } })),
});

export const allConsented = rule("consent-missing", "六(五)3", ({ data }: Named, world) => {
  const it = world.get(scenarios, data.scenario);
  return it === undefined ? [] : eachDemand(it.demands, (demand) => !Object.hasOwn(it.consents, demand.resource));
});

export const approved = act("scenario.approved", {
  clause: "六(五)3",
  by: ["authority"],
  data: { scenario: id, opinion: optional(document) },
  about: (d) => [scenario(d.scenario)],
  rules: [known, allConsented],
  effects: ({ data, recorded }, world) =>
    update(world, data.scenario, (s) => ({ ...s, approved: [...ended(s.approved, recorded), { from: recorded }] })),
});

export const ownScenario = rule("not-your-event", undefined, ({ data, party }: Named & { party: string }, world) => {
  const it = world.get(scenarios, data.scenario);
  return it !== undefined && !ownOrAuthority(world, party, it.operator);
});

/** Acts: only what was approved is registered. */
export const approvedBefore = rule("scenario-not-approved", "六(五)3", ({ data, recorded }: Named & { recorded: number }, world) => {
  const it = world.get(scenarios, data.scenario);
  return it !== undefined && inForce(it.approved, recorded) === undefined;
});

export const registered = act("scenario.registered", {
  clause: "六(五)3",
  by: ["authority", "primary-operator"],
  data: { scenario: id, registration: id },
  about: (d) => [scenario(d.scenario)],
  rules: [known, ownScenario, approvedBefore],
  effects: ({ data, recorded }, world) => update(world, data.scenario, (s) => ({ ...s, registered: s.registered ?? recorded })),
});

export const closed = act("scenario.closed", {
  clause: "六(五)3",
  by: ["authority", "primary-operator"],
  data: { scenario: id, reason: text },
  about: (d) => [scenario(d.scenario)],
  rules: [known, ownScenario],
  effects: ({ data, recorded }, world) => update(world, data.scenario, (s) => ({ ...s, approved: ended(s.approved, recorded) })),
});

type Happened = Named & { happened: number };

/** Facts: the scenario was approved, for this authorization, when the data flowed. */
export const scenarioApproved = rule(
  "scenario-not-approved",
  "六(五)3",
  ({ data, happened }: Happened & { data: { authorization: string } }, world) => {
    const it = world.get(scenarios, data.scenario);
    return it?.authorization !== data.authorization || inForce(it.approved, happened) === undefined;
  },
);

export const scenarioRegistered = rule("scenario-not-registered", "六(五)3", ({ data, happened }: Happened, world) => {
  const at = world.get(scenarios, data.scenario)?.registered;
  return at === undefined || at > happened;
});

/** The fields demanded of a resource; the list may name it on several lines. */
function demanded(data: { scenario: string; resource: string }, world: World): readonly string[] | undefined {
  const lines = world.get(scenarios, data.scenario)?.demands.filter((demand) => demand.resource === data.resource) ?? [];
  return lines.length === 0 ? undefined : lines.flatMap((demand) => demand.fields);
}

export const resourceInScenario = rule(
  "resource-not-in-scenario",
  "六(五)3",
  ({ data }: { data: { scenario: string; resource: string } }, world) => demanded(data, world) === undefined,
);

export const fieldsInScenario = rule(
  "fields-beyond-scenario",
  "六(五)3",
  ({ data }: { data: { scenario: string; resource: string; fields: readonly string[] } }, world) => {
    const allowed = demanded(data, world);
    return allowed === undefined ? [] : data.fields.filter((field) => !allowed.includes(field));
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
