/** The evidence in an endorsed transaction. */
import { common, gateway, peer } from "@hyperledger/fabric-protos";
import { answerOf } from "./fabric-block";
import type { EndorsedAttestation } from "./port";

/** @param prepared `gateway.PreparedTransaction`, as the gateway service assembles it from endorsements */
export function attestationOf(prepared: Uint8Array): EndorsedAttestation {
  const envelope = gateway.PreparedTransaction.deserializeBinary(prepared).getEnvelope();
  const payload = common.Payload.deserializeBinary(envelope?.getPayload_asU8() ?? new Uint8Array());
  const [action] = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList();
  const endorsed = peer.ChaincodeActionPayload.deserializeBinary(action?.getPayload_asU8() ?? new Uint8Array());
  const proposal = new peer.Proposal();
  proposal.setHeader(payload.getHeader()?.serializeBinary() ?? "");
  proposal.setPayload(endorsed.getChaincodeProposalPayload_asU8());
  return {
    kind: "endorsements",
    proposal: base64(proposal.serializeBinary()),
    response: base64(endorsed.getAction()?.getProposalResponsePayload_asU8() ?? new Uint8Array()),
    endorsements: (endorsed.getAction()?.getEndorsementsList() ?? []).map((endorsement) => ({
      endorser: base64(endorsement.getEndorser_asU8()),
      signature: base64(endorsement.getSignature_asU8()),
    })),
  };
}

/** What was answered, unverified: who asked its own peers knows. */
export const answerIn = ({ response }: EndorsedAttestation): Uint8Array =>
  answerOf(Buffer.from(response, "base64")).getResponse()?.getPayload_asU8() ?? new Uint8Array();

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
