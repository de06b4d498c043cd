/**
 * The certificate of an exit (退出数据清除核验证明) as a file: lines, of which the first is the certificate signed by a journal's key (JWS, Ed25519), and the others
 * are the complete history of the exit on the ledger's word. However long others made that, it is read line by line. The items stand in a file of
 * their own (`exit-items.ts`).
 */
import { toHex } from "../../chaincode/proof/bytes";
import { canonical, canonicalText } from "../../chaincode/proof/canonical";
import { HASH_BYTES, sha256 } from "../../chaincode/proof/sha256";
import { demand } from "./errors";
import { parseLine } from "./event-stream";
import { openJws, signJws } from "./jws";
import { type Particulars, PARTICULARS, particulars } from "./exit-particulars";
import type { SignerKey, VerifierKey } from "./note-key";
import { hex, integer, list, literal, record, text, time } from "./shape";

export const EXIT_FORMAT = "suyuan-exit-certificate/2";
const TYPE = "suyuan-exit-certificate+jwt";
const CODES = { malformed: "exit-malformed", unknown: "exit-key-unknown", wrong: "exit-signature-wrong" } as const;
/** Longest first line, in bytes. What is listed in it is bounded, so that it stays far below. */
export const MAX_EXIT_LINE = 16 * 1024 * 1024;

/**
 * What became of what is held: the last part of the type of the event that says so. `annulled` is what was frozen as part of what ends by a succession
 * that was annulled since: it is another's again, and waited for no more.
 */
export const ITEM_STATES = ["outstanding", "deleted", "retained", "transferred", "struck", "logs-disposed", "annulled"] as const;
export type ItemState = (typeof ITEM_STATES)[number];
/** Seldom is anything annulled: where nothing is said, nothing was. */
export type Counts = Readonly<Record<Exclude<ItemState, "annulled">, number> & { annulled?: number }>;

/** A step of the exit, and the act or fact of which it is. */
export interface ExitStep {
  readonly step: string;
  /** `MSPID/journal/index` */
  readonly act: string;
  readonly party: string;
  /** By the ledger's clock: the transaction's time, RFC 3339, as the gateway reads it. */
  readonly at: string;
  /** By the clock of who reports, and of the gateway that took it in: as they stand in the event. */
  readonly happened?: string;
  readonly taken?: string;
  /** Who stands for it within the party. */
  readonly officer?: Officer;
}

/** A post, and a salted digest of the number as which the party employs them. */
export interface Officer {
  readonly post: string;
  readonly person: string;
}

/** By whom it was verified, and what the verifier says of how. */
export interface Verification {
  readonly party: string;
  readonly extent?: "full" | "sample";
  readonly holdings?: number;
  readonly approach?: string;
  /** Digest of the report. */
  readonly report: string;
  /** Digest of the statement that it carried out nothing of what others say that it did. */
  readonly notExecutor?: string;
}

/** In which way some of the items were dealt with, and by whom. */
export interface Handling {
  readonly state: ItemState;
  readonly party: string;
  readonly items: number;
  /** Of a deletion: method in the terms of NIST SP 800-88, standard, tool, executor, backups; of what is retained, basis and last day; to whom it was transferred. */
  readonly how: Readonly<Record<string, string>>;
  /** Of what is retained: with whom it lies, which is who declared it, whoever says that it is. */
  readonly custodian?: string;
}

export interface ExitScan {
  readonly act: string;
  readonly party: string;
  readonly at: string;
  readonly tool: string;
  readonly scanned: number;
  readonly residues: number;
  /** Things that could not be read; missing where the scanner did not say. */
  readonly unread?: number;
  /** Digest of the report. */
  readonly report: string;
  /** The ledger had something against it: it may count for nothing. */
  readonly objected?: true;
  /** Who reported it voided (作废) it, before the verification. */
  readonly voided?: true;
}

/** Of more scans the newest are listed, and the one that counts. */
export const MAX_SCANS = 200;
/** Ways of dealing with items that are told apart. */
export const MAX_HANDLINGS = 10_000;

