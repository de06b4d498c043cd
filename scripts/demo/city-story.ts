/**
 * The city's story: who does what on which day, and what the ledger says to it. Two authorizations: one from the announcement to its renewal, one
 * to its termination and exit. What an event holds beside what is said here is that of its example in the vocabulary.
 */
import type { Role } from "../../chaincode/events/definition";
import type { Form } from "../../chaincode/proof/holdings-page";
import { inventoryOf } from "../../chaincode/proof/inventory";
import { eventExamples } from "../../gateway/event-examples";
import { calendarOf } from "../calendar";
import { parties, type Words } from "./story";

export const PARTIES = {
  ...parties,
  government: { code: "11990000MB1A00080T", name: { zh: "云州市人民政府", en: "Yunzhou Municipal Government" }, roles: ["government"] },
  agency: { code: "11990000MB1A00090U", name: { zh: "云州市大数据中心", en: "Yunzhou Big Data Centre" }, roles: ["implementing-agency"] },
  assessor: { code: "91990000MA1A00110Y", name: { zh: "云州评估咨询有限公司", en: "Yunzhou Assessment Co., Ltd." }, roles: ["assessor"] },
  second: {
    code: "91990000MA1A00075Y",
    name: { zh: "云州文旅数据有限公司", en: "Yunzhou Tourism Data Co., Ltd." },
    roles: ["primary-operator", "platform"],
  },
} as const satisfies Record<string, { code: string; name: Words; roles: readonly Role[] }>;

export type PartyName = keyof typeof PARTIES;

export interface Telling {
  /** RFC 3339 with the zone of China. */
  readonly at: string;
  readonly by: PartyName;
  /** `authorization.signed` */
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** The code with which the ledger refuses it, where it does. */
  readonly refused?: string;
  /** What the ledger finds in it, where it does. */
  readonly finding?: string;
}

export interface Chapter {
  readonly title: Words;
  readonly tellings: readonly Telling[];
}

type Data = Readonly<Record<string, unknown>>;
type Said = Pick<Telling, "refused" | "finding">;

/** @param on `2021-01-04` or with a time of day, in China. @param change what of the type's example is different here */
function tell(on: string, by: PartyName, type: string, change: Data = {}, said: Said = {}): Telling {
  const example = eventExamples[`suyuan.${type}`]?.valid as Data | undefined;
  if (example === undefined) throw new RangeError(`there is no event suyuan.${type}`);
  const data = Object.fromEntries(Object.entries({ ...example, ...change }).filter(([, value]) => value !== undefined));
  return { at: `${on.includes("T") ? on : `${on}T10:00`}:00+08:00`, by, type, data, ...said };
}

const refused = (code: string): Said => ({ refused: code });
const finding = (code: string): Said => ({ finding: code });

const register = (on: string, name: PartyName): Telling =>
  tell(on, "authority", "party.registered", { code: PARTIES[name].code, name: PARTIES[name].name.zh, roles: PARTIES[name].roles });

const calendar = (on: string, year: string): Telling =>
  tell(on, "authority", "calendar.set", { ...calendarOf(year), number: `${Number(year) - 1} 年通知`, document: undefined });

/** What is said of one authorization, beside the example's. */
interface Case {
  readonly operator: PartyName;
  readonly announcement: string;
  readonly application: string;
  readonly authorization: string;
}
const first: Case = {
  operator: "operator",
  announcement: "yz-announcement-2021",
  application: "yz-application-transport",
  authorization: "yz-authorization-transport",
};
const other: Case = {
  operator: "second",
  announcement: "yz-announcement-2022",
  application: "yz-application-tourism",
  authorization: "yz-authorization-tourism",
};

const application = eventExamples["suyuan.application.submitted"]?.valid as { form: Data; materials: { reports: readonly Data[] } };

const form = ({ operator }: Case, signedOn: string): Data => ({
  ...application.form,
  name: PARTIES[operator].name.zh,
  code: PARTIES[operator].code,
  signedOn,
});

/** With the reports of so many of the years before the application. */
function materials(signedOn: string, years: number): Data {
  const thisYear = Number(signedOn.slice(0, 4));
  const reports = application.materials.reports.slice(0, years).map((report, i) => ({ ...report, year: String(thisYear - 1 - i) }));
  return { ...application.materials, reports };
}

