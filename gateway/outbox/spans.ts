/** What lies in the outbox, as memory knows it: how much, and where a leaf is found by its hash. 32 bytes for each fact. */
import { HASH_BYTES } from "../../chaincode/proof/sha256";

/** Groups that lie one after the other. Many small ones are one span, so that neither memory nor deletions go with the number of groups. */
interface Span {
  readonly from: number;
  /** Index after the last fact. */
  end: number;
  /** Of the groups in the store. */
  bytes: number;
  hashes: Buffer[];
}

const SPAN_FACTS = 1024;

export class Spans {
  readonly #spans: Span[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** A group was stored. @param hashes of its leaves, one after the other */
  add(from: number, hashes: Buffer, bytes: number): void {
    this.#bytes += bytes;
    const end = from + hashes.length / HASH_BYTES;
    const last = this.#spans.at(-1);
    if (last !== undefined && last.end - last.from < SPAN_FACTS) {
      last.end = end;
      last.bytes += bytes;
      last.hashes.push(hashes);
    } else {
      if (last !== undefined) last.hashes = [Buffer.concat(last.hashes)];
      this.#spans.push({ from, end, bytes, hashes: [hashes] });
    }
  }

  /** @returns index of the leaf with this hash */
  find(hash: Buffer): number | undefined {
    for (const { from, hashes } of this.#spans) {
      let first = from;
      for (const part of hashes) {
        for (let at = part.indexOf(hash); at !== -1; at = part.indexOf(hash, at + 1)) {
          if (at % HASH_BYTES === 0) return first + at / HASH_BYTES;
        }
        first += part.length / HASH_BYTES;
      }
    }
    return undefined;
  }

  /** Takes out the spans that lie below `size`. @returns index up to which the store can forget them; undefined if there are none */
  takeBelow(size: number): number | undefined {
    const left = this.#spans.findIndex(({ end }) => end > size);
    const gone = this.#spans.splice(0, left === -1 ? this.#spans.length : left);
    for (const { bytes } of gone) this.#bytes -= bytes;
    return gone.at(-1)?.end;
  }
}
