/** How far the read model has come: written with every block, in the same batch. */
import type { CompactRangeState } from "../../chaincode/proof/compact-range";
import { keys } from "./keys";
import { LAYOUT } from "./lists";
import { fromJson, type Store } from "./store";

export interface Checkpoint {
  readonly layout: string;
  /** Blocks projected; the number of the next one. */
  readonly height: number;
  /** The last transaction of the last block, by which a replaced ledger is noticed; empty where there was none. */
  readonly last: string;
  /** Latest transaction time so far, milliseconds since 1970. */
  readonly latest: number;
  /** The same of the transactions that were taken over from another ledger, where there are any. */
  readonly latestPast?: number;
  /** In the order in which they first appeared. */
  readonly journals: readonly JournalState[];
}

export interface JournalState {
  /** `MSPID/name` */
  readonly name: string;
  readonly range: CompactRangeState;
}

const BEGINNING: Checkpoint = { layout: LAYOUT, height: 0, last: "", latest: 0, journals: [] };

export async function readCheckpoint(store: Store): Promise<Checkpoint> {
  const bytes = await store.get(keys.checkpoint);
  const checkpoint = bytes === undefined ? BEGINNING : (fromJson(bytes) as Checkpoint);
  return checkpoint.layout === LAYOUT ? checkpoint : BEGINNING;
}

/** Whether it is of this layout, or empty. */
export async function isCurrent(store: Store): Promise<boolean> {
  const bytes = await store.get(keys.checkpoint);
  if (bytes !== undefined) return (fromJson(bytes) as Checkpoint).layout === LAYOUT;
  return (await store.keys({ limit: 1 }).all()).length === 0;
}

/** What {@link keys.clock} holds: how the ledger stood. */
export interface Moment {
  readonly height: number;
  /** By number of the journal. */
  readonly sizes: readonly number[];
}
