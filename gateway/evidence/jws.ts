/** What a journal's key signs beside checkpoints: compact JWS (RFC 7515) with Ed25519. Read so that nobody can read it otherwise: no header but what is needed, no key twice. */
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from "jose";
import { fromBase64Url } from "../../chaincode/proof/bytes";
import { parseStrict } from "../../chaincode/proof/canonical";
import { demand, EvidenceError, type EvidenceErrorCode, given } from "./errors";
import { publicCryptoKey, type SignerKey, type VerifierKey } from "./note-key";

const ALGORITHM = "EdDSA";

/** The names of the header: `alg`, `typ` and `kid`. */
const HEADER_NAMES = 3;

/** @param type media type, which keeps one kind of statement from passing for another */
export async function signJws(type: string, claims: object, key: SignerKey): Promise<string> {
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: ALGORITHM, typ: type, kid: kidOf(key.verifier) }).sign(key.privateKey);
}

/** What is told where it is no such statement, where nobody whom the name is known of signed it, and where the signature is wrong. */
export interface JwsCodes {
  readonly malformed: EvidenceErrorCode;
  readonly unknown: EvidenceErrorCode;
  readonly wrong: EvidenceErrorCode;
}

/**
 * @param keys those known
 * @returns what was said, and the key that signed it: whether that was in force then is the caller's to see
 * @throws EvidenceError those codes; `key-not-in-trust` where the key's name is known and the key is not
 */
export async function openJws(
  jws: string,
  type: string,
  keys: readonly VerifierKey[],
  { malformed, unknown, wrong }: JwsCodes,
): Promise<{ readonly payload: object; readonly signer: VerifierKey }> {
  const parts = jws.split(".").map((part) => fromBase64Url(part));
  const [header, claims] = parts.slice(0, 2).map((part) => part && parseStrict(part).value);
  demand(parts.length === 3 && parts[2] !== undefined && header !== undefined && claims !== undefined, malformed);
  try {
    const { kid = "", ...others } = decodeProtectedHeader(jws);
    demand(kid !== "" && Object.keys(others).length === HEADER_NAMES - 1, malformed);
    const isNamed = keys.some(({ name }) => kid.startsWith(`${name}+`));
    const signer = given(
      keys.find((key) => kidOf(key) === kid),
      isNamed ? "key-not-in-trust" : unknown,
    );
    const { payload } = await jwtVerify(jws, await publicCryptoKey(signer), { algorithms: [ALGORITHM], typ: type });
    return { payload, signer };
  } catch (cause) {
    if (cause instanceof EvidenceError) throw cause;
    // The library throws more than its own errors for what is no JWS.
    throw new EvidenceError(cause instanceof errors.JWSSignatureVerificationFailed ? wrong : malformed, { cause });
  }
}

/** Name of the key that says it signed; unverified, and undefined where there is none. */
export function keyNameOf(jws: string): string | undefined {
  try {
    return decodeProtectedHeader(jws).kid?.split("+")[0];
  } catch {
    return undefined;
  }
}

const kidOf = (key: VerifierKey): string => `${key.name}+${key.id}`;
