/** How much is held (留存数据), as the ledger itself counts it: of an authorization, of a scenario, of a product. What asking costs does not grow with what is held. */
import type { HoldingsCount, HoldingsPart, Settled } from "../../chaincode/events/definition";
import { type JournalCount, type PartCount, partCounts, settledIn } from "../../chaincode/holdings";
import { splitKey } from "../../chaincode/state";
import type { StateWrite } from "../ledger/port";
import { keys, under } from "./keys";
import { type Changes, fromJson, type Store } from "./store";

/** Counts of the world state, as they are from now on. */
export function noteCount({ key, value }: StateWrite, changes: Changes): void {
  const [type, authorization = "", ...parts] = splitKey(key);
  const own = type === "part" ? keys.partCount(authorization, ...parts) : keys.holdingCount(authorization, ...parts);
  if (value === undefined) changes.del(own);
  else changes.put(own, value);
}

/** @param part undefined for all that the authorization has @param late with what developers declared late */
export async function heldCount(
  store: Store,
  authorization: string,
  part: HoldingsPart | undefined,
  late: boolean,
): Promise<HoldingsCount & { readonly settled: Settled }> {
  const counts = part === undefined ? await ofWhole(store, authorization) : await ofPart(store, authorization, part);
  const sum = (of: keyof HoldingsCount): number => counts.reduce((total, count) => total + count[of], 0);
  return { outstanding: sum("outstanding"), retained: sum("retained"), logs: sum("logs"), settled: settledIn(counts, late) };
}

async function ofWhole(store: Store, authorization: string): Promise<readonly JournalCount[]> {
  return (await store.values(under("o", authorization)).all()).map((value) => fromJson(value) as JournalCount);
}

async function ofPart(store: Store, authorization: string, part: HoldingsPart): Promise<readonly PartCount[]> {
  const [kind, id] = "scenario" in part ? ["scenario", part.scenario] : ["product", part.product];
  const found = await store.values(under("k", authorization, kind, id)).all();
  return partCounts(found.map(fromJson)).filter(({ party }) => part.parties?.includes(party) !== false);
}
