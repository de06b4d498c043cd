/** Who may attest: a node of one of a network's organisations, by the certificate that the organisation's authority issued. */
import { type Certificate, isValidAt, issuerOf, publicKeyOf, readAuthority, readNode } from "./x509";
import { demand, given } from "./errors";
import type { TrustedNetwork, TrustedOrganisation } from "./trust";

interface Attester {
  readonly node: Certificate;
  readonly issuer: Certificate;
  readonly key: CryptoKey;
}

/** By certificate, those already found to be an organisation's: thousands of receipts come from few nodes, and reading certificates is most of the work. */
const known = new WeakMap<TrustedOrganisation, Map<string, Attester>>();

/**
 * The key of an organisation's node, to verify with.
 * @param certificate PEM
 * @throws EvidenceError `certificate-malformed`, `certificate-untrusted`, `certificate-not-valid` and `certificate-revoked` at that time
 */
export async function attesterOf(mspId: string, certificate: string, at: Date, network: TrustedNetwork): Promise<CryptoKey> {
  const organisation = given(
    network.organisations.find((organisation) => organisation.mspId === mspId),
    "certificate-untrusted",
  );
  const { node, issuer, key } = await member(certificate, organisation);
  demand(isValidAt(node, at) && isValidAt(issuer, at), "certificate-not-valid");
  const isRevoked = organisation.revoked?.some(({ serial, since }) => serial === node.serial && new Date(since) <= at) ?? false;
  demand(!isRevoked, "certificate-revoked");
  return key;
}

async function member(certificate: string, organisation: TrustedOrganisation): Promise<Attester> {
  const members = known.get(organisation) ?? new Map<string, Attester>();
  known.set(organisation, members);
  const found = members.get(certificate);
  if (found !== undefined) return found;
  const node = readNode(certificate);
  const issuer = given(await issuerOf(node, organisation.certificates.map(readAuthority)), "certificate-untrusted");
  const attester = { node, issuer, key: await publicKeyOf(node) };
  members.set(certificate, attester);
  return attester;
}
