/** Where the leaf with a given hash stands: the first time, if it stands more than once. */
import type { Hash } from "../../chaincode/proof/sha256";
import { leafHash } from "../../chaincode/proof/rfc6962";
import { sameBytes } from "../../chaincode/proof/bytes";
import { readEntries } from "./entries";
import { keys } from "./keys";
import { decodePlaces, encodePlace, type Place } from "./place";
import type { Recording } from "./recording";
import type { Changes, Store } from "./store";

/** Notes where the leaves of one block stand. */
export class LeafWriter {
  readonly #here = new Set<string>();

  constructor(
    private readonly store: Store,
    private readonly changes: Changes,
  ) {}

  /** @param isNew no leaf of that source and id stands anywhere */
  note({ hash, place }: Recording, isNew: boolean): void {
    const key = keys.leaf(hash);
    if (!isNew && (this.#here.has(key) || this.store.getSync(key) !== undefined)) return;
    this.#here.add(key);
    this.changes.put(key, encodePlace(place));
  }
}

/** @returns undefined where no such leaf has been projected */
export async function findLeaf(store: Store, hash: Hash): Promise<Place | undefined> {
  const bytes = await store.get(keys.leaf(hash));
  const [place] = bytes === undefined ? [] : decodePlaces(bytes);
  if (place === undefined) return undefined;
  const [entry] = await readEntries(store, [place]);
  return entry !== undefined && sameBytes(leafHash(entry.leaf), hash) ? place : undefined;
}
