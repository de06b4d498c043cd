/** `suyuan verify`: whether receipts prove what they say, offline, to one who trusts the trust file alone. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { RecordedEvent } from "../chaincode/events/envelope";
import { eventIn, type Examined, examineReceipt } from "../gateway/evidence/examine";
import errorLabels from "../gateway/evidence/errors.labels.json";
import { EvidenceError } from "../gateway/evidence/errors";
import { MAX_EXIT } from "../gateway/evidence/exit-certificate";
import { MAX_RECEIPT } from "../gateway/evidence/receipt";
import { parseTrust, type TrustFile } from "../gateway/evidence/trust";
import verdictLabels from "../gateway/evidence/verdict.labels.json";
import type { Verdict } from "../gateway/evidence/verify";
import { eventLabel } from "../gateway/labels";
import { Exit, Failure, reasonOf } from "./failure";
import type { Output } from "./output";
import { language, padTo, text } from "./texts";
import { reportExit, reportStatement } from "./verify-exit";
import { openFile, reportCheckpoint, reportProven, reportStream } from "./verify-stream";

export interface VerifyOptions {
  /** The trust file; `trust.json` in `data`, else here, if missing. */
  readonly trust?: string;
  readonly data?: string;
}

interface Verified {
  readonly verdict: Verdict;
  /** Missing where the leaf, which the ledger could not judge, is no event. */
  readonly event: Partial<RecordedEvent> | undefined;
}

type Failed = Extract<Examined<unknown>, { readonly verified: false }>;

/** @param files `-` for standard input. @returns exit code; `unverified` where one fails */
export async function verify(files: readonly string[], options: VerifyOptions, output: Output): Promise<number> {
  const trust = await readTrust(trustFileOf(options));
  let failed = 0;
  let done = 0;
  const progress = output.progress(() => text("verify.progress", { done, total: files.length }));
  for (const file of files) {
    if (!(await isGood(file, trust, output))) failed++;
    done++;
    if (files.length > 1) progress.tick();
  }
  progress.end();
  if (files.length > 1) output.line(text("verify.total", { good: files.length - failed, total: files.length }));
  return failed === 0 ? Exit.done : Exit.unverified;
}

async function isGood(file: string, trust: TrustFile, output: Output): Promise<boolean> {
  const { kind, chunks } = await openFile(file);
  if (kind === "stream") return reportStream(file, chunks, trust, output);
  const bytes = await upTo((kind === "exit" ? MAX_EXIT : MAX_RECEIPT) + 2, chunks);
  if (kind === "exit") return reportExit(file, bytes, trust, output);
  if (kind === "statement") return reportStatement(file, bytes, trust, output);
  if (kind === "checkpoint") return reportCheckpoint(file, bytes, trust, output);
  const examined = await examineReceipt(bytes, trust);
  if (examined.verified) report(file, { verdict: examined.verdict, event: eventIn(bytes) }, output);
  else reportFailure(file, examined, output);
  return examined.verified;
}

/** What there is, as far as it matters: what is longer is refused for its length. */
async function upTo(most: number, chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const read: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    read.push(chunk);
    if ((length += chunk.length) >= most) break;
  }
  return Buffer.concat(read);
}

function report(file: string, { verdict, event }: Verified, output: Output): void {
  output.document({ file, verified: true, ...verdict, event });
  output.line(`${output.style("green", text("verify.good"))}  ${file}`);
  const row = (name: string, value: string): void => output.line(`  ${padTo(name, LABEL_WIDTH)}${value}`);
  if (event === undefined) row(text("verify.event"), text("verify.no-event"));
  else {
    const { type = "", source = "", id = "", party = "", time = "" } = event;
    row(text("verify.event"), [eventLabel(type)?.[language], type, source, id].filter((part) => part !== undefined).join("  "));
    row(text("verify.party"), party);
    row(text("verify.happened"), time);
  }
  row(text("verify.place"), `${verdict.network}  ${verdict.journal}/${verdict.index}`);
  row(text("verify.leaf"), verdict.leafHash);
  row(text("verify.recorded"), verdict.recorded);
  row(text("verify.attested"), verdict.attested);
  reportProven(verdict, output);
}

const LABEL_WIDTH = 14;

/** Which step failed, after which others were passed. */
export function reportFailure(file: string, { passed, failed }: Failed, output: Output): void {
  const { step, code } = failed;
  const { [language]: message, next } = errorLabels[code];
  output.document({ file, verified: false, passed, failed: { step, code, message, next: next[language] } });
  output.line(`${output.style("red", text("verify.bad"))}  ${file}`);
  for (const one of passed) output.line(`    ${output.style("green", "+")} ${verdictLabels.steps[one][language]}`);
  output.line(`    ${output.style("red", "x")} ${text("verify.failed-step", { step: verdictLabels.steps[step][language] })}`);
  output.line(`  ${output.style("red", code)}  ${message}`);
  output.line(`  ${next[language]}`);
}

export const trustFileOf = ({ trust, data }: VerifyOptions): string => trust ?? join(data ?? ".", "trust.json");

/** @throws Failure `trust-unreadable`, `trust-malformed` */
export async function readTrust(file: string): Promise<TrustFile> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new Failure("trust-unreadable", { file, reason: reasonOf(cause) }, { cause });
  });
  try {
    return parseTrust(bytes);
  } catch (error) {
    if (error instanceof EvidenceError) throw new Failure("trust-malformed", { file }, { cause: error });
    throw error;
  }
}

export async function read(file: string): Promise<Uint8Array> {
  try {
    return file === "-" ? await buffer(process.stdin) : await readFile(file);
  } catch (error) {
    throw new Failure("file-unreadable", { file, reason: reasonOf(error) }, { cause: error });
  }
}
