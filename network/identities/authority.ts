/**
 * A certificate authority of an organisation: X.509 (RFC 5280) over ECDSA P-256 in the shape that Fabric's MSP asks for: subject key
 * identifiers, organisational units for NodeOUs, attributes as Fabric CA writes them, low-S signatures.
 */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { createPrivateKey, createPublicKey, KeyObject, randomBytes, webcrypto } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { type Pair, write } from "../directory";

const YEAR_MS = 365.25 * 24 * 3600_000;
/** How long certificates are valid, years. */
const VALID = { authority: 15, node: 2 };
/** Of another machine's clock, which may be behind. */
const LEEWAY_MS = 10 * 60_000;

/** Attributes of an identity, `{"attrs": {...}}` as JSON (Fabric CA, "Attribute-based access control"). */
const ATTRIBUTES = "1.2.3.4.5.6.7.8.1";
const EC_P256 = { name: "ECDSA", namedCurve: "P-256" };

/** What a certificate says of its holder, and which part of Fabric it is for. */
export type Profile =
  | { readonly unit: "peer" | "orderer" | "client" | "admin"; readonly attributes?: Readonly<Record<string, string>> }
  /** `hosts`: names and addresses under which it is reached; none for what only calls. */
  | { readonly tls: readonly string[] };

export class Authority {
  private constructor(
    private readonly organisation: string,
    private readonly subject: string,
    /** PEM */
    readonly certificate: string,
    private readonly keys: webcrypto.CryptoKeyPair,
    private readonly now: () => number,
  ) {}

  /** A new one, whose key lies in a file that only its owner reads. @param kind stands in its name */
  static async create(files: Pair, organisation: string, kind: "ca" | "tlsca"): Promise<Authority> {
    const keys = await newKeys();
    const subject = `CN=${kind}.${organisation},O=${organisation}`;
    const itself = { subject, issuer: subject, publicKey: keys.publicKey, signer: keys, years: VALID.authority, now: Date.now() };
    const certificate = await certify(itself, [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ]);
    await save(files, certificate, keys);
    return new Authority(organisation, subject, certificate, keys, Date.now);
  }

  /** @param now clock by which it issues */
  static async load(files: Pair, now: () => number = Date.now): Promise<Authority> {
    const pem = await readFile(files.certificate, "utf8");
    const certificate = new x509.X509Certificate(pem);
    return new Authority(certificate.subjectName.getField("O")[0] ?? "", certificate.subject, pem, await keysIn(files), now);
  }

  /** A certificate, written to the files; with a key of its own, unless it is to be for the key that is there. @returns the certificate, PEM */
  async issue(files: Pair, name: string, profile: Profile, key: "new" | "kept" = "new"): Promise<string> {
    const keys = key === "new" ? await newKeys() : await keysIn(files);
    const unit = "unit" in profile ? `OU=${profile.unit},` : "";
    const certificate = await certify(
      {
        subject: `CN=${name},${unit}O=${this.organisation}`,
        issuer: this.subject,
        publicKey: keys.publicKey,
        signer: this.keys,
        years: VALID.node,
        now: this.now(),
      },
      [new x509.BasicConstraintsExtension(false, undefined, true), ...extensionsOf(profile)],
    );
    await save(files, certificate, keys);
    return certificate;
  }

  /** @param list of what it has revoked before, PEM. @param certificate PEM. @returns the list with that one, PEM (RFC 5280, 5) */
  async revoke(list: string | undefined, certificate: string): Promise<string> {
    const { serialNumber } = new x509.X509Certificate(certificate);
    const now = new Date(this.now());
    const before = list === undefined ? [] : new x509.X509Crl(list).entries.filter((entry) => entry.serialNumber !== serialNumber);
    const revoked = await x509.X509CrlGenerator.create({
      issuer: this.subject,
      thisUpdate: now,
      // It holds until the next one.
      nextUpdate: new x509.X509Certificate(this.certificate).notAfter,
      entries: [...before, { serialNumber, revocationDate: now }].map((entry) => ({
        serialNumber: entry.serialNumber,
        revocationDate: entry.revocationDate,
        reason: x509.X509CrlReason.privilegeWithdrawn,
      })),
      signingKey: this.keys.privateKey,
      signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
      // By which Fabric finds the authority whose list it is.
      extensions: [await x509.AuthorityKeyIdentifierExtension.create(this.keys.publicKey)],
    });
    // The name by which others know it (RFC 7468, 6).
    return `${x509.PemConverter.encode(revoked.rawData, "X509 CRL")}\n`;
  }
}

