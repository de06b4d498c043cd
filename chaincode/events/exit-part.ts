/** What ends of what an authorization has (退出范围), as the ledger counts it. Clause 六(五)6. */
import type { HoldingsCount, HoldingsPart, Settled, World } from "./definition";
import type { Leaving } from "./exit-ground";
import { type Exit, isDevelopers } from "./exit-record";
import { codesOf, successorsOf } from "./party";
import type { Holding } from "../proof/holdings-page";
import { isOfPart } from "../proof/inventory";

/** The codes under which a developer declared what it has, and goes on: neither a new name nor a merger takes anything out of its exit. */
export const bodyOf = (world: World, developer: string): readonly string[] => [
  ...new Set([...codesOf(world, developer), ...successorsOf(world, developer)]),
];

/** What ends of what the authorization has, as the ledger counts it; undefined where it is all. */
export function partOf({ leaving, developer, scenario, product }: Leaving, world: World): HoldingsPart | undefined {
  if (product !== undefined && leaving === "product") return { product };
  if (scenario === undefined || leaving === "operator") return undefined;
  return { scenario, parties: leaving === "developer" && developer !== undefined ? bodyOf(world, developer) : undefined };
}

/** How much is left of what ends. */
export const left = (it: Exit, world: World): HoldingsCount => world.holdings(it.authorization, partOf(it, world));

/** How much of what ends was accounted for. */
export const settledOf = (it: Exit, world: World): Settled => world.settled(it.authorization, partOf(it, world), isDevelopers(it));

/** Whether a holding is of what ends. */
export const isOf = (held: Holding, it: Exit, world: World): boolean => isOfPart(held, partOf(it, world));
