/** developer 开发主体: the second level, from the call to the end. Clauses 四(一), 七(五)9, 七(六). */
import { active, authorizations, isOperators } from "./authorization";
import { codesOf, engaged, ownOrAuthority, parties } from "./party";
import { isOpen, scenarios } from "./demand";
import { creditCode, day, document, id, oneOf, optional, text } from "./schema";
import { kept, marked, recordIn, type Stepped, stands, standsBy } from "./steps";
import { covers, endOfDay, type Span, startOfDay } from "./time";
import {
  act,
  authorization,
  type Effects,
  type LedgerEvent,
  party,
  rule,
  type Rule,
  scenario,
  type Subject,
  table,
  type World,
} from "./definition";

/** A call for developers (遴选公告), by scenario the newest: under which authorization, and when applications are taken. */
const calls = table<Span & { readonly authorization: string }>("developer-call");

/** For what time an act authorised a developer. It falls with that act. */
interface Term extends Span {
  readonly act: string;
  /** As {@link Development.affiliated} when it was given; versions before 0.6.0 did not keep it. */
  readonly affiliated?: boolean;
}

/** What a developer has, or is to have, under a scenario. */
export interface Development extends Stepped {
  /** Its credit code. */
  readonly developer: string;
  readonly scenario: string;
  readonly authorization: string;
  /** Whether it belongs to the operator's group, as it declared when it applied last. */
  readonly affiliated: boolean;
  /** `authorised` stands until somebody ends it; these say until when it was to stand. */
  readonly terms: readonly Term[];
}

export const developments = table<Development>("developer");

interface Named {
  readonly data: { readonly developer: string; readonly scenario: string };
}
type Recorded = Named & { readonly recorded: number };

/** A credit code has no colon. */
const nameOf = ({ developer, scenario }: Named["data"]): string => `${developer}:${scenario}`;

/** What a developer has under a scenario, whatever its code was when it got it. */
export function developmentOf(world: World, developer: string, scenario: string): Development | undefined {
  for (const code of codesOf(world, developer)) {
    const it = world.get(developments, nameOf({ developer: code, scenario }));
    if (it !== undefined) return it;
  }
  return undefined;
}

/** Whether a developer may use what is delivered under an authorization, at a time. */
export const mayDevelop = (it: Development | undefined, authorization: string, at: number): boolean =>
  it?.authorization === authorization && it.terms.some((term) => covers(term, at) && standsBy(it, term.act, at));

/** Whether it said that it belongs to the operator's group: when it applied last, or for what it was given and has. Applying again changes nothing of that. */
export const isAffiliated = (it: Development, at: number): boolean =>
  it.affiliated || it.terms.findLast((term) => covers(term, at) && standsBy(it, term.act, at))?.affiliated === true;

/** Whether a developer was ever authorised under an authorization and a scenario of it, whatever became of that since. */
export const wasAuthorised = (it: Development | undefined, authorization: string): boolean =>
  it?.authorization === authorization && it.terms.length > 0;

/** A developer, and not the operator of the authorization itself. */
export const isDeveloper = (world: World, code: string, authorization: string): boolean =>
  world.get(parties, code)?.roles.includes("developer") === true && !isOperators(world, code, world.get(authorizations, authorization));

/** Facts: a developer works with what it was given, when it was given it. */
export const developerAuthorised = rule(
  "no-authorization",
  ({ data, party, happened }: { data: { authorization: string; scenario: string }; party: string; happened: number }, world) =>
    isDeveloper(world, party, data.authorization) && !mayDevelop(developmentOf(world, party, data.scenario), data.authorization, happened),
);

/** Whether an authorization is in force, whoever has it. */
export const isInForce = (world: World, event: LedgerEvent<unknown>, authorization: string): boolean => {
  const operator = world.get(authorizations, authorization)?.operator;
  return operator !== undefined && active.broken({ ...event, party: operator, data: { authorization } }, world) === false;
};

const scenarioKnown = rule("scenario-unknown", ({ data }: { data: { scenario: string; authorization: string } }, world) => {
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
    world.put(calls, data.scenario, { authorization: data.authorization, ...open });
  },
  on: recordIn(scenarios, (d: { scenario: string }) => d.scenario),
});

const developer = (id: string): Subject => ({ kind: "developer", id });
const about = (d: Named["data"]) => [developer(nameOf(d)), party(d.developer), scenario(d.scenario)];
const itsRecord = recordIn(developments, nameOf);

const recordOf = (world: World, named: Named["data"]): Development | undefined => world.get(developments, nameOf(named));

const forItself = rule("not-your-event", ({ data, party }: Named & { party: string }) => data.developer !== party);

const called = rule("developer-steps-missing", ({ data, recorded }: Recorded, world) =>
  stands(world.get(scenarios, data.scenario), "call-published", recorded) ? [] : ["call-published"],
);

const inWindow = rule("outside-window", ({ data, recorded }: Recorded, world) => {
  const call = world.get(calls, data.scenario);
  return call !== undefined && !covers(call, recorded);
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
    const { developer, scenario, affiliation } = data;
    const { terms: given = [], steps = {}, affiliated: before = false } = recordOf(world, data) ?? {};
    const affiliated = affiliation === "affiliated";
    const terms = given.map((term) => ({ ...term, affiliated: term.affiliated ?? before }));
    world.put(developments, nameOf(data), { developer, scenario, authorization: call.authorization, affiliated, terms, steps });
  },
  on: itsRecord,
  withdrawal: ["authorised"],
  ends: ["verified", "selected"],
});

