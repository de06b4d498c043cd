/** What an event makes something of: holdings that are there, of its scenario, and for whoever uses them. Clauses 四(一), 一(二), 附件1. */
import { rule, type World } from "./definition";
import { developmentOf, isDeveloper, mayDevelop } from "./developer";
import { isOperator, isReleased, products } from "./offer";
import { isParty } from "./party";
import { holdingName, list } from "./schema";

export const inputs = { inputs: list(holdingName, { min: 1 }) };
export const namesInputs = (d: { authorization: string; inputs: readonly string[] }) => ({
  authorization: d.authorization,
  holdings: d.inputs,
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

export const ofInputs = [inputsKnown, inputsOfScenario, inputsDelivered];

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
export const inputsNotRedeveloped = rule("operator-redevelops", redeveloped);
/** A copy that is for no product is one of the same. */
export const copyNotRedeveloped = rule("operator-redevelops", (event: Using, world) =>
  event.data.product === undefined ? [] : redeveloped(event, world),
);
