/**
 * The trust file: all that a verifier takes on trust. Whom to ask for it, and how to compare it, is the verifier's affair; everything else is
 * checked against it.
 */
import { canonicalText, parseStrict } from "../../chaincode/proof/canonical";
import { isJournalName } from "../../chaincode/proof/holding-name";
import { LEDGER_KINDS, type NetworkName } from "../ledger/port";
import { readAuthority } from "./certificate";
import { demand, EvidenceError } from "./errors";
import { isKeyName, parseVerifierKey } from "./note-key";
import { list, literal, record, text, time } from "./shape";

export const TRUST_FORMAT = "suyuan-trust/1";
const MAX_TRUST = 1024 * 1024;

export interface TrustFile {
  readonly format: typeof TRUST_FORMAT;
  readonly networks: readonly TrustedNetwork[];
  readonly journals: readonly TrustedJournal[];
}

export interface TrustedNetwork extends NetworkName {
  /** Of the certificate authorities that name nodes, PEM. */
  readonly certificates: readonly string[];
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
  /** C2SP verifier key, `<name>+<id>+<base64>`. */
  readonly key: string;
  /** RFC 3339; valid from then, and until but not at. */
  readonly validFrom: string;
  readonly validUntil?: string;
}

const name = text(255, (value) => /^[!-~]+$/.test(value));

const isTrustFile = record<TrustFile>({
  format: literal(TRUST_FORMAT),
  networks: list(
    record<TrustedNetwork>({
      kind: literal(...LEDGER_KINDS),
      network: name,
      channel: name,
      chaincode: name,
      certificates: list(text(16_384), 100),
    }),
    100,
  ),
  journals: list(
    record<TrustedJournal>({
      network: name,
      journal: text(200, isJournalName),
      origin: text(255, isKeyName),
      keys: list(
        record<TrustedKey>({ key: text(400, (key) => parseVerifierKey(key) !== undefined), validFrom: time, validUntil: time }, [
          "validUntil",
        ]),
        100,
      ),
    }),
    1000,
  ),
});

/**
 * Reads a trust file and checks that it means something: certificates are of authorities, keys bear their origin's name, every journal's network is named.
 * @throws EvidenceError `trust-malformed`
 */
export function parseTrust(file: string | Uint8Array): TrustFile {
  demand(file.length <= MAX_TRUST, "trust-malformed");
  const { value } = parseStrict(file, { maxDepth: 8 });
  demand(isTrustFile(value), "trust-malformed");
  const networks = new Set(value.networks.map(({ network }) => network));
  const journals = new Set(value.journals.map(({ network, journal }) => `${network} ${journal}`));
  demand(networks.size === value.networks.length && journals.size === value.journals.length, "trust-malformed");
  value.networks.forEach(demandAuthorities);
  for (const { network, origin, keys } of value.journals)
    demand(networks.has(network) && keys.every(({ key }) => parseVerifierKey(key)?.name === origin), "trust-malformed");
  return value;
}

/** The file's content. */
export function formatTrust(trust: TrustFile): string {
  return canonicalText(trust);
}

function demandAuthorities({ certificates }: TrustedNetwork): void {
  try {
    certificates.forEach(readAuthority);
  } catch (cause) {
    throw new EvidenceError("trust-malformed", { cause });
  }
}
