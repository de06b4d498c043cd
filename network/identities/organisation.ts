/** All identities of one organisation: made by its own two authorities, each in the place where Fabric, or the gateway, looks for it. */
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { dump } from "js-yaml";
import { OrganisationFiles, type Pair, publicFiles, write } from "../directory";
import { nodeName, type Organisation, type Topology } from "../topology";
import { Authority, issueAlone } from "./authority";

export async function createIdentities(directory: string, topology: Topology, organisation: Organisation): Promise<void> {
  const { mspId, host, party } = organisation;
  const name = (kind: string): string => nodeName(topology, organisation, kind);
  const own = new OrganisationFiles(directory, organisation);
  const open = publicFiles(directory, organisation);
  const ca = await Authority.create(own.authority("ca"), mspId, "ca");
  const tlsca = await Authority.create(own.authority("tlsca"), mspId, "tlsca");
  await write(open.authority, ca.certificate);
  await write(open.tlsAuthority, tlsca.certificate);
  await writeMsp(open.msp, ca, tlsca);

  for (const kind of ["peer", "orderer"] as const) {
    const node = own.node(kind);
    await writeMsp(node.msp, ca, tlsca);
    await ca.issue(signer(node.msp), name(kind), { unit: kind });
    await tlsca.issue(node.tls, name(kind), { tls: [host, name(kind)] });
  }
  await writeMsp(own.admin.msp, ca, tlsca);
  await ca.issue(signer(own.admin.msp), name("admin"), { unit: "admin" });
  await issueAlone(own.admin.tls, name("admin"));

  const attributes = { party: party.code, role: "gateway" };
  await ca.issue(own.gateway.identity, name("gateway"), { unit: "client", attributes });
  await tlsca.issue(own.gateway.tls, name("gateway"), { tls: [] });
  await tlsca.issue(own.chaincode.service, name("chaincode"), { tls: [host] });
  await issueAlone(own.chaincode.client, name("peer"));

  await publish(signer(own.node("orderer").msp).certificate, open.consenter.identity);
  await publish(own.node("orderer").tls.certificate, open.consenter.tls);
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

async function publish(file: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(file, to);
}

/** Every certificate that must be valid for an organisation to take part. */
export function certificatesOf(directory: string, organisation: Organisation): readonly string[] {
  const own = new OrganisationFiles(directory, organisation);
  return [
    own.authority("ca").certificate,
    own.authority("tlsca").certificate,
    ...(["peer", "orderer"] as const).flatMap((kind) => [signer(own.node(kind).msp).certificate, own.node(kind).tls.certificate]),
    signer(own.admin.msp).certificate,
    own.admin.tls.certificate,
    own.gateway.identity.certificate,
    own.gateway.tls.certificate,
    own.chaincode.service.certificate,
    own.chaincode.client.certificate,
  ];
}
