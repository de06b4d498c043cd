/** price 价格: what operating public data may bring in, and what a product may cost at most. Clause 七(四)1. */
import { authorizations } from "./authorization";
import { isCountersigned } from "./countersignature";
import { within } from "./limits";
import { itsOversight } from "./oversight";
import { parties } from "./party";
import { capAt, itsRecord, known, products } from "./offer";
import { creditCode, day, document, fen, id, oneOf } from "./schema";
import { kept } from "./steps";
import { endOfDay, startOfDay } from "./time";
import { act, authorization, type Effects, type LedgerEvent, product, rule, type World } from "./definition";

/** Of a document that the authority and the department for prices (发展改革部门) signed together. */
const joint = { jointly: creditCode, document };

interface Joint {
  readonly jointly: string;
  readonly document: { readonly digest: string };
  readonly product?: string;
  readonly authorization?: string;
}

const isOfPrices = (world: World, code: string): boolean => {
  const it = world.get(parties, code);
  return it?.roles.includes("supervisor") === true && it.field === "development-reform";
};

const jointWithPrices = rule("party-unknown", ({ data }: { data: Joint }, world) =>
  isOfPrices(world, data.jointly) ? [] : [data.jointly],
);

/** That department signed the same paper, by an act of its own. */
const signedByBoth = rule(
  "countersignature-missing",
  ({ data: { jointly, document, product, authorization = "" } }: { data: Joint }, world) =>
    isOfPrices(world, jointly) && !isCountersigned(world, jointly, { document, of: product ?? authorization }),
);

const authorizationKnown = rule(
  "authorization-unknown",
  ({ data }: { data: { authorization: string } }, world) => world.get(authorizations, data.authorization) === undefined,
);

/** 最高准许收入: of an authorization, for some time. */
export const revenueApproved = act("price.revenue-approved", {
  clause: "七(四)1",
  by: ["authority"],
  data: { authorization: id, revenue: fen, from: day, until: day, ...joint },
  about: (d) => [authorization(d.authorization)],
  rules: [authorizationKnown, jointWithPrices, signedByBoth],
  on: itsOversight,
});

interface CapData {
  readonly product: string;
  readonly cap: number;
  readonly per: "call" | "row";
  readonly from: string;
}
type CapEvent = Pick<LedgerEvent<CapData>, "data" | "recorded" | "place">;

/** What was charged stays judged by the cap of its day: a new one begins no earlier than the day on which it is recorded, and after the others. */
const notBackdated = rule("effective-too-early", ({ data, recorded }: CapEvent, world) => {
  const last = world.get(products, data.product)?.caps?.at(-1);
  return endOfDay(data.from) <= recorded || (last !== undefined && startOfDay(data.from) < last.from);
});

const notTooManyToCome = within("upcoming", ({ data, recorded }: CapEvent, world) => {
  const all = [...(world.get(products, data.product)?.caps ?? []), { from: startOfDay(data.from) }];
  return all.filter(({ from }) => recorded < from).length;
});

const cap = { product: id, cap: fen, per: oneOf("call", "row"), from: day, ...joint };
const about = (d: CapData) => [product(d.product)];

function setCap({ data, place }: CapEvent, world: Effects): void {
  const it = world.get(products, data.product);
  const added = { from: startOfDay(data.from), cap: data.cap, per: data.per, act: place };
  if (it) world.put(products, data.product, { ...it, caps: kept([...(it.caps ?? []), added]) });
}

/** 上限收费标准, set for the first time or anew. */
export const capSet = act("price.cap-set", {
  clause: "七(四)1",
  by: ["authority"],
  data: cap,
  about,
  rules: [known, jointWithPrices, signedByBoth, notBackdated, notTooManyToCome],
  effects: setCap,
  on: itsRecord,
});

const capBefore = rule("price-cap-missing", ({ data }: CapEvent, world) => {
  const it = world.get(products, data.product);
  return it !== undefined && capAt(it, startOfDay(data.from)) === undefined;
});

/** Only what was set is changed. */
export const changed = act("price.changed", {
  clause: "七(四)1",
  by: ["authority"],
  data: cap,
  about,
  rules: [known, jointWithPrices, signedByBoth, notBackdated, notTooManyToCome, capBefore],
  effects: setCap,
  on: itsRecord,
});

export const types = [revenueApproved, capSet, changed];
