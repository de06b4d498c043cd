/** Whether the certificate of an exit proves what it says, to one who trusts nothing but the trust file. */
import type { RecordedEvent } from "../../chaincode/events/envelope";
import { fromBase64 } from "../../chaincode/proof/bytes";
import { type Json, parseStrict } from "../../chaincode/proof/canonical";
import { demand, EvidenceError, given } from "./errors";
import { type EventLine, linesOf, type StreamVerdict } from "./event-stream";
import {
  certificateDigest,
  type ExitCertificate,
  type ExitStatement,
  ITEM_STATES,
  MAX_EXIT_LINE,
  openExit,
  parseExit,
} from "./exit-certificate";
import type { Countersignature } from "./exit-acts";
import { type BackupsDue, backupsOf, isOfBackups } from "./exit-backups";
import { checkItems, count, newCounts, sameCounts } from "./exit-items";
import { CLOCKS_MS, isInForce, type Vouched } from "./head";
import { HISTORY_FORMAT } from "./history";
import { parseVerifierKey, type VerifierKey } from "./note-key";
import { demandParticulars } from "./exit-particulars";
import { residualOf } from "./exit-residual";
import { Scans } from "./exit-scans";
import { type Act, checkActs, countersignature, isSame, isTold, verifiedIn } from "./exit-timeline";
import type { TrustFile } from "./trust";
import type { NotProven, Proven } from "./verify-receipt";
import { verifyStream } from "./verify-stream";

export interface ExitVerdict
  extends Vouched, Pick<ExitStatement, "certificate" | "since" | "byDevelopers" | "address" | "names" | "journal"> {
  /** RFC 3339. */
  readonly issued: string;
  /** By which the authority's act names it. */
  readonly digest: string;
  /** Where the authority's act stands that certifies it: `MSPID/journal/index`. */
  readonly countersigned?: string;
  /** The same act: whose, when and by which officer. */
  readonly countersignature?: Countersignature;
  /** Backups that were beyond use when it was verified, and whether they were reported gone since; none where there were none. */
  readonly backups: readonly BackupsDue[];
  /** Items that were looked at. */
  readonly items: number;
  /** Whose they are: the file of items is one source's alone. */
  readonly source?: string;
}

/**
 * @param chunks the certificate, in pieces of any size: it is read line by line
 * @param items the file of items, where it is at hand
 * @param onLine told how many lines of the certificate have been read
 * @throws EvidenceError `exit-*`, and those of histories, attestations and certificates
 */
export async function verifyExit(
  chunks: AsyncIterable<Uint8Array>,
  items: AsyncIterable<Uint8Array> | undefined,
  trust: TrustFile,
  now = new Date(),
  onLine: (lines: number) => void = () => undefined,
): Promise<ExitVerdict> {
  const lines = linesOf(chunks, MAX_EXIT_LINE);
  const first = await lines.next();
  demand(first.done !== true, "exit-malformed");
  const { certificate, since, byDevelopers, address, names, operatorCodes, journal, iat, network } = await signedBy(
    parseExit(first.value),
    trust,
    now,
  );
  const scans = new Scans(certificate, operatorCodes);
  const acts: Act[] = [];
  const taking = (act: Act): void => {
    scans.add(act);
    if (isTold(act, certificate) || isOfBackups(act)) acts.push(act);
  };
  const history = await historyOf(lines, taking, trust, now, (read) => onLine(read + 1));
  const { subject, withheld, proven, notProven, network: of, attested, attestedBy, chaincodeVersion } = history;
  demand(subject?.kind === "exit" && subject.id === certificate.exit && of === network && withheld === 0, "exit-history-differs");
  // An older one may lack what came between.
  demand(Date.parse(attested) >= 1000 * iat - 2 * CLOCKS_MS, "exit-history-differs");
  checkActs(certificate, acts);
  const { foundSince } = scans.end(given(verifiedIn(acts, certificate.timeline), "exit-acts-differ"));
  checkSums(certificate);
  const digest = certificateDigest(certificate);
  const certified = countersignature(acts, certificate, digest);
  demandParticulars(certificate, certified !== undefined, chaincodeVersion);
  const backups = backupsOf(certificate, acts);
  const shown = items === undefined ? { items: 0 } : await checkItems(certificate, items);
  const also: Proven[] = ["inventory-on-ledger", ...(since === undefined ? (["nothing-outstanding"] as const) : [])];
  const open: NotProven[] = [
    ...(since === undefined ? [] : (["still-so"] as const)),
    ...(["data-erased", "step-times", "operator-and-agreement"] as const),
  ];
  if (shown.source !== undefined) also.push("items-of-source");
  else if (items !== undefined) also.push("items-of-inventory");
  if (items === undefined || shown.source !== undefined) open.push("items-whole");
  const isPurged = backups.every(({ purged }) => purged !== undefined);
  if (backups.length > 0 && isPurged) also.push("backups-purged");
  if (!isPurged) open.push("backups-purged");
  if (certified === undefined) open.push("countersigned");
  if (foundSince) open.push("no-residue-since");
  return {
    ...{ certificate, names, journal, digest, backups, ...shown, issued: new Date(iat * 1000).toISOString() },
    ...(since === undefined ? {} : { since }),
    ...(byDevelopers === undefined ? {} : { byDevelopers }),
    ...(address === undefined ? {} : { address }),
    ...(certified === undefined ? {} : { countersigned: certified.act, countersignature: certified }),
    ...{ network, attested, attestedBy, ...(chaincodeVersion === undefined ? {} : { chaincodeVersion }) },
    proven: [...also, ...proven],
    notProven: [...new Set([...open, ...notProven])],
  };
}

