/** Erases what was encrypted, wherever it is, by showing that its key is destroyed: the key store has done it, and its record is the evidence. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type Erased, EraseError, type Eraser, type Look } from "./eraser";

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

  async erase(): Promise<Erased> {
    return {
      method: "cryptographic-erase",
      key: { name: this.name, record: { digest: await this.#digest() } },
      unreached: ["ciphertext"],
    };
  }

  /** @throws EraseError `record-missing`, `record-silent` */
  async #digest(): Promise<string> {
    const bytes = await readFile(this.record).catch((cause: unknown) => {
      throw new EraseError("record-missing", this.record, { cause });
    });
    if (bytes.length === 0) throw new EraseError("record-missing", this.record);
    if (bytes.length > MOST_BYTES || !bytes.includes(this.name)) throw new EraseError("record-silent", this.record);
    return createHash("sha256").update(bytes).digest("hex");
  }
}
