/** The application form (附件2) field by field, and the documents that go with it. Clause 六(一)2. */
import { type Data, creditCode, day, digest, document, id, list, oneOf, optional, struct, text, year } from "./schema";
import { dayOf } from "./time";

/** 大同市公共数据资源授权运营申请表: names and telephones of people are salted digests. */
export const form = struct({
  name: text,
  code: creditCode,
  representative: digest,
  securityOfficer: digest,
  founded: day,
  /** Absent where the licence has no end. */
  licensedUntil: optional(day),
  contact: digest,
  telephone: digest,
  address: text,
  nature: oneOf("institution", "state-owned", "state-controlled", "collective", "private", "joint-stock", "other"),
  profile: text,
  strengths: text,
  planSummary: text,
  benefits: text,
  signedBy: oneOf("representative", "agent"),
  signedOn: day,
});

const maybe = optional(document);

/** Which of them there have to be is a rule, which lists what is missing; see {@link missingOf}. */
const documents = {
  codeCertificate: maybe,
  representativeProof: maybe,
  agentAuthority: maybe,
  agentProof: maybe,
  plan: maybe,
  securityCommitment: maybe,
  riskAssessment: maybe,
  technicalProof: maybe,
  reports: list(struct({ year, audit: maybe, accounting: maybe })),
  others: list(struct({ kind: id, document })),
};
export const materials = struct(documents);
export type Materials = Data<typeof documents>;

const ALWAYS = ["codeCertificate", "representativeProof", "plan", "securityCommitment", "riskAssessment", "technicalProof"] as const;

/** Of whom an agent signs for (经办人). */
const OF_AGENTS = ["agentAuthority", "agentProof"] as const;

/** Years for which both reports are due: those before the year of the application. */
const YEARS = 2;

/**
 * What is missing of the materials.
 * @param at when the application is recorded
 * @param announced kinds that the announcement added
 */
export function missingOf(given: Materials, signedBy: string, at: number, announced: readonly string[]): readonly string[] {
  const thisYear = Number(dayOf(at).slice(0, 4));
  const years = Array.from({ length: YEARS }, (_, i) => String(thisYear - 1 - i));
  const reported = (of: string, report: "audit" | "accounting"): boolean =>
    given.reports.some((it) => it.year === of && it[report] !== undefined);
  return [
    ...[...ALWAYS, ...(signedBy === "agent" ? OF_AGENTS : [])].filter((name) => given[name] === undefined),
    ...years.flatMap((of) =>
      (["audit", "accounting"] as const).filter((report) => !reported(of, report)).map((report) => `${report}-${of}`),
    ),
    ...announced.filter((kind) => !given.others.some((it) => it.kind === kind)),
  ];
}
