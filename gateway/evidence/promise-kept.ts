/** Whether a promise (受理回执) was kept, by what is shown beside it: receipts of the journal, and how far the ledger said it reached. */
import { fromHex } from "../../chaincode/proof/bytes";
import { parseStrict } from "../../chaincode/proof/canonical";
import { isJournalName } from "../../chaincode/proof/holding-name";
import { HASH_BYTES } from "../../chaincode/proof/sha256";
import { readAttestation } from "./attestation";
import type { AttestedRoot } from "./attested-root";
import { demand, given } from "./errors";
import { CLOCKS_MS, isInForce, readHead, verifyHead, type Vouched } from "./head";
import { keyNameOf } from "./jws";
import { type LatestFile, verifyLatest } from "./latest";
import { parseVerifierKey } from "./note-key";
import { type EventPromise, type PromiseTerms, verifyPromise } from "./promise";
import { HEAD_FORMAT, type HeadFile } from "./journal-export";
import { type Receipt, RECEIPT_FORMAT } from "./receipt";
import { hex, integer, record, text } from "./shape";
import { type Enter, silently } from "./steps";
import type { TrustedJournal, TrustFile } from "./trust";
import { type NotProven, verifyReceipt } from "./verify-receipt";

/** A promise with what it was given for, as intake answers it. */
export interface PromisedEvent {
  readonly journal: string;
  readonly index: number;
  /** Hex. */
  readonly leafHash: string;
  readonly promise: EventPromise;
}

/** - `kept`: the record stood at its index by the deadline
 *  - `kept-late`: it stands there, and did not at the deadline: it came with a later head, or past the deadline the journal ended before it
 *  - `kept-time-unknown`: it stands there, and what is shown does not tell since when; a receipt of the head that first held it would (`?head=first`)
 *  - `two-histories`: what is shown contradicts itself, though each is good: the ledger has answered with two histories, or went back
 *  - `broken-other-record`: another record stands at the promised index
 *  - `broken-missing`: past the deadline the journal ended before the promised index
 *  - `unsettled`: it cannot be told: the deadline is not over, or nothing shown reaches beyond it */
export const OUTCOMES = [
  "kept",
  "kept-late",
  "kept-time-unknown",
  "two-histories",
  "broken-other-record",
  "broken-missing",
  "unsettled",
] as const;
export type PromiseOutcome = (typeof OUTCOMES)[number];

export interface PromiseVerdict {
  readonly outcome: PromiseOutcome;
  readonly network: string;
  readonly journal: string;
  readonly index: number;
  readonly leafHash: string;
  readonly promised: string;
  readonly deadline: string;
  /** MSP IDs of those on whose word the outcome rests; none for `unsettled`. */
  readonly attestedBy: readonly string[];
  /** What that word leaves open: of a ledger of one party, that anyone else vouches for it. */
  readonly notProven: readonly NotProven[];
}

export const MAX_PROMISE = 64 * 1024;

const isPromised = record<PromisedEvent>({
  journal: text(200, isJournalName),
  index: integer(0),
  leafHash: hex(HASH_BYTES),
  promise: record<EventPromise>({ jws: text(4096), path: text(4096) }),
});

/**
 * Reads a promise as intake answered it. What else stands in the answer is nobody's signed word, and is not looked at.
 * @throws EvidenceError `promise-malformed`
 */
export function parsePromise(bytes: Uint8Array): PromisedEvent {
  demand(bytes.length <= MAX_PROMISE, "promise-malformed");
  const { value } = parseStrict(bytes, { maxDepth: 4 });
  demand(typeof value === "object" && value !== null && !Array.isArray(value), "promise-malformed");
  const { journal, index, leafHash, promise } = value as Readonly<Record<string, unknown>>;
  const promised = { journal, index, leafHash, promise };
  demand(isPromised(promised), "promise-malformed");
  return promised;
}

/** Of a journal: what tells whether a record is there, and since when. */
export type ShownFile = Receipt | LatestFile | HeadFile;

/** What one piece of evidence tells of the promised place. */
interface Shown {
  /** Leaf that stands there, hex; undefined where none did by then. */
  readonly leafHash: string | undefined;
  /** Until when it was so, or since when at the latest: milliseconds since 1970. */
  readonly at: number;
  /** That was the moment at which a leaf came there. */
  readonly isFirst?: boolean;
  readonly by: Pick<Vouched, "attestedBy" | "notProven">;
}

/**
 * @param evidence each is verified as if it were alone
 * @throws EvidenceError those of promises; `promise-evidence-differs` (another journal's); those of receipts and of {@link verifyLatest}
 */
