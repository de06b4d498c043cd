import "reflect-metadata";
/** An identity that is valid until a given time: as one is that was issued long ago, but by an authority that was made just now. */
import * as x509 from "@peculiar/x509";
import { createPrivateKey, KeyObject, webcrypto } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type OrganisationFiles, type Pair, write } from "../../network/directory";

const P256 = { name: "ECDSA", namedCurve: "P-256" };

/** Fabric asks whether an identity's authority was valid when the identity's own time began: it begins with the authority's. */
export async function issueUntil(own: OrganisationFiles, files: Pair, notAfter: Date): Promise<void> {
  const authority = own.authority("ca");
  const ca = new x509.X509Certificate(await readFile(authority.certificate, "utf8"));
  const der = createPrivateKey(await readFile(authority.key)).export({ type: "pkcs8", format: "der" });
  const keys = await webcrypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=ending,OU=client,O=${ca.subjectName.getField("O")[0] ?? ""}`,
    issuer: ca.subject,
    notBefore: ca.notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: await webcrypto.subtle.importKey("pkcs8", der, P256, false, ["sign"]),
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(ca),
    ],
  });
  await write(files.key, KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" }), 0o600);
  await write(files.certificate, certificate.toString("pem"));
}
