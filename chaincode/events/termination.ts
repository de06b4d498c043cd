/** How an authorization is watched over, interrupted and ended. Clauses 六(五)6, 八(一). */
import {
  type Authorization,
  isLapsed,
  isTerminated,
  itsOperator,
  itsRecord,
  known,
  lastDayOf,
  type Named,
  notOver,
  othersOperation,
  type Recorded,
  recordOf,
} from "./agreement";
import { parties, successorsOf } from "./party";
import { day, document, id, oneOf, optional, text, year } from "./schema";
import { allStanding, type Mark, standing, stands } from "./steps";
import { dayOf, endOfDay } from "./time";
import { act, authorization, rule, type World } from "./definition";

const about = (d: Named["data"]) => [authorization(d.authorization)];

/** A suspension and its end are founded in law, in a document that says so. */
const basisGiven = rule("suspension-basis-missing", ({ data }: { data: { basis?: unknown; order?: unknown } }) =>
  (["basis", "order"] as const).filter((name) => data[name] === undefined),
);

const suspension = { authorization: id, basis: optional(text), order: optional(document) };

/** Ours: the plan knows no suspension. */
export const suspended = act("authorization.suspended", {
  by: ["authority"],
  data: suspension,
  about,
  rules: [known, notOver, basisGiven],
  on: itsRecord,
  withdrawal: "barred",
});

const isSuspended = rule("suspension-basis-missing", (event: Recorded, world) =>
  stands(recordOf(world, event), "suspended", event.recorded) ? [] : ["suspended"],
);

export const resumed = act("authorization.resumed", {
  by: ["authority"],
  data: suspension,
  about,
  rules: [known, notOver, basisGiven, isSuspended],
  on: itsRecord,
  ends: ["suspended"],
});

const yearOf = (at: number): string => dayOf(at).slice(0, 4);

const yearBegun = rule(
  "dated-ahead",
  ({ data, recorded }: { data: { year?: string }; recorded: number }) => data.year !== undefined && data.year > yearOf(recorded),
);

/** Of a year: the one of the record where none is named. */
export const evaluated = act("authorization.evaluated", {
  clause: "八(一)",
  by: ["authority", "assessor"],
  data: { authorization: id, grade: oneOf("excellent", "qualified", "unqualified"), year: optional(year), report: document },
  about,
  rules: [known, notOver, othersOperation, yearBegun],
  on: itsRecord,
  withdrawal: ["terminated"],
  result: (d) => [d.grade, ...(d.year === undefined ? [] : [d.year])].join(" "),
});

/** Its grades, one for each year that was evaluated (年度评估), in the order of the years: what was said last of it. Where no year was named, that of the record. */
function gradesOf(record: Authorization, at: number): readonly string[] {
  const grades = allStanding(record, "evaluated", at).map(({ result = "", at }): readonly [year: string, grade: string] => {
    const [grade = "", year = yearOf(at)] = result.split(" ");
    return [year, grade];
  });
  return [...new Map(grades)].sort(([one], [other]) => Number(one) - Number(other)).map(([, grade]) => grade);
}

/** Nobody can meet what was due before it was ordered. */
const dueAhead = rule("due-passed", ({ data, recorded }: { data: { due: string }; recorded: number }) => endOfDay(data.due) <= recorded);

export const rectificationOrdered = act("authorization.rectification-ordered", {
  clause: "八(一)",
  by: ["authority", "implementing-agency"],
  data: { authorization: id, issues: text, due: day, order: document },
  about,
  rules: [known, notOver, dueAhead],
  on: itsRecord,
  /** By when it is to be met, which falls with the order. */
  result: (d) => d.due,
});

/** The order that stands, and when it is due; versions before 0.6.0 kept that of the last one alone. */
function orderOf(record: Authorization | undefined, at: number): (Mark & { readonly due: number | undefined }) | undefined {
  const order = standing(record, "rectification-ordered", at);
  return order && { ...order, due: order.result === undefined ? record?.rectification : endOfDay(order.result) };
}

/** An order that no check has found met yet. */
const ordered = rule("rectification-not-ordered", (event: Recorded, world) => {
  const record = recordOf(world, event);
  const order = orderOf(record, event.recorded);
  const met = allStanding(record, "rectification-checked", event.recorded).findLast(({ result }) => result === "passed");
  return record !== undefined && (order === undefined || (met !== undefined && order.at <= met.at));
});

export const rectificationChecked = act("authorization.rectification-checked", {
  clause: "八(一)",
  by: ["authority", "implementing-agency", "assessor"],
  data: { authorization: id, result: oneOf("passed", "failed"), report: document },
  about,
  rules: [known, notOver, othersOperation, ordered],
  on: itsRecord,
  withdrawal: ["terminated"],
  result: (d) => d.result,
});

