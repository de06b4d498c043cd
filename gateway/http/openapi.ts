/** `/openapi.json`: OpenAPI 3.1, made from the vocabulary, the codes of problems and the routes. */
import { MAX_LEAF_BYTES } from "../../chaincode/batch";
import { vocabulary } from "../../chaincode/events/vocabulary";
import type { JsonSchema } from "../../chaincode/events/schema";
import { answerSchemas, ref } from "./answer-schemas";
import { exampleReport, reportSchemas } from "./event-schemas";
import { limits } from "./limits";
import { answer, json, operation } from "./operation";
import { queryPaths } from "./query-paths";

const INTRODUCTION = `A ledger for the authorised operation of public data (公共数据资源授权运营存证与溯源).

Report events with \`POST /v1/events\`: **facts** (行为记录) are acknowledged in milliseconds with a promise (受理回执) and anchored soon after;
**acts** (办理事项) are answered once the ledger has recorded or refused them. Send an event again, unchanged and with the same \`source\` and \`id\`,
whenever you do not know what became of it: it counts once. Problems are RFC 9457 documents with stable codes, in Chinese and English
(\`Accept-Language\`). What is read says which height of the ledger it reflects; receipts (存证凭证) are verified offline.`;

export function openApi(): JsonSchema {
  const reports = reportSchemas();
  const types = Object.keys(reports);
  return {
    openapi: "3.1.1",
    info: { title: "Suyuan 溯源", version: "1", license: { name: "Apache-2.0", identifier: "Apache-2.0" }, description: INTRODUCTION },
    servers: [{ url: "/" }],
    tags: [
      { name: "events", description: "上报与查询事件 · Reporting events and asking what became of them" },
      { name: "trace", description: "溯源与查询 · Tracing and looking things up" },
      { name: "evidence", description: "存证凭证与账簿 · Receipts and journals, for any verifier" },
      { name: "operations", description: "运行维护 · For those who run the gateway" },
    ],
    security: [{ token: [] }],
    paths: { ...queryPaths, "/v1/events": { post: intake(), ...queryPaths["/v1/events"] }, ...operationsPaths },
    components: {
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description:
            "Signed with EdDSA or ES256 by a key of the configured set; `aud` is `suyuan`; claims `party` (credit code), `role` (one or a list), `exp`",
        },
      },
      schemas: {
        EventReport: {
          title: "上报的事件 · An event as its sender writes it",
          oneOf: types.map(ref),
          discriminator: {
            propertyName: "type",
            mapping: Object.fromEntries(types.map((type) => [type, `#/components/schemas/${type}`])),
          },
        },
        ...reports,
        ...answerSchemas,
      },
    },
  };
}

function intake(): JsonSchema {
  const one = ref("EventReport");
  const several: JsonSchema = { type: "array", items: one, maxItems: limits.items };
  const examples = Object.fromEntries(
    ["suyuan.data.pulled", "suyuan.scenario.submitted"].flatMap((type) => {
      const it = vocabulary.get(type);
      return it === undefined ? [] : [[type, { value: exampleReport(it) }]];
    }),
  );
  return operation("reportEvents", {
    tag: "events",
    zh: "上报事件",
    en: "Report events",
    detail:
      "One event is answered with 201, 202 or a problem; an array, a CloudEvents batch or a stream of lines always with 200 and one result each, in their " +
      "order: one bad item fails alone. CloudEvents binary mode is taken too: the data as JSON, attributes in `ce-` headers. " +
      `Limits: ${limits.items} events and ${limits.bodyBytes / 1024 / 1024} MiB a request, ${limits.lineBytes / 1024} KiB a line of a stream, which itself has no ` +
      `limit; ${MAX_LEAF_BYTES} bytes an event, nested ${limits.depth} deep.`,
    body: {
      required: true,
      content: {
        "application/json": { schema: { anyOf: [one, several] }, examples },
        "application/cloudevents+json": { schema: one },
        "application/cloudevents-batch+json": { schema: several },
        "application/x-ndjson": { schema: { type: "string", description: "An event a line" } },
      },
    },
    answers: {
      200: answer("Several events: one result each, in their order", {
        ...json({ type: "array", items: ref("Result") }),
        "application/x-ndjson": { schema: { type: "string", description: "A result a line" } },
      }),
      201: answer("An act that is on the ledger", json(ref("Result"))),
      202: answer("A fact that is durable here, with its promise; or an act of which the ledger has not spoken yet", json(ref("Result"))),
    },
    problems: [
      "malformed-json",
      "invalid-utf8",
      "lone-surrogate",
      "duplicate-key",
      "prototype-key",
      "inexact-number",
      "too-deep",
      "foreign-party",
      "role-not-allowed",
      "conflicting-report",
      "too-large",
      "too-many-items",
      "unsupported-charset",
      "unsupported-media-type",
      "unsupported-encoding",
      "unknown-type",
      "schema-invalid",
      "recordedtime-given",
      "personal-information",
      "outbox-full",
      "ledger-unavailable",
      "storage-unavailable",
      "stopping",
    ],
    refusedByRule: true,
  });
}

const status = json({ type: "object" });

const operationsPaths: Readonly<Record<string, JsonSchema>> = {
  "/healthz": {
    get: operation("isAlive", {
      tag: "operations",
      zh: "是否存活",
      en: "Whether it lives",
      open: true,
      answers: { 200: answer("It does", status) },
      problems: [],
    }),
  },
  "/readyz": {
    get: operation("isReady", {
      tag: "operations",
      zh: "是否受理",
      en: "Whether it takes events",
      open: true,
      answers: { 200: answer("It does", status), 503: answer("It is stopping", status) },
      problems: [],
    }),
  },
  "/metrics": {
    get: operation("metrics", {
      tag: "operations",
      zh: "运行指标",
      en: "Figures, for Prometheus",
      open: true,
      answers: { 200: answer("Exposition format 0.0.4", { "text/plain": { schema: { type: "string" } } }) },
      problems: [],
    }),
  },
  "/openapi.json": {
    get: operation("openApi", {
      tag: "operations",
      zh: "接口说明",
      en: "This document",
      open: true,
      answers: { 200: answer("OpenAPI 3.1", status) },
      problems: [],
    }),
  },
};
