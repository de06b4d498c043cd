/** data 数据流通: what happened to data, from the source to the product. Clauses 一(二), 六(五)3, 六(六), 七(五)4, 七(五)7. */
import { type Form, FORMS } from "../proof/holdings-page";
import { authorised, authorizations, isOperators, isSigned, notTerminated, withinTerm } from "./authorization";
import { DECLARED_BY_STRANGER } from "./codes";
import { developerAuthorised, developmentOf, isDeveloper, mayDevelop, wasAuthorised } from "./developer";
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
import {
  creditCode,
  count,
  type Data,
  day,
  digest,
  document,
  holdingName,
  id,
  list,
  moment,
  oneOf,
  optional,
  struct,
  text,
} from "./schema";
import { stood } from "./steps";
import { isOperator, isReleased, products } from "./offer";
import { formOf, FREEING } from "./held-form";
import { isBound, isParty } from "./party";
import { isTrained } from "./training";
import {
  authorization,
  fact,
  holding,
  type LedgerEvent,
  party,
  resource,
  rule,
  type Rule,
  scenario,
  table,
  type World,
} from "./definition";

/** Data that someone holds from now on, until a `holding` event says otherwise. */
export const held = struct({
  digest,
  bytes: count,
  rows: count,
  form: oneOf(...FORMS),
  place: text,
  /** SHA-256 of the sidecar with the fingerprints of its parts, by which a scan finds more than the very bytes. */
  fingerprints: optional(digest),
  /** On the platform, where the implementing agency can delete it; elsewhere is 擅自留存 unless agreed. */
  platform: oneOf("on", "off"),
});
type Held = Data<{ held: typeof held }>["held"];

/** What is held from then on, and how many outputs were kept by the account of the program that made them. */
const one = { holding: optional(held), kept: optional(count) };
const several = { holdings: list(held, { max: 100 }), kept: optional(count) };

interface Holding {
  readonly holding?: Held;
  readonly holdings?: readonly Held[];
}
const holdingsOf = ({ holding, holdings = [] }: Holding): readonly Held[] => (holding === undefined ? holdings : [holding]);
const declares = (d: Holding & { authorization: string; scenario: string; product?: string }) => ({
  authorization: d.authorization,
  scenario: d.scenario,
  product: d.product,
  holdings: holdingsOf(d),
});

/**
 * What is taken or brought in is the data, by whatever name.
 * @param freeing names that it cannot have
 * @returns without a world what is said, as versions before 0.6.0 counted it, else as the ledger counts it
 */
const declaresAs =
  (freeing: ReadonlySet<Form>) =>
  (d: Parameters<typeof declares>[0], world?: World): ReturnType<typeof declares> => {
    const { holdings, ...of } = declares(d);
    const names = world === undefined ? LOGS : freeing;
    return { ...of, holdings: holdings.map((one) => (names.has(one.form) ? { ...one, form: "raw" } : one)) };
  };
const LOGS: ReadonlySet<Form> = new Set<Form>(["log"]);
const declaresTaken = declaresAs(FREEING);
/** What somebody brings may have been worked on before. */
const declaresBrought = declaresAs(new Set<Form>(["log", "key"]));

interface Made extends Holding {
  readonly authorization: string;
  readonly scenario: string;
  readonly product?: string;
  readonly inputs: readonly string[];
}

/** @returns without a world what is said, else as what the ledger counts it */
const declaresMade =
  (isCopy: boolean) =>
  (d: Made, world?: World): ReturnType<typeof declares> => {
    const { holdings, ...of } = declares(d);
    if (world === undefined) return { ...of, holdings };
    const inputs = d.inputs.map((name) => world.holding(d.authorization, name));
    return { ...of, holdings: holdings.map((one) => ({ ...one, form: formOf(one, inputs, isCopy) })) };
  };

type DeclaringEvent = { readonly data: Holding } & Pick<LedgerEvent<unknown>, "type">;
const countedOf = ({ type, data }: DeclaringEvent, world: World): readonly Pick<Held, "form" | "platform">[] =>
  type.declares(data, world)?.holdings ?? [];

/** Data by the name of a log could be retained. */
const trulyLog = rule("retention-basis-missing", (event: DeclaringEvent, world) => {
  const logs = (all: readonly Pick<Held, "form">[]): number => all.filter(({ form }) => form === "log").length;
  const said = logs(holdingsOf(event.data));
  return said > 0 && logs(countedOf(event, world)) < said;
});

interface Used {
  readonly authorization: string;
  readonly scenario: string;
  readonly resource: string;
}
const aboutScenario = (d: Omit<Used, "resource">) => [authorization(d.authorization), scenario(d.scenario)];
const aboutUse = (d: Used) => [...aboutScenario(d), resource(d.resource)];

const named = { inputs: list(holdingName, { min: 1 }) };
const names = (d: { authorization: string; inputs: readonly string[] }) => ({ authorization: d.authorization, holdings: d.inputs });

interface Declaring {
  readonly data: Holding & { readonly authorization: string; readonly scenario: string; readonly product?: string };
  readonly party: string;
}

/** Of operators and developers, whose authorization it is, and who was ever authorised to develop under the scenario, of products that it may hold. */
const hasPart = (world: World, event: Declaring): boolean =>
  !isBound(world, event.party) ||
  isOperators(world, event.party, world.get(authorizations, event.data.authorization)) ||
  (wasAuthorised(developmentOf(world, event.party, event.data.scenario), event.data.authorization) && ofHeldProduct(world, event));

/** A developer holds what it makes and what is delivered to it: of another's product nothing, nor of one that another may list. */
function ofHeldProduct(world: World, { data: { authorization, product }, party }: Declaring): boolean {
  if (product === undefined) return true;
  const it = world.get(products, product);
  return it?.authorization === authorization && (it.level === "1" || isParty(world, party, it.operator));
}

