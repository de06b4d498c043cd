/** developer 开发主体: the second level, from the call to the end. Clauses 四(一), 七(五)9, 七(六). */
import { active, authorizations } from "./authorization";
import { codesOf, ownOrAuthority, parties } from "./party";
import { isOpen, scenarios } from "./scenario";
import { creditCode, day, document, id, oneOf, optional, text } from "./schema";
import { marked, recordIn, type Stepped, stands } from "./steps";
import { covers, endOfDay, type Span, startOfDay } from "./time";
import { act, authorization, type LedgerEvent, party, rule, type Rule, scenario, table, type World } from "./definition";

/** A call for developers (遴选公告) of a scenario: the newest. */
interface Call extends Stepped {
  readonly authorization: string;
  /** When applications are taken. */
  readonly open: Span;
}

const calls = table<Call>("developer-call");

/** What a developer has, or is to have, under a scenario. */
export interface Development extends Stepped {
  readonly authorization: string;
  /** Whether it belongs to the operator's group, as it declared when it applied. */
  readonly affiliated: boolean;
  /** For what times it was authorised; `authorised` stands until somebody ends it. */
  readonly terms: readonly Span[];
}

const developments = table<Development>("developer");

/** A credit code has no colon. */
const keyOf = (developer: string, scenario: string): string => `${developer}:${scenario}`;

/** What a developer has under a scenario, whatever its code was when it got it. */
export function developmentOf(world: World, developer: string, scenario: string): Development | undefined {
  for (const code of codesOf(world, developer)) {
    const it = world.get(developments, keyOf(code, scenario));
    if (it !== undefined) return it;
  }
  return undefined;
}

/** Whether a developer may use what is delivered under an authorization, at a time. */
export const mayDevelop = (it: Development | undefined, authorization: string, at: number): boolean =>
  it?.authorization === authorization && stands(it, "authorised", at) && it.terms.some((term) => covers(term, at));

/** A developer and nothing above it. */
export function isDeveloper(world: World, code: string): boolean {
  const roles = world.get(parties, code)?.roles ?? [];
  return roles.includes("developer") && !roles.includes("primary-operator");
}

interface OfScenario {
  readonly data: { readonly scenario: string };
}
interface Named {
  readonly data: { readonly developer: string; readonly scenario: string };
}
type Recorded = Named & { readonly recorded: number };

const scenarioKnown = rule("scenario-unknown", ({ data }: OfScenario & { data: { authorization: string } }, world) => {
  return world.get(scenarios, data.scenario)?.authorization !== data.authorization;
});

export const callPublished = act("developer.call-published", {
  clause: "四(一)",
  by: ["primary-operator"],
  data: { scenario: id, authorization: id, conditions: text, opens: day, closes: day, document: optional(document) },
  about: (d) => [scenario(d.scenario), authorization(d.authorization)],
  rules: [active, scenarioKnown],
  effects: ({ data }, world) => {
    const open = { from: startOfDay(data.opens), until: endOfDay(data.closes) };
    world.put(calls, data.scenario, { authorization: data.authorization, open, steps: {} });
  },
  on: recordIn(calls, (d: OfScenario["data"]) => d.scenario),
});

const about = (d: Named["data"]) => [party(d.developer), scenario(d.scenario)];
const itsRecord = recordIn(developments, (d: Named["data"]) => keyOf(d.developer, d.scenario));

const forItself = rule("not-your-event", ({ data, party }: Named & { party: string }) => data.developer !== party);

const called = rule("developer-steps-missing", ({ data, recorded }: Recorded, world) =>
  stands(world.get(calls, data.scenario), "call-published", recorded) ? [] : ["call-published"],
);

const inWindow = rule("outside-window", ({ data, recorded }: Recorded, world) => {
  const call = world.get(calls, data.scenario);
  return call !== undefined && !covers(call.open, recorded);
});

/** Another application begins from the start; what was authorised before goes on until its end. */
export const applied = act("developer.applied", {
  clause: "七(五)9",
  by: ["developer"],
  data: {
    developer: creditCode,
    scenario: id,
    affiliation: oneOf("none", "affiliated"),
    qualification: document,
    plan: optional(document),
  },
  about,
  rules: [forItself, called, inWindow],
  effects: ({ data }, world) => {
    const call = world.get(calls, data.scenario);
    if (call === undefined) return;
    const key = keyOf(data.developer, data.scenario);
    const { terms = [], steps = {} } = world.get(developments, key) ?? {};
    const { authorization } = call;
    world.put(developments, key, { authorization, affiliated: data.affiliation === "affiliated", terms, steps });
  },
  on: itsRecord,
  ends: ["verified", "selected"],
});

