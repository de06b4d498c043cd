/** Transactions that appended to a journal. */
import { keys, parseOrdered } from "./keys";
import type { Place } from "./place";
import { fromJson, type Store } from "./store";

export interface Anchoring {
  readonly transactionId: string;
  readonly block: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Of the journal's tree from then on, hex. */
  readonly root: string;
}

/** The one that recorded an event. */
export async function readAnchoring(store: Store, { journal, index }: Place): Promise<Anchoring | undefined> {
  return (await readFirstHead(store, { journal, index }))?.anchoring;
}

/** The same with the size that the journal had from then on: the first head that holds the event. */
export async function readFirstHead(
  store: Store,
  { journal, index }: Place,
): Promise<{ readonly size: number; readonly anchoring: Anchoring } | undefined> {
  const [found] = await store.iterator({ gt: keys.batch(journal, index), lt: keys.batch(journal + 1, 0), limit: 1 }).all();
  if (found === undefined) return undefined;
  const [key, value] = found;
  return { size: parseOrdered(key.slice(key.lastIndexOf("\0") + 1)), anchoring: fromJson(value) as Anchoring };
}
