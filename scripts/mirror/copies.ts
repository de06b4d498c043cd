/** A directory of copies: one process at a time writes to it, and a list of them, for whoever has no other way to see what is there. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Level } from "level";
import { isJournalName } from "../../chaincode/proof/holding-name";
import { canonicalText } from "../../chaincode/proof/canonical";
import { isLocked } from "../../gateway/database-copy";
import { writeDurably } from "../../gateway/durable-file";
import { Failure } from "../failure";
import { isMissing } from "../journals/bounded-file";
import { makeDirectory, MirrorFiles } from "./files";

/** Held by a database, since that lock ends with its process, however it ends. */
const LOCK = ".lock";
const LIST = "journals";

export class Copies {
  private constructor(
    private readonly directory: string,
    private readonly lock: Level,
  ) {}

  /** @throws Failure `mirror-busy` */
  static async open(directory: string): Promise<Copies> {
    await makeDirectory(directory);
    const lock = new Level(join(directory, LOCK));
    try {
      await lock.open();
    } catch (cause) {
      if (isLocked(cause)) throw new Failure("mirror-busy", { directory }, { cause });
      throw cause;
    }
    return new Copies(directory, lock);
  }

  /** @param journal whose name is one */
  of(journal: string): MirrorFiles {
    if (!isJournalName(journal)) throw new RangeError(`${journal} names no journal`);
    return new MirrorFiles(join(this.directory, journal));
  }

  /** In the form in which a gateway lists its journals. */
  async list(journal: string): Promise<void> {
    const file = join(this.directory, LIST);
    const known = await readFile(file, "utf8").catch((error: unknown) => {
      if (isMissing(error)) return "";
      throw error;
    });
    const names = [...new Set([...known.matchAll(/"journal":"([^"]*)"/g)].flatMap(([, name = ""]) => (isJournalName(name) ? name : [])))];
    const listed = canonicalText({ journals: [...new Set([...names, journal])].sort().map((name) => ({ journal: name })) });
    if (`${listed}\n` !== known) await writeDurably(file, `${listed}\n`);
  }

  close(): Promise<void> {
    return this.lock.close();
  }
}