const beginnings: Chapter = {
  title: { zh: "一、准备：主体、工作日历、规则", en: "1. Before it begins: parties, working days, rules" },
  tellings: [
    ...(["operator", "government", "agency", "assessor", "transport", "meteorology", "supervisor", "developer"] as const).map((name) =>
      register("2021-01-04T09:00", name),
    ),
    tell("2021-01-04T09:30", "authority", "party.registered", { code: "91990000MA1A00024X" }, refused("credit-code-invalid")),
    calendar("2021-01-04T10:00", "2021"),
    tell("2021-01-04T11:00", "authority", "rulebook.adopted", { number: "云数发〔2021〕1号", effective: "2021-01-05" }),
  ],
};

const selection: Chapter = {
  title: { zh: "二、公告、申请、评审、公示", en: "2. Announcement, application, scoring, public notice" },
  tellings: [
    tell(
      "2021-01-05",
      "authority",
      "announcement.published",
      { ...dated("2021-01-06", "2021-01-29"), announcement: first.announcement, criteria: undefined },
      refused("announcement-incomplete"),
    ),
    tell("2021-01-05T11:00", "authority", "announcement.published", {
      ...dated("2021-01-06", "2021-01-29"),
      announcement: first.announcement,
    }),
    tell("2021-01-05T15:00", "operator", "application.submitted", applied(first, "2021-01-05"), refused("outside-window")),
    tell("2021-01-20", "operator", "application.submitted", applied(first, "2021-01-19", 1), refused("materials-missing")),
    tell("2021-01-20T11:00", "operator", "application.submitted", applied(first, "2021-01-19")),
    tell("2021-02-01", "authority", "announcement.closed", { announcement: first.announcement }),
    tell("2021-02-01T11:00", "authority", "application.qualification-checked", { application: first.application }),
    tell("2021-02-01T14:00", "authority", "application.publicised", shown(first), refused("scoring-incomplete")),
    tell("2021-02-02", "authority", "application.scored", { application: first.application }),
    // Day 0 is the 3rd: the 7th and the 20th are worked, the 11th to the 17th are the Spring Festival.
    tell("2021-02-03", "authority", "application.publicised", shown(first)),
    tell("2021-02-05", "second", "application.objected", { application: first.application }, refused("not-your-event")),
  ],
};

const signing: Chapter = {
  title: { zh: "三、决策、签约、试运营、正式运营", en: "3. Decision, agreement, trial, operation" },
  tellings: [
    tell("2021-02-09T23:00", "authority", "authorization.decided", decided(first), refused("publicity-too-short")),
    tell("2021-02-10", "authority", "authorization.signed", signed(first, "2021-02-10", "2026-02-10"), refused("decision-missing")),
    tell("2021-02-22", "authority", "authorization.decided", decided(first)),
    tell("2021-03-01", "authority", "authorization.signed", signed(first, "2021-03-01", "2026-03-02"), refused("term-too-long")),
    tell(
      "2021-03-01T11:00",
      "authority",
      "authorization.signed",
      { ...signed(first, "2021-03-01", "2026-03-01"), trial: { until: "2021-09-02" } },
      refused("trial-too-long"),
    ),
    tell("2021-03-01T12:00", "authority", "authorization.signed", {
      ...signed(first, "2021-03-01", "2026-03-01"),
      trial: { until: "2021-09-01" },
    }),
    tell("2021-03-15", "authority", "authorization.filed", { authorization: first.authorization }),
    tell("2021-07-01", "authority", "authorization.trial-assessed", { authorization: first.authorization, security: "failed" }),
    tell("2021-07-02", "authority", "authorization.activated", { authorization: first.authorization }, refused("trial-not-passed")),
    tell("2021-08-30", "authority", "authorization.trial-assessed", { authorization: first.authorization }),
    tell("2021-09-01", "authority", "authorization.activated", { authorization: first.authorization }),
  ],
};

const renewal: Chapter = {
  title: { zh: "八、续期", en: "8. Renewal" },
  tellings: [
    tell(
      "2025-11-20",
      "authority",
      "authorization.renewal-reviewed",
      { authorization: first.authorization },
      refused("renewal-steps-missing"),
    ),
    tell("2025-11-20T11:00", "operator", "authorization.renewal-applied", { authorization: first.authorization }),
    tell("2026-01-08", "authority", "authorization.renewal-reviewed", { authorization: first.authorization }),
    tell("2026-01-20", "authority", "authorization.renewed", signed(first, "2026-01-20", "2031-01-20"), refused("renewal-steps-missing")),
    tell("2026-02-02", "government", "authorization.renewal-deliberated", { authorization: first.authorization }),
    tell("2026-02-20", "authority", "authorization.renewed", signed(first, "2026-02-20", "2031-02-20")),
  ],
};

