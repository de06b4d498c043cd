/**
 * By which name a transaction was called. Another chaincode on the channel may call this one with its caller's identity; such a transaction
 * is written down as the other's, where no reader of this one's blocks looks for it.
 */
import type { ChaincodeStub } from "fabric-shim-api";
import { field, fieldsOf } from "./wire";

/** What fabric-shim's stub has decoded of the proposal; its typings say something else. */
interface SignedProposal {
  readonly proposal: { readonly header: { readonly channelHeader: { getExtension_asU8(): Uint8Array } } };
}

/** Of `ChaincodeHeaderExtension` the chaincode's id, of that the name (fabric-protos). Some clients add a path or a version. */
const CHAINCODE_ID = 2;
const NAME = 2;

/** Name of the chaincode that the caller's signed proposal is for. */
export function invokedName(stub: ChaincodeStub): string {
  const { proposal } = stub.getSignedProposal() as unknown as SignedProposal;
  const id = contentOf(CHAINCODE_ID, proposal.header.channelHeader.getExtension_asU8());
  return Buffer.from(contentOf(NAME, id)).toString("utf8");
}

/** The extension of a proposal's header that says so. */
export const invoking = (name: string): Uint8Array => field(CHAINCODE_ID, field(NAME, Buffer.from(name, "utf8")));

/** Empty where it is missing. */
function contentOf(wanted: number, message: Uint8Array): Uint8Array {
  for (const [number, content] of fieldsOf(message)) if (number === wanted) return content;
  return new Uint8Array();
}
