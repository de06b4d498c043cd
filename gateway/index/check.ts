/**
 * Whether the read model of a stopped gateway is what the ledger's blocks make it. What is written depends on the blocks alone, so it is built
 * once more beside it, the roots of the journals checked on the way, and the two are compared, record by record.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Level } from "level";
import { copyDatabase, demandTables, isDatabaseError, reasonOf } from "../database-copy";
import type { Block } from "../ledger/port";
import { CHUNK, readEntries } from "./entries";
import { parseOrdered } from "./keys";
import { Projection } from "./projection";
import { openStore, type Store } from "./store";
import { TILE_WIDTH } from "../../chaincode/proof/tile";
import { readCheckpoint } from "./checkpoint";

export type IndexDifferenceCode =
  /** The database cannot be opened, or not be read to its end. */
  | "index-unreadable"
  /** It claims more blocks than the ledger has. */
  | "index-ahead"
  /** It shows fewer: no difference, since the gateway goes on from there; but so it looks, too, if it was put back. */
  | "index-behind"
  /** The ledger's blocks cannot be projected: they do not make the roots that they state. */
  | "blocks-contradict"
  /** An event is missing, or another, or the ledger says something else of it. */
  | "leaf-differs"
  /** Hashes of the journal's tree are others than its leaves make. */
  | "tile-differs"
  /** A finding is missing, invented or another. */
  | "finding-differs"
  /** A state of a subject, a holding, a list or a count is another than the ledger's. */
  | "record-differs";

export interface IndexDifference {
  readonly code: IndexDifferenceCode;
  readonly journal?: string;
  /** Of the event concerned, or the first of them, and how many there are. */
  readonly index?: number;
  readonly count?: number;
  /** Of the record, its parts separated by spaces. */
  readonly key?: string;
  /** For people. */
  readonly detail: string;
}

