/** product 产品: from the approved list to the call. Clauses 六(四), 七(五)2, 七(五)10, 七(六). */
import { active, authorised, isStranger, withinTerm } from "./authorization";
import { ownOrAuthority } from "./party";
import { demandsAt, isOpen, scenarios } from "./scenario";
import { count, creditCode, digest, document, fen, holdingName, id, list, oneOf, optional, text } from "./schema";
import { recordIn, type Stepped, stands } from "./steps";
import { act, authorization, fact, holding, product, resource, rule, scenario, table, type Rule, type World } from "./definition";

/** What a product of level 1 needs before release, in the order of the plan. */
const STEPS = ["list-approved", "compliance-reviewed", "outbound-approved", "registered"] as const;
type Step = (typeof STEPS)[number];

export interface Product extends Stepped {
  readonly authorization: string;
  readonly scenario: string;
  readonly operator: string;
}

export const products = table<Product>("product");

interface Named {
  readonly data: { readonly product: string };
}

const itsRecord = recordIn(products, (d: Named["data"]) => d.product);

const notListedTwice = rule("product-exists", ({ data }: Named, world) => world.get(products, data.product) !== undefined);

const scenarioReady = rule("scenario-not-approved", ({ data, recorded }: ListedEvent, world) => {
  return !isOpen(world.get(scenarios, data.scenario), data.authorization, recorded);
});

/** What the product is made from (数据来源) is what its scenario demanded. */
const everySource = rule(
  "resource-not-in-scenario",
  ({ data, recorded }: ListedEvent & { data: { resources: readonly string[] } }, world) => {
    const demands = demandsAt(world.get(scenarios, data.scenario), recorded);
    return data.resources.filter((name) => !demands.some((demand) => demand.resource === name));
  },
);

interface ListedEvent {
  readonly data: { readonly scenario: string; readonly authorization: string };
  readonly recorded: number;
}

export const listed = act("product.listed", {
  clause: "六(四)",
  by: ["primary-operator"],
  data: {
    product: id,
    authorization: id,
    scenario: id,
    name: text,
    type: oneOf("dataset", "api", "report", "model"),
    audience: text,
    resources: list(id, { min: 1 }),
    pricing: oneOf("free", "government-guided", "market"),
  },
  about: (d) => [product(d.product), authorization(d.authorization), scenario(d.scenario), ...d.resources.map(resource)],
  rules: [notListedTwice, active, scenarioReady, everySource],
  effects: ({ data, party }, world) =>
    world.put(products, data.product, {
      authorization: data.authorization,
      scenario: data.scenario,
      operator: party,
      steps: {},
    }),
  on: itsRecord,
});

const known = rule("product-unknown", ({ data }: Named, world) => world.get(products, data.product) === undefined);

const ownProduct = rule("not-your-event", ({ data, party }: Named & { party: string }, world) => {
  const it = world.get(products, data.product);
  return it !== undefined && !ownOrAuthority(world, party, it.operator);
});

/** The steps are all the same: somebody's act, noted on the product. */
const step = (name: Step, clause: string, by: "authority" | "primary-operator") =>
  act(`product.${name}`, {
    clause,
    by: [by],
    data: { product: id, opinion: optional(document), registration: optional(id) },
    about: (d) => [product(d.product)],
    rules: [known, ownProduct],
    on: itsRecord,
  });

export const listApproved = step("list-approved", "六(四)", "authority");
export const complianceReviewed = step("compliance-reviewed", "七(五)10", "primary-operator");
export const outboundApproved = step("outbound-approved", "六(三)2", "authority");
export const registered = step("registered", "七(五)2", "primary-operator");

const complete = rule("product-incomplete", ({ data, recorded }: Named & { recorded: number }, world) => {
  const it = world.get(products, data.product);
  return it === undefined ? [] : STEPS.filter((name) => !stands(it, name, recorded));
});

/** The authorization under which the product was listed, and no other. */
const ownAuthorization = rule("authorization-inactive", ({ data }: Named & { data: { authorization: string } }, world) => {
  const it = world.get(products, data.product);
  return it !== undefined && it.authorization !== data.authorization;
});

const inputsKnown = rule("input-unknown", ({ data }: { data: { authorization: string; made: readonly string[] } }, world) =>
  data.made.filter((name) => world.holding(data.authorization, name) === undefined),
);

export const released = act("product.released", {
  clause: "七(五)10",
  by: ["primary-operator"],
  data: { product: id, authorization: id, version: id, digest, rows: count, made: list(holdingName, { min: 1 }) },
  about: (d) => [product(d.product), authorization(d.authorization)],
  rules: [known, ownProduct, active, ownAuthorization, complete, inputsKnown],
  names: (d) => ({ authorization: d.authorization, holdings: d.made }),
  on: itsRecord,
  provenance: (d) => ({ activity: "release", used: d.made.map(holding), generated: [product(d.product)] }),
});

export const withdrawn = act("product.withdrawn", {
  clause: "七(五)10",
  by: ["primary-operator", "authority"],
  data: { product: id, reason: text },
  about: (d) => [product(d.product)],
  rules: [known, ownProduct],
  on: itsRecord,
  ends: ["released"],
});

const productReleased = rule(
  "product-not-released",
  ({ data, happened }: Named & { happened: number }, world) => !stands(world.get(products, data.product), "released", happened),
);

/** A rule about authorizations, asked of the one under which the product was listed. */
const ofItsAuthorization = <D extends Named["data"]>({ code, broken }: Rule<{ authorization: string }>): Rule<D> =>
  rule(code, (event, world) => {
    const it = world.get(products, event.data.product);
    return it !== undefined && broken({ ...event, data: { authorization: it.authorization } }, world);
  });

const underAuthorization = [ofItsAuthorization(authorised), ofItsAuthorization(withinTerm)];

/** Products are for parties that are registered, and for no operator but their own. */
const servedTo = (world: World, name: string, party: string): boolean => {
  const it = world.get(products, name);
  return it === undefined || !isStranger(world, party, it.authorization);
};

const receiverKnown = rule(
  "caller-not-authorised",
  ({ data }: Named & { data: { to: string } }, world) => !servedTo(world, data.product, data.to),
);

export const delivered = fact("product.delivered", {
  clause: "七(五)10",
  by: ["platform", "primary-operator"],
  data: { product: id, to: creditCode, version: id, rows: count },
  about: (d) => [product(d.product)],
  rules: [productReleased, ...underAuthorization, receiverKnown],
  provenance: (d) => ({ activity: "deliver", used: [product(d.product)] }),
});

const callerKnown = rule(
  "caller-not-authorised",
  ({ data }: Named & { data: { caller: string } }, world) => !servedTo(world, data.product, data.caller),
);

export const called = fact("product.called", {
  clause: "六(三)2",
  by: ["platform", "primary-operator", "developer"],
  data: { product: id, caller: creditCode, call: id, rows: count, charged: optional(fen), purpose: optional(text) },
  about: (d) => [product(d.product)],
  rules: [productReleased, ...underAuthorization, callerKnown],
  provenance: (d) => ({ activity: "call", used: [product(d.product)] }),
});

export const types = [listed, listApproved, complianceReviewed, outboundApproved, registered, released, withdrawn, delivered, called];
