/** Whether a ledger's directory holds what a ledger would hold: each byte of it is verified, or computed again and compared. */
import { reasonOf } from "../../database-copy";
import {
  type BlockFault,
  decodeBlock,
  decodeEndorsement,
  decodeProposal,
  sha256,
  type StoredBlock,
  verifyBlock,
  verifyTransaction,
} from "./block";
import { copyStore } from "./copy";
import { places } from "./files";
import { decodeGenesis, encodeGenesis, type Genesis } from "./genesis";
import { type Head, readHead } from "./head";
import { loadIdentities } from "./identity";
import { Replay } from "./replay";
import { blockNumber, isGenesisKey, stateKey, type Store } from "./store";

export type DifferenceCode =
  /** The database cannot be opened, or not be read to its end. */
  | "store-unreadable"
  /** What the ledger is cannot be read; nothing else can then be verified. */
  | "genesis-wrong"
  /** Certificates or keys are missing, or not those of this ledger. */
  | "identity-wrong"
  /** The head beside the database is missing, or another than the chain's. */
  | "head-differs"
  | "block-missing"
  | "block-malformed"
  | BlockFault
  /** Not signed, with these arguments, by a member of the ledger's MSP for this ledger. */
  | "transaction-forged"
  /** Run again, the transaction does something else than the block says. */
  | "replay-differs"
  /** As `replay-differs`, but it was judged by another version of the contract, which only that version can repeat. */
  | "judged-by-another-version"
  /** The world state holds something else than the transactions wrote. */
  | "state-differs"
  /** Nothing the ledger writes. */
  | "key-unexpected";

export interface Difference {
  readonly code: DifferenceCode;
  /** Number of the block. */
  readonly block?: number;
  /** Position of the transaction in the block. */
  readonly transaction?: number;
  /** Of the state as text, of the database in hexadecimal. */
  readonly key?: string;
  /** Of the contract; empty where it is not known. */
  readonly version?: string;
  /** For people. */
  readonly detail: string;
}

const FAULTS: Record<BlockFault, string> = {
  "block-chain-broken": "it does not follow on the block before it",
  "block-data-wrong": "its transactions are not those its header names",
  "block-signature-wrong": "the node did not sign its header",
};

/**
 * Verifies a ledger that no process has open, changing nothing. What it cannot know is that blocks at the end, and the head with them,
 * were taken back to an earlier moment, or that whoever has the keys wrote another history: receipts and other parties' copies show that.
 * @param contract path of the contract's module; it must judge by the transaction's time alone, not by today's
 * @param onProgress blocks done, and how many there are
 * @returns each difference as it is found; none if the ledger is whole
 * @throws LedgerError `unavailable` when a process has the ledger open
 */
export async function* verifyStore(
  directory: string,
  contract: string,
  onProgress: (done: number, total: number) => void = () => undefined,
): AsyncGenerator<Difference, void> {
  const copy = await copyStore(directory);
  let store: Store | undefined;
  let replay: Replay | undefined;
  try {
    try {
      store = await copy.open();
    } catch (error) {
      yield { code: "store-unreadable", detail: reasonOf(error) };
      return;
    }
    let genesis: Genesis;
    try {
      genesis = decodeGenesis(store.genesis() ?? Buffer.alloc(0));
    } catch (error) {
      yield { code: "genesis-wrong", detail: reasonOf(error) };
      return;
    }
    yield* verifyIdentities(directory, genesis);
    replay = await Replay.open(copy.directory, contract, genesis.mspId);
    yield* verifyContents(store, genesis, readOrNone(places(directory).head), replay, onProgress);
  } finally {
    await replay?.close();
    await store?.close();
    await copy.remove();
  }
}

async function* verifyIdentities(directory: string, genesis: Genesis): AsyncGenerator<Difference, void> {
  try {
    const { authority } = await loadIdentities(places(directory).identities, genesis.mspId);
    if (authority !== genesis.authority) yield { code: "identity-wrong", detail: "another authority than in the genesis record" };
  } catch (error) {
    yield { code: "identity-wrong", detail: reasonOf(error) };
  }
}