/** What no certificate proves, and what went wrong; words in `verdict.labels.json`. */
export const RESIDUAL = [
  "unrecorded-copies",
  "word-of-executor",
  "backups-beyond-use",
  "still-retained",
  "transferred",
  "late-holdings",
  "origin-unknown",
  "declared-without-part",
  "held-for-another",
  "struck",
  "succession-annulled",
  "report-voided",
  "scan-incomplete",
  "scans-objected",
  "residue-by-operator",
  "residue-found-before",
  "looked-less-since",
  "older-scans",
  "verified-by-sample",
  "verification-extent-unknown",
  "verifier-named-executor",
] as const;
export type Residual = (typeof RESIDUAL)[number];

export interface ExitCertificate extends Particulars {
  readonly number: string;
  readonly exit: string;
  readonly authorization: string;
  readonly leaving: string;
  readonly developer?: string;
  readonly scenario?: string;
  readonly product?: string;
  /** The developer whose product ends; none where it is the operator's own. */
  readonly maker?: string;
  /** Clause of the plan. */
  readonly basis: string;
  readonly operator: string;
  /** Who closed the permissions. */
  readonly agency: string;
  /** The act by which the agreement was signed, its last day and its digest. */
  readonly agreement?: { readonly act: string; readonly until: string; readonly digest?: string };
  readonly timeline: readonly ExitStep[];
  /** Root of the frozen inventory, as it stands on the ledger. */
  readonly inventory: { readonly count: number; readonly root: string };
  /** Of the file of items: lines, root of their tree, bytes. Holdings declared after the inventory was frozen stand behind the others. */
  readonly items: { readonly count: number; readonly root: string; readonly bytes: number };
  /** By source; an item that comes from several counts for each. Without a source: of which none is recorded. */
  readonly origins: readonly { readonly source?: string; readonly expected: number; readonly counts: Counts }[];
  readonly counts: Counts;
  readonly handlings: readonly Handling[];
  readonly scans: readonly ExitScan[];
  /** Scans by parties who are none to report of this exit: how many. They count for nothing, and stand in the history. */
  readonly strangersScans?: number;
  /** How many holdings who leaves declared without a part in what it named, and of how many a product was made that go with another: in no inventory. */
  readonly declaredWithoutPart?: number;
  readonly heldForAnother?: number;
  readonly verification: Verification;
  readonly residual: readonly Residual[];
}

/** What came to what ends since it was verified: then the certificate says no more how things stand. Of earlier ones nothing is known. */
export interface Since {
  /** Holdings that are outstanding when the certificate was fetched, and by how many more or fewer are accounted for: fewer once a succession is annulled. */
  readonly outstanding: number;
  readonly accountedFor: number;
}

/** What is signed. */
export interface ExitStatement {
  readonly certificate: ExitCertificate;
  /** Beside the certificate, whose digest stays what the authority countersigned; missing where nothing came since. */
  readonly since?: Since;
  /** How many holdings developers declared late and accounted for since it was verified, which ends nothing of it; missing where none. */
  readonly byDevelopers?: number;
  /** Public address of the gateway that issues it, where it has one: a page made of it leads to the verifier there. */
  readonly address?: string;
  /** Of the parties that it names, by credit code. */
  readonly names: Readonly<Record<string, string>>;
  /** By which the operator goes on beside its own, by the time that it is issued: it may have been renamed since the verification. */
  readonly operatorCodes?: readonly string[];
  /** `MSPID/name` of the journal whose key signs. */
  readonly journal: string;
  /** Seconds since 1970 (RFC 7519). */
  readonly iat: number;
}

const place = text(300);
const code = text(32);
const texts = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.entries(value).every(([name, said]) => name.length <= 100 && typeof said === "string" && said.length <= 2000);
const tally = record<Counts>(Object.fromEntries(ITEM_STATES.map((state) => [state, integer(0)])) as never, ["annulled"]);
const rooted = { count: integer(0), root: hex(HASH_BYTES) };

const isTrue = (value: unknown): value is true => value === true;
const isOfficer = record<Officer>({ post: text(2000), person: hex(HASH_BYTES) });

