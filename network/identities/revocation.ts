/** Certificates that an organisation takes back: its list of them, for the others to put into the channel. */
import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { NetworkError } from "../errors";
import { OrganisationFiles, publicFiles, write } from "../directory";
import type { Organisation } from "../topology";
import { Authority } from "./authority";

/**
 * Adds a certificate to the organisation's list. Peers refuse it once the list stands in the channel.
 * @param file certificate of an identity, PEM. @returns the list's file. @throws NetworkError `certificate-unreadable`, `certificate-of-another`
 */
export async function revoke(directory: string, organisation: Organisation, file: string): Promise<string> {
  const ca = await Authority.load(new OrganisationFiles(directory, organisation).authority("ca"));
  const certificate = await certificateIn(file);
  if (!new X509Certificate(certificate).verify(new X509Certificate(ca.certificate).publicKey))
    throw new NetworkError("certificate-of-another", { file, organisation: organisation.name });
  const { revocations } = publicFiles(directory, organisation);
  const before = existsSync(revocations) ? await readFile(revocations, "utf8") : undefined;
  await write(revocations, await ca.revoke(before, certificate));
  return revocations;
}

async function certificateIn(file: string): Promise<string> {
  try {
    return new X509Certificate(await readFile(file)).toString();
  } catch (cause) {
    throw new NetworkError("certificate-unreadable", { file }, { cause });
  }
}
