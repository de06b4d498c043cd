/** A file from a stranger, verified step by step, whatever it is: for those who show people how far it got. */
import type { RecordedEvent } from "../../chaincode/events/envelope";
import { fromBase64 } from "../../chaincode/proof/bytes";
import { parseStrict } from "../../chaincode/proof/canonical";
import { EvidenceError, type EvidenceErrorCode } from "./errors";
import { LATEST_FORMAT, parseLatest } from "./latest";
import { HEAD_FORMAT, parseHeadFile } from "./journal-export";
import { judgePromise, parsePromise, type PromiseVerdict, type ShownFile } from "./promise-kept";
import { parseReceipt } from "./receipt";
import type { Enter, Step } from "./steps";
import type { TrustFile } from "./trust";
import { type Verdict, verifyReceipt } from "./verify";

/** What came out, with the steps that were passed, in order. */
export type Examined<T> = { readonly passed: readonly Step[] } & (
  | { readonly verified: true; readonly verdict: T }
  | { readonly verified: false; readonly failed: { readonly step: Step; readonly code: EvidenceErrorCode } }
);

/** Never rejects for what the file says. */
export function examineReceipt(file: Uint8Array, trust: TrustFile, now = new Date()): Promise<Examined<Verdict>> {
  return stepwise((enter) => verifyReceipt(parseReceipt(file), trust, now, enter));
}

/**
 * A promise, with what is shown of whether it was kept: receipts, and the latest state of its journal. Never rejects for what the files say;
 * steps are those of the file that failed, or of the last.
 */
export function examinePromise(
  promise: Uint8Array,
  evidence: readonly Uint8Array[],
  trust: TrustFile,
  now = new Date(),
): Promise<Examined<PromiseVerdict>> {
  return stepwise((enter) => judgePromise(parsePromise(promise), evidence.map(parseShown), trust, now, enter));
}

/** What a file says that it is. */
export function formatOf(file: Uint8Array): string | undefined {
  const { value } = parseStrict(file, { maxDepth: 8 });
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  if ("promise" in value) return "promise";
  return "format" in value && typeof value.format === "string" ? value.format : undefined;
}

/** The event that a receipt is of; undefined where the leaf, which the ledger could not judge, is none. Its members are the sender's: unchecked here. */
export function eventIn(receipt: Uint8Array): Partial<RecordedEvent> | undefined {
  const { value } = parseStrict(fromBase64(parseReceipt(receipt).leaf) ?? new Uint8Array());
  const isEvent = typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
  return isEvent ? value : undefined;
}

function parseShown(file: Uint8Array): ShownFile {
  const format = formatOf(file);
  if (format === LATEST_FORMAT) return parseLatest(file);
  return format === HEAD_FORMAT ? parseHeadFile(file) : parseReceipt(file);
}

async function stepwise<T>(work: (enter: Enter) => Promise<T>): Promise<Examined<T>> {
  const begun: Step[] = ["form"];
  const enter: Enter = (step) => {
    // Each file of several begins again; a promise stays signed.
    if (step === "form") begun.splice(0, begun.length, ...begun.filter((one) => one === "promise"));
    begun.push(step);
  };
  try {
    return { verified: true, verdict: await work(enter), passed: begun };
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    return { verified: false, failed: { step: begun.pop() ?? "form", code: error.code }, passed: begun };
  }
}
