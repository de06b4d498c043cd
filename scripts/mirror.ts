/** `suyuan mirror`: keeps a verified copy of journals, of a gateway or of another copy, and signs their checkpoints as a witness if asked to. */
import { EvidenceError } from "../gateway/evidence/errors";
import errorLabels from "../gateway/evidence/errors.labels.json";
import { Exit, Failure } from "./failure";
import { Journals } from "./journals";
import type { Source } from "./journals/source";
import { Copies } from "./mirror/copies";
import { copyJournal } from "./mirror/copy";
import { repairCopy } from "./mirror/repair";
import { Witness } from "./mirror/witness";
import type { Output } from "./output";
import { language, text } from "./texts";
import { readTrust } from "./verify";

export interface MirrorOptions {
  /** Directory of the copy. */
  readonly out: string;
  readonly trust: string;
  /** Names of journals; all of them where none is given. */
  readonly journal?: readonly string[];
  /** File of the witness's key. */
  readonly cosign?: string;
  /** Of a key that is to be made. */
  readonly name?: string;
  /** Files of the copy that were damaged are made again first. */
  readonly repair?: boolean;
}

/**
 * @returns exit code; `unverified` where a journal is not what it was, or not what the ledger vouches for: the copy stays as it is
 * @throws Failure `mirror-busy`, those of witnesses, sources and trust files
 */
export async function mirror(options: MirrorOptions, source: Source, output: Output): Promise<number> {
  const trust = await readTrust(options.trust);
  const copies = await Copies.open(options.out);
  let witness: Witness | undefined;
  let exit: number = Exit.done;
  try {
    if (options.cosign !== undefined) witness = await Witness.open(options.cosign, options.name);
    const journals = new Journals(source);
    for (const journal of options.journal ?? (await journals.names())) {
      const files = copies.of(journal);
      let [done, total] = [0, 0];
      const progress = output.progress(() => text("mirror.progress", { journal, done, total }));
      const onLeaves = (...counts: readonly [number, number]): void => {
        [done, total] = counts;
        progress.tick();
      };
      try {
        const mirroring = { journal, journals, files, trust, onLeaves };
        const repaired = options.repair === true ? await repairCopy(mirroring) : 0;
        if (repaired > 0) output.line(text("mirror.repaired", { journal, repaired }));
        const copied = await copyJournal(mirroring);
        await copies.list(journal);
        await witness?.sign(files);
        output.document({
          ...copied,
          ...(options.repair === true ? { repaired } : {}),
          directory: files.directory,
          cosigned: witness?.key.verifier.name,
        });
        const { from, size } = copied;
        output.line(text(witness === undefined ? "mirror.copied" : "mirror.cosigned", { journal, size, added: size - from }));
      } catch (error) {
        const failure = error instanceof EvidenceError ? notVouched(journal, error) : error;
        // What is wrong with one journal says nothing of the others.
        if (!(failure instanceof Failure) || (failure.exit !== Exit.unverified && failure.code !== "mirror-behind")) throw error;
        output.failure(failure);
        if (exit !== Exit.unverified) exit = failure.exit;
      } finally {
        progress.end();
      }
    }
  } finally {
    await witness?.close();
    await copies.close();
  }
  return exit;
}

const notVouched = (journal: string, { code }: EvidenceError): Failure =>
  new Failure("mirror-not-vouched", { journal, code, reason: errorLabels[code][language] });
