/** Whether a receipt proves what it says, to one who trusts nothing but the trust file. No network, no gateway, no clock but the one given. */
import { fromBase64, toHex } from "../../chaincode/proof/bytes";
import { leafHash, verifyInclusion } from "../../chaincode/proof/rfc6962";
import { demand, given } from "./errors";
import { readHead, verifyHead, type Vouched } from "./head";
import type { Receipt } from "./receipt";
import { type Enter, silently } from "./steps";
import type { TrustFile } from "./trust";

/** - `record-in-journal`: these exact bytes stand at this index of this journal
 *  - `records-in-journals`: the same of each of many
 *  - `every-record-of-subject`: no record that names the subject is missing, up to when the ledger was asked
 *  - `every-record-of-journal`: no record of the journal is missing, up to its head
 *  - `inventory-on-ledger`: the inventory of an exit is the one frozen on the ledger
 *  - `nothing-outstanding`: the ledger took the verification of the exit, which it refuses while anything is outstanding
 *  - `items-of-inventory`: the items are those of the inventory, each with what became of it, and none is missing
 *  - `items-of-source`: the items are those of the inventory that come from the source, as many as the certificate counts
 *  - `backups-purged`: who deleted has reported since that the backups are gone that were beyond use when the exit was verified
 *  - `head-signed-by-journal`: the journal's own key signed the head that contains them
 *  - `head-cosigned`: a witness signed the head too, after it had seen that it continues the one before
 *  - `head-attested-by-node`: the ledger's node read the same head from committed state
 *  - `head-attested-by-organisations`: at least three organisations, more than half of the network's, did so, each by its own peer */
export type Proven =
  | "record-in-journal"
  | "records-in-journals"
  | "every-record-of-subject"
  | "every-record-of-journal"
  | "inventory-on-ledger"
  | "nothing-outstanding"
  | "items-of-inventory"
  | "items-of-source"
  | "backups-purged"
  | "head-signed-by-journal"
  | "head-cosigned"
  | "head-attested-by-node"
  | "head-attested-by-organisations";

/** - `several-parties`: that anyone but the party who runs the ledger vouches for it (单方账本，不具多方证明力)
 *  - `code-run`: which code the organisations ran: they sign the version that they agreed on, not the digest of the package
 *  - `head-on-ledger`: that the ledger has this head: only the journal's keeper and the witnesses say so
 *  - `trace-whole`: that a trace shows every step: draw it again from the histories that come with it
 *  - `still-so`: that what a certificate of an exit says still holds: something of what ends was declared or accounted for since its verification
 *  - `residue-and-verification`: whether residue stands, and the verification does: the issuing gateway read it out
 *  - `items-whole`: that no item is missing: their file was not at hand, or is one source's
 *  - `backups-purged`: that backups are gone which were beyond use: that was not reported, up to when the ledger was asked
 *  - `data-erased`: that what was reported as deleted was: that is the word of those who did and of those who verified it
 *  - `countersigned`: that the authority certified it: it has not, up to when the ledger was asked
 *  - `no-unrecorded-copy`: that there is no copy which nobody recorded
 *  - `represented-faithfully`: that a party hosted by another was represented as it wished */
export type NotProven =
  | "several-parties"
  | "head-on-ledger"
  | "trace-whole"
  | "code-run"
  | "still-so"
  | "residue-and-verification"
  | "items-whole"
  | "data-erased"
  | "step-times"
  | "countersigned"
  | "backups-purged"
  | "operator-and-agreement"
  | "no-residue-since"
  | "no-unrecorded-copy"
  | "represented-faithfully";

export interface Verdict extends Vouched {
  readonly journal: string;
  readonly index: number;
  /** SHA-256(0x00 || leaf), hex. */
  readonly leafHash: string;
  /** When the head that contains the record came to be: RFC 3339. */
  readonly recorded: string;
  /** Whether that is when the record came: it is new in this head. Missing where the ledger does not tell. */
  readonly isFirst?: boolean;
}

/**
 * @param enter told of each step as it begins
 * @throws EvidenceError with the code of the first step that fails: `inclusion-wrong`, those of checkpoint, attestation and certificate,
 * `network-unknown`, `journal-unknown`
 */
export async function verifyReceipt(receipt: Receipt, trust: TrustFile, now = new Date(), enter: Enter = silently): Promise<Verdict> {
  enter("form");
  const { journal, index, size } = receipt;
  const leaf = leafHash(given(fromBase64(receipt.leaf), "receipt-malformed"));
  const head = readHead(receipt);
  const path = receipt.inclusion.map((hash) => given(fromBase64(hash), "receipt-malformed"));
  // The leaf is in the tree of which checkpoint and attestation speak, and both are good.
  enter("inclusion");
  demand(verifyInclusion(leaf, index, size, path, head.root), "inclusion-wrong");
  const { proven, notProven, ...vouched } = await verifyHead(head, trust, now, enter);
  const { time, from } = head.attestation.head;
  return {
    ...vouched,
    proven: ["record-in-journal", ...proven],
    notProven: [...notProven, "no-unrecorded-copy", "represented-faithfully"],
    journal,
    index,
    leafHash: toHex(leaf),
    recorded: time,
    ...(from === undefined ? {} : { isFirst: index >= from }),
  };
}
