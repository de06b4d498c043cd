/** `suyuan network trust`: what a verifier takes on trust of a network, from its public material. */
import "reflect-metadata";
import { X509Crl } from "@peculiar/x509";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { formatTrust, parseTrust, TRUST_FORMAT, type TrustedOrganisation } from "../../gateway/evidence/trust";
import { publicFiles } from "../../network/directory";
import { checkPublic } from "../../network/founding";
import { Network } from "../../network/network";
import type { Organisation } from "../../network/topology";
import { told } from "./lifecycle";
import type { Output } from "../output";
import { giveTrust } from "../trust";

/**
 * Networks and authorities only: the keys of its journal each gateway says itself, in its `trust.json`.
 * @returns exit code. @throws Failure `network-missing`, `public-missing`
 */
export async function networkTrust({ dir, out }: { readonly dir: string; readonly out?: string }, output: Output): Promise<number> {
  const { directory, topology } = await told(async () => {
    const opened = await Network.open(resolve(dir));
    checkPublic(opened.directory, opened.topology);
    return opened;
  });
  const { network, channel, chaincode, organisations } = topology;
  const trusted = await Promise.all(organisations.map((organisation) => trustedIn(directory, organisation)));
  const networks = [{ kind: "fabric" as const, network, channel, chaincode, organisations: trusted }];
  return giveTrust(parseTrust(formatTrust({ format: TRUST_FORMAT, networks, journals: [] })), out, output);
}

async function trustedIn(directory: string, organisation: Organisation): Promise<TrustedOrganisation> {
  const { authority, revocations } = publicFiles(directory, organisation);
  const { mspId } = organisation;
  const certificates = [await readFile(authority, "utf8")];
  if (!existsSync(revocations)) return { mspId, certificates };
  const revoked = new X509Crl(await readFile(revocations, "utf8")).entries.map(({ serialNumber, revocationDate }) => ({
    serial: serialNumber.toLowerCase().replace(/^0+/, ""),
    since: revocationDate.toISOString(),
  }));
  return { mspId, certificates, revoked };
}
