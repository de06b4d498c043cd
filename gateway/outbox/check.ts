/** Whether the outbox of a stopped gateway keeps what was promised: every fact that was ever acknowledged is on the ledger or waits here. */
import { Level } from "level";
import { sameBytes } from "../../chaincode/proof/bytes";
import { leafHash } from "../../chaincode/proof/rfc6962";
import { copyDatabase, demandTables, isDatabaseError, reasonOf } from "../database-copy";
import { EvidenceError } from "../evidence/errors";
import type { VerifierKey } from "../evidence/note-key";
import { promiseGroup, verifyPromise } from "../evidence/promise";
import { decodeLines } from "./lines";

export type OutboxDifferenceCode =
  /** The database cannot be opened, or not be read to its end. */
  | "outbox-unreadable"
  /** An acknowledged fact is neither on the ledger nor in the outbox. */
  | "fact-lost"
  /** A fact in the outbox is another than the one on the ledger at its index. */
  | "fact-differs"
  /** A group of facts that cannot be read. */
  | "group-malformed"
  /** No promise is kept for a fact. */
  | "promise-missing"
  /** A promise that is not signed by the journal's key, or not for the facts that stand at its indexes. */
  | "promise-wrong"
  /** Nothing the outbox writes. */
  | "outbox-key-unexpected";

export interface OutboxDifference {
  readonly code: OutboxDifferenceCode;
  readonly journal?: string;
  /** Of the first fact concerned, and how many there are. */
  readonly index?: number;
  readonly count?: number;
  readonly key?: string;
  /** For people. */
  readonly detail: string;
}

export interface FactsJournal {
  /** `MSPID/facts` */
  readonly journal: string;
  /** Its leaves on the ledger, in order. */
  readonly leaves: AsyncIterable<Uint8Array>;
  /** Its keys, by which promises are signed. */
  readonly keys: readonly VerifierKey[];
}

interface Promised {
  readonly from: number;
  readonly size: number;
  readonly jws: string;
}

interface Fact {
  readonly index: number;
  readonly leaf: Uint8Array;
}

type Store = Level<string, Buffer>;

const KEY = /^(?:group|promise)\/\d{16}$/;
const numberOf = (key: string): number => Number(key.slice(-16));
const LINE_FEED = 0x0a;

/**
 * Changes nothing.
 * @returns each difference as it is found; none if all that was promised is kept
 * @throws DatabaseInUse; what `facts.leaves` throws
 */
export async function* checkOutbox(directory: string, facts: FactsJournal): AsyncGenerator<OutboxDifference, void> {
  const copy = await copyDatabase(directory);
  let store: Store | undefined;
  try {
    await demandTables(copy.database);
    store = new Level<string, Buffer>(copy.database, { createIfMissing: false, valueEncoding: "buffer" });
    await store.open();
    for await (const key of store.keys()) if (!KEY.test(key)) yield { code: "outbox-key-unexpected", key, detail: "not the outbox's" };
    yield* checkPromises(promised(store), standing(facts, waiting(store, facts.journal)), facts);
  } catch (error) {
    if (!isDatabaseError(error)) throw error;
    yield { code: "outbox-unreadable", detail: reasonOf(error) };
  } finally {
    await store?.close();
    await copy.remove();
  }
}

