/** Renewal (续期) of an authorization: applied for with a report, reviewed with experts, deliberated, signed anew. Clause 六(二). */
import {
  agreementsOf,
  authorizations,
  isLapsed,
  itsOperator,
  itsRecord,
  known,
  lastDayOf,
  type Named,
  notOver,
  type Recorded,
  recordOf,
} from "./agreement";
import { LIMITS, SEATS } from "./limits";
import { parametersAt } from "./rulebook";
import { day, digest, document, id, list, oneOf, optional, text } from "./schema";
import { passed } from "./steps";
import { notSignedAhead, termBounded } from "./term";
import { addMonths, dayOf, endOfDay, startOfDay } from "./time";
import { act, authorization, rule, type Rule } from "./definition";

const about = (d: Named["data"]) => [authorization(d.authorization)];
const result = (d: { result: string }) => d.result;
const verdict = oneOf("passed", "failed");

const notLapsed = rule("trial-lapsed", (event: Recorded, world) => isLapsed(recordOf(world, event), event.recorded));

/** An application after the last day comes too late. */
const beforeExpiry = rule("renewal-too-late", (event: Recorded, world) => {
  const last = lastDayOf(recordOf(world, event));
  return last !== undefined && endOfDay(last) <= event.recorded;
});

/** The wording allows two readings, so what comes inside the last months is taken, with a remark. */
const inGoodTime = rule("renewal-late", (event: Recorded, world) => {
  const last = lastDayOf(recordOf(world, event));
  const today = dayOf(event.recorded);
  return last !== undefined && today <= last && today > addMonths(last, -parametersAt(world, event.recorded).renewalMonths);
});

const renewalsLeft = rule("renewals-exhausted", (event: Recorded, world) => {
  const most = Math.min(1 + parametersAt(world, event.recorded).renewals, LIMITS.agreements);
  return agreementsOf(recordOf(world, event)).length >= most;
});

const reportGiven = rule("renewal-steps-missing", ({ data }: { data: { summary?: unknown } }) =>
  data.summary === undefined ? ["summary"] : [],
);

const STEPS = ["renewal-applied", "renewal-reviewed", "renewal-deliberated"] as const;

/** The steps before this one, each taken and none refused, since the last agreement. @param at by when; they are not used up since either */
const stepsBefore = <D extends Named["data"]>(count: number, at: (event: Recorded & { data: D }) => number = now): Rule<D> =>
  rule("renewal-steps-missing", (event: Recorded & { data: D }, world) => {
    const record = recordOf(world, event);
    if (record === undefined) return [];
    return STEPS.slice(0, count).filter((step) => !passed(record, step, at(event)) || !passed(record, step, event.recorded));
  });
const now = ({ recorded }: Recorded): number => recorded;

/** A new application begins anew; an agreement uses its steps up. */
export const applied = act("authorization.renewal-applied", {
  clause: "六(二)",
  by: ["primary-operator"],
  data: { authorization: id, summary: optional(document), request: optional(document) },
  about,
  rules: [known, itsOperator, notOver, notLapsed, renewalsLeft, beforeExpiry, inGoodTime, reportGiven],
  on: itsRecord,
  ends: STEPS,
});

const expertsHeard = rule("renewal-steps-missing", ({ data }: { data: { experts: readonly string[] } }) =>
  data.experts.length === 0 ? ["experts"] : [],
);

export const reviewed = act("authorization.renewal-reviewed", {
  clause: "六(二)",
  by: ["authority"],
  data: { authorization: id, experts: list(digest, { max: SEATS }), result: verdict, report: document },
  about,
  rules: [known, notOver, stepsBefore(1), expertsHeard],
  on: itsRecord,
  ends: ["renewal-deliberated"],
  result,
});

export const deliberated = act("authorization.renewal-deliberated", {
  clause: "六(二)",
  by: ["government"],
  data: { authorization: id, result: verdict, decision: document },
  about,
  rules: [known, notOver, stepsBefore(2)],
  on: itsRecord,
  result,
});

interface Signature {
  readonly authorization: string;
  readonly signed: string;
}

/** Nothing is signed for a day on which it had not been deliberated: what was inactive then is not made good afterwards. */
const onItsDay = ({ data, recorded }: { data: Signature; recorded: number }): number => Math.min(recorded, endOfDay(data.signed) - 1);

export const renewed = act("authorization.renewed", {
  clause: "六(二)",
  by: ["authority"],
  data: { authorization: id, signed: day, until: day, agreement: document, note: optional(text) },
  about,
  rules: [known, notOver, notLapsed, renewalsLeft, stepsBefore<Signature>(3, onItsDay), termBounded, notSignedAhead],
  effects: ({ data, place }, world) => {
    const record = world.get(authorizations, data.authorization);
    if (record === undefined) return;
    const agreement = { from: startOfDay(data.signed), until: endOfDay(data.until), act: place };
    world.put(authorizations, data.authorization, { ...record, agreements: [...agreementsOf(record), agreement] });
  },
  on: itsRecord,
  ends: STEPS,
});

export const types = [applied, reviewed, deliberated, renewed];
