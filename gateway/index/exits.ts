/** Exits (退出): how far they have come. */
import type { Exit } from "../../chaincode/events/exit-record";
import { under } from "./keys";
import { holding } from "./marks";
import { fromJson, type Store } from "./store";

/** Whether the permissions of an exit from an authorization, or from a part of it, are closed, and it is not certified. @param now milliseconds since 1970 */
export async function isExitUnderWay(store: Store, authorization: string, now: number): Promise<boolean> {
  for await (const [, value] of store.iterator(under("r", "exit"))) {
    const record = fromJson(value) as Exit;
    const stands = (step: string): boolean => holding(record, step, now) !== undefined;
    if (record.authorization === authorization && stands("permissions-closed") && !stands("certified")) return true;
  }
  return false;
}

/**
 * Whether the exit of an authorization's operator is certified, and the certificate was not ended since by a new freeze or by residue; that of a part of
 * it ends nothing. @param now milliseconds since 1970
 */
export async function isExitCertified(store: Store, authorization: string, now: number): Promise<boolean> {
  for await (const [, value] of store.iterator(under("r", "exit"))) {
    const record = fromJson(value) as Partial<Exit>;
    if (record.authorization === authorization && record.leaving === "operator" && holding(record, "certified", now) !== undefined)
      return true;
  }
  return false;
}
