/**
 * What a ledger's directory holds: `level/` (blocks and state), `identities/` (certificates and keys) and `head`. Opening it makes a new
 * ledger, or finds out where an old one stands after whatever ended it.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isLocked, reasonOf } from "../../database-copy";
import { LedgerError } from "../port";
import { decodeBlock, sha256 } from "./block";
import { decodeGenesis, encodeGenesis, type Genesis } from "./genesis";
import { type Head, HeadFile, readHead } from "./head";
import { createIdentities, type Identities, loadIdentities } from "./identity";
import { blockNumber, Store } from "./store";

export interface LedgerName extends Omit<Genesis, "authority"> {
  /** Of the gateway's certificate, such as its role; written when the ledger is made. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface LedgerFiles {
  readonly store: Store;
  readonly genesis: Genesis;
  readonly identities: Identities;
  readonly head: HeadFile;
  readonly tip: Head;
}

/** The database's log, which damage can cut, holds at most two write buffers: older blocks lie in tables. */
const RECENT_BYTES = 128 * 1024 * 1024;

export const places = (directory: string): { level: string; identities: string; head: string } => ({
  level: join(directory, "level"),
  identities: join(directory, "identities"),
  head: join(directory, "head"),
});

const taken = new Set<string>();

/**
 * Takes a ledger's directory for this process, or finds that it is taken. LevelDB's own lock keeps other processes out; but a second try in
 * the same process fails and, POSIX locks being what they are, drops the lock on its way, so it must not get that far.
 * @returns gives the directory back. @throws LedgerError `unavailable`
 */
export function take(directory: string): () => void {
  const path = resolve(directory);
  if (taken.has(path)) throw inUse(directory);
  taken.add(path);
  return () => taken.delete(path);
}

/** @param now when the certificates of a new ledger begin to be valid. @throws LedgerError `unavailable` */
export async function openFiles(directory: string, name: LedgerName, now: Date): Promise<LedgerFiles> {
  const place = places(directory);
  let store: Store | undefined;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    store = await Store.open(place.level, !existsSync(place.head));
    const stored = store.genesis();
    if (stored === undefined && existsSync(place.head)) throw new Error("its genesis record is missing");
    const { genesis, identities } =
      stored === undefined ? await found(store, place.identities, name, now) : await recognise(stored, place.identities, name);
    const tip = await recover(store, sha256(encodeGenesis(genesis)), place.head);
    const head = existsSync(place.head) ? HeadFile.open(place.head) : HeadFile.create(place.head, tip);
    return { store, genesis, identities, head, tip };
  } catch (error) {
    await store?.close();
    throw unavailable(directory, error);
  }
}

type Founded = Pick<LedgerFiles, "genesis" | "identities">;

async function found(store: Store, directory: string, name: LedgerName, now: Date): Promise<Founded> {
  const { attributes, ...rest } = name;
  const identities = await createIdentities(directory, name.mspId, attributes, now);
  const genesis = { ...rest, authority: identities.authority };
  await store.found(encodeGenesis(genesis));
  return { genesis, identities };
}

async function recognise(stored: Buffer, directory: string, name: LedgerName): Promise<Founded> {
  const genesis = decodeGenesis(stored);
  if (!encodeGenesis({ ...name, authority: genesis.authority }).equals(stored))
    throw new Error(`it is the ledger ${genesis.network}/${genesis.channel}/${genesis.chaincode} of ${genesis.mspId}`);
  const identities = await loadIdentities(directory, name.mspId);
  if (identities.authority !== genesis.authority) throw new Error("its identities are not those it was made with");
  return { genesis, identities };
}

/** @throws Error when blocks have been lost */
async function recover(store: Store, genesisHash: Buffer, headFile: string): Promise<Head> {
  const tip = await walkBack(store, genesisHash);
  if (!existsSync(headFile)) return tip;
  const head = readHead(headFile);
  if (head.height > tip.height) throw new Error(`blocks ${tip.height} to ${head.height - 1} are missing`);
  const last = head.height === 0 ? undefined : await store.block(head.height - 1);
  const hash = last === undefined ? genesisHash : sha256(decodeBlock(last).header);
  if (!hash.equals(head.hash)) throw new Error(`block ${head.height - 1} is not the one that was committed`);
  return tip;
}

/** Follows the chain from its last block down, as far as blocks can have been lost. @throws Error when one has */
async function walkBack(store: Store, genesisHash: Buffer): Promise<Head> {
  let tip: Head | undefined;
  let link: Head | undefined;
  let bytes = 0;
  for await (const [key, stored] of store.lastBlocks()) {
    const { number, header, previousHash } = decodeBlock(stored);
    const hash = sha256(header);
    tip ??= { height: number + 1, hash };
    link ??= tip;
    if (blockNumber(key) !== number || number !== link.height - 1 || !hash.equals(link.hash))
      throw new Error(`block ${link.height - 1} is missing or damaged`);
    link = { height: number, hash: previousHash };
    bytes += stored.length;
    if (bytes > RECENT_BYTES) return tip;
  }
  if (tip === undefined || link === undefined) return { height: 0, hash: genesisHash };
  if (link.height !== 0 || !link.hash.equals(genesisHash)) throw new Error(`block ${link.height - 1} is missing or damaged`);
  return tip;
}

function unavailable(directory: string, error: unknown): LedgerError {
  if (isLocked(error)) return inUse(directory, error);
  return new LedgerError("unavailable", `the ledger in ${directory} cannot be opened: ${reasonOf(error)}`, { cause: error });
}

export const inUse = (directory: string, cause?: unknown): LedgerError =>
  new LedgerError("unavailable", `the ledger in ${directory} is open in another process`, { cause });
