/** authorization 授权: what the operator may do, and until when. Clauses 六(一)5, 六(二). */
import { creditCode, day, document, id, optional, text } from "./schema";
import { addYears, covers, endOfDay, type Span, startOfDay } from "./time";
import { parties } from "./party";
import { recordIn, type Stepped } from "./steps";
import { act, authorization, rule, table, type World } from "./definition";

export interface Authorization extends Stepped {
  /** Credit code of the primary operator. */
  readonly operator: string;
  /** From the day of signing through the last day; absent until signed. */
  readonly term?: Span;
}

export const authorizations = table<Authorization>("authorization");

/** Each agreement lasts five years at most, from its own day of signing. */
const LONGEST_TERM_YEARS = 5;

interface Named {
  readonly data: { readonly authorization: string };
}

const itsRecord = recordIn(authorizations, (d: Named["data"]) => d.authorization);

const notDecidedTwice = rule(
  "authorization-exists",
  ({ data }: Named, world) => world.get(authorizations, data.authorization) !== undefined,
);

export const decided = act("authorization.decided", {
  clause: "六(一)5",
  by: ["authority", "government"],
  data: { authorization: id, operator: creditCode, scope: text, decision: document },
  about: (d) => [authorization(d.authorization)],
  rules: [notDecidedTwice],
  effects: ({ data }, world) => world.put(authorizations, data.authorization, { operator: data.operator, steps: {} }),
  on: itsRecord,
});

const decisionRecorded = rule("decision-missing", ({ data }: Named, world) => world.get(authorizations, data.authorization) === undefined);

/** A later agreement is a renewal, with steps of its own. */
const notSignedTwice = rule(
  "agreement-exists",
  ({ data }: Named, world) => world.get(authorizations, data.authorization)?.term !== undefined,
);

const termBounded = rule(
  "term-too-long",
  ({ data }: { data: { signed: string; until: string } }) =>
    data.until < data.signed || data.until > addYears(data.signed, LONGEST_TERM_YEARS),
);

export const signed = act("authorization.signed", {
  clause: "六(一)5",
  by: ["authority"],
  data: { authorization: id, signed: day, until: day, agreement: document, note: optional(text) },
  about: (d) => [authorization(d.authorization)],
  rules: [decisionRecorded, notSignedTwice, termBounded],
  effects: ({ data }, world) => {
    const known = world.get(authorizations, data.authorization);
    const term = { from: startOfDay(data.signed), until: endOfDay(data.until) };
    if (known) world.put(authorizations, data.authorization, { ...known, term });
  },
  on: itsRecord,
});

/** Acts: the authorization is in force when the act is recorded, and it is this operator's. */
export const active = rule("authorization-inactive", ({ data, party, recorded }: Named & { party: string; recorded: number }, world) => {
  const known = world.get(authorizations, data.authorization);
  return known?.term === undefined || known.operator !== party || !covers(known.term, recorded);
});

/** An operator to whom another's authorization gives nothing; platform, agency and developers act under it by their own roles. */
export function isStranger(world: World, party: string, authorization: string): boolean {
  const roles = world.get(parties, party)?.roles ?? [];
  return world.get(authorizations, authorization)?.operator !== party && roles.every((role) => role === "primary-operator");
}

/** Facts: there was an authorization at all, and not only another operator's. */
export const authorised = rule(
  "no-authorization",
  ({ data, party }: Named & { party: string }, world) =>
    world.get(authorizations, data.authorization)?.term === undefined || isStranger(world, party, data.authorization),
);

/** Acts: not on what is held under another's authorization. */
export const ownHolding = rule("not-your-event", ({ data, party }: Named & { party: string }, world) =>
  isStranger(world, party, data.authorization),
);

/** Facts: it happened within the term of the agreement. */
export const withinTerm = rule("outside-term", ({ data, happened }: Named & { happened: number }, world) => {
  const term = world.get(authorizations, data.authorization)?.term;
  return term !== undefined && !covers(term, happened);
});

export const types = [decided, signed];
