/** The inventory of an exit, read from what was ever held. */
import type { Exit } from "../../chaincode/events/exit-record";
import { type Mark, standing } from "../../chaincode/events/steps";
import type { Inventory } from "../../chaincode/proof/inventory";
import { type Anchored, positionOf } from "../index/place";
import type { Reader } from "../index/reader";
import { itemsOf, type ListedItem, rootOf } from "./inventory";
import { partsOf } from "./what-ends";

/** Count and root are of what is held now, as freezing it takes them. */
export interface ExitInventory extends Inventory {
  readonly exit: string;
  readonly authorization: string;
  /** What the ledger has frozen, where it has. */
  readonly frozen?: Inventory & { readonly act: string };
  /** Of what was declared after that, how many were accounted for after it was verified, by who declared them: credit codes. */
  readonly late: Readonly<Record<string, number>>;
  /** Of what is frozen, with what became of it since; where nothing is, of what is held now. */
  readonly items: readonly ListedItem[];
}

/** @param all a reader who sees everything @param now milliseconds since 1970 */
export async function inventoryOf(all: Reader, exit: string, record: Exit, now: number): Promise<ExitInventory> {
  const mark = standing(record, "inventory-frozen", now);
  const frozen = mark && (await actAt(all, mark.act));
  const said = frozen?.data as Partial<Inventory> | undefined;
  const [ever, parts] = [await all.everHeld(record.authorization), await partsOf(all, record)];
  const held = itemsOf(ever, parts, undefined);
  const items = frozen === undefined ? held : itemsOf(ever, parts, frozen);
  return {
    ...{ exit, authorization: record.authorization, ...rootOf(held) },
    ...(mark === undefined ? {} : { frozen: { act: mark.act, count: said?.count ?? 0, root: said?.root ?? "" } }),
    late: lateOf(items, standing(record, "verified", now)),
    items,
  };
}

/** What was struck was never there, and what is outstanding is told elsewhere. */
const ACCOUNTED: ReadonlySet<string> = new Set(["deleted", "retained", "transferred"]);

function lateOf(items: readonly ListedItem[], verified: Mark | undefined): Readonly<Record<string, number>> {
  const count: Record<string, number> = {};
  for (const { late, state, change, held } of items)
    if (late === true && ACCOUNTED.has(state) && change !== undefined && verified !== undefined && change.recorded > verified.at)
      count[held.party] = (count[held.party] ?? 0) + 1;
  return count;
}

/** An act, and what it says. */
export async function actAt(all: Reader, act: string): Promise<(Anchored & { readonly data: unknown }) | undefined> {
  const position = positionOf(act);
  const event = await all.event(position);
  return event && { ...position, block: event.block, data: event.event?.data };
}
