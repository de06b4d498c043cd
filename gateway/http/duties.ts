/** Duties (义务): what is to be done until when, by whom. */
import { creditCode } from "../../chaincode/events/schema";
import { DUTY_NAMES } from "../index/duties";
import { listOf, ref } from "./answer-schemas";
import { limit, oneOf, optional, text } from "./parameters";
import { query } from "./query";

export const dutiesQuery = query("/v1/duties", {
  id: "duties",
  toLeavers: true,
  tag: "trace",
  zh: "义务",
  en: "Open duties, the soonest due first",
  detail: "As of today, in China. `count` is how many there are in all.",
  parameters: {
    party: optional(text("Credit code of who owes it", creditCode.schema)),
    duty: optional(oneOf("Which", DUTY_NAMES)),
    overdue: optional(oneOf("Whether it is overdue", ["true", "false"])),
    dueBefore: optional(text("Due on an earlier day, `YYYY-MM-DD`", { pattern: "^\\d{4}-\\d\\d-\\d\\d$" })),
    limit,
  },
  answers: { duties: listOf(ref("Duty")), count: { type: "integer", minimum: 0 } },
  async ask(reader, { party, duty, overdue, dueBefore, limit }) {
    const filter = { party, duty, dueBefore, overdue: overdue === undefined ? undefined : overdue === "true" };
    const found = await reader.duties(filter, Date.now());
    return { duties: found.slice(0, limit), count: found.length };
  },
});
