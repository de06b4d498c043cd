/** A file from a stranger, verified, whatever it is: the one entrance for those who show people what came out. */
import type { RecordedEvent } from "../../chaincode/events/envelope";
import { fromBase64 } from "../../chaincode/proof/bytes";
import { parseStrict } from "../../chaincode/proof/canonical";
import { EvidenceError, type EvidenceErrorCode } from "./errors";
import type { StreamVerdict } from "./event-stream";
import { MAX_STATEMENT, parseStatement, type StatementVerdict, verifyStatement } from "./exit-statement";
import { parseHeadFile } from "./journal-export";
import { type EvidenceKind, open, type Opened, upTo } from "./kind";
import { type Latest, MAX_LATEST, parseLatest, verifyLatest } from "./latest";
import { MAX_NOTE } from "./note";
import { judgePromise, MAX_PROMISE, parsePromise, type PromiseVerdict, type ShownFile } from "./promise-kept";
import { MAX_RECEIPT, parseReceipt, type Receipt } from "./receipt";
import type { Enter, Step } from "./steps";
import type { TrustFile } from "./trust";
import { type Verdict, verifyReceipt } from "./verify-receipt";
import { type CheckpointVerdict, verifyCheckpointFile } from "./verify-checkpoint";
import { type ExitVerdict, verifyExit } from "./verify-exit";
import { verifyStream } from "./verify-stream";

/** What was verified, of each kind; of a stream, one of its parts. */
export type Found =
  | { readonly kind: "receipt"; readonly verdict: Verdict; readonly event: Partial<RecordedEvent> | undefined }
  | { readonly kind: "promise"; readonly verdict: PromiseVerdict }
  | { readonly kind: "latest"; readonly verdict: Latest }
  | { readonly kind: "stream"; readonly verdict: StreamVerdict }
  | { readonly kind: "checkpoint"; readonly verdict: CheckpointVerdict }
  | { readonly kind: "exit"; readonly verdict: ExitVerdict }
  | { readonly kind: "statement"; readonly verdict: StatementVerdict };

/** What came out, with the steps that were passed, in order; kinds that have none are told by their codes alone. */
export type Examined = { readonly passed: readonly Step[] } & (
  { readonly verified: true; readonly found: Found } | { readonly verified: false; readonly failed: Failed }
);

export interface Failed {
  readonly step?: Step;
  readonly code: EvidenceErrorCode;
  /** Of a file of lines. */
  readonly line?: number;
}

/** What else is at hand. */
export interface Beside {
  readonly now?: Date;
  /** Of the certificate of an exit. */
  readonly items?: AsyncIterable<Uint8Array> | undefined;
  /** With a promise: receipts, heads and latest states of its journal. */
  readonly shown?: readonly Uint8Array[];
  /** Told how many lines of a stream, or of the certificate of an exit, have been read. */
  readonly onLine?: (lines: number) => void;
}

/**
 * Never throws for what the files say. Streams and certificates of exits are read line by line, everything else is short.
 * @returns one result; of a stream, one for each of its parts, up to the first that fails
 */
export async function* examine({ kind, chunks }: Opened, trust: TrustFile, beside: Beside = {}): AsyncGenerator<Examined, void> {
  const { now = new Date(), items, shown = [], onLine } = beside;
  if (kind === "stream" || kind === "head") {
    const parts = verifyStream(chunks, trust, now, onLine);
    for (let isLast = false; !isLast;) {
      const examined = await stepwise(async () => {
        const { done, value } = await parts.next();
        isLast = done === true;
        return done === true ? undefined : { kind: "stream", verdict: value };
      });
      if (examined !== undefined) yield examined;
      isLast ||= examined?.verified === false;
    }
    return;
  }
  if (kind === "exit") {
    const examined = await stepwise(async () => ({ kind, verdict: await verifyExit(chunks, items, trust, now, onLine) }));
    if (examined !== undefined) yield examined;
    return;
  }
  const { max, first, verdict } = SHORT[kind];
  const file = await upTo(max, chunks);
  const examined = await stepwise((enter) => verdict(file, { shown, trust, now, enter }), first);
  if (examined !== undefined) yield examined;
}

