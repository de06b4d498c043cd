/** Whether a receipt proves what it says, to one who trusts nothing but the trust file. No network, no gateway, no clock but the one given. */
import { fromBase64, fromHex, sameBytes, toHex } from "../../chaincode/proof/bytes";
import { leafHash, verifyInclusion } from "../../chaincode/proof/rfc6962";
import type { Attestation } from "../ledger/port";
import { type ReadAttestation, readAttestation, verifyAttestation } from "./attestation";
import type { AttestedRoot } from "./attested-root";
import { type Checkpoint, checkpointSigners, type ReadCheckpoint, readCheckpoint } from "./checkpoint";
import { demand, given } from "./errors";
import { formatVerifierKey, parseVerifierKey } from "./note-key";
import type { Receipt } from "./receipt";
import type { TrustedJournal, TrustedNetwork, TrustFile } from "./trust";

/** - `record-in-journal`: these exact bytes stand at this index of this journal
 *  - `head-signed-by-journal`: the journal's own key signed the head that contains them
 *  - `head-attested-by-node`: the ledger's node read the same head from committed state
 *  - `head-attested-by-organisations`: at least three organisations, more than half of the network's, did so, each by its own peer */
export type Proven = "record-in-journal" | "head-signed-by-journal" | "head-attested-by-node" | "head-attested-by-organisations";

/** - `several-parties`: that anyone but the party who runs the ledger vouches for it (单方账本，不具多方证明力)
 *  - `code-run`: which code the organisations ran: they sign the version that they agreed on, not the digest of the package
 *  - `no-unrecorded-copy`: that there is no copy which nobody recorded
 *  - `represented-faithfully`: that a party hosted by another was represented as it wished */
export type NotProven = "several-parties" | "code-run" | "no-unrecorded-copy" | "represented-faithfully";

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
  /** MSP IDs of those who attested it. */
  readonly attestedBy: readonly string[];
  /** Of the chaincode that was asked; an embedded ledger names none. */
  readonly chaincodeVersion?: string;
}

/** What an attestation proves beside record and journal, and what it leaves open. */
const WORTH = {
  node: { proven: "head-attested-by-node", notProven: "several-parties" },
  endorsements: { proven: "head-attested-by-organisations", notProven: "code-run" },
} as const satisfies Record<Attestation["kind"], { readonly proven: Proven; readonly notProven: NotProven }>;

/** How far from another clock one may be: an attestation later than `now`, or than the head and its own endorsers' clocks. */
const CLOCKS_MS = 5 * 60_000;

/**
 * @throws EvidenceError with the code of the first step that fails: `inclusion-wrong`, those of checkpoint, attestation and certificate,
 * `network-unknown`, `journal-unknown`
 */
export async function verifyReceipt(receipt: Receipt, trust: TrustFile, now = new Date()): Promise<Verdict> {
  const leaf = leafHash(given(fromBase64(receipt.leaf), "receipt-malformed"));
  const checkpoint = readCheckpoint(receipt.checkpoint);
  const attestation = readAttestation(receipt.attestation);
  const { head, version } = attestation;
  const at = new Date(attestation.time);

  // The leaf is in the tree of which checkpoint and attestation speak.
  demand(isIncluded(leaf, receipt, checkpoint), "inclusion-wrong");
  demand(checkpoint.size === receipt.size, "checkpoint-differs");
  demand(isSameHead(head, receipt, checkpoint), "attestation-differs");

  // We know the network and the journal that they name.
  const { network, journal } = keeperOf(receipt, checkpoint, attestation, trust);

  // Both are signed by who may, at the time of the attestation.
  demand(at.getTime() <= now.getTime() + CLOCKS_MS, "attestation-in-future");
  demand(at.getTime() >= new Date(head.time).getTime() - 2 * CLOCKS_MS, "attestation-before-head");
  const attestedBy = await verifyAttestation(receipt.attestation, at, network);
  await verifyCheckpoint(checkpoint, at, journal);

  const worth = WORTH[receipt.attestation.kind];
  return {
    proven: ["record-in-journal", "head-signed-by-journal", worth.proven],
    notProven: [worth.notProven, "no-unrecorded-copy", "represented-faithfully"],
    network: network.network,
    journal: receipt.journal,
    index: receipt.index,
    leafHash: toHex(leaf),
    recorded: head.time,
    attested: attestation.time,
    attestedBy,
    ...(version === undefined ? {} : { chaincodeVersion: version }),
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

/** The journal and its network. Networks may have channels of one name: then the journal's name in its checkpoint tells which it is. */
function keeperOf(
  { journal: name, attestation: { kind } }: Receipt,
  { origin }: Checkpoint,
  named: ReadAttestation,
  { networks, journals }: TrustFile,
): { readonly network: TrustedNetwork; readonly journal: TrustedJournal } {
  const possible = networks.filter(
    (one) =>
      one.channel === named.channel &&
      one.chaincode === named.chaincode &&
      (kind === "node" ? one.network === named.network : one.kind === "fabric"),
  );
  demand(possible.length > 0, "network-unknown");
  const kept = journals.filter(({ network, journal }) => journal === name && possible.some((one) => one.network === network));
  demand(kept.length > 0, "journal-unknown");
  const journal = given(
    kept.find((one) => one.origin === origin),
    "checkpoint-differs",
  );
  const network = given(
    possible.find(({ network }) => network === journal.network),
    "network-unknown",
  );
  return { network, journal };
}

async function verifyCheckpoint(checkpoint: ReadCheckpoint, at: Date, { keys }: TrustedJournal): Promise<void> {
  const known = keys.map(({ key }) => given(parseVerifierKey(key), "trust-malformed"));
  const signers = (await checkpointSigners(checkpoint, known)).map(formatVerifierKey);
  // Notes may bear signatures that nobody knows. A receipt has one spelling, so not there: they could say anything.
  demand(new Set(signers).size === checkpoint.note.signatures.length, "checkpoint-key-unknown");
  const isInForce = ({ key, validFrom, validUntil }: TrustedJournal["keys"][number]): boolean =>
    signers.includes(key) && new Date(validFrom) <= at && (validUntil === undefined || at < new Date(validUntil));
  demand(keys.some(isInForce), "checkpoint-key-not-valid");
}
