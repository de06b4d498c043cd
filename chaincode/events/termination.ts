/** How an authorization is watched over, interrupted and ended. Clauses 六(五)6, 八(一). */
import {
  type Authorization,
  authorizations,
  isTerminated,
  itsOperator,
  itsRecord,
  known,
  lastDayOf,
  type Named,
  notOver,
  type Recorded,
  recordOf,
} from "./agreement";
import { parties, successorsOf } from "./party";
import { day, document, id, oneOf, optional, text } from "./schema";
import { allStanding, standing, stands } from "./steps";
import { endOfDay } from "./time";
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

export const evaluated = act("authorization.evaluated", {
  clause: "八(一)",
  by: ["authority", "assessor"],
  data: { authorization: id, grade: oneOf("excellent", "qualified", "unqualified"), report: document },
  about,
  rules: [known, notOver],
  on: itsRecord,
  withdrawal: ["terminated"],
  result: (d) => d.grade,
});

export const rectificationOrdered = act("authorization.rectification-ordered", {
  clause: "八(一)",
  by: ["authority", "implementing-agency"],
  data: { authorization: id, issues: text, due: day, order: document },
  about,
  rules: [known, notOver],
  effects: ({ data }, world) => {
    const record = world.get(authorizations, data.authorization);
    if (record) world.put(authorizations, data.authorization, { ...record, rectification: endOfDay(data.due) });
  },
  on: itsRecord,
});

/** An order that no check has found met yet. */
const ordered = rule("rectification-not-ordered", (event: Recorded, world) => {
  const record = recordOf(world, event);
  const order = standing(record, "rectification-ordered", event.recorded);
  const met = allStanding(record, "rectification-checked", event.recorded).findLast(({ result }) => result === "passed");
  return record !== undefined && (order === undefined || (met !== undefined && order.at <= met.at));
});

export const rectificationChecked = act("authorization.rectification-checked", {
  clause: "八(一)",
  by: ["authority", "implementing-agency", "assessor"],
  data: { authorization: id, result: oneOf("passed", "failed"), report: document },
  about,
  rules: [known, notOver, ordered],
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
  /** 授权期限届满且未申请续期或续期未通过. */
  expired: (record, { recorded }) => {
    const last = lastDayOf(record);
    const isOpen =
      stands(record, "renewal-applied", recorded) &&
      ["renewal-reviewed", "renewal-deliberated"].every((step) => standing(record, step, recorded)?.result !== "failed");
    return [...(last !== undefined && endOfDay(last) <= recorded ? [] : ["expiry"]), ...(isOpen ? ["renewal-deliberated"] : [])];
  },
  /** 一级主体申请提前终止且愿意承担相应违约责任，经实施机构审核同意. */
  "early-exit": (record, { recorded }) => {
    return [...missingOfExit(record, recorded), ...(stands(record, "exit-agreed", recorded) ? [] : ["exit-agreed"])];
  },
  /** 经限期整改仍未达标: found by a check after the time was over. */
  "rectification-failed": (record, { recorded }) => {
    const check = standing(record, "rectification-checked", recorded);
    const isDue = record.rectification !== undefined && check !== undefined && record.rectification <= check.at;
    return isDue && check.result === "failed" ? [] : ["rectification-checked"];
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
    const grades = allStanding(record, "evaluated", recorded).slice(-2);
    const isTwice = grades.length === 2 && grades.every(({ result }) => result === "unqualified");
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