const secondCase: Chapter = {
  title: { zh: "四、第二项授权", en: "4. A second authorization" },
  tellings: [
    register("2022-01-04", "second"),
    calendar("2022-01-04T11:00", "2022"),
    tell("2022-01-05", "authority", "announcement.published", { ...dated("2022-01-06", "2022-01-21"), announcement: other.announcement }),
    tell("2022-01-12", "second", "application.submitted", applied(other, "2022-01-11")),
    tell("2022-01-24", "authority", "application.qualification-checked", { application: other.application }),
    tell("2022-01-25", "authority", "application.scored", { application: other.application }),
    tell("2022-02-08", "authority", "application.publicised", shown(other)),
    tell("2022-02-10", "operator", "application.objected", { application: other.application }),
    tell("2022-02-16", "authority", "authorization.decided", decided(other), refused("objection-open")),
    tell("2022-02-16T11:00", "authority", "application.objection-settled", { application: other.application }),
    tell("2022-02-16T14:00", "authority", "authorization.decided", decided(other)),
    tell("2022-03-01", "authority", "authorization.signed", signed(other, "2022-03-01", "2027-03-01")),
  ],
};

const ending: Chapter = {
  title: { zh: "六、评估、整改、终止", en: "6. Evaluation, rectification, termination" },
  tellings: [
    tell("2023-03-10", "assessor", "authorization.evaluated", { authorization: other.authorization, grade: "unqualified" }),
    tell("2023-03-20", "authority", "authorization.rectification-ordered", { authorization: other.authorization, due: "2023-09-30" }),
    tell("2023-03-21", "authority", "authorization.terminated", { authorization: other.authorization }, refused("ground-not-met")),
    tell("2023-10-10", "authority", "authorization.rectification-checked", { authorization: other.authorization, result: "passed" }),
    tell("2024-03-11", "assessor", "authorization.evaluated", { authorization: other.authorization, grade: "unqualified" }),
    tell(
      "2024-03-25",
      "authority",
      "authorization.terminated",
      { authorization: other.authorization, consent: undefined },
      refused("ground-not-met"),
    ),
    tell("2024-03-25T11:00", "authority", "authorization.terminated", { authorization: other.authorization }),
  ],
};

const reviewed = { scenario: "yz-scenario-tourism", authorization: other.authorization };
const demanded = [{ resource: "yz-transport-flights", fields: ["date", "delay", "origin"] }];
/** Of the facts of the story, the first: what its pull left on the platform. */
const KEPT = "SuyuanMSP/facts/2/0";

const flow: Chapter = {
  title: { zh: "五、一场景一审核，数据流通", en: "5. One scenario, one review; data flows" },
  tellings: [
    tell("2022-03-02", "transport", "resource.catalogued"),
    tell("2022-03-02T11:00", "second", "scenario.submitted", { ...reviewed, demands: demanded }, refused("resource-not-approved")),
    tell("2022-03-03", "authority", "resource.approved"),
    tell("2022-03-03T11:00", "authority", "resource.published"),
    tell("2022-03-03T14:00", "transport", "resource.registered"),
    tell("2022-03-04", "second", "scenario.submitted", { ...reviewed, demands: demanded }),
    tell("2022-03-04T11:00", "authority", "scenario.approved", { scenario: reviewed.scenario }, refused("consent-missing")),
    tell("2022-03-07", "transport", "scenario.consented", { scenario: reviewed.scenario, resource: "yz-transport-flights" }),
    tell("2022-03-08", "authority", "scenario.approved", { scenario: reviewed.scenario }),
    tell("2022-03-09", "authority", "scenario.registered", { scenario: reviewed.scenario }),
    tell("2022-03-10", "transport", "data.supplied", { ...reviewed, to: PARTIES.second.code }),
    tell(
      "2022-03-10T11:00",
      "second",
      "data.pulled",
      { ...reviewed, fields: ["date", "delay", "origin", "destination"], transfer: undefined, holding: undefined },
      finding("fields-beyond-scenario"),
    ),
    tell("2022-03-10T14:00", "second", "data.pulled", { ...reviewed, fields: ["date", "delay", "origin"] }),
    tell(
      "2022-03-10T16:00",
      "supervisor",
      "finding.closed",
      { event: "SuyuanMSP/facts/1", code: "fields-beyond-scenario" },
      refused("finding-not-settled"),
    ),
    tell("2022-03-11", "supervisor", "finding.confirmed", { event: "SuyuanMSP/facts/1", code: "fields-beyond-scenario" }),
    tell("2022-03-25", "supervisor", "finding.closed", { event: "SuyuanMSP/facts/1", code: "fields-beyond-scenario" }),
    tell("2022-04-01", "second", "product.listed", {
      ...reviewed,
      product: "yz-product-tourism",
      name: "游客到达指数",
      resources: ["yz-transport-flights"],
    }),
    tell(
      "2022-04-01T11:00",
      "second",
      "product.released",
      { product: "yz-product-tourism", authorization: other.authorization, made: [KEPT] },
      refused("product-incomplete"),
    ),
  ],
};

