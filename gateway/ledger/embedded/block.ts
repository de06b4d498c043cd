/**
 * Blocks as they lie in the store, and what anyone can verify of them from their bytes alone. All is encoded as `fields.ts` says:
 *
 *     block       = header, bytes(certificate of the node, DER), bytes(signature over the header), u32(count), transaction...
 *     header      = "SYBLOCK1", u64(number), previous hash, data hash, SHA-256(certificate)
 *     transaction = bytes(proposal), bytes(signature over the proposal), u32(count), bytes(argument)..., bytes(endorsement), u8(valid)
 *     proposal    = "SYPROPO1", bytes(creator: Fabric's SerializedIdentity), nonce of 24 bytes, u64(time, ms since 1970), text(network),
 *                   text(channel), text(chaincode), text(transaction name), u32(count), (u32(length), SHA-256) of each argument
 *     endorsement = u64(blocks committed when it was made), bytes(result), u8(has event), text(name), bytes(payload),
 *                   u32(count), (text(key), u8(has value), bytes(value))... in the byte order of keys, text(version of the chaincode)
 *
 * Endorsements made before versions were written down end without one. A block's hash is the SHA-256 of its header. The first block's previous hash is the SHA-256 of the genesis record. The data hash is the
 * SHA-256 over the transactions without their arguments, which the proposals hold by digest, so that those are hashed once.
 * A transaction's id is SHA-256(nonce, creator), as in Fabric.
 */
import { createHash } from "node:crypto";
import type { Block, BlockTransaction, StateWrite } from "../port";
import { FieldReader, FieldWriter, MalformedFields } from "./fields";
import { type Creator, type Identity, isMember, isNodeCertificate, parseCreator, signBytes, verifyBytes } from "./identity";

export interface Proposal {
  /** Fabric's SerializedIdentity. */
  readonly creator: Buffer;
  /** 24 random bytes. */
  readonly nonce: Buffer;
  /** The submitter's clock, ms since 1970. */
  readonly time: number;
  readonly network: string;
  readonly channel: string;
  readonly chaincode: string;
  readonly transaction: string;
  readonly args: readonly Uint8Array[];
}

export interface Endorsement {
  /** Blocks committed when the chaincode ran: the state it read. */
  readonly height: number;
  readonly result: Uint8Array;
  readonly event?: { readonly name: string; readonly payload: Uint8Array };
  /** In the byte order of keys. */
  readonly writes: readonly StateWrite[];
  /** Of the chaincode; missing where it tells none. */
  readonly version?: string | undefined;
}

/** A transaction with the bytes that were signed. */
export interface StoredTransaction {
  readonly proposal: Buffer;
  readonly signature: Buffer;
  readonly args: readonly Uint8Array[];
  readonly endorsement: Buffer;
  readonly valid: boolean;
}

export interface StoredBlock {
  readonly number: number;
  readonly previousHash: Buffer;
  readonly dataHash: Buffer;
  readonly header: Buffer;
  /** DER */
  readonly certificate: Buffer;
  readonly signature: Buffer;
  readonly transactions: readonly StoredTransaction[];
}

const BLOCK = Buffer.from("SYBLOCK1");
const PROPOSAL = Buffer.from("SYPROPO1");
const NONCE = 24;
const DIGEST = 32;
const HEADER = BLOCK.length + 8 + 3 * DIGEST;

export const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** As in Fabric: SHA-256 of nonce and creator, hexadecimal. */
export const transactionId = (proposal: Proposal): string => sha256(proposal.nonce, proposal.creator).toString("hex");

export const rfc3339 = (time: number): string => new Date(time).toISOString();

export function encodeProposal(proposal: Proposal): Buffer {
  const fields = new FieldWriter()
    .fixed(PROPOSAL)
    .bytes(proposal.creator)
    .fixed(proposal.nonce)
    .u64(proposal.time)
    .text(proposal.network)
    .text(proposal.channel)
    .text(proposal.chaincode)
    .text(proposal.transaction)
    .u32(proposal.args.length);
  for (const argument of proposal.args) fields.u32(argument.length).fixed(sha256(argument));
  return fields.finish();
}

