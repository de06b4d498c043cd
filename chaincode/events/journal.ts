/** journal 账簿: which journals a gateway keeps, and in which of them a source reports. Ours: the plan has no such event. */
import { JOURNAL_NAME } from "../proof/holding-name";
import { isAuthority, isParty, parties } from "./party";
import { count, type Field, optional, text } from "./schema";
import { recordIn, standing, type Stepped, stands } from "./steps";
import { act, type Effects, type LedgerEvent, type Role, rule, type Rule, type Subject, table, type World } from "./definition";

export interface Journal extends Stepped {
  /** The last index that was known when it was closed; absent while it is open, and where none was. */
  readonly last?: number;
  /** Whether sources that reported there have moved away: which ones, {@link away} says. */
  readonly left?: true;
  /** As versions before 0.5.0 kept them. */
  readonly moved?: readonly string[];
}

export const journals = table<Journal>("journal");

/** Of a source and a journal in which it reported: whether it has moved away from there. */
const away = table<{ readonly away: boolean }>("moved-source");
/** Neither name has a space. */
const awayName = (journal: string, source: string): string => `${journal} ${source}`;

/** In which journal a source reports, once it has moved. */
const sources = table<{ readonly journal: string }>("source");

const journalName: Field<string> = { schema: { type: "string", pattern: JOURNAL_NAME } };
const sourceName: Field<string> = { schema: { type: "string", format: "uri-reference", pattern: "^[\\x21-\\x7e]{1,256}$" } };

/** Roles whose organisations run gateways. */
const KEEPERS: readonly Role[] = ["authority", "primary-operator", "platform", "developer", "source"];

interface Named {
  readonly data: { readonly journal: string };
}

const journal = (id: string): Subject => ({ kind: "journal", id });
const itsRecord = recordIn(journals, (d: Named["data"]) => d.journal);

const isOwn = (world: World, party: string, journal: string): boolean =>
  world.get(parties, party)?.host === journal.slice(0, journal.indexOf("/"));

/** What every gateway begins with: they are there without an act, and are no party's but the organisation's. */
const isFirst = (journal: string): boolean => /\/(facts|acts)$/.test(journal);

const ownJournal = rule("not-your-event", ({ data, party }: Named & { party: string }, world) => !isOwn(world, party, data.journal));

/** A journal may have been written to before anything was said of it. */
const begin = (world: Effects, journal: string): Journal => world.get(journals, journal) ?? { steps: {} };

export const isClosed = (journal: Journal | undefined, at: number): boolean => stands(journal, "closed", at);

const notOpenedTwice = rule(
  "journal-exists",
  ({ data }: Named, world) => isFirst(data.journal) || world.get(journals, data.journal) !== undefined,
);

/** Who opens a journal keeps it. */
export const opened = act("journal.opened", {
  by: KEEPERS,
  data: { journal: journalName, replaces: optional(journalName), reason: optional(text) },
  about: (d) => [journal(d.journal), ...(d.replaces === undefined ? [] : [journal(d.replaces)])],
  rules: [ownJournal, notOpenedTwice],
  effects: ({ data }, world) => world.put(journals, data.journal, begin(world, data.journal)),
  on: itsRecord,
});

/**
 * Who keeps it, and for a gateway that is lost, or began with it, the authority: not every party that reports there, whose organisation is the same.
 */
const keptOrAuthority = <D>(which: (data: D) => string): Rule<D> =>
  rule("not-your-event", ({ data, party, recorded }, world) => {
    const journal = which(data);
    const keeper = standing(world.get(journals, journal), "opened", recorded)?.party;
    return !isAuthority(world, party) && !(isOwn(world, party, journal) && isParty(world, party, keeper));
  });

const notClosedTwice = rule("journal-closed", ({ data, recorded }: Named & { recorded: number }, world) =>
  isClosed(world.get(journals, data.journal), recorded),
);

export const closed = act("journal.closed", {
  by: KEEPERS,
  data: { journal: journalName, last: optional(count), reason: text },
  about: (d) => [journal(d.journal)],
  rules: [keptOrAuthority((d: Named["data"]) => d.journal), notClosedTwice],
  effects: ({ data }, world) =>
    world.put(journals, data.journal, { ...begin(world, data.journal), ...(data.last === undefined ? {} : { last: data.last }) }),
  on: itsRecord,
});

interface Moved {
  readonly data: { readonly source: string; readonly from: string; readonly to: string };
  readonly recorded: number;
}

const reportsThere = rule("source-elsewhere", ({ data }: Moved, world) => {
  const known = world.get(sources, data.source);
  return data.from === data.to || (known !== undefined && known.journal !== data.from);
});

const toOpen = rule("journal-closed", ({ data, recorded }: Moved, world) => isClosed(world.get(journals, data.to), recorded));

/** Whether a source has moved away from a journal. Facts ask it: of a journal that nobody left, at no cost. */
const hasLeft = (world: World, it: Journal, journal: string, source: string): boolean =>
  (it.left === true ? world.get(away, awayName(journal, source))?.away : undefined) ?? it.moved?.includes(source) === true;

/** Who keeps the journal lets its source go: else anybody who reports there would turn another's reports into findings. */
export const sourceMoved = act("journal.source-moved", {
  by: KEEPERS,
  data: { source: sourceName, from: journalName, to: journalName, reason: text },
  about: (d) => [journal(d.from), journal(d.to)],
  rules: [keptOrAuthority((d: Moved["data"]) => d.from), reportsThere, toOpen],
  effects: ({ data: { source, from, to } }, world) => {
    world.put(sources, source, { journal: to });
    world.put(journals, from, { ...begin(world, from), left: true });
    world.put(away, awayName(from, source), { away: true });
    const joined = world.get(journals, to);
    if (joined === undefined || !hasLeft(world, joined, to, source)) return;
    world.put(journals, to, { ...joined, left: true });
    world.put(away, awayName(to, source), { away: false });
  },
});

const journalIn = (place: string): string => place.slice(0, place.lastIndexOf("/"));

/** The record of the journal in which an event stands, which is read once a batch. */
const journalOf = (world: World, { place }: Pick<LedgerEvent<unknown>, "place">): Journal | undefined =>
  world.get(journals, journalIn(place));

export const reportedThere = rule("source-elsewhere", ({ source, place }: Pick<LedgerEvent<unknown>, "source" | "place">, world) => {
  const it = journalOf(world, { place });
  return it !== undefined && hasLeft(world, it, journalIn(place), source);
});

/**
 * What a gateway took in before its journal was closed still gets there, since it was promised: facts, as old as they say and it says. Acts are not
 * promised, and are refused from then on; but for corrections: with one of them the closing itself is undone.
 */
export const journalOpen = rule("journal-closed", (event: LedgerEvent<unknown>, world) => {
  const closing = standing(journalOf(world, event), "closed", event.recorded);
  if (closing === undefined || event.type.family === "correction") return false;
  return closing.at < (event.type.kind === "act" ? event.recorded : Math.max(event.happened, Date.parse(event.taken)));
});

export const types = [opened, closed, sourceMoved];
