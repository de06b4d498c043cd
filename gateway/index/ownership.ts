/**
 * Whose a thing is, to what it belongs, and who is told what is decided about it: the fields of its record that say so. Each holds the word of who had
 * the say in it. Whoever only names a thing that is another's (who objects to it, reports on it, looks whether anything is left of it) comes into none
 * of them: what a party says itself gives it the sight of its own words, and of nothing else.
 */
import type { Subject, SubjectKind } from "../../chaincode/events/definition";
import type { Demand } from "../../chaincode/events/demand";
import type { Mark, Steps } from "../../chaincode/events/steps";

type Row = Readonly<Record<string, unknown>>;

interface Thing {
  /** Fields with the credit codes of those whose it is. */
  readonly of?: readonly string[];
  /** Fields with the number of what it belongs to, each the name of a kind. */
  readonly within?: readonly SubjectKind[];
}

/** The table. What is said to all, or to those alone who see everything, is nobody's. */
const THINGS: Readonly<Record<SubjectKind, Thing>> = {
  party: {},
  resource: { of: ["source"] },
  authorization: { of: ["operator"] },
  scenario: { of: ["operator"], within: ["authorization"] },
  product: { of: ["operator"], within: ["authorization", "scenario"] },
  announcement: {},
  application: { of: ["applicant"] },
  developer: { of: ["developer"], within: ["authorization"] },
  environment: { of: ["user"], within: ["scenario"] },
  asset: { of: ["operator"] },
  // Its number is whose report took it first, and gives that one nothing.
  incident: { within: ["authorization"] },
  finding: { of: ["assigned", "hands"] },
  complaint: {},
  exit: { of: ["developer", "hands"], within: ["authorization", "scenario", "product"] },
  calendar: {},
  rulebook: {},
  journal: {},
};

/** Credit codes of those whose it is. */
export const ownersOf = (kind: SubjectKind, record: Row): readonly string[] =>
  THINGS[kind].of?.flatMap((field) => textsOf(record[field])) ?? [];

/** What it belongs to; a scenario, too, to the resources that it demands. */
export function belongsTo(kind: SubjectKind, record: Row): readonly Subject[] {
  const named = THINGS[kind].within?.flatMap((field) => textsOf(record[field]).map((id) => ({ kind: field, id }))) ?? [];
  return kind === "scenario" ? [...named, ...demandedBy(record).map((id) => ({ kind: "resource" as const, id }))] : named;
}

/** Credit codes of who said something on which others decide: it is told what they decide. */
export function toldOf(kind: SubjectKind, record: Row): readonly string[] {
  if (kind === "complaint") return textsOf(record["party"]);
  if (kind !== "scenario") return [];
  // What the operator took up, and asks for, is the operator's.
  const { proposed = [], submitted = [] } = (record["steps"] ?? {}) as Steps;
  const last: Mark | undefined = proposed.at(-1);
  return last === undefined || submitted.length > 0 ? [] : [last.party];
}

/** Until when it was one of these parties' (milliseconds since 1970), whose it is no longer. */
export function formerlyUntil(record: Row, codes: ReadonlySet<string>): number | undefined {
  const { earlier = [] } = record as { readonly earlier?: readonly { readonly source: string; readonly until: number }[] };
  return earlier.findLast(({ source }) => codes.has(source))?.until;
}

const textsOf = (value: unknown): readonly string[] =>
  typeof value === "string" ? [value] : Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];

interface Requested {
  readonly demands: readonly Demand[];
}

function demandedBy(record: Row): readonly string[] {
  const { versions = [], proposed } = record as { readonly versions?: readonly Requested[]; readonly proposed?: Requested };
  const all = [...versions, ...(proposed === undefined ? [] : [proposed])];
  return [...new Set(all.flatMap(({ demands }) => demands.map(({ resource }) => resource)))];
}
