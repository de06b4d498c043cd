/** JSON Schemas of what the gateway answers, for OpenAPI. */
import { ROLES, SUBJECT_KINDS } from "../../chaincode/events/definition";
import { VERIFICATIONS } from "../evidence/exit-statement";
import { HEAD_FORMAT } from "../evidence/journal-export";
import { receiptFields } from "../evidence/receipt";
import type { JsonSchema } from "../../chaincode/events/schema";
import { ENTITY_KINDS } from "../index/provenance";
import { DUTY_NAMES } from "../index/duties";
import { FINDING_STATES } from "../index/handling";
import { OVERDUE_CODES } from "../index/open-duties";
import { CAPACITIES } from "../index/transfer-sides";
import { ruleCodes } from "../labels";
import { STATUS } from "./problem";

export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

const text: JsonSchema = { type: "string" };
const count: JsonSchema = { type: "integer", minimum: 0 };
const time: JsonSchema = { type: "string", format: "date-time" };
const hash: JsonSchema = { type: "string", pattern: "^[0-9a-f]{64}$" };
const base64: JsonSchema = { type: "string", contentEncoding: "base64" };
const date: JsonSchema = { type: "string", format: "date" };
const yes: JsonSchema = { const: true };
const record: JsonSchema = { type: "object" };
export const listOf = (items: JsonSchema): JsonSchema => ({ type: "array", items });
const says = (schema: JsonSchema, description: string): JsonSchema => ({ ...schema, description });

export type Members = Readonly<Record<string, JsonSchema>>;

/** An object with these members; those whose names end with a question mark may be missing. */
export function object(members: Members): JsonSchema {
  const entries = Object.entries(members);
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([name, schema]) => [name.replace("?", ""), schema])),
    required: entries.filter(([name]) => !name.endsWith("?")).map(([name]) => name),
  };
}

/** A page: its items under their name, and where the next one begins. */
export const page = (name: string, item: string): Members => ({ [name]: listOf(ref(item)), "next?": text });

const titled = (title: string, members: Members): JsonSchema => ({ title, ...object(members) });

const position: Members = { journal: says(text, "`MSPID/name`"), index: says(count, "Of the event in its journal") };
export const height = says(count, "Blocks of the ledger that the answer reflects");
const subject: Members = { kind: { enum: SUBJECT_KINDS }, id: text };
const entity: Members = { kind: { enum: ENTITY_KINDS }, id: text };
const words = object({ title: text, detail: text, next: says(text, "What to do") });

const STATES =
  "`accepted` 已受理: durable here, will be anchored · `anchored` 已上链: on the ledger · `pending` 待定: the ledger has not said yet, ask again by " +
  "sending the same event · `refused` 未受理: nothing was stored · `quarantined` 待处置: on the ledger, without effect";

const findings = listOf(ref("Finding"));
const corrections = says(
  listOf(
    object({
      ...position,
      event: says(text, "Of which it speaks"),
      "replacement?": says(text, "What replaces that"),
      ...{ type: text, party: text, recorded: time, block: count },
    }),
  ),
  "What was said of it afterwards: voided, corrected, annulled, withdrawn; or that it replaces another",
);
const recorded: Members = {
  ...position,
  leafHash: hash,
  block: count,
  recorded: says(time, "When the ledger recorded it"),
  findings,
  "corrections?": corrections,
  "correctionsInAll?": says(ref("Tally"), "By type how many there are, where that is more than are shown"),
  "repeated?": says(yes, "The same source and id came before: not counted"),
  "quarantined?": yes,
  "event?": ref("RecordedEvent"),
  "leaf?": says(text, "In place of an event that could not be judged: the leaf as it is"),
};
const finding: Members = {
  code: { enum: ruleCodes },
  "clause?": says(text, "Of the plan; absent where the rule is ours"),
  "missing?": says(listOf(text), "What is missing, or too much"),
};
/** What somebody said of a transfer. */
const report: Members = { ...position, party: text, "rows?": count, "bytes?": count, "digest?": hash };
const heard: Members = {
  ...report,
  as: says({ enum: CAPACITIES }, "In what capacity it spoke: of the resource, of the authorization, of the city base"),
};
const side = object(heard);
const sideName = { enum: ["supplied", "pulled"] };
const earlierSide = object({ ...heard, side: sideName });
const otherSide = object({ ...report, side: sideName });
const amounts = object({ transfers: count, rows: count, bytes: count });
const named = object({ id: text, "name?": text });
/** Known of an event from the moment it is durable. */
const inOutbox = ["journal", "index", "leafHash"];

