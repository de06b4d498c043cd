/** data 数据流通: what happened to data, from the source to the product. Clauses 一(二), 六(五)3, 六(六), 七(五)4, 七(五)7. */
import { authorised, authorizations, isSigned, notTerminated, withinTerm } from "./authorization";
import {
  copiedInside,
  declaresBrought,
  declaresMade,
  declaresTaken,
  held,
  keptOnPlatform,
  keptOnRecord,
  oneHeld,
  ownDeclaration,
  recordedAndInside,
  reviewed,
  someHeld,
  trulyLog,
} from "./declaration";
import { developerAuthorised } from "./developer";
import { copyNotRedeveloped, inputs, inputsNotRedeveloped, namesInputs, ofInputs } from "./inputs";
import {
  annulledOffers,
  consentsStand,
  entryAt,
  fromItsSource,
  isSourceOf,
  personsProtected,
  resourceKnown,
  resourceRegistered,
  resources,
  sourceOffers,
} from "./catalogue";
import {
  annulledReview,
  fieldsInScenario,
  levelKept,
  purposeKept,
  resourceInScenario,
  scenarioApproved,
  scenarioRegistered,
  scenarios,
} from "./demand";
import { creditCode, count, day, digest, document, id, list, moment, oneOf, optional, text } from "./schema";
import { isParty } from "./party";
import { isTrained } from "./training";
import { authorization, fact, holding, party, resource, rule, type Rule, scenario, table } from "./definition";

interface Used {
  readonly authorization: string;
  readonly scenario: string;
  readonly resource: string;
}
const aboutScenario = (d: Omit<Used, "resource">) => [authorization(d.authorization), scenario(d.scenario)];
const aboutUse = (d: Used) => [...aboutScenario(d), resource(d.resource)];

const authorisedThen = [authorised, withinTerm, notTerminated, ownDeclaration];

/** What was lawful on the strength of acts that were annulled since: lists where they stand. */
const basisStands = rule(
  "basis-annulled",
  ({ data, happened }: { data: { scenario: string; resource?: string }; happened: number }, world) => [
    ...annulledReview(world.get(scenarios, data.scenario), happened),
    ...(data.resource === undefined ? [] : annulledOffers(world.get(resources, data.resource), happened)),
  ],
);

/** What a delivery weighs. */
const amount = { digest, bytes: count, rows: count };

export const aggregated = fact("data.aggregated", {
  clause: "六(五)3",
  by: ["source", "platform"],
  data: { resource: id, version: id, transfer: optional(id), ...amount },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown, fromItsSource],
  provenance: (d) => ({ activity: "aggregate", used: [], generated: [resource(d.resource)] }),
});

/** What the catalogue allows, of whatever is taken from a resource. */
const offered = [levelKept, sourceOffers, resourceRegistered, personsProtected, consentsStand] as const;

/** Data is supplied to the operator of the authorization and to nobody else. */
const receiverAuthorised = rule("no-authorization", ({ data }: { data: { authorization: string; to: string } }, world) => {
  const known = world.get(authorizations, data.authorization);
  return !isSigned(known) || !isParty(world, data.to, known?.operator);
});

export const supplied = fact("data.supplied", {
  clause: "七(二)3",
  by: ["source", "platform"],
  data: { authorization: id, scenario: id, resource: id, transfer: id, to: creditCode, ...amount },
  about: aboutUse,
  rules: [
    receiverAuthorised,
    withinTerm,
    notTerminated,
    scenarioApproved,
    scenarioRegistered,
    resourceInScenario,
    fromItsSource,
    ...offered,
    basisStands,
  ],
});

/** Data of a resource taken for a scenario. */
const taken = {
  authorization: id,
  scenario: id,
  resource: id,
  fields: list(id, { min: 1, max: 500 }),
  purpose: text,
  use: optional(id),
  rows: count,
  ...oneHeld,
};
const takenLawfully = [
  ...authorisedThen,
  scenarioApproved,
  scenarioRegistered,
  resourceInScenario,
  fieldsInScenario,
  purposeKept,
  ...offered,
  basisStands,
  ...recordedAndInside,
];

export const pulled = fact("data.pulled", {
  clause: "七(五)7",
  by: ["platform", "primary-operator"],
  data: { ...taken, transfer: optional(id) },
  about: aboutUse,
  rules: takenLawfully,
  declares: declaresTaken,
  provenance: (d) => ({ activity: "pull", used: [resource(d.resource)] }),
});

export const processed = fact("data.processed", {
  clause: "七(五)7",
  by: ["platform", "primary-operator", "developer"],
  data: {
    authorization: id,
    scenario: id,
    step: oneOf("clean", "desensitise", "integrate", "annotate", "compute"),
    tool: text,
    /** For which it was made, where it was for one: what is held of that product. */
    product: optional(id),
    ...inputs,
    ...someHeld,
  },
  about: aboutScenario,
  rules: [...authorisedThen, developerAuthorised, scenarioApproved, ...ofInputs, inputsNotRedeveloped, basisStands, ...recordedAndInside],
  names: namesInputs,
  declares: declaresMade(false),
  provenance: (d) => ({ activity: d.step, used: d.inputs.map(holding) }),
});

