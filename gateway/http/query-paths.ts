/** What can be read, for OpenAPI. A line for each route of `queries.ts`. */
import type { JsonSchema } from "../../chaincode/events/schema";
import { HOLDING_STATES } from "../index/holdings";
import { ENTITY_KINDS } from "../index/provenance";
import { SUBJECT_KINDS } from "../index/subjects";
import { ruleCodes } from "../labels";
import { eventState, height, listOf, object, ref, subjectState } from "./answer-schemas";
import { answer, inPath, inQuery, json, type Operation, operation } from "./operation";

const text: JsonSchema = { type: "string" };
const leafHash = inPath("leafHash", "SHA-256(0x00 || leaf), as intake answered it", { type: "string", pattern: "^[0-9a-f]{64}$" });
const atMost = (unset: number, maximum: number): JsonSchema =>
  inQuery("limit", "At most so many", { type: "integer", minimum: 1, maximum, default: unset });
const limit = atMost(100, 1000);
const cursor = inQuery("cursor", "`next` of the page before");
const asOf = inQuery("asOf", "As the ledger stood then", { type: "string", format: "date-time" });
const order = inQuery("order", "By the ledger's order", { enum: ["newest", "oldest"], default: "newest" });
const subjectKind = inPath("kind", "What kind of subject", { enum: SUBJECT_KINDS });
const subjectId = inPath("id", "Its number; of a party, the unified social credit code");
const journal = inPath("journal", "`MSPID/name`, its slash percent-encoded: `SuyuanMSP%2Ffacts`");

/** A page: its items under their name, and where the next one begins. */
const page = (name: string, item: string): JsonSchema => object({ height, [name]: listOf(ref(item)), "next?": text });

type Query = Omit<Operation, "problems"> & Partial<Pick<Operation, "problems">>;

const get = (id: string, query: Query): { readonly get: JsonSchema } => ({ get: operation(id, { problems: [], ...query }) });

/** A query that needs a token of anyone but the public. */
const read = (id: string, { problems = [], ...query }: Query): { readonly get: JsonSchema } =>
  get(id, { ...query, problems: [...problems, "query-invalid", "not-allowed"] });

