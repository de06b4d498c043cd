/** The inventory (清单) of an exit as the ledger has it: what was held when it was frozen, where it came from, and what became of it since. Pure. */
import { byName, type Inventory, inventoryOf, type InventoryPart, isOfPart } from "../../chaincode/proof/inventory";
import type { HoldingSlot } from "../../chaincode/proof/holdings-page";
import { type ExitItem, ITEM_STATES, type ItemState } from "../evidence/exit-certificate";
import type { Change, EverHeld } from "../index/ever-held";

/** The act that froze it, and its block: only what was there before it is in the inventory. */
export interface Frozen {
  /** `MSPID/name` */
  readonly journal: string;
  readonly index: number;
  readonly block: number;
}

/** An item, with the event that says what became of it. */
export interface ListedItem extends Pick<ExitItem, "held" | "place" | "resources" | "late"> {
  readonly state: ItemState;
  readonly change?: Change;
}

/** What is in no slot any more. */
const isGone = (state: string): boolean => state !== "retained";

/** As it stood after these changes; undefined where it was gone. */
function slotAfter(slot: HoldingSlot, changes: readonly Change[]): HoldingSlot | undefined {
  let now: HoldingSlot | undefined = slot;
  for (const { state, data } of changes) {
    if (isGone(state)) return undefined;
    now = { ...now, until: String(data["until"]) };
  }
  return now;
}

/**
 * Those of the inventory in the order of its leaves, then those that were declared after it was frozen.
 * @param all that was ever held under the authorization
 * @param frozen undefined while it is not: then all that is held now is the inventory
 */
export function itemsOf(all: readonly EverHeld[], part: InventoryPart | undefined, frozen: Frozen | undefined): readonly ListedItem[] {
  // An act that changed what the inventory rests on, in another transaction of the same block, would have made it invalid.
  const isBefore = (at: Pick<Change, "journal" | "index" | "block">): boolean =>
    frozen === undefined ||
    at.block < frozen.block ||
    (at.block === frozen.block && at.journal === frozen.journal && at.index < frozen.index);
  const origins = originsOf(all);
  const [within, late]: [ListedItem[], ListedItem[]] = [[], []];
  for (const { slot: declared, place, block, released, changes } of all) {
    const slot = released !== undefined && isBefore(released) ? { ...declared, product: released.product } : declared;
    if (!isOfPart(slot, part)) continue;
    const resources = origins.get(slot.holding) ?? [];
    const change = changes.at(-1);
    const state = change === undefined ? "outstanding" : stateOf(change.state);
    const now = { place, resources, state, ...(change === undefined ? {} : { change }) };
    // Whether a declaration is of an earlier transaction of the block does not matter: see above.
    if (frozen !== undefined && block >= frozen.block) late.push({ held: slot, ...now, late: true });
    else {
      const held = slotAfter(slot, changes.filter(isBefore));
      if (held !== undefined) within.push({ held, ...now });
    }
  }
  const inOrder = (a: ListedItem, b: ListedItem): number => byName(a.held, b.held);
  return [...within.sort(inOrder), ...late.sort(inOrder)];
}

/** As answers show it. */
export function shownItem({ held: { slot: _, until, ...held }, place, resources, state, late, change }: ListedItem): object {
  const by = change === undefined ? {} : { by: { journal: change.journal, index: change.index } };
  return { ...held, place, resources, state, ...(until === undefined ? {} : { until }), ...by, ...(late === true ? { late } : {}) };
}

const stateOf = (state: string): ItemState => ITEM_STATES.find((known) => known === state) ?? "outstanding";

/** Count and root as the contract computes them. */
export const rootOf = (items: readonly ListedItem[]): Inventory =>
  inventoryOf(items.flatMap(({ held, late }) => (late === true ? [] : [held])));

/** Of each holding by name, the resources that it comes from, through all that it was made of; sorted. */
function originsOf(all: readonly EverHeld[]): ReadonlyMap<string, readonly string[]> {
  const byHolding = new Map(all.map((it) => [it.slot.holding, it]));
  const known = new Map<string, readonly string[]>();
  // Chains may be as long as there are holdings: no recursion. What is said to be made of itself comes from nowhere.
  for (const { slot } of all) {
    const open = [slot.holding];
    const begun = new Set<string>();
    for (let name = open.at(-1); name !== undefined; name = open.at(-1)) {
      const inputs = (byHolding.get(name)?.madeOf ?? []).filter(({ kind }) => kind === "holding").map(({ id }) => id);
      const missing =
        known.has(name) || begun.has(name) ? [] : inputs.filter((id) => !known.has(id) && !begun.has(id) && byHolding.has(id));
      begun.add(name);
      if (missing.length > 0) {
        open.push(...missing);
        continue;
      }
      open.pop();
      if (known.has(name)) continue;
      const own = (byHolding.get(name)?.madeOf ?? []).flatMap(({ kind, id }) => (kind === "resource" ? [id] : (known.get(id) ?? [])));
      known.set(name, own.length < 2 ? own : [...new Set(own)].sort());
    }
  }
  return known;
}
