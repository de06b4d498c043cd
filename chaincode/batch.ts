/**
 * A batch: the lines that one transaction appends to a journal, compressed (raw DEFLATE, RFC 1951).
 * A line is a leaf; where its event names holdings, a tab and the number of each one's slot, separated by commas, nothing where the
 * sender does not know it; and a line feed. JSON escapes both characters, so that neither occurs in a leaf.
 */
import { isUtf8 } from "node:buffer";
import { inflateRawSync } from "node:zlib";
import { ContractError } from "./errors";

/** Bounds, checked before work is done: bytes of a batch, bytes of its lines, lines, bytes of a leaf. */
export const MAX_BATCH_BYTES = 1024 * 1024;
export const MAX_INFLATED_BYTES = 8 * 1024 * 1024;
export const MAX_LINES = 16_384;
export const MAX_LEAF_BYTES = 65_535;

/** Ends the leaf, where slots follow; ends the line. */
export const TAB = 0x09;
export const LINE_FEED = 0x0a;

export interface Line {
  /** The leaf: exactly these bytes are hashed. A view of the batch. */
  readonly leaf: Uint8Array;
  readonly text: string;
  /** Slot of each holding that the event names, in the event's order. */
  readonly slots: readonly (number | undefined)[];
}

/** One line, as it goes into a batch before compression. */
export const encodeLine = (leaf: Uint8Array, slots: readonly (number | undefined)[]): Uint8Array =>
  Buffer.concat([leaf, encodeSlots(slots)]);

/** What follows a leaf in its line. */
export const encodeSlots = (slots: readonly (number | undefined)[]): Buffer =>
  Buffer.from(slots.length === 0 ? "\n" : `\t${slots.join(",")}\n`, "latin1");

/** @throws ContractError `batch-too-large`, `batch-malformed` */
export function* inflate(batch: Uint8Array): Generator<Line, void> {
  const bytes = inflated(batch);
  let lines = 0;
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(LINE_FEED, start);
    if (end === -1) throw new ContractError("batch-malformed");
    if (++lines > MAX_LINES) throw new ContractError("batch-too-large");
    yield lineOf(bytes.subarray(start, end));
    start = end + 1;
  }
  if (lines === 0) throw new ContractError("batch-malformed");
}

function inflated(batch: Uint8Array): Buffer {
  if (batch.length > MAX_BATCH_BYTES) throw new ContractError("batch-too-large");
  let bytes: Buffer;
  try {
    bytes = inflateRawSync(batch, { maxOutputLength: MAX_INFLATED_BYTES });
  } catch (error) {
    throw new ContractError(error instanceof RangeError ? "batch-too-large" : "batch-malformed");
  }
  if (!isUtf8(bytes)) throw new ContractError("batch-malformed");
  return bytes;
}

function lineOf(line: Buffer): Line {
  const tab = line.lastIndexOf(TAB);
  const leaf = tab === -1 ? line : line.subarray(0, tab);
  if (leaf.length > MAX_LEAF_BYTES) throw new ContractError("batch-too-large");
  const slots =
    tab === -1
      ? []
      : line
          .toString("latin1", tab + 1)
          .split(",")
          .map(slotOf);
  return { leaf, text: leaf.toString("utf8"), slots };
}

function slotOf(text: string): number | undefined {
  if (text === "") return undefined;
  if (!/^(?:0|[1-9]\d{0,14})$/.test(text)) throw new ContractError("batch-malformed");
  return Number(text);
}