/** @param args the arguments, whose digests are not compared here: see {@link verifyTransaction}. @throws MalformedFields */
export function decodeProposal(bytes: Uint8Array, args: readonly Uint8Array[]): Proposal {
  const fields = new FieldReader(bytes);
  expectTag(fields, PROPOSAL);
  const proposal = {
    creator: fields.bytes(),
    nonce: fields.fixed(NONCE),
    time: fields.u64(),
    network: fields.text(),
    channel: fields.text(),
    chaincode: fields.text(),
    transaction: fields.text(),
    args,
  };
  fields.list(() => [fields.u32(), fields.fixed(DIGEST)]);
  fields.end();
  return proposal;
}

export function encodeEndorsement(endorsement: Endorsement): Buffer {
  const { height, result, event, writes, version } = endorsement;
  const fields = new FieldWriter().u64(height).bytes(result);
  fields
    .u8(event === undefined ? 0 : 1)
    .text(event?.name ?? "")
    .bytes(event?.payload ?? new Uint8Array());
  fields.u32(writes.length);
  for (const { key, value } of writes)
    fields
      .text(key)
      .u8(value === undefined ? 0 : 1)
      .bytes(value ?? new Uint8Array());
  if (version !== undefined) fields.text(version);
  return fields.finish();
}

/** @throws MalformedFields */
export function decodeEndorsement(bytes: Uint8Array): Endorsement {
  const fields = new FieldReader(bytes);
  const height = fields.u64();
  const result = fields.bytes();
  const hasEvent = fields.flag();
  const event = { name: fields.text(), payload: fields.bytes() };
  if (!hasEvent && (event.name !== "" || event.payload.length > 0)) throw new MalformedFields("an absent event has content");
  const writes = fields.list((): StateWrite => {
    const key = fields.text();
    const hasValue = fields.flag();
    const value = fields.bytes();
    if (hasValue !== value.length > 0) throw new MalformedFields("a deletion has a value, or a value is empty");
    return hasValue ? { key, value } : { key };
  });
  const version = fields.atEnd ? undefined : fields.text();
  fields.end();
  return { height, result, ...(hasEvent ? { event } : {}), writes, version };
}

/** Closes the transactions into a block signed by the node. @returns its bytes and its hash */
export function encodeBlock(
  number: number,
  previousHash: Buffer,
  transactions: readonly StoredTransaction[],
  node: Pick<Identity, "key"> & { readonly der: Buffer },
): { readonly bytes: Buffer; readonly hash: Buffer } {
  const header = new FieldWriter()
    .fixed(BLOCK)
    .u64(number)
    .fixed(previousHash)
    .fixed(hashTransactions(transactions))
    .fixed(sha256(node.der))
    .finish();
  const fields = new FieldWriter().fixed(header).bytes(node.der).bytes(signBytes(node.key, header)).u32(transactions.length);
  for (const { proposal, signature, args, endorsement, valid } of transactions) {
    fields.bytes(proposal).bytes(signature).u32(args.length);
    for (const argument of args) fields.bytes(argument);
    fields.bytes(endorsement).u8(valid ? 1 : 0);
  }
  return { bytes: fields.finish(), hash: sha256(header) };
}

/** Takes a block apart; checks its form, nothing else. Bytes are views of the source. @throws MalformedFields */
export function decodeBlock(bytes: Uint8Array): StoredBlock {
  const fields = new FieldReader(bytes);
  const header = fields.fixed(HEADER);
  const parts = new FieldReader(header);
  expectTag(parts, BLOCK);
  const block = {
    header,
    number: parts.u64(),
    previousHash: parts.fixed(DIGEST),
    dataHash: parts.fixed(DIGEST),
    certificate: fields.bytes(),
    signature: fields.bytes(),
    transactions: fields.list(() => ({
      proposal: fields.bytes(),
      signature: fields.bytes(),
      args: fields.list(() => fields.bytes()),
      endorsement: fields.bytes(),
      valid: fields.flag(),
    })),
  };
  fields.end();
  return block;
}

