/** An authorization from the announcement to its termination, over sixteen years: who does what when, and what the ledger says to it. */
import { AUTHORITY, AUTHORIZATION, DEVELOPER, example, OPERATOR, type Report, STRANGER } from "./world";
import type { Role } from "../../../chaincode/events/definition";

export const GOVERNMENT = "11990000MB1A00080T";
export const AGENCY = "11990000MB1A00090U";
export const ASSESSOR = "91990000MA1A00110Y";
export const APPLICATION = "yz-application-operator";

const register = (code: string, ...roles: Role[]): Report => example("party.registered", AUTHORITY, { code, name: "主体", roles });

export const bodies: readonly Report[] = [
  register(OPERATOR, "primary-operator", "platform"),
  register(STRANGER, "primary-operator", "platform"),
  register(DEVELOPER, "developer"),
  register(GOVERNMENT, "government"),
  register(AGENCY, "implementing-agency"),
  register(ASSESSOR, "assessor"),
];

/** Something that is tried at a time in China, and the codes that the ledger answers with. */
export type Attempt = readonly [at: string, report: Report, ...codes: string[]];

const another = { announcement: "yz-announcement-other" };
const trial = { trial: { until: "2026-09-02" } };
const second = { signed: "2036-02-10", until: "2041-02-10" };

const selection: readonly Attempt[] = [
  ["2026-01-01T09:00", example("calendar.amended", AUTHORITY), "calendar-missing"],
  ["2026-01-01T09:00", example("calendar.set", AUTHORITY)],
  ["2026-01-02T09:00", example("rulebook.adopted", AUTHORITY)],
  ["2026-01-04T08:00", example("application.submitted", OPERATOR), "announcement-unknown"],
  ["2026-01-04T09:00", example("announcement.published", AUTHORITY)],
  ["2026-01-04T09:00", example("announcement.published", AUTHORITY, another)],
  ["2026-01-04T10:00", example("application.submitted", OPERATOR), "outside-window"],
  ["2026-01-20T10:00", example("application.submitted", OPERATOR)],
  ["2026-01-25T10:00", example("announcement.amended", AUTHORITY)],
  ["2026-02-02T10:00", example("application.submitted", STRANGER, { application: "late" }), "not-your-event"],
  ["2026-02-09T00:00", example("announcement.closed", AUTHORITY)],
  ["2026-02-09T00:00", example("announcement.failed", AUTHORITY, another)],
  ["2026-02-09T08:00", example("application.scored", AUTHORITY), "materials-missing"],
  ["2026-02-09T08:00", example("application.qualification-checked", AUTHORITY)],
  ["2026-02-09T09:00", example("application.publicised", AUTHORITY), "scoring-incomplete"],
  ["2026-02-09T09:00", example("application.scored", AUTHORITY)],
  ["2026-02-09T10:00", example("application.publicised", AUTHORITY)],
  ["2026-02-11T10:00", example("application.objected", STRANGER)],
];

const decide = example("authorization.decided", AUTHORITY, { application: APPLICATION, existing: undefined });

const agreement: readonly Attempt[] = [
  ["2026-02-14T23:59", decide, "publicity-too-short", "objection-open"],
  ["2026-02-15T00:00", decide, "objection-open"],
  ["2026-02-15T09:00", example("application.objection-settled", AUTHORITY)],
  ["2026-02-15T10:00", example("authorization.signed", AUTHORITY, { signed: "2026-02-15", until: "2031-02-15" }), "decision-missing"],
  ["2026-02-24T10:00", decide],
  ["2026-02-25T09:00", example("calendar.amended", AUTHORITY)],
  ["2026-03-02T10:00", example("authorization.signed", AUTHORITY, { trial: { until: "2026-09-03" } }), "trial-too-long"],
  ["2026-03-02T10:00", example("authorization.signed", AUTHORITY, { ...trial, until: "2031-03-03" }), "term-too-long"],
  ["2026-03-02T10:00", example("authorization.signed", AUTHORITY, { signed: "2026-02-23", until: "2031-02-23" }), "decision-missing"],
  ["2026-03-01T23:59", example("authorization.signed", AUTHORITY, trial), "dated-ahead"],
  ["2026-03-02T10:00", example("authorization.signed", AUTHORITY, trial)],
  ["2026-03-20T10:00", example("authorization.filed", AUTHORITY)],
  ["2026-06-01T10:00", example("authorization.trial-assessed", AUTHORITY, { security: "failed" })],
  ["2026-06-02T10:00", example("authorization.activated", AUTHORITY), "trial-not-passed"],
  ["2026-09-02T23:59", example("authorization.trial-assessed", AUTHORITY)],
  ["2026-09-03T10:00", example("authorization.activated", AUTHORITY)],
];