export const eventState: Members = {
  ...Object.fromEntries(
    Object.entries(recorded).map(([name, schema]) => [inOutbox.includes(name) ? name : `${name.replace("?", "")}?`, schema]),
  ),
  state: says({ enum: ["accepted", "anchored", "quarantined"] }, STATES),
  "transactionId?": says(text, "The transaction that recorded it"),
};

export const subjectState: Members = { ...subject, "name?": text, "state?": says({}, "What rules know of it") };

export const consistency: Members = { journal: text, from: count, to: count, path: listOf(base64) };

/** An event in a trace. */
const reference: Members = {
  ...position,
  leafHash: { type: "string", pattern: "^(?:[0-9a-f]{64})?$" },
  type: text,
  party: text,
  time: says(text, "RFC 3339: when it happened, as reported"),
  recorded: says(text, "RFC 3339: when the ledger recorded it"),
  subjects: listOf(object(subject)),
  "corrections?": corrections,
  "correctionsInAll?": says(ref("Tally"), "By type how many there are, where that is more than are shown"),
  "withheld?": says(yes, "Not for the asker: where it stands, and nothing more; texts are empty"),
};

const duty: Members = {
  duty: { enum: DUTY_NAMES },
  "part?": says(text, "Which of several of that name that the same event began: a year, an authorization"),
  zh: text,
  en: text,
  "clause?": says(text, "Of the plan; absent where the duty is ours"),
  subject: says(object(subject), "What it is about"),
  role: { enum: ROLES },
  "party?": says(text, "Credit code of who owes it, where it is known"),
  since: time,
  "from?": says(date, "The first day on which it may be done; absent where any is"),
  due: says(date, "The last day, in China"),
  daysLeft: says({ type: "integer" }, "From today: 0 on the last day, negative when it is overdue"),
  "event?": says(object(position), "The event that began it"),
  "code?": says({ enum: OVERDUE_CODES }, "Where it is overdue"),
};

