/**
 * How much may stand on a record of what adds up. Whatever is judged by a record reads all of it, so that none grows with the number of events: of
 * marks, versions and what is over the oldest are forgotten (`KEPT` in `steps.ts`), what there may be many of has a key for each, and of the rest
 * there may be so much. An act that would add more is refused; the words for the code say what to do first. Ours.
 */
import { type LedgerEvent, rule, type Rule, type World } from "./definition";

/** Experts that one scoring or review seats at most. */
export const SEATS = 200;

export const LIMITS = {
  /** Of an agreement, with its renewals. */
  agreements: 24,
  /** Of a product: all that it is made from, with what that is made from. */
  bases: 200,
  /** Of a party: credit codes for which it goes on, and those that go on for it. */
  codes: 200,
  /** Of an application: experts who were said to have an interest in it, and whom no later scoring seats. */
  experts: 200,
  /** Of a finding: parties to which it was ever assigned. */
  hands: 24,
  /** Of a resource: times that fields were taken from what it offers, since that was approved. */
  narrowings: 24,
  /** Of an application: objections that are not settled; the authority's own are counted apart. */
  objections: 200,
  /** The same, of one party that is not the authority. */
  "objections-of-one": 8,
  /** Of a resource: batches of people whose consent was withdrawn and who are still in it. As many as one new version can leave out. */
  revocations: 200,
  /** Of the rulebook, and of a product's caps: versions that are still to come. */
  upcoming: 12,
} as const;

/** @param count how much there would be. */
export const within = <D>(what: keyof typeof LIMITS, count: (event: LedgerEvent<D>, world: World) => number): Rule<D> =>
  rule("limit-reached", (event, world) => (count(event, world) > LIMITS[what] ? [what] : []));
