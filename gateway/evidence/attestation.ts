/** What the ledger itself says of a journal, in words that its node signed. */
import { fromBase64 } from "../../chaincode/proof/bytes";
import { type Json, parseStrict } from "../../chaincode/proof/canonical";
import { HASH_BYTES } from "../../chaincode/proof/sha256";
import type { AttestedStatement, Attestation } from "../ledger/port";
import { type Certificate, isValidAt, issuerOf, publicKeyOf, readAuthority, readNode, verifySignature } from "./certificate";
import { demand, given } from "./errors";
import { type Guard, hex, integer, list, record, text, time } from "./shape";
import type { TrustedNetwork } from "./trust";

/** What the transaction `root` answers. */
export interface AttestedRoot {
  readonly journal: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  /** When the journal came to have this size, RFC 3339. */
  readonly time: string;
}

/** An attestation that was read but not verified. */
export interface ReadAttestation {
  readonly statement: AttestedStatement;
  readonly head: AttestedRoot;
}

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

const isRoot = record<AttestedRoot>({ journal: text(200), size: integer(0), root: hex(HASH_BYTES), time });

/**
 * Reads the answer to transaction `root`, asked for the journal and size that it names.
 * @throws EvidenceError `attestation-malformed`, `attestation-differs` (an answer to another question), `attestation-insufficient` (endorsements,
 * which nobody reads yet)
 */
export function readAttestation(attestation: Attestation): ReadAttestation {
  demand(attestation.kind === "node", "attestation-insufficient");
  const statement = read(attestation.statement, isStatement);
  demand(statement.transaction === "root", "attestation-differs");
  const head = read(bytes(statement.result), isRoot);
  const asked = statement.args.map((arg) => new TextDecoder().decode(bytes(arg)));
  demand(asked.length === 2 && asked[0] === head.journal && asked[1] === String(head.size), "attestation-differs");
  return { statement, head };
}

/**
 * Whether a node of the network signed the attestation, with a certificate that was valid when it did.
 * @throws EvidenceError `attestation-insufficient` (one node cannot speak for several parties), `certificate-malformed`, `certificate-untrusted`,
 * `certificate-not-valid`, `attestation-signature-wrong`
 */
export async function verifyAttestation(attestation: Attestation, at: Date, network: TrustedNetwork): Promise<void> {
  demand(attestation.kind === "node" && network.kind === "embedded", "attestation-insufficient");
  const { node, issuer, key } = await trustedNode(attestation.certificate, network);
  demand(isValidAt(node, at) && isValidAt(issuer, at), "certificate-not-valid");
  const statement = new TextEncoder().encode(attestation.statement);
  demand(await verifySignature(key, statement, bytes(attestation.signature)), "attestation-signature-wrong");
}

interface TrustedNode {
  readonly node: Certificate;
  readonly issuer: Certificate;
  readonly key: CryptoKey;
}

/** By certificate, the nodes already found to be trusted: thousands of receipts come from few nodes, and reading certificates is most of the work. */
const trustedNodes = new WeakMap<TrustedNetwork, Map<string, TrustedNode>>();

async function trustedNode(certificate: string, network: TrustedNetwork): Promise<TrustedNode> {
  const known = trustedNodes.get(network) ?? new Map<string, TrustedNode>();
  trustedNodes.set(network, known);
  const found = known.get(certificate);
  if (found !== undefined) return found;
  const node = readNode(certificate);
  const issuer = given(await issuerOf(node, network.certificates.map(readAuthority)), "certificate-untrusted");
  const trusted = { node, issuer, key: await publicKeyOf(node) };
  known.set(certificate, trusted);
  return trusted;
}

function read<T>(json: string | Uint8Array, guard: Guard<T>): T {
  const value: Json | undefined = parseStrict(json, { maxDepth: 3 }).value;
  demand(guard(value), "attestation-malformed");
  return value;
}

const bytes = (base64: string): Uint8Array => given(fromBase64(base64), "attestation-malformed");
