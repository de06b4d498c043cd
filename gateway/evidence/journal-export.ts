/** A whole journal: all its leaves in order, against its attested head. The tree is made again from them, of which only its peaks are kept. */
import { sameBytes } from "../../chaincode/proof/bytes";
import { CompactRange } from "../../chaincode/proof/compact-range";
import { isJournalName } from "../../chaincode/proof/holding-name";
import { isAttestation } from "./attestation";
import { demand } from "./errors";
import { type EventLine, hashOf, MAX_LINE, NEWLINE, parseLine, type PartVerifier, type StreamVerdict } from "./event-stream";
import { type Head, type ReadHead, readHead, verifyHead, type Vouched } from "./head";
import { MAX_NOTE } from "./note";
import { integer, literal, record, text } from "./shape";
import type { TrustFile } from "./trust";

export const JOURNAL_FORMAT = "suyuan-journal/1";
/** A head by itself, with no leaves: what a gateway answers and a mirror keeps. */
export const HEAD_FORMAT = "suyuan-head/1";

export interface HeadFile extends Head {
  readonly format: typeof HEAD_FORMAT;
}
/** Its first line. */
export interface JournalHeader extends Head {
  readonly format: typeof JOURNAL_FORMAT;
}

const fields = { journal: text(200, isJournalName), size: integer(0), checkpoint: text(MAX_NOTE), attestation: isAttestation };
const isHeadFile = record<HeadFile>({ format: literal(HEAD_FORMAT), ...fields }, ["checkpoint"]);
const isHeader = record<JournalHeader>({ format: literal(JOURNAL_FORMAT), ...fields }, ["checkpoint"]);

/** Reads a head that a stranger sent; verifies nothing. @throws EvidenceError `stream-malformed` */
export function parseHeadFile(file: string | Uint8Array): HeadFile {
  const bytes = typeof file === "string" ? new TextEncoder().encode(file) : file;
  demand(bytes.at(-1) === NEWLINE && bytes.length <= MAX_LINE, "stream-malformed");
  const value = parseLine(bytes.subarray(0, -1));
  demand(isHeadFile(value), "stream-malformed");
  return value;
}

/** @throws EvidenceError `stream-malformed`, and those of heads */
export async function verifyJournal(header: object, trust: TrustFile, now: Date): Promise<PartVerifier> {
  demand(isHeader(header), "stream-malformed");
  const head = readHead(header);
  return new Journal(head, await verifyHead(head, trust, now));
}

/** @throws EvidenceError `stream-malformed`, and those of heads */
export async function verifyHeadFile(file: object, trust: TrustFile, now: Date): Promise<PartVerifier> {
  demand(isHeadFile(file), "stream-malformed");
  const head = readHead(file);
  return new HeadAlone(head, await verifyHead(head, trust, now));
}

class HeadAlone implements PartVerifier {
  constructor(
    private readonly head: ReadHead,
    private readonly vouched: Vouched,
  ) {}

  add(): void {
    demand(false, "events-excess");
  }

  end(): StreamVerdict {
    return verdict(HEAD_FORMAT, this.head, this.vouched, 0, 0);
  }
}

class Journal implements PartVerifier {
  readonly #range = CompactRange.empty();
  #withheld = 0;

  constructor(
    private readonly head: ReadHead,
    private readonly vouched: Vouched,
  ) {}

  add(line: EventLine): void {
    demand(line.journal === undefined && line.inclusion === undefined, "stream-malformed");
    demand(this.#range.size < this.head.size, "events-excess");
    demand(line.index >= this.#range.size, "events-out-of-order");
    demand(line.index === this.#range.size, "events-missing");
    this.#range.append(hashOf(line));
    if (line.leaf === undefined) this.#withheld++;
  }

  end(): StreamVerdict {
    demand(this.#range.size === this.head.size, "events-missing");
    demand(sameBytes(this.#range.root(), this.head.root), "events-differ");
    const { proven, ...vouched } = this.vouched;
    return verdict(
      JOURNAL_FORMAT,
      this.head,
      { ...vouched, proven: ["records-in-journals", "every-record-of-journal", ...proven] },
      this.head.size,
      this.#withheld,
    );
  }
}

function verdict(
  format: string,
  { journal, size, attestation }: ReadHead,
  vouched: Vouched,
  events: number,
  withheld: number,
): StreamVerdict {
  return { ...vouched, format, events, withheld, journals: [{ journal, events, size }], recorded: attestation.head.time };
}
