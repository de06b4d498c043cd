/** authorization 授权: decided, signed, filed, tried and activated. Clauses 六(一)5, 六(二). */
import {
  agreementsOf,
  authorizations,
  isLapsed,
  isSigned,
  itsRecord,
  known,
  type Named,
  notOver,
  type Recorded,
  recordOf,
  trialOf,
} from "./agreement";
import { application, applications, noteDecision, readyToDecide } from "./application";
import { beganAt, codesOf, parties, successorsOf } from "./party";
import { types as renewal } from "./renewal";
import { parametersAt } from "./rulebook";
import { creditCode, day, document, id, oneOf, optional, struct, text } from "./schema";
import { passed, standing, type Stepped, stands } from "./steps";
import { notSignedAhead, termBounded } from "./term";
import { types as termination } from "./termination";
import { addMonths, dayOf, endOfDay, startOfDay } from "./time";
import { act, authorization, rule, table, type World } from "./definition";

export {
  active,
  authorised,
  type Authorization,
  authorizations,
  isOperators,
  isSigned,
  isStranger,
  notTerminated,
  ownHolding,
  withinTerm,
} from "./agreement";

const about = (d: Named["data"]) => [authorization(d.authorization)];

const isDecided = (record: Stepped | undefined, at: number): boolean => stands(record, "decided", at);

/** One decision for a number, and for an application. */
const notDecidedTwice = rule("authorization-exists", (event: Recorded & { data: { application?: string } }, world) => {
  const { application } = event.data;
  const other = application === undefined ? undefined : world.get(applications, application)?.authorization;
  const isUsed = other !== undefined && isDecided(world.get(authorizations, other), event.recorded);
  return recordOf(world, event) !== undefined || isUsed;
});

/** Clause 六(一)5 has the authority decide, 附件1 the government: the rulebook says which. */
const rightBody = rule("not-your-event", ({ party, recorded }: { party: string; recorded: number }, world) => {
  const { decidedBy } = parametersAt(world, recorded);
  return decidedBy !== "either" && world.get(parties, party)?.roles.includes(decidedBy) !== true;
});

/**
 * Without an application nothing shows that it was scored and made public. One that is older than the ledger had none here: nobody passes over the
 * steps by saying so of one that was signed since.
 */
const appliedFor = rule(
  "application-unknown",
  ({ data, recorded }: { data: { application?: string; existing?: { signedOn: string } }; recorded: number }, world) => {
    const isFounded =
      data.existing === undefined ? data.application !== undefined : data.existing.signedOn < dayOf(beganAt(world) ?? recorded);
    return isFounded ? [] : ["application"];
  },
);

/** Its steps before the decision stand elsewhere: who looks at it is told. */
const olderThanLedger = rule("steps-before-ledger", ({ data }: { data: { existing?: unknown } }) => data.existing !== undefined);

export const decided = act("authorization.decided", {
  clause: "六(一)5",
  by: ["authority", "government"],
  data: {
    authorization: id,
    application: optional(id),
    /** Ours: of an authorization older than the ledger, its agreement and when that was signed. */
    existing: optional(struct({ document, signedOn: day })),
    operator: creditCode,
    scope: text,
    decision: document,
  },
  about: (d) => [authorization(d.authorization), ...(d.application === undefined ? [] : [application(d.application)])],
  rules: [notDecidedTwice, rightBody, appliedFor, ...readyToDecide, olderThanLedger],
  effects: ({ data }, world) => {
    const older = data.existing && { existing: data.existing.signedOn };
    world.put(authorizations, data.authorization, { operator: data.operator, ...older, agreements: [], steps: {} });
    if (data.application !== undefined) noteDecision(world, data.application, data.authorization);
  },
  on: itsRecord,
  withdrawal: ["signed"],
});

/** Nor is it signed for a day before it; one that is older than the ledger, for its own day and no other. */
const decisionRecorded = rule("decision-missing", (event: Recorded & { data: { signed: string } }, world) => {
  const record = recordOf(world, event);
  const decision = standing(record, "decided", event.recorded);
  if (record === undefined || decision === undefined) return true;
  return record.existing === undefined ? event.data.signed < dayOf(decision.at) : event.data.signed !== record.existing;
});

