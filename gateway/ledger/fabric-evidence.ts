/** The evidence in an endorsed transaction, and the transaction of what was endorsed. */
import { common, gateway, msp, peer } from "@hyperledger/fabric-protos";
import { answerOf } from "./fabric-block";
import type { EndorsedAttestation, Endorsement } from "./port";

/** An answer and who signed it, as in {@link EndorsedAttestation}. */
export interface Signed {
  readonly response: string;
  readonly endorsements: readonly Endorsement[];
}

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

/** @returns `common.Payload`: what its submitter signs and an orderer takes */
export function transactionFrom(proposal: Uint8Array, { response, endorsements }: Signed): Uint8Array {
  const proposed = peer.Proposal.deserializeBinary(proposal);
  const header = common.Header.deserializeBinary(proposed.getHeader_asU8());
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(response);
  endorsed.setEndorsementsList(
    endorsements.map(({ endorser, signature }) => {
      const endorsement = new peer.Endorsement();
      endorsement.setEndorser(endorser);
      endorsement.setSignature(signature);
      return endorsement;
    }),
  );
  const payload = new peer.ChaincodeActionPayload();
  payload.setChaincodeProposalPayload(proposed.getPayload_asU8());
  payload.setAction(endorsed);
  const action = new peer.TransactionAction();
  action.setHeader(header.getSignatureHeader_asU8());
  action.setPayload(payload.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.setActionsList([action]);
  const all = new common.Payload();
  all.setHeader(header);
  all.setData(transaction.serializeBinary());
  return all.serializeBinary();
}

/** MSP ID of who signed. */
export const endorserOf = ({ endorser }: Endorsement): string =>
  msp.SerializedIdentity.deserializeBinary(Buffer.from(endorser, "base64")).getMspid();

/** What was answered, unverified: who asked its own peers knows. */
export const answerIn = ({ response }: Signed): Uint8Array =>
  answerOf(Buffer.from(response, "base64")).getResponse()?.getPayload_asU8() ?? new Uint8Array();

export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