/** The block as the port shows it. @throws MalformedFields */
export function openBlock(bytes: Uint8Array): Block {
  const { number, transactions } = decodeBlock(bytes);
  return { number, transactions: transactions.map(openTransaction) };
}

function openTransaction({ proposal, args, endorsement, valid }: StoredTransaction): BlockTransaction {
  const asked = decodeProposal(proposal, args);
  const { result, event, writes, version } = decodeEndorsement(endorsement);
  return {
    transactionId: transactionId(asked),
    time: rfc3339(asked.time),
    mspId: parseCreatorOnce(asked.creator).mspId,
    valid,
    transaction: asked.transaction,
    args,
    result,
    ...(version === undefined ? {} : { version }),
    writes: valid ? writes : [],
    ...(valid && event !== undefined ? { event } : {}),
  };
}

export type BlockFault = "block-chain-broken" | "block-data-wrong" | "block-signature-wrong";

/**
 * What is wrong with a block itself; see {@link verifyTransaction} for what it holds.
 * @param expected its number, and the hash of the block before it
 * @param authority certificate of the authority of the node, PEM
 */
export function verifyBlock(block: StoredBlock, expected: { number: number; previousHash: Buffer }, authority: string): BlockFault[] {
  const faults: BlockFault[] = [];
  if (block.number !== expected.number || !block.previousHash.equals(expected.previousHash)) faults.push("block-chain-broken");
  if (!block.dataHash.equals(hashTransactions(block.transactions))) faults.push("block-data-wrong");
  const signer = block.header.subarray(HEADER - DIGEST);
  const signed =
    signer.equals(sha256(block.certificate)) &&
    isNodeCertificate(authority, block.certificate) &&
    verifyBytes(block.certificate, block.header, block.signature);
  if (!signed) faults.push("block-signature-wrong");
  return faults;
}

/**
 * Whether a member of the MSP signed this transaction with these arguments for this ledger.
 * @throws MalformedFields
 */
export function verifyTransaction(
  { proposal, signature, args }: StoredTransaction,
  ledger: { network: string; channel: string; chaincode: string; mspId: string; authority: string },
): boolean {
  const asked = decodeProposal(proposal, args);
  if (!encodeProposal(asked).equals(proposal)) return false; // other arguments than those whose digests it holds
  if (asked.network !== ledger.network || asked.channel !== ledger.channel || asked.chaincode !== ledger.chaincode) return false;
  let creator: Creator;
  try {
    creator = parseCreatorOnce(asked.creator);
  } catch {
    return false;
  }
  return isMember(ledger.authority, ledger.mspId, creator) && verifyBytes(creator.idBytes, proposal, signature);
}

function hashTransactions(transactions: readonly StoredTransaction[]): Buffer {
  const hash = createHash("sha256");
  for (const { proposal, signature, endorsement, valid } of transactions) {
    hash.update(new FieldWriter().bytes(proposal).bytes(signature).bytes(endorsement).finish());
    hash.update(valid ? "\u0001" : "\u0000");
  }
  return hash.digest();
}

function expectTag(fields: FieldReader, tag: Buffer): void {
  if (!fields.fixed(tag.length).equals(tag)) throw new MalformedFields(`not a record of kind ${tag.toString()}`);
}

const creators = new Map<string, Creator>();

/** A ledger has few creators and many transactions: each certificate is parsed once. @throws Error */
export function parseCreatorOnce(serialized: Buffer): Creator {
  const name = serialized.toString("latin1");
  let creator = creators.get(name);
  if (creator === undefined) {
    creator = parseCreator(Buffer.from(serialized));
    if (creators.size >= 100) creators.clear();
    creators.set(name, creator);
  }
  return creator;
}
