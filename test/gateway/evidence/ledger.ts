/**
 * A small ledger of one node, with real keys and certificates, and receipts from it. Signatures are deterministic, so that with keys from a seed
 * every byte is.
 */
import "reflect-metadata";
import { createECDH, createHash, createPrivateKey, KeyObject } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { canonicalText } from "../../../chaincode/proof/canonical";
import { CompactRange } from "../../../chaincode/proof/compact-range";
import { inclusionPath, leafHash } from "../../../chaincode/proof/rfc6962";
import { signCheckpoint } from "../../../gateway/evidence/checkpoint";
import { EvidenceError } from "../../../gateway/evidence/errors";
import {
  formatVerifierKey,
  generateSignerKey,
  keyId,
  type KeyUse,
  parseSignerKey,
  type SignerKey,
} from "../../../gateway/evidence/note-key";
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

export const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString("base64");
const ORDER = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

const sha = (...parts: readonly (Uint8Array | string)[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const toNumber = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
const toBytes = (number: bigint): Buffer => Buffer.from(number.toString(16).padStart(64, "0"), "hex");

/** base ^ exponent modulo the order. */
function power(base: bigint, exponent: bigint): bigint {
  let [result, square, left] = [1n, base % ORDER, exponent];
  for (; left > 0n; left >>= 1n, square = (square * square) % ORDER) if (left & 1n) result = (result * square) % ORDER;
  return result;
}

const scalarOf = (key: KeyObject): Buffer => Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url");

/** ECDSA signature in DER, with the lower or the higher value of s. The nonce comes from key and data: good enough for tests. */
export function signature(key: KeyObject, data: Uint8Array | string, half: "lower" | "higher" = "lower"): Buffer {
  const [d, digest] = [scalarOf(key), sha(data)];
  const k = toNumber(sha("nonce", d, digest)) % ORDER;
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(toBytes(k));
  const r = toNumber(curve.getPublicKey().subarray(1, 33)) % ORDER;
  const s = (power(k, ORDER - 2n) * (toNumber(digest) + r * toNumber(d))) % ORDER;
  const other = ORDER - s;
  return der(toBytes(r), toBytes(s < other === (half === "lower") ? s : other));
}

/** The same in base64. */
export const ecdsa = (key: KeyObject, data: string, half: "lower" | "higher" = "lower"): string => base64(signature(key, data, half));

/** Of P-256: random, or the one of a seed. */
async function keyPair(seed?: string): Promise<CryptoKeyPair> {
  if (seed === undefined) return crypto.subtle.generateKey(EC, true, ["sign", "verify"]);
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(sha("suyuan test key ", seed));
  const point = curve.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString("base64url")) as [string, string];
  const jwk = { kty: "EC", crv: "P-256", x, y };
  return {
    publicKey: await crypto.subtle.importKey("jwk", jwk, EC, true, ["verify"]),
    privateKey: await crypto.subtle.importKey("jwk", { ...jwk, d: curve.getPrivateKey("base64url") }, EC, true, ["sign"]),
  };
}

/** The certificate with the deterministic signature of the same key in place of its own, PEM. */
function resigned(certificate: x509.X509Certificate, key: KeyObject, half: "lower" | "higher"): string {
  const whole = Buffer.from(certificate.rawData);
  // One SEQUENCE begins with another, which is what is signed; lengths of 128 and more say first how many bytes they have.
  const bytesOfLength = (at: number): number => Math.max(0, whole[at]! - 0x80);
  const start = 2 + bytesOfLength(1);
  const count = bytesOfLength(start + 1);
  const length = count === 0 ? whole[start + 1]! : whole.readUIntBE(start + 2, count);
  const signed = whole.subarray(start, start + 2 + count + length);
  const algorithm = Buffer.from("300a06082a8648ce3d040302", "hex");
  const bits = Buffer.concat([Buffer.of(0), signature(key, signed, half)]);
  const content = Buffer.concat([signed, algorithm, Buffer.of(3, bits.length), bits]);
  const outer = content.length < 256 ? Buffer.of(0x81, content.length) : Buffer.of(0x82, content.length >> 8, content.length & 0xff);
  const lines = base64(Buffer.concat([Buffer.of(0x30), outer, content])).match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
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

  static async create(
    name = "CN=ca.OperatorMSP,O=OperatorMSP",
    options: { ca?: boolean; dates?: typeof YEAR; seed?: string } = {},
  ): Promise<Authority> {
    const keys = await keyPair(options.seed);
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
    return new Authority(name, resigned(certificate, KeyObject.from(keys.privateKey), "lower"), keys);
  }

  async issue({
    unit = "peer",
    dates = YEAR,
    usage = x509.KeyUsageFlags.digitalSignature,
    critical = [] as x509.Extension[],
    lowS = true,
    seed = undefined as string | undefined,
  } = {}): Promise<{ readonly pem: string; readonly key: KeyObject }> {
    const keys = await keyPair(seed);
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
    const pem = resigned(certificate, KeyObject.from(this.keys.privateKey), lowS ? "lower" : "higher");
    return { pem, key: KeyObject.from(keys.privateKey) };
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

/** A key of a seed, so that what it signs can be published. */
export async function noteKey(name: string, seed: string, use: KeyUse = "note"): Promise<SignerKey> {
  const bytes = sha("suyuan test note key ", seed);
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), bytes]);
  const { x } = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }).export({ format: "jwk" });
  const id = keyId(name, Buffer.from(x ?? "", "base64url"), use);
  const first = Buffer.of(use === "note" ? 1 : 4);
  return (await parseSignerKey(`PRIVATE+KEY+${name}+${id}+${base64(Buffer.concat([first, bytes]))}`, use))!;
}

/** @param seed of all its keys; random ones without it */
export async function world(seed?: string): Promise<World> {
  const authority = await Authority.create(undefined, seed === undefined ? {} : { seed: `${seed} authority` });
  const node = await authority.issue(seed === undefined ? {} : { seed: `${seed} node` });
  const journalKey = seed === undefined ? (await generateSignerKey(ORIGIN)).key : await noteKey(ORIGIN, `${seed} journal`);
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
