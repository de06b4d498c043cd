/** What a witness signs, https://c2sp.org/tlog-cosignature: that at a time it had seen this head and that it continues every one it signed before. */
import { fromHex, toBase64 } from "../../chaincode/proof/bytes";
import { type NoteSignature, parseNote } from "./note";
import { signBytes, type SignerKey, type VerifierKey, verifyBytes } from "./note-key";

const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;

/**
 * The line to put below a checkpoint's others.
 * @param checkpoint a note, signed or not
 * @param time seconds since 1970
 * @throws RangeError for what is no note
 */
export async function cosign(checkpoint: string, time: number, key: SignerKey): Promise<string> {
  const note = parseNote(checkpoint);
  if (note === undefined) throw new RangeError("not a note");
  const { name, id } = key.verifier;
  const signature = await signBytes(key, signed(note.text, time));
  return `— ${name} ${toBase64(Uint8Array.of(...(fromHex(id) ?? []), ...timeBytes(time), ...signature))}\n`;
}

/** @returns when it was made, seconds since 1970; undefined unless the key made it of this text */
export async function cosignedAt(text: string, { signature }: NoteSignature, key: VerifierKey): Promise<number | undefined> {
  if (signature.length !== TIME_BYTES + SIGNATURE_BYTES) return undefined;
  const time = Number(new DataView(signature.buffer, signature.byteOffset, TIME_BYTES).getBigUint64(0));
  if (!Number.isSafeInteger(time)) return undefined;
  return (await verifyBytes(key, signed(text, time), signature.subarray(TIME_BYTES))) ? time : undefined;
}

const signed = (text: string, time: number): Uint8Array => new TextEncoder().encode(`cosignature/v1\ntime ${time}\n${text}`);

function timeBytes(time: number): Uint8Array {
  const bytes = new Uint8Array(TIME_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(time));
  return bytes;
}
