/** product 产品, as it is offered: listed, reviewed, released and withdrawn, at both levels. Clauses 四(一), 六(四), 七(四)1, 七(五)2, 七(五)10, 七(六)2. */
import { authorizations } from "./authorization";
import { developmentOf, isDeveloper, isInForce, mayDevelop } from "./developer";
import { within } from "./limits";
import { codesOf, isAuthority, ownOrAuthority, parties } from "./party";
import { demandsAt, isOpen, scenarios } from "./demand";
import { count, digest, document, holdingName, id, list, oneOf, optional, text } from "./schema";
import { allStanding, isStanding, type Mark, recordIn, standing, type Stepped, stands, takenBack } from "./steps";

import { covers, type Span } from "./time";
import {
  act,
  authorization,
  holding,
  type LedgerEvent,
  product,
  resource,
  rule,
  scenario,
  table,
  type Rule,
  type World,
} from "./definition";

/**
 * Made by the primary operator from what the sources supplied (一级开发产品), or by a developer from such a product (二级).
 * What each needs before release, in the order of the plan.
 */
const STEPS = {
  "1": ["list-approved", "compliance-reviewed", "outbound-approved", "registered"],
  "2": ["compliance-reviewed", "registered"],
} as const;
type Level = keyof typeof STEPS;

/** What is looked at is what leaves: a release uses these up, so that the next version has its own, and a withdrawal ends them. */
const OF_ONE_RELEASE = ["compliance-reviewed", "outbound-approved"] as const;

const PRICING = ["free", "government-guided", "market"] as const;

/** 上限收费标准, from a day on. It falls with the act that set it. */
export interface Cap extends Span {
  readonly act: string;
  readonly cap: number;
  readonly per: "call" | "row";
}

export interface Product extends Stepped {
  readonly authorization: string;
  readonly scenario: string;
  /** Credit code of who makes it: at level 1 the primary operator, at level 2 a developer. */
  readonly operator: string;
  readonly level: Level;
  readonly pricing: (typeof PRICING)[number];
  /** Used for public benefit (公益): nobody is charged for it. */
  readonly publicBenefit?: true;
  /** The products that it is made from. */
  readonly madeFrom?: readonly string[];
  /** In the order of their days. */
  readonly caps?: readonly Cap[];
}

export const products = table<Product>("product");

export interface Named {
  readonly data: { readonly product: string };
}

export const itsRecord = recordIn(products, (d: Named["data"]) => d.product);

const notListedTwice = rule("product-exists", ({ data }: Named, world) => world.get(products, data.product) !== undefined);

interface ListedEvent {
  readonly data: {
    readonly scenario: string;
    readonly authorization: string;
    readonly level?: Level;
    readonly resources: readonly string[];
    readonly madeFrom?: readonly string[];
  };
  readonly party: string;
  readonly recorded: number;
}

const scenarioReady = rule("scenario-not-approved", ({ data, recorded }: ListedEvent, world) => {
  return !isOpen(world.get(scenarios, data.scenario), data.authorization, recorded);
});

/** What the product is made from (数据来源) is what its scenario demanded. */
const everySource = rule("resource-not-in-scenario", ({ data, recorded }: ListedEvent, world) => {
  const demands = demandsAt(world.get(scenarios, data.scenario), recorded);
  return data.resources.filter((name) => !demands.some((demand) => demand.resource === name));
});

/** An operator needs the authorization in force; a developer that, and what it was given under it. */
function isActive(event: LedgerEvent<{ authorization: string }>, scenario: string, world: World): boolean {
  const { authorization } = event.data;
  if (!isInForce(world, event, authorization)) return false;
  if (isDeveloper(world, event.party, authorization))
    return mayDevelop(developmentOf(world, event.party, scenario), authorization, event.recorded);
  const operator = world.get(authorizations, authorization)?.operator;
  return operator !== undefined && codesOf(world, event.party).includes(operator);
}

const makerActive = rule(
  "authorization-inactive",
  (event: LedgerEvent<ListedEvent["data"]>, world) => !isActive(event, event.data.scenario, world),
);

/** Level 1 is for the primary operator. */
const ofOwnLevel = rule(
  "not-your-event",
  ({ data, party }: ListedEvent, world) => data.level !== "2" && isDeveloper(world, party, data.authorization),
);

