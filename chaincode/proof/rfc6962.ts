/**
 * Merkle trees of RFC 6962 section 2.1 (the same in RFC 9162): hashing, proofs and their verification.
 *
 * A node is named by (level, index): at level 0 stand the leaf hashes, and node (l, i) covers the leaves from i * 2^l to (i + 1) * 2^l.
 */
import { sameBytes } from "./bytes";
import { HASH_BYTES, sha256, type Hash } from "./sha256";

/** Longest path of any tree whose size is a safe integer. */
export const MAX_PATH = 53;

/** Hash of a node whose leaves all exist; asked for no other. */
export type NodeSource = (level: number, index: number) => Hash;

// Hashing is synchronous, so one piece of memory serves every call.
const leafInput = new Uint8Array(1 + 65_535);
const nodeInput = new Uint8Array(1 + 2 * HASH_BYTES);
nodeInput[0] = 1;

/** SHA-256(0x00 || leaf). */
export function leafHash(leaf: Uint8Array): Hash {
  const input = leaf.length < leafInput.length ? leafInput : new Uint8Array(1 + leaf.length);
  input.set(leaf, 1);
  return sha256(input.subarray(0, 1 + leaf.length));
}

/** SHA-256(0x01 || left || right). @throws RangeError unless both have 32 bytes */
export function nodeHash(left: Hash, right: Hash): Hash {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) throw new RangeError("a node has two children of 32 bytes");
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return sha256(nodeInput);
}

/** Root of the tree without leaves. */
export function emptyRoot(): Hash {
  return sha256(new Uint8Array(0));
}

/** MTH of the first `size` leaves. */
export function rootOf(size: number, node: NodeSource): Hash {
  return size === 0 ? emptyRoot() : subtree(0, size, node);
}

/** PATH(index, D[size]), RFC 6962 section 2.1.1: from the leaf up. @throws RangeError unless index < size */
export function inclusionPath(index: number, size: number, node: NodeSource): Hash[] {
  if (!isIndex(index) || !isIndex(size) || index >= size) throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  const path: Hash[] = [];
  let [begin, end] = [0, size];
  while (end - begin > 1) {
    const middle = begin + split(end - begin);
    if (index < middle) {
      path.push(subtree(middle, end, node));
      end = middle;
    } else {
      path.push(subtree(begin, middle, node));
      begin = middle;
    }
  }
  return path.reverse();
}

/** PROOF(from, D[to]), RFC 6962 section 2.1.2. Empty if `from` is 0 or equals `to`. @throws RangeError unless from <= to */
export function consistencyPath(from: number, to: number, node: NodeSource): Hash[] {
  if (!isIndex(from) || !isIndex(to) || from > to) throw new RangeError(`a tree of ${to} does not continue one of ${from}`);
  if (from === 0) return [];
  const path: Hash[] = [];
  let [begin, end] = [0, to];
  let known = true;
  while (from !== end) {
    const middle = begin + split(end - begin);
    if (from <= middle) {
      path.push(subtree(middle, end, node));
      end = middle;
    } else {
      path.push(subtree(begin, middle, node));
      begin = middle;
      known = false;
    }
  }
  if (!known) path.push(subtree(begin, end, node));
  return path.reverse();
}

/** Whether `path` proves that `leaf` is the hash of leaf `index` in the tree of `size` leaves with this root. RFC 9162 section 2.1.3.2. */
export function verifyInclusion(leaf: Hash, index: number, size: number, path: readonly Hash[], root: Hash): boolean {
  if (!isIndex(index) || !isIndex(size) || index >= size) return false;
  if (![leaf, root, ...path].every(isHash)) return false;
  let [first, last] = [index, size - 1];
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0) return false;
    if (isRight(first) || first === last) {
      hash = nodeHash(sibling, hash);
      while (!isRight(first) && first !== 0) [first, last] = [half(first), half(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [first, last] = [half(first), half(last)];
  }
  return last === 0 && sameBytes(hash, root);
}

/**
 * Whether `path` proves that the tree of `to` leaves begins with the tree of `from` leaves. RFC 9162 section 2.1.4.2; every tree
 * continues the empty one, with an empty path.
 */
export function verifyConsistency(from: number, fromRoot: Hash, to: number, toRoot: Hash, path: readonly Hash[]): boolean {
  if (!isIndex(from) || !isIndex(to) || from > to) return false;
  if (![fromRoot, toRoot, ...path].every(isHash)) return false;
  if (from === 0) return path.length === 0 && sameBytes(fromRoot, emptyRoot()) && (to > 0 || sameBytes(toRoot, fromRoot));
  if (from === to) return path.length === 0 && sameBytes(fromRoot, toRoot);

  let [first, last] = [from - 1, to - 1];
  while (isRight(first)) [first, last] = [half(first), half(last)];
  // Where the old tree is a whole subtree of the new one, its root starts the path without being sent.
  const [seed, ...rest] = first === 0 ? [fromRoot, ...path] : path;
  if (seed === undefined) return false;
  let [older, newer] = [seed, seed];
  for (const hash of rest) {
    if (last === 0) return false;
    if (isRight(first) || first === last) {
      older = nodeHash(hash, older);
      newer = nodeHash(hash, newer);
      while (!isRight(first) && first !== 0) [first, last] = [half(first), half(last)];
    } else {
      newer = nodeHash(newer, hash);
    }
    [first, last] = [half(first), half(last)];
  }
  return last === 0 && sameBytes(older, fromRoot) && sameBytes(newer, toRoot);
}

/** MTH(D[begin:end]) for the ranges that the recursion of section 2.1 meets: a whole subtree is one node, another one two parts. */
function subtree(begin: number, end: number, node: NodeSource): Hash {
  const width = end - begin;
  const left = split(width);
  if (left * 2 === width || width === 1) return node(Math.log2(width), begin / width);
  return nodeHash(subtree(begin, begin + left, node), subtree(begin + left, end, node));
}

/** The largest power of two smaller than `width`. */
function split(width: number): number {
  let power = 1;
  while (power * 2 < width) power *= 2;
  return power;
}

// Sizes go beyond 32 bits, where JavaScript's bit operators stop.
const half = (value: number): number => Math.floor(value / 2);
const isRight = (value: number): boolean => value % 2 === 1;
const isIndex = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const isHash = (hash: Hash): boolean => hash.length === HASH_BYTES;
