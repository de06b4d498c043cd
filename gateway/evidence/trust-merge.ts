/**
 * Trust files of several makers, or of one maker at several times, as one: each gateway knows its own journals' keys, and all know the network; keys are
 * replaced, certificates are renewed and revoked, and what the older file says stays needed for what was signed then.
 */
import { canonicalText } from "../../chaincode/proof/canonical";
import { demand } from "./errors";
import {
  type Revocation,
  TRUST_FORMAT,
  type TrustedJournal,
  type TrustedKey,
  type TrustedNetwork,
  type TrustedOrganisation,
  type TrustFile,
} from "./trust";

/**
 * Networks, journals and witnesses of both, whichever is older. Where both speak of one thing:
 * - a revocation holds from the earlier time on, and a key ends at the earlier: that takes trust away
 * - a journal's keys, and an organisation's authorities, are those of both, if both know one of them at least; a journal never has two keys at a time
 * - all else must be the same, organisations of a network too: nobody gets a say in it by adding a file
 * @throws EvidenceError `trust-conflict`
 */
export function mergeTrust(one: TrustFile, other: TrustFile): TrustFile {
  const networks = merged(one.networks, other.networks, ({ network }) => network, mergeNetworks);
  const journals = merged(one.journals, other.journals, ({ network, journal }) => `${network} ${journal}`, mergeJournals);
  demand(new Set(journals.map(({ origin }) => origin)).size === journals.length, "trust-conflict");
  const witnesses = merged(one.witnesses ?? [], other.witnesses ?? [], ({ key }) => key, mergeKeys);
  return { format: TRUST_FORMAT, networks, journals, ...(witnesses.length === 0 ? {} : { witnesses }) };
}

function mergeNetworks(one: TrustedNetwork, other: TrustedNetwork): TrustedNetwork {
  same({ ...one, organisations: [] }, { ...other, organisations: [] });
  const names = ({ organisations }: TrustedNetwork): readonly string[] => organisations.map(({ mspId }) => mspId).sort();
  same(names(one), names(other));
  return { ...one, organisations: merged(one.organisations, other.organisations, ({ mspId }) => mspId, mergeOrganisations) };
}

function mergeOrganisations(one: TrustedOrganisation, other: TrustedOrganisation): TrustedOrganisation {
  demand(
    one.certificates.some((certificate) => other.certificates.includes(certificate)),
    "trust-conflict",
  );
  const certificates = [...new Set([...one.certificates, ...other.certificates])];
  const revoked = merged(one.revoked ?? [], other.revoked ?? [], ({ serial }) => serial, earlier);
  return { mspId: one.mspId, certificates, ...(revoked.length === 0 ? {} : { revoked }) };
}

const earlier = (one: Revocation, other: Revocation): Revocation => (new Date(other.since) < new Date(one.since) ? other : one);

function mergeJournals(one: TrustedJournal, other: TrustedJournal): TrustedJournal {
  same({ ...one, keys: [] }, { ...other, keys: [] });
  const isKnown = ({ keys }: TrustedJournal, { key }: TrustedKey): boolean => keys.some((known) => known.key === key);
  demand(canonicalText(one.keys) === canonicalText(other.keys) || one.keys.some((key) => isKnown(other, key)), "trust-conflict");
  const keys = merged(one.keys, other.keys, ({ key }) => key, mergeKeys).toSorted(byBeginning);
  const isFollowed = (key: TrustedKey, next: TrustedKey | undefined): boolean =>
    next === undefined || (key.validUntil !== undefined && new Date(key.validUntil) <= new Date(next.validFrom));
  const isAdded = keys.length > Math.min(one.keys.length, other.keys.length);
  demand(!isAdded || keys.every((key, i) => isFollowed(key, keys[i + 1])), "trust-conflict");
  return { ...one, keys };
}

const byBeginning = (one: TrustedKey, other: TrustedKey): number => Date.parse(one.validFrom) - Date.parse(other.validFrom);

/** Both begin in one second: the first key of a ledger was dated to the millisecond before 0.5.0. */
function mergeKeys(one: TrustedKey, other: TrustedKey): TrustedKey {
  const secondOf = ({ validFrom }: TrustedKey): number => Math.floor(Date.parse(validFrom) / 1000);
  demand(one.key === other.key && secondOf(one) === secondOf(other), "trust-conflict");
  const [{ key, validFrom }] = [one, other].toSorted(byBeginning) as [TrustedKey, TrustedKey];
  const [validUntil] = [one, other].flatMap((it) => it.validUntil ?? []).toSorted((a, b) => Date.parse(a) - Date.parse(b));
  return { key, validFrom, ...(validUntil === undefined ? {} : { validUntil }) };
}

function same<T>(one: T, other: T): void {
  demand(canonicalText(one) === canonicalText(other), "trust-conflict");
}

/** Of both lists, in the order of the first. */
function merged<T>(ones: readonly T[], others: readonly T[], nameOf: (item: T) => string, merge: (one: T, other: T) => T): readonly T[] {
  const all = new Map(ones.map((one) => [nameOf(one), one]));
  for (const other of others) {
    const one = all.get(nameOf(other));
    all.set(nameOf(other), one === undefined ? other : merge(one, other));
  }
  return [...all.values()];
}