const leaving = { exit: "yz-exit-tourism", authorization: other.authorization };
const exit: Chapter = {
  title: { zh: "七、退出：关权限、清数据、核验、证明", en: "7. Leaving: permissions closed, data cleared, verified, certified" },
  tellings: [
    tell("2024-03-26", "agency", "exit.inventory-frozen", { ...leaving, count: 1 }, refused("exit-unknown")),
    tell("2024-03-26T11:00", "agency", "exit.opened", leaving),
    tell("2024-03-26T14:00", "agency", "exit.permissions-closed", leaving),
    tell("2024-03-27", "agency", "exit.announced", leaving),
    tell("2024-03-28", "second", "data.accessed", reviewed, finding("after-termination")),
    tell("2024-03-29", "agency", "exit.inventory-frozen", { ...leaving, count: 0 }, refused("holding-mismatch")),
    tell("2024-03-29T11:00", "agency", "exit.inventory-frozen", { ...leaving, ...inventory() }),
    tell("2024-04-01", "assessor", "exit.verified", leaving, refused("step-out-of-order")),
    tell("2024-04-02", "agency", "exit.residue-scanned", leaving),
    tell("2024-04-03", "assessor", "exit.verified", leaving, refused("holdings-outstanding")),
    tell("2024-04-08", "agency", "holding.deleted", {
      authorization: other.authorization,
      holding: KEPT,
      digest: digestKept(),
      executorParty: PARTIES.transport.code,
    }),
    tell("2024-04-08T12:00", "agency", "exit.residue-scanned", leaving),
    tell("2024-04-09", "assessor", "exit.verified", leaving, refused("transfers-unreconciled")),
    tell("2024-04-10", "authority", "exit.reconciled", leaving),
    tell("2024-04-11", "transport", "exit.verified", leaving, refused("same-hands")),
    tell("2024-04-11T11:00", "assessor", "exit.verified", leaving),
    tell("2024-04-15", "authority", "exit.certified", leaving),
    tell("2024-04-16", "agency", "exit.completion-announced", leaving),
    tell("2024-09-24", "agency", "exit.logs-disposed", { ...leaving, holdings: [] }, refused("retention-not-over")),
    tell("2024-09-26", "agency", "exit.logs-disposed", { ...leaving, holdings: [] }),
  ],
};

/** What freezing it takes: of the one holding, which has the first slot of its authorization. */
function inventory(): Data {
  const { form } = (eventExamples["suyuan.data.pulled"]?.valid as { holding: { form: Form } }).holding;
  const { scenario } = reviewed;
  return { ...inventoryOf([{ slot: 0, holding: KEPT, digest: String(digestKept()), form, party: PARTIES.second.code, scenario }]) };
}

function digestKept(): unknown {
  return (eventExamples["suyuan.data.pulled"]?.valid as { holding: Data }).holding["digest"];
}

export const CHAPTERS: readonly Chapter[] = [beginnings, selection, signing, secondCase, flow, ending, exit, renewal];

function dated(opens: string, closes: string): Data {
  return { opens, closes };
}
function applied(of: Case, signedOn: string, years = 2): Data {
  return { application: of.application, announcement: of.announcement, form: form(of, signedOn), materials: materials(signedOn, years) };
}
function shown({ application, operator }: Case): Data {
  return { application, name: PARTIES[operator].name.zh };
}
function decided({ authorization, application, operator }: Case): Data {
  return { authorization, application, existing: undefined, operator: PARTIES[operator].code };
}
function signed({ authorization }: Case, on: string, until: string): Data {
  return { authorization, signed: on, until };
}
