/** Where the leaf with a given hash stands: the first time, if it stands more than once. */
import type { Hash } from "../../chaincode/proof/sha256";
import { leafHash } from "../../chaincode/proof/rfc6962";
import { sameBytes } from "../../chaincode/proof/bytes";
import { readEntries } from "./entries";
import { keys } from "./keys";
import { decodePlaces, encodePlace, type Place } from "./place";
import type { Recording } from "./recording";
import type { Changes, Store } from "./store";

/** @param seen those whose leaf may stand somewhere already */
export async function noteLeaves(
  store: Store,
  recordings: readonly Recording[],
  seen: readonly Recording[],
  changes: Changes,
): Promise<void> {
  const stored = await store.getMany(seen.map(({ hash }) => keys.leaf(hash)));
  const stand = new Set(seen.filter((_, i) => stored[i] !== undefined));
  // From the last to the first, so that within a block, too, the first one stays.
  for (const recording of recordings.toReversed()) {
    if (!stand.has(recording)) changes.put(keys.leaf(recording.hash), encodePlace(recording.place));
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
