/** Identities of the parties that an organisation hosts: party and role as attributes, under the organisation's own authority. */
import { OrganisationFiles, type Pair } from "../directory";
import { NetworkError } from "../errors";
import { nodeName, type Organisation, type Topology } from "../topology";
import { Authority } from "./authority";

/**
 * Makes an identity for a party in a role, and a certificate for its TLS connections; again, new ones in their place. It may ask its
 * organisation's peer; to record events is for the gateway alone.
 * @param party credit code. @throws NetworkError `role-not-hosted`
 */
export async function enrol(
  directory: string,
  topology: Topology,
  organisation: Organisation,
  party: string,
  role: string,
): Promise<{ readonly identity: Pair; readonly tls: Pair }> {
  const { roles } = organisation;
  if (!roles.includes(role)) throw new NetworkError("role-not-hosted", { role, organisation: organisation.name, roles: roles.join(", ") });
  const own = new OrganisationFiles(directory, organisation);
  const files = own.party(party, role);
  const name = nodeName(topology, organisation, `${role}.${party}`);
  const [ca, tlsca] = await Promise.all([Authority.load(own.authority("ca")), Authority.load(own.authority("tlsca"))]);
  await ca.issue(files.identity, name, { unit: "client", attributes: { party, role } });
  await tlsca.issue(files.tls, name, { tls: [] });
  return files;
}
