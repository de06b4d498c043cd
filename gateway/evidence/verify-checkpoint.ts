/** Whether a checkpoint by itself, as a mirror serves it, is signed by the journal's key and by witnesses that the trust file names. */
import { toHex } from "../../chaincode/proof/bytes";
import { checkpointSigners, readCheckpoint } from "./checkpoint";
import { cosignedAt } from "./cosignature";
import { demand, given } from "./errors";
import { CLOCKS_MS, isInForce } from "./head";
import { formatVerifierKey, parseVerifierKey } from "./note-key";
import type { TrustFile } from "./trust";
import { utf8 } from "./utf8";
import type { NotProven, Proven } from "./verify-receipt";

export interface CheckpointVerdict {
  readonly network: string;
  readonly journal: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  /** Names of the witnesses' keys, and when they signed, RFC 3339. */
  readonly cosigned: readonly { readonly witness: string; readonly time: string }[];
  readonly proven: readonly Proven[];
  readonly notProven: readonly NotProven[];
}

/**
 * A line of a key that the trust file does not name is refused, not passed over: it could say anything.
 * @throws EvidenceError `checkpoint-malformed`, `journal-unknown`, `checkpoint-key-unknown`, `checkpoint-key-not-valid`, `checkpoint-signature-wrong`,
 * `witness-unknown`, `witness-not-valid`, `cosignature-wrong`
 */
export async function verifyCheckpointFile(file: Uint8Array, trust: TrustFile, now = new Date()): Promise<CheckpointVerdict> {
  const checkpoint = readCheckpoint(utf8(file, "checkpoint-malformed"));
  const { origin, size, root, note } = checkpoint;
  const { network, journal, keys } = given(
    trust.journals.find((one) => one.origin === origin),
    "journal-unknown",
  );
  const lines = note.signatures.map(({ name, id }) => `${name} ${id}`);
  demand(new Set(lines).size === lines.length, "checkpoint-malformed");
  const known = keys.map(({ key }) => given(parseVerifierKey(key), "trust-malformed"));
  const signers = await checkpointSigners(checkpoint, known);
  const isOwn = ({ name, id }: { readonly name: string; readonly id: string }): boolean =>
    signers.some((key) => key.name === name && key.id === id);

  const cosigned = [];
  for (const line of note.signatures.filter((signature) => !isOwn(signature))) {
    const trusted = given(
      trust.witnesses?.find(({ key }) => {
        const witness = parseVerifierKey(key, "cosignature");
        return witness?.name === line.name && witness.id === line.id;
      }),
      line.name === origin ? "checkpoint-key-unknown" : "witness-unknown",
    );
    const key = given(parseVerifierKey(trusted.key, "cosignature"), "trust-malformed");
    const time = new Date(1000 * given(await cosignedAt(note.text, line, key), "cosignature-wrong"));
    demand(!Number.isNaN(time.getTime()) && time.getTime() <= now.getTime() + CLOCKS_MS, "cosignature-wrong");
    demand(isInForce(trusted, time), "witness-not-valid");
    cosigned.push({ witness: key.name, time: time.toISOString() });
  }
  // A head has no time of its own: it is as old as what was said of it first.
  const at = new Date(cosigned.map(({ time }) => time).sort()[0] ?? now);
  const valid = keys.filter((key) => isInForce(key, at)).map(({ key }) => key);
  demand(
    signers.some((key) => valid.includes(formatVerifierKey(key))),
    "checkpoint-key-not-valid",
  );
  const proven = ["head-signed-by-journal", ...(cosigned.length > 0 ? (["head-cosigned"] as const) : [])] as const;
  return { network, journal, size, root: toHex(root), cosigned, proven, notProven: ["head-on-ledger"] };
}