const known = rule("developer-unknown", ({ data }: Named, world) => {
  return world.get(developments, keyOf(data.developer, data.scenario)) === undefined;
});

const byItsOperator = rule("not-your-event", ({ data, party }: Named & { party: string }, world) => {
  const it = world.get(developments, keyOf(data.developer, data.scenario));
  return it !== undefined && !ownOrAuthority(world, party, world.get(authorizations, it.authorization)?.operator);
});

/** Nobody gets from an operator what the operator does not have. */
const operatorActive = rule("authorization-inactive", (event: LedgerEvent<Named["data"]>, world) => {
  const { developer, scenario } = event.data;
  const it = world.get(developments, keyOf(developer, scenario));
  return it !== undefined && active.broken({ ...event, data: { authorization: it.authorization } }, world) === true;
});

/** Steps that come before. @param who the developer that is to have done them */
const needs = <D extends Named["data"]>(steps: readonly string[], who: (data: D) => string = (data) => data.developer): Rule<D> =>
  rule("developer-steps-missing", ({ data, recorded }, world) => {
    const it = world.get(developments, keyOf(who(data), data.scenario));
    return it === undefined ? [] : steps.filter((step) => !stands(it, step, recorded));
  });

const granting = [known, byItsOperator, operatorActive];

export const verified = act("developer.verified", {
  clause: "七(五)9",
  by: ["primary-operator"],
  data: { developer: creditCode, scenario: id, opinion: document },
  about,
  rules: granting,
  on: itsRecord,
});

export const selected = act("developer.selected", {
  clause: "四(一)",
  by: ["primary-operator"],
  data: { developer: creditCode, scenario: id, opinion: document },
  about,
  rules: [...granting, needs(["verified"])],
  on: itsRecord,
});

const scenarioOpen = rule("scenario-not-approved", ({ data, recorded }: Recorded, world) => {
  const it = world.get(developments, keyOf(data.developer, data.scenario));
  return it !== undefined && !isOpen(world.get(scenarios, data.scenario), it.authorization, recorded);
});

const termSane = rule("term-too-long", ({ data }: { data: { from: string; until: string } }) => data.until < data.from);

export const authorised = act("developer.authorised", {
  clause: "四(一)",
  by: ["primary-operator"],
  data: { developer: creditCode, scenario: id, from: day, until: day, agreement: document },
  about,
  rules: [...granting, needs(["applied", "verified", "selected"]), scenarioOpen, termSane],
  effects: ({ data }, world) => {
    const key = keyOf(data.developer, data.scenario);
    const it = world.get(developments, key);
    const term = { from: startOfDay(data.from), until: endOfDay(data.until) };
    if (it) world.put(developments, key, { ...it, terms: [...it.terms, term] });
  },
  on: itsRecord,
});

/** What ends an authorization before its day, or notes that the day is over. */
const ending = (name: "revoked" | "lapsed") =>
  act(`developer.${name}`, {
    clause: "七(五)9",
    by: ["primary-operator"],
    data: { developer: creditCode, scenario: id, reason: text, document: optional(document) },
    about,
    rules: [known, byItsOperator, needs(["authorised"])],
    on: itsRecord,
    ends: ["authorised"],
  });

export const revoked = ending("revoked");
export const lapsed = ending("lapsed");

type Reassigned = Named["data"] & { readonly to: string };

const successorKnown = rule("developer-unknown", ({ data }: { data: Reassigned }, world) => {
  return world.get(developments, keyOf(data.to, data.scenario)) === undefined;
});

/** What one developer had, another has for the rest of the term. */
export const reassigned = act("developer.reassigned", {
  clause: "七(五)9",
  by: ["primary-operator"],
  data: { developer: creditCode, scenario: id, to: creditCode, reason: text, agreement: document },
  about: (d) => [...about(d), party(d.to)],
  rules: [
    ...granting,
    needs(["authorised"]),
    successorKnown,
    needs(["applied", "verified", "selected"], (d: Reassigned) => d.to),
    scenarioOpen,
  ],
  effects: (event, world) => {
    const { developer, to, scenario } = event.data;
    const before = world.get(developments, keyOf(developer, scenario));
    const after = world.get(developments, keyOf(to, scenario));
    if (before === undefined || after === undefined) return;
    const term = { from: event.recorded, until: before.terms.at(-1)?.until };
    world.put(developments, keyOf(to, scenario), marked({ ...after, terms: [...after.terms, term] }, "authorised", event));
  },
  on: itsRecord,
  ends: ["authorised"],
});

export const types = [callPublished, applied, verified, selected, authorised, revoked, lapsed, reassigned];
