/**
 * Everything that the ledger can say against an event: of an act as its refusal, of a fact as a finding. Each code once, with the clause of
 * the plan that the broken rule stands in.
 */
const OURS = undefined;
const CLAUSES = {
  // Every family
  "not-your-event": OURS,
  quarantined: OURS,
  /** The same source and id, other content: told by the gateways, who compare reports. */
  "conflicting-report": OURS,
  /** Told by the gateways, who compare a transaction's time with earlier blocks. */
  "held-back": OURS,
  "recorded-late": OURS,
  "dated-ahead": OURS,
  "personal-information": "六(六)",
  "basis-annulled": OURS,
  /** There is as much of something as a record may hold: see `limits.ts`. */
  "limit-reached": OURS,

  // rulebook, calendar
  "effective-too-early": OURS,
  "calendar-inconsistent": "六(一)4",
  "calendar-exists": OURS,
  "calendar-missing": "六(一)4",

  // party
  "credit-code-invalid": "附件2",
  "party-exists": OURS,
  "party-unknown": OURS,

  // resource
  "resource-exists": OURS,
  "resource-unknown": "六(五)3",
  "resource-not-approved": "六(五)3",
  "second-source": "六(五)3",
  "source-withdrawn": "五(一)",
  "resource-not-registered": "七(二)4",
  "classification-exceeded": "七(三)2",
  "consent-withdrawn": "六(六)",
  "legal-basis-missing": "六(六)",
  "quality-issue-unknown": "六(五)3",

  // announcement, application
  "announcement-exists": OURS,
  "announcement-unknown": OURS,
  "announcement-incomplete": "六(一)1",
  "application-exists": OURS,
  "application-unknown": OURS,
  "outside-window": "六(一)2",
  "materials-missing": "六(一)2",
  "scoring-incomplete": "六(一)3",
  "publicity-incomplete": "六(一)4",
  "publicity-too-short": "六(一)4",
  "objection-open": "六(一)4",
  "objection-exists": OURS,

  // authorization
  "authorization-exists": OURS,
  "authorization-unknown": OURS,
  "decision-missing": "六(一)5",
  "steps-before-ledger": OURS,
  "agreement-exists": "六(二)",
  "term-too-long": "六(二)",
  "trial-too-long": "六(二)",
  "trial-not-passed": "六(二)",
  "trial-lapsed": "六(二)",
  "renewal-too-late": "六(二)",
  "renewal-late": "六(二)",
  "renewal-steps-missing": "六(二)",
  "renewals-exhausted": "六(二)",
  "ground-not-met": "六(五)6, 八(一)",
  "rectification-not-ordered": "八(一)",
  "due-passed": "八(一)",
  "suspension-basis-missing": OURS,
  "authorization-inactive": OURS,
  "no-authorization": "六(四)",
  "outside-term": "六(二)",
  "after-termination": "六(五)6",

  // scenario
  "scenario-exists": OURS,
  "scenario-unknown": OURS,
  "scenario-closed": "六(五)3",
  "scenario-not-pending": OURS,
  "pre-review-missing": "七(五)10",
  "scenario-wider-than-parent": OURS,
  "fields-not-catalogued": OURS,
  "consent-missing": "六(五)3",
  "scenario-not-approved": "六(五)3",
  "scenario-not-registered": "六(五)3",
  "resource-not-in-scenario": "六(五)3",
  "fields-beyond-scenario": "六(五)3",
  "purpose-changed": "七(六)1",

  // developer
  "developer-unknown": "七(五)9",
  "developer-steps-missing": "七(五)9",
  "affiliated-developer": "四(一)",
  sublicence: "七(六)3",
  "unreviewed-use": "七(六)1",
  "re-identification": "七(六)1",

  // environment
  "environment-exists": OURS,
  "environment-unknown": "六(三)2",

  // data, holding
  "input-unknown": "七(五)7",
  "declared-by-stranger": OURS,
  "raw-data-outbound": "一(二)",
  "retained-without-record": "六(六)",
  "retained-off-platform": "六(六)",
  "untrained-access": "七(五)5",
  "emergency-basis-missing": OURS,
  "holding-mismatch": "六(五)6",
  "deletion-evidence-missing": "六(五)6",
  "retention-basis-missing": "六(五)6",

  // product, price, account, asset
  "product-exists": OURS,
  "product-unknown": OURS,
  "product-incomplete": "六(四), 七(五)10, 七(六)2",
  "product-not-released": "七(五)10",
  "operator-redevelops": "四(一)",
  "caller-not-authorised": "四(一)",
  "price-over-cap": "七(四)1",
  "price-cap-missing": "七(四)1",
  "charged-public-benefit": "七(四)1",
  "distribution-exists": OURS,
  "sums-differ": "六(五)5",
  "asset-exists": OURS,
  "asset-unknown": "六(五)1",

  // security, supervision
  "plan-missing": "七(五)13",
  "incident-unknown": "六(六)",
  "incident-exists": OURS,
  "addressee-missing": "六(六)",
  "inspection-unknown": "七(四)3",

  // finding, complaint, correction
  "finding-unknown": OURS,
  "finding-not-assigned": OURS,
  "finding-not-settled": OURS,
  "finding-settled": OURS,
  "same-hands": OURS,
  "complaint-unknown": "七(一)5",
  "event-unknown": OURS,
  "act-relied-on": OURS,
  "countersignature-missing": OURS,

  // journal
  "journal-exists": OURS,
  "journal-closed": OURS,
  "source-elsewhere": OURS,

  // exit
  "exit-exists": OURS,
  "exit-unknown": "六(五)6",
  "step-out-of-order": "六(五)6",
  "nothing-scanned": OURS,
  "holdings-outstanding": "六(五)6",
  "transfers-unreconciled": OURS,
  "retention-not-over": "六(五)6",

  // Told by the gateways, who compare both sides' reports, and dates with today.
  "supplied-not-pulled": "七(五)7",
  "pulled-not-supplied": "七(五)7",
  "amounts-differ": "七(五)7",
  "duty-overdue": OURS,
  "update-overdue": "五(三)",
} as const satisfies Readonly<Record<string, string | undefined>>;

