/** What the node of an embedded ledger says and signs alone. */
import { fromBase64 } from "../../chaincode/proof/bytes";
import type { AttestedStatement, NodeAttestation } from "../ledger/port";
import type { ReadAnswer } from "./attestation";
import { readJson } from "./attested-root";
import { attesterOf } from "./attester";
import { verifySignature } from "./x509";
import { demand, given } from "./errors";
import { integer, list, record, text, time } from "./shape";
import type { TrustedNetwork } from "./trust";

const isStatement = record<AttestedStatement>({
  network: text(255),
  channel: text(255),
  chaincode: text(255),
  transaction: text(255),
  args: list(text(1024), 8),
  result: text(8192),
  height: integer(0),
  time,
});

/** @throws EvidenceError `attestation-malformed` */
export function readStatement({ statement }: NodeAttestation): ReadAnswer {
  const { network, channel, chaincode, transaction, args, result, time } = readJson(statement, isStatement);
  return { network, channel, chaincode, time, transaction, args: args.map(bytes), result: bytes(result) };
}

/** @returns MSP ID of its organisation. @throws EvidenceError as {@link attesterOf}, `attestation-signature-wrong` */
export async function verifyStatement(attestation: NodeAttestation, at: Date, network: TrustedNetwork): Promise<string> {
  const [organisation] = network.organisations;
  const { mspId } = given(organisation, "certificate-untrusted");
  const key = await attesterOf(mspId, attestation.certificate, at, network);
  const statement = new TextEncoder().encode(attestation.statement);
  demand(await verifySignature(key, statement, bytes(attestation.signature)), "attestation-signature-wrong");
  return mspId;
}

const bytes = (base64: string): Uint8Array => given(fromBase64(base64), "attestation-malformed");
