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

/** An act that rested on what another changed, in another transaction of the same block, would have been invalid. */
const isBefore = (one: Anchored, other: Anchored): boolean =>
  one.block < other.block || (one.block === other.block && one.journal === other.journal && one.index < other.index);

/** Whether an act was done once another was. @param when undefined for now */
const isDoneBy = (act: Anchored, when: Anchored | undefined): boolean =>
  when === undefined || isBefore(act, when) || (act.journal === when.journal && act.index === when.index);

/** As it stood once an act was done; undefined where it was gone. */
function slotAt({ slot, released, changes }: EverHeld, when: Anchored | undefined): HoldingSlot | undefined {
  let then: HoldingSlot = released !== undefined && isDoneBy(released, when) ? { ...slot, product: released.product } : slot;
  for (const change of changes) {
    if (!isDoneBy(change, when)) continue;
    if (isGone(change.state)) return undefined;
    then = { ...then, until: String(change.data["until"]) };
  }
  return then;
}

/** The same, if it was of what ends; undefined where it was not. */
function heldAt(it: EverHeld, parts: readonly PartSince[], when: Anchored | undefined): HoldingSlot | undefined {
  const slot = slotAt(it, when);
  const of = parts.findLast(({ since }) => since === undefined || isDoneBy(since, when));
  return slot !== undefined && isOfPart(slot, of?.part) ? slot : undefined;
}

/** By which act it is of what ends no more; undefined where it is, or never was. */
function leftBy({ slot, released }: EverHeld, parts: readonly PartSince[]): Change | undefined {
  const now = released === undefined ? slot : { ...slot, product: released.product };
  const last = parts.findLastIndex(({ part }) => isOfPart(now, part));
  return last === -1 ? undefined : parts[last + 1]?.since;
}

/** How it stood when it came to what ends after that was frozen, by its declaration or by a later act; undefined where it did not, or is of it no more. */
function lateOf(it: EverHeld, parts: readonly PartSince[], frozen: Anchored): HoldingSlot | undefined {
  const { slot, declared, released } = it;
  const now = released === undefined ? slot : { ...slot, product: released.product };
  if (!isOfPart(now, parts.at(-1)?.part)) return undefined;
  for (const act of [declared, ...parts.map(({ since }) => since), released]) {
    if (act === undefined || isBefore(act, frozen)) continue;
    const held = heldAt(it, parts, act);
    if (held !== undefined) return released === undefined ? held : { ...held, product: released.product };
  }
  return undefined;
}

/**
 * Those of the inventory in the order of its leaves, then those that came after it was frozen: declared since, or held by then and made part of what
 * ends since. What was in the inventory and is of what ends no more stays there.
 * @param all that was ever held under the authorization
 * @param parts what ends of it
 * @param frozen the act that froze it: only what was there before it is in the inventory; undefined while it is not, then all that is held now is
 */
export function itemsOf(all: readonly EverHeld[], parts: readonly PartSince[], frozen: Anchored | undefined): readonly ListedItem[] {
  const origins = originsOf(all);
  const [within, late]: [ListedItem[], ListedItem[]] = [[], []];
  for (const it of all) {
    // Whether a declaration is of an earlier transaction of the block does not matter: see above.
    const inIt = frozen === undefined || it.declared.block < frozen.block ? heldAt(it, parts, frozen) : undefined;
    const held = inIt ?? (frozen && lateOf(it, parts, frozen));
    if (held === undefined) continue;
    const change = it.changes.at(-1) ?? leftBy(it, parts);
    const state = change === undefined ? "outstanding" : stateOf(change.state);
    const resources = origins.get(held.holding) ?? [];
    const item = { held, place: it.place, resources, state, ...(change === undefined ? {} : { change }) };
    if (inIt === undefined) late.push({ ...item, late: true });
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
