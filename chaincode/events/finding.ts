/** finding 问题处置: what became of a 疑似问题. Nobody closes their own. Clause 八(一). */
import { TOLD_BY_GATEWAYS, TOLD_OF_DUTIES, TOLD_OF_FACTS } from "./codes";
import { isAct } from "./correction";
import { owing } from "./duty";
import { within } from "./limits";
import { isParty, parties, sameHands } from "./party";
import { creditCode, document, type Field, id, optional, place, text } from "./schema";
import { recordIn, type Stepped, stands } from "./steps";
import { act, type Effects, fact, ROLES, rule, type Subject, table, type World } from "./definition";

export interface Finding extends Stepped {
  /** Credit code of the party that has to explain it, where the finding was assigned to one. */
  readonly assigned?: string;
  /** Everyone to whom it was ever assigned. */
  readonly hands?: readonly string[];
}

export const findings = table<Finding>("finding");

/** The name of a duty and, where one event began several of that name, which of them: `audit`, `disclosure-of-products:2025`. */
const dutyName: Field<string> = { schema: { type: "string", pattern: "^[a-z][a-z-]{0,39}(:[A-Za-z0-9][A-Za-z0-9._:-]{0,127})?$" } };

/** A finding is named by the event in which it was found, and its code; that a duty is overdue, by the event that began it and the duty. */
const named = { event: place, code: id, duty: optional(dutyName) };

interface Named {
  readonly data: { readonly event: string; readonly code: string; readonly duty?: string };
}

/** The id of a finding as a subject. */
export const nameOf = ({ event, code, duty }: Named["data"]): string =>
  duty === undefined ? `${event}/${code}` : `${event}/${code}/${duty}`;
const about = (d: Named["data"]): readonly Subject[] => [{ kind: "finding", id: nameOf(d) }];
const itsRecord = recordIn(findings, nameOf);

/** Who has to explain it: to whom it was assigned, else whose event it is. */
const responsible = (world: World, data: Named["data"]): string | undefined =>
  world.get(findings, nameOf(data))?.assigned ?? world.found(data.event)?.party;

/** What only comparing shows, the ledger takes from who compares: but not of an event that can never have it. */
const isTold = ({ event, code }: Named["data"]): boolean => TOLD_BY_GATEWAYS.has(code) && !(TOLD_OF_FACTS.has(code) && isAct(event));

const known = rule("finding-unknown", ({ data }: Named, world) => {
  if (TOLD_OF_DUTIES.has(data.code) !== (data.duty !== undefined)) return true;
  return !isTold(data) && world.found(data.event)?.codes.includes(data.code) !== true;
});

const receiverKnown = rule("party-unknown", ({ data }: { data: { to: string } }, world) => world.get(parties, data.to) === undefined);

/** Whose event it is, and to whom it was ever assigned: who assigns it away keeps it. What is overdue is of those who owe it, whoever began it. */
const otherHands = rule(
  "same-hands",
  ({ data, party }: Named & { party: string }, world) =>
    owes(world, party, data) ||
    [world.found(data.event)?.party, ...(world.get(findings, nameOf(data))?.hands ?? [])].some(
      (hand) => hand !== undefined && sameHands(world, party, hand),
    ),
);

function owes(world: World, party: string, { duty }: Named["data"]): boolean {
  const role = duty === undefined ? undefined : owing(duty);
  return role !== undefined && world.get(parties, party)?.roles.includes(role) === true;
}

/** What is closed stays as it was closed, unless the closing is withdrawn or annulled. */
const notClosed = rule("finding-settled", ({ data, recorded }: Named & { recorded: number }, world) =>
  stands(world.get(findings, nameOf(data)), "closed", recorded),
);

/** The ledger knows a finding from its event; what was done about it begins with the first act. */
const begin = ({ data }: Named, world: Effects): void => {
  if (world.get(findings, nameOf(data)) === undefined) world.put(findings, nameOf(data), { steps: {} });
};

const handsWith = (data: Named["data"] & { readonly to: string }, world: World): readonly string[] => [
  ...new Set([...(world.get(findings, nameOf(data))?.hands ?? []), data.to]),
];

export const assigned = act("finding.assigned", {
  clause: "八(一)",
  by: ["supervisor", "authority"],
  data: { ...named, to: creditCode, reason: optional(text) },
  about,
  rules: [
    known,
    notClosed,
    receiverKnown,
    within("hands", ({ data }: Named & { data: { to: string } }, world) => handsWith(data, world).length),
  ],
  effects: ({ data }, world) => {
    const it = world.get(findings, nameOf(data));
    world.put(findings, nameOf(data), { steps: {}, ...it, assigned: data.to, hands: handsWith(data, world) });
  },
  on: itsRecord,
});

const explainedByResponsible = rule(
  "finding-not-assigned",
  ({ data, party }: Named & { party: string }, world) => !isParty(world, party, responsible(world, data)),
);

/** What comes after the verdict changes nothing of it. */
const notSettled = rule("finding-settled", ({ data, recorded }: Named & { recorded: number }, world) => {
  const it = world.get(findings, nameOf(data));
  return ["confirmed", "dismissed", "closed"].some((step) => stands(it, step, recorded));
});

export const explained = fact("finding.explained", {
  clause: "八(一)",
  by: ROLES,
  data: { ...named, explanation: text, evidence: optional(document) },
  about,
  rules: [known, explainedByResponsible, notSettled],
});

export const confirmed = act("finding.confirmed", {
  clause: "八(一)",
  by: ["supervisor", "authority"],
  data: { ...named, reason: text, evidence: optional(document) },
  about,
  rules: [known, notClosed],
  effects: begin,
  on: itsRecord,
  withdrawal: ["closed"],
  ends: ["dismissed"],
});

/** To dismiss one's own would be to close it. */
export const dismissed = act("finding.dismissed", {
  clause: "八(一)",
  by: ["supervisor", "authority"],
  data: { ...named, reason: text, evidence: optional(document) },
  about,
  rules: [known, notClosed, otherHands],
  effects: begin,
  on: itsRecord,
  withdrawal: ["closed"],
  ends: ["confirmed"],
});

const settled = rule("finding-not-settled", ({ data, recorded }: Named & { recorded: number }, world) => {
  const it = world.get(findings, nameOf(data));
  return !stands(it, "confirmed", recorded) && !stands(it, "dismissed", recorded);
});

export const closed = act("finding.closed", {
  clause: "八(一)",
  by: ["supervisor", "authority"],
  data: { ...named, outcome: text, evidence: optional(document) },
  about,
  rules: [known, notClosed, otherHands, settled],
  on: itsRecord,
});

export const referred = act("finding.referred", {
  clause: "八(一)",
  by: ["supervisor", "authority"],
  data: { ...named, to: creditCode, reason: text, letter: document },
  about,
  rules: [known, receiverKnown],
  effects: begin,
  on: itsRecord,
  withdrawal: "free",
});

export const types = [assigned, explained, confirmed, dismissed, closed, referred];
