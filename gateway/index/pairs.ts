/**
 * Where the events with a given source and id stand. There should be one; when a report comes again with other content, by whatever
 * gateway, it is recorded and reported as conflicting, and counted no more.
 */
import { canonicalText } from "../../chaincode/proof/canonical";
import { readEntry } from "./entries";
import { keys } from "./keys";
import { decodePlaces, encodePlace, encodePlaces, type Place } from "./place";
import { isQuarantined, type Pair, type Recording } from "./recording";
import type { Changes, Store } from "./store";

/** Places kept for one pair, so that who sends the same pair for ever writes no more each time. The first is the one that counts. */
const KEPT = 64;

/** Marks, in the number of the journal, a place whose event was quarantined: it takes the pair from nobody. */
const QUARANTINED = 0x8000;

/** - `first`: this report counts
 *  - `again`: the same has been reported before, or it could not be judged
 *  - `conflicting`: something else has been reported before
 *  - `taken`: that was somebody else alone, and what they said is no reason not to hear this one */
export type Standing = "first" | "again" | "conflicting" | "taken";

/** Notes where the pairs of one block stand. */
export class PairWriter {
  /** First reports of this block, which the database does not show yet. */
  readonly #firsts = new Map<string, Pick<Recording, "place" | "leaf">>();
  /** Of pairs that stand more than once, all places. */
  readonly #places = new Map<string, Place[]>();
  /** Of these, the leaves of this block. */
  readonly #leaves = new Map<string, Uint8Array>();

  constructor(
    private readonly store: Store,
    private readonly changes: Changes,
  ) {}

  note({ pair, place, leaf, breaches }: Recording): Standing {
    if (pair === undefined) return "again";
    const key = keys.pair(pair);
    const quarantined = isQuarantined(breaches);
    const places = this.#before(key);
    const first = places.find(({ journal }) => journal < QUARANTINED);
    if (first === undefined && !quarantined) this.#firsts.set(key, { place, leaf });
    if (places.length === 0 && !quarantined) this.changes.put(key, encodePlace(place));
    else if (places.length < KEPT || first === undefined) this.#add(key, places, quarantined ? marked(place) : place);
    if (quarantined) return "again";
    if (first === undefined) return "first";
    this.#leaves.set(nameOf(place), leaf);
    const earlier = this.#leaf(key, first);
    if (contentOf(earlier) === contentOf(leaf)) return "again";
    if (partyOf(earlier) === partyOf(leaf)) return "conflicting";
    const own = this.#ownAmong(places, partyOf(leaf));
    if (own === undefined) return "taken";
    return contentOf(own) === contentOf(leaf) ? "again" : "conflicting";
  }

  /** What a party reported before, of those that came after the first. */
  #ownAmong(places: readonly Place[], party: unknown): Uint8Array | undefined {
    for (const place of places.filter(({ journal }) => journal < QUARANTINED)) {
      const leaf = this.#leaves.get(nameOf(place)) ?? readEntry(this.store, place)?.leaf;
      if (leaf !== undefined && partyOf(leaf) === party) return leaf;
    }
    return undefined;
  }

  /** Where the pair stands already. */
  #before(key: string): readonly Place[] {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const here = this.#firsts.get(key);
    if (here !== undefined) return [here.place];
    const bytes = this.store.getSync(key);
    return bytes === undefined ? NOWHERE : decodePlaces(bytes);
  }

  #add(key: string, places: readonly Place[], place: Place): void {
    const all = [...places, place];
    this.#places.set(key, all);
    this.changes.put(key, encodePlaces(all));
  }

  #leaf(key: string, place: Place): Uint8Array {
    const leaf = this.#firsts.get(key)?.leaf ?? readEntry(this.store, place)?.leaf;
    if (leaf === undefined) throw new Error(`no entry ${place.journal}/${place.index}`);
    return leaf;
  }
}

const NOWHERE: readonly Place[] = [];
const nameOf = ({ journal, index }: Place): string => `${journal}/${index}`;
const marked = ({ journal, index }: Place): Place => ({ journal: journal | QUARANTINED, index });

/** When the gateway took a report in is no part of what it says. */
const contentOf = (leaf: Uint8Array): string =>
  canonicalText({ ...(JSON.parse(Buffer.from(leaf).toString("utf8")) as object), recordedtime: "" });

const partyOf = (leaf: Uint8Array): unknown => (JSON.parse(Buffer.from(leaf).toString("utf8")) as { readonly party?: unknown }).party;

/** Where the events with each pair stand, the first first; empty where there is none. */
export async function readPairs(store: Store, pairs: readonly Pair[]): Promise<readonly (readonly Place[])[]> {
  const found = await store.getMany(pairs.map((pair) => keys.pair(pair)));
  return found.map((bytes) =>
    bytes === undefined ? NOWHERE : decodePlaces(bytes).map(({ journal, index }) => ({ journal: journal & ~QUARANTINED, index })),
  );
}