/** A line of the list says what the product is made from. */
const sourcesGiven = rule("product-incomplete", ({ data }: ListedEvent) => {
  if (data.level === "2") return (data.madeFrom ?? []).length === 0 ? ["madeFrom"] : [];
  return data.resources.length === 0 ? ["resources"] : [];
});

const basesKnown = rule("product-unknown", ({ data }: ListedEvent, world) =>
  (data.madeFrom ?? []).filter((name) => world.get(products, name) === undefined),
);

/** All that a product is made from, with what that is made from: each once, the nearest first. */
function basesOf(world: Pick<World, "get">, madeFrom: readonly string[] = []): ReadonlySet<string> {
  const all = new Set(madeFrom);
  for (const name of all) for (const base of world.get(products, name)?.madeFrom ?? []) all.add(base);
  return all;
}

/**
 * The act by which a product is offered no longer: its own withdrawal, or that of something that it is made from, since it was released. So a
 * withdrawal reaches everything derived, however much that is, and nobody has to look for it; each is released again by an act of its own.
 */
export function withdrawalOf(world: Pick<World, "get">, it: Product | undefined, at: number): Mark | undefined {
  const released = releaseOf(it, at);
  if (released === undefined) return standing(it, "withdrawn", at);
  if (it?.madeFrom === undefined) return undefined;
  for (const name of basesOf(world, it.madeFrom)) {
    const since = allStanding(world.get(products, name), "withdrawn", at).find((mark) => isAfter(mark, released));
    if (since !== undefined) return since;
  }
  return undefined;
}

/** In the order of the ledger: acts of one transaction have one time, and stand in one journal. */
const isAfter = (one: Mark, other: Mark): boolean => (one.at === other.at ? positionOf(one) > positionOf(other) : one.at > other.at);
const positionOf = ({ act }: Mark): number => Number(act.slice(act.lastIndexOf("/") + 1));

/** Whether a mark was there when a product was released. */
const precedes = (mark: Mark, release: Mark): boolean =>
  mark.endedBy === release.act || (mark.at <= release.at && (mark.until === undefined || release.at < mark.until));

const isAnnulled = ({ annulled }: Mark, at: number): boolean => annulled !== undefined && annulled <= at;

/** Whether each step that a release rested on still counted at a time, or another mark of it did. */
const isFounded = ({ level, steps }: Product, release: Mark, at: number): boolean =>
  STEPS[level].every((step) => {
    const marks = steps[step];
    return marks?.some((mark) => isAnnulled(mark, at)) !== true || marks.some((mark) => precedes(mark, release) && !isAnnulled(mark, at));
  });

/** The release by which a product is offered at a time; it falls with the steps that it rested on. */
const releaseOf = (it: Product | undefined, at: number): Mark | undefined =>
  it?.steps["released"]?.findLast((mark) => isStanding(mark, at) && isFounded(it, mark, at));

export const isReleased = (world: Pick<World, "get">, it: Product | undefined, at: number): boolean =>
  releaseOf(it, at) !== undefined && withdrawalOf(world, it, at) === undefined;

const notReleased = (world: World, names: readonly string[] = [], at: number): readonly string[] =>
  names.filter((name) => {
    const it = world.get(products, name);
    return it !== undefined && !isReleased(world, it, at);
  });

/** A developer makes its product from what is delivered. */
const basesReleased = rule("product-not-released", ({ data, recorded }: ListedEvent, world) =>
  data.level === "2" ? notReleased(world, data.madeFrom, recorded) : [],
);

export const isOperator = (world: World, code: string): boolean => world.get(parties, code)?.roles.includes("primary-operator") === true;

const notRedeveloped = rule("operator-redevelops", ({ data, party, recorded }: ListedEvent, world) => {
  if (!isOperator(world, party)) return false;
  return [...basesOf(world, data.madeFrom)].some((name) => {
    const it = world.get(products, name);
    return it?.level === "1" && isReleased(world, it, recorded);
  });
});