const renewals: readonly Attempt[] = [
  ["2027-03-01T10:00", example("authorization.evaluated", ASSESSOR, { grade: "excellent" })],
  ["2028-03-01T10:00", example("authorization.suspended", AUTHORITY, { basis: undefined }), "suspension-basis-missing"],
  ["2028-03-01T10:00", example("authorization.suspended", AUTHORITY)],
  ["2028-04-01T10:00", example("authorization.resumed", AUTHORITY)],
  ["2030-12-01T10:00", example("authorization.renewal-reviewed", AUTHORITY), "renewal-steps-missing"],
  ["2030-12-02T23:59", example("authorization.renewal-applied", OPERATOR)],
  ["2031-01-10T10:00", example("authorization.renewal-reviewed", AUTHORITY)],
  ["2031-01-20T10:00", example("authorization.renewed", AUTHORITY, { signed: "2031-01-20", until: "2036-01-20" }), "renewal-steps-missing"],
  ["2031-02-10T10:00", example("authorization.renewal-deliberated", GOVERNMENT)],
  ["2031-02-20T10:00", example("authorization.renewed", AUTHORITY)],
  ["2035-12-20T10:00", example("authorization.renewal-applied", OPERATOR), "renewal-late"],
  ["2036-01-10T10:00", example("authorization.renewal-reviewed", AUTHORITY)],
  ["2036-02-05T10:00", example("authorization.renewal-deliberated", GOVERNMENT)],
  ["2036-02-10T10:00", example("authorization.renewed", AUTHORITY, { ...second, until: "2041-02-11" }), "term-too-long"],
  ["2036-02-09T23:59", example("authorization.renewed", AUTHORITY, second), "dated-ahead"],
  ["2036-02-10T00:00", example("authorization.renewed", AUTHORITY, second)],
];

const end: readonly Attempt[] = [
  ["2037-03-01T10:00", example("authorization.evaluated", AUTHORITY)],
  ["2037-03-02T10:00", example("authorization.terminated", AUTHORITY), "ground-not-met"],
  ["2037-03-02T10:00", example("authorization.rectification-checked", AUTHORITY), "rectification-not-ordered"],
  ["2037-03-02T10:00", example("authorization.rectification-ordered", AUTHORITY, { due: "2037-06-30" })],
  ["2037-06-30T10:00", example("authorization.rectification-checked", AUTHORITY, { result: "passed" })],
  ["2037-07-01T10:00", example("authorization.exit-agreed", AGENCY), "ground-not-met"],
  ["2037-07-01T10:00", example("authorization.exit-applied", OPERATOR)],
  ["2037-07-10T10:00", example("authorization.exit-agreed", AGENCY)],
  ["2038-02-01T10:00", example("authorization.termination-requested", AGENCY)],
  ["2038-03-01T10:00", example("authorization.evaluated", AUTHORITY)],
  ["2038-03-02T10:00", example("authorization.terminated", AUTHORITY, { consent: undefined }), "ground-not-met"],
  ["2038-03-02T10:00", example("authorization.terminated", AUTHORITY)],
  ["2038-03-03T10:00", example("authorization.terminated", AUTHORITY), "authorization-inactive"],
  ["2040-11-01T10:00", example("authorization.renewal-applied", OPERATOR), "authorization-inactive", "renewals-exhausted"],
];

export const life: readonly Attempt[] = [...selection, ...agreement, ...renewals, ...end];

/** The first attempts of the life, to go on from: up to and with the last lawful one of a type. */
export const until = (type: string): readonly Attempt[] =>
  life.slice(0, life.findLastIndex(([, report, ...codes]) => report.type === type && codes.length === 0) + 1);

/** At a time of day in China. */
export const at = (time: string, report: Report): Report => ({ ...report, at: `${time}:00+08:00` });

export const accessed = (time: string): Report => at(time, example("data.accessed", OPERATOR, { authorization: AUTHORIZATION }));
