/** Whether a receipt proves what it says, to one who trusts nothing but the trust file. No network, no gateway, no clock but the one given. */
import { fromBase64, fromHex, sameBytes, toHex } from "../../chaincode/proof/bytes";
import { leafHash, verifyInclusion } from "../../chaincode/proof/rfc6962";
import { type AttestedRoot, readAttestation, verifyAttestation } from "./attestation";
import { type Checkpoint, checkpointSigners, type ReadCheckpoint, readCheckpoint } from "./checkpoint";
import { demand, given } from "./errors";
import { formatVerifierKey, parseVerifierKey } from "./note-key";
import type { Receipt } from "./receipt";
import type { TrustedJournal, TrustedNetwork, TrustFile } from "./trust";

/** - `record-in-journal`: these exact bytes stand at this index of this journal
 *  - `head-signed-by-journal`: the journal's own key signed the head that contains them
 *  - `head-attested-by-node`: the ledger's node read the same head from committed state */
export type Proven = "record-in-journal" | "head-signed-by-journal" | "head-attested-by-node";

/** - `several-parties`: that anyone but the party who runs the ledger vouches for it (单方账本，不具多方证明力)
 *  - `no-unrecorded-copy`: that there is no copy which nobody recorded
 *  - `represented-faithfully`: that a party hosted by another was represented as it wished */
export type NotProven = "several-parties" | "no-unrecorded-copy" | "represented-faithfully";

export interface Verdict {
  readonly proven: readonly Proven[];
  readonly notProven: readonly NotProven[];
  readonly network: string;
  readonly journal: string;
  readonly index: number;
  /** SHA-256(0x00 || leaf), hex. */
  readonly leafHash: string;
  /** When the head that contains the record came to be, and when it was attested: RFC 3339. */
  readonly recorded: string;
  readonly attested: string;
}

/** How much later than `now` an attestation may be: clocks differ. */
const CLOCKS_MS = 5 * 60_000;

/**
 * @throws EvidenceError with the code of the first step that fails: `inclusion-wrong`, those of checkpoint, attestation and certificate,
 * `network-unknown`, `journal-unknown`
 */
export async function verifyReceipt(receipt: Receipt, trust: TrustFile, now = new Date()): Promise<Verdict> {
  const leaf = leafHash(given(fromBase64(receipt.leaf), "receipt-malformed"));
  const checkpoint = readCheckpoint(receipt.checkpoint);
  const { statement, head } = readAttestation(receipt.attestation);
  const at = new Date(statement.time);

  // The leaf is in the tree of which checkpoint and attestation speak.
  demand(isIncluded(leaf, receipt, checkpoint), "inclusion-wrong");
  demand(checkpoint.size === receipt.size, "checkpoint-differs");
  demand(isSameHead(head, receipt, checkpoint), "attestation-differs");

  // We know the network and the journal that they name.
  const network = given(trust.networks.find(isNamedIn(statement)), "network-unknown");
  const journal = given(trust.journals.find(isKeptBy(network, receipt)), "journal-unknown");
  demand(checkpoint.origin === journal.origin, "checkpoint-differs");

  // Both are signed by who may, at the time of the attestation.
  demand(at.getTime() <= now.getTime() + CLOCKS_MS, "attestation-in-future");
  await verifyAttestation(receipt.attestation, at, network);
  await verifyCheckpoint(checkpoint, at, journal);

  return {
    proven: ["record-in-journal", "head-signed-by-journal", "head-attested-by-node"],
    notProven: ["several-parties", "no-unrecorded-copy", "represented-faithfully"],
    network: network.network,
    journal: receipt.journal,
    index: receipt.index,
    leafHash: toHex(leaf),
    recorded: head.time,
    attested: statement.time,
  };
}

function isIncluded(leaf: Uint8Array, { index, size, inclusion }: Receipt, { root }: Checkpoint): boolean {
  const path = inclusion.map((hash) => given(fromBase64(hash), "receipt-malformed"));
  return verifyInclusion(leaf, index, size, path, root);
}

function isSameHead(head: AttestedRoot, { journal, size }: Receipt, { root }: Checkpoint): boolean {
  const attested = fromHex(head.root);
  return head.journal === journal && head.size === size && attested !== undefined && sameBytes(attested, root);
}

const isNamedIn =
  (statement: { readonly network: string; readonly channel: string; readonly chaincode: string }) =>
  ({ network, channel, chaincode }: TrustedNetwork): boolean =>
    network === statement.network && channel === statement.channel && chaincode === statement.chaincode;

const isKeptBy =
  ({ network }: TrustedNetwork, { journal }: Receipt) =>
  (trusted: TrustedJournal): boolean =>
    trusted.network === network && trusted.journal === journal;

async function verifyCheckpoint(checkpoint: ReadCheckpoint, at: Date, { keys }: TrustedJournal): Promise<void> {
  const known = keys.map(({ key }) => given(parseVerifierKey(key), "trust-malformed"));
  const signers = (await checkpointSigners(checkpoint, known)).map(formatVerifierKey);
  const isInForce = ({ key, validFrom, validUntil }: TrustedJournal["keys"][number]): boolean =>
    signers.includes(key) && new Date(validFrom) <= at && (validUntil === undefined || at < new Date(validUntil));
  demand(keys.some(isInForce), "checkpoint-key-not-valid");
}