interface Given extends Required<Pick<Beside, "shown" | "now">> {
  readonly trust: TrustFile;
  readonly enter: Enter;
}

/** Of files that are no streams. */
interface Short {
  /** Longest that may be good, in bytes. */
  readonly max: number;
  /** Entered before anything is read; empty where a kind has no steps. */
  readonly first: readonly Step[];
  readonly verdict: (file: Uint8Array, given: Given) => Promise<Found>;
}

const FORM = ["form"] as const;

const receipt: Short = {
  ...{ max: MAX_RECEIPT, first: FORM },
  async verdict(file, { trust, now, enter }) {
    const receipt = parseReceipt(file);
    return { kind: "receipt", verdict: await verifyReceipt(receipt, trust, now, enter), event: eventIn(receipt) };
  },
};
const noEvidence: Short = { max: 0, first: [], verdict: () => Promise.reject(new EvidenceError("no-evidence-alone")) };

const SHORT: Readonly<Record<Exclude<EvidenceKind, "stream" | "head" | "exit">, Short>> = {
  receipt,
  promise: {
    ...{ max: MAX_PROMISE, first: FORM },
    async verdict(file, { shown, trust, now, enter }) {
      const promised = parsePromise(file);
      const evidence: ShownFile[] = [];
      for (const one of shown) evidence.push(await parseShown(one));
      return { kind: "promise", verdict: await judgePromise(promised, evidence, trust, now, enter) };
    },
  },
  latest: {
    ...{ max: MAX_LATEST, first: FORM },
    verdict: async (file, { trust, now, enter }) => ({ kind: "latest", verdict: await verifyLatest(parseLatest(file), trust, now, enter) }),
  },
  checkpoint: {
    // Characters of a text are at most so many bytes.
    ...{ max: 3 * MAX_NOTE, first: [] },
    verdict: async (file, { trust, now }) => ({ kind: "checkpoint", verdict: await verifyCheckpointFile(file, trust, now) }),
  },
  statement: {
    ...{ max: MAX_STATEMENT, first: [] },
    verdict: async (file, { trust, now }) => ({ kind: "statement", verdict: await verifyStatement(parseStatement(file), trust, now) }),
  },
  trust: noEvidence,
  items: noEvidence,
  // What it was meant to be nobody can tell; most files are receipts, and what is wrong with it as one is said.
  unknown: receipt,
};

/** The event that a receipt is of; undefined where the leaf, which the ledger could not judge, is none. Its members are the sender's: unchecked here. */
function eventIn({ leaf }: Receipt): Partial<RecordedEvent> | undefined {
  const { value } = parseStrict(fromBase64(leaf) ?? new Uint8Array());
  const isEvent = typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
  return isEvent ? value : undefined;
}

async function parseShown(file: Uint8Array): Promise<ShownFile> {
  const { kind } = await open(piece(file));
  if (kind === "latest") return parseLatest(file);
  return kind === "head" ? parseHeadFile(file) : parseReceipt(file);
}

/** A file that is at hand, for {@link open}. */
// eslint-disable-next-line @typescript-eslint/require-await -- one piece is a stream too
export async function* piece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}

/** @returns undefined where there is nothing more to find */
async function stepwise(work: (enter: Enter) => Promise<Found | undefined>, first: readonly Step[] = []): Promise<Examined | undefined> {
  const begun: Step[] = [...first];
  const enter: Enter = (step) => {
    // Each file of several begins again; a promise stays signed.
    if (step === "form") begun.splice(0, begun.length, ...begun.filter((one) => one === "promise"));
    begun.push(step);
  };
  try {
    const found = await work(enter);
    return found && { verified: true, found, passed: begun };
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    const [step, { code, line }] = [begun.pop(), error];
    const failed = { ...(step === undefined ? {} : { step }), code, ...(line === undefined ? {} : { line }) };
    return { verified: false, failed, passed: begun };
  }
}
