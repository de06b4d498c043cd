/** `suyuan mirror`: keeps a verified copy of a gateway's journals, and signs their checkpoints as a witness if asked to. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { EvidenceError } from "../gateway/evidence/errors";
import errorLabels from "../gateway/evidence/errors.labels.json";
import { isJournalName } from "../chaincode/proof/holding-name";
import { Exit, Failure } from "./failure";
import { Journals } from "./journals";
import { copyJournal } from "./mirror/copy";
import { MirrorFiles } from "./mirror/files";
import { Witness } from "./mirror/witness";
import type { Output } from "./output";
import type { Gateway } from "./request";
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
}

/** @returns exit code; `unverified` where a journal is not what it was, or not what the ledger vouches for: the copy stays as it is */
export async function mirror(options: MirrorOptions, gateway: Gateway, output: Output): Promise<number> {
  const trust = await readTrust(options.trust);
  await mkdir(options.out, { recursive: true, mode: 0o700 });
  const witness = options.cosign === undefined ? undefined : await Witness.open(options.cosign, options.name);
  let exit: number = Exit.done;
  try {
    const journals = new Journals(gateway);
    for (const journal of options.journal ?? (await journals.names())) {
      if (!isJournalName(journal)) throw new Failure("not-a-gateway", { status: 200 });
      const files = new MirrorFiles(join(options.out, journal));
      let [done, total] = [0, 0];
      const progress = output.progress(() => text("mirror.progress", { journal, done, total }));
      const onLeaves = (...counts: readonly [number, number]): void => {
        [done, total] = counts;
        progress.tick();
      };
      try {
        const copied = await copyJournal({ journal, journals, files, trust, onLeaves });
        await witness?.sign(files);
        output.document({ ...copied, directory: files.directory, cosigned: witness?.key.verifier.name });
        const { from, size } = copied;
        output.line(text(witness === undefined ? "mirror.copied" : "mirror.cosigned", { journal, size, added: size - from }));
      } catch (error) {
        const failure = error instanceof EvidenceError ? notVouched(journal, error) : error;
        if (!(failure instanceof Failure) || failure.exit !== Exit.unverified) throw error;
        output.failure(failure);
        exit = Exit.unverified;
      } finally {
        progress.end();
      }
    }
  } finally {
    await witness?.close();
  }
  return exit;
}

const notVouched = (journal: string, { code }: EvidenceError): Failure =>
  new Failure("mirror-not-vouched", { journal, code, reason: errorLabels[code][language] });
