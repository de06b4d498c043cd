/** Evidence in files of any length: what kind a file is, and whether a stream of events proves what it says. */
import { createReadStream, statSync } from "node:fs";
import { EvidenceError } from "../gateway/evidence/errors";
import errorLabels from "../gateway/evidence/errors.labels.json";
import { EXIT_FORMAT } from "../gateway/evidence/exit-certificate";
import { STATEMENT_FORMAT } from "../gateway/evidence/exit-statement";
import { MAX_LINE, type StreamVerdict } from "../gateway/evidence/event-stream";
import { HEAD_FORMAT } from "../gateway/evidence/journal-export";
import { LATEST_FORMAT } from "../gateway/evidence/latest";
import type { TrustFile } from "../gateway/evidence/trust";
import verdictLabels from "../gateway/evidence/verdict.labels.json";
import { STREAM_FORMATS, verifyStream } from "../gateway/evidence/verify-stream";
import { type CheckpointVerdict, verifyCheckpointFile } from "../gateway/evidence/verify-checkpoint";
import { Failure, reasonOf } from "./failure";
import { mirrored } from "./mirror/stream";
import type { Output } from "./output";
import { language, padTo, text } from "./texts";

const LABEL_WIDTH = 14;
const NEWLINE = 0x0a;

export interface Opened {
  /** A stream of events, a checkpoint, the certificate of an exit or the statement on one, or one document of any other kind. */
  readonly kind: "stream" | "checkpoint" | "exit" | "statement" | "document";
  /** The whole file, from its first byte. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** @param file `-` for standard input; a directory is the copy of a journal. @throws Failure `file-unreadable`, then or while it is read */
export async function openFile(file: string): Promise<Opened> {
  if (isDirectory(file)) return { kind: "stream", chunks: mirrored(file) };
  const source = piecesOf(file);
  const read: Uint8Array[] = [];
  for (let length = 0, ended = false; length < MAX_LINE && !ended;) {
    const { done, value } = await source.next();
    if (done === true) break;
    read.push(value);
    length += value.length;
    ended = value.includes(NEWLINE);
  }
  // Members stand in the order of their names, so that `format` may come late; what looks like it inside a text has its quotes escaped.
  const [first = ""] = Buffer.concat(read).toString("latin1").split("\n", 1);
  const isOf = (format: string): boolean => first.includes(`"format":"${format}"`);
  const chunks = (async function* () {
    yield* read;
    yield* source;
  })();
  if (STREAM_FORMATS.some(isOf)) return { kind: "stream", chunks };
  if (isOf(EXIT_FORMAT)) return { kind: "exit", chunks };
  if (isOf(STATEMENT_FORMAT)) return { kind: "statement", chunks };
  return { kind: /^[^{\s]/.test(first) ? "checkpoint" : "document", chunks };
}

const isDirectory = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;

async function* piecesOf(file: string): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const chunk of file === "-" ? process.stdin : createReadStream(file)) yield chunk as Uint8Array;
  } catch (error) {
    throw new Failure("file-unreadable", { file, reason: reasonOf(error) }, { cause: error });
  }
}

/** Says what a checkpoint proves. @returns whether it is good */
export async function reportCheckpoint(file: string, content: Uint8Array, trust: TrustFile, output: Output): Promise<boolean> {
  try {
    const verdict: CheckpointVerdict = await verifyCheckpointFile(Buffer.from(content).toString("utf8"), trust);
    const { network, journal, size, root, cosigned } = verdict;
    output.document({ file, verified: true, ...verdict });
    output.line(`${output.style("green", text("verify.good"))}  ${file}`);
    row(output, text("verify.place"), `${network}  ${journal}  ${text("verify.of-head", { size, root })}`);
    for (const { witness, time } of cosigned) row(output, text("verify.witness"), `${witness}  ${time}`);
    reportProven(verdict, output);
    return true;
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    reportEvidenceFailure(file, error, output);
    return false;
  }
}

/** Says what each part of it proves. @returns whether all of it is good */
export async function reportStream(file: string, chunks: AsyncIterable<Uint8Array>, trust: TrustFile, output: Output): Promise<boolean> {
  let lines = 0;
  const progress = output.progress(() => text("verify.lines", { lines }));
  try {
    for await (const verdict of verifyStream(chunks, trust, new Date(), (read) => {
      lines = read;
      progress.tick();
    })) {
      progress.clear();
      report(file, verdict, output);
    }
    return true;
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    progress.clear();
    reportEvidenceFailure(file, error, output);
    return false;
  } finally {
    progress.end();
  }
}

function report(file: string, verdict: StreamVerdict, output: Output): void {
  const { subject, journals, events, withheld, recorded, attested, network } = verdict;
  output.document({ file, verified: true, ...verdict });
  output.line(`${output.style("green", text("verify.good"))}  ${file}`);
  if (subject !== undefined) row(output, text("verify.subject"), `${subject.kind} ${subject.id}`);
  const isHead = verdict.format === HEAD_FORMAT || verdict.format === LATEST_FORMAT;
  if (!isHead) row(output, text("verify.events"), text(withheld > 0 ? "verify.events-withheld" : "verify.events-of", { events, withheld }));
  for (const { journal, events, size } of journals)
    row(output, text("verify.place"), `${network}  ${journal}  ${text(isHead ? "verify.head-of" : "verify.of-journal", { events, size })}`);
  if (verdict.follow !== undefined)
    row(output, text("verify.follow"), text("verify.histories", { histories: verdict.follow.length, withheld: verdict.unfollowed ?? 0 }));
  if (recorded !== undefined) row(output, text("verify.recorded"), recorded);
  row(output, text("verify.attested"), attested);
  reportProven(verdict, output);
}

const row = (output: Output, name: string, value: string): void => output.line(`  ${padTo(name, LABEL_WIDTH)}${value}`);

export function reportProven(verdict: Pick<StreamVerdict, "proven" | "notProven">, output: Output): void {
  output.line(`  ${text("verify.proven")}`);
  for (const code of verdict.proven) output.line(`    ${output.style("green", "+")} ${verdictLabels.proven[code][language]}`);
  output.line(`  ${text("verify.not-proven")}`);
  for (const code of verdict.notProven) output.line(`    ${output.style("yellow", "-")} ${verdictLabels.notProven[code][language]}`);
}

export function reportEvidenceFailure(file: string, { code, line }: EvidenceError, output: Output): void {
  const { [language]: message, next } = errorLabels[code];
  output.document({ file, verified: false, failed: { code, ...(line === undefined ? {} : { line }), message, next: next[language] } });
  output.line(`${output.style("red", text("verify.bad"))}  ${file}`);
  output.line(`  ${output.style("red", code)}  ${line === undefined ? "" : `${text("verify.at-line", { line })}  `}${message}`);
  output.line(`  ${next[language]}`);
}
