/** Everything that was ever held under an authorization (留存数据), what it was made of, and what became of it: what an inventory is made of, of today or of any time before. */
import type { Entity } from "../../chaincode/events/definition";
import { declaredHolding } from "../../chaincode/holdings";
import { formatHoldingName, parseHoldingName } from "../../chaincode/proof/holding-name";
import type { HoldingSlot, HoldingsPage } from "../../chaincode/proof/holdings-page";
import { readEntries } from "./entries";
import type { Fate } from "./holdings";
import { keys, lastPart, under } from "./keys";
import type { Place, Position } from "./place";
import { type Known, knownOf } from "./recording";
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
  /** Of its declaration. */
  readonly block: number;
  /** What became of it, in the order of time. */
  readonly changes: readonly Change[];
}

/** In the order of their names. */
export async function everHeld(store: Store, view: View, authorization: string): Promise<readonly EverHeld[]> {
  const fates = new Map<string, readonly Fate[]>();
  for await (const [key, value] of store.iterator(under("w", authorization))) fates.set(lastPart(key), fromJson(value) as Fate[]);
  const names = new Set(fates.keys());
  for await (const value of store.values(under("g", authorization)))
    for (const { holding } of fromJson(value) as HoldingsPage) names.add(holding);
  const sorted = [...names].sort();
  const held: EverHeld[] = [];
  for (let i = 0; i < sorted.length; i += TOGETHER) held.push(...(await readSome(store, view, sorted.slice(i, i + TOGETHER), fates)));
  return held;
}

async function readSome(
  store: Store,
  view: View,
  names: readonly string[],
  fates: ReadonlyMap<string, readonly Fate[]>,
): Promise<readonly EverHeld[]> {
  const wanted = names.flatMap((name) => {
    const parsed = parseHoldingName(name);
    const place = parsed && view.place(parsed);
    const own = (fates.get(name) ?? []).filter(([, journal, index]) => view.has({ journal, index }));
    return place === undefined ? [] : [{ name, place, ordinal: parsed?.ordinal ?? 0, fates: own }];
  });
  const [slots, declared, changes] = await Promise.all([
    store.getMany(wanted.map(({ name }) => keys.slot(name))),
    readKnown(
      store,
      wanted.map(({ place }) => place),
    ),
    readKnown(
      store,
      wanted.flatMap(({ fates }) => fates.map(([, journal, index]) => ({ journal, index }))),
    ),
  ]);
  return wanted.flatMap(({ place, ordinal, fates }, i) => {
    const it = declared.get(keyOf(place));
    const declaration = it?.type.declares(it.event.data);
    const said = declaration?.holdings[ordinal] as { readonly place?: string } | undefined;
    const slot = slots[i];
    if (it === undefined || declaration === undefined || said === undefined || slot === undefined) return [];
    const holding = formatHoldingName({ ...view.position(place), ordinal });
    return {
      slot: { slot: Number(slot.toString("latin1")), holding, ...declaredHolding(declaration, ordinal, it.event.party) },
      place: said.place ?? "",
      madeOf: it.type.provenance(it.event.data)?.used ?? [],
      block: it.block,
      changes: fates.flatMap(([state, journal, index]) => {
        const by = changes.get(keyOf({ journal, index }));
        if (by === undefined) return [];
        const { block, recorded, event } = by;
        return { ...view.position({ journal, index }), state, party: event.party, block, recorded, data: event.data as Change["data"] };
      }),
    };
  });
}

interface Read extends Known {
  readonly block: number;
  readonly recorded: number;
}

const keyOf = ({ journal, index }: Place): string => `${journal} ${index}`;

/** Each event once, however many holdings it declared or changed. */
async function readKnown(store: Store, places: readonly Place[]): Promise<ReadonlyMap<string, Read>> {
  const once = new Map(places.map((place) => [keyOf(place), place]));
  const entries = await readEntries(store, [...once.values()]);
  return new Map(
    entries.flatMap((entry) => {
      if (entry === undefined || entry.quarantined) return [];
      const known = knownOf(JSON.parse(entry.leaf.toString("utf8")));
      return known === undefined ? [] : [[keyOf(entry.place), { ...known, block: entry.block, recorded: entry.recorded }] as const];
    }),
  );
}
