/**
 * Cursors as they leave the gateway. Where a page ends may be at something that the asker may not see, whose name must not be told: so they are
 * encrypted (AES-256-GCM) with a key of this gateway, good for the query that gave them.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { Problem } from "./problem";

const [IV_BYTES, TAG_BYTES] = [12, 16];

/** What one looks like, as a regular expression. */
export const SEALED = "^[A-Za-z0-9_-]{38,}$";

export class Cursors {
  readonly #key: Buffer;

  /** @param secret kept between two starts, so that a page may be followed by one after a restart */
  constructor(secret: Uint8Array) {
    this.#key = Buffer.from(hkdfSync("sha256", secret, "", "suyuan cursors", 32));
  }

  /**
   * A page, asked for by a sealed cursor and answered with one. @param query its path
   * @throws Problem `query-invalid` for a cursor that this gateway did not give for this query
   */
  async page<A extends { readonly next?: string }>(
    query: string,
    sealed: string | undefined,
    ask: (cursor: string | undefined) => A | undefined | Promise<A | undefined>,
  ): Promise<A | undefined> {
    const cursor = sealed === undefined ? undefined : this.open(query, sealed);
    if (sealed !== undefined && cursor === undefined) throw new Problem("query-invalid", { pointer: "cursor", reason: "pattern" });
    const answer = await ask(cursor);
    return answer?.next === undefined ? answer : { ...answer, next: this.seal(query, answer.next) };
  }

  private seal(query: string, cursor: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#key, iv).setAAD(Buffer.from(query));
    return Buffer.concat([iv, cipher.update(cursor, "utf8"), cipher.final(), cipher.getAuthTag()]).toString("base64url");
  }

  private open(query: string, sealed: string): string | undefined {
    const bytes = Buffer.from(sealed, "base64url");
    if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv("aes-256-gcm", this.#key, bytes.subarray(0, IV_BYTES)).setAAD(Buffer.from(query));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES));
    try {
      return Buffer.concat([text, decipher.final()]).toString("utf8");
    } catch {
      return undefined;
    }
  }
}
