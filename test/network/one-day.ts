/** What can be broken within a day, and what the tests of the vocabulary tell over years: with agreements that are older than the ledger. */
import type { Told } from "../chaincode/events/heard";
import { AUTHORITY, example, OPERATOR, type Report, STRANGER } from "../chaincode/events/world";
import { APPLICATION, bodies, GOVERNMENT } from "../chaincode/events/authorization-life";

/** All of it is told on the day of `NOW`. */
const TODAY = "2026-03-10";

type Attempt = readonly [report: Report, ...codes: string[]];

const existing = (signed: string, until: string, more: object = {}): readonly Attempt[] => [
  ...bodies.map((body): Attempt => [body]),
  [example("authorization.decided", AUTHORITY, { existing: { document: DOCUMENT, signedOn: signed } }), "steps-before-ledger"],
  [example("authorization.signed", AUTHORITY, { signed, until, ...more })],
];
const DOCUMENT = { digest: "4619595e8a53797da807a21d78e4a9153222c4bccfa077b256bed52f4b096d73" };

const NO_SCENARIO = ["scenario-not-approved", "scenario-not-registered", "resource-not-in-scenario", "resource-not-registered"];

const applied = example("authorization.renewal-applied", OPERATOR);
const renewed: readonly Attempt[] = [
  [example("authorization.renewal-reviewed", AUTHORITY)],
  [example("authorization.renewal-deliberated", GOVERNMENT)],
  [example("authorization.renewed", AUTHORITY, { signed: TODAY, until: "2029-03-01" })],
];
const decided = example("authorization.decided", AUTHORITY, { application: APPLICATION, existing: undefined });

/** Announced, applied for, closed and scored in a day; only its publicity takes its working days. */
const selection: readonly Attempt[] = [
  ...bodies.map((body): Attempt => [body]),
  [example("announcement.published", AUTHORITY, { opens: TODAY, closes: TODAY })],
  [example("application.submitted", OPERATOR)],
  [example("application.submitted", OPERATOR), "application-exists"],
  [example("announcement.closed", AUTHORITY)],
  [example("application.submitted", OPERATOR, { application: "late" }), "outside-window"],
  [example("application.qualification-checked", AUTHORITY)],
  [example("application.publicised", AUTHORITY), "scoring-incomplete"],
  [example("application.scored", AUTHORITY)],
  [example("application.publicised", AUTHORITY)],
  [example("application.objected", STRANGER)],
  [example("application.objected", STRANGER), "objection-exists"],
  [example("application.objected", STRANGER, { objection: "objection-2" })],
  [example("application.objection-settled", AUTHORITY, { objection: "objection-2" })],
  [decided, "publicity-too-short", "objection-open"],
  [example("application.objection-settled", AUTHORITY)],
  [decided, "publicity-too-short"],
];

const stories: readonly (readonly Attempt[])[] = [
  selection,
  [
    ...existing("2026-03-02", "2030-03-01", { trial: { until: "2026-05-01" } }),
    [example("authorization.activated", AUTHORITY), "trial-not-passed"],
    [example("authorization.trial-assessed", AUTHORITY)],
    [example("authorization.activated", AUTHORITY)],
  ],
  [
    ...existing("2024-06-01", "2029-03-01"),
    [example("authorization.rectification-ordered", AUTHORITY, { due: "2026-03-09" }), "due-passed"],
    [example("authorization.rectification-ordered", AUTHORITY, { due: TODAY })],
  ],
  [...existing("2024-06-01", "2026-05-01"), [applied, "renewal-late"], ...renewed, [applied], ...renewed, [applied, "renewals-exhausted"]],
  [...existing("2024-06-01", "2026-03-10"), [example("data.accessed", OPERATOR), ...NO_SCENARIO], [applied, "renewal-late"]],
  [
    ...existing("2024-06-01", "2026-03-09"),
    [example("data.accessed", OPERATOR), "outside-term", ...NO_SCENARIO],
    [applied, "renewal-too-late"],
  ],
];

export const oneDay: readonly Told[] = stories.map((story) => story.map(([report, ...codes]) => ({ report, codes })));
