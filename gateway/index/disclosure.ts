/** What everyone may know (披露): who is authorised, for what, how long, and which products there are. */
import type { World } from "../../chaincode/events/definition";
import { isReleased, type Product } from "../../chaincode/events/offer";
import type { Mark } from "../../chaincode/events/steps";
import { dayOf } from "../../chaincode/events/time";
import { lastPart, under } from "./keys";
import { holding, marksOf, said } from "./marks";
import { fromJson, type Store } from "./store";
import { readSubjects } from "./subjects";
import { lastTerm } from "./terms";
import type { View } from "./view";

export interface Disclosed {
  readonly authorization: string;
  readonly operator: Named;
  /** Absent where nobody may read it: it carried personal information. */
  readonly scope?: string;
  /** First and last day of the last agreement, `YYYY-MM-DD`. */
  readonly from: string;
  readonly until: string;
  /** The day on which it ended before that. */
  readonly terminated?: string;
  /** Those that are released now. */
  readonly products: readonly Named[];
}

interface Named {
  /** Of a product its number, of a party its credit code. */
  readonly id: string;
  readonly name?: string;
}

interface Authorization {
  readonly operator: string;
}

/** @param now milliseconds since 1970 */
export async function disclosed(store: Store, view: View, now: number): Promise<readonly Disclosed[]> {
  const products = await releasedBy(store, now);
  const found: Disclosed[] = [];
  for await (const [key, value] of store.iterator(under("r", "authorization"))) {
    const authorization = lastPart(key);
    const record = fromJson(value) as Authorization;
    const term = lastTerm(record);
    if (term === undefined || marksOf(record, "signed").length === 0) continue;
    const scope = await scopeOf(store, view, marksOf(record, "decided").at(-1));
    const terminated = holding(record, "terminated", now)?.at;
    found.push({
      authorization,
      operator: await named(store, "party", record.operator),
      ...(scope === undefined ? {} : { scope }),
      ...{ from: dayOf(term.from), until: dayOf(term.until - 1) },
      ...(terminated === undefined ? {} : { terminated: dayOf(terminated) }),
      products: await Promise.all((products.get(authorization) ?? []).map((id) => named(store, "product", id))),
    });
  }
  return found;
}

/** By authorization. */
async function releasedBy(store: Store, now: number): Promise<ReadonlyMap<string, readonly string[]>> {
  const products = new Map<string, Product>();
  for await (const [key, value] of store.iterator(under("r", "product"))) products.set(lastPart(key), fromJson(value) as Product);
  // Of the world it asks for nothing else.
  const world = { get: (_: unknown, name: string) => products.get(name) } as Pick<World, "get">;
  const released = new Map<string, string[]>();
  for (const [name, product] of products)
    if (isReleased(world, product, now)) released.set(product.authorization, [...(released.get(product.authorization) ?? []), name]);
  return released;
}

async function named(store: Store, kind: "party" | "product", id: string): Promise<Named> {
  const [summary] = await readSubjects(store, [{ kind, id }]);
  return { id, ...(summary?.name === undefined ? {} : { name: summary.name }) };
}

/** As the decision said it. */
async function scopeOf(store: Store, view: View, decided: Mark | undefined): Promise<string | undefined> {
  const [act] = decided === undefined ? [] : await said(store, view, [decided]);
  const scope = act?.["scope"];
  return typeof scope === "string" ? scope : undefined;
}