/** What is made from a product of another authorization is made by who may get that one. */
const basesDeliverable = rule("authorization-inactive", ({ data, party, recorded }: ListedEvent, world) =>
  (data.madeFrom ?? []).filter((name) => {
    const it = world.get(products, name);
    if (it?.level !== "1" || it.authorization === data.authorization || !isDeveloper(world, party, it.authorization)) return false;
    return !mayDevelop(developmentOf(world, party, it.scenario), it.authorization, recorded);
  }),
);

export const listed = act("product.listed", {
  clause: "六(四)",
  by: ["primary-operator", "developer"],
  data: {
    product: id,
    authorization: id,
    scenario: id,
    name: text,
    type: oneOf("dataset", "api", "report", "model"),
    audience: text,
    resources: list(id),
    pricing: oneOf(...PRICING),
    level: optional(oneOf("1", "2")),
    madeFrom: optional(list(id)),
    benefit: optional(oneOf("public", "commercial")),
  },
  about: (d) => [
    product(d.product),
    authorization(d.authorization),
    scenario(d.scenario),
    ...d.resources.map(resource),
    ...(d.madeFrom ?? []).filter((name) => name !== d.product).map(product),
  ],
  rules: [
    notListedTwice,
    ofOwnLevel,
    makerActive,
    scenarioReady,
    sourcesGiven,
    everySource,
    basesKnown,
    basesReleased,
    basesDeliverable,
    notRedeveloped,
    within("bases", ({ data }: ListedEvent, world) => basesOf(world, data.madeFrom).size),
  ],
  effects: ({ data, party }, world) => {
    const { madeFrom = [], level = "1" } = data;
    world.put(products, data.product, {
      authorization: data.authorization,
      scenario: data.scenario,
      operator: party,
      level,
      pricing: data.pricing,
      ...(data.benefit === "public" && { publicBenefit: true }),
      ...(madeFrom.length > 0 && { madeFrom }),
      steps: {},
    });
  },
  on: itsRecord,
  provenance: ({ product: name, madeFrom = [] }) =>
    madeFrom.length === 0 ? undefined : { activity: "redevelop", used: madeFrom.map(product), generated: [product(name)] },
});

export const known = rule("product-unknown", ({ data }: Named, world) => world.get(products, data.product) === undefined);

type ByParty = Named & { readonly party: string };
type Recorded = Named & { readonly recorded: number };

const ownProduct = rule("not-your-event", ({ data, party }: ByParty, world) => {
  const it = world.get(products, data.product);
  return it !== undefined && !ownOrAuthority(world, party, it.operator);
});

/** Whoever makes it, the operator under whose authorization it is made looks after it. */
const underOwnOperator = rule("not-your-event", ({ data, party }: ByParty, world) => {
  const it = world.get(products, data.product);
  return it !== undefined && !ownOrAuthority(world, party, world.get(authorizations, it.authorization)?.operator);
});

const ownOrUnderOperator = rule("not-your-event", (event: ByParty, world) => {
  return ownProduct.broken(event as never, world) === true && underOwnOperator.broken(event as never, world) === true;
});

/** The steps are all the same: somebody's act, noted on the product. */
const step = (
  name: (typeof STEPS)["1"][number],
  clause: string,
  by: readonly ("authority" | "primary-operator" | "developer")[],
  own: Rule<Named["data"]>,
) =>
  act(`product.${name}`, {
    clause,
    by,
    data: { product: id, opinion: optional(document), registration: optional(id) },
    about: (d) => [product(d.product)],
    rules: [known, own],
    on: itsRecord,
    withdrawal: ["released"],
  });

export const listApproved = step("list-approved", "六(四)", ["authority"], ownProduct);
export const complianceReviewed = step("compliance-reviewed", "七(五)10", ["primary-operator"], underOwnOperator);
export const outboundApproved = step("outbound-approved", "六(三)2", ["authority"], ownProduct);
/** Clause 七(六)2, too: what a developer makes, the developer registers, or the operator does. */
export const registered = step("registered", "七(五)2", ["primary-operator", "developer"], ownOrUnderOperator);

/** What the authority withdrew goes out again with its approval, at either level. */
function isBarred(it: Product, at: number, world: World): boolean {
  const by = standing(it, "withdrawn", at);
  const since = it.steps["released"]?.findLast((mark) => mark.annulled === undefined);
  return by !== undefined && isAuthority(world, by.party) && (since === undefined || isAfter(by, since));
}

