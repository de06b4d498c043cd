/**
 * Who signs what: a certificate authority, the node and the gateway, with X.509 certificates (RFC 5280) over ECDSA P-256 in the shape a
 * Fabric MSP expects: NodeOUs as organisational units, subject key identifiers, attributes as Fabric CA writes them, low-S signatures.
 */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { createPrivateKey, createPublicKey, KeyObject, randomBytes, sign, verify, webcrypto, X509Certificate } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Attributes of an identity, `{"attrs": {...}}` as JSON (Fabric CA, "Attribute-based access control"). */
const ATTRIBUTES = "1.2.3.4.5.6.7.8.1";
const EC_P256 = { name: "ECDSA", namedCurve: "P-256" };
/** RFC 5280, 4.1.2.5: no well-defined expiration. What a certificate is worth is judged against a trust file, not by its own dates. */
const NEVER = new Date("9999-12-31T23:59:59Z");

type Unit = "peer" | "client";

/** One that can sign. */
export interface Identity {
  readonly mspId: string;
  /** PEM */
  readonly certificate: string;
  readonly key: KeyObject;
}

export interface Identities {
  /** Certificate of the authority, PEM. */
  readonly authority: string;
  readonly node: Identity;
  readonly gateway: Identity;
}

/**
 * Makes the identities of a new ledger: keys in files only their owner reads.
 * @param attributes of the gateway, such as its role
 * @param from when the certificates begin to be valid
 */
export async function createIdentities(
  directory: string,
  mspId: string,
  attributes: Readonly<Record<string, string>>,
  from: Date,
): Promise<Identities> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const keys = await webcrypto.subtle.generateKey(EC_P256, true, ["sign", "verify"]);
  const issuer: Issuer = { mspId, name: `CN=ca.${mspId},O=${mspId}`, keys, from };
  const authority = await certify(issuer, keys.publicKey, issuer.name, [
    new x509.BasicConstraintsExtension(true, 0, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  ]);
  await save(directory, "ca", authority, keyObject(keys));
  const node = await issue(issuer, "node", "peer", {});
  await save(directory, "node", node.certificate, node.key);
  const gateway = await issue(issuer, "gateway", "client", attributes);
  await save(directory, "gateway", gateway.certificate, gateway.key);
  const entry = await open(directory);
  await entry.sync();
  await entry.close();
  return { authority, node, gateway };
}

/** @throws Error when a file is missing, or a certificate, its key and the authority do not belong together */
export async function loadIdentities(directory: string, mspId: string): Promise<Identities> {
  const authority = await readFile(join(directory, "ca.pem"), "utf8");
  const load = async (name: string, unit: Unit): Promise<Identity> => {
    const certificate = await readFile(join(directory, `${name}.pem`), "utf8");
    const key = createPrivateKey(await readFile(join(directory, `${name}.key`)));
    const parsed = new X509Certificate(certificate);
    if (!issuedBy(authority, parsed, unit)) throw new Error(`the authority did not issue ${name}.pem`);
    if (!parsed.checkPrivateKey(key)) throw new Error(`${name}.key is not the key of ${name}.pem`);
    return { mspId, certificate, key };
  };
  return { authority, node: await load("node", "peer"), gateway: await load("gateway", "client") };
}

interface Issuer {
  readonly mspId: string;
  readonly name: string;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly from: Date;
}

async function issue(issuer: Issuer, name: string, unit: Unit, attributes: Readonly<Record<string, string>>): Promise<Identity> {
  const keys = await webcrypto.subtle.generateKey(EC_P256, true, ["sign", "verify"]);
  const attrs = { "hf.EnrollmentID": name, "hf.Type": unit, ...attributes };
  const certificate = await certify(issuer, keys.publicKey, `CN=${name},OU=${unit},O=${issuer.mspId}`, [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.Extension(ATTRIBUTES, false, Buffer.from(JSON.stringify({ attrs }))),
  ]);
  return { mspId: issuer.mspId, certificate, key: keyObject(keys) };
}

async function certify(
  issuer: Issuer,
  publicKey: webcrypto.CryptoKey,
  subject: string,
  extensions: readonly x509.Extension[],
): Promise<string> {
  const identifiers = [
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
  ];
  for (;;) {
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: Buffer.concat([Uint8Array.of(1), randomBytes(15)]).toString("hex"),
      subject,
      issuer: issuer.name,
      notBefore: issuer.from,
      notAfter: NEVER,
      publicKey,
      signingKey: issuer.keys.privateKey,
      signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
      extensions: [...extensions, ...identifiers],
    });
    if (isLowS(Buffer.from(certificate.signature))) return `${certificate.toString("pem")}\n`;
  }
}

