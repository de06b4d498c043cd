/** Findings (疑似问题) and counts: what supervisors look at first. */
import { type Subject, type SubjectKind, SUBJECT_KINDS } from "../../chaincode/events/definition";
import { ruleClauses } from "../../chaincode/events/codes";
import { FINDING_STATES } from "../index/handling";
import { ruleCodes } from "../labels";
import { page, ref } from "./answer-schemas";
import { asOf, eventPage, oneOf, optional, text, time, wrong } from "./parameters";
import { query } from "./query";

const clauses = [...new Set([...ruleClauses.values()].filter((clause) => clause !== undefined))];

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
      clause: optional(oneOf("Clause of the plan in which the broken rule stands", clauses)),
      state: optional(oneOf("What has been done about it last", FINDING_STATES)),
      from: optional(time("Recorded then or later")),
      until: optional(time("Recorded earlier")),
      ...eventPage,
      asOf,
    },
    answers: page("events", "FoundEvent"),
    ask: (reader, { code, party, kind, id, clause, state, from, until, order, limit, cursor }) =>
      reader.findings({ code, party, subject: about(kind, id), clause, state, from, until }, { order, limit, cursor }),
  }),

  query("/v1/stats", {
    id: "stats",
    tag: "trace",
    zh: "统计",
    en: "Events by type and family, findings by code and state",
    detail: "Of all events, for who sees all; for everyone else of their own.",
    parameters: { asOf },
    answers: {
      types: ref("Tally"),
      families: ref("Tally"),
      findings: ref("Tally"),
      "states?": {
        type: "object",
        additionalProperties: { type: "integer", minimum: 0 },
        description: "How many findings are in which state now",
      },
    },
    ask: (reader) => reader.counts(),
  }),
];

/** Both or neither. */
export function about(kind: SubjectKind | undefined, id: string | undefined): Subject | undefined {
  if (kind === undefined && id === undefined) return undefined;
  if (kind === undefined || id === undefined) throw wrong(kind === undefined ? "kind" : "id", "required");
  return { kind, id };
}
