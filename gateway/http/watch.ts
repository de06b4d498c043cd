/**
 * Watching: server-sent events (WHATWG HTML, 9.2) about what each block brings. Nothing is kept for who watches: what is sent next is read when there
 * is room for it, so that a slow reader falls behind and costs nothing, and who was cut off goes on from the last id.
 */
import { SUBJECT_KINDS } from "../../chaincode/events/definition";
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
  en: "Server-sent events: `finding` for an event with findings, `event` for any other, as blocks come",
  detail:
    "Each message is an event as it is shown elsewhere, its id a place to go on from: `Last-Event-ID`, with the same parameters. Without it, from now on. " +
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

async function* messages(
  { only, type, code, kind, id }: Given<typeof parameters>,
  { readModel, watching }: Sources,
  asker: Asker | undefined,
  { lastEventId, signal, isAllowed }: Requested,
): AsyncGenerator<string, void> {
  if (lastEventId !== undefined && !new RegExp(CURSOR).test(lastEventId)) throw wrong("Last-Event-ID", "pattern");
  const filter = { onlyFindings: only !== undefined, type, code, subject: about(kind, id) };
  let cursor = lastEventId;
  let hasBegun = false;
  while (!signal.aborted && !watching.closed) {
    const reader = await readModel.reader(undefined, asker);
    if (await reader.hasLeft(Date.now())) {
      if (!hasBegun) throw new Problem("permissions-closed");
      return;
    }
    if (!hasBegun) yield COMMENT;
    hasBegun = true;
    const page: Following = await reader.following(filter, limits.watchedTogether, cursor);
    for (const { event, after } of page.events) {
      // Of each, since a slow reader may take for ever.
      if (!(await isAllowed())) return;
      const name = event.findings.length > 0 ? "finding" : "event";
      yield `event: ${name}\nid: ${after}\ndata: ${JSON.stringify(event)}\n\n`;
    }
    cursor = page.next;
    const isQuiet = page.isLast && !(await watching.beyond(reader.height, limits.heartbeatSeconds * 1000, signal));
    if (!(await isAllowed())) return;
    if (isQuiet) yield COMMENT;
  }
}
