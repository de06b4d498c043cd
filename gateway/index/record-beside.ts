/**
 * What the ledger keeps beside the record of a subject, since facts read that and ask for none of it (`recordBeside` in `chaincode/events/steps.ts`):
 * put together with it again, for whoever asks what a subject's state is.
 */
import type { Consented } from "../../chaincode/events/demand";
import type { Subject } from "../../chaincode/events/definition";
import type { Steps } from "../../chaincode/events/steps";
import { keys, lastPart } from "./keys";
import { fromJson, type Store } from "./store";

type Row = Readonly<Record<string, unknown>>;

/** @param record of the subject, as it stands in the world state */
export async function withBeside(store: Store, { kind, id }: Subject, record: Row): Promise<Row> {
  if (kind === "authorization") return withOversight(store, id, record);
  if (kind === "scenario") return withConsents(store, id, record);
  return record;
}

/** All rows of a table that are named by one thing and something else: names have no space, and nothing that may stand in them comes before one. */
const namedBy = (table: string, id: string) => ({ gt: keys.record(table, `${id} `), lt: keys.record(table, `${id}!`) });

async function withOversight(store: Store, id: string, record: Row): Promise<Row> {
  const bytes = await store.get(keys.record("oversight", id));
  const rows = bytes === undefined ? [] : [bytes];
  for await (const [, value] of store.iterator(namedBy("oversight", id))) rows.push(value);
  if (rows.length === 0) return record;
  const steps: Record<string, Steps[string]> = { ...(record["steps"] as Steps) };
  for (const [step, marks] of rows.flatMap((row) => Object.entries((fromJson(row) as { readonly steps: Steps }).steps)))
    steps[step] = [...(steps[step] ?? []), ...marks];
  return { ...record, steps };
}

/** Those to what was asked for last. */
async function withConsents(store: Store, id: string, record: Row): Promise<Row> {
  const given: [string, Consented][] = [];
  for await (const [key, value] of store.iterator(namedBy("consent", id))) {
    const { source, act, asked } = fromJson(value) as Consented & { readonly asked?: string };
    const [, resource = ""] = lastPart(key).split(" ");
    if (asked === record["asked"]) given.push([resource, { source, act }]);
  }
  return given.length === 0
    ? record
    : { ...record, consents: { ...(record["consents"] as object | undefined), ...Object.fromEntries(given) } };
}
