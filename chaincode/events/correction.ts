/**
 * correction 更正: what was recorded stays recorded; these say what it is worth. Voiding (作废) and correcting (更正) are for facts, annulling
 * (撤销, from the start) and withdrawing (撤回, from now on) for acts, which stand by their marks. Holdings and transfers change by none of them.
 */
import { countersign, isCountersigned } from "./countersignature";
import { isParty, mayAct, ownOrAuthority, parties, sameHands, undoSuccession } from "./party";
import { creditCode, document, type Field, oneOf, optional, place, struct, text } from "./schema";
import { amended, markOf, recordWith, restored, standing, stepOf, type Stepped } from "./steps";
import {
  act,
  type EventType,
  type LedgerEvent,
  type Role,
  ROLES,
  rule,
  type Subject,
  SUBJECT_KINDS,
  table,
  type Table,
  type World,
} from "./definition";

const subjectId: Field<string> = { schema: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9._:/-]{0,255}$" } };

/** The event that is spoken of, and what it was about. */
const named = { event: place, subjectKind: oneOf(...SUBJECT_KINDS), subject: subjectId };

interface Named {
  readonly data: { readonly event: string; readonly subjectKind: (typeof SUBJECT_KINDS)[number]; readonly subject: string };
}

const about = (d: Pick<Named["data"], "subjectKind" | "subject">): readonly Subject[] => [{ kind: d.subjectKind, id: d.subject }];

const mspOf = (place: string): string => place.slice(0, place.indexOf("/"));

/** Gateways keep acts in journals of their own: `acts`, or `acts-2` after a loss. */
export const isAct = (place: string): boolean => /^[^/]+\/acts(-[^/]*)?\//.test(place);

const placesOf = (data: { event: string; replacement?: string }): readonly string[] =>
  data.replacement === undefined ? [data.event] : [data.event, data.replacement];

const areFacts = rule("event-unknown", ({ data }: { data: { event: string; replacement?: string } }) => [
  ...placesOf(data).filter(isAct),
  ...(data.event === data.replacement ? [data.event] : []),
]);

/** As far as the ledger can tell: it stands in a journal of who speaks for the party, and nothing was found in it as another's. */
const ownFacts = rule("not-your-event", ({ data, party }: { data: { event: string; replacement?: string }; party: string }, world) =>
  placesOf(data).some(
    (place) => mspOf(place) !== world.get(parties, party)?.host || !isParty(world, party, world.found(place)?.party ?? party),
  ),
);

/** Who gains when their own report is void. */
const INTERESTED: readonly Role[] = ["primary-operator", "platform", "developer"];

const isInterested = (world: World, party: string): boolean =>
  world.get(parties, party)?.roles.some((role) => INTERESTED.includes(role)) === true;

/** The other's part, before what needs both: of the fact that is named, or of a decision about the subject. */
export const countersigned = act("correction.countersigned", {
  by: ["authority", "implementing-agency", "supervisor"],
  data: { ...named, event: optional(place), document },
  about,
  effects: (event, world) => {
    const { document, event: fact, subject } = event.data;
    countersign(world, { document, of: fact ?? subject }, event);
  },
});

/** Who stands in for the public's interest in the records. */
const COUNTERSIGNERS: readonly Role[] = ["authority", "implementing-agency"];

function mayCountersign(world: World, by: string, at: number): boolean {
  const it = world.get(parties, by);
  return it !== undefined && mayAct(it, at) && !isInterested(world, by) && it.roles.some((role) => COUNTERSIGNERS.includes(role));
}

interface Voided {
  readonly event: string;
  readonly countersigned?: { readonly party: string; readonly signature: { readonly digest: string } };
}

const withCountersignature = rule(
  "countersignature-missing",
  ({ data, party, recorded }: { data: Voided; party: string; recorded: number }, world) => {
    if (!isInterested(world, party)) return false;
    if (data.countersigned === undefined) return true;
    const { party: by, signature } = data.countersigned;
    if (sameHands(world, by, party) || !mayCountersign(world, by, recorded)) return true;
    return !isCountersigned(world, by, { document: signature, of: data.event });
  },
);