async function* verifyContents(
  store: Store,
  genesis: Genesis,
  head: Head | undefined,
  replay: Replay,
  onProgress: (done: number, total: number) => void,
): AsyncGenerator<Difference, void> {
  if (head === undefined) yield { code: "head-differs", detail: "it is missing or not 40 bytes long" };
  const atLeast = head?.height ?? 0;
  let hash: Buffer | undefined = sha256(encodeGenesis(genesis));
  let whole = true; // every block so far could be replayed
  let number = 0;
  for (; ; number++) {
    if (head?.height === number && hash?.equals(head.hash) === false)
      yield { code: "head-differs", detail: `not the hash of block ${number - 1}` };
    const read = await readBlock(store, number, number < atLeast);
    if (read === undefined) break;
    if ("code" in read) {
      yield read;
      whole = false;
      hash = undefined;
    } else {
      for (const code of verifyBlock(read, { number, previousHash: hash ?? read.previousHash }, genesis.authority))
        yield { code, block: number, detail: FAULTS[code] };
      for (const [transaction, stored] of read.transactions.entries())
        if (!verifyTransaction(stored, genesis))
          yield { code: "transaction-forged", block: number, transaction, detail: "its signature is not a member's over this" };
      if (whole)
        for (const { position, judgedBy, detail } of await replay.block(number, read.transactions)) {
          const where = { block: number, transaction: position };
          if (judgedBy === undefined) yield { code: "replay-differs", ...where, detail };
          else yield { code: "judged-by-another-version", ...where, version: judgedBy, detail };
        }
      hash = sha256(read.header);
    }
    onProgress(number + 1, Math.max(number + 1, atLeast));
  }
  try {
    yield* verifyKeys(store, number);
    if (whole) yield* compareState(store, replay.store);
  } catch (error) {
    yield { code: "store-unreadable", detail: reasonOf(error) };
  }
}

/** @returns nothing where the chain may end, a difference where there is no block to verify */
async function readBlock(store: Store, number: number, expected: boolean): Promise<StoredBlock | Difference | undefined> {
  let bytes: Buffer | undefined;
  try {
    bytes = await store.block(number);
  } catch (error) {
    return { code: "store-unreadable", block: number, detail: reasonOf(error) };
  }
  if (bytes === undefined) return expected ? { code: "block-missing", block: number, detail: "later ones were committed" } : undefined;
  try {
    const block = decodeBlock(bytes);
    for (const { proposal, args, endorsement } of block.transactions) {
      decodeProposal(proposal, args);
      decodeEndorsement(endorsement);
    }
    return block;
  } catch (error) {
    return { code: "block-malformed", block: number, detail: reasonOf(error) };
  }
}

async function* verifyKeys(store: Store, height: number): AsyncGenerator<Difference, void> {
  for await (const [key] of store.entries()) {
    const number = blockNumber(key);
    if (isGenesisKey(key) || stateKey(key) !== undefined || (number !== undefined && number < height)) continue;
    yield {
      code: "key-unexpected",
      key: key.toString("hex"),
      detail: number === undefined ? "not the ledger's" : `a block after the last, ${height - 1}`,
    };
  }
}

/** Walks through both states, side by side. */
async function* compareState(stored: Store, replayed: Store): AsyncGenerator<Difference, void> {
  const [have, want] = [stored.state(), replayed.state()];
  const next = async (state: typeof have): Promise<readonly [Buffer, Buffer] | undefined> => {
    const { done, value } = await state.next();
    return done === true ? undefined : value;
  };
  let [mine, theirs] = [await next(have), await next(want)];
  for (;;) {
    const [key] = mine === undefined || (theirs !== undefined && theirs[0].compare(mine[0]) < 0) ? (theirs ?? []) : mine;
    if (key === undefined) return;
    const found = mine?.[0].equals(key) === true ? mine[1] : undefined;
    const wanted = theirs?.[0].equals(key) === true ? theirs[1] : undefined;
    const detail = wanted === undefined ? "no transaction wrote it" : found === undefined ? "it is missing" : "another value or version";
    if (found === undefined || wanted?.equals(found) !== true) yield { code: "state-differs", key: stateKey(key) ?? "", detail };
    if (found !== undefined) mine = await next(have);
    if (wanted !== undefined) theirs = await next(want);
  }
}

function readOrNone(path: string): Head | undefined {
  try {
    return readHead(path);
  } catch {
    return undefined;
  }
}
