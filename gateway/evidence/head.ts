/** That a journal has this root at this size: on the ledger's word, and on the journal's own where its checkpoint is there. */
import { fromHex, sameBytes } from "../../chaincode/proof/bytes";
import type { Hash } from "../../chaincode/proof/sha256";
import type { Attestation } from "../ledger/port";
import { type ReadAnswer, type ReadAttestation, readAttestation, verifyAttestation } from "./attestation";
import { type Checkpoint, checkpointSigners, type ReadCheckpoint, readCheckpoint } from "./checkpoint";
import { demand, EvidenceError, given } from "./errors";
import { formatVerifierKey, parseVerifierKey } from "./note-key";
import { type Enter, silently } from "./steps";
import type { TrustedJournal, TrustedKey, TrustedNetwork, TrustFile } from "./trust";
import type { NotProven, Proven } from "./verify-receipt";

/** As it stands in a file. */
export interface Head {
  /** `MSPID/name` */
  readonly journal: string;
  readonly size: number;
  /** C2SP tlog-checkpoint: the journal's own word for size and root. Missing where whoever made the file has not the journal's key. */
  readonly checkpoint?: string;
  /** The ledger's word for size and root: transaction `root` of this journal and size. */
  readonly attestation: Attestation;
}

/** Read but not verified. */
export interface ReadHead extends Omit<Head, "checkpoint" | "attestation"> {
  readonly root: Hash;
  readonly given: Attestation;
  readonly checkpoint: ReadCheckpoint | undefined;
  readonly attestation: ReadAttestation;
}

/** What an attestation is worth: who gave it, when, and what it leaves open. */
export interface Vouched {
  readonly network: string;
  /** RFC 3339. */
  readonly attested: string;
  /** MSP IDs of those who attested it. */
  readonly attestedBy: readonly string[];
  /** Of the chaincode that was asked; an embedded ledger names none. */
  readonly chaincodeVersion?: string;
  readonly proven: readonly Proven[];
  readonly notProven: readonly NotProven[];
}

/** What an attestation proves of a head, and what it leaves open. */
const WORTH = {
  node: { proven: "head-attested-by-node", notProven: "several-parties" },
  endorsements: { proven: "head-attested-by-organisations", notProven: "code-run" },
} as const satisfies Record<Attestation["kind"], { readonly proven: Proven; readonly notProven: NotProven }>;

/** How far from another clock one may be: an attestation later than `now`, or than the head and its own endorsers' clocks. */
export const CLOCKS_MS = 5 * 60_000;

/** @throws EvidenceError `checkpoint-malformed`, `attestation-malformed`, `attestation-differs` */
export function readHead({ journal, size, checkpoint: text, attestation: given }: Head): ReadHead {
  const checkpoint = text === undefined ? undefined : readCheckpoint(text);
  const attestation = readAttestation(given);
  const root = checkpoint?.root ?? fromHex(attestation.head.root) ?? new Uint8Array();
  return { journal, size, root, given, checkpoint, attestation };
}

/**
 * @returns what it proves; with the journal's checkpoint, first that the journal signed it
 * @throws EvidenceError `checkpoint-differs`, `attestation-differs`, and those of networks, journals, checkpoints, attestations and certificates
 */
export async function verifyHead(head: ReadHead, trust: TrustFile, now: Date, enter: Enter = silently): Promise<Vouched> {
  enter("head");
  const { journal, size, root, given: signed, checkpoint, attestation } = head;
  const attested = fromHex(attestation.head.root);
  demand(checkpoint === undefined || checkpoint.size === size, "checkpoint-differs");
  const isSame =
    attestation.head.journal === journal && attestation.head.size === size && attested !== undefined && sameBytes(attested, root);
  demand(isSame, "attestation-differs");

  // We know the network and the journal that they name.
  enter("known");
  const possible = networksOf(signed, attestation, trust);
  const kept = checkpoint && keeperOf(journal, checkpoint, possible, trust);

  // Both are signed by who may, at the time of the attestation.
  enter("time");
  const at = new Date(attestation.time);
  demand(at.getTime() <= now.getTime() + CLOCKS_MS, "attestation-in-future");
  demand(at.getTime() >= new Date(attestation.head.time).getTime() - 2 * CLOCKS_MS, "attestation-before-head");
  enter("attestation");
  const vouched = await vouch(signed, attestation, kept === undefined ? possible : [kept.network]);
  if (checkpoint === undefined || kept === undefined) return vouched;
  enter("checkpoint");
  await verifyCheckpoint(checkpoint, at, kept.journal);
  return { ...vouched, proven: ["head-signed-by-journal", ...vouched.proven] };
}

/**
 * Of an answer to any question.
 * @throws EvidenceError `network-unknown`, `attestation-in-future`, and those of attestations and certificates
 */
export async function verifyAnswer(signed: Attestation, answer: ReadAnswer, trust: TrustFile, now: Date): Promise<Vouched> {
  const possible = networksOf(signed, answer, trust);
  demand(new Date(answer.time).getTime() <= now.getTime() + CLOCKS_MS, "attestation-in-future");
  return vouch(signed, answer, possible);
}

type Named = Pick<ReadAnswer, "network" | "channel" | "chaincode" | "version" | "time">;

/** Those that it may be of: endorsements do not say which, and networks may have channels of one name. */
function networksOf({ kind }: Attestation, { network, channel, chaincode }: Named, { networks }: TrustFile): readonly TrustedNetwork[] {
  const possible = networks.filter(
    (one) => one.channel === channel && one.chaincode === chaincode && (kind === "node" ? one.network === network : one.kind === "fabric"),
  );
  demand(possible.length > 0, "network-unknown");
  return possible;
}

/** The journal and its network, by the journal's name in its checkpoint. */
function keeperOf(
  name: string,
  { origin }: Checkpoint,
  possible: readonly TrustedNetwork[],
  { journals }: TrustFile,
): { readonly network: TrustedNetwork; readonly journal: TrustedJournal } {
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

/** By the first of the networks whose it is. */
async function vouch(signed: Attestation, { version, time }: Named, [network, ...others]: readonly TrustedNetwork[]): Promise<Vouched> {
  const { network: name } = given(network, "network-unknown");
  try {
    const attestedBy = await verifyAttestation(signed, new Date(time), network as TrustedNetwork);
    const { proven, notProven } = WORTH[signed.kind];
    const chaincode = version === undefined ? {} : { chaincodeVersion: version };
    return { network: name, attested: time, attestedBy, ...chaincode, proven: [proven], notProven: [notProven] };
  } catch (error) {
    if (!(error instanceof EvidenceError) || others.length === 0) throw error;
    return vouch(signed, { version, time } as Named, others);
  }
}

async function verifyCheckpoint(checkpoint: ReadCheckpoint, at: Date, { keys }: TrustedJournal): Promise<void> {
  const known = keys.map(({ key }) => given(parseVerifierKey(key), "trust-malformed"));
  const signers = (await checkpointSigners(checkpoint, known)).map((key) => formatVerifierKey(key));
  // Notes may bear signatures that nobody knows. Evidence has one spelling, so not there: they could say anything.
  demand(new Set(signers).size === checkpoint.note.signatures.length, "checkpoint-key-unknown");
  demand(
    keys.some((key) => signers.includes(key.key) && isInForce(key, at)),
    "checkpoint-key-not-valid",
  );
}

export const isInForce = ({ validFrom, validUntil }: TrustedKey, at: Date): boolean =>
  new Date(validFrom) <= at && (validUntil === undefined || at < new Date(validUntil));
