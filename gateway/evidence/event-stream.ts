/**
 * Events with their proofs, as many as there are: lines of canonical JSON, each ended by a newline. A line with a `format` says what the lines after it are,
 * up to the next such line. What reads them keeps one line and a few hashes in memory.
 */
import { canonical, parseStrict } from "../../chaincode/proof/canonical";
import { fromBase64, fromHex, joined, sameBytes } from "../../chaincode/proof/bytes";
import { leafHash, MAX_PATH } from "../../chaincode/proof/rfc6962";
import { HASH_BYTES, type Hash } from "../../chaincode/proof/sha256";
import { isBase64 } from "./attestation";
import { demand, EvidenceError, given } from "./errors";
import type { Vouched } from "./head";
import { hex, integer, list, record, text } from "./shape";

/** Longest line that is read, in bytes: a leaf may have 65,535, and a history names a head for each journal. */
export const MAX_LINE = 1024 * 1024;
export const NEWLINE = 0x0a;

/** An event of a journal. */
export interface EventLine {
  /** In the journal. */
  readonly index: number;
  /** The exact bytes, base64. */
  readonly leaf?: string;
  /** In their place, where they are not for whom the file was made: SHA-256(0x00 || leaf), hex. */
  readonly leafHash?: string;
  /** Where it is proven by itself: its inclusion path in the journal's attested tree, hashes in base64. */
  readonly inclusion?: readonly string[];
  readonly journal?: string;
}

export const isEventLine = record<EventLine>(
  {
    index: integer(0),
    leaf: text(90_000, isBase64),
    leafHash: hex(HASH_BYTES),
    inclusion: list(
      text(44, (hash) => fromBase64(hash)?.length === HASH_BYTES),
      MAX_PATH,
    ),
    journal: text(200),
  },
  ["leaf", "leafHash", "inclusion", "journal"],
);

interface Subject {
  readonly kind: string;
  readonly id: string;
}

/** What one part of a stream proves. */
export interface StreamVerdict extends Vouched {
  readonly format: string;
  readonly events: number;
  /** Of these, not shown: only that they exist, and where. */
  readonly withheld: number;
  readonly journals: readonly { readonly journal: string; readonly events: number; readonly size: number }[];
  /** Of a history. */
  readonly subject?: Subject;
  /** Of a trace: whose histories have to follow. */
  readonly follow?: readonly Subject[];
  /** And how many histories are not for whom the file was made. */
  readonly unfollowed?: number;
  /** When the newest of the heads came to be: RFC 3339. */
  readonly recorded?: string;
}

/** Reads one part. */
export interface PartVerifier {
  /** @throws EvidenceError */
  add(line: EventLine): void;
  /** @throws EvidenceError `events-missing`, `events-differ` */
  end(): StreamVerdict;
}

/** @throws EvidenceError `stream-malformed` */
export const hashOf = ({ leaf, leafHash: hash }: EventLine): Hash => {
  demand((leaf === undefined) !== (hash === undefined), "stream-malformed");
  return leaf === undefined ? bytes(fromHex(hash ?? "")) : leafHash(bytes(fromBase64(leaf)));
};

const bytes = (decoded: Uint8Array | undefined): Uint8Array => given(decoded, "stream-malformed");

/** One line of a stream, with its one spelling. @throws EvidenceError `stream-malformed` */
export function parseLine(line: Uint8Array): object {
  const { value } = parseStrict(line, { maxDepth: 12 });
  demand(typeof value === "object" && value !== null && sameBytes(canonical(value), line), "stream-malformed");
  return value;
}

/**
 * Lines without their newlines.
 * @param longest in bytes
 * @throws EvidenceError `stream-malformed` for one that is longer, and for an end without a newline
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, longest = MAX_LINE): AsyncGenerator<Uint8Array, void> {
  let parts: Uint8Array[] = [];
  let length = 0;
  let number = 1;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      if (length + end - from > longest) throw new EvidenceError("stream-malformed", { line: number });
      yield joined([...parts, chunk.subarray(from, end)]);
      [parts, length, from] = [[], 0, end + 1];
      number++;
    }
    if (from === chunk.length) continue;
    parts.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > longest) throw new EvidenceError("stream-malformed", { line: number });
  }
  if (length > 0) throw new EvidenceError("stream-malformed", { line: number });
}