/** Goes through the promises and, beside them, through the facts that stand. */
async function* checkPromises(
  promises: AsyncIterable<Promised | OutboxDifference>,
  facts: AsyncGenerator<Fact | OutboxDifference, void>,
  { journal, keys }: FactsJournal,
): AsyncGenerator<OutboxDifference, void> {
  let fact = await facts.next();
  /** The facts that stand up to an index. */
  const upTo = async function* (end: number): AsyncGenerator<Fact | OutboxDifference, void> {
    for (; fact.done !== true && ("code" in fact.value || fact.value.index < end); fact = await facts.next()) yield fact.value;
  };
  const without = async function* (end: number): AsyncGenerator<OutboxDifference, void> {
    let [first, count] = [0, 0];
    for await (const one of upTo(end)) {
      if ("code" in one) yield one;
      else if (count++ === 0) first = one.index;
    }
    if (count > 0) yield { code: "promise-missing", journal, index: first, count, detail: "no promise is kept" };
  };
  let end = 0;
  for await (const promise of promises) {
    if ("code" in promise) {
      yield promise;
      continue;
    }
    const { from, size } = promise;
    if (from < end) {
      yield { code: "promise-wrong", journal, index: from, count: size, detail: `it begins before ${end}, where the one before it ends` };
      continue;
    }
    yield* without(from);
    end = from + size;
    const leaves: Uint8Array[] = [];
    for await (const one of upTo(end)) {
      if ("code" in one) yield one;
      else leaves.push(one.leaf);
    }
    if (leaves.length < size) {
      const index = from + leaves.length;
      yield { code: "fact-lost", journal, index, count: size - leaves.length, detail: "it was promised, and stands nowhere" };
    } else {
      const wrong = await promiseFault(promise, leaves, journal, keys);
      if (wrong !== undefined) yield { code: "promise-wrong", journal, index: from, count: size, detail: wrong };
    }
  }
  yield* without(Infinity);
}

/** What is wrong with a promise to these facts. A path is made from the facts themselves, so that it fits only if all of them are the promised ones. */
async function promiseFault(
  { jws, from, size }: Promised,
  leaves: readonly Uint8Array[],
  journal: string,
  keys: readonly VerifierKey[],
): Promise<string | undefined> {
  const [path = ""] = promiseGroup(leaves.map(leafHash)).paths;
  try {
    const terms = await verifyPromise({ jws, path }, { journal, index: from, leafHash: leafHash(leaves[0] ?? new Uint8Array()) }, keys);
    return terms.from === from && terms.size === size ? undefined : "it is for other indexes";
  } catch (error) {
    if (error instanceof EvidenceError) return error.code;
    throw error;
  }
}

/** The facts of the ledger, then those that wait, in the order of their indexes. */
async function* standing(
  { journal, leaves }: FactsJournal,
  groups: AsyncGenerator<Fact | OutboxDifference, void>,
): AsyncGenerator<Fact | OutboxDifference, void> {
  let index = 0;
  let waits = await groups.next();
  for await (const leaf of leaves) {
    for (; waits.done !== true && ("code" in waits.value || waits.value.index <= index); waits = await groups.next()) {
      if ("code" in waits.value) yield waits.value;
      else if (waits.value.index === index && !sameBytes(waits.value.leaf, leaf))
        yield { code: "fact-differs", journal, index, count: 1, detail: "the ledger holds another one there" };
    }
    yield { index, leaf };
    index++;
  }
  for (; waits.done !== true; waits = await groups.next()) yield waits.value;
}

async function* waiting(store: Store, journal: string): AsyncGenerator<Fact | OutboxDifference, void> {
  for await (const [key, lines] of store.iterator({ gte: "group/", lt: "group0" })) {
    let index = numberOf(key);
    if (lines.at(-1) !== LINE_FEED) yield { code: "group-malformed", journal, index, detail: "it does not end in a line feed" };
    else for (const { leaf } of decodeLines(lines)) yield { index: index++, leaf };
  }
}

async function* promised(store: Store): AsyncGenerator<Promised | OutboxDifference, void> {
  for await (const [key, value] of store.iterator({ gte: "promise/", lt: "promise0" })) {
    const kept = promiseFrom(value.toString("latin1"));
    const from = numberOf(key);
    yield kept === undefined ? { code: "promise-wrong", index: from, detail: "it cannot be read" } : { from, ...kept };
  }
}

function promiseFrom(text: string): Omit<Promised, "from"> | undefined {
  try {
    const { size, jws } = JSON.parse(text) as Partial<Promised>;
    return Number.isSafeInteger(size) && (size as number) > 0 && typeof jws === "string" ? { size: size as number, jws } : undefined;
  } catch {
    return undefined;
  }
}
