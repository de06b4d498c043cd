/** Erases what was encrypted, wherever it is, by showing that its key is destroyed: the key store has done it, and its record is the evidence. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type Erased, EraseError, type Eraser, type Look, type OnBytes, type Sure } from "./eraser";

/** A record is a document for people or a line of a log. */
const MOST_BYTES = 16 * 1024 * 1024;

export class KeyRecord implements Eraser {
  readonly target: string;

  /** @param record file with what the key store said of it */
  constructor(
    private readonly name: string,
    private readonly record: string,
  ) {
    this.target = `key ${name}`;
  }

  /** The ciphertext may be anywhere: the record stands for it. */
  async look(): Promise<Look> {
    await this.#digest();
    return { digests: [], bytes: 0 };
  }

  async erase(_: Look, __: OnBytes, sure: Sure): Promise<Erased> {
    const erased = await this.resume();
    await sure();
    return erased;
  }

  /** Nothing was erased here, and nothing can be half done. */
  async resume(): Promise<Erased> {
    const record = { digest: await this.#digest() };
    return { method: "cryptographic-erase", key: { name: this.name, record }, unreached: ["ciphertext"] };
  }

  /** @throws EraseError `record-missing`, `record-silent` */
  async #digest(): Promise<string> {
    const bytes = await readFile(this.record).catch((cause: unknown) => {
      throw new EraseError("record-missing", this.record, { cause });
    });
    if (bytes.length === 0) throw new EraseError("record-missing", this.record);
    if (bytes.length > MOST_BYTES || !names(bytes, this.name)) throw new EraseError("record-silent", this.record);
    return createHash("sha256").update(bytes).digest("hex");
  }
}

/** As a word: `k1` is neither in `k10` nor in `k1-old` nor in `k1.2`. A full stop or a hyphen ends it where no letter or digit follows. */
const names = (bytes: Buffer, name: string): boolean =>
  new RegExp(`(?<!\\w|\\w[.-])${name.replaceAll(".", "\\.")}(?!\\w|[.:/-]\\w)`).test(bytes.toString("latin1"));
