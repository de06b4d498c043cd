/**
 * Ed25519 keys of signed notes (https://c2sp.org/signed-note): a name, an id of four bytes that tells keys of one name apart, and the key.
 * Their texts are those of Go's sumdb/note: `<name>+<id>+<base64>` for the one who verifies, `PRIVATE+KEY+<name>+<id>+<base64>` for the one who signs.
 * The name is a stable URL without scheme, and the origin of the journal that signs with it.
 * Keys of witnesses, who sign with the time (https://c2sp.org/tlog-cosignature), are the same behind another first byte, so that neither passes for the other.
 */
import { fromBase64, fromBase64Url, toBase64, toHex } from "../../chaincode/proof/bytes";
import { sha256 } from "../../chaincode/proof/sha256";

/** Byte in front of every key, by what is signed with it. */
const ALGORITHMS = { note: 1, cosignature: 4 } as const;
export type KeyUse = keyof typeof ALGORITHMS;
const KEY_BYTES = 32;
/** RFC 8410, section 7: what stands before the 32 bytes of a private key in PKCS #8. */
const PKCS8 = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);

export interface VerifierKey {
  readonly name: string;
  /** Eight hex digits. */
  readonly id: string;
  readonly publicKey: Uint8Array;
}

export interface SignerKey {
  readonly verifier: VerifierKey;
  readonly privateKey: CryptoKey;
}

/** Names that we give: visible ASCII without plus. */
export function isKeyName(name: string): boolean {
  return /^[!-*,-~]{1,255}$/.test(name);
}

/** The first four bytes of SHA-256(name || 0x0A || first byte || public key), in hex. */
export function keyId(name: string, publicKey: Uint8Array, use: KeyUse = "note"): string {
  const head = new TextEncoder().encode(`${name}\n`);
  const input = new Uint8Array(head.length + 1 + publicKey.length);
  input.set(head);
  input[head.length] = ALGORITHMS[use];
  input.set(publicKey, head.length + 1);
  return toHex(sha256(input).subarray(0, 4));
}

export function formatVerifierKey({ name, id, publicKey }: VerifierKey, use: KeyUse = "note"): string {
  return `${name}+${id}+${encodeKey(publicKey, use)}`;
}

/** @returns undefined unless the text is a key whose id is the one of its name and bytes */
export function parseVerifierKey(text: string, use: KeyUse = "note"): VerifierKey | undefined {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  if (name === undefined || id === undefined || encoded === undefined || !isKeyName(name)) return undefined;
  const publicKey = decodeKey(encoded, use);
  return publicKey !== undefined && keyId(name, publicKey, use) === id ? { name, id, publicKey } : undefined;
}

/** A new key. @returns it, and its text, which is secret. @throws RangeError unless {@link isKeyName} */
export async function generateSignerKey(name: string, use: KeyUse = "note"): Promise<{ readonly key: SignerKey; readonly text: string }> {
  if (!isKeyName(name)) throw new RangeError(`${name} cannot name a key`);
  const seed = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const key = await signerKey(name, seed, use);
  return { key, text: `PRIVATE+KEY+${name}+${key.verifier.id}+${encodeKey(seed, use)}` };
}

/** @returns undefined unless the text is a private key whose id is the one of its name and public key */
export async function parseSignerKey(text: string, use: KeyUse = "note"): Promise<SignerKey | undefined> {
  const [, name, id, encoded] = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const seed = encoded === undefined ? undefined : decodeKey(encoded, use);
  if (name === undefined || seed === undefined || !isKeyName(name)) return undefined;
  const key = await signerKey(name, seed, use);
  return key.verifier.id === id ? key : undefined;
}

/** Ed25519, RFC 8032: 64 bytes. */
export async function signBytes(key: SignerKey, data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign("Ed25519", key.privateKey, new Uint8Array(data)));
}

export async function verifyBytes(key: VerifierKey, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return crypto.subtle.verify("Ed25519", await publicCryptoKey(key), new Uint8Array(signature), new Uint8Array(data));
}

export async function publicCryptoKey({ publicKey }: VerifierKey): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", new Uint8Array(publicKey), "Ed25519", true, ["verify"]);
}

async function signerKey(name: string, seed: Uint8Array, use: KeyUse): Promise<SignerKey> {
  const pkcs8 = new Uint8Array(PKCS8.length + KEY_BYTES);
  pkcs8.set(PKCS8);
  pkcs8.set(seed, PKCS8.length);
  // Web Crypto gives the public key away only in the JWK of a private one.
  const { x } = await crypto.subtle.exportKey("jwk", await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]));
  const publicKey = fromBase64Url(x ?? "");
  if (publicKey?.length !== KEY_BYTES) throw new Error("the public key was not given");
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
  return { verifier: { name, id: keyId(name, publicKey, use), publicKey }, privateKey };
}

const encodeKey = (key: Uint8Array, use: KeyUse): string => toBase64(Uint8Array.of(ALGORITHMS[use], ...key));

function decodeKey(encoded: string, use: KeyUse): Uint8Array | undefined {
  const bytes = fromBase64(encoded);
  return bytes?.length === 1 + KEY_BYTES && bytes[0] === ALGORITHMS[use] ? bytes.subarray(1) : undefined;
}