/** The table of a subject's record bears the name of the subject's kind. */
const TABLES = Object.fromEntries(SUBJECT_KINDS.map((kind) => [kind, table<Stepped>(kind)])) as Record<
  (typeof SUBJECT_KINDS)[number],
  Table<Stepped>
>;

/** The record on which the act left its mark. */
const nameOf = (world: World, { event, subjectKind, subject }: Named["data"]) => recordWith(event, TABLES[subjectKind], subject, world);
const recordOf = (world: World, data: Named["data"]): Stepped | undefined => world.get(...nameOf(world, data));

/** The record with what an act or a scan left there annulled: from the start, and once. */
const withAnnulled = (record: Stepped, event: string, at: number): Stepped =>
  amended(record, event, (mark) => ({ ...mark, annulled: mark.annulled ?? at }));

export const voided = act("correction.voided", {
  by: ROLES,
  data: { ...named, reason: text, countersigned: optional(struct({ party: creditCode, signature: document })) },
  about,
  rules: [areFacts, ownFacts, withCountersignature],
  // Of a scan that was none nothing rests any more.
  effects: ({ data, recorded }, world) => {
    const record = recordOf(world, data);
    if (record !== undefined && markOf(record, data.event) !== undefined)
      world.put(...nameOf(world, data), withAnnulled(record, data.event, recorded));
  },
});

export const corrected = act("correction.corrected", {
  by: ROLES,
  data: { ...named, replacement: place, reason: text },
  about,
  rules: [areFacts, ownFacts],
});

const areActs = rule("event-unknown", ({ data }: Named) => (isAct(data.event) ? [] : [data.event]));

const leftMark = rule("event-unknown", ({ data }: Named, world) => markOf(recordOf(world, data), data.event) === undefined);

export const annulled = act("correction.annulled", {
  by: ["authority"],
  data: { ...named, reason: text, decision: document },
  about,
  rules: [leftMark],
  effects: ({ data, recorded }, world) => {
    const record = recordOf(world, data);
    if (record === undefined) return;
    world.put(...nameOf(world, data), restored(withAnnulled(record, data.event, recorded), data.event));
    if (data.subjectKind === "party") undoSuccession(data.event, recorded, world);
  },
});

const ownAct = rule("not-your-event", ({ data, party }: Named & Pick<LedgerEvent<unknown>, "party">, world) => {
  const mark = markOf(recordOf(world, data), data.event);
  return mark !== undefined && !ownOrAuthority(world, party, mark.party);
});

/**
 * What others rely on, or what did more than leave its mark, is not taken back: a counter-act undoes it. Lists the steps that rely on it: those done
 * since, on the same record, or on that of the subject where the mark stands beside it.
 */
const notReliedOn = (acts: readonly EventType[]) =>
  rule("act-relied-on", ({ data, recorded }: Named & { readonly recorded: number }, world) => {
    const record = recordOf(world, data);
    const step = stepOf(record, data.event);
    const barred = acts.find(({ mark }) => mark?.table === data.subjectKind && mark.step === step)?.mark?.barred ?? [];
    if (barred === "always") return true;
    const since = markOf(record, data.event)?.at ?? 0;
    const records = [record, world.get(TABLES[data.subjectKind], data.subject)];
    return barred.filter((later) => records.some((it) => since <= (standing(it, later, recorded)?.at ?? -1)));
  });

/** @param acts what can be withdrawn: how, says the row of each */
const withdrawnOf = (acts: readonly EventType[]): EventType =>
  act("correction.withdrawn", {
    by: ROLES,
    data: { ...named, reason: text },
    about,
    rules: [areActs, leftMark, ownAct, notReliedOn(acts)],
    effects: ({ data, recorded }, world) => {
      const record = recordOf(world, data);
      if (record === undefined) return;
      const ended = amended(record, data.event, (mark) => (mark.until === undefined ? { ...mark, until: recorded } : mark));
      world.put(...nameOf(world, data), ended);
    },
  });

export const typesFor = (acts: readonly EventType[]): readonly EventType[] => [
  countersigned,
  voided,
  corrected,
  annulled,
  withdrawnOf(acts),
];
