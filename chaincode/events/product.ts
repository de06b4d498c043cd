/**
 * product 产品, from the approved list to the call. `offer.ts` has the acts; here are the facts. Their rules read the product, its authorization,
 * who gets it, and of a developer what it was given: nothing else. Clauses 四(一), 七(四)1, 七(五)10, 七(六).
 */
import { authorised, isStranger, notTerminated, withinTerm } from "./authorization";
import { type Development, developmentOf, isAffiliated, isDeveloper, mayDevelop } from "./developer";
import { capAt, isOperator, isReleased, type Named, type Product, products, types as acts } from "./offer";
import { codesOf, successorsOf } from "./party";
import { isOpen, scenarios } from "./demand";
import { count, creditCode, fen, id, oneOf, optional, text } from "./schema";
import { fact, type LedgerEvent, product, rule, type Rule, type World } from "./definition";

export { type Product, products };

type Happened = Named & { readonly happened: number };

const productReleased = rule(
  "product-not-released",
  ({ data, happened }: Happened, world) => !isReleased(world, world.get(products, data.product), happened),
);

/** A rule about authorizations, asked of the one under which the product was listed. */
const ofItsAuthorization = <D extends Named["data"]>({ code, broken }: Rule<{ authorization: string }>): Rule<D> =>
  rule(code, (event, world) => {
    const it = world.get(products, event.data.product);
    return it !== undefined && broken({ ...event, data: { authorization: it.authorization } }, world);
  });

/** Who gets a product, for which scenario, and at what price. */
interface Use {
  readonly product: string;
  readonly to?: string;
  readonly caller?: string;
  /** For which it is used; that of the product where nothing is said. */
  readonly scenario?: string;
  readonly use?: string;
  readonly rows: number;
  readonly charged?: number;
}

const userOf = ({ to, caller }: Use): string => caller ?? to ?? "";

/** What a developer that gets a product of level 1 was given; null for whom no such thing is needed. */
function basisOf(data: Use, it: Product, world: World): Development | undefined | null {
  const user = userOf(data);
  return it.level === "1" && isDeveloper(world, user, it.authorization) ? developmentOf(world, user, data.scenario ?? it.scenario) : null;
}

/** @param concerns whether the product matters at all: most uses say nothing of price or purpose */
const onUse = (
  code: Rule["code"],
  broken: (event: LedgerEvent<Use>, it: Product, world: World) => boolean,
  concerns: (data: Use) => boolean = () => true,
): Rule<Use> =>
  rule(code, (event, world) => {
    const it = concerns(event.data) ? world.get(products, event.data.product) : undefined;
    return it !== undefined && broken(event, it, world);
  });

/** For parties that are registered and no operator but its own; at level 1, for developers that are authorised under the scenario. */
const userAuthorised = onUse("caller-not-authorised", ({ data, happened }, it, world) => {
  if (isStranger(world, userOf(data), it.authorization, ["developer"])) return true;
  const basis = basisOf(data, it, world);
  return basis !== null && !mayDevelop(basis, it.authorization, happened);
});

/** A product of level 2 is offered while who makes it may develop: that developer, or who goes on for it under another code. */
const makerAuthorised = onUse("no-authorization", ({ happened }, it, world) => {
  const may = (code: string): boolean => mayDevelop(developmentOf(world, code, it.scenario), it.authorization, happened);
  return it.level === "2" && !may(it.operator) && !successorsOf(world, it.operator).some(may);
});

/** Clause 四(一): what the operator may not do itself, a developer of its own group would do for it. */
const notAffiliated = onUse("affiliated-developer", ({ data, happened }, it, world) => {
  const basis = basisOf(data, it, world);
  return basis !== undefined && basis !== null && isAffiliated(basis, happened);
});

/** Developers pass on what they made, not what was delivered to them. */
const notPassedOn = onUse("sublicence", ({ data, party }, it, world) => {
  if (!isDeveloper(world, party, it.authorization)) return false;
  const own = codesOf(world, party);
  return !own.includes(userOf(data)) && !own.includes(it.operator);
});

/** Whether another scenario is said or none: the product is for one that was reviewed, and is not closed. */
const reviewedUse = onUse(
  "unreviewed-use",
  ({ data: { scenario }, happened }, it, world) => !isOpen(world.get(scenarios, scenario ?? it.scenario), it.authorization, happened),
);

const notReidentified = rule("re-identification", ({ data }: { data: Use }) => data.use === "re-identify");

const notRedeveloped = onUse(
  "operator-redevelops",
  ({ data }, it, world) => it.level === "1" && isOperator(world, userOf(data)),
  ({ use }) => use === "redevelop",
);

const isCharged = ({ charged = 0 }: Use): boolean => charged > 0;

const withinCap = onUse(
  "price-over-cap",
  ({ data: { charged = 0, rows }, happened }, it) => {
    if (it.pricing === "free") return true;
    const cap = capAt(it, happened);
    if (cap === undefined) return it.pricing === "government-guided";
    return charged > (cap.per === "row" ? cap.cap * rows : cap.cap);
  },
  isCharged,
);

const benefitFree = onUse("charged-public-benefit", (_, it) => it.publicBenefit === true, isCharged);

const ofUse = [
  productReleased,
  ofItsAuthorization(authorised),
  ofItsAuthorization(withinTerm),
  ofItsAuthorization(notTerminated),
  makerAuthorised,
  userAuthorised,
  notAffiliated,
  notPassedOn,
  reviewedUse,
  withinCap,
  benefitFree,
];

export const delivered = fact("product.delivered", {
  clause: "七(五)10",
  by: ["platform", "primary-operator", "developer"],
  data: { product: id, to: creditCode, version: id, rows: count, charged: optional(fen) },
  about: (d) => [product(d.product)],
  rules: ofUse,
  provenance: (d) => ({ activity: "deliver", used: [product(d.product)] }),
});

export const called = fact("product.called", {
  clause: "六(三)2",
  by: ["platform", "primary-operator", "developer"],
  data: {
    product: id,
    caller: creditCode,
    call: id,
    rows: count,
    charged: optional(fen),
    purpose: optional(text),
    scenario: optional(id),
    use: optional(oneOf("query", "redevelop", "re-identify")),
  },
  about: (d) => [product(d.product)],
  rules: [...ofUse, notReidentified, notRedeveloped],
  provenance: (d) => ({ activity: "call", used: [product(d.product)] }),
});

export const types = [...acts, delivered, called];