const isCertificate = record<ExitCertificate>(
  {
    ...{ number: text(300), exit: text(256), authorization: text(256), leaving: text(32), basis: text(32) },
    ...{ developer: code, scenario: text(256), product: text(256), maker: code, operator: code, agency: code },
    agreement: record<NonNullable<ExitCertificate["agreement"]>>({ act: place, until: text(10), digest: hex(HASH_BYTES) }, ["digest"]),
    timeline: list(
      record<ExitStep>({ step: text(64), act: place, party: code, at: time, happened: time, taken: time, officer: isOfficer }, [
        "happened",
        "taken",
        "officer",
      ]),
      64,
    ),
    inventory: record(rooted),
    items: record({ ...rooted, bytes: integer(0) }),
    origins: list(record<ExitCertificate["origins"][number]>({ source: code, expected: integer(0), counts: tally }, ["source"]), 10_000),
    counts: tally,
    handlings: list(
      record<Handling>({ state: literal(...ITEM_STATES), party: code, items: integer(1), how: texts, custodian: code }, ["custodian"]),
      MAX_HANDLINGS,
    ),
    scans: list(
      record<ExitScan>(
        {
          ...{ act: place, party: code, at: time, tool: text(2000), report: hex(HASH_BYTES) },
          ...{ scanned: integer(0), residues: integer(0), unread: integer(0), objected: isTrue, voided: isTrue },
        },
        ["unread", "objected", "voided"],
      ),
      MAX_SCANS,
    ),
    ...{ strangersScans: integer(1), declaredWithoutPart: integer(1), heldForAnother: integer(1) },
    verification: record<Verification>(
      {
        ...{ party: code, extent: literal("full", "sample"), holdings: integer(0), approach: text(2000) },
        ...{ report: hex(HASH_BYTES), notExecutor: hex(HASH_BYTES) },
      },
      ["extent", "holdings", "approach", "notExecutor"],
    ),
    residual: list(literal(...RESIDUAL), RESIDUAL.length),
    ...particulars,
  },
  ["developer", "scenario", "product", "maker", "agreement", "strangersScans", "declaredWithoutPart", "heldForAnother", ...PARTICULARS],
);
const isStatement = record<ExitStatement>(
  {
    ...{ certificate: isCertificate, names: texts, journal: text(200), iat: integer(0) },
    since: record<Since>({ outstanding: integer(0), accountedFor: integer(0) }),
    byDevelopers: integer(1),
    address: text(1000, (value) => /^https?:\/\/[^\s?#@]+$/.test(value)),
    operatorCodes: list(code, 1000),
  },
  ["since", "byDevelopers", "address", "operatorCodes"],
);

const isHeader = record<{ readonly format: typeof EXIT_FORMAT; readonly jws: string }>({
  format: literal(EXIT_FORMAT),
  jws: text(MAX_EXIT_LINE),
});

/** By which the authority's act names it: SHA-256 of its canonical JSON, hex. */
export const certificateDigest = (certificate: ExitCertificate): string => toHex(sha256(canonical(certificate)));

/** The first line, without its newline. */
export const formatExit = (jws: string): string => canonicalText({ format: EXIT_FORMAT, jws });

/** @param line the first @returns the JWS. @throws EvidenceError `exit-malformed`, `stream-malformed` */
export function parseExit(line: Uint8Array): string {
  const header = parseLine(line);
  demand(isHeader(header), "exit-malformed");
  return header.jws;
}

export const signExit = (statement: ExitStatement, key: SignerKey): Promise<string> => signJws(TYPE, statement, key);

/**
 * @param keys those known
 * @throws EvidenceError `exit-malformed`, `exit-key-unknown`, `key-not-in-trust`, `exit-signature-wrong`
 */
export async function openExit(jws: string, keys: readonly VerifierKey[]): Promise<ExitStatement & { readonly signer: VerifierKey }> {
  const { payload, signer } = await openJws(jws, TYPE, keys, CODES);
  demand(isStatement(payload), "exit-malformed");
  return { ...payload, signer };
}
