/** The events that the ledger's chain of a subject and journal is over (`chaincode/proof/subject-chain.ts`), in its order. */
import type { Subject } from "../../chaincode/events/definition";
import { leafHash } from "../../chaincode/proof/rfc6962";
import type { Hash } from "../../chaincode/proof/sha256";
import type { Access } from "./access";
import { readEntries } from "./entries";
import { isVisible } from "./events";
import { lists } from "./lists";
import type { Place } from "./place";
import { readPlaces } from "./places";
import type { Store } from "./store";
import type { View } from "./view";

/** Places, and entries, that are read together: what a stream keeps in memory. */
const TOGETHER = 256;

export interface Chained {
  readonly index: number;
  readonly hash: Hash;
  /** Undefined where it is not for the asker. */
  readonly leaf: Uint8Array | undefined;
}

/** Where the last of the first so many stands; undefined where there are fewer. */
export async function lastChained(store: Store, view: View, subject: Subject, journal: string, count: number): Promise<number | undefined> {
  let found = 0;
  for await (const places of placesOf(store, view, subject, journal)) {
    const last = places[count - found - 1];
    if (last !== undefined) return last.index;
    found += places.length;
  }
  return undefined;
}

/** The first so many. */
export async function* chained(
  store: Store,
  view: View,
  access: Access,
  subject: Subject,
  journal: string,
  count: number,
): AsyncGenerator<Chained, void> {
  let left = count;
  for await (const places of placesOf(store, view, subject, journal)) {
    const wanted = places.slice(0, left);
    yield* await leavesAt(store, access, wanted);
    left -= wanted.length;
    if (left === 0) return;
  }
}

/** The events at these places, in their order. @throws Error where one is missing */
export async function leavesAt(store: Store, access: Access, places: readonly Place[]): Promise<readonly Chained[]> {
  const entries = await readEntries(store, places);
  return Promise.all(
    entries.map(async (entry, i) => {
      if (entry === undefined) throw new Error(`event ${JSON.stringify(places[i])} is missing`);
      const leaf = access.all || (await isVisible(access, entry)) ? entry.leaf : undefined;
      return { index: entry.place.index, hash: leafHash(entry.leaf), leaf };
    }),
  );
}

async function* placesOf(store: Store, view: View, subject: Subject, journal: string): AsyncGenerator<readonly Place[], void> {
  const number = view.number(journal);
  const list = lists.history.of(subject);
  for (let cursor: string | undefined; ;) {
    const { places, next } = await readPlaces(store, view, list, { order: "oldest", limit: TOGETHER, cursor });
    yield places.filter((place) => place.journal === number);
    if (next === undefined) return;
    cursor = next;
  }
}