export const answerSchemas: Readonly<Record<string, JsonSchema>> = {
  Result: titled("受理结果 · What became of one event", {
    "source?": text,
    "id?": text,
    state: says({ enum: ["accepted", "anchored", "pending", "refused", "quarantined"] }, STATES),
    "leafHash?": says(hash, "SHA-256(0x00 || leaf): what the event is called from now on"),
    "journal?": position["journal"] as JsonSchema,
    "index?": position["index"] as JsonSchema,
    "promise?": titled(
      "受理回执 · Promise: the JWS speaks for the root of the leaves made durable together, `path` leads from this leaf to it",
      {
        jws: text,
        path: base64,
      },
    ),
    "problem?": ref("Problem"),
  }),
  Problem: titled("错误 · Problem (RFC 9457)", {
    type: { type: "string", format: "uri" },
    title: text,
    detail: text,
    next: says(text, "What to do"),
    status: { type: "integer" },
    code: says({ enum: [...new Set([...Object.keys(STATUS), ...ruleCodes])] }, "Stable, unlike the words"),
    instance: says({ type: "string", format: "uri" }, "Names this occurrence in the gateway's log"),
    zh: words,
    en: words,
    "pointer?": says(text, "Where in the event (JSON Pointer), or which parameter"),
    "reason?": says(text, "What is wrong there: a keyword of JSON Schema"),
    "clause?": says(text, "Clause of the plan in which the broken rule stands"),
    "missing?": listOf(text),
    "breaches?": says(findings, "Every rule that the act broke"),
  }),
  Finding: titled("疑似问题 · Finding", finding),
  FoundFinding: titled("疑似问题及其处置 · A finding and what became of it", {
    ...finding,
    zh: text,
    en: text,
    state: says({ enum: FINDING_STATES }, "What has been done about it last"),
    "party?": says(text, "Credit code of who has to explain it"),
    "duty?": says(text, "Of an overdue duty: what events of the family `finding` call it"),
  }),
  FoundEvent: titled("有疑似问题的存证事件 · An event with its findings as they are now", {
    ...recorded,
    findings: listOf(ref("FoundFinding")),
    "emergency?": says(yes, "An emergency use (应急): looked at later"),
  }),
  Transfer: titled("供数与调取 · A transfer and what both sides said of it", {
    "authorization?": text,
    "scenario?": text,
    resource: text,
    transfer: text,
    "source?": says(text, "Credit code of the party whose data it is; absent where nobody registered the resource"),
    leg: { enum: ["to-base", "to-operator"] },
    "supplied?": side,
    "pulled?": side,
    "again?": says(
      listOf(earlierSide),
      "What was said of a side earlier under the same number: nothing agrees with it until it is corrected or voided",
    ),
    "others?": says(listOf(otherSide), "What those said of it who have no say in it: compared with nothing"),
    "finding?": ref("FoundFinding"),
    "event?": says(object(position), "In which the finding is"),
  }),
  Contribution: titled("数源单位供数量 · How much a source supplied", { source: text, "to-base?": amounts, "to-operator?": amounts }),
  Overdue: titled("逾期义务 · An overdue duty as a finding", { ...duty, finding: ref("FoundFinding") }),
  Duty: titled("义务 · An open duty", duty),
  Disclosed: titled("披露的授权 · An authorization as everyone may know it", {
    authorization: text,
    operator: named,
    "scope?": text,
    from: says(date, "First day of the agreement"),
    until: says(date, "Its last day"),
    "terminated?": says(date, "When it ended before that"),
    products: says(listOf(named), "Those that are released"),
  }),
  RecordedEvent: titled("事件 · A recorded event: its leaf, parsed", {
    specversion: { const: "1.0" },
    id: text,
    source: text,
    type: text,
    time,
    "subject?": text,
    "datacontenttype?": { const: "application/json" },
    party: text,
    recordedtime: time,
    data: record,
  }),
  EventRecord: titled("存证事件 · An event on the ledger", recorded),
  EventState: titled("事件状态 · An event, on the ledger or on its way there", eventState),
  Subject: titled("主体、数据资源、授权、应用场景或产品 · A subject and its current state", subjectState),
  Holding: titled("留存数据 · A holding", {
    holding: says(text, "`MSPID/journal/index/ordinal` of the event that declared it"),
    authorization: text,
    state: says(
      text,
      "`outstanding` 留存中, `deleted` 已删除, `retained` 依法保留, `transferred` 已移交, `struck` 已核销, `logs-disposed` 日志已处置",
    ),
    "by?": says(object(position), "The event that changed it"),
    party: says(text, "Credit code of the party that declared it"),
    "scenario?": says(text, "Under which it was declared"),
    "product?": says(text, "For which it was declared"),
    declared: says(record, "digest, bytes, rows, form, place, platform"),
  }),
  Exit: titled("退出 · An exit and how far it has come", {
    exit: text,
    authorization: text,
    leaving: text,
    "developer?": text,
    "scenario?": text,
    "product?": text,
    "ends?": says(
      object({ "scenario?": text, "product?": text, "parties?": listOf(text) }),
      "Which holdings of the authorization; missing where all",
    ),
    steps: listOf(
      object({
        step: says(text, "Last part of the event's type; `accounted-for`: that nothing is outstanding"),
        by: says(listOf({ enum: ROLES }), "Who can do it"),
        "optional?": yes,
        state: { enum: ["done", "next", "waiting"] },
        "act?": says(text, "`MSPID/journal/index`"),
        "party?": text,
        "at?": time,
        "again?": says(yes, "It was done, and has to be done again"),
        "outdated?": says(time, "Since when: something was accounted for then that it did not see"),
        "changed?": says(yes, "What ends is something else since, by a succession or its annulment"),
        "missing?": says(listOf(text), "Steps that come before it, `holdings-outstanding` and `retention-not-over`"),
        "from?": says(date, "The first day on which it may be done"),
        "due?": date,
        "overdue?": yes,
      }),
    ),
    "residue?": says(object({ by: listOf(text), at: time }), "Residue that stands: who found it, and when last"),
    names: says(record, "Of who is named, by credit code"),
    "unmatched?": says(count, "Of one exit alone: how many transfers do not agree now, and no act explains them"),
    "certified?": says(object({ named: text, made: text }), "Of one exit alone: the act names another certificate than the gateway makes"),
    "ofDevelopers?": says(
      listOf(object({ party: text, "name?": text, "scenario?": text, outstanding: count, "exit?": says(text, "Its own exit of that") })),
      "Of one exit alone, to who sees what is held: what developers have outstanding of it",
    ),
    "developersSince?": says(count, "Of one exit alone: how many developers declared late and accounted for since the verification"),
    outstanding: says(count, "Holdings of what ends that are neither cleared nor lawfully retained"),
    retained: count,
    "superseded?": says(yes, "It was certified, and something is held again"),
  }),
  ExitInventory: titled("退出清单 · The inventory of an exit", {
    height,
    exit: text,
    authorization: text,
    count: says(count, "Of what is held now, as freezing it takes it"),
    root: says(hash, "RFC 6962, over the slots in the order of their names"),
    "frozen?": says(object({ act: text, count, root: hash }), "As it was frozen"),
    late: says(record, "Of what was declared later: how many were accounted for since the verification, by who declared them"),
    items: listOf(
      object({
        holding: text,
        digest: hash,
        form: text,
        party: text,
        "scenario?": text,
        "product?": text,
        "off?": yes,
        place: text,
        resources: says(listOf(text), "From which it was made"),
        state: text,
        "until?": date,
        "by?": says(object(position), "The event that changed it"),
        "late?": says(yes, "It came to what ends after the inventory was frozen"),
      }),
    ),
    "next?": text,
  }),
  ExitStatement: titled("留存情况账本证明 · The ledger's word on what is still held: verify it offline with `suyuan verify`", {
    format: text,
    exit: text,
    authorization: text,
    "developer?": text,
    "codes?": says(listOf(text), "The developer's other codes"),
    "residue?": says(object({ by: listOf(text), at: time }), "Residue that was reported and not found gone since"),
    "verification?": says({ enum: VERIFICATIONS }, "Whether the verification holds; missing where there was none"),
    attestation: receiptFields.attestation,
  }),
  Journal: titled("账簿 · A journal", { journal: text, size: count, root: hash }),
  Tally: {
    title: "计数 · By what is counted: how many, and how many of them have findings",
    type: "object",
    additionalProperties: { type: "array", prefixItems: [count, count], minItems: 2, maxItems: 2 },
  },
  Trace: titled("溯源 · A trace", {
    height,
    start: object(entity),
    direction: { enum: ["sources", "products"] },
    entities: listOf(ref("TraceEntity")),
    activities: listOf(ref("TraceActivity")),
    edges: listOf(
      object({
        activity: says(count, "Number in `activities`"),
        role: { enum: ["used", "generated"] },
        entity: says(count, "Number in `entities`"),
        "as?": says(record, "Version, digest, rows and bytes of what was generated"),
        "finding?": { const: "input-unknown" },
      }),
    ),
    acts: says(listOf(ref("TraceAct")), "What allowed the activities"),
    truncated: { type: "boolean" },
  }),
  TraceEntity: titled("数据 · Data: a resource, a holding or a product", {
    ...entity,
    "name?": text,
    "state?": {},
    "authorization?": text,
    "declared?": record,
    "uses?": ref("Tally"),
    "hole?": says({ enum: ["input-unknown", "resource-unknown", "product-unknown"] }, "Its origin is not on the ledger"),
    "open?": says(yes, "There may be more: trace it by itself"),
    "next?": says(text, "Where its own edges go on: `cursor` of the next trace"),
    "withheld?": says(yes, "Not for the asker: its id stands for another"),
  }),
  TraceActivity: titled("行为 · What was done", {
    ...reference,
    activity: text,
    findings,
    decisions: says(listOf(count), "Numbers in `acts`"),
  }),
  TraceAct: titled("许可依据 · An act that allowed it", reference),
  Head: titled("账簿头的核验材料 · A head on the ledger's word: verify it offline with `suyuan verify`", {
    format: { const: HEAD_FORMAT },
    journal: text,
    size: count,
    "checkpoint?": says(text, "C2SP tlog-checkpoint; of journals whose key the gateway has"),
    attestation: receiptFields.attestation,
  }),
  Receipt: titled("存证凭证 · A receipt: verify it offline with `suyuan verify`", receiptFields),
};
