/**
 * Count and hash chain over the leaves of one journal that name one subject. Whoever holds those leaves, all of them and in order,
 * rebuilds it; whoever lacks, adds or swaps one does not.
 */
import { fromHex, toHex } from "./bytes";
import { HASH_BYTES, sha256, type Hash } from "./sha256";

export interface SubjectChain {
  readonly count: number;
  readonly hash: Hash;
}

/** JSON form; the hash in lower-case hex. */
export interface SubjectChainState {
  readonly count: number;
  readonly hash: string;
}

/** The chain of a subject that no leaf names. */
export const emptyChain: SubjectChain = { count: 0, hash: new Uint8Array(HASH_BYTES) };

const input = new Uint8Array(2 * HASH_BYTES);

/** SHA-256(chain hash || leaf hash). @throws RangeError unless the leaf hash has 32 bytes */
export function extendChain(chain: SubjectChain, leaf: Hash): SubjectChain {
  if (leaf.length !== HASH_BYTES) throw new RangeError("a leaf hash has 32 bytes");
  input.set(chain.hash);
  input.set(leaf, HASH_BYTES);
  return { count: chain.count + 1, hash: sha256(input) };
}

/** The chain over these leaf hashes, in order. */
export function chainOver(leaves: Iterable<Hash>): SubjectChain {
  let chain = emptyChain;
  for (const leaf of leaves) chain = extendChain(chain, leaf);
  return chain;
}

export function chainState(chain: SubjectChain): SubjectChainState {
  return { count: chain.count, hash: toHex(chain.hash) };
}

/** @returns undefined unless `state` is what {@link chainState} could have returned */
export function chainFrom(state: unknown): SubjectChain | undefined {
  if (typeof state !== "object" || state === null || !("count" in state) || !("hash" in state)) return undefined;
  const { count, hash } = state;
  if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 0 || typeof hash !== "string") return undefined;
  const bytes = fromHex(hash);
  return bytes?.length === HASH_BYTES ? { count, hash: bytes } : undefined;
}
