/** The story as events: who reports what, in which order. Pure: digests and holdings come from the steps that really ran. */
import { authorization, call, developer, outOfScope, parties, type PartyName, product, resources, scenario } from "./story";
import type { SourceName } from "./sources";
import type { Processing, Pull } from "./step";
import type { DataFile } from "./table";

/** What one party sends. */
export interface Report {
  readonly by: PartyName;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const act = (by: PartyName, type: string, data: Report["data"]): Report => ({ by, type: `suyuan.${type}`, data });

const names = Object.keys(resources) as SourceName[];
const day = (date: Date): string => date.toISOString().slice(0, 10);
const SIGNED_DAYS = 30;
const TERM_DAYS = 365;
const CALL_DAYS = 30;
const DAY_MS = 24 * 3600_000;

const given = { developer: parties.developer.code, scenario: scenario.id };

/** Until data may flow: parties, catalogue, authorization, scenario, developer. @param document the salted digest of a document of that name */
export function permissions(now: Date, document: (name: string) => { readonly digest: string }): readonly Report[] {
  // The demonstration begins with an authorization that is older than its ledger; the story of a city plays the steps before one.
  const signed = day(new Date(now.getTime() - SIGNED_DAYS * DAY_MS));
  return [
    ...Object.entries(parties)
      .filter(([name]) => name !== "authority")
      .map(([, { code, name, roles }]) => act("authority", "party.registered", { code, name: name.zh, roles })),
    ...names.flatMap((key) => {
      const { id, name, fields, sensitivity, frequency, source } = resources[key];
      return [
        act(source, "resource.catalogued", { resource: id, name: name.zh, fields, sensitivity, frequency, format: "CSV/JSON" }),
        act("authority", "resource.approved", { resource: id, opinion: document(`${id} 目录审核意见`) }),
        act("authority", "resource.published", { resource: id }),
        act(source, "resource.registered", { resource: id, ownership: parties[source].name.zh, registration: `${id}-reg` }),
      ];
    }),
    act("authority", "authorization.decided", {
      authorization: authorization.id,
      existing: { document: document("公共数据资源授权运营协议"), signedOn: signed },
      operator: parties.operator.code,
      scope: authorization.scope.zh,
      decision: document("三重一大决策纪要"),
    }),
    act("authority", "authorization.signed", {
      authorization: authorization.id,
      signed,
      until: day(new Date(now.getTime() + TERM_DAYS * DAY_MS)),
      agreement: document("公共数据资源授权运营协议"),
    }),
    act("operator", "scenario.submitted", {
      scenario: scenario.id,
      authorization: authorization.id,
      name: scenario.name.zh,
      purpose: scenario.purpose.zh,
      demands: names.map((key) => ({ resource: resources[key].id, fields: resources[key].demanded })),
    }),
    ...names.map((key) => act(resources[key].source, "scenario.consented", { scenario: scenario.id, resource: resources[key].id })),
    act("authority", "scenario.approved", { scenario: scenario.id, opinion: document("场景审核意见") }),
    act("authority", "scenario.registered", { scenario: scenario.id, registration: scenario.registration }),
    act("operator", "developer.call-published", {
      scenario: scenario.id,
      authorization: authorization.id,
      conditions: developer.conditions.zh,
      opens: day(new Date(now.getTime() - DAY_MS)),
      closes: day(new Date(now.getTime() + CALL_DAYS * DAY_MS)),
      document: document("开发主体遴选公告"),
    }),
    act("developer", "developer.applied", { ...given, affiliation: "none", qualification: document("行业资质证明") }),
    act("operator", "developer.verified", { ...given, opinion: document("注册申请核查意见") }),
    act("operator", "developer.selected", { ...given, opinion: document("遴选结果") }),
    act("operator", "developer.authorised", {
      ...given,
      from: day(now),
      until: day(new Date(now.getTime() + TERM_DAYS * DAY_MS)),
      agreement: document("二级授权协议"),
    }),
  ];
}

/** What the platform's working directory is called on the ledger. */
export const PLATFORM = "平台工作区";

const weight = ({ sha256, bytes, rows }: DataFile) => ({ digest: sha256, bytes, rows });
const held = (file: DataFile, form: string) => ({ ...weight(file), form, place: `${PLATFORM}/${basename(file.path)}`, platform: "on" });
const basename = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** The department's file, as it lay in the city base when it was pulled. */
export const aggregated = (step: Pull): Report =>
  act(resources[step.source].source, "data.aggregated", {
    resource: resources[step.source].id,
    version: step.tool.version,
    ...weight(step.inputs[0] ?? step.output),
  });

/** The department's own word on what it handed out: what it reports of a transfer is held against what the operator reports. */
export const supplied = (step: Pull): Report =>
  act(resources[step.source].source, "data.supplied", {
    authorization: authorization.id,
    scenario: scenario.id,
    resource: resources[step.source].id,
    transfer: transferOf(step),
    to: parties.operator.code,
    ...weight(step.output),
  });

const transferOf = ({ source }: Pull): string => `${resources[source].id}-1`;

/** @param purpose another than the scenario's: then nobody supplied it */
export const pulled = (step: Pull, purpose?: string): Report =>
  act("operator", "data.pulled", {
    authorization: authorization.id,
    scenario: scenario.id,
    resource: resources[step.source].id,
    fields: step.fields,
    purpose: purpose ?? scenario.purpose.zh,
    rows: step.output.rows,
    holding: held(step.output, "raw"),
    ...(purpose === undefined ? { transfer: transferOf(step) } : {}),
  });

/** @param holdingOf the name under which a file is held */
export const processed = (step: Processing, holdingOf: (file: DataFile) => string): Report =>
  act("operator", "data.processed", {
    authorization: authorization.id,
    scenario: scenario.id,
    step: step.step,
    tool: `${step.tool.name} ${step.tool.version}`,
    inputs: step.inputs.map(holdingOf),
    holdings: [held(step.output, step.step === "integrate" ? "product" : "intermediate")],
  });

/** From the list to the release. */
export function release(file: DataFile, holding: string, document: (name: string) => { readonly digest: string }): readonly Report[] {
  const it = { product: product.id };
  return [
    act("operator", "product.listed", {
      ...it,
      authorization: authorization.id,
      scenario: scenario.id,
      name: product.name.zh,
      type: product.type,
      audience: product.audience.zh,
      resources: names.map((key) => resources[key].id),
      pricing: product.pricing,
    }),
    act("authority", "product.list-approved", { ...it, opinion: document("产品清单审核意见") }),
    act("operator", "product.compliance-reviewed", { ...it, opinion: document("合规审查报告") }),
    act("authority", "product.outbound-approved", { ...it, opinion: document("产品出域审批") }),
    act("operator", "product.registered", { ...it, registration: product.registration }),
    act("operator", "product.released", {
      ...it,
      authorization: authorization.id,
      version: product.version,
      digest: file.sha256,
      rows: file.rows,
      made: [holding],
    }),
  ];
}

export const called = (rows: number): Report =>
  act("operator", "product.called", {
    product: product.id,
    caller: parties.developer.code,
    call: call.id,
    rows,
    charged: 0,
    purpose: call.purpose.zh,
  });

export const OUT_OF_SCOPE_PURPOSE = outOfScope.purpose.zh;
