/** The inventory (清单) of an exit as the ledger has it: what was held when it was frozen, where it came from, and what became of it since. Pure. */
import { byName, type Inventory, inventoryOf, isOfPart } from "../../chaincode/proof/inventory";
import type { HoldingSlot } from "../../chaincode/proof/holdings-page";
import { ITEM_STATES, type ItemState } from "../evidence/exit-certificate";
import type { ExitItem } from "../evidence/exit-items";
import type { Change, EverHeld } from "../index/ever-held";
import type { Anchored } from "../index/place";
import type { PartSince } from "./what-ends";

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

/** An act that rested on what another changed, in another transaction of the same block, would have been invalid. */
const isBefore = (one: Anchored, other: Anchored): boolean =>
  one.block < other.block || (one.block === other.block && one.journal === other.journal && one.index < other.index);

/** By which acts a holding came to be of what ends, beside its declaration; undefined where it never was. */
function joinedBy({ slot, released }: EverHeld, parts: readonly PartSince[]): readonly Anchored[] | undefined {
  for (const { since, part } of parts) {
    const by = since === undefined ? [] : [since];
    if (isOfPart(slot, part)) return by;
    if (released !== undefined && isOfPart({ ...slot, product: released.product }, part)) return [...by, released];
  }
  return undefined;
}

/**
 * Those of the inventory in the order of its leaves, then those that came after it was frozen: declared since, or held by then and made part of what
 * ends since.
 * @param all that was ever held under the authorization
 * @param parts what ends of it
 * @param frozen the act that froze it: only what was there before it is in the inventory; undefined while it is not, then all that is held now is
 */
export function itemsOf(all: readonly EverHeld[], parts: readonly PartSince[], frozen: Anchored | undefined): readonly ListedItem[] {
  const origins = originsOf(all);
  const [within, late]: [ListedItem[], ListedItem[]] = [[], []];
  for (const it of all) {
    const joined = joinedBy(it, parts);
    if (joined === undefined) continue;
    const { slot: declared, place, block, released, changes } = it;
    // Whether a declaration is of an earlier transaction of the block does not matter: see above.
    const isLate = frozen !== undefined && (block >= frozen.block || !joined.every((act) => isBefore(act, frozen)));
    const wasBefore = (act: Anchored): boolean =>
      frozen === undefined || (isLate ? joined : [frozen]).some((start) => isBefore(act, start));
    const isReleased = released !== undefined && (isLate || wasBefore(released));
    const held = slotAfter(isReleased ? { ...declared, product: released.product } : declared, changes.filter(wasBefore));
    if (held === undefined) continue;
    const change = changes.at(-1);
    const state = change === undefined ? "outstanding" : stateOf(change.state);
    const item = { held, place, resources: origins.get(declared.holding) ?? [], state, ...(change === undefined ? {} : { change }) };
    if (isLate) late.push({ ...item, late: true });
    else within.push(item);
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
