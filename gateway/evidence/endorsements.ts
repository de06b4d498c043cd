/** Whether enough organisations of a network signed the same answer. */
import { fromBase64, joined } from "../../chaincode/proof/bytes";
import { attesting, type EndorsedAttestation, type Endorsement } from "../ledger/port";
import { attesterOf } from "./attester";
import { verifySignature } from "./x509";
import { readEndorser } from "./endorsed-read";
import { demand, given } from "./errors";
import type { TrustedNetwork } from "./trust";

/**
 * Every endorsement has to hold, not only as many as are needed: else what is not needed could be anything.
 * @returns MSP IDs of the organisations, each once
 * @throws EvidenceError `attestation-insufficient` (too few organisations, or one twice), `attestation-signature-wrong`, as {@link attesterOf}
 */
export async function verifyEndorsements(attestation: EndorsedAttestation, at: Date, network: TrustedNetwork): Promise<readonly string[]> {
  const { response, endorsements } = attestation;
  const signed = bytes(response);
  const organisations: string[] = [];
  for (const endorsement of endorsements) organisations.push(await endorserOf(endorsement, signed, at, network));
  demand(new Set(organisations).size === organisations.length, "attestation-insufficient");
  demand(organisations.length >= attesting(network.organisations.length), "attestation-insufficient");
  return organisations;
}

async function endorserOf({ endorser, signature }: Endorsement, response: Uint8Array, at: Date, network: TrustedNetwork): Promise<string> {
  const identity = bytes(endorser);
  const { mspId, certificate } = readEndorser(identity);
  const key = await attesterOf(mspId, certificate, at, network);
  demand(await verifySignature(key, joined([response, identity]), bytes(signature)), "attestation-signature-wrong");
  return mspId;
}

const bytes = (base64: string): Uint8Array => given(fromBase64(base64), "attestation-malformed");
