/** Holdings (留存数据): what is held under an authorization, and what became of the rest. */
import { HOLDING_STATES } from "../index/holdings";
import { page } from "./answer-schemas";
import { cursor, limit, oneOf, text } from "./parameters";
import { query } from "./query";

export const holdings = query("/v1/holdings", {
  id: "holdings",
  tag: "trace",
  zh: "留存数据",
  en: "Holdings of an authorization",
  parameters: {
    authorization: text("Its number"),
    state: oneOf("What became of them", HOLDING_STATES, "outstanding"),
    limit,
    cursor,
  },
  answers: page("holdings", "Holding"),
  ask: (reader, { authorization, state, limit, cursor }) => reader.holdings(authorization, state, limit, cursor),
});
