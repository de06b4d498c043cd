/** Parties, resources, authorizations, scenarios and products: what they are, what happened to them, and how they are found. */
import { lists } from "../index/lists";
import { listOf, page, ref, subjectState } from "./answer-schemas";
import { asOf, cursor, eventPage, limit, subjectId, subjectKind, text } from "./parameters";
import { query } from "./query";

export const subjectQueries = [
  query("/v1/subjects/{kind}", {
    id: "subjects",
    tag: "trace",
    zh: "清单",
    en: "All subjects of a kind",
    parameters: { kind: subjectKind, limit, cursor },
    answers: page("subjects", "Subject"),
    ask: (reader, { kind, limit, cursor }) => reader.subjects(kind, limit, cursor),
  }),

  query("/v1/subjects/{kind}/{id}", {
    id: "subject",
    tag: "trace",
    zh: "当前状态",
    en: "A subject, its current state and how it was used",
    parameters: { kind: subjectKind, id: subjectId },
    answers: { ...subjectState, uses: ref("Tally") },
    ask: (reader, { kind, id }) => reader.subject({ kind, id }),
  }),

  query("/v1/subjects/{kind}/{id}/events", {
    id: "history",
    tag: "trace",
    zh: "完整历史",
    en: "Every event about a subject",
    parameters: { kind: subjectKind, id: subjectId, ...eventPage, asOf },
    answers: page("events", "EventRecord"),
    ask: (reader, { kind, id, ...page }) => reader.listed(lists.history.of({ kind, id }), page),
  }),

  query("/v1/search", {
    id: "search",
    tag: "trace",
    zh: "查找",
    en: "By name, credit code, number, digest of a file, hash of an event, name of a holding; best first",
    parameters: { q: text("What one has in hand"), limit },
    answers: { subjects: listOf(ref("Subject")), holdings: listOf(ref("Holding")), events: listOf(ref("EventRecord")) },
    ask: (reader, { q, limit }) => reader.search(q, limit),
  }),
];
