/** What kind of evidence a file is, told from its beginning, however long it is. Nothing is verified. */
import { joined } from "../../chaincode/proof/bytes";
import { parseStrict } from "../../chaincode/proof/canonical";
import { MAX_LINE, NEWLINE } from "./event-stream";
import { EXIT_FORMAT } from "./exit-certificate";
import { isItemLine, PART_FORMAT } from "./exit-items";
import { STATEMENT_FORMAT } from "./exit-statement";
import { HEAD_FORMAT } from "./journal-export";
import { LATEST_FORMAT } from "./latest";
import { MAX_RECEIPT, RECEIPT_FORMAT } from "./receipt";
import { TRUST_FORMAT } from "./trust";
import { STREAM_FORMATS } from "./verify-stream";

/** - `stream`: events with their proofs, line by line; `head`: the head of a journal with none
 *  - `items`: those of the certificate of an exit, or of one source
 *  - `unknown`: none of these */
export type EvidenceKind =
  "receipt" | "promise" | "latest" | "head" | "stream" | "checkpoint" | "exit" | "items" | "statement" | "trust" | "unknown";

export interface Opened {
  readonly kind: EvidenceKind;
  /** The whole file, from its first byte. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** By their `format`. */
const BY_FORMAT: ReadonlyMap<unknown, EvidenceKind> = new Map<unknown, EvidenceKind>([
  ...STREAM_FORMATS.map((format) => [format, "stream"] as const),
  [HEAD_FORMAT, "head"],
  [RECEIPT_FORMAT, "receipt"],
  [LATEST_FORMAT, "latest"],
  [EXIT_FORMAT, "exit"],
  [PART_FORMAT, "items"],
  [STATEMENT_FORMAT, "statement"],
  [TRUST_FORMAT, "trust"],
]);

/** @param chunks the file, in pieces of any size, of which no more is read than it takes */
export async function open(chunks: AsyncIterable<Uint8Array>): Promise<Opened> {
  const source = chunks[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  let length = 0;
  const more = async (): Promise<Uint8Array | undefined> => {
    const next = await source.next();
    if (next.done === true) return undefined;
    read.push(next.value);
    length += next.value.length;
    return next.value;
  };
  for (let piece = await more(); piece !== undefined && !piece.includes(NEWLINE) && length < MAX_LINE;) piece = await more();
  let kind = kindOfLine(latin1(joined(read)).split("\n", 1)[0] ?? "");
  if (kind === "unknown" || kind === "latest") {
    while (length <= MAX_RECEIPT && (await more()) !== undefined);
    const bytes = joined(read);
    // A promise stands in an answer that may be laid out as anyone likes; so does a trust file. More than one line are a stream.
    if (kind === "unknown") kind = kindOfDocument(bytes);
    else if (bytes.subarray(0, -1).includes(NEWLINE)) kind = "stream";
  }
  const whole = (async function* (): AsyncGenerator<Uint8Array, void> {
    yield* read;
    for (let piece = await source.next(); piece.done !== true; piece = await source.next()) yield piece.value;
  })();
  return { kind, chunks: whole };
}

/** Members stand in the order of their names, so that `format` may come late; what looks like it inside a text has its quotes escaped. */
function kindOfLine(line: string): EvidenceKind {
  const kind = BY_FORMAT.get(/"format":"([^"\\]*)"/.exec(line)?.[1]);
  if (kind !== undefined) return kind;
  if (isItemLine(line)) return "items";
  return /^[^{[\s"]/.test(line) && !line.startsWith(BYTE_ORDER_MARK) ? "checkpoint" : "unknown";
}

function kindOfDocument(bytes: Uint8Array): EvidenceKind {
  const { value } = parseStrict(bytes, { maxDepth: 8 });
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "unknown";
  if ("promise" in value) return "promise";
  return ("format" in value ? BY_FORMAT.get(value.format) : undefined) ?? "unknown";
}

/** In UTF-8, read byte by byte: editors put it before JSON. */
const BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";
const latin1 = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);

/** What there is, up to `most` bytes and a piece: what is longer is refused for its length. */
export async function upTo(most: number, chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const read: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    read.push(chunk);
    if ((length += chunk.length) > most) break;
  }
  return joined(read);
}
