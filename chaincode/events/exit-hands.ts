/** Whose word counts in an exit: who leaves and closes, who examines, and who has nothing to say. Clause 六(五)6. */
import { authorizations, isOperators } from "./authorization";
import type { Role, World } from "./definition";
import { type Exit, isDevelopers } from "./exit-record";
import { executedBy } from "./holding";
import { isBound, parties, sameHands } from "./party";

export const isAmong = (world: World, party: string, codes: readonly string[]): boolean =>
  codes.some((code) => sameHands(world, party, code));

/** Who leaves or closes: like who deletes, it neither verifies that it is done, nor disproves what others found. */
export const isOneOf = (world: World, it: Exit, party: string): boolean => it.hands.some((hand) => sameHands(world, hand, party));

/** Whose word that residue is left ends nothing by itself: an operator's, of what its developer has or made. It stands in the history until others find it too. */
export const isOtherHand = (world: World, it: Exit, party: string): boolean =>
  isDevelopers(it) && isOperators(world, party, world.get(authorizations, it.authorization));

/** An operator or a developer speaks of its own exit. */
export const isStranger = (world: World, it: Exit, party: string): boolean => isBound(world, party) && !isAmong(world, party, it.hands);

/**
 * Who disproves residue that others found: looks after the platform or examines it, and has no hand in the exit. Being named
 * by others as who deleted gives it none: who leaves could name them all.
 */
const EXAMINERS: readonly Role[] = ["implementing-agency", "platform", "assessor"];
export const isIndependent = (world: World, it: Exit, party: string): boolean =>
  !isOneOf(world, it, party) &&
  executedBy(world, party, it.authorization) !== "itself" &&
  !isBound(world, party) &&
  world.get(parties, party)?.roles.some((role) => EXAMINERS.includes(role)) === true;
