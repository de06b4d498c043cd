/** supervision 监督: inspections, penalties, disclosures, reports, evaluations. Clauses 七(一)5, 七(四)3, 七(五)11, 七(五)12, 八. */
import { isOwnOperation, othersOperation } from "./agreement";
import { ownHolding as ownAuthorization } from "./authorization";
import { emergencies } from "./data";
import { itsDisclosure, itsOversight, overseen } from "./oversight";
import { parties, sameHands } from "./party";
import { count, creditCode, day, document, fen, id, oneOf, optional, place, text, year } from "./schema";
import { recordIn } from "./steps";
import { act, authorization, party, type Role, rule, type Subject } from "./definition";

interface Named {
  readonly data: { readonly authorization: string };
}

const about = (d: Named["data"]): readonly Subject[] => [authorization(d.authorization)];

type Review = Named & { readonly data: { readonly emergency?: string }; readonly party: string };

/** An emergency use is looked at by who ordered or supervises, and the one that is named was one under this authorization. */
const reviewer = rule(
  "not-your-event",
  ({ data, party }: Review, world) =>
    data.emergency !== undefined && world.get(parties, party)?.roles.some((role) => REVIEWERS.includes(role)) !== true,
);
const REVIEWERS: readonly Role[] = ["authority", "supervisor"];

const emergencyKnown = rule("event-unknown", ({ data: { authorization, emergency } }: Review, world) =>
  emergency === undefined || world.get(emergencies, emergency)?.authorization === authorization ? [] : [emergency],
);

/** Nobody inspects its own operation, nor its own use of data. */
const byOthers = rule(othersOperation.code, (event: Review, world) => {
  const { emergency } = event.data;
  const used = emergency === undefined ? undefined : world.get(emergencies, emergency);
  return isOwnOperation(world, event) || (used !== undefined && sameHands(world, event.party, used.party));
});

export const inspected = act("supervision.inspected", {
  clause: "八(一)",
  by: ["supervisor", "authority", "assessor"],
  data: {
    authorization: id,
    kind: oneOf("operation", "security", "compliance"),
    result: oneOf("sound", "problems-found"),
    report: document,
    /** The emergency use (应急) that it looks at, where it is the later review of one: the fact's place. */
    emergency: optional(place),
  },
  about,
  rules: [reviewer, emergencyKnown, byOthers],
  effects: ({ data: { emergency }, place }, world) => {
    const used = emergency === undefined ? undefined : world.get(emergencies, emergency);
    if (emergency !== undefined && used !== undefined) world.put(emergencies, emergency, { ...used, reviewed: place });
  },
  on: itsOversight,
  withdrawal: "free",
});

/** The inspection that is named, by the place of its act, was one of this authorization. */
const inspectionKnown = rule("inspection-unknown", ({ data }: Named & { data: { inspection?: string } }, world) => {
  const inspections = overseen(world, data.authorization, "inspected");
  return data.inspection !== undefined && !inspections.some((mark) => mark.act === data.inspection && mark.annulled === undefined);
});

export const rectificationUrged = act("supervision.rectification-urged", {
  clause: "七(四)3",
  by: ["supervisor", "authority"],
  data: { authorization: id, inspection: place, requirements: text, until: day },
  about,
  rules: [inspectionKnown],
  on: itsOversight,
});

const penalisedKnown = rule(
  "party-unknown",
  ({ data }: { data: { penalised: string } }, world) => world.get(parties, data.penalised) === undefined,
);

export const penalised = act("supervision.penalised", {
  clause: "七(四)3",
  by: ["supervisor"],
  data: {
    authorization: id,
    penalised: creditCode,
    inspection: optional(place),
    statute: text,
    decision: document,
    amount: optional(fen),
  },
  about: (d) => [party(d.penalised), authorization(d.authorization)],
  rules: [penalisedKnown, inspectionKnown],
  on: itsOversight,
});

/** 授权对象、内容、范围和时限 are disclosed by the authority; 开发主体、产品清单、使用情况 by the operator. Clauses 七(一)5, 七(五)11. */
const DISCLOSED_BY = { authorizations: "authority", "products-and-use": "primary-operator" } as const;

const ownDisclosure = rule(
  "not-your-event",
  ({ data, party }: { data: { disclosure: keyof typeof DISCLOSED_BY }; party: string }, world) =>
    world.get(parties, party)?.roles.includes(DISCLOSED_BY[data.disclosure]) !== true,
);

export const disclosed = act("supervision.disclosed", {
  clause: "七(一)5",
  by: ["authority", "primary-operator"],
  data: { authorization: id, disclosure: oneOf("authorizations", "products-and-use"), year, publication: document },
  about,
  rules: [ownDisclosure, ownAuthorization],
  on: itsDisclosure,
});

export const operationReported = act("supervision.operation-reported", {
  clause: "七(五)12",
  by: ["primary-operator"],
  data: { authorization: id, from: day, until: day, report: document },
  about,
  rules: [ownAuthorization],
  on: itsOversight,
});

const sourceKnown = rule(
  "party-unknown",
  ({ data }: { data: { source: string } }, world) => world.get(parties, data.source)?.roles.includes("source") !== true,
);

/** From 审核时效, 数据质量, 应用情况 and whatever else the report weighs. */
export const contributionEvaluated = act("supervision.contribution-evaluated", {
  clause: "八(二)",
  by: ["authority"],
  data: { source: creditCode, year, timeliness: count, quality: count, use: count, report: document },
  about: (d) => [party(d.source)],
  rules: [sourceKnown],
  on: recordIn(parties, (d: { source: string }) => d.source),
});

export const types = [inspected, rectificationUrged, penalised, disclosed, operationReported, contributionEvaluated];
