/** data 数据流通: what happened to data, from the source to the product. Clauses 六(五)3, 六(六), 七(五)4, 七(五)7. */
import { authorised, authorizations, isSigned, notTerminated, withinTerm } from "./authorization";
import { amount, fromItsSource, resourceKnown, resourceRegistered, sourceOffers } from "./resource";
import { fieldsInScenario, resourceInScenario, scenarioApproved, scenarioRegistered } from "./scenario";
import { creditCode, count, digest, holdingName, id, list, oneOf, optional, struct, text } from "./schema";
import { authorization, fact, holding, resource, rule, scenario } from "./definition";

/** Data that someone holds from now on, until a `holding` event says otherwise. */
export const held = struct({
  digest,
  bytes: count,
  rows: count,
  form: oneOf("raw", "intermediate", "product", "backup", "cache", "index", "model", "key", "log"),
  place: text,
  /** On the platform, where the implementing agency can delete it; elsewhere is 擅自留存 unless agreed. */
  platform: oneOf("on", "off"),
});

export const aggregated = fact("data.aggregated", {
  clause: "六(五)3",
  by: ["source", "platform"],
  data: { resource: id, version: id, ...amount },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown, fromItsSource],
  provenance: (d) => ({ activity: "aggregate", used: [], generated: [resource(d.resource)] }),
});

/** Data is supplied to the operator of the authorization and to nobody else. */
const receiverAuthorised = rule("no-authorization", ({ data }: { data: { authorization: string; to: string } }, world) => {
  const known = world.get(authorizations, data.authorization);
  return !isSigned(known) || known?.operator !== data.to;
});

export const supplied = fact("data.supplied", {
  clause: "七(二)3",
  by: ["source", "platform"],
  data: { authorization: id, scenario: id, resource: id, transfer: id, to: creditCode, ...amount },
  about: (d) => [authorization(d.authorization), scenario(d.scenario), resource(d.resource)],
  rules: [receiverAuthorised, withinTerm, notTerminated, scenarioApproved, resourceInScenario, fromItsSource],
});

const keptOnPlatform = rule(
  "retained-off-platform",
  ({ data }: { data: { holding?: { platform: string }; holdings?: readonly { platform: string }[] } }) =>
    [data.holding, ...(data.holdings ?? [])].some((kept) => kept?.platform === "off"),
);

export const pulled = fact("data.pulled", {
  clause: "七(五)7",
  by: ["platform", "primary-operator"],
  data: {
    authorization: id,
    scenario: id,
    resource: id,
    transfer: optional(id),
    fields: list(id, { min: 1, max: 500 }),
    purpose: text,
    rows: count,
    holding: optional(held),
  },
  about: (d) => [authorization(d.authorization), scenario(d.scenario), resource(d.resource)],
  rules: [
    authorised,
    withinTerm,
    notTerminated,
    scenarioApproved,
    scenarioRegistered,
    resourceInScenario,
    fieldsInScenario,
    sourceOffers,
    resourceRegistered,
    keptOnPlatform,
  ],
  declares: (d) => ({ authorization: d.authorization, holdings: d.holding ? [d.holding] : [] }),
  provenance: (d) => ({ activity: "pull", used: [resource(d.resource)] }),
});

const inputsKnown = rule("input-unknown", ({ data }: { data: { authorization: string; inputs: readonly string[] } }, world) =>
  data.inputs.filter((name) => world.holding(data.authorization, name) === undefined),
);

export const processed = fact("data.processed", {
  clause: "七(五)7",
  by: ["platform", "primary-operator", "developer"],
  data: {
    authorization: id,
    scenario: id,
    step: oneOf("clean", "desensitise", "integrate", "annotate", "compute"),
    tool: text,
    inputs: list(holdingName, { min: 1 }),
    holdings: list(held, { max: 100 }),
  },
  about: (d) => [authorization(d.authorization), scenario(d.scenario)],
  rules: [authorised, withinTerm, notTerminated, scenarioApproved, inputsKnown, keptOnPlatform],
  names: (d) => ({ authorization: d.authorization, holdings: d.inputs }),
  declares: (d) => ({ authorization: d.authorization, holdings: d.holdings }),
  provenance: (d) => ({ activity: d.step, used: d.inputs.map(holding) }),
});

export const accessed = fact("data.accessed", {
  clause: "七(五)7",
  by: ["platform", "primary-operator"],
  data: {
    authorization: id,
    scenario: id,
    resource: id,
    operation: oneOf("view", "query", "export", "maintain"),
    rows: count,
    purpose: text,
  },
  about: (d) => [authorization(d.authorization), scenario(d.scenario), resource(d.resource)],
  rules: [authorised, withinTerm, notTerminated, scenarioApproved, resourceInScenario],
  provenance: (d) => ({ activity: "access", used: [resource(d.resource)] }),
});

export const types = [aggregated, supplied, pulled, processed, accessed];
