/** The report of a residue scan (残留检测): what was looked for, where, what was found and what was not read, signed by who scanned. */
import { createHash, randomBytes } from "node:crypto";
import { CompactSign, compactVerify, exportJWK, importJWK, type JWK } from "jose";
import { type SignerKey, publicCryptoKey } from "../../evidence/note-key";
import type { Unsought } from "./certainty";
import type { Found } from "./kept";
import { LISTED, LISTED_OF_ONE, type Unread } from "./looked";
import type { Kept, Sought } from "./quarry";
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
  /** How many were looked for. */
  readonly holdings: number;
  readonly files: number;
  readonly objects: number;
  readonly bytes: number;
  /**
   * Objects in which residue was found, all of them counted and the first listed. Told apart is what may be there (see `kept`): of lawfully retained holdings, of
   * transferred ones, and of what the exit does not end.
   */
  readonly residues: number;
  readonly found: readonly Found[];
  readonly retained: readonly Found[];
  readonly transferred: readonly Found[];
  readonly goesOn: readonly Found[];
  /**
   * How much was not read, by reason, and of how many holdings what was read may have had parts that were not found; and the first of these objects and
   * holdings. `nothing-read`: of a target, where there was nothing to be read in any of them.
   */
  readonly notRead: Readonly<Partial<Record<Gap, number>>>;
  readonly unread: readonly { readonly object: string; readonly reason: Gap }[];
  /** How many holdings' parts are uncertain, each told at the least size from which they would not be. */
  readonly partsUncertain: readonly { readonly below: number; readonly holdings: number }[];
  /** So that nobody can guess the report from its digest. */
  readonly salt: string;
}

/** Where something may be that was not found. */
export type Gap = Unread | Unsought | "nothing-read";

type Told = Pick<ScanReport, "authorization" | "exit" | "tool" | "started" | "ended" | "targets">;

export function reportOf(told: Told, sought: readonly Sought[], scanned: Scanned): ScanReport {
  const { files, objects, bytes, residues, found } = scanned;
  const missed: { object: string; reason: Gap }[] = scanned.unread.slice(0, LISTED);
  const notRead: Partial<Record<Gap, number>> = { ...scanned.notRead };
  const miss = (object: string, reason: Gap): void => {
    notRead[reason] = (notRead[reason] ?? 0) + 1;
    if (missed.length < LISTED) missed.push({ object, reason });
  };
  // What is lawfully kept is no residue, wherever it is.
  const uncertain = sought.filter(({ kept }) => kept === undefined);
  for (const { holding, certainty } of uncertain) if (certainty.unsought !== undefined) miss(holding, certainty.unsought);
  if (!hasRead(scanned)) for (const target of told.targets) miss(target, "nothing-read");
  const sizes = [...new Set(uncertain.flatMap(({ certainty: { below } }) => below ?? []))].sort((a, b) => a - b);
  return {
    ...told,
    ...{ holdings: sought.filter(({ kept }) => kept !== "goes-on").length, files, objects, bytes, residues, notRead, unread: missed },
    partsUncertain: sizes.map((below) => ({ below, holdings: uncertain.filter(({ certainty }) => certainty.below === below).length })),
    found: listed(found, undefined),
    retained: listed(found, "retained"),
    transferred: listed(found, "transferred"),
    goesOn: listed(found, "goes-on"),
    salt: randomBytes(16).toString("hex"),
  };
}

/** The first of those, and of one file. */
function listed(found: readonly Found[], why: Kept | undefined): readonly Found[] {
  const ofFiles = new Map<string, number>();
  const isListed = ({ object, kept }: Found): boolean => {
    if (kept !== why) return false;
    const [file = ""] = object.split("!", 1);
    const before = ofFiles.get(file) ?? 0;
    ofFiles.set(file, before + 1);
    return before < LISTED_OF_ONE;
  };
  return found.filter(isListed).slice(0, LISTED);
}

/** Whether there was anything to be read: a scan of nothing, or of empty files, is none. */
export const hasRead = ({ bytes }: Pick<ScanReport, "bytes">): boolean => bytes > 0;

/** What there is nothing to read in, and the scan's own directory, leave no gap. */
const NO_GAP: ReadonlySet<Gap> = new Set<Gap>(["symlink", "special", "own-state"]);

/** How many objects and holdings may have, or be in, something that was not seen. */
export const gapsOf = ({ notRead }: ScanReport): number =>
  Object.entries(notRead).reduce((sum, [reason, count]) => (NO_GAP.has(reason as Gap) ? sum : sum + count), 0);

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