const known = rule("developer-unknown", ({ data }: Named, world) => recordOf(world, data) === undefined);

const byItsOperator = rule("not-your-event", ({ data, party }: Named & { party: string }, world) => {
  const it = recordOf(world, data);
  return it !== undefined && !ownOrAuthority(world, party, world.get(authorizations, it.authorization)?.operator);
});

/** Nobody gets from an operator what the operator does not have. */
const operatorActive = rule("authorization-inactive", (event: LedgerEvent<Named["data"]>, world) => {
  const it = recordOf(world, event.data);
  return it !== undefined && !isInForce(world, event, it.authorization);
});

/** Steps that come before. @param who the developer that is to have done them */
const needs = <D extends Named["data"]>(steps: readonly string[], who: (data: D) => string = (data) => data.developer): Rule<D> =>
  rule("developer-steps-missing", ({ data, recorded }, world) => {
    const it = recordOf(world, { developer: who(data), scenario: data.scenario });
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
  withdrawal: ["selected", "authorised"],
});

export const selected = act("developer.selected", {
  clause: "四(一)",
  by: ["primary-operator"],
  data: { developer: creditCode, scenario: id, opinion: document },
  about,
  rules: [...granting, needs(["verified"])],
  on: itsRecord,
  withdrawal: ["authorised"],
});

const scenarioOpen = rule("scenario-not-approved", ({ data, recorded }: Recorded, world) => {
  const it = recordOf(world, data);
  return it !== undefined && !isOpen(world.get(scenarios, data.scenario), it.authorization, recorded);
});

function engage(world: Effects, { developer, authorization }: Development): void {
  const operator = world.get(authorizations, authorization)?.operator;
  if (operator !== undefined) engaged(world, developer, operator);
}

const termSane = rule("term-too-long", ({ data }: { data: { from: string; until: string } }) => data.until < data.from);

export const authorised = act("developer.authorised", {
  clause: "四(一)",
  by: ["primary-operator"],
  data: { developer: creditCode, scenario: id, from: day, until: day, agreement: document },
  about,
  rules: [...granting, needs(["applied", "verified", "selected"]), scenarioOpen, termSane],
  effects: ({ data, place }, world) => {
    const it = recordOf(world, data);
    const term = { from: startOfDay(data.from), until: endOfDay(data.until), act: place };
    if (it === undefined) return;
    world.put(developments, nameOf(data), { ...it, terms: kept([...it.terms, { ...term, affiliated: it.affiliated }]) });
    engage(world, it);
  },
  on: itsRecord,
});

/** What ends an authorization before its day, or notes that the day is over. @param rules beside those of both */
const ending = (name: "revoked" | "lapsed", rules: readonly Rule<Named["data"]>[] = []) =>
  act(`developer.${name}`, {
    clause: "七(五)9",
    by: ["primary-operator"],
    data: { developer: creditCode, scenario: id, reason: text, document: optional(document) },
    about,
    rules: [known, byItsOperator, needs(["authorised"]), ...rules],
    on: itsRecord,
    ends: ["authorised"],
  });

/** The last day of what it was given is over, or that of the authorization: before, it is revoked. */
const dayOver = rule("ground-not-met", (event: LedgerEvent<Named["data"]>, world) => {
  const it = recordOf(world, event.data);
  const goesOn = mayDevelop(it, it?.authorization ?? "", event.recorded) && isInForce(world, event, it?.authorization ?? "");
  return goesOn ? ["expiry"] : [];
});

export const revoked = ending("revoked");
export const lapsed = ending("lapsed", [dayOver]);

type Reassigned = Named["data"] & { readonly to: string };

const successorKnown = rule("developer-unknown", ({ data }: { data: Reassigned }, world) => {
  return recordOf(world, { developer: data.to, scenario: data.scenario }) === undefined;
});

/** What one developer had, another has for the rest of the term. */
export const reassigned = act("developer.reassigned", {
  clause: "七(五)9",
  by: ["primary-operator"],
  data: { developer: creditCode, scenario: id, to: creditCode, reason: text, agreement: document },
  about: (d) => [...about(d), developer(nameOf({ developer: d.to, scenario: d.scenario })), party(d.to)],
  rules: [
    ...granting,
    needs(["authorised"]),
    successorKnown,
    needs(["applied", "verified", "selected"], (d: Reassigned) => d.to),
    scenarioOpen,
  ],
  effects: (event, world) => {
    const { data, recorded, place } = event;
    const successor = { developer: data.to, scenario: data.scenario };
    const [before, after] = [recordOf(world, data), recordOf(world, successor)];
    if (before === undefined || after === undefined) return;
    const term = { from: recorded, until: before.terms.at(-1)?.until, act: place, affiliated: after.affiliated };
    world.put(developments, nameOf(successor), marked({ ...after, terms: kept([...after.terms, term]) }, "authorised", event));
    engage(world, after);
  },
  on: itsRecord,
  ends: ["authorised"],
});

export const types = [callPublished, applied, verified, selected, authorised, revoked, lapsed, reassigned];
