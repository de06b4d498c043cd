/** security 安全: plans, risks, incidents, training. Clauses 六(六), 七(一)4, 七(五)5, 七(五)13. */
import { isStranger, ownHolding as ownAuthorization } from "./authorization";
import { itsOversight, overseen } from "./oversight";
import { day, digest, document, id, list, oneOf, optional, text, year } from "./schema";
import { isStanding } from "./steps";
import { endOfDay } from "./time";
import { joined, trained as trainings } from "./training";
import { act, authorization, fact, type LedgerEvent, resource, rule, type Subject, table, type World } from "./definition";

interface Named {
  readonly data: { readonly authorization: string };
}

const about = (d: Named["data"]): readonly Subject[] => [authorization(d.authorization)];

type Told = Named & Pick<LedgerEvent<unknown>, "party" | "type">;

/** Facts: not of another operator, who would have this one follow up what it says. */
const isStrangers = ({ data, party, type }: Told, world: World): boolean => isStranger(world, party, data.authorization, type.by);
const notStrangers = rule("no-authorization", isStrangers);

export const planFiled = act("security.plan-filed", {
  clause: "七(五)13",
  by: ["primary-operator"],
  data: { authorization: id, plan: document },
  about,
  rules: [ownAuthorization],
  on: itsOversight,
});

const planOnFile = rule(
  "plan-missing",
  ({ data, recorded }: Named & { recorded: number }, world) =>
    !overseen(world, data.authorization, "plan-filed").some((mark) => isStanding(mark, recorded)),
);

const incident = (id: string): Subject => ({ kind: "incident", id });

export const planActivated = act("security.plan-activated", {
  clause: "六(六)",
  by: ["primary-operator"],
  data: { authorization: id, incident: optional(id), reason: text },
  about: (d) => [authorization(d.authorization), ...(d.incident === undefined ? [] : [incident(d.incident)])],
  rules: [ownAuthorization, planOnFile],
  on: itsOversight,
});

/** 市数据主管部门 and 同级公共数据主管部门: both are told. */
const ADDRESSEES = ["municipal-data-authority", "public-data-authority"] as const;
const addressees = list(oneOf(...ADDRESSEES));

/** Of incidents and of major risks (重大风险); of other risks nobody need be told. */
const bothTold = rule("addressee-missing", ({ data }: { data: { level?: string; addressees?: readonly string[] } }) =>
  data.level === "general" ? [] : ADDRESSEES.filter((addressee) => data.addressees?.includes(addressee) !== true),
);

export const riskFound = fact("security.risk-found", {
  clause: "六(六)",
  by: ["primary-operator", "platform", "developer", "authority"],
  data: {
    authorization: id,
    level: oneOf("general", "major"),
    description: text,
    measures: optional(text),
    addressees: optional(addressees),
  },
  about,
  rules: [notStrangers, bothTold],
});

export interface Incident {
  readonly authorization: string;
  /** Credit code of who reported it first. */
  readonly party: string;
}

export const incidents = table<Incident>("incident");

/** A number is one incident's: whose report took it keeps it, and what was said of the other is followed up under another number. */
const numberOwn = rule("incident-exists", ({ data }: { data: { incident: string; authorization: string } }, world) => {
  const known = world.get(incidents, data.incident);
  return known !== undefined && known.authorization !== data.authorization;
});

/** One incident is reported as often as there is something new to say. */
export const incidentReported = fact("security.incident-reported", {
  clause: "六(六)",
  by: ["primary-operator", "platform", "developer"],
  data: {
    authorization: id,
    incident: id,
    kind: oneOf("loss", "leak", "tampering", "destruction", "other"),
    description: text,
    addressees,
    report: optional(document),
  },
  about: (d) => [incident(d.incident), authorization(d.authorization)],
  rules: [notStrangers, numberOwn, bothTold],
  /** What another's operator says is no incident of this authorization, whose operator would have to follow it up. */
  effects: (event, world) => {
    const { data, party } = event;
    if (world.get(incidents, data.incident) === undefined && !isStrangers(event, world))
      world.put(incidents, data.incident, { authorization: data.authorization, party });
  },
});

const incidentKnown = rule(
  "incident-unknown",
  ({ data }: { data: { incident: string } }, world) => world.get(incidents, data.incident) === undefined,
);

const handledByOwn = rule(notStrangers.code, (event: Omit<Told, "data"> & { data: { incident: string } }, world) => {
  const it = world.get(incidents, event.data.incident);
  return it !== undefined && isStrangers({ ...event, data: it }, world);
});

export const incidentHandled = fact("security.incident-handled", {
  clause: "七(五)13",
  by: ["primary-operator", "platform", "developer", "authority"],
  /** Who names the authorization, as the report of the incident does, tells its operator. */
  data: { incident: id, authorization: optional(id), measures: text, report: optional(document) },
  about: (d) => [incident(d.incident), ...(d.authorization === undefined ? [] : [authorization(d.authorization)])],
  rules: [incidentKnown, handledByOwn],
});

/** Training that is repeated before it lapses goes on from when it began; what is told late of an earlier one, or by another operator, takes nothing from it. */
export const trained = fact("security.trained", {
  clause: "七(五)5",
  by: ["primary-operator", "platform"],
  data: { authorization: id, staff: digest, post: oneOf("management", "technical"), course: text, until: optional(day) },
  about,
  rules: [notStrangers],
  effects: (event, world) => {
    const { data, happened: from } = event;
    const until = data.until === undefined ? undefined : endOfDay(data.until);
    if (!isStrangers(event, world)) world.put(trainings, data.staff, joined(world.get(trainings, data.staff), { from, until }));
  },
});

export const reported = act("security.reported", {
  clause: "六(六)",
  by: ["primary-operator"],
  data: { authorization: id, year, report: document },
  about,
  rules: [ownAuthorization],
  on: itsOversight,
});

export const aggregationRiskAssessed = act("security.aggregation-risk-assessed", {
  clause: "七(一)4",
  by: ["authority", "primary-operator", "assessor"],
  data: {
    authorization: id,
    resources: list(id, { min: 2 }),
    result: oneOf("acceptable", "controlled", "unacceptable"),
    report: document,
  },
  about: (d) => [authorization(d.authorization), ...d.resources.map(resource)],
  rules: [ownAuthorization],
  on: itsOversight,
});

export const types = [planFiled, planActivated, riskFound, incidentReported, incidentHandled, trained, reported, aggregationRiskAssessed];
