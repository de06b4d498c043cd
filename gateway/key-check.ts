/** Whether a gateway's keys, its name and its trust file belong together, and to its ledger. */
import { createPrivateKey, createPublicKey, type JsonWebKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { formatVerifierKey, parseSignerKey } from "./evidence/note-key";
import { parseTrust, type TrustFile } from "./evidence/trust";
import { places } from "./ledger/embedded/files";

export type KeyDifferenceCode =
  /** `trust.json` is missing, cannot be read, or names another network or another authority than the ledger's. */
  | "trust-wrong"
  /** The key of the ledger's authority is missing, or not that of its certificate. */
  | "authority-key-wrong"
  /** A journal's key is missing, cannot be read, or is not the one that `trust.json` names. */
  | "journal-key-wrong"
  /** The key that salts withheld texts is missing or cannot be read. */
  | "withholding-key-wrong"
  /** The development issuer's key is missing, or the set that tokens are checked against is not its own. */
  | "issuer-wrong";

export interface KeyDifference {
  readonly code: KeyDifferenceCode;
  readonly journal?: string;
  /** For people. */
  readonly detail: string;
}

/** Of the trust file of a gateway's directory. @throws Error when it cannot be read; EvidenceError */
export const readTrust = async (data: string): Promise<TrustFile> => parseTrust(await readFile(join(data, "trust.json")));

/** @param data the gateway's directory. @returns each difference; none if all belongs together */
export async function* checkKeys(data: string): AsyncGenerator<KeyDifference, void> {
  const keys = join(data, "keys");
  const wrong = async (code: KeyDifferenceCode, check: () => Promise<string | undefined>, journal?: string): Promise<KeyDifference[]> => {
    const detail = await check().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    return detail === undefined ? [] : [{ code, ...(journal === undefined ? {} : { journal }), detail }];
  };
  const { identities } = places(join(data, "ledger"));
  yield* await wrong("trust-wrong", () => trustFault(data, join(identities, "ca.pem")));
  yield* await wrong("authority-key-wrong", () => authorityKeyFault(join(identities, "ca.pem"), join(identities, "ca.key")));
  for (const { journal, keys: trusted } of (await readTrust(data).catch(() => undefined))?.journals ?? []) {
    const file = join(keys, `${journal.slice(journal.indexOf("/") + 1)}.key`);
    yield* await wrong("journal-key-wrong", () => journalKeyFault(file, trusted), journal);
  }
  yield* await wrong("withholding-key-wrong", () => withholdingKeyFault(join(keys, "withholding.key")));
  yield* await wrong("issuer-wrong", () => issuerFault(join(keys, "issuer.key.json"), join(keys, "issuer.jwks.json")));
}

async function trustFault(data: string, authorityFile: string): Promise<string | undefined> {
  const { networks } = await readTrust(data);
  const [network] = networks;
  if (networks.length !== 1 || network?.network !== (await readFile(join(data, "network"), "utf8"))) return "it names another network";
  const authority = await readFile(authorityFile, "utf8");
  return isDeepStrictEqual(network.certificates, [authority]) ? undefined : "it names another authority than the ledger's";
}

async function authorityKeyFault(certificateFile: string, keyFile: string): Promise<string | undefined> {
  const certificate = new X509Certificate(await readFile(certificateFile));
  return certificate.checkPrivateKey(createPrivateKey(await readFile(keyFile))) ? undefined : "it is another authority's";
}

async function journalKeyFault(file: string, trusted: readonly { readonly key: string }[]): Promise<string | undefined> {
  const key = await parseSignerKey(await readFile(file, "utf8"));
  if (key === undefined) return "it cannot be read";
  return trusted.some((one) => one.key === formatVerifierKey(key.verifier)) ? undefined : "it is not the one that trust.json names";
}

async function withholdingKeyFault(file: string): Promise<string | undefined> {
  return /^[0-9a-f]{64}$/.test(await readFile(file, "utf8")) ? undefined : "it is not 32 bytes in hexadecimal";
}

async function issuerFault(keyFile: string, setFile: string): Promise<string | undefined> {
  const issuer = JSON.parse(await readFile(keyFile, "utf8")) as JsonWebKey;
  const named = { ...issuer };
  delete named.d;
  const { x } = createPublicKey(createPrivateKey({ key: issuer, format: "jwk" })).export({ format: "jwk" });
  const set: unknown = JSON.parse(await readFile(setFile, "utf8"));
  return x === named.x && isDeepStrictEqual(set, { keys: [named] }) ? undefined : "the key set holds other keys than the issuer's";
}
