/**
 * A witness: signs a checkpoint (cosignature/v1) only if it continues the last one that it signed of that journal. What it signed is kept beside its key, not with the
 * copy: a copy that is lost, or made anew, must not make it forget. It is kept, durably, before a signature leaves.
 */
import { existsSync } from "node:fs";
import { Level } from "level";
import { fromHex, toHex } from "../../chaincode/proof/bytes";
import { consistencyPath, verifyConsistency } from "../../chaincode/proof/rfc6962";
import type { Hash } from "../../chaincode/proof/sha256";
import { isLocked } from "../../gateway/database-copy";
import { readOrMake, writeDurably } from "../../gateway/durable-file";
import { readCheckpoint } from "../../gateway/evidence/checkpoint";
import { cosign } from "../../gateway/evidence/cosignature";
import { formatVerifierKey, generateSignerKey, isKeyName, parseSignerKey, type SignerKey } from "../../gateway/evidence/note-key";
import { formatTrust, TRUST_FORMAT } from "../../gateway/evidence/trust";
import { Failure, reasonOf } from "../failure";
import type { MirrorFiles } from "./files";

/** The last head that it signed of one journal. */
interface Signed {
  readonly size: number;
  /** Hex. */
  readonly root: string;
}

export class Witness {
  private constructor(
    readonly key: SignerKey,
    private readonly memory: Level<string, Signed>,
  ) {}

  /**
   * @param file of its key; what it signed lies beside it, and so does the trust file that names it
   * @param name of a key that is to be made, where there is none
   * @throws Failure `witness-nameless`, `witness-key-unreadable`, `witness-memory-missing`, `mirror-busy` where another process signs with it
   */
  static async open(file: string, name: string | undefined): Promise<Witness> {
    const isNew = !existsSync(file);
    if (isNew && (name === undefined || !isKeyName(name))) throw new Failure("witness-nameless", { file });
    const memory = new Level<string, Signed>(`${file}.signed`, { valueEncoding: "json", createIfMissing: isNew });
    try {
      await memory.open();
    } catch (cause) {
      if (isLocked(cause)) throw new Failure("mirror-busy", { directory: file }, { cause });
      throw new Failure("witness-memory-missing", { file: `${file}.signed`, reason: reasonOf(cause) }, { cause });
    }
    const text = await readOrMake(file, async () => (await generateSignerKey(name ?? "", "cosignature")).text);
    const key = await parseSignerKey(text, "cosignature");
    if (key === undefined) {
      await memory.close();
      throw new Failure("witness-key-unreadable", { file });
    }
    const trust = `${file}.trust.json`;
    if (isNew || !existsSync(trust)) {
      // Signatures are dated to the second.
      const witness = {
        key: formatVerifierKey(key.verifier, "cosignature"),
        validFrom: new Date(1000 * Math.floor(Date.now() / 1000)).toISOString(),
      };
      await writeDurably(trust, formatTrust({ format: TRUST_FORMAT, networks: [], journals: [], witnesses: [witness] }));
    }
    return new Witness(key, memory);
  }

  /**
   * Puts its signature below the checkpoint of a copy that has been verified.
   * @param files of that copy, of whose tiles the proof is made that it continues the last one
   * @throws Failure `witness-refuses` where it signed another history; `mirror-damaged`
   */
  async sign(files: MirrorFiles, now = new Date()): Promise<void> {
    const checkpoint = (await files.head())?.checkpoint;
    if (checkpoint === undefined) return; // of another gateway's journal
    const standing = (await files.checkpoint()) ?? checkpoint;
    const { origin, size, root } = readCheckpoint(checkpoint);
    const { name, id } = this.key.verifier;
    if (readCheckpoint(standing).note.signatures.some((line) => line.name === name && line.id === id)) return;
    const last = (await this.memory.get(origin)) as Signed | undefined; // its declarations are older than it
    if (last !== undefined && !(await continues(last, size, root, files)))
      throw new Failure("witness-refuses", { origin, from: last.size, size });
    await this.memory.put(origin, { size, root: toHex(root) }, { sync: true });
    await files.writeCheckpoint(standing + (await cosign(checkpoint, Math.floor(now.getTime() / 1000), this.key)));
  }

  close(): Promise<void> {
    return this.memory.close();
  }
}

/** By a proof out of the copy's tiles, so that it does not matter how good these are. */
async function continues({ size: from, root: signed }: Signed, size: number, root: Hash, files: MirrorFiles): Promise<boolean> {
  const before = fromHex(signed);
  if (from > size || before === undefined) return false;
  return files.nodes(size, (nodes) => verifyConsistency(from, before, size, root, consistencyPath(from, size, nodes)));
}