/** A later agreement is a renewal, with steps of its own. */
const notSignedTwice = rule("agreement-exists", (event: Named, world) => isSigned(recordOf(world, event)));

/** By operator: the first authorization (首次授权) that was signed with it. */
const firsts = table<{ readonly authorization: string }>("first-authorization");

/** The first authorization of an operator, unless its signing was annulled. */
function firstOf(world: World, operator: string): string | undefined {
  const all = codesOf(world, operator).flatMap((code) => world.get(firsts, code)?.authorization ?? []);
  return all.find((first) => isSigned(world.get(authorizations, first)));
}

const trialBounded = rule(
  "trial-too-long",
  (event: Recorded & { data: { signed: string; until: string; trial?: { until: string } } }, world) => {
    const { signed, until, trial } = event.data;
    const operator = recordOf(world, event)?.operator;
    if (trial === undefined || operator === undefined) return false;
    const last = addMonths(signed, parametersAt(world, event.recorded).trialMonths);
    return (
      trial.until < signed ||
      trial.until > last ||
      trial.until > until ||
      successorsOf(world, operator).some((code) => firstOf(world, code) !== undefined)
    );
  },
);

export const signed = act("authorization.signed", {
  clause: "六(一)5",
  by: ["authority"],
  data: {
    authorization: id,
    signed: day,
    until: day,
    trial: optional(struct({ until: day })),
    agreement: document,
    note: optional(text),
  },
  about,
  rules: [decisionRecorded, notSignedTwice, termBounded, notSignedAhead, trialBounded],
  effects: ({ data, place }, world) => {
    const record = world.get(authorizations, data.authorization);
    if (record === undefined) return;
    const trial = data.trial && { trial: endOfDay(data.trial.until) };
    const agreement = { from: startOfDay(data.signed), until: endOfDay(data.until), act: place, ...trial };
    if (firstOf(world, record.operator) === undefined) world.put(firsts, record.operator, { authorization: data.authorization });
    world.put(authorizations, data.authorization, { ...record, agreements: [...agreementsOf(record), agreement] });
  },
  on: itsRecord,
});

/** 省备案. */
export const filed = act("authorization.filed", {
  clause: "六(一)5",
  by: ["authority", "province-authority"],
  data: { authorization: id, filing: document, number: optional(text) },
  about,
  rules: [known, notOver],
  on: itsRecord,
});

/** There is a trial, and it is not over: a failed assessment may be repeated as long as it lasts. */
const inTrial = rule("trial-lapsed", (event: Recorded, world) => {
  const record = recordOf(world, event);
  const trial = trialOf(record);
  return isSigned(record) && (trial === undefined || trial <= event.recorded);
});

const verdict = oneOf("passed", "failed");

export const trialAssessed = act("authorization.trial-assessed", {
  clause: "六(二)",
  by: ["authority"],
  data: { authorization: id, compliance: verdict, security: verdict, report: document },
  about,
  rules: [known, notOver, inTrial],
  on: itsRecord,
  withdrawal: ["activated"],
  result: (d) => (d.compliance === "passed" && d.security === "passed" ? "passed" : "failed"),
});

/** Where no trial was agreed there is nothing to wait for. */
const trialIsPassed = rule("trial-not-passed", (event: Recorded, world) => {
  const record = recordOf(world, event);
  const trial = trialOf(record);
  return trial !== undefined && event.recorded < trial && !passed(record, "trial-assessed", event.recorded);
});

/** After the trial nothing can be assessed any more. */
const notLapsed = rule("trial-lapsed", (event: Recorded, world) => isLapsed(recordOf(world, event), event.recorded));

export const activated = act("authorization.activated", {
  clause: "六(二)",
  by: ["authority"],
  data: { authorization: id, decision: optional(document) },
  about,
  rules: [known, notOver, trialIsPassed, notLapsed],
  on: itsRecord,
});

export const types = [decided, signed, filed, trialAssessed, activated, ...renewal, ...termination];
