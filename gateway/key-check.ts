/** Whether a gateway's keys, its name and its trust file belong together, and to its ledger. */
import { createPrivateKey, createPublicKey, type JsonWebKey, sign, verify, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parseWithholdingKey } from "./keys";
import { formatVerifierKey, parseSignerKey } from "./evidence/note-key";
import { wholeSecond } from "./trust";
import { parseTrust, type TrustedKey, trustedNetwork, type TrustFile } from "./evidence/trust";
import { openBlock } from "./ledger/embedded/block";
import { copyStore } from "./ledger/embedded/copy";
import { places } from "./ledger/embedded/files";
import { decodeGenesis, type Genesis } from "./ledger/embedded/genesis";
import type { Store } from "./ledger/embedded/store";

export type KeyDifferenceCode =
  /** `trust.json` is missing, cannot be read, or names another network or another authority than the ledger's. */
  | "trust-wrong"
  /** A key of the ledger is missing, or does not sign for its certificate. */
  | "ledger-key-wrong"
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
  yield* await wrong("trust-wrong", () => trustFault(data));
  for (const name of ["ca", "node", "gateway"]) yield* await wrong("ledger-key-wrong", () => ledgerKeyFault(join(identities, name)));
  for (const { journal, keys: trusted } of (await readTrust(data).catch(() => undefined))?.journals ?? []) {
    const file = join(keys, `${journal.slice(journal.indexOf("/") + 1)}.key`);
    yield* await wrong("journal-key-wrong", () => journalKeyFault(file, trusted), journal);
  }
  yield* await wrong("withholding-key-wrong", () => withholdingKeyFault(join(keys, "withholding.key")));
  yield* await wrong("issuer-wrong", () => issuerFault(join(keys, "issuer.key.json"), join(keys, "issuer.jwks.json")));
}

/** Everything in it is the ledger's own, keys apart; those are valid from when the ledger began, or later ones from later on. */
async function trustFault(data: string): Promise<string | undefined> {
  const { networks, journals } = await readTrust(data);
  const ledger = await ledgerOf(join(data, "ledger")).catch(() => undefined);
  if (ledger === undefined) return undefined; // there is nothing to compare it with, which is not its fault
  const { genesis, began } = ledger;
  const { network, channel, chaincode, mspId, authority } = genesis;
  if (network !== (await readFile(join(data, "network"), "utf8"))) return "the gateway's directory names another network";
  const own = trustedNetwork({ kind: "embedded", network, channel, chaincode }, [{ mspId, certificate: authority }]);
  if (!isDeepStrictEqual(networks, [own])) return "it names another ledger";
  if (!journals.every(({ journal }) => journal.startsWith(`${mspId}/`))) return "it names a journal of another organisation";
  const earliest = journals.map(({ keys }) => Math.min(...keys.map(({ validFrom }) => Date.parse(validFrom))));
  // By the second, as they are written; to the millisecond, as they were before 0.5.0.
  const begins = [Date.parse(began), wholeSecond(began).getTime()];
  return earliest.every((time) => begins.includes(time)) ? undefined : "a key was not valid when the ledger began";
}

async function ledgerOf(directory: string): Promise<{ readonly genesis: Genesis; readonly began: string }> {
  const copy = await copyStore(directory);
  let store: Store | undefined;
  try {
    store = await copy.open();
    const [first] = openBlock((await store.block(0)) ?? Buffer.alloc(0)).transactions;
    return { genesis: decodeGenesis(store.genesis() ?? Buffer.alloc(0)), began: first?.time ?? "" };
  } finally {
    await store?.close();
    await copy.remove();
  }
}

/** By signing, since a key file carries its public key too, which alone says nothing. */
async function ledgerKeyFault(file: string): Promise<string | undefined> {
  const [certificate, key] = [await readFile(`${file}.pem`, "utf8"), await readFile(`${file}.key`, "utf8")];
  if (!PEM.test(certificate) || !PEM.test(key)) return "there is something beside the certificate, or the key";
  // Who reads a key passes over some of its bits.
  const numbers = createPrivateKey({ key: createPrivateKey(key).export({ format: "jwk" }), format: "jwk" });
  if (numbers.export({ type: "pkcs8", format: "pem" }) !== key) return `${basename(file)}.key is written otherwise than a key is`;
  const { publicKey } = new X509Certificate(certificate);
  const signature = sign("sha256", PROBE, key);
  return verify("sha256", PROBE, publicKey, signature) ? undefined : `${basename(file)}.key does not sign for ${basename(file)}.pem`;
}

/** Nothing before or behind it, which those who read it would pass over. */
const PEM = /^-----BEGIN ([A-Z ]+)-----\n(?:[A-Za-z0-9+/=]{1,64}\n)+-----END \1-----\n$/;
const PROBE = Buffer.from("suyuan fsck");

async function journalKeyFault(file: string, trusted: readonly TrustedKey[]): Promise<string | undefined> {
  const key = await parseSignerKey(await readFile(file, "utf8"));
  if (key === undefined) return "it cannot be read";
  const inForce = trusted.filter(({ validUntil }) => validUntil === undefined);
  return inForce.some((one) => one.key === formatVerifierKey(key.verifier)) ? undefined : "it is not the one that trust.json names";
}

async function withholdingKeyFault(file: string): Promise<string | undefined> {
  return parseWithholdingKey(await readFile(file, "utf8")) === undefined ? "it is not as it was made" : undefined;
}

async function issuerFault(keyFile: string, setFile: string): Promise<string | undefined> {
  const issuer = JSON.parse(await readFile(keyFile, "utf8")) as JsonWebKey;
  const named = { ...issuer };
  delete named.d;
  const { x } = createPublicKey(createPrivateKey({ key: issuer, format: "jwk" })).export({ format: "jwk" });
  const set: unknown = JSON.parse(await readFile(setFile, "utf8"));
  return x === named.x && isDeepStrictEqual(set, { keys: [named] }) ? undefined : "the key set holds other keys than the issuer's";
}
