/** Trust files of several makers as one: each gateway knows its own journals' keys, and all know the network. */
import { canonicalText } from "../../chaincode/proof/canonical";
import { demand } from "./errors";
import { type Revocation, TRUST_FORMAT, type TrustedNetwork, type TrustedOrganisation, type TrustFile } from "./trust";

/**
 * Networks, journals and witnesses of both. What both speak of must be the same, but for revocations, which are added up: they take trust away, and nobody
 * gets any by adding a file.
 * @throws EvidenceError `trust-conflict`
 */
export function mergeTrust(one: TrustFile, other: TrustFile): TrustFile {
  const networks = merged(one.networks, other.networks, ({ network }) => network, mergeNetworks);
  const journals = merged(one.journals, other.journals, ({ network, journal }) => `${network} ${journal}`, same);
  demand(new Set(journals.map(({ origin }) => origin)).size === journals.length, "trust-conflict");
  const witnesses = merged(one.witnesses ?? [], other.witnesses ?? [], ({ key }) => key, same);
  return { format: TRUST_FORMAT, networks, journals, ...(witnesses.length === 0 ? {} : { witnesses }) };
}

function mergeNetworks(one: TrustedNetwork, other: TrustedNetwork): TrustedNetwork {
  same({ ...one, organisations: [] }, { ...other, organisations: [] });
  demand(one.organisations.length === other.organisations.length, "trust-conflict");
  return { ...one, organisations: merged(one.organisations, other.organisations, ({ mspId }) => mspId, mergeOrganisations, "no more") };
}

function mergeOrganisations(one: TrustedOrganisation, other: TrustedOrganisation): TrustedOrganisation {
  const { mspId, certificates } = one;
  same({ mspId, certificates }, { mspId: other.mspId, certificates: other.certificates });
  const revoked = merged(one.revoked ?? [], other.revoked ?? [], ({ serial }) => serial, earlier);
  return { mspId, certificates, ...(revoked.length === 0 ? {} : { revoked }) };
}

const earlier = (one: Revocation, other: Revocation): Revocation => (new Date(other.since) < new Date(one.since) ? other : one);

function same<T>(one: T, other: T): T {
  demand(canonicalText(one) === canonicalText(other), "trust-conflict");
  return one;
}

/** @param more whether what only the second list has is taken too */
function merged<T>(
  ones: readonly T[],
  others: readonly T[],
  nameOf: (item: T) => string,
  merge: (one: T, other: T) => T,
  more: "more" | "no more" = "more",
): readonly T[] {
  const all = new Map(ones.map((one) => [nameOf(one), one]));
  for (const other of others) {
    const one = all.get(nameOf(other));
    demand(one !== undefined || more === "more", "trust-conflict");
    all.set(nameOf(other), one === undefined ? other : merge(one, other));
  }
  return [...all.values()];
}