export async function judgePromise(
  promised: PromisedEvent,
  evidence: readonly ShownFile[],
  trust: TrustFile,
  now = new Date(),
  enter: Enter = silently,
): Promise<PromiseVerdict> {
  enter("promise");
  const { terms, keeper } = await termsOf(promised, trust);
  const deadline = Date.parse(terms.deadline);
  const shown: Shown[] = [];
  for (const one of evidence) shown.push(...(await shownBy(one, promised, keeper, trust, now, enter)));
  const there = shown.filter(({ leafHash }) => leafHash === promised.leafHash);
  const other = shown.find(({ leafHash }) => leafHash !== undefined && leafHash !== promised.leafHash);
  // Who asks for an attestation dates it, and endorsers' clocks may differ as much: within that, nobody is called late.
  const absent = shown.filter(({ leafHash, at }) => leafHash === undefined && at > deadline + CLOCKS_MS);
  const missing = absent.find(({ isFirst }) => isFirst !== true);
  const inTime = there.find(({ at }) => at <= deadline);
  const settle = (outcome: PromiseOutcome, by?: Shown): PromiseVerdict => ({
    outcome,
    network: keeper.network,
    journal: promised.journal,
    index: promised.index,
    leafHash: promised.leafHash,
    promised: new Date(terms.iat * 1000).toISOString(),
    deadline: terms.deadline,
    attestedBy: by?.by.attestedBy ?? [],
    notProven: by?.by.notProven ?? [],
  });
  const gone = shown.find(({ leafHash, at }) => leafHash === undefined && there.some((one) => at > one.at + 2 * CLOCKS_MS));
  if (there[0] !== undefined && (other ?? gone) !== undefined) return settle("two-histories", other ?? gone);
  if (other !== undefined) return settle("broken-other-record", other);
  if (inTime !== undefined) return settle("kept", inTime);
  // Deadline and record are dated by one clock: only the journal's keeper appends to it.
  const late = there.find(({ isFirst }) => isFirst === true) ?? absent[0];
  if (there[0] !== undefined) return late === undefined ? settle("kept-time-unknown", there[0]) : settle("kept-late", late);
  return missing === undefined ? settle("unsettled") : settle("broken-missing", missing);
}

/** Signed by a key of the journal that was in force when it was given. */
async function termsOf(
  { promise, leafHash, ...place }: PromisedEvent,
  { journals }: TrustFile,
): Promise<{ readonly terms: PromiseTerms; readonly keeper: TrustedJournal }> {
  const named = given(keyNameOf(promise.jws), "promise-malformed");
  const keeper = given(
    journals.find(({ journal, origin }) => journal === place.journal && origin === named),
    "promise-key-unknown",
  );
  const keys = keeper.keys.map((trusted) => ({ ...trusted, verifier: given(parseVerifierKey(trusted.key), "trust-malformed") }));
  const event = { ...place, leafHash: given(fromHex(leafHash), "promise-malformed") };
  const { signer, ...terms } = await verifyPromise(
    promise,
    event,
    keys.map(({ verifier }) => verifier),
  );
  const at = new Date(terms.iat * 1000);
  demand(
    keys.some((key) => key.verifier === signer && isInForce(key, at)),
    "promise-key-not-valid",
  );
  return { terms, keeper };
}

async function shownBy(
  evidence: ShownFile,
  { index }: PromisedEvent,
  keeper: TrustedJournal,
  trust: TrustFile,
  now: Date,
  enter: Enter,
): Promise<readonly Shown[]> {
  const isOfKeeper = (network: string, journal: string): boolean => network === keeper.network && journal === keeper.journal;
  if (evidence.format === HEAD_FORMAT) {
    enter("form");
    const head = readHead(evidence);
    const verdict = await verifyHead(head, trust, now, enter);
    demand(isOfKeeper(verdict.network, head.journal), "promise-evidence-differs");
    return withoutIt(head.attestation.head, index, verdict);
  }
  if (evidence.format !== RECEIPT_FORMAT) {
    const verdict = await verifyLatest(evidence, trust, now, enter);
    const { latest, network, attested } = verdict;
    demand(isOfKeeper(network, latest.journal), "promise-evidence-differs");
    return latest.size <= index ? [{ leafHash: undefined, at: Date.parse(attested), by: verdict }] : [];
  }
  const verdict = await verifyReceipt(evidence, trust, now, enter);
  const { network, journal, recorded, isFirst = false } = verdict;
  demand(isOfKeeper(network, journal), "promise-evidence-differs");
  const own = verdict.index === index ? [{ leafHash: verdict.leafHash, at: Date.parse(recorded), isFirst, by: verdict }] : [];
  return [...own, ...withoutIt(readAttestation(evidence.attestation).head, index, verdict)];
}

/** A head is not called the newest by those who attest it, but its journal came to its size only then, and ended before it until then. */
function withoutIt({ size, from, time }: AttestedRoot, index: number, by: Vouched): readonly Shown[] {
  const at = Date.parse(time);
  if (size <= index) return [{ leafHash: undefined, at, by }];
  return from !== undefined && from <= index ? [{ leafHash: undefined, at: at - 1, isFirst: true, by }] : [];
}
