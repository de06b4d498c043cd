/** As much of DER (X.690, section 10) as it takes to see that bytes have their one spelling, where libraries are lenient. */
import { fromHex, sameBytes } from "../../chaincode/proof/bytes";

const [INTEGER, BIT_STRING, SEQUENCE] = [0x02, 0x03, 0x30];
/** AlgorithmIdentifier of ecdsa-with-SHA256 (RFC 5758, section 3.2). */
const ECDSA_WITH_SHA256 = fromHex("300a06082a8648ce3d040302") ?? new Uint8Array(0);
/** Half the order of the group of P-256: the higher of the two values of s that fit a signature is not used. */
const HALF_ORDER = BigInt("0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8");
const SCALAR_BYTES = 32;

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly rest: Uint8Array;
}

/** @returns undefined unless an element with a length in its shortest form stands at the beginning */
function read(bytes: Uint8Array): Element | undefined {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) return undefined;
  const count = first < 0x80 ? 0 : first - 0x80;
  if (first === 0x80 || count > 3 || bytes.length < 2 + count) return undefined;
  const length = count === 0 ? first : bytes.subarray(2, 2 + count).reduce((sum, byte) => sum * 256 + byte, 0);
  const shortest = count === 0 || (length >= 0x80 && length >= 256 ** (count - 1));
  const start = 2 + count;
  if (!shortest || bytes.length < start + length) return undefined;
  return { tag, content: bytes.subarray(start, start + length), rest: bytes.subarray(start + length) };
}

function whole(bytes: Uint8Array, tag: number): Uint8Array | undefined {
  const element = read(bytes);
  return element?.tag === tag && element.rest.length === 0 ? element.content : undefined;
}

/**
 * An ECDSA signature of P-256 as Web Crypto wants it: r and s, 32 bytes each.
 * @returns undefined unless it is DER, with the lower of the two values of s
 */
export function parseEcdsaSignature(der: Uint8Array): Uint8Array | undefined {
  const r = read(whole(der, SEQUENCE) ?? new Uint8Array(0));
  const s = whole(r?.rest ?? new Uint8Array(0), INTEGER);
  if (r?.tag !== INTEGER || s === undefined) return undefined;
  const [left, right] = [scalar(r.content), scalar(s)];
  if (left === undefined || right === undefined || toInteger(right) > HALF_ORDER) return undefined;
  const signature = new Uint8Array(2 * SCALAR_BYTES);
  signature.set(left);
  signature.set(right, SCALAR_BYTES);
  return signature;
}

/** Whether a certificate's bytes around the part that is signed are as they must be, with an ECDSA P-256 signature: those, nobody signed. */
export function isCleanCertificate(der: Uint8Array): boolean {
  const signed = read(whole(der, SEQUENCE) ?? new Uint8Array(0));
  if (signed?.tag !== SEQUENCE) return false;
  const algorithm = signed.rest.subarray(0, ECDSA_WITH_SHA256.length);
  const signature = whole(signed.rest.subarray(ECDSA_WITH_SHA256.length), BIT_STRING);
  return sameBytes(algorithm, ECDSA_WITH_SHA256) && signature?.[0] === 0 && parseEcdsaSignature(signature.subarray(1)) !== undefined;
}

/** The 32 bytes of a positive INTEGER. */
function scalar(content: Uint8Array): Uint8Array | undefined {
  const [first = 0x80, second = 0] = content;
  const shortest = first !== 0 || second >= 0x80;
  const digits = first === 0 ? content.subarray(1) : content;
  if (first >= 0x80 || !shortest || digits.length > SCALAR_BYTES) return undefined;
  const bytes = new Uint8Array(SCALAR_BYTES);
  bytes.set(digits, SCALAR_BYTES - digits.length);
  return bytes;
}

const toInteger = (bytes: Uint8Array): bigint => bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
