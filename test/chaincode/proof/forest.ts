/** Trees to test with, computed as RFC 6962 section 2.1 defines them, with nothing of the code under test but the hash function. */
import { createHash } from "node:crypto";
import type { NodeSource } from "../../../chaincode/proof/rfc6962";

const sha256 = (...parts: readonly Uint8Array[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();

/** MTH(D[begin:end]) */
export function mth(leaves: readonly Uint8Array[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), only);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256(Buffer.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}

/** `count` different leaves. */
export const leavesOf = (count: number): Buffer[] => Array.from({ length: count }, (_, i) => Buffer.from(`leaf ${i}`));

/** Every node whose leaves all exist; throws for any other. */
export function nodesOf(leaves: readonly Uint8Array[]): NodeSource {
  const levels: Buffer[][] = [leaves.map((leaf) => mth([leaf]))];
  for (let level = 0; (levels[level]?.length ?? 0) > 1; level++) {
    const below = levels[level] ?? [];
    levels.push(Array.from({ length: Math.floor(below.length / 2) }, (_, i) => sha256(Buffer.of(1), below[2 * i]!, below[2 * i + 1]!)));
  }
  return (level, index) => {
    const node = levels[level]?.[index];
    if (node === undefined) throw new Error(`node (${level}, ${index}) is not complete`);
    return node;
  };
}
