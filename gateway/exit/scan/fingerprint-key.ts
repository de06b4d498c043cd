/**
 * What turns pieces of data into fingerprints. All of it follows from one key of 32 bytes per authorization: who has the fingerprints but not the
 * key can test no guess against them, and two authorizations' fingerprints of the same data have nothing in common.
 */
import { createHmac } from "node:crypto";
import { pairsOf } from "./rows";

export const KEY_BYTES = 32;

/** Of a fingerprint that decides; a weak one of four bytes comes before it, so that hardly anything has to be hashed twice. */
export const STRONG_BYTES = 8;

export class FingerprintKey {
  /** Random numbers by byte, for cutting content into chunks. */
  readonly gear: Int32Array;
  /** Random numbers by pair of bytes, for rows. */
  readonly rowPairs: Int32Array;
  /** Names the key, and tells nothing of it: 16 hex digits. */
  readonly id: string;

  /** @param bytes see {@link KEY_BYTES}. @throws RangeError for any other length */
  constructor(readonly bytes: Uint8Array) {
    if (bytes.length !== KEY_BYTES) throw new RangeError("a key has 32 bytes");
    this.gear = this.#table("gear");
    this.rowPairs = pairsOf(this.#table("row pairs first"), this.#table("row pairs second"));
    this.id = this.#mac("id").digest("hex").slice(0, 16);
  }

  chunk(content: Uint8Array): Buffer {
    return this.#mac("chunk").update(content).digest().subarray(0, STRONG_BYTES);
  }

  /** @param digest of a whole file, in hex */
  file(digest: string): { readonly high: number; readonly low: number; readonly weak: number } {
    const mac = this.#mac("file").update(digest).digest();
    return { high: mac.readUInt32BE(0), low: mac.readUInt32BE(4), weak: mac.readUInt32BE(STRONG_BYTES) };
  }

  /** @param cells of the row, in any order, empty ones left out */
  row(cells: readonly Buffer[]): Buffer {
    const mac = this.#mac("row");
    for (const cell of [...cells].sort((a, b) => a.compare(b))) mac.update(`${cell.length}:`).update(cell);
    return mac.digest().subarray(0, STRONG_BYTES);
  }

  #table(label: string): Int32Array {
    const blocks = Array.from({ length: 32 }, (_, i) => this.#mac(`${label} ${i}`).digest());
    const bytes = Buffer.concat(blocks);
    return Int32Array.from({ length: 256 }, (_, i) => bytes.readInt32BE(i * 4));
  }

  #mac(label: string): ReturnType<typeof createHmac> {
    return createHmac("sha256", this.bytes).update(`suyuan ${label}\0`);
  }
}
