/** On what ground somebody leaves (退出): an authorization, what a developer has under it, or a part of it that ends early. Clause 六(五)6. */
import { overSince } from "./agreement";
import { authorizations } from "./authorization";
import { developmentOf } from "./developer";
import { products, withdrawalOf } from "./offer";
import { scenarios } from "./demand";
import { type Mark, standing, stands } from "./steps";
import type { Holding } from "../proof/holdings-page";
import type { World } from "./definition";

export const LEAVING = ["operator", "developer", "scenario", "product"] as const;

export interface Leaving {
  readonly leaving: (typeof LEAVING)[number];
  readonly authorization: string;
  readonly developer?: string;
  readonly scenario?: string;
  readonly product?: string;
}

/** Of what says more than that, just it. */
export const leavingOf = ({ leaving, authorization, developer, scenario, product }: Leaving): Leaving => ({
  ...{ authorization, leaving },
  ...(developer === undefined ? {} : { developer }),
  ...(scenario === undefined ? {} : { scenario }),
  ...(product === undefined ? {} : { product }),
});

/** Who leaves what, and since when there is a ground for it; undefined where there is none. */
type Ground = { readonly who: string; readonly since: number } | undefined;

const GROUNDS = {
  operator: (d, world, at) => {
    const it = world.get(authorizations, d.authorization);
    return ground(it?.operator, overSince(it, at));
  },
  developer: (d, world, at) => {
    if (d.developer === undefined || d.scenario === undefined) return undefined;
    const it = developmentOf(world, d.developer, d.scenario);
    if (it?.authorization !== d.authorization) return undefined;
    // Where the operator is gone, nobody is left to revoke it.
    const over = overSince(world.get(authorizations, d.authorization), at);
    if (stands(it, "authorised", at)) return ground(d.developer, over);
    const ends = ["revoked", "lapsed", "reassigned"].flatMap((step) => standing(it, step, at) ?? []);
    const last = ends.reduce<Mark | undefined>((last, mark) => (last === undefined || mark.at > last.at ? mark : last), undefined);
    return ground(d.developer, last?.at ?? over);
  },
  scenario: (d, world, at) => {
    const it = d.scenario === undefined ? undefined : world.get(scenarios, d.scenario);
    return it?.authorization === d.authorization ? ground(it.operator, standing(it, "closed", at)?.at) : undefined;
  },
  product: (d, world, at) => {
    const it = d.product === undefined ? undefined : world.get(products, d.product);
    return it?.authorization === d.authorization ? ground(it.operator, withdrawalOf(world, it, at)?.at) : undefined;
  },
} as const satisfies Record<Leaving["leaving"], (d: Leaving, world: World, at: number) => Ground>;

const ground = (who: string | undefined, since: number | undefined): Ground =>
  who === undefined || since === undefined ? undefined : { who, since };

/** What is missing of a ground: what has to be named, or to happen first. */
export function groundMissing(d: Leaving): readonly string[] {
  const { names, by } = ENDED[d.leaving];
  const unnamed = names.filter((name) => d[name] === undefined);
  return unnamed.length > 0 ? unnamed : by;
}

const ENDED = {
  operator: { names: [], by: ["suyuan.authorization.terminated"] },
  developer: { names: ["developer", "scenario"], by: ["suyuan.developer.revoked"] },
  scenario: { names: ["scenario"], by: ["suyuan.scenario.closed"] },
  product: { names: ["product"], by: ["suyuan.product.withdrawn"] },
} as const satisfies Record<Leaving["leaving"], { readonly names: readonly (keyof Leaving)[]; readonly by: readonly string[] }>;

export const groundOf = (d: Leaving, world: World, at: number): Ground => GROUNDS[d.leaving](d, world, at);

/** Since when the first of what something is held for has ended; undefined while none has. Milliseconds since 1970. */
export function endedSince(
  authorization: string,
  { scenario, product, party }: Pick<Holding, "scenario" | "product" | "party">,
  world: World,
  at: number,
): number | undefined {
  const of = {
    authorization,
    developer: party,
    ...(scenario === undefined ? {} : { scenario }),
    ...(product === undefined ? {} : { product }),
  };
  const ended = LEAVING.flatMap((leaving) => groundOf({ ...of, leaving }, world, at)?.since ?? []);
  return ended.length === 0 ? undefined : Math.min(...ended);
}
