/** The report of a residue scan (残留检测): what was looked for, where, what was found and what was not read, signed by who scanned. */
import { createHash, randomBytes } from "node:crypto";
import { CompactSign, compactVerify, exportJWK, importJWK, type JWK } from "jose";
import { type SignerKey, publicCryptoKey } from "../../evidence/note-key";
import type { Looked, Unread } from "./looked";
import type { Scanned } from "./scan";

const TYPE = "suyuan-residue-scan+jws";

export interface ScanReport {
  readonly authorization: string;
  readonly exit?: string;
  readonly tool: string;
  /** RFC 3339, by the scanning machine's clock. */
  readonly started: string;
  readonly ended: string;
  readonly targets: readonly string[];
  /** How many were looked for, and of how many only the very bytes could be found. */
  readonly holdings: number;
  readonly withoutFingerprints: number;
  /** Of how many the rows were fingerprinted in an earlier way, so that they could not be found. */
  readonly withoutRows: number;
  readonly files: number;
  readonly objects: number;
  readonly bytes: number;
  /** Objects in which something was found, all of them counted and the first listed. What is of lawfully retained holdings is told apart. */
  readonly residues: number;
  readonly found: Looked["found"];
  readonly retained: Looked["found"];
  /** How much was not read, by reason; and the first of it. */
  readonly notRead: Looked["notRead"];
  readonly unread: Looked["unread"];
  /** So that nobody can guess the report from its digest. */
  readonly salt: string;
}

type Told = Pick<
  ScanReport,
  "authorization" | "exit" | "tool" | "started" | "ended" | "targets" | "holdings" | "withoutFingerprints" | "withoutRows"
>;

export function reportOf(told: Told, { files, objects, bytes, residues, notRead, found, unread }: Scanned): ScanReport {
  return {
    ...told,
    ...{ files, objects, bytes, residues, notRead, unread },
    found: found.filter(({ retained }) => retained !== true),
    retained: found.filter(({ retained }) => retained === true),
    salt: randomBytes(16).toString("hex"),
  };
}

/** What there is nothing to read in, and the scan's own directory, leave no gap. */
const NO_GAP: ReadonlySet<Unread> = new Set<Unread>(["symlink", "special", "own-state"]);

/** How many objects may hold something that was not seen. */
export const gapsOf = ({ notRead }: ScanReport): number =>
  Object.entries(notRead).reduce((sum, [reason, count]) => (NO_GAP.has(reason as Unread) ? sum : sum + count), 0);

/** A compact JWS (RFC 7515) whose header carries the public key: whose it is, the event says that names the report. */
export async function signReport(report: ScanReport, key: SignerKey): Promise<string> {
  const { kty, crv, x } = await exportJWK(await publicCryptoKey(key.verifier));
  return new CompactSign(Buffer.from(JSON.stringify(report)))
    .setProtectedHeader({ alg: "EdDSA", typ: TYPE, jwk: { kty, crv, x } as JWK })
    .sign(key.privateKey);
}

/** @throws Error of `jose` for what is not such a report, or was changed */
export async function readReport(jws: string): Promise<ScanReport> {
  const { payload, protectedHeader } = await compactVerify(jws, (header) => importJWK(header.jwk ?? {}, "EdDSA"), {
    algorithms: ["EdDSA"],
  });
  if (protectedHeader.typ !== TYPE) throw new Error("not a report of a residue scan");
  return JSON.parse(Buffer.from(payload).toString("utf8")) as ScanReport;
}

/** As it stands on the ledger: SHA-256 of the report's text. */
export const reportDigest = (jws: string): string => createHash("sha256").update(jws).digest("hex");
