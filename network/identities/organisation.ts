/** All identities of one organisation: made by its own two authorities, each in the place where Fabric, or the gateway, looks for it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { dump } from "js-yaml";
import { OrganisationFiles, type Pair, type Part, PARTS, publicFiles, write } from "../directory";
import { nodeName, type Organisation, type Topology } from "../topology";
import { Authority, issueAlone, type Profile } from "./authority";

/** A certificate of a part: where it lies, who issues it, and what it says. */
export interface Issued {
  readonly files: Pair;
  readonly by: "ca" | "tlsca" | "itself";
  readonly name: string;
  readonly profile: Profile;
}

export function issuedTo(part: Part, directory: string, topology: Topology, organisation: Organisation): readonly Issued[] {
  const { host, party } = organisation;
  const own = new OrganisationFiles(directory, organisation);
  const name = nodeName(topology, organisation, part);
  switch (part) {
    case "peer":
    case "orderer": {
      const { msp, tls } = own.node(part);
      return [
        { files: signer(msp), by: "ca", name, profile: { unit: part } },
        { files: tls, by: "tlsca", name, profile: { tls: [host, name] } },
      ];
    }
    case "chaincode":
      return [
        { files: own.chaincode.service, by: "tlsca", name, profile: { tls: [host] } },
        { files: own.chaincode.client, by: "itself", name: nodeName(topology, organisation, "peer"), profile: { tls: [] } },
      ];
    case "admin":
      return [
        { files: signer(own.admin.msp), by: "ca", name, profile: { unit: "admin" } },
        { files: own.admin.tls, by: "itself", name, profile: { tls: [] } },
      ];
    case "gateway":
      return [
        { files: own.gateway.identity, by: "ca", name, profile: { unit: "client", attributes: { party: party.code, role: "gateway" } } },
        { files: own.gateway.tls, by: "tlsca", name, profile: { tls: [] } },
      ];
  }
}

export async function createIdentities(directory: string, topology: Topology, organisation: Organisation): Promise<void> {
  const own = new OrganisationFiles(directory, organisation);
  const open = publicFiles(directory, organisation);
  const ca = await Authority.create(own.authority("ca"), organisation.mspId, "ca");
  const tlsca = await Authority.create(own.authority("tlsca"), organisation.mspId, "tlsca");
  await write(open.authority, ca.certificate);
  await write(open.tlsAuthority, tlsca.certificate);
  for (const msp of [open.msp, own.node("peer").msp, own.node("orderer").msp, own.admin.msp]) await writeMsp(msp, ca, tlsca);
  for (const part of PARTS) {
    for (const { files, by, name, profile } of issuedTo(part, directory, topology, organisation)) {
      if (by === "itself") await issueAlone(files, name);
      else await { ca, tlsca }[by].issue(files, name, profile);
    }
  }
  await publishConsenter(directory, organisation);
}

/** What the others may have of its orderer: the channel names it by these. */
export async function publishConsenter(directory: string, organisation: Organisation): Promise<void> {
  const { consenter } = publicFiles(directory, organisation);
  const { msp, tls } = new OrganisationFiles(directory, organisation).node("orderer");
  await write(consenter.identity, await readFile(signer(msp).certificate));
  await write(consenter.tls, await readFile(tls.certificate));
}

/** Where an MSP directory keeps who it speaks as. */
export const signer = (msp: string): Pair => ({
  certificate: join(msp, "signcerts", "cert.pem"),
  key: join(msp, "keystore", "key.pem"),
});

/** Fabric's MSP directory ("Membership Service Providers"), without anyone to speak as; a node's kind is the unit in its certificate. */
async function writeMsp(msp: string, ca: Authority, tlsca: Authority): Promise<void> {
  await write(join(msp, "cacerts", "ca.pem"), ca.certificate);
  await write(join(msp, "tlscacerts", "tlsca.pem"), tlsca.certificate);
  const unit = (name: string): object => ({ Certificate: "cacerts/ca.pem", OrganizationalUnitIdentifier: name });
  await write(
    join(msp, "config.yaml"),
    dump({
      NodeOUs: {
        Enable: true,
        ClientOUIdentifier: unit("client"),
        PeerOUIdentifier: unit("peer"),
        AdminOUIdentifier: unit("admin"),
        OrdererOUIdentifier: unit("orderer"),
      },
    }),
  );
}

/** Every certificate that must be valid for an organisation to take part. */
export function certificatesOf(directory: string, topology: Topology, organisation: Organisation): readonly string[] {
  const own = new OrganisationFiles(directory, organisation);
  return [
    own.authority("ca").certificate,
    own.authority("tlsca").certificate,
    ...PARTS.flatMap((part) => issuedTo(part, directory, topology, organisation).map(({ files }) => files.certificate)),
  ];
}
