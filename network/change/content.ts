/** What a change says: taken from an organisation's public files, checked against its authorities, and told. */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { publicFiles } from "../directory";
import { NetworkError } from "../errors";
import type { Organisation } from "../topology";
import type { Content } from "./change";
import type { ChangeKind } from "./kind";

/** @throws NetworkError `nothing-revoked` where the organisation has no list */
export async function contentOf(directory: string, organisation: Organisation, kind: ChangeKind): Promise<Content> {
  const { consenter, revocations } = publicFiles(directory, organisation);
  if (kind === "consenter")
    return { kind, identity: await readFile(consenter.identity, "utf8"), tls: await readFile(consenter.tls, "utf8") };
  if (!existsSync(revocations)) throw new NetworkError("nothing-revoked", { organisation: organisation.name });
  return { kind, list: await readFile(revocations, "utf8") };
}

/** That the organisation's own authorities issued it. @throws NetworkError `change-altered` */
export async function checkContent(directory: string, organisation: Organisation, content: Content): Promise<void> {
  const { authority, tlsAuthority } = publicFiles(directory, organisation);
  const [ca, tlsca] = [await readFile(authority, "utf8"), await readFile(tlsAuthority, "utf8")];
  if (!(await isIssued(content, ca, tlsca))) throw new NetworkError("change-altered", { organisation: organisation.name });
}

async function isIssued(content: Content, ca: string, tlsca: string): Promise<boolean> {
  try {
    if (content.kind === "revocation") return await new x509.X509Crl(content.list).verify({ publicKey: new x509.X509Certificate(ca) });
    return isIssuedBy(content.identity, ca) && isIssuedBy(content.tls, tlsca);
  } catch {
    // What cannot even be parsed.
    return false;
  }
}

export const isIssuedBy = (certificate: string, authority: string): boolean =>
  new X509Certificate(certificate).verify(new X509Certificate(authority).publicKey);

/** One thing that holds once the change does. */
export type Statement =
  | { readonly says: "signs-blocks" | "shows"; readonly fingerprint: string; readonly until: string }
  | { readonly says: "revoked"; readonly serial: string; readonly since: string };

/** In full: there is nothing in a change beside it. Times RFC 3339; fingerprints SHA-256 of the certificate; serial numbers in hex. */
export function statementsOf(content: Content): readonly Statement[] {
  if (content.kind === "revocation")
    return new x509.X509Crl(content.list).entries.map(({ serialNumber, revocationDate }) => ({
      says: "revoked",
      serial: serialNumber,
      since: revocationDate.toISOString(),
    }));
  const said = (says: "signs-blocks" | "shows", pem: string): Statement => {
    const { fingerprint256, validTo } = new X509Certificate(pem);
    return { says, fingerprint: fingerprint256.replaceAll(":", "").toLowerCase(), until: new Date(validTo).toISOString() };
  };
  return [said("signs-blocks", content.identity), said("shows", content.tls)];
}
