/**
 * Batches of waiting facts: whatever arrived while the last transaction was under way. They are read back from the store, so that memory holds
 * one batch, whatever the outbox holds.
 */
import { promisify } from "node:util";
import { constants, deflateRaw } from "node:zlib";
import { MAX_BATCH_BYTES, MAX_INFLATED_BYTES, MAX_LINES } from "../../chaincode/batch";
import type { NetworkName } from "../ledger/port";
import { decodeLines } from "./lines";
import type { Progress } from "./progress";
import type { Slots } from "./slots";
import type { OutboxStore } from "./store";

export interface Batch {
  readonly from: number;
  readonly lines: number;
  /** Compressed: see `chaincode/batch.ts`. */
  readonly bytes: Buffer;
}

/**
 * Lines of a batch at most, by kind of ledger. While the ledger works on one batch the read model can take up the one before, and memory holds it whole:
 * so no more than it takes until what a transaction costs by itself hardly shows. On a network that is all that the contract takes: of twice as many
 * lines the peers read and write hardly more keys.
 */
export const BATCH_LINES = { embedded: 4096, fabric: MAX_LINES } as const satisfies Record<NetworkName["kind"], number>;

const compress = promisify(deflateRaw);

/** In one piece: in many, each would come back to the main thread by itself. */
export const deflate = (lines: Buffer): Promise<Buffer> => compress(lines, { level: constants.Z_BEST_SPEED, chunkSize: MAX_BATCH_BYTES });

export class Batcher {
  /** Bytes of lines that make less than a full batch when compressed, as far as the last ones tell. */
  #target = MAX_INFLATED_BYTES;
  /** Where the group begins at which the last batch ended. */
  #group = 0;

  constructor(
    private readonly journal: string,
    private readonly store: OutboxStore,
    private readonly slots: Slots,
    private readonly progress: Progress,
  ) {}

  /**
   * What waits from index `from` on, once something does.
   * @returns undefined once `progress` is closed
   */
  async next(from: number, maxLines: number = BATCH_LINES.embedded): Promise<Batch | undefined> {
    const { progress, journal } = this;
    await progress.until(() => progress.accepted(journal) > from);
    for (let most = maxLines; ;) {
      if (progress.closed) return undefined;
      const { lines, bytes } = await this.#read(from, most);
      const batch = await deflate(bytes);
      if (batch.length <= MAX_BATCH_BYTES) {
        this.#aim(bytes.length, batch.length);
        return { from, lines, bytes: batch };
      }
      this.#aim(bytes.length, batch.length);
      most = Math.max(1, lines >> 1);
    }
  }

  /** The next batch may be as long as one that compresses like this one may be, less a tenth. */
  #aim(lines: number, compressed: number): void {
    this.#target = Math.min(MAX_INFLATED_BYTES, Math.floor((0.9 * MAX_BATCH_BYTES * lines) / compressed));
  }

  async #read(from: number, maxLines: number): Promise<{ readonly lines: number; readonly bytes: Buffer }> {
    const end = this.progress.accepted(this.journal);
    // The last batch did not arrive: back to where this one begins.
    if (this.#group > from) this.#group = (await this.store.groupOf(from))?.from ?? 0;
    const parts: Buffer[] = [];
    // Slots that have to be looked up are looked up all at the same time.
    const lookups: Promise<void>[] = [];
    const together = async (): Promise<{ readonly lines: number; readonly bytes: Buffer }> => {
      if (lines === 0) throw missing(from);
      await Promise.all(lookups);
      return { lines, bytes: Buffer.concat(parts) };
    };
    let [lines, length] = [0, 0];
    for await (const group of this.store.groups(this.#group)) {
      // A group that is not acknowledged yet may still be replaced.
      if (group.from >= end) break;
      if (group.from > from + lines) throw missing(from + lines);
      this.#group = group.from;
      let index = group.from;
      // Lines without slots go as they are, as many together as there are.
      let [start, at] = [0, 0];
      for (const { leaf, names, bytes } of decodeLines(group.lines)) {
        if (index++ < from) {
          start = at += bytes.length;
          continue;
        }
        if (lines === maxLines || (lines > 0 && length + bytes.length > this.#target)) {
          parts.push(group.lines.subarray(start, at));
          return together();
        }
        if (names.length > 0) {
          const place = parts.push(group.lines.subarray(start, at + leaf.length), leaf) - 1;
          lookups.push(this.slots.beside(names, this.journal, from).then((slots) => void (parts[place] = slots)));
          start = at + bytes.length;
        }
        at += bytes.length;
        length += bytes.length;
        lines++;
      }
      parts.push(group.lines.subarray(start, at));
    }
    return together();
  }
}

/** It has been projected meanwhile, so that the ledger's head lies beyond it: ask again. */
const missing = (index: number): Error => new Error(`index ${index} is not in the outbox`);
