/**
 * The inventory (清单) of what is held: one leaf a holding, in the order of their names, under an RFC 6962 root. It is the same whoever computes it: the
 * contract from its pages when it is frozen, a gateway that lists it, a verifier to whom a part of it is shown.
 */
import { toHex } from "./bytes";
import { canonical } from "./canonical";
import { CompactRange } from "./compact-range";
import type { Holding, HoldingSlot } from "./holdings-page";
import { leafHash } from "./rfc6962";

/** What can end by itself: what is held for a scenario, of it what these parties declared where they are named, or what is of a product. */
export interface InventoryPart {
  readonly scenario?: string | undefined;
  readonly product?: string | undefined;
  readonly parties?: readonly string[] | undefined;
}

export interface Inventory {
  readonly count: number;
  /** Lower-case hex. */
  readonly root: string;
}

/** @param part undefined for all that an authorization has */
export const isOfPart = ({ scenario, product, party }: Pick<Holding, "scenario" | "product" | "party">, part?: InventoryPart): boolean =>
  part === undefined ||
  ((part.product === undefined || part.product === product) &&
    (part.scenario === undefined || part.scenario === scenario) &&
    (part.parties === undefined || part.parties.includes(party)));

/** The order of the leaves. */
export const byName = (a: { readonly holding: string }, b: { readonly holding: string }): number => (a.holding < b.holding ? -1 : 1);

/** The slot as canonical JSON (RFC 8785). */
export const inventoryLeaf = (slot: HoldingSlot): Uint8Array => canonical(slot);

export function inventoryOf(slots: readonly HoldingSlot[], part?: InventoryPart): Inventory {
  const held = slots.filter((slot) => isOfPart(slot, part)).sort(byName);
  const range = CompactRange.empty();
  for (const slot of held) range.append(leafHash(inventoryLeaf(slot)));
  return { count: held.length, root: toHex(range.root()) };
}
