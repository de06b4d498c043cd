/** What Fabric's gateway service reports, in the codes of the port. Anything else that is thrown is passed on. */
import { status } from "@grpc/grpc-js";
import { GatewayError } from "@hyperledger/fabric-gateway";
import { peer } from "@hyperledger/fabric-protos";
import { LedgerError } from "./port";

/** What the service puts before a chaincode's own message; and what it says of a peer that answered differently. */
const REFUSAL = "chaincode response 500, ";
/** How a peer begins what it says itself, as if the chaincode had: that this one does not answer, or is not there. */
const PEERS_OWN = ["error in simulation: ", "make sure the chaincode "];
const MISMATCH = "ProposalResponsePayloads do not match";

/**
 * Of a call that stores nothing when it fails: evaluating, endorsing. What the organisation's own peer refuses is refused; where only
 * others refuse or answer differently, they know a later or an earlier state.
 */
export function callFailure(error: unknown, mspId: string): LedgerError {
  if (!(error instanceof GatewayError)) throw error;
  const refusals = error.details.filter(
    ({ message }) => message.startsWith(REFUSAL) && !PEERS_OWN.some((words) => message.startsWith(words, REFUSAL.length)),
  );
  const own = refusals.find((refusal) => refusal.mspId === mspId);
  if (own !== undefined) return new LedgerError("refused", own.message.slice(REFUSAL.length), { cause: error });
  const differs = refusals.length > 0 || error.details.some(({ message }) => message === MISMATCH);
  return new LedgerError(differs ? "conflict" : "unavailable", told(error), { cause: error });
}

/** Where the service says these of a transaction, no orderer has taken it. */
const NOT_TAKEN: ReadonlySet<number> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.PERMISSION_DENIED,
  status.UNAUTHENTICATED,
  status.RESOURCE_EXHAUSTED,
  status.FAILED_PRECONDITION,
  status.ABORTED,
  status.UNIMPLEMENTED,
]);

/** Of handing a transaction to the orderers. */
export function submitFailure(error: unknown): LedgerError {
  if (!(error instanceof GatewayError)) throw error;
  return new LedgerError(NOT_TAKEN.has(error.code) ? "unavailable" : "outcome-unknown", told(error), { cause: error });
}

/** Of waiting for the block. */
export function commitFailure(error: unknown): LedgerError {
  if (!(error instanceof GatewayError)) throw error;
  return new LedgerError("outcome-unknown", told(error), { cause: error });
}

/** What became of a transaction that lies in a block. */
export interface Outcome {
  /** `protos.TxValidationCode` */
  readonly code: number;
  readonly transactionId: string;
  readonly block: number;
}

/** @throws LedgerError unless it is valid */
export function demandValid({ code, transactionId, block }: Outcome): void {
  const codes = peer.TxValidationCode;
  if (code === codes.VALID) return;
  const name = Object.entries(codes).find(([, value]) => value === code)?.[0] ?? code;
  const text = `transaction ${transactionId} is invalid in block ${block}: ${name}`;
  switch (code) {
    case codes.MVCC_READ_CONFLICT:
    case codes.PHANTOM_READ_CONFLICT:
      throw new LedgerError("conflict", text);
    case codes.DUPLICATE_TXID: // an earlier one with this id may be valid
      throw new LedgerError("outcome-unknown", text);
    default:
      throw new LedgerError("unavailable", text);
  }
}

/** With what each peer or orderer said. */
const told = ({ message, details }: GatewayError): string =>
  [message, ...details.map(({ mspId, address, message: said }) => `${mspId} ${address}: ${said}`)].join("; ");
