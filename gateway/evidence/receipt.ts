/**
 * Receipts (存证凭证): a leaf with all that is needed to prove, to anyone with a trust file, that it stands in a journal of the ledger. A receipt is a file
 * of canonical JSON, so that it has one spelling.
 */
import { canonical, canonicalText, parseStrict } from "../../chaincode/proof/canonical";
import { fromBase64, sameBytes, toBase64 } from "../../chaincode/proof/bytes";
import { isJournalName } from "../../chaincode/proof/holding-name";
import { MAX_PATH } from "../../chaincode/proof/rfc6962";
import { HASH_BYTES, type Hash } from "../../chaincode/proof/sha256";
import type { Attestation } from "../ledger/port";
import { isAttestation, isBase64 } from "./attestation";
import { demand } from "./errors";
import { MAX_NOTE } from "./note";
import { integer, list, literal, record, text } from "./shape";

export const RECEIPT_FORMAT = "suyuan-receipt/1";
/** Longest receipt that is read, in bytes; a leaf may have 65,535. */
export const MAX_RECEIPT = 192 * 1024;
const NEWLINE = 0x0a;

export interface Receipt {
  readonly format: typeof RECEIPT_FORMAT;
  /** The exact bytes, base64. */
  readonly leaf: string;
  /** `MSPID/name` */
  readonly journal: string;
  /** Of the leaf, in the journal. */
  readonly index: number;
  /** Leaves of the tree that checkpoint and attestation speak of. */
  readonly size: number;
  /** Inclusion path of the leaf in that tree, from the leaf up: hashes in base64. */
  readonly inclusion: readonly string[];
  /** C2SP tlog-checkpoint: the journal's own word for size and root. */
  readonly checkpoint: string;
  /** The ledger's word for size and root: transaction `root` of this journal and size. */
  readonly attestation: Attestation;
}

const isReceipt = record<Receipt>({
  format: literal(RECEIPT_FORMAT),
  leaf: text(90_000, isBase64),
  journal: text(200, isJournalName),
  index: integer(0),
  size: integer(1),
  inclusion: list(
    text(44, (hash) => fromBase64(hash)?.length === HASH_BYTES),
    MAX_PATH,
  ),
  checkpoint: text(MAX_NOTE),
  attestation: isAttestation,
});

/** The same for readers of the interface description: JSON Schema of each field. */
export const receiptFields = {
  format: { const: RECEIPT_FORMAT },
  leaf: { type: "string", contentEncoding: "base64", description: "The exact bytes" },
  journal: { type: "string" },
  index: { type: "integer", minimum: 0 },
  size: { type: "integer", minimum: 1, description: "Leaves of the tree that checkpoint and attestation speak of" },
  inclusion: { type: "array", items: { type: "string", contentEncoding: "base64" } },
  checkpoint: { type: "string", description: "C2SP tlog-checkpoint" },
  attestation: {
    title: "The ledger's word for size and root",
    oneOf: [
      {
        type: "object",
        title: "Of the one node that keeps an embedded ledger",
        properties: {
          kind: { const: "node" },
          statement: { type: "string" },
          signature: { type: "string", contentEncoding: "base64" },
          certificate: { type: "string" },
        },
        required: ["kind", "statement", "signature", "certificate"],
        additionalProperties: false,
      },
      {
        type: "object",
        title: "Of several organisations of a network: messages of Fabric",
        properties: {
          kind: { const: "endorsements" },
          proposal: { type: "string", contentEncoding: "base64" },
          response: { type: "string", contentEncoding: "base64" },
          endorsements: {
            type: "array",
            items: {
              type: "object",
              properties: {
                endorser: { type: "string", contentEncoding: "base64" },
                signature: { type: "string", contentEncoding: "base64" },
              },
              required: ["endorser", "signature"],
              additionalProperties: false,
            },
          },
        },
        required: ["kind", "proposal", "response", "endorsements"],
        additionalProperties: false,
      },
    ],
  },
} as const satisfies Record<keyof Receipt, object>;

export interface ReceiptParts extends Omit<Receipt, "format" | "leaf" | "inclusion"> {
  readonly leaf: Uint8Array;
  readonly inclusion: readonly Hash[];
}

export const receiptOf = ({ leaf, inclusion, ...parts }: ReceiptParts): Receipt => ({
  format: RECEIPT_FORMAT,
  leaf: toBase64(leaf),
  inclusion: inclusion.map(toBase64),
  ...parts,
});

/** The file's content. */
export function formatReceipt(receipt: Receipt): string {
  return canonicalText(receipt);
}

/**
 * Reads a receipt that a stranger sent; verifies nothing. One newline at the end is allowed, since editors add it.
 * @throws EvidenceError `receipt-too-large`, `receipt-malformed`
 */
export function parseReceipt(file: string | Uint8Array): Receipt {
  const bytes = typeof file === "string" ? new TextEncoder().encode(file) : file;
  demand(bytes.length <= MAX_RECEIPT, "receipt-too-large");
  const { value } = parseStrict(bytes, { maxDepth: 4 });
  demand(isReceipt(value), "receipt-malformed");
  demand(sameBytes(canonical(value), bytes.at(-1) === NEWLINE ? bytes.subarray(0, -1) : bytes), "receipt-malformed");
  return value;
}
