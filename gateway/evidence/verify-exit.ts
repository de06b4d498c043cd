/** Whether the certificate of an exit proves what it says, to one who trusts nothing but the trust file. */
import type { RecordedEvent } from "../../chaincode/events/envelope";
import { fromBase64, fromHex, toHex } from "../../chaincode/proof/bytes";
import { type Json, parseStrict } from "../../chaincode/proof/canonical";
import { CompactRange } from "../../chaincode/proof/compact-range";
import { leafHash, verifyInclusion } from "../../chaincode/proof/rfc6962";
import type { Hash } from "../../chaincode/proof/sha256";
import { demand, EvidenceError, given } from "./errors";
import { type EventLine, linesOf, type StreamVerdict } from "./event-stream";
import {
  certificateDigest,
  type Counts,
  type ExitCertificate,
  type ExitFile,
  type ExitItem,
  type ExitStatement,
  ITEM_STATES,
  openExit,
  parseItem,
} from "./exit-certificate";
import { CLOCKS_MS, isInForce, type Vouched } from "./head";
import { HISTORY_FORMAT } from "./history";
import { parseVerifierKey, type VerifierKey } from "./note-key";
import { residualOf } from "./exit-residual";
import { type Act, checkActs, checkScans, countersignature, isSame } from "./exit-timeline";
import type { TrustFile } from "./trust";
import { utf8 } from "./utf8";
import type { NotProven, Proven } from "./verify-receipt";
import { verifyStream } from "./verify-stream";

export interface ExitVerdict extends Vouched, Pick<ExitStatement, "certificate" | "names" | "journal"> {
  /** RFC 3339. */
  readonly issued: string;
  /** By which the authority's act names it. */
  readonly digest: string;
  /** Where the authority's act stands that certifies it: `MSPID/journal/index`. */
  readonly countersigned?: string;
  /** Items that were looked at. */
  readonly items: number;
}

/**
 * @param items the file of items, in pieces of any size, where it is at hand
 * @throws EvidenceError `exit-*`, and those of histories, attestations and certificates
 */
