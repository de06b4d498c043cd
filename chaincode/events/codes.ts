/**
 * Everything that the ledger can say against an event: of an act as its refusal, of a fact as a finding. Each code once, with the clause of
 * the plan that the broken rule stands in.
 */
const OURS = undefined;
const CLAUSES = {
  "not-your-event": OURS,
  quarantined: OURS,
  /** The same source and id, other content: told by the gateways, who compare reports. */
  "conflicting-report": OURS,
  "recorded-late": OURS,
  "dated-ahead": OURS,
  "personal-information": "六(六)",

  "credit-code-invalid": "附件2",
  "party-exists": OURS,

  "resource-exists": OURS,
  "resource-unknown": "六(五)3",
  "resource-not-approved": "六(五)3",
  "second-source": "六(五)3",
  "source-withdrawn": "五(一)",
  "resource-not-registered": "七(二)4",

  "authorization-exists": OURS,
  "decision-missing": "六(一)5",
  "agreement-exists": "六(二)",
  "term-too-long": "六(二)",
  "authorization-inactive": OURS,
  "no-authorization": "六(四)",
  "outside-term": "六(二)",

  "scenario-exists": OURS,
  "scenario-unknown": OURS,
  "scenario-closed": "六(五)3",
  "fields-not-catalogued": OURS,
  "consent-missing": "六(五)3",
  "scenario-not-approved": "六(五)3",
  "scenario-not-registered": "六(五)3",
  "resource-not-in-scenario": "六(五)3",
  "fields-beyond-scenario": "六(五)3",

  "input-unknown": "七(五)7",
  "retained-off-platform": "六(六)",

  "product-exists": OURS,
  "product-unknown": OURS,
  "product-incomplete": "六(四)",
  "product-not-released": "七(五)10",
  "caller-not-authorised": "四(一)",

  "holding-mismatch": "六(五)6",
  "retention-basis-missing": "六(五)6",
} as const satisfies Readonly<Record<string, string | undefined>>;

export type RuleCode = keyof typeof CLAUSES;

/** Could not be judged: recorded at its index, without effect, for a person to settle. */
export const QUARANTINED = "quarantined" satisfies RuleCode;

/** The party may not record this type, or not about this, or the organisation that records it does not speak for the party. */
export const NOT_YOUR_EVENT = "not-your-event" satisfies RuleCode;

/** The clause of every code; none where the rule is ours. */
export const ruleClauses: ReadonlyMap<string, string | undefined> = new Map(Object.entries(CLAUSES));