const ownDeclaration = rule(DECLARED_BY_STRANGER, (event: Declaring, world) => holdingsOf(event.data).length > 0 && !hasPart(world, event));

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

const keptOnPlatform = rule("retained-off-platform", ({ data }: { data: Holding }) => holdingsOf(data).some(isOff));

const isOff = ({ platform }: Pick<Held, "platform">): boolean => platform === "off";

interface Outbound extends DeclaringEvent {
  readonly data: Holding & { readonly authorization: string; readonly product?: string };
  readonly happened: number;
}

/** Whether the product that it names may leave the platform. */
function isReviewed({ data, happened }: Outbound, world: World): boolean {
  const product = data.product === undefined ? undefined : world.get(products, data.product);
  if (product?.authorization !== data.authorization) return false;
  return stood(product, "outbound-approved", happened) !== undefined || isReleased(world, product, happened);
}

/** What left the platform had been reviewed as a product: nothing else may leave it, logs and keys apart. */
const reviewed = rule("raw-data-outbound", (event: Outbound, world) => {
  if (!holdingsOf(event.data).some(isOff)) return false;
  const out = countedOf(event, world).filter(({ platform, form }) => platform === "off" && form !== "log" && form !== "key");
  return out.some(({ form }) => form !== "product" || !isReviewed(event, world));
});

/** An export leaves a copy by its nature. */
const keptOnRecord = rule(
  "retained-without-record",
  ({ data }: { data: Holding & { kept?: number; operation?: string } }) =>
    holdingsOf(data).length < Math.max(data.kept ?? 0, data.operation === "export" ? 1 : 0),
);

const recordedAndInside = [keptOnRecord, keptOnPlatform, reviewed, trulyLog];

/** Data of a resource taken for a scenario. */
const taken = {
  authorization: id,
  scenario: id,
  resource: id,
  fields: list(id, { min: 1, max: 500 }),
  purpose: text,
  use: optional(id),
  rows: count,
  ...one,
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

const inputsKnown = rule("input-unknown", ({ data }: { data: { authorization: string; inputs: readonly string[] } }, world) =>
  data.inputs.filter((name) => world.holding(data.authorization, name) === undefined),
);

/** What is held of a product that is offered is for every scenario that was reviewed; all else for the one under which it was taken or made. */
const inputsOfScenario = rule(
  "purpose-changed",
  ({ data, happened }: { data: { authorization: string; scenario: string; inputs: readonly string[] }; happened: number }, world) =>
    data.inputs.filter((name) => {
      const { scenario = data.scenario, form, product = "" } = world.holding(data.authorization, name) ?? {};
      return scenario !== data.scenario && !(form === "product" && isReleased(world, world.get(products, product), happened));
    }),
);

interface Using {
  readonly data: {
    readonly authorization: string;
    readonly scenario: string;
    readonly inputs: readonly string[];
    readonly product?: string;
  };
  readonly party: string;
  readonly happened: number;
}

/**
 * Clauses 四(一), 附件1: a developer works on what is delivered to it, and on what is its own; the raw data, and what the operator makes of it on the
 * way to a product, are not its business.
 */
const inputsDelivered = rule("no-authorization", ({ data, party, happened }: Using, world) => {
  if (
    !isDeveloper(world, party, data.authorization) ||
    !mayDevelop(developmentOf(world, party, data.scenario), data.authorization, happened)
  )
    return [];
  return data.inputs.filter((name) => {
    const held = world.holding(data.authorization, name);
    if (held === undefined || isParty(world, party, held.party)) return false;
    if (held.product === undefined) return held.form !== "product";
    return held.form === "raw" || !isReleased(world, world.get(products, held.product), happened);
  });
});

const ofInputs = [inputsKnown, inputsOfScenario, inputsDelivered];

/** Clause 四(一): what is offered as a product of level 1 goes into none of the operator's but its own next version. */
function redeveloped({ data, party, happened }: Using, world: World): readonly string[] {
  if (!isOperator(world, party)) return [];
  return data.inputs.filter((name) => {
    const { form, product = data.product } = world.holding(data.authorization, name) ?? {};
    if (form !== "product" || product === undefined || product === data.product) return false;
    const it = world.get(products, product);
    return it?.level === "1" && isReleased(world, it, happened);
  });
}
const inputsNotRedeveloped = rule("operator-redevelops", redeveloped);
/** A copy that is for no product is one of the same. */
const copyNotRedeveloped = rule("operator-redevelops", (event: Using, world) =>
  event.data.product === undefined ? [] : redeveloped(event, world),
);

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
    ...named,
    ...several,
  },
  about: aboutScenario,
  rules: [...authorisedThen, developerAuthorised, scenarioApproved, ...ofInputs, inputsNotRedeveloped, basisStands, ...recordedAndInside],
  names,
  declares: declaresMade(false),
  provenance: (d) => ({ activity: d.step, used: d.inputs.map(holding) }),
});

/** Off the platform goes the reviewed product that it names, and nothing else. */
const copiedInside = rule("retained-off-platform", (event: Outbound, world) =>
  countedOf(event, world).some(({ platform, form }) => platform === "off" && (form !== "product" || !isReviewed(event, world))),
);

export const copied = fact("data.copied", {
  clause: "七(五)7",
  by: ["platform", "primary-operator", "developer"],
  data: { authorization: id, scenario: id, reason: text, product: optional(id), ...named, ...several },
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
  names,
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
  data: { authorization: id, scenario: id, resource: id, to: creditCode, ...named, ...amount },
  about: (d) => [...aboutUse(d), party(d.to)],
  rules: [...authorisedThen, ...ofInputs, returnedToSource],
  names,
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