export interface IndexCheck {
  /** From the first. */
  readonly blocks: AsyncIterable<Block>;
  /** Told how many blocks have been projected. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Changes nothing. A read model that lacks the last blocks is sound: the gateway goes on from there.
 * @returns each difference as it is found
 * @throws DatabaseInUse; what `blocks` throws
 */
export async function* checkIndex(directory: string, check: IndexCheck): AsyncGenerator<IndexDifference, void> {
  const copy = await copyDatabase(directory);
  const again = await mkdtemp(`${resolve(directory)}.again-`);
  const rebuilt = await openStore(again);
  let store: Store | undefined;
  try {
    await demandTables(copy.database);
    store = new Level<string, Buffer>(copy.database, { createIfMissing: false, valueEncoding: "buffer" });
    await store.open();
    const height = await heightOf(store);
    const fault = height === undefined ? UNREADABLE : await rebuild(rebuilt, height, check);
    if (fault !== undefined && fault.code !== "index-behind") yield fault;
    else {
      if (fault !== undefined) yield fault;
      yield* compare(store, rebuilt);
    }
  } catch (error) {
    if (!isDatabaseError(error)) throw error;
    yield { code: "index-unreadable", detail: reasonOf(error) };
  } finally {
    await store?.close();
    await rebuilt.close();
    await copy.remove();
    await rm(again, { recursive: true, force: true });
  }
}

const UNREADABLE: IndexDifference = {
  code: "index-unreadable",
  detail: "it has no checkpoint of this version; the gateway will build it again",
};

/** Blocks that it claims to show; undefined where it holds something, and does not say so. */
async function heightOf(store: Store): Promise<number | undefined> {
  try {
    const { height } = await readCheckpoint(store);
    return height === 0 && (await store.keys({ limit: 1 }).all()).length > 0 ? undefined : height;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Projects as many blocks as the read model claims to show. */
async function rebuild(store: Store, height: number, { blocks, onProgress }: IndexCheck): Promise<IndexDifference | undefined> {
  const projection = await Projection.open(store);
  let beyond = 0;
  for await (const block of blocks) {
    if (projection.height === height) {
      beyond++;
      continue;
    }
    try {
      await projection.project(block);
    } catch (error) {
      if (isDatabaseError(error)) throw error;
      return { code: "blocks-contradict", detail: `block ${block.number}: ${reasonOf(error)}` };
    }
    onProgress?.(projection.height);
  }
  if (beyond > 0) return { code: "index-behind", detail: `it shows ${height} blocks, the ledger has ${height + beyond}` };
  if (projection.height === height) return undefined;
  return { code: "index-ahead", detail: `it shows ${height} blocks, the ledger has ${projection.height}` };
}

type Entry = readonly [key: Buffer, value: Buffer];

/** Walks through both, side by side. */
async function* compare(store: Store, rebuilt: Store): AsyncGenerator<IndexDifference, void> {
  const { journals } = await readCheckpoint(rebuilt);
  const [mine, theirs] = [entries(store), entries(rebuilt)];
  let [have, want] = [await mine.next(), await theirs.next()];
  while (have.done !== true || want.done !== true) {
    const order = have.done === true ? 1 : want.done === true ? -1 : have.value[0].compare(want.value[0]);
    const key = (order <= 0 ? have : want).value?.[0] as Buffer;
    const same = order === 0 && want.value?.[1].equals(have.value?.[1] as Buffer) === true;
    const detail = order > 0 ? "it is missing" : order < 0 ? "no block makes it" : "it is another";
    if (!same) yield { ...(await place(key.toString("utf8"), journals, store, rebuilt)), detail };
    if (order <= 0) have = await mine.next();
    if (order >= 0) want = await theirs.next();
  }
}

const entries = (store: Store): AsyncGenerator<Entry, void> =>
  iterate(store.iterator<Buffer, Buffer>({ keyEncoding: "buffer", valueEncoding: "buffer" }));

async function* iterate(iterator: AsyncIterable<Entry>): AsyncGenerator<Entry, void> {
  for await (const entry of iterator) yield entry;
}

/** What a record is about, by its key; see `keys.ts`. */
async function place(
  key: string,
  journals: readonly { readonly name: string }[],
  store: Store,
  rebuilt: Store,
): Promise<Omit<IndexDifference, "detail">> {
  const [kind = "", journal = "", third = "", fourth = ""] = key.split("\0");
  const name = journals[parseOrdered(journal)]?.name;
  const journalOf = name === undefined ? {} : { journal: name };
  const shown = key.replaceAll("\0", " ");
  switch (kind) {
    case "e":
      return {
        code: "leaf-differs",
        ...journalOf,
        ...(await eventsOf(parseOrdered(journal), parseOrdered(third), store, rebuilt)),
        key: shown,
      };
    case "h": {
      const width = TILE_WIDTH ** (parseOrdered(third) + 1);
      return { code: "tile-differs", ...journalOf, index: parseOrdered(fourth) * width, count: width, key: shown };
    }
    case "f":
      return { code: "finding-differs", ...journalOf, index: parseOrdered(third), count: 1, key: shown };
    default:
      return { code: "record-differs", key: shown };
  }
}

/** Which events of a chunk differ: from the first to the last that does, or all where the chunk cannot be taken apart. */
async function eventsOf(journal: number, chunk: number, store: Store, rebuilt: Store): Promise<{ index: number; count: number }> {
  const places = Array.from({ length: CHUNK }, (_, i) => ({ journal, index: chunk * CHUNK + i }));
  try {
    const [have, want] = [await readEntries(store, places), await readEntries(rebuilt, places)];
    const differ = places.filter((_, i) => JSON.stringify(have[i]) !== JSON.stringify(want[i])).map(({ index }) => index);
    const [first, last] = [differ[0], differ.at(-1)];
    if (first !== undefined && last !== undefined) return { index: first, count: last - first + 1 };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return { index: chunk * CHUNK, count: CHUNK };
}
