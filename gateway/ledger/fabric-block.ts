/** Blocks of Fabric, as the port tells of them. */
import { common, ledger, msp, peer } from "@hyperledger/fabric-protos";
import { type Block, type BlockTransaction, LedgerError, type StateWrite } from "./port";

/**
 * The transactions of one chaincode. Those of others, of Fabric's own lifecycle and configuration are none of this ledger's; one that
 * is invalid and cannot be read neither: anyone who may write to the channel can put such bytes there.
 * @throws LedgerError `unavailable` where a valid one cannot be read: the peer sent something else than a block
 */
export function blockOf(block: common.Block, chaincode: string): Block {
  const number = block.getHeader()?.getNumber();
  if (number === undefined) throw new LedgerError("unavailable", "a block without a header");
  const validity = block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.TRANSACTIONS_FILTER] ?? [];
  const envelopes = block.getData()?.getDataList_asU8() ?? [];
  const transactions = envelopes.flatMap((envelope, position) => {
    const valid = validity[position] === peer.TxValidationCode.VALID;
    try {
      return transactionOf(envelope, valid, chaincode) ?? [];
    } catch (cause) {
      if (valid) throw new LedgerError("unavailable", `block ${number} holds a transaction that cannot be read`, { cause });
      return [];
    }
  });
  return { number, transactions };
}

function transactionOf(bytes: Uint8Array, valid: boolean, chaincode: string): BlockTransaction | undefined {
  const envelope = common.Envelope.deserializeBinary(bytes);
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const channel = common.ChannelHeader.deserializeBinary(payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array());
  if (channel.getType() !== common.HeaderType.ENDORSER_TRANSACTION) return undefined;
  const signature = common.SignatureHeader.deserializeBinary(payload.getHeader()?.getSignatureHeader_asU8() ?? new Uint8Array());
  const [action] = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList();
  if (action === undefined) return undefined;
  const endorsed = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
  const answer = answerOf(endorsed.getAction()?.getProposalResponsePayload_asU8() ?? new Uint8Array());
  if (answer.getChaincodeId()?.getName() !== chaincode) return undefined;
  const [name = new Uint8Array(), ...args] = argumentsOf(endorsed.getChaincodeProposalPayload_asU8());
  const event = peer.ChaincodeEvent.deserializeBinary(answer.getEvents_asU8());
  return {
    transactionId: channel.getTxId(),
    time: timeOf(channel),
    mspId: msp.SerializedIdentity.deserializeBinary(signature.getCreator_asU8()).getMspid(),
    valid,
    transaction: Buffer.from(name).toString("utf8"),
    args,
    result: answer.getResponse()?.getPayload_asU8() ?? new Uint8Array(),
    version: answer.getChaincodeId()?.getVersion() ?? "",
    writes: valid ? writesOf(answer, chaincode) : [],
    ...(valid && event.getEventName() !== "" ? { event: { name: event.getEventName(), payload: event.getPayload_asU8() } } : {}),
  };
}

/** What the chaincode answered, as it was endorsed. @param response `protos.ProposalResponsePayload` */
export const answerOf = (response: Uint8Array): peer.ChaincodeAction =>
  peer.ChaincodeAction.deserializeBinary(peer.ProposalResponsePayload.deserializeBinary(response).getExtension_asU8());

/** Name of the transaction and its arguments. @param proposal `protos.ChaincodeProposalPayload` */
function argumentsOf(proposal: Uint8Array): Uint8Array[] {
  const input = peer.ChaincodeProposalPayload.deserializeBinary(proposal).getInput_asU8();
  const spec = peer.ChaincodeInvocationSpec.deserializeBinary(input).getChaincodeSpec();
  return spec?.getInput()?.getArgsList_asU8() ?? [];
}

/** Fabric sorts them by the bytes of their keys, and takes an empty value for a deletion. */
function writesOf(answer: peer.ChaincodeAction, chaincode: string): readonly StateWrite[] {
  const sets = ledger.rwset.TxReadWriteSet.deserializeBinary(answer.getResults_asU8()).getNsRwsetList();
  const own = sets.find((set) => set.getNamespace() === chaincode);
  if (own === undefined) return [];
  return ledger.rwset.kvrwset.KVRWSet.deserializeBinary(own.getRwset_asU8())
    .getWritesList()
    .map((write) => {
      const value = write.getValue_asU8();
      return write.getIsDelete() || value.length === 0 ? { key: write.getKey() } : { key: write.getKey(), value };
    });
}

/** A submitter may leave it out, or write one that no calendar has: 1970 then, since the transaction may still be valid. */
function timeOf(channel: common.ChannelHeader): string {
  const time = channel.getTimestamp()?.toDate() ?? new Date(0);
  return (Number.isNaN(time.getTime()) ? new Date(0) : time).toISOString();
}
