/** `suyuan export`: events with their proofs, as a stream: the complete history of a subject, or whole journals. */
import { once } from "node:events";
import { type FileHandle, open } from "node:fs/promises";
import { canonicalText } from "../chaincode/proof/canonical";
import { toBase64 } from "../chaincode/proof/bytes";
import { TILE_WIDTH, tileOf } from "../chaincode/proof/tile";
import { EvidenceError } from "../gateway/evidence/errors";
import { type EventLine, linesOf, parseLine } from "../gateway/evidence/event-stream";
import { JOURNAL_FORMAT, type JournalHeader, parseHeadFile } from "../gateway/evidence/journal-export";
import { Exit, Failure, reasonOf } from "./failure";
import { Journals } from "./journals";
import { copySource, gatewaySource } from "./journals/source";
import type { Output } from "./output";
import { type Gateway, piecesOf, request } from "./request";
import { text } from "./texts";

export interface ExportOptions {
  /** Names of journals; all of them where none is given. */
  readonly journal?: readonly string[];
  /** With proofs, or the events alone, a line each. */
  readonly format: "proof" | "events";
  /** File to write; standard output if missing. */
  readonly out?: string;
}

interface Subject {
  readonly kind: string;
  readonly id: string;
}

/** @param from a gateway, or of whole journals the directory or address of a copy. @returns exit code. @throws Failure `not-found` where it is not for the token's party to see, those of requests, `file-unwritable` */
export async function exportEvents(
  subject: Subject | undefined,
  options: ExportOptions,
  from: Gateway | string,
  output: Output,
): Promise<number> {
  let events = 0;
  const progress = output.progress(() => text("export.progress", { events }));
  const file = options.out === undefined ? undefined : await opened(options.out);
  try {
    for await (const line of linesFrom(from, subject, options.journal)) {
      if (!("format" in line)) events++;
      const shown = options.format === "proof" ? canonicalText(line) : eventOf(line);
      if (shown !== undefined) await write(file, `${shown}\n`);
      progress.tick();
    }
    await file?.sync();
  } catch (error) {
    // What is no head, line or bundle did not come from a gateway.
    if (error instanceof EvidenceError) throw new Failure("not-a-gateway", { status: 200 }, { cause: error });
    throw error;
  } finally {
    await file?.close();
    progress.end();
  }
  if (options.out === undefined) return Exit.done;
  output.document({ file: options.out, events });
  output.line(text("export.written", { file: options.out, events }));
  return Exit.done;
}

function linesFrom(from: Gateway | string, subject: Subject | undefined, chosen: readonly string[] | undefined): AsyncIterable<object> {
  if (typeof from === "string") return journalLines(new Journals(copySource(from)), chosen);
  return subject === undefined ? journalLines(new Journals(gatewaySource(from)), chosen) : historyLines(from, subject);
}

async function* historyLines(gateway: Gateway, { kind, id }: Subject): AsyncGenerator<object, void> {
  const path = `/v1/subjects/${encodeURIComponent(kind)}/${encodeURIComponent(id)}/events`;
  const response = await request(gateway, { path, accept: "application/x-ndjson" });
  for await (const line of linesOf(piecesOf(response))) yield parseLine(line);
}

async function* journalLines(journals: Journals, chosen: readonly string[] | undefined): AsyncGenerator<object, void> {
  for (const journal of chosen ?? (await journals.names())) {
    const head = parseHeadFile(await journals.head(journal));
    yield { ...head, format: JOURNAL_FORMAT } satisfies JournalHeader;
    for (let from = 0; from < head.size; from += TILE_WIDTH) {
      const tile = tileOf(head.size, "entries", from / TILE_WIDTH);
      const leaves = tile && (await journals.leaves(journal, tile));
      if (leaves === undefined) throw new EvidenceError("stream-malformed");
      for (const [i, leaf] of leaves.entries()) yield { index: from + i, leaf: toBase64(leaf) } satisfies EventLine;
    }
  }
}

/** The event as it was recorded; undefined for what has no content. */
const eventOf = (line: object): string | undefined =>
  "leaf" in line && typeof line.leaf === "string" ? Buffer.from(line.leaf, "base64").toString("utf8") : undefined;

async function opened(file: string): Promise<FileHandle> {
  try {
    return await open(file, "w", 0o600);
  } catch (cause) {
    throw new Failure("file-unwritable", { file, reason: reasonOf(cause) }, { cause });
  }
}

/** No more waits here than the pipe holds. */
async function write(file: FileHandle | undefined, line: string): Promise<void> {
  if (file !== undefined) await file.write(line);
  else if (!process.stdout.write(line)) await once(process.stdout, "drain");
}
