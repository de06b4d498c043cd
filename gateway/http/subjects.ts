/** Parties, resources, authorizations, scenarios and products: what they are, what happened to them, and how they are found. */
import { lists } from "../index/lists";
import { height, listOf, object, page, ref, subjectState } from "./answer-schemas";
import { asOf, cursor, eventPage, limit, subjectId, subjectKind, text } from "./parameters";
import { history, inPieces } from "./histories";
import { custom, NDJSON, query } from "./query";

interface History {
  readonly page: object;
  /** Nothing of it is read before it is sent. */
  readonly proof: AsyncIterable<string>;
}

const HISTORY = "/v1/subjects/{kind}/{id}/events";

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

  custom(HISTORY, {
    id: "history",
    tag: "trace",
    zh: "完整历史",
    en: "Every event about a subject; as NDJSON with the proof that none is missing",
    detail:
      "The parameters for pages are of the JSON form. NDJSON is the whole history as it stands: keep it as it is, `suyuan verify` checks it.",
    parameters: { kind: subjectKind, id: subjectId, ...eventPage, asOf },
    forms: {
      "application/json": {
        schema: object({ height, ...page("events", "EventRecord") }),
        write: ({ page }: History) => JSON.stringify(page),
      },
      [NDJSON]: {
        schema: { type: "string", description: "A head, then an event a line" },
        write: ({ proof }) => proof,
      },
    },
    problems: ["ledger-unavailable"],
    async answer({ kind, id, asOf, cursor: sealed, ...query }, sources, asker) {
      const reader = await sources.readModel.reader(asOf, asker);
      const found = await sources.cursors.page(HISTORY, sealed, (cursor) =>
        reader.listed(lists.history.of({ kind, id }), { ...query, cursor }),
      );
      const page = { height: reader.height, ...found };
      return { page, proof: inPieces(history({ kind, id }, sources, asker)) };
    },
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