export const exitApplied = act("authorization.exit-applied", {
  clause: "六(五)6",
  by: ["primary-operator"],
  data: { authorization: id, reason: text, liability: oneOf("accepted", "declined"), request: optional(document) },
  about,
  rules: [known, itsOperator, notOver],
  on: itsRecord,
  withdrawal: ["exit-agreed", "terminated"],
  ends: ["exit-agreed"],
  result: (d) => d.liability,
});

/** Of an early exit: it has to be applied for, with liability for the breach (违约责任) accepted. */
function missingOfExit(record: Authorization, at: number): readonly string[] {
  const applied = standing(record, "exit-applied", at);
  if (applied === undefined) return ["exit-applied"];
  return applied.result === "accepted" ? [] : ["liability"];
}

const exitReady = rule("ground-not-met", (event: Recorded, world) => {
  const record = recordOf(world, event);
  return record === undefined ? [] : missingOfExit(record, event.recorded);
});

export const exitAgreed = act("authorization.exit-agreed", {
  clause: "六(五)6",
  by: ["implementing-agency"],
  data: { authorization: id, opinion: optional(document) },
  about,
  rules: [known, notOver, exitReady],
  on: itsRecord,
  withdrawal: ["terminated"],
});

export const terminationRequested = act("authorization.termination-requested", {
  clause: "六(五)6",
  by: ["implementing-agency"],
  data: { authorization: id, law: text, request: document },
  about,
  rules: [known, notOver],
  on: itsRecord,
  withdrawal: ["terminated"],
});

type Termination = Recorded & { readonly data: { readonly ground: Ground; readonly consent?: unknown } };

/** On what an authorization is terminated: what is still missing for it, by the record. */
const GROUNDS = {
  /** 授权期限届满且未申请续期或续期未通过; and a trial that was not passed in its time, after which nothing is in force either. */
  expired: (record, { recorded }) => {
    const last = lastDayOf(record);
    const isOpen =
      stands(record, "renewal-applied", recorded) &&
      ["renewal-reviewed", "renewal-deliberated"].every((step) => standing(record, step, recorded)?.result !== "failed");
    const isExpired = isLapsed(record, recorded) || (last !== undefined && endOfDay(last) <= recorded);
    return [...(isExpired ? [] : ["expiry"]), ...(isOpen ? ["renewal-deliberated"] : [])];
  },
  /** 一级主体申请提前终止且愿意承担相应违约责任，经实施机构审核同意. */
  "early-exit": (record, { recorded }) => {
    return [...missingOfExit(record, recorded), ...(stands(record, "exit-agreed", recorded) ? [] : ["exit-agreed"])];
  },
  /** 经限期整改仍未达标: found by a check after the time was over that the order gave. */
  "rectification-failed": (record, { recorded }) => {
    const [order, check] = [orderOf(record, recorded), standing(record, "rectification-checked", recorded)];
    if (order?.due === undefined || order.due <= order.at) return ["rectification-ordered"];
    return check?.result === "failed" && order.due <= check.at ? [] : ["rectification-checked"];
  },
  /** 被列入经营异常名录或严重违法失信企业名单. */
  "credit-listed": ({ operator }, { recorded }, world) => {
    const now = successorsOf(world, operator).flatMap((code) => world.get(parties, code) ?? []);
    const isListed = now.some((it) => !stands(it, "succeeded", recorded) && stands(it, "credit-listed", recorded));
    return isListed ? [] : ["credit-listed"];
  },
  /** 其他违反法律法规的情形，实施机构提请. */
  "breach-of-law": (record, { recorded }) => (stands(record, "termination-requested", recorded) ? [] : ["termination-requested"]),
  /** 连续2次不合格，经研究同意. */
  "unqualified-twice": (record, { recorded, data }) => {
    const grades = gradesOf(record, recorded).slice(-2);
    const isTwice = grades.length === 2 && grades.every((grade) => grade === "unqualified");
    return [...(isTwice ? [] : ["evaluated"]), ...(data.consent === undefined ? ["consent"] : [])];
  },
} as const satisfies Record<string, (record: Authorization, event: Termination, world: World) => readonly string[]>;
type Ground = keyof typeof GROUNDS;

const groundMet = rule("ground-not-met", (event: Termination, world) => {
  const record = recordOf(world, event);
  return record === undefined || isTerminated(record, event.recorded) ? [] : GROUNDS[event.data.ground](record, event, world);
});

export const terminated = act("authorization.terminated", {
  clause: "六(五)6",
  by: ["authority"],
  data: {
    authorization: id,
    ground: oneOf(...(Object.keys(GROUNDS) as Ground[])),
    decision: document,
    consent: optional(document),
  },
  about,
  rules: [known, notOver, groundMet],
  on: itsRecord,
  withdrawal: "barred",
});

export const types = [
  suspended,
  resumed,
  evaluated,
  rectificationOrdered,
  rectificationChecked,
  exitApplied,
  exitAgreed,
  terminationRequested,
  terminated,
];
