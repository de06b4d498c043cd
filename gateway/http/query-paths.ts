/** What can be read, for OpenAPI. */
import type { JsonSchema } from "../../chaincode/events/schema";
import { ENTITY_KINDS } from "../index/provenance";
import { SUBJECT_KINDS } from "../index/subjects";
import { ruleCodes } from "../labels";
import { ref } from "./answer-schemas";
import { answer, inPath, inQuery, json, operation } from "./operation";

const count: JsonSchema = { type: "integer", minimum: 0 };
const leafHash = inPath("leafHash", "SHA-256(0x00 || leaf), as intake answered it", { type: "string", pattern: "^[0-9a-f]{64}$" });
const limit = inQuery("limit", "At most so many", { type: "integer", minimum: 1, maximum: 1000, default: 100 });
const cursor = inQuery("cursor", "`next` of the page before");
const asOf = inQuery("asOf", "As the ledger stood then", { type: "string", format: "date-time" });
const order = inQuery("order", "By the ledger's order", { enum: ["newest", "oldest"], default: "newest" });
const subjectKind = inPath("kind", "What kind of subject", { enum: SUBJECT_KINDS });
const id = inPath("id", "Its number; of a party, the unified social credit code");

/** A page: its items under their name, the height that they reflect, and where the next page begins. */
const page = (name: string, item: JsonSchema): JsonSchema => ({
  type: "object",
  properties: {
    height: { ...count, description: "Blocks of the ledger that the answer reflects" },
    [name]: { type: "array", items: item },
    next: { type: "string", description: "`cursor` of the next page; absent on the last" },
  },
  required: ["height", name],
});

export const queryPaths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>> = {
  "/v1/events/{leafHash}": {
    get: operation("event", {
      tag: "events",
      zh: "事件状态",
      en: "An event: where it stands, what it says, what was found",
      parameters: [leafHash],
      answers: { 200: answer("The event", json(ref("EventRecord"))) },
      problems: ["not-found", "not-allowed"],
    }),
  },
  "/v1/receipts/{leafHash}": {
    get: operation("receipt", {
      tag: "evidence",
      zh: "存证凭证",
      en: "The receipt of an event that is on the ledger",
      parameters: [leafHash],
      answers: { 200: answer("The receipt", json(ref("Receipt"))) },
      problems: ["not-found", "not-allowed", "ledger-unavailable"],
    }),
  },
  "/v1/trace/{kind}/{id}": {
    get: operation("trace", {
      tag: "trace",
      zh: "溯源",
      en: "From a product back to its sources, from a resource forward to products",
      parameters: [
        inPath("kind", "What to start from", { enum: ENTITY_KINDS }),
        inPath("id", "Its number; of a holding, its name with its slashes percent-encoded"),
        inQuery("direction", "Back to the sources, or forward to the products", { enum: ["sources", "products"] }),
        inQuery("depth", "Events between the start and the farthest thing shown", { type: "integer", minimum: 1 }),
        limit,
        cursor,
        asOf,
      ],
      answers: { 200: answer("The trace", json(ref("Trace"))) },
      problems: ["query-invalid", "not-found", "not-allowed"],
    }),
  },
  "/v1/subjects/{kind}": {
    get: operation("subjects", {
      tag: "trace",
      zh: "清单",
      en: "All subjects of a kind",
      parameters: [subjectKind, limit, cursor],
      answers: { 200: answer("A page", json(page("subjects", ref("Subject")))) },
      problems: ["query-invalid", "not-found", "not-allowed"],
    }),
  },
  "/v1/subjects/{kind}/{id}": {
    get: operation("subject", {
      tag: "trace",
      zh: "当前状态",
      en: "A subject and its current state",
      parameters: [subjectKind, id],
      answers: { 200: answer("The subject", json(ref("Subject"))) },
      problems: ["not-found", "not-allowed"],
    }),
  },
  "/v1/subjects/{kind}/{id}/events": {
    get: operation("history", {
      tag: "trace",
      zh: "完整历史",
      en: "Every event about a subject",
      parameters: [subjectKind, id, order, limit, cursor, asOf],
      answers: { 200: answer("A page", json(page("events", ref("EventRecord")))) },
      problems: ["query-invalid", "not-found", "not-allowed"],
    }),
  },
  "/v1/search": {
    get: operation("search", {
      tag: "trace",
      zh: "查找",
      en: "By name, credit code, number, digest of a file, hash of an event, name of a holding",
      parameters: [inQuery("q", "What one has in hand", { type: "string", minLength: 1 }, true), limit],
      answers: { 200: answer("What was found, best first", json(ref("SearchResult"))) },
      problems: ["query-invalid", "not-allowed"],
    }),
  },
  "/v1/holdings": {
    get: operation("holdings", {
      tag: "trace",
      zh: "留存数据",
      en: "Holdings of an authorization",
      parameters: [
        inQuery("authorization", "Its number", { type: "string" }, true),
        inQuery("state", "What became of them", { enum: ["outstanding", "deleted", "retained", "struck"], default: "outstanding" }),
        limit,
        cursor,
      ],
      answers: { 200: answer("A page", json(page("holdings", ref("Holding")))) },
      problems: ["query-invalid", "not-allowed"],
    }),
  },
  "/v1/findings": {
    get: operation("findings", {
      tag: "trace",
      zh: "疑似问题",
      en: "Events with findings, the newest first",
      parameters: [
        inQuery("code", "Of the finding", { enum: ruleCodes }),
        inQuery("party", "Credit code of the party that reported"),
        inQuery("kind", "With `id`: about this subject", { enum: SUBJECT_KINDS }),
        inQuery("id", "With `kind`: about this subject"),
        order,
        limit,
        cursor,
        asOf,
      ],
      answers: { 200: answer("A page", json(page("events", ref("EventRecord")))) },
      problems: ["query-invalid", "not-allowed"],
    }),
  },
  "/v1/stats": {
    get: operation("stats", {
      tag: "trace",
      zh: "统计",
      en: "Events by type, findings by code",
      parameters: [asOf],
      answers: { 200: answer("The counts", json(ref("Stats"))) },
      problems: ["query-invalid", "not-allowed"],
    }),
  },
};