/** A certificate that is its own authority, for links on which exactly one caller is let in. */
export async function issueAlone(files: Pair, name: string, now = Date.now()): Promise<void> {
  const keys = await newKeys();
  const subject = `CN=${name}`;
  const alone = { subject, issuer: subject, publicKey: keys.publicKey, signer: keys, years: VALID.node, now };
  await save(files, await certify(alone, [new x509.BasicConstraintsExtension(false, undefined, true), ...extensionsOf({ tls: [] })]), keys);
}

function extensionsOf(profile: Profile): readonly x509.Extension[] {
  const signs = new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true);
  if ("unit" in profile) {
    const attrs = profile.attributes && Buffer.from(JSON.stringify({ attrs: profile.attributes }));
    return attrs === undefined ? [signs] : [signs, new x509.Extension(ATTRIBUTES, false, attrs)];
  }
  // A node calls its like with the certificate that it shows when called.
  const usage = new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]);
  if (profile.tls.length === 0) return [signs, usage];
  const hosts = profile.tls.map((value) => ({ type: isIP(value) ? ("ip" as const) : ("dns" as const), value }));
  return [signs, usage, new x509.SubjectAlternativeNameExtension(hosts)];
}

interface Certified {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: webcrypto.CryptoKey;
  readonly signer: webcrypto.CryptoKeyPair;
  readonly years: number;
  readonly now: number;
}

async function certify(
  { subject, issuer, publicKey, signer, years, now }: Certified,
  extensions: readonly x509.Extension[],
): Promise<string> {
  const identifiers = [
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(signer.publicKey),
  ];
  for (;;) {
    const certificate = await x509.X509CertificateGenerator.create({
      // Positive, and of full length in DER.
      serialNumber: Buffer.concat([Uint8Array.of(0x40 | (randomBytes(1).readUInt8() & 0x3f)), randomBytes(15)]).toString("hex"),
      subject,
      issuer,
      notBefore: new Date(now - LEEWAY_MS),
      notAfter: new Date(now + years * YEAR_MS),
      publicKey,
      signingKey: signer.privateKey,
      signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
      extensions: [...extensions, ...identifiers],
    });
    if (isLowS(Buffer.from(certificate.signature))) return `${certificate.toString("pem")}\n`;
  }
}

/** Half of the order of P-256 (SEC 2, 2.4.2). */
const HALF_ORDER = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;

/** Of the two values of s that make a valid signature, Fabric takes the lower one only. @param der ECDSA-Sig-Value (RFC 3279) */
export function isLowS(der: Buffer): boolean {
  const r = 4 + der.readUInt8(3);
  return BigInt(`0x${der.subarray(r + 2, r + 2 + der.readUInt8(r + 1)).toString("hex")}`) <= HALF_ORDER;
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> => webcrypto.subtle.generateKey(EC_P256, true, ["sign", "verify"]);

async function keysIn(files: Pair): Promise<webcrypto.CryptoKeyPair> {
  const key = createPrivateKey(await readFile(files.key));
  const [der, spki] = [key.export({ type: "pkcs8", format: "der" }), createPublicKey(key).export({ type: "spki", format: "der" })];
  return {
    privateKey: await webcrypto.subtle.importKey("pkcs8", der, EC_P256, true, ["sign"]),
    publicKey: await webcrypto.subtle.importKey("spki", spki, EC_P256, true, ["verify"]),
  };
}

async function save(files: Pair, certificate: string, keys: webcrypto.CryptoKeyPair): Promise<void> {
  await write(files.key, KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" }), 0o600);
  await write(files.certificate, certificate);
}
