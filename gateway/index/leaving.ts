/** Who has left (退出): its permissions were closed, and it is authorised for nothing else. It reports what its exit asks of it, and is told nothing new. */
import type { Exit } from "../../chaincode/events/exit-record";
import type { SubjectKind } from "../../chaincode/events/definition";
import { keys, under } from "./keys";
import { holding, marksOf } from "./marks";
import { fromJson, type Store } from "./store";

/** @param codes under which a party is or was known. @param now milliseconds since 1970 */
export async function hasLeft(store: Store, codes: ReadonlySet<string>, now: number): Promise<boolean> {
  for (const exit of await recordsOf<Exit>(store, "exit"))
    if (holding(exit, "permissions-closed", now) !== undefined && codes.has((await leaverOf(store, exit)) ?? ""))
      return !(await isAuthorised(store, codes, now));
  return false;
}

/** Undefined where only a part of an authorization ends. */
async function leaverOf(store: Store, exit: Exit): Promise<string | undefined> {
  if (exit.leaving === "developer") return exit.developer;
  if (exit.leaving !== "operator") return undefined;
  const bytes = await store.get(keys.record("authorization", exit.authorization));
  return bytes && (fromJson(bytes) as { readonly operator?: string }).operator;
}

/** Whether it still operates or develops something. */
async function isAuthorised(store: Store, codes: ReadonlySet<string>, now: number): Promise<boolean> {
  const operated = await recordsOf<{ readonly operator?: string }>(store, "authorization");
  const developed = await recordsOf<{ readonly developer?: string }>(store, "developer");
  return (
    operated.some(
      (it) => codes.has(it.operator ?? "") && marksOf(it, "signed").length > 0 && holding(it, "terminated", now) === undefined,
    ) || developed.some((it) => codes.has(it.developer ?? "") && holding(it, "authorised", now) !== undefined)
  );
}

async function recordsOf<R>(store: Store, kind: SubjectKind): Promise<readonly R[]> {
  return (await store.values(under("r", kind)).all()).map((bytes) => fromJson(bytes) as R);
}
