/** The items that come from one source, as `evidence/exit-items.ts` reads them: what is not its own is cut out, subtree by subtree. Pure. */
import MerkleTree from "merkletreejs";
import { toBase64 } from "../../chaincode/proof/bytes";
import { canonical } from "../../chaincode/proof/canonical";
import { leafHash, nodeHash } from "../../chaincode/proof/rfc6962";
import type { Hash } from "../../chaincode/proof/sha256";
import { formatCut, formatPart } from "../evidence/exit-items";
import type { Made } from "./certificate";

/** @returns undefined where nothing comes from it */
export function partOf({ items, lines, certificate }: Made, source: string): readonly string[] | undefined {
  const frozen = certificate.inventory.count;
  const ofItems = rootsOf(lines.map((line) => encoder.encode(line)));
  const ofInventory = rootsOf(items.slice(0, frozen).map(({ held }) => canonical(held)));
  const part = [formatPart(source)];
  const cut = (from: number, to: number): void => {
    // Neither beyond what is cut out, nor over the end of the inventory, of which what came later has no leaf.
    for (let begin = from; begin < to;) {
      const level = levelAt(begin, (begin < frozen ? Math.min(to, frozen) : to) - begin);
      const inventory = begin < frozen ? { inventory: ofInventory(begin, level) } : {};
      part.push(formatCut({ level, items: ofItems(begin, level), ...inventory }));
      begin += 2 ** level;
    }
  };
  let shown = 0;
  for (const [index, { sources }] of items.entries()) {
    if (!sources.includes(source)) continue;
    cut(shown, index);
    part.push(lines[index] ?? "");
    shown = index + 1;
  }
  if (part.length === 1) return undefined;
  cut(shown, items.length);
  return part;
}

/** Of the largest whole subtree that begins there and has no more leaves. */
function levelAt(begin: number, most: number): number {
  let level = 0;
  while (begin % 2 ** (level + 1) === 0 && 2 ** (level + 1) <= most) level++;
  return level;
}

const encoder = new TextEncoder();

const hashPair = (pair: Buffer): Buffer => Buffer.from(nodeHash(pair.subarray(0, 32) as Hash, pair.subarray(32) as Hash));

/** Of a tree of RFC 6962, the root of each whole subtree, by the leaf with which it begins and its level. */
function rootsOf(leaves: readonly Uint8Array[]): (begin: number, level: number) => string {
  const layers = new MerkleTree(
    leaves.map((leaf) => Buffer.from(leafHash(leaf))),
    hashPair,
  ).getLayers();
  return (begin, level) => toBase64(layers[level]?.[begin / 2 ** level] ?? Buffer.alloc(0));
}