export async function verifyExit(
  file: ExitFile,
  items: AsyncIterable<Uint8Array> | undefined,
  trust: TrustFile,
  now = new Date(),
): Promise<ExitVerdict> {
  const { certificate, names, journal, iat, network } = await signedBy(file.jws, trust, now);
  const { history, acts } = await historyOf(file, trust, now);
  const { subject, withheld, proven, notProven, network: of, attested, attestedBy, chaincodeVersion } = history;
  demand(subject?.kind === "exit" && subject.id === certificate.exit && of === network && withheld === 0, "exit-history-differs");
  // An older one may lack what came between.
  demand(Date.parse(attested) >= 1000 * iat - 2 * CLOCKS_MS, "exit-history-differs");
  checkActs(certificate, acts);
  const { foundSince } = checkScans(certificate, acts);
  checkSums(certificate);
  const digest = certificateDigest(certificate);
  const countersigned = countersignature(acts, certificate, digest);
  let shown = 0;
  const also: Proven[] = ["inventory-on-ledger", "nothing-outstanding"];
  const open: NotProven[] = ["data-erased", "step-times", "operator-and-agreement"];
  if (file.part !== undefined) shown = checkPart(certificate, file.part);
  if (items !== undefined) shown = await checkItems(certificate, items);
  if (items !== undefined) also.push("items-of-inventory");
  else open.push("items-whole");
  if (file.part !== undefined) also.push("items-of-source");
  if (countersigned === undefined) open.push("countersigned");
  if (foundSince) open.push("no-residue-since");
  return {
    ...{ certificate, names, journal, digest, items: shown, issued: new Date(iat * 1000).toISOString() },
    ...(countersigned === undefined ? {} : { countersigned }),
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

async function historyOf(
  file: ExitFile,
  trust: TrustFile,
  now: Date,
): Promise<{ readonly history: StreamVerdict; readonly acts: readonly Act[] }> {
  const bytes = new TextEncoder().encode(file.history.map((line) => `${line}\n`).join(""));
  const verdicts: StreamVerdict[] = [];
  for await (const verdict of verifyStream(once(bytes), trust, now)) verdicts.push(verdict);
  const [history, ...others] = verdicts;
  demand(history?.format === HISTORY_FORMAT && others.length === 0, "exit-history-differs");
  return { history, acts: file.history.slice(1).flatMap(actIn) };
}

/** In a line that was verified. A leaf that the ledger could not judge may be anything, and is none. */
function actIn(line: string): readonly Act[] {
  const { journal, index, leaf } = JSON.parse(line) as EventLine;
  const { value } = parseStrict(fromBase64(leaf ?? "") ?? new Uint8Array());
  return isEvent(value) ? [{ at: `${journal}/${index}`, event: value as unknown as RecordedEvent }] : [];
}

const isEvent = (value: Json | undefined): boolean =>
  isMembers(value) && typeof value["type"] === "string" && typeof value["party"] === "string" && isMembers(value["data"]);
const isMembers = (value: Json | undefined): value is Readonly<Record<string, Json>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

// eslint-disable-next-line @typescript-eslint/require-await -- one piece is a stream too
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}

/** Of what it says, what follows from the rest. @throws EvidenceError `exit-items-differ`, `exit-acts-differ` */
function checkSums(certificate: ExitCertificate): void {
  const { counts, items, handlings, residual } = certificate;
  const handled = newCounts();
  for (const { state, items } of handlings) handled[state] += items;
  const sum = ITEM_STATES.reduce((sum, state) => sum + counts[state], 0);
  demand(counts.outstanding === 0 && sum === items.count && sameCounts(handled, counts), "exit-items-differ");
  demand(isSame(residual, residualOf(certificate)), "exit-acts-differ");
}

const encoder = new TextEncoder();
const leafOf = (text: string): Hash => leafHash(encoder.encode(text));

/** @returns how many. @throws EvidenceError `exit-items-differ` */
function checkPart({ items, inventory }: ExitCertificate, { source, items: shown }: NonNullable<ExitFile["part"]>): number {
  const [root, frozen] = [hashOf(items.root), hashOf(inventory.root)];
  let last = -1;
  for (const { index, line, path, inventory: place } of shown) {
    const item = given(parseItem(line), "exit-items-differ");
    demand(index > last && item.sources.includes(source), "exit-items-differ");
    last = index;
    demand(verifyInclusion(leafOf(line), index, items.count, hashesOf(path), root), "exit-items-differ");
    demand((place === undefined) === (item.late === true), "exit-items-differ");
    if (place !== undefined) {
      const leaf = leafOf(JSON.stringify(item.held));
      demand(verifyInclusion(leaf, index, inventory.count, hashesOf(place), frozen), "exit-items-differ");
    }
  }
  return shown.length;
}

const hashOf = (text: string): Hash => given(fromHex(text), "exit-malformed");
const hashesOf = (path: readonly string[]): Hash[] => path.map((hash) => given(fromBase64(hash), "exit-malformed"));

/** All of them. @returns how many. @throws EvidenceError `exit-items-differ`, with the line */
export async function checkItems(certificate: ExitCertificate, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const { items, inventory, origins, counts } = certificate;
  const [lines, frozen] = [CompactRange.empty(), CompactRange.empty()];
  const tally = new Map<string | undefined, Tally>();
  const all = newCounts();
  let line = 0;
  try {
    for await (const bytes of linesOf(chunks)) {
      line++;
      const item = given(parseItem(utf8(bytes, "exit-items-differ")), "exit-items-differ");
      demand(line <= items.count && (item.late === true) === line > inventory.count, "exit-items-differ");
      lines.append(leafHash(bytes));
      if (item.late !== true) frozen.append(leafOf(JSON.stringify(item.held)));
      all[item.state]++;
      demand(isHandled(item, certificate), "exit-items-differ");
      for (const source of item.sources.length === 0 ? [undefined] : item.sources) add(tally, source, item);
    }
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw new EvidenceError("exit-items-differ", { line: Math.max(line, 1), cause: error });
  }
  const isWhole = line === items.count && toHex(lines.root()) === items.root && toHex(frozen.root()) === inventory.root;
  demand(isWhole && sameCounts(all, counts) && origins.length === tally.size, "exit-items-differ");
  for (const { source, expected, counts: said } of origins) {
    const found = given(tally.get(source), "exit-items-differ");
    demand(found.expected === expected && sameCounts(found.counts, said), "exit-items-differ");
  }
  return line;
}

interface Tally {
  expected: number;
  readonly counts: Record<keyof Counts, number>;
}

export const newCounts = (): Record<keyof Counts, number> => ({
  ...{ outstanding: 0, deleted: 0, retained: 0, transferred: 0, struck: 0, "logs-disposed": 0 },
});

/** Expected is what the frozen inventory has. */
export function add(
  tally: Map<string | undefined, Tally>,
  source: string | undefined,
  { state, late }: Pick<ExitItem, "state" | "late">,
): void {
  let own = tally.get(source);
  if (own === undefined) tally.set(source, (own = { expected: 0, counts: newCounts() }));
  if (late !== true) own.expected++;
  own.counts[state]++;
}

const sameCounts = (a: Counts, b: Counts): boolean => ITEM_STATES.every((state) => a[state] === b[state]);

const isHandled = ({ state, how }: ExitItem, { handlings }: ExitCertificate): boolean =>
  how === undefined ? state === "outstanding" : handlings[how]?.state === state;
