/** Exits (退出): how far they have come. */
import type { Exit } from "../../chaincode/events/exit";
import { under } from "./keys";
import { marksOf } from "./marks";
import { fromJson, type Store } from "./store";

/** Whether the exit of an authorization's operator is certified; that of a part of it ends nothing. */
export async function isExitCertified(store: Store, authorization: string): Promise<boolean> {
  for await (const [, value] of store.iterator(under("r", "exit"))) {
    const record = fromJson(value) as Partial<Exit>;
    if (record.authorization === authorization && record.leaving === "operator" && marksOf(record, "certified").length > 0) return true;
  }
  return false;
}
