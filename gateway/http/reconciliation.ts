/** Reconciliation (供数对账): every transfer from both sides, and how much each source supplied. */
import { RECONCILIATION_CODES } from "../index/transfer-sides";
import { listOf, page, ref } from "./answer-schemas";
import { cursor, limit, oneOf, optional, text } from "./parameters";
import { query } from "./query";

export const reconciliationQueries = [
  query("/v1/reconciliation", {
    id: "reconciliation",
    tag: "trace",
    zh: "供数对账",
    en: "Transfers, and what source and platform said of each",
    detail: "As they stand now. A page may be short, and still have a next one.",
    parameters: {
      authorization: optional(text("Its number")),
      resource: optional(text("Its number")),
      source: optional(text("Credit code of the party whose data it is")),
      code: optional(oneOf("Only where the two sides do not agree, in this way", RECONCILIATION_CODES)),
      limit,
      cursor,
    },
    answers: page("transfers", "Transfer"),
    ask: (reader, { limit, cursor, ...filter }) => reader.transfers(filter, limit, cursor),
  }),

  query("/v1/contributions", {
    id: "contributions",
    tag: "trace",
    zh: "数源单位供数量",
    en: "How many transfers, rows and bytes each source supplied, to the city base and to operators",
    parameters: {},
    answers: { contributions: listOf(ref("Contribution")) },
    ask: async (reader) => ({ contributions: await reader.contributions() }),
  }),
];
