/** Who else takes part in the story of `world.ts`, and what is done with its product and its parties after it. */
import { after, AUTHORITY, DEVELOPER, example, examples, OPERATOR, type Report, type World } from "./world";

/** Another developer, authorised like the first. */
export const SECOND_DEVELOPER = "91990000MA1A00091L";
/** The department of development and reform, which sets prices with the authority. */
export const PRICES = "11990000MB1A00106T";
export const AUDITOR = "91990000MA1A001226";

const second = { developer: SECOND_DEVELOPER };

/** What the department of prices signs of an example, or of another paper about another subject. */
export const agreed = (type: "revenue-approved" | "cap-set" | "changed", change: object = {}): Report => {
  const { document, ...about }: { document: object; product?: string; authorization?: string } = examples[`suyuan.price.${type}`].valid;
  const subject = about.product ?? about.authorization;
  const subjectKind = about.product === undefined ? "authorization" : "product";
  return example("correction.countersigned", PRICES, { event: undefined, subjectKind, subject, document, ...change });
};

const arrivals: readonly Report[] = [
  example("party.registered", AUTHORITY, { code: SECOND_DEVELOPER, roles: ["developer"] }),
  example("party.registered", AUTHORITY, { code: AUDITOR, roles: ["assessor"] }),
  example("party.registered", AUTHORITY, { code: PRICES, roles: ["supervisor"], field: "development-reform" }),
  ...(["revenue-approved", "cap-set", "changed"] as const).map((type) => agreed(type)),
  example("developer.applied", SECOND_DEVELOPER, second),
  example("developer.verified", OPERATOR, second),
  example("developer.selected", OPERATOR, second),
  example("developer.authorised", OPERATOR, second),
];

/** As `after`, with the others there, and the second developer as far as the first. */
export function withOthers(last: string, ...without: string[]): World {
  const world = after(last, ...without);
  for (const report of arrivals) if (!without.includes(report.type)) world.tell(report);
  return world;
}

/** Everything that is said of the market and of parties, in order, each step lawful once the story was told. */
export const market: readonly Report[] = [
  // The second developer's day is over, so that it can lapse.
  ...arrivals.map((report) =>
    report.type === "developer.authorised" ? { ...report, data: { ...report.data, until: "2026-03-09" } } : report,
  ),
  example("party.updated", OPERATOR),
  example("party.officer-designated", AUTHORITY),
  example("environment.opened", OPERATOR),
  example("environment.changed", OPERATOR),
  example("price.revenue-approved", AUTHORITY),
  example("price.cap-set", AUTHORITY),
  example("price.changed", AUTHORITY),
  example("account.cost-recorded", OPERATOR),
  example("account.revenue-recorded", OPERATOR),
  example("account.distributed", OPERATOR),
  example("account.nontax-paid", OPERATOR),
  example("account.audited", AUDITOR),
  example("asset.registered", OPERATOR),
  example("asset.checked", OPERATOR),
  example("asset.retired", OPERATOR),
  example("environment.closed", OPERATOR),
  example("developer.lapsed", OPERATOR),
  example("developer.reassigned", OPERATOR),
  example("developer.revoked", OPERATOR),
  example("party.suspended", OPERATOR, { code: DEVELOPER }),
  example("party.reinstated", OPERATOR),
  example("party.credit-listed", AUTHORITY),
  example("party.credit-delisted", AUTHORITY),
  example("party.renamed", AUTHORITY),
  example("party.merged", AUTHORITY),
  example("party.split", AUTHORITY),
];
