/** What an event declares to be held from then on (留存数据), by whom it may be, in which form it counts, and that it is on record and inside. Clauses 六(五)6, 七(五)7. */
import { type Form, FORMS } from "../proof/holdings-page";
import { authorizations, isOperators } from "./authorization";
import { DECLARED_BY_STRANGER } from "./codes";
import { type LedgerEvent, rule, type World } from "./definition";
import { developmentOf, wasAuthorised } from "./developer";
import { formOf, FREEING } from "./held-form";
import { isReleased, products } from "./offer";
import { isBound, isParty } from "./party";
import { count, type Data, digest, list, oneOf, optional, struct, text } from "./schema";
import { stood } from "./steps";

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
export const oneHeld = { holding: optional(held), kept: optional(count) };
export const someHeld = { holdings: list(held, { max: 100 }), kept: optional(count) };

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
export const declaresTaken = declaresAs(FREEING);
/** What somebody brings may have been worked on before. */
export const declaresBrought = declaresAs(new Set<Form>(["log", "key"]));

interface Made extends Holding {
  readonly authorization: string;
  readonly scenario: string;
  readonly product?: string;
  readonly inputs: readonly string[];
}

/** @returns without a world what is said, else as what the ledger counts it */
export const declaresMade =
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
export const trulyLog = rule("retention-basis-missing", (event: DeclaringEvent, world) => {
  const logs = (all: readonly Pick<Held, "form">[]): number => all.filter(({ form }) => form === "log").length;
  const said = logs(holdingsOf(event.data));
  return said > 0 && logs(countedOf(event, world)) < said;
});

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

export const ownDeclaration = rule(
  DECLARED_BY_STRANGER,
  (event: Declaring, world) => holdingsOf(event.data).length > 0 && !hasPart(world, event),
);

export const keptOnPlatform = rule("retained-off-platform", ({ data }: { data: Holding }) => holdingsOf(data).some(isOff));

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
export const reviewed = rule("raw-data-outbound", (event: Outbound, world) => {
  if (!holdingsOf(event.data).some(isOff)) return false;
  const out = countedOf(event, world).filter(({ platform, form }) => platform === "off" && form !== "log" && form !== "key");
  return out.some(({ form }) => form !== "product" || !isReviewed(event, world));
});

/** An export leaves a copy by its nature. */
export const keptOnRecord = rule(
  "retained-without-record",
  ({ data }: { data: Holding & { kept?: number; operation?: string } }) =>
    holdingsOf(data).length < Math.max(data.kept ?? 0, data.operation === "export" ? 1 : 0),
);

/** Off the platform goes the reviewed product that it names, and nothing else. */
export const copiedInside = rule("retained-off-platform", (event: Outbound, world) =>
  countedOf(event, world).some(({ platform, form }) => platform === "off" && (form !== "product" || !isReviewed(event, world))),
);

export const recordedAndInside = [keptOnRecord, keptOnPlatform, reviewed, trulyLog];
