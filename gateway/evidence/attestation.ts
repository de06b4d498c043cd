/** What the ledger itself says of a journal: in words that its one node signed, or that peers of several organisations did. */
import { fromBase64 } from "../../chaincode/proof/bytes";
import type { Attestation, EndorsedAttestation, Endorsement, NodeAttestation } from "../ledger/port";
import { type AttestedRoot, readRoot } from "./attested-root";
import { readEndorsed } from "./endorsed-read";
import { verifyEndorsements } from "./endorsements";
import { demand } from "./errors";
import { readStatement, verifyStatement } from "./node-statement";
import { either, type Guard, list, literal, record, text } from "./shape";
import type { TrustedNetwork } from "./trust";

/** Each is of another organisation. */
const MAX_ENDORSEMENTS = 64;

export const isBase64 = (value: string): boolean => fromBase64(value) !== undefined;

/** The shape of an attestation in a file. */
export const isAttestation: Guard<Attestation> = either(
  record<NodeAttestation>({
    kind: literal("node"),
    statement: text(16_384),
    signature: text(200, isBase64),
    certificate: text(16_384),
  }),
  record<EndorsedAttestation>({
    kind: literal("endorsements"),
    proposal: text(16_384, isBase64),
    response: text(16_384, isBase64),
    endorsements: list(record<Endorsement>({ endorser: text(16_384, isBase64), signature: text(200, isBase64) }), MAX_ENDORSEMENTS),
  }),
);

/** What was asked and answered; read but not verified. */
export interface ReadAnswer {
  /** Endorsements do not name their network: that they are its, the certificates show. */
  readonly network?: string;
  readonly channel: string;
  readonly chaincode: string;
  /** Of the chaincode; an embedded ledger names none. */
  readonly version?: string;
  /**
   * RFC 3339. At this time certificates and keys must have been in force. The node's own clock; of endorsements, the clock of the gateway that asked,
   * from which no endorsing peer's own may be far (the contract refuses, `clock-differs`): so it holds if one of them is honest.
   */
  readonly time: string;
  readonly transaction: string;
  readonly args: readonly Uint8Array[];
  readonly result: Uint8Array;
}

/** The same of the question which root a journal has. */
export interface ReadAttestation extends Omit<ReadAnswer, "transaction" | "args" | "result"> {
  readonly head: AttestedRoot;
}

/** Reads the answer to any transaction. @throws EvidenceError `attestation-malformed`, `attestation-differs` (its parts do not belong together) */
export function readAnswer(attestation: Attestation): ReadAnswer {
  return attestation.kind === "node" ? readStatement(attestation) : readEndorsed(attestation);
}

/**
 * Reads the answer to transaction `root`, asked for the journal and size that it names.
 * @throws EvidenceError `attestation-malformed`, `attestation-differs` (an answer to another question)
 */
export function readAttestation(attestation: Attestation): ReadAttestation {
  const { transaction, args, result, ...read } = readAnswer(attestation);
  return { ...read, head: readRoot(transaction, args, result) };
}

/**
 * Whether those who may attest for the network signed it, with certificates that were in force then.
 * @returns MSP IDs of the organisations that did
 * @throws EvidenceError `attestation-insufficient` (one node cannot speak for several parties), `attestation-malformed`, `certificate-malformed`,
 * `certificate-untrusted`, `certificate-not-valid`, `certificate-revoked`, `attestation-signature-wrong`
 */
export async function verifyAttestation(attestation: Attestation, at: Date, network: TrustedNetwork): Promise<readonly string[]> {
  if (attestation.kind === "endorsements") return verifyEndorsements(attestation, at, network);
  demand(network.kind === "embedded", "attestation-insufficient");
  return [await verifyStatement(attestation, at, network)];
}
