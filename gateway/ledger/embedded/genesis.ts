/** What a ledger is, fixed when it is made: the first block's previous hash is the hash of this record. */
import { createPublicKey } from "node:crypto";
import type { NetworkName } from "../port";

export interface Genesis extends Omit<NetworkName, "kind"> {
  /** The one MSP whose gateway submits, and whose node signs. */
  readonly mspId: string;
  /** Certificate of its authority, PEM. */
  readonly authority: string;
}

/** Canonical JSON (RFC 8785): members in order, all of them strings. */
export const encodeGenesis = ({ authority, chaincode, channel, mspId, network }: Genesis): Buffer =>
  Buffer.from(JSON.stringify({ authority, chaincode, channel, mspId, network }), "utf8");

/** @throws Error when these are not the bytes of a genesis record */
export function decodeGenesis(bytes: Buffer): Genesis {
  const genesis = JSON.parse(bytes.toString("utf8")) as Genesis;
  if (!encodeGenesis(genesis).equals(bytes)) throw new Error("the genesis record is not what this program writes");
  createPublicKey(genesis.authority);
  return genesis;
}
