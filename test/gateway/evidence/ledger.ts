/** A small ledger of one node, with real keys and certificates, and receipts from it. */
import "reflect-metadata";
import { KeyObject, sign } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { canonicalText } from "../../../chaincode/proof/canonical";
import { CompactRange } from "../../../chaincode/proof/compact-range";
import { inclusionPath, leafHash } from "../../../chaincode/proof/rfc6962";
import { signCheckpoint } from "../../../gateway/evidence/checkpoint";
import { EvidenceError } from "../../../gateway/evidence/errors";
import { formatVerifierKey, generateSignerKey, type SignerKey } from "../../../gateway/evidence/note-key";
import { receiptOf, type Receipt } from "../../../gateway/evidence/receipt";
import type { TrustFile } from "../../../gateway/evidence/trust";
import type { AttestedStatement, NodeAttestation } from "../../../gateway/ledger/port";
import { leavesOf, nodesOf } from "../../chaincode/proof/forest";

export const JOURNAL = "OperatorMSP/facts";
export const ORIGIN = "ledger.example/operator/facts";
export const NETWORK = "ledger.example";
export const SIZE = 11;
export const RECORDED = "2025-06-01T00:00:00.000Z";
export const ATTESTED = "2025-06-02T00:00:00.000Z";
export const NOW = new Date("2025-06-03T00:00:00Z");

const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const YEAR = { notBefore: new Date("2025-01-01T00:00:00Z"), notAfter: new Date("2026-01-01T00:00:00Z") };

const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString("base64");
const ORDER = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

/** ECDSA signature in DER, with the lower or the higher value of s. */
export function ecdsa(key: KeyObject, data: string, half: "lower" | "higher" = "lower"): string {
  const pair = sign("sha256", Buffer.from(data), { key, dsaEncoding: "ieee-p1363" });
  const s = BigInt(`0x${pair.subarray(32).toString("hex")}`);
  const other = ORDER - s;
  const chosen = s < other === (half === "lower") ? s : other;
  return base64(der(pair.subarray(0, 32), Buffer.from(chosen.toString(16).padStart(64, "0"), "hex")));
}

/** SEQUENCE { r INTEGER, s INTEGER } of two positive numbers. */
export const der = (r: Uint8Array, s: Uint8Array): Buffer => sequence(integer(Buffer.from(r)), integer(Buffer.from(s)));

function integer(bytes: Buffer): Buffer {
  const digits = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  const positive = digits[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits;
  return Buffer.concat([Buffer.of(2, positive.length), positive]);
}

const sequence = (...parts: Buffer[]): Buffer => Buffer.concat([Buffer.of(0x30, Buffer.concat(parts).length), ...parts]);

export class Authority {
  private constructor(
    readonly name: string,
    readonly pem: string,
    private readonly keys: CryptoKeyPair,
  ) {}

  static async create(name = "CN=ca.OperatorMSP,O=OperatorMSP", options: { ca?: boolean; dates?: typeof YEAR } = {}): Promise<Authority> {
    const keys = await crypto.subtle.generateKey(EC, true, ["sign", "verify"]);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: "01",
      subject: name,
      issuer: name,
      ...(options.dates ?? YEAR),
      publicKey: keys.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: EC,
      extensions: [new x509.BasicConstraintsExtension(options.ca ?? true, 0, true)],
    });
    return new Authority(name, `${certificate.toString("pem")}\n`, keys);
  }

  async issue({
    unit = "peer",
    dates = YEAR,
    usage = x509.KeyUsageFlags.digitalSignature,
    critical = [] as x509.Extension[],
    lowS = true,
  } = {}): Promise<{ readonly pem: string; readonly key: KeyObject }> {
    const keys = await crypto.subtle.generateKey(EC, true, ["sign", "verify"]);
    for (;;) {
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: "02",
        subject: `CN=node,OU=${unit},O=OperatorMSP`,
        issuer: this.name,
        ...dates,
        publicKey: keys.publicKey,
        signingKey: this.keys.privateKey,
        signingAlgorithm: EC,
        extensions: [new x509.KeyUsagesExtension(usage, true), ...critical],
      });
      // The last number is s: of 32 bytes with a small first one, or of 33 because the first would be negative.
      const signature = Buffer.from(certificate.signature);
      const fits = lowS ? signature.at(-33) === 32 && signature.at(-32)! < 0x7f : signature.at(-33) === 0 && signature.at(-34) === 33;
      if (fits) return { pem: `${certificate.toString("pem")}\n`, key: KeyObject.from(keys.privateKey) };
    }
  }
}

export interface World {
  readonly authority: Authority;
  readonly node: { readonly pem: string; readonly key: KeyObject };
  readonly journalKey: SignerKey;
  readonly trust: TrustFile;
  readonly leaves: readonly Buffer[];
  readonly root: Buffer;
}

export async function world(): Promise<World> {
  const authority = await Authority.create();
  const node = await authority.issue();
  const { key: journalKey } = await generateSignerKey(ORIGIN);
  const leaves = leavesOf(SIZE);
  const range = CompactRange.empty();
  for (const leaf of leaves) range.append(leafHash(leaf));
  const trust: TrustFile = {
    format: "suyuan-trust/1",
    networks: [
      {
        kind: "embedded",
        network: NETWORK,
        channel: "suyuan",
        chaincode: "suyuan",
        organisations: [{ mspId: "OperatorMSP", certificates: [authority.pem] }],
      },
    ],
    journals: [
      {
        network: NETWORK,
        journal: JOURNAL,
        origin: ORIGIN,
        keys: [{ key: formatVerifierKey(journalKey.verifier), validFrom: "2025-01-01T00:00:00Z" }],
      },
    ],
  };
  return { authority, node, journalKey, trust, leaves, root: Buffer.from(range.root()) };
}

export function statement(root: Uint8Array, changes: Partial<AttestedStatement> = {}, head: object = {}): AttestedStatement {
  const answer = { journal: JOURNAL, size: SIZE, root: Buffer.from(root).toString("hex"), time: RECORDED, ...head };
  return {
    network: NETWORK,
    channel: "suyuan",
    chaincode: "suyuan",
    transaction: "root",
    args: [base64(JOURNAL), base64(String(SIZE))],
    result: base64(canonicalText(answer)),
    height: 3,
    time: ATTESTED,
    ...changes,
  };
}

export function attest(statement: unknown, node: World["node"]): NodeAttestation {
  const json = canonicalText(statement);
  return { kind: "node", statement: json, signature: ecdsa(node.key, json), certificate: node.pem };
}

export async function receiptFor(
  index: number,
  { leaves, root, journalKey, node }: World,
  changes: Partial<Receipt> = {},
): Promise<Receipt> {
  return {
    ...receiptOf({
      leaf: leaves[index]!,
      journal: JOURNAL,
      index,
      size: SIZE,
      inclusion: inclusionPath(index, SIZE, nodesOf(leaves)),
      checkpoint: await signCheckpoint(SIZE, root, journalKey),
      attestation: attest(statement(root), node),
    }),
    ...changes,
  };
}

/** The code with which it fails; undefined if it does not. Any other error is an error of the test. */
export async function codeOf(action: () => unknown): Promise<string | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof EvidenceError) return error.code;
    throw error;
  }
}
