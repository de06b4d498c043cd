/**
 * Waiting events as bytes: for each its leaf; where it names holdings, a tab and their names with commas between; and a line feed. In a batch
 * for the ledger the same with slots in the names' place, see `chaincode/batch.ts`.
 */
import { LINE_FEED, TAB } from "../../chaincode/batch";
import { leafHash } from "../../chaincode/proof/rfc6962";
import type { Hash } from "../../chaincode/proof/sha256";
import type { Entry } from "./entry";

export interface Lines {
  /** Valid until the writer's next call. */
  readonly bytes: Buffer;
  /** Of the leaves, in order. */
  readonly hashes: readonly Hash[];
}

/** Writes every group into the same piece of memory: groups come one after the other, and fresh memory for each would cost more than the copying. */
export class LineWriter {
  #memory = Buffer.alloc(0);

  encode(entries: readonly Entry[]): Lines {
    // At most three bytes a UTF-16 code unit; names of holdings are ASCII and at most 128 long.
    let most = 0;
    for (const { leaf, names } of entries) most += 3 * leaf.length + 130 * names.length + 2;
    if (this.#memory.length < most) this.#memory = Buffer.allocUnsafeSlow(most);
    const memory = this.#memory;
    const hashes: Hash[] = [];
    let end = 0;
    for (const { leaf, names } of entries) {
      const start = end;
      end += memory.write(leaf, end);
      hashes.push(leafHash(memory.subarray(start, end)));
      if (names.length > 0) end += memory.write(`\t${names.join(",")}`, end, "latin1");
      memory[end++] = LINE_FEED;
    }
    return { bytes: memory.subarray(0, end), hashes };
  }
}

export interface Line {
  readonly leaf: Buffer;
  readonly names: readonly string[];
  /** With its line feed. */
  readonly bytes: Buffer;
}

/** Views of `bytes`. */
export function* decodeLines(bytes: Buffer): Generator<Line, void> {
  const named = bytes.includes(TAB);
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(LINE_FEED, start);
    const line = bytes.subarray(start, end);
    const tab = named ? line.lastIndexOf(TAB) : -1;
    yield {
      leaf: tab === -1 ? line : line.subarray(0, tab),
      names: tab === -1 ? [] : line.toString("latin1", tab + 1).split(","),
      bytes: bytes.subarray(start, end + 1),
    };
    start = end + 1;
  }
}
