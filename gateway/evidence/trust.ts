/**
 * The trust file: all that a verifier takes on trust. Whom to ask for it, and how to compare it, is the verifier's affair; everything else is
 * checked against it.
 */
import { canonicalText, parseStrict } from "../../chaincode/proof/canonical";
import { isJournalName, MSP_ID } from "../../chaincode/proof/holding-name";
import { type Authority, LEDGER_KINDS, type NetworkName } from "../ledger/port";
import { readAuthority } from "./x509";
import { demand, EvidenceError } from "./errors";
import { isKeyName, type KeyUse, parseVerifierKey } from "./note-key";
import { type Guard, list, literal, record, text, time } from "./shape";

export const TRUST_FORMAT = "suyuan-trust/1";
/** Longest trust file that is read, in bytes. */
export const MAX_TRUST = 1024 * 1024;

export interface TrustFile {
  readonly format: typeof TRUST_FORMAT;
  readonly networks: readonly TrustedNetwork[];
  readonly journals: readonly TrustedJournal[];
  /** Keys of witnesses, who vouch for having seen one history of each journal. */
  readonly witnesses?: readonly TrustedKey[];
}

export interface TrustedNetwork extends NetworkName {
  /** All that keep the ledger together: one, where it is embedded. */
  readonly organisations: readonly TrustedOrganisation[];
}

export interface TrustedOrganisation {
  readonly mspId: string;
  /** Of the certificate authorities that name its nodes, PEM. */
  readonly certificates: readonly string[];
  readonly revoked?: readonly Revocation[];
}

/** Of a certificate that one of the organisation's authorities issued. */
export interface Revocation {
  /** Serial number, hex without leading zeros. */
  readonly serial: string;
  /** RFC 3339; not good from then on. */
  readonly since: string;
}

export interface TrustedJournal {
  /** `network` of the one among {@link TrustFile.networks} that keeps the journal. */
  readonly network: string;
  /** `MSPID/name` */
  readonly journal: string;
  /** Its name in checkpoints, which is the name of its keys. */
  readonly origin: string;
  readonly keys: readonly TrustedKey[];
}

export interface TrustedKey {
  /** C2SP verifier key, `<name>+<id>+<base64>`; of a witness, one for cosignatures. */
  readonly key: string;
  /** RFC 3339; valid from then, and until but not at. */
  readonly validFrom: string;
  readonly validUntil?: string;
}

const MSP = new RegExp(`^${MSP_ID}$`);
const name = text(255, (value) => /^[!-~]+$/.test(value));

const isKey = (use: KeyUse): Guard<TrustedKey> =>
  record<TrustedKey>({ key: text(400, (key) => parseVerifierKey(key, use) !== undefined), validFrom: time, validUntil: time }, [
    "validUntil",
  ]);

const isTrustFile = record<TrustFile>(
  {
    format: literal(TRUST_FORMAT),
    networks: list(
      record<TrustedNetwork>({
        kind: literal(...LEDGER_KINDS),
        network: name,
        channel: name,
        chaincode: name,
        organisations: list(
          record<TrustedOrganisation>(
            {
              mspId: text(100, (value) => MSP.test(value)),
              certificates: list(text(16_384), 20),
              revoked: list(record<Revocation>({ serial: text(64, (value) => /^[1-9a-f][0-9a-f]*$/.test(value)), since: time }), 1000),
            },
            ["revoked"],
          ),
          100,
        ),
      }),
      100,
    ),
    journals: list(
      record<TrustedJournal>({
        network: name,
        journal: text(200, isJournalName),
        origin: text(255, isKeyName),
        keys: list(isKey("note"), 100),
      }),
      1000,
    ),
    witnesses: list(isKey("cosignature"), 100),
  },
  ["witnesses"],
);

/**
 * Reads a trust file and checks that it means something: organisations are named once and certificates are
 * of authorities, journals have an origin each, whose name their keys bear, and every journal's network is named.
 * @throws EvidenceError `trust-malformed`
 */
export function parseTrust(file: string | Uint8Array): TrustFile {
  demand(file.length <= MAX_TRUST, "trust-malformed");
  const { value } = parseStrict(file, { maxDepth: 8 });
  demand(isTrustFile(value), "trust-malformed");
  const networks = new Set(value.networks.map(({ network }) => network));
  const journals = new Set(value.journals.map(({ network, journal }) => `${network} ${journal}`));
  demand(networks.size === value.networks.length && journals.size === value.journals.length, "trust-malformed");
  demand(new Set(value.journals.map(({ origin }) => origin)).size === value.journals.length, "trust-malformed");
  demand(new Set(value.witnesses?.map(({ key }) => key)).size === (value.witnesses?.length ?? 0), "trust-malformed");
  value.networks.forEach(demandOrganisations);
  for (const { network, origin, keys } of value.journals) {
    demand(networks.has(network) && keys.every(({ key }) => parseVerifierKey(key)?.name === origin), "trust-malformed");
    demand(new Set(keys.map(({ key }) => key)).size === keys.length, "trust-malformed");
  }
  return value;
}

/** @param authorities of each organisation, one or several */
export function trustedNetwork(name: NetworkName, authorities: readonly Authority[]): TrustedNetwork {
  const { kind, network, channel, chaincode } = name;
  const organisations = [...new Set(authorities.map(({ mspId }) => mspId))].map((mspId) => ({
    mspId,
    certificates: authorities.filter((one) => one.mspId === mspId).map(({ certificate }) => certificate),
  }));
  return { kind, network, channel, chaincode, organisations };
}

/** The file's content. */
export function formatTrust(trust: TrustFile): string {
  return canonicalText(trust);
}

function demandOrganisations({ organisations }: TrustedNetwork): void {
  demand(new Set(organisations.map(({ mspId }) => mspId)).size === organisations.length, "trust-malformed");
  try {
    for (const { certificates } of organisations) certificates.forEach(readAuthority);
  } catch (cause) {
    throw new EvidenceError("trust-malformed", { cause });
  }
}