const keyObject = (keys: webcrypto.CryptoKeyPair): KeyObject => KeyObject.from(keys.privateKey);

async function save(directory: string, name: string, certificate: string, key: KeyObject): Promise<void> {
  for (const [file, content, mode] of [
    [`${name}.key`, key.export({ type: "pkcs8", format: "pem" }), 0o600],
    [`${name}.pem`, certificate, 0o644],
  ] as const) {
    const handle = await open(join(directory, file), "w", mode);
    await handle.writeFile(content);
    await handle.sync();
    await handle.close();
  }
}

const issuedBy = (authority: string, certificate: X509Certificate, unit: Unit): boolean =>
  certificate.subject.split("\n").includes(`OU=${unit}`) && certificate.verify(createPublicKey(authority));

/** Whether the authority has issued this certificate (DER or PEM) to a node. */
export function isNodeCertificate(authority: string, certificate: Buffer | string): boolean {
  try {
    return issuedBy(authority, new X509Certificate(certificate), "peer");
  } catch {
    return false;
  }
}

const HALF_ORDER = Buffer.from("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8", "hex");

/** Of the two values of s that make a valid signature, Fabric accepts the lower one only, so that no one can write it differently. */
function isLowS(der: Buffer): boolean {
  const s = der.subarray(6 + der.readUInt8(3));
  return s.length < 32 || (s.length === 32 && s.compare(HALF_ORDER) <= 0);
}

/** ECDSA P-256 with SHA-256, DER, low S. */
export function signBytes(key: KeyObject, bytes: Uint8Array): Buffer {
  for (;;) {
    const signature = sign("sha256", bytes, key);
    if (isLowS(signature)) return signature;
  }
}

/** @param certificate PEM or DER of the signer */
export function verifyBytes(certificate: Buffer | string, bytes: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify("sha256", bytes, new X509Certificate(certificate).publicKey, signature) && isLowS(Buffer.from(signature));
  } catch {
    return false;
  }
}

/** Fabric's `msp.SerializedIdentity`: protobuf, field 1 the MSP, field 2 the certificate as PEM. */
export function serializeIdentity(mspId: string, certificate: string): Buffer {
  const field = (tag: number, value: Buffer): Buffer => Buffer.concat([Uint8Array.of((tag << 3) | 2), varint(value.length), value]);
  return Buffer.concat([field(1, Buffer.from(mspId)), field(2, Buffer.from(certificate))]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left >>>= 7) {
    if (left < 0x80) return Buffer.from([...bytes, left]);
    bytes.push((left & 0x7f) | 0x80);
  }
}

/** What a chaincode, and a verifier, can know of who signed a transaction. */
export interface Creator {
  readonly mspId: string;
  /** The certificate, PEM, as bytes. */
  readonly idBytes: Buffer;
  /** As fabric-shim writes it: `x509::{subject}::{issuer}`. */
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** @throws Error when it is not a serialized identity with an X.509 certificate */
export function parseCreator(serialized: Buffer): Creator {
  let position = 0;
  const byte = (): number => serialized.readUInt8(position++);
  const field = (tag: number): Buffer => {
    if (byte() !== ((tag << 3) | 2)) throw new Error("not a serialized identity");
    let length = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      const part = byte();
      length += (part & 0x7f) * 2 ** shift;
      more = part >= 0x80;
    }
    position += length;
    return serialized.subarray(position - length, position);
  };
  const mspId = field(1).toString();
  const idBytes = Buffer.from(field(2));
  if (!serializeIdentity(mspId, idBytes.toString()).equals(serialized)) throw new Error("not a serialized identity");
  const certificate = new X509Certificate(idBytes);
  return {
    mspId,
    idBytes,
    id: `x509::${distinguishedName(certificate.subject)}::${distinguishedName(certificate.issuer)}`,
    attributes: attributesOf(idBytes.toString()),
  };
}

/** Whether a client certificate issued by the authority carries this name of an MSP. */
export const isMember = (authority: string, mspId: string, creator: Creator): boolean =>
  creator.mspId === mspId && issuedBy(authority, new X509Certificate(creator.idBytes), "client");

const distinguishedName = (lines: string): string =>
  lines
    .split("\n")
    .map((line) => `/${line.replace("/", "\\/")}`)
    .join("");

function attributesOf(certificate: string): Record<string, string> {
  const extension = new x509.X509Certificate(certificate).getExtension(ATTRIBUTES);
  if (extension === null) return {};
  const { attrs } = JSON.parse(Buffer.from(extension.value).toString("utf8")) as { attrs: Record<string, string> };
  return attrs;
}
