/** The ledger's word on how much of what ends is still held (留存情况账本证明): it takes no act of the authority, so that nobody is held hostage. */
import { canonical, parseStrict } from "../../chaincode/proof/canonical";
import { sameBytes, toHex } from "../../chaincode/proof/bytes";
import { sha256 } from "../../chaincode/proof/sha256";
import type { Attestation } from "../ledger/port";
import { isAttestation, readAnswer } from "./attestation";
import { readJson, textOf } from "./attested-root";
import { demand } from "./errors";
import { verifyAnswer, type Vouched } from "./head";
import { integer, list, literal, record, text, time } from "./shape";
import type { TrustFile } from "./trust";

export const STATEMENT_FORMAT = "suyuan-exit-statement/2";
export const MAX_STATEMENT = 256 * 1024;

/** What it says itself, beside what is attested. */
export interface Said {
  readonly format: typeof STATEMENT_FORMAT;
  readonly exit: string;
  readonly authorization: string;
  /** Who leaves what it has under a scenario; other parties' holdings do not count. */
  readonly developer?: string;
  /** The other codes under which it declared, earlier ones and those of who goes on for it. */
  readonly codes?: readonly string[];
  /** Residue that was reported and not found gone since: by whom (credit codes), and when last (RFC 3339). */
  readonly residue?: Residue;
  /** Whether the verification holds; missing where there was none. */
  readonly verification?: (typeof VERIFICATIONS)[number];
}

export interface Residue {
  readonly by: readonly string[];
  readonly at: string;
}
export const VERIFICATIONS = ["stands", "ended"] as const;

export interface StatementFile extends Said {
  /** Transaction `outstanding` of the authorization, or `part` of its scenario or product; asked with {@link aboutOf} as the last argument. */
  readonly attestation: Attestation;
}

const isFile = record<StatementFile>(
  {
    ...{ format: literal(STATEMENT_FORMAT), exit: text(256), authorization: text(256), attestation: isAttestation },
    ...{ developer: text(32), codes: list(text(32), 1000) },
    ...{ residue: record<Residue>({ by: list(text(32), 1000), at: time }), verification: literal(...VERIFICATIONS) },
  },
  ["developer", "codes", "residue", "verification"],
);

export interface StatementVerdict extends Vouched, Pick<Said, "residue" | "verification"> {
  readonly exit: string;
  readonly authorization: string;
  /** Of which part: `scenario` or `product` and its number. */
  readonly part?: readonly [kind: string, id: string];
  readonly developer?: string;
  readonly outstanding: number;
  readonly retained: number;
  /** Parties that are not counted and hold something of the same part: whether one of them is the developer, the statement cannot tell. */
  readonly others?: readonly string[];
}

interface Count {
  readonly outstanding: number;
  readonly retained: number;
  readonly logs: number;
}
const count = { outstanding: integer(0), retained: integer(0), logs: integer(0) };
const isOutstanding = list(
  record<Count & { readonly journal: string; readonly declared: number }>({ journal: text(200), declared: integer(0), ...count }),
  1000,
);
const isParties = (value: unknown): value is Readonly<Record<string, Count>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(record<Count>(count));
const isPart = list(
  record<{ readonly journal: string; readonly parties: Readonly<Record<string, Count>> }>({ journal: text(200), parties: isParties }),
  1000,
);

/** Hex. Stands in the question, which is signed with the answer: so nobody can take the answer for another exit or party. */
export const aboutOf = (said: Said): string => toHex(sha256(canonical(said)));

/** One newline at the end is allowed. @throws EvidenceError `exit-malformed` */
export function parseStatement(file: Uint8Array): StatementFile {
  demand(file.length <= MAX_STATEMENT, "exit-malformed");
  const bytes = file.at(-1) === 0x0a ? file.subarray(0, -1) : file;
  const { value } = parseStrict(bytes, { maxDepth: 6 });
  demand(isFile(value) && sameBytes(canonical(value), bytes), "exit-malformed");
  return value;
}

/** @throws EvidenceError `attestation-differs` (an answer to another question), and those of attestations and certificates */
export async function verifyStatement(file: StatementFile, trust: TrustFile, now = new Date()): Promise<StatementVerdict> {
  const { attestation, ...said } = file;
  const { exit, authorization, developer, codes = [], residue, verification } = said;
  const answer = readAnswer(attestation);
  const asked = answer.args.map(textOf);
  const [of, kind, id] = asked;
  const isWhole = answer.transaction === "outstanding" && asked.length === 2 && developer === undefined;
  const isPartial = answer.transaction === "part" && asked.length === 4 && (developer === undefined || kind === "scenario");
  demand(of === authorization && (isWhole || isPartial) && asked.at(-1) === aboutOf(said), "attestation-differs");
  const byParty = isWhole ? [] : readJson(answer.result, isPart).flatMap(({ parties }) => Object.entries(parties));
  const isCounted = ([party]: readonly [string, Count]): boolean => developer === undefined || developer === party || codes.includes(party);
  const counts = isWhole ? readJson(answer.result, isOutstanding) : byParty.filter(isCounted).map(([, one]) => one);
  const others = [...new Set(byParty.filter((one) => !isCounted(one)).map(([party]) => party))].sort();
  const vouched = await verifyAnswer(attestation, answer, trust, now);
  const sum = (of: (one: Count) => number): number => counts.reduce((total, one) => total + of(one), 0);
  return {
    ...{ exit, authorization },
    ...(isPartial ? { part: [kind ?? "", id ?? ""] as const } : {}),
    ...(developer === undefined ? {} : { developer }),
    ...{ outstanding: sum((one) => one.outstanding), retained: sum((one) => one.retained) },
    ...(others.length === 0 ? {} : { others }),
    ...(residue === undefined ? {} : { residue }),
    ...(verification === undefined ? {} : { verification }),
    ...vouched,
    notProven: [...vouched.notProven, "residue-and-verification", "data-erased", "no-unrecorded-copy"],
  };
}
