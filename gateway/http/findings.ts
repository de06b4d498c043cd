/** Findings (疑似问题) and counts: what supervisors look at first. */
import { type Subject, type SubjectKind, SUBJECT_KINDS } from "../../chaincode/events/definition";
import { ruleCodes } from "../labels";
import { page, ref } from "./answer-schemas";
import { asOf, eventPage, oneOf, optional, text, wrong } from "./parameters";
import { query } from "./query";

export const findingQueries = [
  query("/v1/findings", {
    id: "findings",
    tag: "trace",
    zh: "疑似问题",
    en: "Events with findings",
    detail: "A page may be short, and still have a next one.",
    parameters: {
      code: optional(oneOf("Of the finding", ruleCodes)),
      party: optional(text("Credit code of the party that reported")),
      kind: optional(oneOf("With `id`: about this subject", SUBJECT_KINDS)),
      id: optional(text("With `kind`: about this subject")),
      ...eventPage,
      asOf,
    },
    answers: page("events", "EventRecord"),
    ask: (reader, { code, party, kind, id, ...page }) => reader.findings({ code, party, subject: about(kind, id) }, page),
  }),

  query("/v1/stats", {
    id: "stats",
    tag: "trace",
    zh: "统计",
    en: "Events by type, findings by code",
    parameters: { asOf },
    answers: { types: ref("Tally"), findings: ref("Tally") },
    ask: (reader) => reader.counts(),
  }),
];

/** Both or neither. */
function about(kind: SubjectKind | undefined, id: string | undefined): Subject | undefined {
  if (kind === undefined && id === undefined) return undefined;
  if (kind === undefined || id === undefined) throw wrong(kind === undefined ? "kind" : "id", "required");
  return { kind, id };
}
