/** Transactions that appended to a journal. */
import { keys } from "./keys";
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
  const [found] = await store.values({ gt: keys.batch(journal, index), lt: keys.batch(journal + 1, 0), limit: 1 }).all();
  return found && (fromJson(found) as Anchoring);
}
