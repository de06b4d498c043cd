/** Everything that was ever held under an authorization (留存数据), what it was made of, and what became of it: what an inventory is made of, of today or of any time before. */
import type { Entity, HoldingDeclaration } from "../../chaincode/events/definition";
import { declaredHolding } from "../../chaincode/holdings";
import { parseHoldingName } from "../../chaincode/proof/holding-name";
import type { HoldingSlot, HoldingsPage } from "../../chaincode/proof/holdings-page";
import { readEntries } from "./entries";
import { type Fate, type Release, slotIn } from "./holdings";
import { keys, lastPart, under } from "./keys";
import type { Anchored, Place, Position } from "./place";
import { knownOf } from "./recording";
import { fromJson, type Store } from "./store";
import type { View } from "./view";

/** Events that are read together. */
const TOGETHER = 2048;

/** An event that changed a holding. */
export interface Change extends Position {
  /** What became of it: the last part of the event's type. */
  readonly state: string;
  readonly party: string;
  readonly block: number;
  /** Milliseconds since 1970. */
  readonly recorded: number;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface EverHeld {
  /** As it stood in the world state when it was declared. */
  readonly slot: HoldingSlot;
  /** Where it lies, as declared. */
  readonly place: string;
  readonly madeOf: readonly Entity[];
  /** Its declaration. */
  readonly declared: Anchored;
  /** Where it was declared for no product: the act that released the one that was made of it. */
  readonly released?: Pick<Change, "journal" | "index" | "block"> & { readonly product: string };
  /** What became of it, in the order of time. */
  readonly changes: readonly Change[];
}

/** In the order of their names. */
export async function everHeld(store: Store, view: View, authorization: string): Promise<readonly EverHeld[]> {
  const fates = new Map<string, readonly Fate[]>();
  for await (const [key, value] of store.iterator(under("w", authorization))) fates.set(lastPart(key), fromJson(value) as Fate[]);
  const releases = new Map<string, Release>();
  for await (const [key, value] of store.iterator(under("m", authorization))) releases.set(lastPart(key), fromJson(value) as Release);
  const names = new Set(fates.keys());
  for await (const value of store.values(under("g", authorization)))
    for (const { holding } of fromJson(value) as HoldingsPage) names.add(holding);
  const sorted = [...names].sort();
  const held: EverHeld[] = [];
  for (let i = 0; i < sorted.length; i += TOGETHER)
    held.push(...(await readSome(store, view, authorization, sorted.slice(i, i + TOGETHER), fates, releases)));
  return held;
}

async function readSome(
  store: Store,
  view: View,
  authorization: string,
  names: readonly string[],
  fates: ReadonlyMap<string, readonly Fate[]>,
  releases: ReadonlyMap<string, Release>,
): Promise<readonly EverHeld[]> {
  const wanted = names.flatMap((name) => {
    const parsed = parseHoldingName(name);
    const place = parsed && view.place(parsed);
    const own = (fates.get(name) ?? []).filter(([, journal, index]) => view.has({ journal, index }));
    const [product, journal = 0, index = 0] = releases.get(name) ?? [];
    const release = product === undefined || !view.has({ journal, index }) ? undefined : { product, journal, index };
    return place === undefined ? [] : [{ name, place, ordinal: parsed?.ordinal ?? 0, fates: own, release }];
  });
  const [slots, declared, changes] = await Promise.all([
    store.getMany(wanted.map(({ name }) => keys.slot(name))),
    readKnown(
      store,
      view,
      wanted.map(({ place }) => place),
    ),
    readKnown(store, view, [
      ...wanted.flatMap(({ fates }) => fates.map(([, journal, index]) => ({ journal, index }))),
      ...wanted.flatMap(({ release }) => release ?? []),
    ]),
  ]);
  return wanted.flatMap(({ name, place, ordinal, fates, release }, i) => {
    const it = declared.get(keyOf(place));
    const said = it?.declaration?.holdings[ordinal] as { readonly place?: unknown } | undefined;
    const slot = slots[i];
    // An event may name what is another authorization's.
    if (it?.declaration?.authorization !== authorization || said === undefined || slot === undefined) return [];
    const by = it.declaration.product === undefined && release !== undefined ? changes.get(keyOf(release)) : undefined;
    return {
      ...(release === undefined || by === undefined ? {} : { released: { ...release, journal: by.journal, block: by.block } }),
      slot: { holding: name, ...declaredHolding(it.declaration, ordinal, it.party), ...slotIn(slot) },
      // One that carried personal information was withheld.
      place: typeof said.place === "string" ? said.place : "",
      madeOf: it.madeOf,
      declared: { ...view.position(place), block: it.block },
      changes: fates.flatMap(([state, journal, index]): Change | readonly [] => {
        const by = changes.get(keyOf({ journal, index }));
        if (by === undefined) return [];
        return { journal: by.journal, index, state, party: by.party, block: by.block, recorded: by.recorded, data: by.data };
      }),
    };
  });
}

/** What an event says, put together once for all that it declared or changed. */
interface Read extends Pick<Change, "journal" | "party" | "block" | "recorded" | "data"> {
  readonly declaration: HoldingDeclaration | undefined;
  readonly madeOf: readonly Entity[];
}

const keyOf = ({ journal, index }: Place): string => `${journal} ${index}`;

async function readKnown(store: Store, view: View, places: readonly Place[]): Promise<ReadonlyMap<string, Read>> {
  const once = new Map(places.map((place) => [keyOf(place), place]));
  const read = new Map<string, Read>();
  for (const entry of await readEntries(store, [...once.values()])) {
    if (entry === undefined || entry.quarantined) continue;
    const known = knownOf(JSON.parse(entry.leaf.toString("utf8")));
    if (known === undefined) continue;
    const { type, event } = known;
    read.set(keyOf(entry.place), {
      ...{ journal: view.position(entry.place).journal, party: event.party, block: entry.block, recorded: entry.recorded },
      data: event.data as Change["data"],
      declaration: type.declares(event.data),
      madeOf: type.provenance(event.data)?.used ?? NONE,
    });
  }
  return read;
}

const NONE: readonly Entity[] = [];
