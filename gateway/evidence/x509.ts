/** Certificates of nodes and of the authorities that issue them (RFC 5280), as Fabric's MSPs and the embedded ledger have them. */
import "reflect-metadata";
import { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, X509Certificate } from "@peculiar/x509";
import { fromBase64 } from "../../chaincode/proof/bytes";
import { isCleanCertificate, parseEcdsaSignature } from "./der";
import { demand, EvidenceError, given } from "./errors";

/** Critical extensions that are looked at here; a certificate with others is not understood. */
const UNDERSTOOD = ["2.5.29.15", "2.5.29.19"];
/**
 * Organisational units that say whose a certificate is (Fabric's NodeOUs), and the one of nodes: a client of the same authority must not attest, nor one
 * whose department happens to be called so.
 */
const UNITS = ["client", "peer", "admin", "orderer"];
const NODE_UNIT = "peer";

/** What matters of a certificate. */
export interface Certificate {
  readonly x509: X509Certificate;
  readonly subject: string;
  readonly issuer: string;
  /** Serial number, hex without leading zeros. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** @throws EvidenceError `certificate-malformed` unless the text is a certificate, in PEM, of one that may issue others */
export function readAuthority(pem: string): Certificate {
  return read(
    decodePem(pem),
    (x509) => x509.getExtension(BasicConstraintsExtension)?.ca === true && allows(x509, KeyUsageFlags.keyCertSign),
  );
}

/** @throws EvidenceError `certificate-malformed` unless the text is a certificate, in PEM and in its one spelling, of a node that may sign */
export function readNode(pem: string): Certificate {
  const der = decodePem(pem);
  demand(isCleanCertificate(der), "certificate-malformed");
  const isNode = ({ subjectName }: X509Certificate): boolean =>
    subjectName
      .getField("OU")
      .filter((unit) => UNITS.includes(unit))
      .join() === NODE_UNIT;
  return read(der, (x509) => isNode(x509) && allows(x509, KeyUsageFlags.digitalSignature));
}

/** The one among the authorities that issued the certificate. */
export async function issuerOf(certificate: Certificate, authorities: readonly Certificate[]): Promise<Certificate | undefined> {
  for (const authority of authorities)
    if (authority.subject === certificate.issuer && (await isIssuer(certificate, authority))) return authority;
  return undefined;
}

export function isValidAt({ notBefore, notAfter }: Certificate, time: Date): boolean {
  return notBefore <= time && time <= notAfter;
}

/** The certificate's key, to verify with. @throws EvidenceError `certificate-malformed` unless it is one of P-256 */
export async function publicKeyOf({ x509 }: Certificate): Promise<CryptoKey> {
  try {
    return await x509.publicKey.export({ name: "ECDSA", namedCurve: "P-256" }, ["verify"]);
  } catch (cause) {
    throw new EvidenceError("certificate-malformed", { cause });
  }
}

/** Whether the key made this signature: ECDSA with SHA-256, in DER, with the lower s. */
export async function verifySignature(key: CryptoKey, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const pair = parseEcdsaSignature(signature);
  if (pair === undefined) return false;
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, new Uint8Array(pair), new Uint8Array(data));
}

function decodePem(pem: string): Uint8Array {
  const body = /^-----BEGIN CERTIFICATE-----\n((?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/=]{1,64})\n-----END CERTIFICATE-----\n?$/.exec(pem)?.[1];
  return given(body === undefined ? undefined : fromBase64(body.replaceAll("\n", "")), "certificate-malformed");
}

function read(der: Uint8Array, isFit: (x509: X509Certificate) => boolean): Certificate {
  try {
    const x509 = new X509Certificate(new Uint8Array(der));
    demand(isFit(x509) && x509.extensions.every(({ critical, type }) => !critical || UNDERSTOOD.includes(type)), "certificate-malformed");
    const { subject, issuer, serialNumber, notBefore, notAfter } = x509;
    return { x509, subject, issuer, serial: serialNumber.toLowerCase().replace(/^0+/, ""), notBefore, notAfter };
  } catch (cause) {
    throw new EvidenceError("certificate-malformed", { cause }); // the library throws plain errors, and late
  }
}

async function isIssuer(certificate: Certificate, authority: Certificate): Promise<boolean> {
  try {
    return await certificate.x509.verify({ publicKey: authority.x509, signatureOnly: true });
  } catch (cause) {
    throw new EvidenceError("certificate-malformed", { cause });
  }
}

/** Absent, the extension restricts nothing (RFC 5280, section 4.2.1.3). */
function allows(x509: X509Certificate, usage: KeyUsageFlags): boolean {
  const usages = x509.getExtension(KeyUsagesExtension)?.usages;
  return usages === undefined || (usages & usage) !== 0;
}