export type RuleCode = keyof typeof CLAUSES;

/** Could not be judged: recorded at its index, without effect, for a person to settle. */
export const QUARANTINED = "quarantined" satisfies RuleCode;

/** The party may not record this type, or not about this, or the organisation that records it does not speak for the party. */
export const NOT_YOUR_EVENT = "not-your-event" satisfies RuleCode;

/** What the event says is held is nothing that the authorization has to account for: its exit would wait for it. */
export const DECLARED_BY_STRANGER = "declared-by-stranger" satisfies RuleCode;

/** Said of an act without refusing it. */
export const REMARKS: ReadonlySet<string> = new Set<RuleCode>(["renewal-late", "steps-before-ledger"]);

/** Told by the gateways, who compare: no event shows them alone, and the ledger need not know of them. */
export const TOLD_BY_GATEWAYS: ReadonlySet<string> = new Set<RuleCode>([
  "conflicting-report",
  "held-back",
  "basis-annulled",
  "supplied-not-pulled",
  "pulled-not-supplied",
  "amounts-differ",
  "duty-overdue",
  "update-overdue",
]);

/** Of these, what is told of facts alone: reports that are compared. */
export const TOLD_OF_FACTS: ReadonlySet<string> = new Set<RuleCode>([
  "conflicting-report",
  "supplied-not-pulled",
  "pulled-not-supplied",
  "amounts-differ",
]);

/** What is told of a duty that is overdue: an event can have begun several. */
export const TOLD_OF_DUTIES: ReadonlySet<string> = new Set<RuleCode>(["duty-overdue", "update-overdue"]);

/** The clause of every code, or several with commas between them; none where the rule is ours. */
export const ruleClauses: ReadonlyMap<string, string | undefined> = new Map(Object.entries(CLAUSES));
