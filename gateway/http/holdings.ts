/** Holdings (留存数据): what is held under an authorization, and what became of the rest. */
import { FORMS } from "../../chaincode/proof/holdings-page";
import { HOLDING_STATES } from "../index/holdings";
import { page } from "./answer-schemas";
import { cursor, limit, oneOf, optional, text } from "./parameters";
import { query } from "./query";

export const holdings = query("/v1/holdings", {
  id: "holdings",
  toLeavers: true,
  caughtUp: true,
  tag: "trace",
  zh: "留存数据",
  en: "Holdings of an authorization",
  detail:
    "The first page waits, a moment at most, until it shows what was acknowledged before: who looks for what is listed misses none of it.",
  parameters: {
    authorization: text("Its number"),
    state: oneOf("What became of them", HOLDING_STATES, "outstanding"),
    form: optional(oneOf("In which form they are held", FORMS)),
    party: optional(text("Credit code of the party that declared them")),
    scenario: optional(text("Number of the scenario under which they were declared")),
    product: optional(text("Number of the product for which they were declared")),
    limit,
    cursor,
  },
  answers: page("holdings", "Holding"),
  ask: (reader, { authorization, state, limit, cursor, ...filter }) => reader.holdings(authorization, state, filter, limit, cursor),
});
