/** The items that come from one source, as `evidence/exit-items.ts` reads them: what is not its own is cut out, subtree by subtree. Pure. */
import { toBase64 } from "../../chaincode/proof/bytes";
import { canonical } from "../../chaincode/proof/canonical";
import { CompactRange } from "../../chaincode/proof/compact-range";
import { leafHash } from "../../chaincode/proof/rfc6962";
import { formatCut, formatPart } from "../evidence/exit-items";
import type { Made } from "./certificate";

/** @returns undefined where nothing comes from it */
export function partOf({ items, lines, certificate }: Made, source: string): readonly string[] | undefined {
  const frozen = certificate.inventory.count;
  const part = [formatPart(source)];
  const cut = (from: number, to: number): void => {
    // Neither beyond what is cut out, nor over the end of the inventory, of which what came later has no leaf.
    for (let begin = from; begin < to;) {
      const level = levelAt(begin, (begin < frozen ? Math.min(to, frozen) : to) - begin);
      const end = begin + 2 ** level;
      const inventory = begin < frozen ? { inventory: rootOf(items.slice(begin, end).map(({ held }) => canonical(held))) } : {};
      part.push(formatCut({ level, items: rootOf(lines.slice(begin, end).map((line) => encoder.encode(line))), ...inventory }));
      begin = end;
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

function rootOf(leaves: readonly Uint8Array[]): string {
  const range = CompactRange.empty();
  for (const leaf of leaves) range.append(leafHash(leaf));
  return toBase64(range.root());
}
