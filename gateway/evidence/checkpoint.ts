/** Heads of journals as anyone's verifier reads them, https://c2sp.org/tlog-checkpoint: origin, size and root, signed by the journal's key. */
import { fromBase64, toBase64 } from "../../chaincode/proof/bytes";
import { HASH_BYTES, type Hash } from "../../chaincode/proof/sha256";
import { demand, EvidenceError, given } from "./errors";
import { parseNote, signNote, verifyNote, type Note } from "./note";
import type { SignerKey, VerifierKey } from "./note-key";

export interface Checkpoint {
  /** Name of the journal's key, and the journal's for all verifiers: a URL without scheme. */
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
}

/** A checkpoint that was read but not verified, with the note to verify. */
export interface ReadCheckpoint extends Checkpoint {
  readonly note: Note;
}

/** The note's text. */
export async function signCheckpoint(size: number, root: Hash, key: SignerKey): Promise<string> {
  return signNote(`${key.verifier.name}\n${size}\n${toBase64(root)}\n`, key);
}

/** @throws EvidenceError `checkpoint-malformed` */
export function readCheckpoint(text: string): ReadCheckpoint {
  const note = given(parseNote(text), "checkpoint-malformed");
  const [origin = "", size = "", root = "", ...extensions] = note.text.slice(0, -1).split("\n");
  const hash = fromBase64(root);
  demand(origin !== "" && /^(?:0|[1-9]\d{0,15})$/.test(size) && Number.isSafeInteger(Number(size)), "checkpoint-malformed");
  demand(hash?.length === HASH_BYTES && extensions.every((line) => line !== ""), "checkpoint-malformed");
  return { origin, size: Number(size), root: hash, note };
}

/**
 * The keys among these that signed the checkpoint, at least one.
 * @throws EvidenceError `key-not-in-trust` where only another key of that name signed, `checkpoint-key-unknown` where nobody of that name did, `checkpoint-signature-wrong`
 */
export async function checkpointSigners({ origin, note }: ReadCheckpoint, keys: readonly VerifierKey[]): Promise<readonly VerifierKey[]> {
  const signers = await verifyNote(
    note,
    keys.filter((key) => key.name === origin),
  );
  if (signers === "wrong") throw new EvidenceError("checkpoint-signature-wrong");
  const isNamed = note.signatures.some(({ name }) => name === origin) && keys.some(({ name }) => name === origin);
  demand(signers.length > 0, isNamed ? "key-not-in-trust" : "checkpoint-key-unknown");
  return signers;
}