const complete = rule("product-incomplete", ({ data, recorded }: Recorded, world) => {
  const it = world.get(products, data.product);
  if (it === undefined) return [];
  const needed = new Set<string>([...STEPS[it.level], ...(isBarred(it, recorded, world) ? ["outbound-approved"] : [])]);
  return [...needed].filter((name) => !stands(it, name, recorded));
});

const scenarioStillOpen = rule("scenario-not-approved", ({ data, recorded }: Recorded, world) => {
  const it = world.get(products, data.product);
  return it !== undefined && !isOpen(world.get(scenarios, it.scenario), it.authorization, recorded);
});

interface ReleasedData {
  readonly product: string;
  readonly authorization: string;
  readonly made: readonly string[];
}

const releaserActive = rule("authorization-inactive", (event: LedgerEvent<ReleasedData>, world) => {
  const { product, authorization } = event.data;
  const it = world.get(products, product);
  // The authorization under which the product was listed, and no other.
  return (it !== undefined && it.authorization !== authorization) || !isActive(event, it?.scenario ?? "", world);
});

const inputsKnown = rule("input-unknown", ({ data }: { data: ReleasedData }, world) =>
  data.made.filter((name) => world.holding(data.authorization, name) === undefined),
);

/**
 * What a release is made of, and held for another product, stays that one's: it goes when that one ends. So that one is offered, else what
 * was declared for a product that nobody offers would go with none.
 */
const basesStillReleased = rule("product-not-released", ({ data, recorded }: { data: ReleasedData; recorded: number }, world) => {
  const it = world.get(products, data.product);
  if (it === undefined) return [];
  const heldFor = data.made.map((name) => world.holding(data.authorization, name)?.product ?? data.product);
  const others = heldFor.filter((name) => name !== data.product && !isReleased(world, world.get(products, name), recorded));
  return [...new Set([...notReleased(world, it.madeFrom, recorded), ...others])];
});

/** As far as could be known then: what was charged under a cap that was annulled later was charged under it. */
export const capAt = (it: Product | undefined, at: number): Cap | undefined =>
  it?.caps?.findLast((cap) => covers(cap, at) && !takenBack(it, [cap.act], at));

const capSet = rule("price-cap-missing", ({ data, recorded }: Recorded, world) => {
  const it = world.get(products, data.product);
  return it?.pricing === "government-guided" && capAt(it, recorded) === undefined;
});

/** Asked again at the end: at the listing, what it is made from need not have been released yet. */
const stillNotRedeveloped = rule("operator-redevelops", ({ data, party }: ByParty, world) => {
  const bases = basesOf(world, world.get(products, data.product)?.madeFrom);
  return isOperator(world, party) && [...bases].some((name) => world.get(products, name)?.level === "1");
});

export const released = act("product.released", {
  clause: "七(五)10",
  by: ["primary-operator", "developer"],
  data: { product: id, authorization: id, version: id, digest, rows: count, made: list(holdingName, { min: 1 }) },
  about: (d) => [product(d.product), authorization(d.authorization)],
  rules: [known, ownProduct, releaserActive, scenarioStillOpen, complete, inputsKnown, basesStillReleased, stillNotRedeveloped, capSet],
  names: (d) => ({ authorization: d.authorization, holdings: d.made }),
  // What the product was made of is held for it, whether it was declared so or not: it goes when the product ends.
  effects: ({ data }, world) => data.made.forEach((name) => world.attribute(data.authorization, name, data.product)),
  on: itsRecord,
  ends: OF_ONE_RELEASE,
  withdrawal: "barred",
  provenance: (d) => ({ activity: "release", used: d.made.map(holding), generated: [product(d.product)] }),
});

export const withdrawn = act("product.withdrawn", {
  clause: "七(五)10",
  by: ["primary-operator", "developer", "authority"],
  data: { product: id, reason: text },
  about: (d) => [product(d.product)],
  rules: [known, ownOrUnderOperator],
  on: itsRecord,
  ends: ["released", ...OF_ONE_RELEASE],
  withdrawal: "barred",
});

export const types = [listed, listApproved, complianceReviewed, outboundApproved, registered, released, withdrawn];
