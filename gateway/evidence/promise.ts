/**
 * Promises (受理回执): what a service gets before its event is on the ledger. All events that were made durable together share one signature, over the
 * root of a tree of their leaves (RFC 6962); each answer carries it with its own path. Who holds one can prove that an event was left out.
 */
import { fromBase64, fromHex, toHex, toLatin1 } from "../../chaincode/proof/bytes";
import { isJournalName } from "../../chaincode/proof/holding-name";
import { MAX_PATH, nodeHash, emptyRoot, verifyInclusion } from "../../chaincode/proof/rfc6962";
import { HASH_BYTES, type Hash } from "../../chaincode/proof/sha256";
import { demand, given } from "./errors";
import { openJws, signJws } from "./jws";
import type { SignerKey, VerifierKey } from "./note-key";
import { hex, integer, record, text, time } from "./shape";

const TYPE = "suyuan-promise+jwt";
const CODES = { malformed: "promise-malformed", unknown: "promise-key-unknown", wrong: "promise-signature-wrong" } as const;
/** Longest promise that is read, in characters. */
const MAX_JWS = 4096;

/** What an answer carries. */
export interface EventPromise {
  /** The group's. */
  readonly jws: string;
  /** The event's, see {@link PromiseGroup}. */
  readonly path: string;
}

/** What was promised to the events of one group commit. */
export interface PromiseTerms {
  /** `MSPID/name` */
  readonly journal: string;
  /** Index of the group's first event in the journal, and how many events there are. */
  readonly from: number;
  readonly size: number;
  /** Root of the tree of the group's leaves alone, hex. */
  readonly root: string;
  /** By when they will be on the ledger, RFC 3339. */
  readonly deadline: string;
  /** When it was promised, seconds since 1970 (RFC 7519). */
  readonly iat: number;
}

const isTerms = record<PromiseTerms>({
  journal: text(200, isJournalName),
  from: integer(0),
  size: integer(1),
  root: hex(HASH_BYTES),
  deadline: time,
  iat: integer(0),
});

export interface PromiseGroup {
  /** Hex. */
  readonly root: string;
  /** For each leaf, in order, its inclusion path: the hashes one after the other, base64. */
  readonly paths: readonly string[];
}

/** The tree over a group's leaf hashes. */
export function promiseGroup(leaves: readonly Hash[]): PromiseGroup {
  const levels: (readonly Hash[])[] = [leaves];
  let level = leaves;
  while (level.length > 1) {
    level = parentsOf(level);
    levels.push(level);
  }
  return { root: toHex(level[0] ?? emptyRoot()), paths: pathsOf(levels) };
}

/** A compact JWS of type `suyuan-promise+jwt`, signed with the journal's key. */
export const signPromise = (terms: PromiseTerms, key: SignerKey): Promise<string> => signJws(TYPE, terms, key);

/**
 * Whether the promise says that this leaf will stand at this index of this journal.
 * @param keys of that journal
 * @returns all that was promised, and the key that signed it: whether that was in force then is the caller's to see
 * @throws EvidenceError `promise-malformed`, `promise-key-unknown`, `key-not-in-trust`, `promise-signature-wrong`, `promise-differs` (signed, but not for this)
 */
export async function verifyPromise(
  { jws, path }: EventPromise,
  event: { readonly journal: string; readonly index: number; readonly leafHash: Hash },
  keys: readonly VerifierKey[],
): Promise<PromiseTerms & { readonly signer: VerifierKey }> {
  const { signer, ...terms } = await openPromise(jws, keys);
  const root = given(fromHex(terms.root), "promise-malformed");
  const included = verifyInclusion(event.leafHash, event.index - terms.from, terms.size, hashesOf(path), root);
  demand(terms.journal === event.journal && included, "promise-differs");
  return { ...terms, signer };
}

async function openPromise(jws: string, keys: readonly VerifierKey[]): Promise<PromiseTerms & { readonly signer: VerifierKey }> {
  demand(jws.length <= MAX_JWS, "promise-malformed");
  const { payload, signer } = await openJws(jws, TYPE, keys, CODES);
  demand(isTerms(payload), "promise-malformed");
  return { ...payload, signer };
}

/** A node without a right neighbour goes up as it is: that is RFC 6962's tree, level by level. */
function parentsOf(level: readonly Hash[]): Hash[] {
  const parents: Hash[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const [left, right] = [level[i] as Hash, level[i + 1]];
    parents.push(right === undefined ? left : nodeHash(left, right));
  }
  return parents;
}

/** From the root down: a node's path is its sibling, and then its parent's path. */
function pathsOf(levels: readonly (readonly Hash[])[]): string[] {
  let paths = levels.at(-1)?.map(() => "") ?? [];
  for (const level of levels.slice(0, -1).reverse()) {
    const texts = level.map(toLatin1);
    paths = texts.map((_, i) => (texts[i % 2 === 0 ? i + 1 : i - 1] ?? "") + (paths[Math.floor(i / 2)] ?? ""));
  }
  return paths.map((path) => btoa(path));
}

function hashesOf(path: string): Hash[] {
  const bytes = path.length <= 2 * MAX_PATH * HASH_BYTES ? fromBase64(path) : undefined;
  demand(bytes !== undefined && bytes.length % HASH_BYTES === 0, "promise-malformed");
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}
