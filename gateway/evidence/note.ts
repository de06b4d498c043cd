/// <reference lib="es2024.string" />
/** Signed notes, https://c2sp.org/signed-note: a text and lines that sign it, `— <key name> <base64 of key id and signature>`. */
import { fromBase64, toBase64, fromHex, toHex } from "../../chaincode/proof/bytes";
import { signBytes, verifyBytes, type SignerKey, type VerifierKey } from "./note-key";

/** Longest note that is read, in characters: more than the 16 signatures of any kind that the format asks for. */
export const MAX_NOTE = 100_000;

export interface Note {
  /** With its last newline, which is signed too. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  readonly name: string;
  /** Id of the key, eight hex digits. */
  readonly id: string;
  readonly signature: Uint8Array;
}

const LINE = /^— ([^\p{White_Space}+]+) (\S+)$/u;
const KEY_ID_BYTES = 4;

/** @returns undefined unless it is a well-formed note; nothing is verified */
export function parseNote(note: string): Note | undefined {
  const end = note.lastIndexOf("\n\n");
  if (note.length > MAX_NOTE || end < 0 || !note.endsWith("\n") || !isClean(note)) return undefined;
  const lines = note.slice(end + 2, -1).split("\n");
  const signatures = lines.map(parseLine).filter((signature) => signature !== undefined);
  return signatures.length === lines.length ? { text: note.slice(0, end + 1), signatures } : undefined;
}

/** @throws RangeError for a text that is empty, does not end with a newline, or has control characters */
export async function signNote(text: string, key: SignerKey): Promise<string> {
  if (!text.endsWith("\n") || !isClean(text)) throw new RangeError("not the text of a note");
  const { name, id } = key.verifier;
  const signature = await signBytes(key, new TextEncoder().encode(text));
  return `${text}\n— ${name} ${toBase64(Uint8Array.of(...(fromHex(id) ?? []), ...signature))}\n`;
}

/**
 * Which of these keys signed the note; signatures of other keys count for nothing.
 * @returns `wrong` if a signature that claims to be of one of these keys is not: then the whole note is to be refused
 */
export async function verifyNote(note: Note, keys: readonly VerifierKey[]): Promise<readonly VerifierKey[] | "wrong"> {
  const data = new TextEncoder().encode(note.text);
  const signers: VerifierKey[] = [];
  for (const { name, id, signature } of note.signatures) {
    const key = keys.find((key) => key.name === name && key.id === id);
    if (key === undefined) continue;
    if (!(await verifyBytes(key, data, signature))) return "wrong";
    signers.push(key);
  }
  return signers;
}

function parseLine(line: string): NoteSignature | undefined {
  const [, name, encoded] = LINE.exec(line) ?? [];
  const bytes = encoded === undefined ? undefined : fromBase64(encoded);
  if (name === undefined || bytes === undefined || bytes.length <= KEY_ID_BYTES) return undefined;
  return { name, id: toHex(bytes.subarray(0, KEY_ID_BYTES)), signature: bytes.subarray(KEY_ID_BYTES) };
}

/** No control characters but newline, no lone surrogates. */
function isClean(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20 && text[i] !== "\n") return false;
  return text.isWellFormed();
}
