/** What an exit ends of what is held (留存数据), as the ledger's records stand: how much, and until when the logs of it are kept. */
import type { HoldingsPart, Settled, Table, World } from "../../chaincode/events/definition";
import { partOf } from "../../chaincode/events/exit-part";
import { type Exit, isDevelopers } from "../../chaincode/events/exit-record";
import type { HoldingsPage } from "../../chaincode/proof/holdings-page";
import { isOfPart } from "../../chaincode/proof/inventory";
import { heldCount } from "./holding-counts";
import { keys, under } from "./keys";
import { fromJson, type Store } from "./store";

export const heldOfExit = (store: Store, record: Exit): ReturnType<typeof heldCount> =>
  heldCount(store, record.authorization, partIn(store, record), isDevelopers(record));

/** The last days of retention, `YYYY-MM-DD`, of the logs of it that are retained. */
export async function logsKept(store: Store, record: Exit): Promise<readonly string[]> {
  const part = partIn(store, record);
  if ((await heldOfExit(store, record)).logs === 0) return [];
  const days: string[] = [];
  for await (const value of store.values(under("g", record.authorization)))
    for (const slot of fromJson(value) as HoldingsPage)
      if (slot.form === "log" && slot.until !== undefined && isOfPart(slot, part)) days.push(slot.until);
  return days;
}

/** What developers declared late counts here too, whoever's exit it is. */
export const settledInAll = async (store: Store, record: Exit): Promise<Settled> =>
  (await heldCount(store, record.authorization, partIn(store, record), true)).settled;

/** What is outstanding, by who declared it and for which scenario. */
export interface Outstanding {
  readonly party: string;
  readonly scenario?: string;
  outstanding: number;
}

export async function outstandingBy(store: Store, record: Exit): Promise<readonly Outstanding[]> {
  if ((await heldOfExit(store, record)).outstanding === 0) return [];
  const part = partIn(store, record);
  const found = new Map<string, Outstanding>();
  for await (const value of store.values(under("g", record.authorization)))
    for (const slot of fromJson(value) as HoldingsPage) {
      if (slot.until !== undefined || !isOfPart(slot, part)) continue;
      const { party, scenario } = slot;
      const name = `${party} ${scenario ?? ""}`;
      const one = found.get(name) ?? { party, ...(scenario === undefined ? {} : { scenario }), outstanding: 0 };
      one.outstanding++;
      found.set(name, one);
    }
  return [...found.values()];
}

/** What ends, as the ledger counts it now: the rule asks for parties alone. */
export function partIn(store: Store, record: Exit): HoldingsPart | undefined {
  const get = <R>({ name }: Table<R>, id: string): R | undefined => {
    const bytes = store.getSync(keys.record(name, id));
    return bytes && (fromJson(bytes) as R);
  };
  return partOf(record, { get } as World);
}
