/**
 * Where the events with a given source and id stand. There should be one; when a report comes again with other content, by whatever
 * gateway, it is recorded and reported as conflicting, and counted no more.
 */
import { canonicalText } from "../../chaincode/proof/canonical";
import { readEntries } from "./entries";
import { keys } from "./keys";
import { decodePlaces, encodePlace, encodePlaces, type Place } from "./place";
import { isQuarantined, type Pair, type Recording } from "./recording";
import type { Changes, Store } from "./store";

/** Places kept for one pair, so that who sends the same pair for ever writes no more each time. The first is the one that counts. */
const KEPT = 64;

/** Marks, in the number of the journal, a place whose event was quarantined: it takes the pair from nobody. */
const QUARANTINED = 0x8000;

export interface Repeats {
  /** Another event with this source and id came before. */
  readonly repeated: ReadonlySet<Recording>;
  /** And its content was another. */
  readonly conflicting: ReadonlySet<Recording>;
  /** Only of these can the very leaf stand somewhere already. */
  readonly seen: readonly Recording[];
}

/** Finds what one block repeats, of itself and of what came before, and notes where its pairs stand. */
export async function notePairs(store: Store, recordings: readonly Recording[], changes: Changes): Promise<Repeats> {
  const repeated = new Set<Recording>();
  const conflicting = new Set<Recording>();
  const seen: Recording[] = [];
  const named = recordings.map(({ pair }) => (pair === undefined ? undefined : keys.pair(pair)));
  const stored = await store.getMany(named.map((key) => key ?? NO_PAIR));
  /** Those that this block is the first to report, by pair. */
  const firsts = new Map<string, Recording>();
  const others = new Map<string, Place[]>();
  for (const [i, recording] of recordings.entries()) {
    const key = named[i];
    if (key === undefined) {
      seen.push(recording);
      continue;
    }
    const quarantined = isQuarantined(recording.breaches);
    if (stored[i] === undefined && !quarantined && !firsts.has(key) && !others.has(key)) {
      firsts.set(key, recording);
      continue;
    }
    seen.push(recording);
    const places = others.get(key) ?? placesBefore(stored[i], firsts.get(key));
    others.set(key, places);
    const first = places.find(({ journal }) => journal < QUARANTINED);
    if (first !== undefined && !quarantined) {
      repeated.add(recording);
      const leaf = firsts.get(key)?.leaf ?? (await readEntries(store, [first]))[0]?.leaf;
      if (leaf === undefined || contentOf(leaf) !== contentOf(recording.leaf)) conflicting.add(recording);
    } else if (!quarantined) firsts.set(key, recording);
    const { journal, index } = recording.place;
    if (places.length < KEPT || first === undefined) places.push({ journal: quarantined ? journal | QUARANTINED : journal, index });
  }
  for (const [key, { place }] of firsts) if (!others.has(key)) changes.put(key, encodePlace(place));
  for (const [key, places] of others) changes.put(key, encodePlaces(places));
  return { repeated, conflicting, seen };
}

/** Found nowhere: a source is not empty. */
const NO_PAIR = keys.pair({ source: "", id: "" });

const placesBefore = (stored: Buffer | undefined, here: Recording | undefined): Place[] => [
  ...(stored === undefined ? [] : decodePlaces(stored)),
  ...(here === undefined ? [] : [here.place]),
];

/** When the gateway took a report in is no part of what it says. */
const contentOf = (leaf: Uint8Array): string =>
  canonicalText({ ...(JSON.parse(Buffer.from(leaf).toString("utf8")) as object), recordedtime: "" });

/** Where the events with each pair stand, the first first; empty where there is none. */
export async function readPairs(store: Store, pairs: readonly Pair[]): Promise<readonly (readonly Place[])[]> {
  const found = await store.getMany(pairs.map((pair) => keys.pair(pair)));
  return found.map((bytes) =>
    bytes === undefined ? [] : decodePlaces(bytes).map(({ journal, index }) => ({ journal: journal & ~QUARANTINED, index })),
  );
}
