/** Findings (疑似问题) and counts: what supervisors look at first. */
import { type Subject, type SubjectKind, SUBJECT_KINDS } from "../../chaincode/events/definition";
import { ruleClauses } from "../../chaincode/events/codes";
import { FINDING_STATES } from "../index/handling";
import { ruleCodes } from "../labels";
import { listOf, page, ref } from "./answer-schemas";
import { asOf, eventPage, oneOf, optional, text, time, wrong } from "./parameters";
import { query } from "./query";

const clauses = [...new Set([...ruleClauses.values()].flatMap((clause) => clause?.split(", ") ?? []))];

export const findingQueries = [
  query("/v1/findings", {
    id: "findings",
    toLeavers: true,
    tag: "trace",
    zh: "疑似问题",
    en: "Events with findings, and duties that are overdue",
    detail:
      "A page may be short, and still have a next one. `overdue` stands on the first page alone: what is overdue today, at most `limit` of it, the soonest due " +
      "first (`/v1/duties?overdue=true` has all). Findings of both kinds are assigned, explained and settled by events of the family `finding`, which name `event` and code.",
    parameters: {
      code: optional(oneOf("Of the finding", ruleCodes)),
      party: optional(text("Credit code of the party that reported")),
      kind: optional(oneOf("With `id`: about this subject", SUBJECT_KINDS)),
      id: optional(text("With `kind`: about this subject")),
      clause: optional(oneOf("Clause of the plan in which the broken rule stands", clauses)),
      state: optional(oneOf("What has been done about it last", FINDING_STATES)),
      emergency: optional(oneOf("Only those of emergency uses (应急)", ["true"])),
      from: optional(time("Recorded then or later")),
      until: optional(time("Recorded earlier")),
      ...eventPage,
      asOf,
    },
    answers: { ...page("events", "FoundEvent"), "overdue?": listOf(ref("Overdue")) },
    async ask(reader, { code, party, kind, id, clause, state, from, until, emergency, order, limit, cursor }) {
      const filter = { code, party, subject: about(kind, id), clause, state, from, until, emergency: emergency !== undefined };
      const found = await reader.findings(filter, { order, limit, cursor });
      if (cursor !== undefined) return found;
      return { ...found, overdue: (await reader.overdue(filter, Date.now())).slice(0, limit) };
    },
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
      "compared?": {
        type: "object",
        additionalProperties: { type: "integer", minimum: 0 },
        description:
          "By code, what comparing shows now: transfers that do not agree at the moment, for who sees all, and duties that are overdue",
      },
      "states?": {
        type: "object",
        additionalProperties: { type: "integer", minimum: 0 },
        description: "How many findings are in which state now",
      },
    },
    ask: (reader) => reader.counts(Date.now()),
  }),
];

/** Both or neither. */
export function about(kind: SubjectKind | undefined, id: string | undefined): Subject | undefined {
  if (kind === undefined && id === undefined) return undefined;
  if (kind === undefined || id === undefined) throw wrong(kind === undefined ? "kind" : "id", "required");
  return { kind, id };
}
