/**
 * How far a journal reaches at some moment, on the ledger's word (transaction `head`): what shows that a record is not there. Any gateway of the
 * network can give it for any journal, so that nobody depends on the one that left something out.
 */
import { canonical, canonicalText, parseStrict } from "../../chaincode/proof/canonical";
import { sameBytes } from "../../chaincode/proof/bytes";
import { isJournalName } from "../../chaincode/proof/holding-name";
import type { Attestation } from "../ledger/port";
import { isAttestation, readAnswer } from "./attestation";
import { type AttestedLatest, readLatest } from "./attested-root";
import { demand } from "./errors";
import type { PartVerifier } from "./event-stream";
import { verifyAnswer, type Vouched } from "./head";
import { literal, record, text } from "./shape";
import { type Enter, silently } from "./steps";
import type { TrustFile } from "./trust";

export const LATEST_FORMAT = "suyuan-latest/1";
export const MAX_LATEST = 64 * 1024;
const NEWLINE = 0x0a;

export interface LatestFile {
  readonly format: typeof LATEST_FORMAT;
  /** `MSPID/name` */
  readonly journal: string;
  readonly attestation: Attestation;
}

export interface Latest extends Vouched {
  readonly latest: AttestedLatest;
}

const isLatest = record<LatestFile>({ format: literal(LATEST_FORMAT), journal: text(200, isJournalName), attestation: isAttestation });

/** The file's content. */
export const formatLatest = (file: LatestFile): string => canonicalText(file);

/** Reads what a stranger sent; verifies nothing. One newline at the end is allowed. @throws EvidenceError `latest-malformed` */
export function parseLatest(bytes: Uint8Array): LatestFile {
  demand(bytes.length <= MAX_LATEST, "latest-malformed");
  const { value } = parseStrict(bytes, { maxDepth: 4 });
  demand(isLatest(value), "latest-malformed");
  demand(sameBytes(canonical(value), bytes.at(-1) === NEWLINE ? bytes.subarray(0, -1) : bytes), "latest-malformed");
  return value;
}

/** @throws EvidenceError `attestation-malformed`, `attestation-differs`, and those of networks, attestations and certificates */
export async function verifyLatest(file: LatestFile, trust: TrustFile, now: Date, enter: Enter = silently): Promise<Latest> {
  enter("form");
  const answer = readAnswer(file.attestation);
  const latest = readLatest(answer.transaction, answer.args, answer.result);
  demand(latest.journal === file.journal, "attestation-differs");
  enter("attestation");
  return { ...(await verifyAnswer(file.attestation, answer, trust, now)), latest };
}

/** As a stream without events, as a mirror keeps it of a journal that was rolled back. @throws EvidenceError `stream-malformed`, and those of {@link verifyLatest} */
export async function verifyLatestFile(file: object, trust: TrustFile, now: Date): Promise<PartVerifier> {
  demand(isLatest(file), "stream-malformed");
  const { latest, ...vouched } = await verifyLatest(file, trust, now);
  const { journal, size, time } = latest;
  return {
    add: () => demand(false, "events-excess"),
    end: () => ({
      ...vouched,
      format: LATEST_FORMAT,
      events: 0,
      withheld: 0,
      journals: [{ journal, events: 0, size }],
      ...(time === undefined ? {} : { recorded: time }),
    }),
  };
}
