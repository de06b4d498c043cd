/**
 * A read that peers of several organisations endorsed, as messages of Fabric (fabric-protos: `peer/proposal.proto`, `proposal_response.proto`,
 * `chaincode.proto`, `common/common.proto`, `msp/identities.proto`). A peer's signature covers the answer, and the answer the question by its hash:
 * every byte of both but the tags and lengths around them, which have one spelling.
 */
import { fromBase64, joined, sameBytes, toHex } from "../../chaincode/proof/bytes";
import { sha256 } from "../../chaincode/proof/sha256";
import type { EndorsedAttestation } from "../ledger/port";
import { demand, given } from "./errors";
import { utf8 } from "./utf8";
import { type Field, type Message, readMessage } from "./protobuf";

/** What was asked and answered; unverified. */
export interface EndorsedRead {
  readonly channel: string;
  readonly chaincode: string;
  /** Of the chaincode, as the organisations have committed it. Which package each of them runs under this name, nobody signs. */
  readonly version: string;
  readonly transaction: string;
  readonly args: readonly Uint8Array[];
  readonly result: Uint8Array;
  /** Clock of the one who asked, RFC 3339. */
  readonly time: string;
}

const PROPOSAL = { header: [1, "bytes"], payload: [2, "bytes"] } as const;
const HEADER = { channel: [1, "bytes"], signature: [2, "bytes"] } as const;
const CHANNEL_HEADER = {
  type: [1, "integer"],
  version: [2, "integer"],
  timestamp: [3, "bytes"],
  channelId: [4, "bytes"],
  txId: [5, "bytes"],
  epoch: [6, "integer"],
  extension: [7, "bytes"],
  tlsCertHash: [8, "bytes"],
} as const;
const TIMESTAMP = { seconds: [1, "integer"], nanos: [2, "integer"] } as const;
const HEADER_EXTENSION = { chaincodeId: [2, "bytes"] } as const;
const CHAINCODE_ID = { path: [1, "blank"], name: [2, "bytes"], version: [3, "blank"] } as const;
const SIGNATURE_HEADER = { creator: [1, "bytes"], nonce: [2, "bytes"] } as const;
/** Without the transient map, which peers leave out of the hash. */
const PROPOSAL_PAYLOAD = { input: [1, "bytes"] } as const;
const INVOCATION = { spec: [1, "bytes"] } as const;
const SPEC = { type: [1, "integer"], chaincodeId: [2, "bytes"], input: [3, "bytes"] } as const;
const INPUT = { args: [1, "list"], isInit: [3, "flag"] } as const;
const RESPONSE_PAYLOAD = { proposalHash: [1, "bytes"], action: [2, "bytes"] } as const;
const ACTION = { results: [1, "bytes"], events: [2, "bytes"], response: [3, "bytes"], chaincodeId: [4, "bytes"] } as const;
const RESPONSE = { status: [1, "integer"], message: [2, "bytes"], payload: [3, "bytes"] } as const;
const IDENTITY = { mspId: [1, "bytes"], certificate: [2, "bytes"] } as const;

/** `common.HeaderType` and the status of an answer that is no refusal. */
const [ENDORSER_TRANSACTION, OK] = [3, 200];
/** End of the year 9999, up to which RFC 3339 goes. */
const LAST_SECOND = 253_402_300_799;

/**
 * Reads question and answer, and that they belong together.
 * @throws EvidenceError `attestation-malformed`, `attestation-differs` (the answer is to another question, of another chaincode, or a refusal)
 */
export function readEndorsed({ proposal, response }: EndorsedAttestation): EndorsedRead {
  const { header, payload } = read(bytes(proposal), PROPOSAL);
  const { channel, signature } = read(header, HEADER);
  const { proposalHash, action } = read(bytes(response), RESPONSE_PAYLOAD);
  // As `protoutil.GetProposalHash1` has it.
  demand(sameBytes(proposalHash, sha256(joined([channel, signature, payload]))), "attestation-differs");

  const { type, timestamp, channelId, txId, extension } = read(channel, CHANNEL_HEADER);
  const { creator, nonce } = read(signature, SIGNATURE_HEADER);
  demand(type === ENDORSER_TRANSACTION && text(txId) === toHex(sha256(joined([nonce, creator]))), "attestation-malformed");
  const spec = read(read(read(payload, PROPOSAL_PAYLOAD).input, INVOCATION).spec, SPEC);
  const [transaction, ...args] = read(spec.input, INPUT).args;
  const answer = read(action, ACTION);
  const { status, payload: result } = read(answer.response, RESPONSE);

  const { name, version } = read(answer.chaincodeId, CHAINCODE_ID);
  const asked = [read(extension, HEADER_EXTENSION).chaincodeId, spec.chaincodeId].map((id) => read(id, CHAINCODE_ID).name);
  demand(status === OK && asked.every((other) => sameBytes(other, name)), "attestation-differs");
  return {
    channel: text(channelId),
    chaincode: text(name),
    version: text(version),
    transaction: text(given(transaction, "attestation-malformed")),
    args,
    result,
    time: timeOf(timestamp),
  };
}

export interface Endorser {
  readonly mspId: string;
  /** PEM */
  readonly certificate: string;
}

/** @param endorser `msp.SerializedIdentity`. @throws EvidenceError `attestation-malformed` */
export function readEndorser(endorser: Uint8Array): Endorser {
  const { mspId, certificate } = read(endorser, IDENTITY);
  return { mspId: text(mspId), certificate: text(certificate) };
}

function timeOf(timestamp: Uint8Array): string {
  const { seconds, nanos } = read(timestamp, TIMESTAMP);
  demand(seconds <= LAST_SECOND && nanos < 1e9, "attestation-malformed");
  return new Date(seconds * 1000 + Math.floor(nanos / 1e6)).toISOString();
}

const bytes = (base64: string): Uint8Array => given(fromBase64(base64), "attestation-malformed");

function read<S extends Readonly<Record<string, Field>>>(message: Uint8Array, fields: S): Message<S> {
  return given(readMessage(message, fields), "attestation-malformed");
}

const text = (bytes: Uint8Array): string => utf8(bytes, "attestation-malformed");
