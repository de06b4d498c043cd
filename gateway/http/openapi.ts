/** `/openapi.json`: OpenAPI 3.1, made from the vocabulary, the codes of problems and the routes. */
import { MAX_LEAF_BYTES } from "../../chaincode/batch";
import { vocabulary } from "../../chaincode/events/vocabulary";
import type { JsonSchema } from "../../chaincode/events/schema";
import { answerSchemas, ref } from "./answer-schemas";
import { exampleReport, reportSchemas } from "./event-schemas";
import { limits } from "./limits";
import { operation, queryOperation } from "./operation";
import { queries } from "./queries";
import { TAGS } from "./query";

const INTRODUCTION = `A ledger for the authorised operation of public data (公共数据资源授权运营存证与溯源).

Report events with \`POST /v1/events\`: **facts** (行为记录) are acknowledged in milliseconds with a promise (受理回执) and anchored soon after;
**acts** (办理事项) are answered once the ledger has recorded or refused them. Send an event again, unchanged and with the same \`source\` and \`id\`,
whenever you do not know what became of it: it counts once. Problems are RFC 9457 documents with stable codes, in Chinese and English
(\`Accept-Language\`). What is read says which height of the ledger it reflects; receipts (存证凭证) are verified offline.`;

export function openApi(): JsonSchema {
  const reports = reportSchemas();
  const types = Object.keys(reports);
  const paths = Object.fromEntries(queries.map((query) => [query.path, { get: queryOperation(query) }]));
  return {
    openapi: "3.1.1",
    info: { title: "Suyuan 溯源", version: "1", license: { name: "Apache-2.0", identifier: "Apache-2.0" }, description: INTRODUCTION },
    servers: [{ url: "/" }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    security: [{ token: [] }],
    paths: { ...paths, "/v1/events": { post: intake(), ...paths["/v1/events"] } },
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
  const result = { "application/json": { schema: ref("Result") } };
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
      200: {
        description: "Several events: one result each, in their order",
        content: {
          "application/json": { schema: { type: "array", items: ref("Result") } },
          "application/x-ndjson": { schema: { type: "string", description: "A result a line" } },
        },
      },
      201: { description: "An act that is on the ledger", content: result },
      202: {
        description: "A fact that is durable here, with its promise; or an act of which the ledger has not spoken yet",
        content: result,
      },
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
      "ledger-busy",
      "storage-unavailable",
      "stopping",
    ],
    refusedByRule: true,
  });
}
