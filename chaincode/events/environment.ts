/** environment 开发资源: what a developer works in on the platform. Clause 六(三)2. */
import { isInForce } from "./agreement";
import { authorizations, isOperators, isStranger } from "./authorization";
import { developmentOf, isDeveloper, mayDevelop } from "./developer";
import { parties } from "./party";
import { SENSITIVITY } from "./catalogue";
import { isOpen, scenarios } from "./demand";
import { creditCode, id, oneOf, optional, text } from "./schema";
import { recordIn, type Stepped, stands } from "./steps";
import { act, rule, scenario, type Subject, party, table } from "./definition";

export interface Environment extends Stepped {
  /** Credit code of the party that works in it. */
  readonly user: string;
  readonly scenario: string;
  /** The most sensitive data that may lie in it. */
  readonly sensitivity: (typeof SENSITIVITY)[number];
}

export const environments = table<Environment>("environment");

interface Named {
  readonly data: { readonly environment: string };
}
interface OpenedEvent {
  readonly data: { readonly user: string; readonly scenario: string };
  readonly recorded: number;
}

const itsRecord = recordIn(environments, (d: Named["data"]) => d.environment);
const environment = (id: string): Subject => ({ kind: "environment", id });

const notTwice = rule("environment-exists", ({ data }: Named, world) => world.get(environments, data.environment) !== undefined);

const userKnown = rule("party-unknown", ({ data }: OpenedEvent, world) => (world.get(parties, data.user) === undefined ? [data.user] : []));

const scenarioApproved = rule("scenario-not-approved", ({ data, recorded }: OpenedEvent, world) => {
  const it = world.get(scenarios, data.scenario);
  return it === undefined || !isOpen(it, it.authorization, recorded);
});

/** For the operator of the scenario's authorization while that is in force, and for developers that are authorised under it. */
const userAuthorised = rule("authorization-inactive", ({ data, recorded }: OpenedEvent, world) => {
  const it = world.get(scenarios, data.scenario);
  if (it === undefined || world.get(parties, data.user) === undefined) return false;
  const authorization = world.get(authorizations, it.authorization);
  if (!isInForce(authorization, recorded)) return true;
  return isDeveloper(world, data.user, it.authorization)
    ? !mayDevelop(developmentOf(world, data.user, data.scenario), it.authorization, recorded)
    : !isOperators(world, data.user, authorization);
});

/** Not by a platform that is another's operator. */
const ownPlatform = rule(
  "not-your-event",
  ({ data, party }: { data: { environment: string; scenario?: string }; party: string }, world) => {
    const scenario = world.get(environments, data.environment)?.scenario ?? data.scenario;
    const it = scenario === undefined ? undefined : world.get(scenarios, scenario);
    return it !== undefined && isStranger(world, party, it.authorization);
  },
);

const sensitivity = oneOf(...SENSITIVITY);

export const opened = act("environment.opened", {
  clause: "六(三)2",
  by: ["platform"],
  data: { environment: id, user: creditCode, scenario: id, sensitivity, equipment: optional(text) },
  about: (d) => [environment(d.environment), party(d.user), scenario(d.scenario)],
  rules: [ownPlatform, notTwice, userKnown, scenarioApproved, userAuthorised],
  effects: ({ data }, world) =>
    world.put(environments, data.environment, {
      user: data.user,
      scenario: data.scenario,
      sensitivity: data.sensitivity,
      steps: {},
    }),
  on: itsRecord,
});

/** One that is closed is not opened again: another gets a number of its own. */
const isThere = rule("environment-unknown", ({ data, recorded }: Named & { recorded: number }, world) => {
  const it = world.get(environments, data.environment);
  return it === undefined || stands(it, "closed", recorded);
});

export const changed = act("environment.changed", {
  clause: "六(三)2",
  by: ["platform"],
  data: { environment: id, sensitivity: optional(sensitivity), equipment: optional(text), reason: text },
  about: (d) => [environment(d.environment)],
  rules: [ownPlatform, isThere],
  effects: ({ data }, world) => {
    const it = world.get(environments, data.environment);
    if (it && data.sensitivity) world.put(environments, data.environment, { ...it, sensitivity: data.sensitivity });
  },
  on: itsRecord,
});

export const closed = act("environment.closed", {
  clause: "六(三)2",
  by: ["platform"],
  data: { environment: id, reason: text },
  about: (d) => [environment(d.environment)],
  rules: [ownPlatform, isThere],
  on: itsRecord,
  withdrawal: "barred",
});

export const types = [opened, changed, closed];