export const copied = fact("data.copied", {
  clause: "七(五)7",
  by: ["platform", "primary-operator", "developer"],
  data: { authorization: id, scenario: id, reason: text, product: optional(id), ...inputs, ...someHeld },
  about: aboutScenario,
  rules: [
    ...authorisedThen,
    developerAuthorised,
    scenarioApproved,
    ...ofInputs,
    copyNotRedeveloped,
    basisStands,
    keptOnRecord,
    copiedInside,
    reviewed,
    trulyLog,
  ],
  names: namesInputs,
  declares: declaresMade(true),
  provenance: (d) => ({ activity: "copy", used: d.inputs.map(holding) }),
});

/** Who it was is a salted digest; programs have none. */
const staffTrained = rule(
  "untrained-access",
  ({ data, happened }: { data: { staff?: string }; happened: number }, world) =>
    data.staff !== undefined && !isTrained(world, data.staff, happened),
);

/** An export that names no fields is one of all that the resource has. */
const fieldsAccessed: Rule<Used & { readonly operation: string; readonly fields?: readonly string[] }> = {
  code: fieldsInScenario.code,
  broken: (event, world) => {
    const { data, happened } = event;
    const all = data.operation === "export" ? entryAt(world.get(resources, data.resource), happened)?.fields : undefined;
    const fields = data.fields ?? all ?? [];
    return fieldsInScenario.broken({ ...event, data: { ...data, fields } }, world);
  },
};

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
    use: optional(id),
    fields: optional(list(id, { min: 1, max: 500 })),
    staff: optional(digest),
    holding: optional(held),
  },
  about: aboutUse,
  rules: [
    ...authorisedThen,
    scenarioApproved,
    scenarioRegistered,
    resourceInScenario,
    fieldsAccessed,
    purposeKept,
    staffTrained,
    ...offered,
    basisStands,
    ...recordedAndInside,
  ],
  declares: declaresTaken,
  provenance: (d) => ({ activity: "access", used: [resource(d.resource)] }),
});

/** Third parties' data is brought in with the proof that it may be (第三方合法数据). */
const lawfullyBrought = rule(
  "legal-basis-missing",
  ({ data }: { data: { origin: string; licence?: unknown } }) => data.origin === "third-party" && data.licence === undefined,
);

export const contributed = fact("data.contributed", {
  clause: "附件1",
  by: ["developer", "primary-operator", "platform"],
  data: {
    authorization: id,
    scenario: id,
    origin: oneOf("own", "third-party"),
    provider: optional(creditCode),
    licence: optional(document),
    description: text,
    holding: held,
  },
  about: aboutScenario,
  rules: [...authorisedThen, developerAuthorised, scenarioApproved, lawfullyBrought, basisStands, keptOnPlatform, trulyLog],
  declares: declaresBrought,
  provenance: () => ({ activity: "contribute", used: [] }),
});

/** What is returned to anybody but its source has left the platform. */
const returnedToSource = rule(
  "raw-data-outbound",
  ({ data, happened }: { data: { resource: string; to: string }; happened: number }, world) =>
    !isSourceOf(world, data.to, data.resource, happened),
);

export const returned = fact("data.returned", {
  clause: "七(五)4",
  by: ["platform", "primary-operator"],
  data: { authorization: id, scenario: id, resource: id, to: creditCode, ...inputs, ...amount },
  about: (d) => [...aboutUse(d), party(d.to)],
  rules: [...authorisedThen, ...ofInputs, returnedToSource],
  names: namesInputs,
  provenance: (d) => ({ activity: "return", used: d.inputs.map(holding) }),
});

/** State and province give data back to the city as it needs it (按需回流), on their terms. */
export const backflowed = fact("data.backflowed", {
  clause: "六(五)3",
  by: ["platform", "province-platform"],
  data: {
    resource: id,
    version: id,
    level: oneOf("state", "province"),
    provider: text,
    reason: text,
    terms: document,
    until: optional(day),
    ...amount,
  },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown],
  provenance: (d) => ({ activity: "backflow", used: [], generated: [resource(d.resource)] }),
});

/** An order, and an end that is still to come. */
const ordered = rule(
  "emergency-basis-missing",
  ({ data, happened }: { data: { order?: unknown; until: string }; happened: number }) =>
    data.order === undefined || happened >= Date.parse(data.until),
);

interface Emergency {
  readonly authorization: string;
  /** Credit code of who used the data. */
  readonly party: string;
  /** The inspection that looked at it last: `MSPID/journal/index`. */
  readonly reviewed?: string;
}

/** Emergency uses (应急), by the place of the fact: each is looked at later. */
export const emergencies = table<Emergency>("emergency");

/** Ours: an emergency is judged as any other use, keeps its findings, and is marked for a later review. */
export const emergencyUsed = fact("data.emergency-used", {
  by: ["platform", "primary-operator"],
  data: { ...taken, basis: text, order: optional(document), until: moment },
  about: aboutUse,
  rules: [ordered, ...takenLawfully],
  declares: declaresTaken,
  effects: ({ data, party, place }, world) => world.put(emergencies, place, { authorization: data.authorization, party }),
  provenance: (d) => ({ activity: "emergency-use", used: [resource(d.resource)] }),
});

export const types = [aggregated, supplied, pulled, processed, copied, accessed, contributed, returned, backflowed, emergencyUsed];
