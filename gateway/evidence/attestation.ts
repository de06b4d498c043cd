/** What the ledger itself says of a journal: in words that its one node signed, or that peers of several organisations did. */
import type { Attestation } from "../ledger/port";
import type { AttestedRoot } from "./attested-root";
import { readEndorsements, verifyEndorsements } from "./endorsements";
import { demand } from "./errors";
import { readStatement, verifyStatement } from "./node-statement";
import type { TrustedNetwork } from "./trust";

/** An attestation that was read but not verified. */
export interface ReadAttestation {
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
  readonly head: AttestedRoot;
}

/**
 * Reads the answer to transaction `root`, asked for the journal and size that it names.
 * @throws EvidenceError `attestation-malformed`, `attestation-differs` (an answer to another question)
 */
export function readAttestation(attestation: Attestation): ReadAttestation {
  return attestation.kind === "node" ? readStatement(attestation) : readEndorsements(attestation);
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