/** A key of a journal that the trust file knows, in force when it says that it signed. */
async function signedBy(jws: string, { journals }: TrustFile, now: Date): Promise<ExitStatement & { readonly network: string }> {
  const known = journals.flatMap(({ keys, ...of }) =>
    keys.map((key) => ({ ...of, key, verifier: given(parseVerifierKey(key.key), "trust-malformed") })),
  );
  const { signer, ...statement } = await openExit(
    jws,
    known.map(({ verifier }) => verifier),
  );
  const of = known.filter(({ verifier, journal }) => sameKey(verifier, signer) && journal === statement.journal);
  const at = new Date(statement.iat * 1000);
  demand(at.getTime() <= now.getTime() + CLOCKS_MS, "attestation-in-future");
  const inForce = given(
    of.find(({ key }) => isInForce(key, at)),
    of.length === 0 ? "exit-key-unknown" : "exit-key-not-valid",
  );
  return { ...statement, network: inForce.network };
}

const sameKey = (one: VerifierKey, other: VerifierKey): boolean => one.name === other.name && one.id === other.id;

/** @param take told each event once it is verified: of however many there are, none need stay in memory */
async function historyOf(
  lines: AsyncIterable<Uint8Array>,
  take: (act: Act) => void,
  trust: TrustFile,
  now: Date,
  onLine: (lines: number) => void,
): Promise<StreamVerdict> {
  async function* verified(): AsyncGenerator<Uint8Array, void> {
    for await (const line of lines) {
      yield line;
      yield NEWLINE;
      // Whoever asks for the next has verified this one.
      actIn(line).forEach(take);
    }
  }
  const verdicts: StreamVerdict[] = [];
  try {
    for await (const verdict of verifyStream(verified(), trust, now, onLine)) verdicts.push(verdict);
  } catch (error) {
    if (!(error instanceof EvidenceError) || error.line === undefined) throw error;
    throw new EvidenceError(error.code, { line: error.line + 1, cause: error });
  }
  const [history, ...others] = verdicts;
  demand(history?.format === HISTORY_FORMAT && others.length === 0, "exit-history-differs");
  return history;
}

const NEWLINE = new Uint8Array([0x0a]);

/** In a line that was verified. A leaf that the ledger could not judge may be anything, and is none. */
function actIn(line: Uint8Array): readonly Act[] {
  const { journal, index, leaf } = JSON.parse(decoder.decode(line)) as EventLine;
  const { value } = parseStrict(fromBase64(leaf ?? "") ?? new Uint8Array());
  return isEvent(value) ? [{ at: `${journal}/${index}`, event: value as unknown as RecordedEvent }] : [];
}

const decoder = new TextDecoder();

const isEvent = (value: Json | undefined): boolean =>
  isMembers(value) && typeof value["type"] === "string" && typeof value["party"] === "string" && isMembers(value["data"]);
const isMembers = (value: Json | undefined): value is Readonly<Record<string, Json>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Of what it says, what follows from the rest. @throws EvidenceError `exit-items-differ`, `exit-acts-differ` */
function checkSums(certificate: ExitCertificate): void {
  const { counts, items, handlings, residual } = certificate;
  const handled = newCounts();
  for (const { state, items } of handlings) count(handled, state, items);
  const sum = ITEM_STATES.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  demand(counts.outstanding === 0 && sum === items.count && sameCounts(handled, counts), "exit-items-differ");
  demand(isSame(residual, residualOf(certificate)), "exit-acts-differ");
}