export const queryPaths: Readonly<Record<string, { readonly get: JsonSchema }>> = {
  "/v1/events": read("eventsOfPair", {
    tag: "events",
    zh: "按来源和编号查询事件",
    en: "Events with a source and id",
    parameters: [inQuery("source", "As it was reported", text, true), inQuery("id", "As it was reported", text, true)],
    answers: { 200: answer("The first is the one that counts", json(object({ height, events: listOf(ref("EventState")) }))) },
    problems: ["not-found"],
  }),
  "/v1/events/{leafHash}": read("event", {
    tag: "events",
    zh: "事件状态",
    en: "Where an event stands, what it says, what was found",
    parameters: [leafHash],
    answers: { 200: answer("The event", json(object({ height, ...eventState }))) },
    problems: ["not-found"],
  }),
  "/v1/receipts/{leafHash}": read("receipt", {
    tag: "evidence",
    zh: "存证凭证",
    en: "The receipt of an event that is on the ledger",
    parameters: [leafHash],
    answers: { 200: answer("The receipt, canonical JSON: keep it as it is", json(ref("Receipt"))) },
    problems: ["not-found", "ledger-unavailable"],
  }),
  "/v1/trace/{kind}/{id}": read("trace", {
    tag: "trace",
    zh: "溯源",
    en: "From a product back to its sources, or from a resource forward to the products",
    parameters: [
      inPath("kind", "What to start from", { enum: ENTITY_KINDS }),
      inPath("id", "Its number; of a holding, its name with its slashes percent-encoded"),
      inQuery("direction", "Back to the sources, or forward to the products", { enum: ["sources", "products"], default: "sources" }),
      inQuery("depth", "Events between the start and the farthest thing shown", {
        type: "integer",
        minimum: 1,
        maximum: 1000,
        default: 100,
      }),
      atMost(500, 5000),
      cursor,
      asOf,
    ],
    answers: {
      200: answer("The trace", {
        ...json(ref("Trace")),
        "application/prov+json": { schema: { type: "object", description: "W3C PROV-JSON" } },
        "text/csv": { schema: { type: "string", description: "A line for each thing that an event used or generated" } },
      }),
    },
    problems: ["not-found"],
  }),
  "/v1/subjects/{kind}": read("subjects", {
    tag: "trace",
    zh: "清单",
    en: "All subjects of a kind",
    parameters: [subjectKind, limit, cursor],
    answers: { 200: answer("A page", json(page("subjects", "Subject"))) },
    problems: ["not-found"],
  }),
  "/v1/subjects/{kind}/{id}": read("subject", {
    tag: "trace",
    zh: "当前状态",
    en: "A subject, its current state and how it was used",
    parameters: [subjectKind, subjectId],
    answers: { 200: answer("The subject", json(object({ height, ...subjectState, uses: ref("Tally") }))) },
    problems: ["not-found"],
  }),
  "/v1/subjects/{kind}/{id}/events": read("history", {
    tag: "trace",
    zh: "完整历史",
    en: "Every event about a subject",
    parameters: [subjectKind, subjectId, order, limit, cursor, asOf],
    answers: { 200: answer("A page", json(page("events", "EventRecord"))) },
    problems: ["not-found"],
  }),
  "/v1/search": read("search", {
    tag: "trace",
    zh: "查找",
    en: "By name, credit code, number, digest of a file, hash of an event, name of a holding",
    parameters: [inQuery("q", "What one has in hand", { type: "string", minLength: 1, maxLength: 256 }, true), limit],
    answers: {
      200: answer(
        "What was found, best first",
        json(object({ height, subjects: listOf(ref("Subject")), holdings: listOf(ref("Holding")), events: listOf(ref("EventRecord")) })),
      ),
    },
  }),
  "/v1/holdings": read("holdings", {
    tag: "trace",
    zh: "留存数据",
    en: "Holdings of an authorization",
    parameters: [
      inQuery("authorization", "Its number", text, true),
      inQuery("state", "What became of them", { enum: HOLDING_STATES, default: "outstanding" }),
      limit,
      cursor,
    ],
    answers: { 200: answer("A page", json(page("holdings", "Holding"))) },
  }),
  "/v1/findings": read("findings", {
    tag: "trace",
    zh: "疑似问题",
    en: "Events with findings",
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
    answers: { 200: answer("A page; it may be short, and still have a next one", json(page("events", "EventRecord"))) },
  }),
  "/v1/stats": read("stats", {
    tag: "trace",
    zh: "统计",
    en: "Events by type, findings by code",
    parameters: [asOf],
    answers: { 200: answer("The counts", json(object({ height, types: ref("Tally"), findings: ref("Tally") }))) },
  }),
  "/v1/journals": get("journals", {
    tag: "evidence",
    zh: "账簿清单",
    en: "All journals with their heads",
    open: true,
    answers: { 200: answer("The journals", json(object({ height, journals: listOf(ref("Journal")) }))) },
    problems: ["query-invalid"],
  }),
  "/v1/journals/{journal}/checkpoint": get("checkpoint", {
    tag: "evidence",
    zh: "账簿头",
    en: "The signed head of a journal of this gateway",
    open: true,
    parameters: [journal],
    answers: { 200: answer("C2SP tlog-checkpoint", { "text/plain": { schema: text } }) },
    problems: ["query-invalid", "not-found", "ledger-unavailable"],
  }),
  "/v1/journals/{journal}/consistency": get("consistency", {
    tag: "evidence",
    zh: "账簿前后一致证明",
    en: "That a later head of a journal continues an earlier one",
    open: true,
    parameters: [
      journal,
      inQuery("from", "Earlier size", { type: "integer", minimum: 0, default: 0 }),
      inQuery("to", "Later size; the newest where it is left out", { type: "integer", minimum: 0 }),
    ],
    answers: { 200: answer("RFC 6962, 2.1.2", json(ref("Consistency"))) },
    problems: ["query-invalid", "not-found"],
  }),
  "/v1/journals/{journal}/tile/{path}": get("tile", {
    tag: "evidence",
    zh: "账簿分片",
    en: "A tile of a journal",
    open: "partly",
    detail: "C2SP tlog-tiles: `0/x001/067`, `1/000.p/5`, `entries/000`. Hashes are public; entries need a token.",
    parameters: [journal, inPath("path", "Level, index and width; its slashes stay as they are")],
    answers: { 200: answer("The tile", { "application/octet-stream": {} }) },
    problems: ["query-invalid", "not-found", "not-allowed"],
  }),
};
