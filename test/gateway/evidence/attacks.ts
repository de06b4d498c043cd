/** What an adversary does to a file of evidence, and what catches it. */
import { CompactRange } from "../../../chaincode/proof/compact-range";
import { leafHash } from "../../../chaincode/proof/rfc6962";
import type { EvidenceErrorCode } from "../../../gateway/evidence/errors";
import type { Beside } from "../../../gateway/evidence/examine";
import type { TrustFile } from "../../../gateway/evidence/trust";
import type { World } from "./ledger";

/** What is done, beside cutting a file short, prolonging it and making it huge, which is done to all alike. */
export const ATTACKS = [
  "edit",
  "delete",
  "reorder",
  "roll back",
  "fork",
  "swap two of equal length",
  "forge a key",
  "replay another journal's",
  "borrow a signature of another protocol",
  "index of the size",
] as const;
export type Attack = (typeof ATTACKS)[number];

/** The file that it makes and the code that catches it; or why there is no such attack on this kind. */
export type Attacked = readonly [file: string, code: EvidenceErrorCode] | { readonly none: string };

export interface Kind {
  readonly name: string;
  readonly good: string;
  readonly verify: (file: Uint8Array) => Promise<unknown>;
  /** With what it is verified at the one entrance of all evidence; missing where it is none by itself. */
  readonly beside?: Beside & { readonly trust: TrustFile };
  /** Codes of what is cut short or prolonged, and of what is huge. */
  readonly malformed: readonly EvidenceErrorCode[];
  readonly huge: EvidenceErrorCode;
  /** What is good by itself, and proves less, when the rest is cut off. */
  readonly lesser?: string;
  /** Whether several of them may stand in one file. */
  readonly continues?: true;
  /** False where some of its bytes are a person's to choose, as all of a trust file are. */
  readonly everyByteCounts: boolean;
  readonly attacks: Readonly<Record<Attack, Attacked>>;
}

/** Of other leaves at the same size. */
export function forked(leaves: readonly Buffer[]): Pick<World, "leaves" | "root"> {
  const range = CompactRange.empty();
  for (const leaf of leaves) range.append(leafHash(leaf));
  return { leaves, root: Buffer.from(range.root()) };
}
