/**
 * Watching: server-sent events (WHATWG HTML, 9.2) about what each block brings. Nothing is kept for who watches: what is sent next is read when there
 * is room for it, so that a slow reader falls behind and costs nothing, and who was cut off goes on from the last id.
 */
import { TOLD_OF_DUTIES } from "../../chaincode/events/codes";
import { SUBJECT_KINDS } from "../../chaincode/events/definition";
import { addDays, dayOf } from "../../chaincode/events/time";
import { vocabulary } from "../../chaincode/events/vocabulary";
import type { Asker } from "../index/access";
import { CURSOR } from "../index/places";
import type { Following } from "../index/event-pages";
import { ruleCodes } from "../labels";
import { about } from "./findings";
import { limits } from "./limits";
import { Problem } from "./problem";
import { type Given, oneOf, optional, text, wrong } from "./parameters";
import { custom, type Requested, type Sources } from "./query";

const parameters = {
  only: optional(oneOf("Nothing but findings", ["finding"])),
  type: optional(oneOf("Of the event", [...vocabulary.keys()])),
  code: optional(oneOf("Of the finding", ruleCodes)),
  kind: optional(oneOf("With `id`: about this subject", SUBJECT_KINDS)),
  id: optional(text("With `kind`: about this subject")),
};

export const watch = custom("/v1/watch", {
  id: "watch",
  tag: "trace",
  zh: "实时关注",
  en: "Server-sent events: `finding` for an event with findings, `event` for any other, as blocks come; `overdue` for a duty, as its last day ends",
  detail:
    "Each message is an event, or a duty that is overdue, as it is shown elsewhere, its id a place to go on from: `Last-Event-ID`, with the same parameters. " +
    "Without it, from now on. Duties are told of soon after midnight in China, unless `type` is given. " +
    "A comment comes when nothing else does. It ends when the gateway stops or the token is no longer good; ask again with the last id. " +
    "Whose permissions were closed (退出) and who is authorised for nothing else is told no more.",
  parameters,
  problems: ["not-allowed"],
  forms: {
    "text/event-stream": { schema: { type: "string" }, write: (messages: AsyncIterable<string>) => messages },
  },
  answer: (given, sources, asker, request) => messages(given, sources, asker, request),
  caching: () => "no-store",
});

/** Whatever happens between two messages. */
const COMMENT = ":\n\n";

/** The id of a message: where the events go on, and the last day whose duties, overdue since, were told of. */
const ID = new RegExp(`${CURSOR.slice(0, -1)}(?:@(\\d{4}-\\d\\d-\\d\\d))?$`);

const message = (name: string, id: string, data: object): string => `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;

async function* messages(
  { only, type, code, kind, id }: Given<typeof parameters>,
  { readModel, watching, clock }: Sources,
  asker: Asker | undefined,
  { lastEventId, signal, isAllowed }: Requested,
): AsyncGenerator<string, void> {
  const last = lastEventId === undefined ? undefined : ID.exec(lastEventId);
  if (last === null) throw wrong("Last-Event-ID", "pattern");
  const filter = { onlyFindings: only !== undefined, type, code, subject: about(kind, id) };
  const tellsOfDuties = type === undefined && (code === undefined || TOLD_OF_DUTIES.has(code));
  let cursor = lastEventId?.split("@")[0];
  /** Duties that were due until then were overdue before. */
  let day = last?.[3] ?? addDays(dayOf(clock()), -1);
  let hasBegun = false;
  while (!signal.aborted && !watching.closed) {
    const reader = await readModel.reader(undefined, asker);
    if (await reader.hasLeft(clock())) {
      if (!hasBegun) throw new Problem("permissions-closed");
      return;
    }
    if (!hasBegun) yield COMMENT;
    hasBegun = true;
    const page: Following = await reader.following(filter, limits.watchedTogether, cursor);
    for (const { event, after } of page.events) {
      // Of each, since a slow reader may take for ever.
      if (!(await isAllowed())) return;
      yield message(event.findings.length > 0 ? "finding" : "event", `${after}@${day}`, event);
    }
    cursor = page.next;
    const [now, yesterday] = [clock(), addDays(dayOf(clock()), -1)];
    if (tellsOfDuties && page.isLast && day < yesterday) {
      const overdue = await reader.overdue(filter, now, day);
      for (const [i, duty] of overdue.entries()) {
        if (!(await isAllowed())) return;
        if (overdue[i + 1]?.due !== duty.due) day = duty.due;
        yield message("overdue", `${cursor}@${day}`, duty);
      }
      day = yesterday;
    }
    const isQuiet = page.isLast && !(await watching.beyond(reader.height, limits.heartbeatSeconds * 1000, signal));
    if (!(await isAllowed())) return;
    if (isQuiet) yield COMMENT;
  }
}
