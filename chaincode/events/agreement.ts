/** What an authorization is and when it is in force: what the families ask whose events need one. Clauses 六(二), 六(五)6. */
import { isParty, parties, sameHands } from "./party";
import { isAnnulled, type Mark, passed, recordIn, standing, type Stepped, stands } from "./steps";
import { addDays, covers, dayOf, type Span } from "./time";
import { type LedgerEvent, type Role, rule, table, type World } from "./definition";

/** The agreement of an authorization, or of one of its renewals: from the day of signing through the last day. */
export interface Agreement extends Span {
  readonly until: number;
  /** The act of its signing: `MSPID/journal/index`. */
  readonly act: string;
  /** When its trial (试运营期) is over, where it has one. */
  readonly trial?: number;
}

export interface Authorization extends Stepped {
  /** Credit code of the primary operator. */
  readonly operator: string;
  /** Of one that is older than the ledger: the day (`YYYY-MM-DD`) on which it was signed. */
  readonly existing?: string;
  /** In the order of the ledger; all are kept, because what happened is judged by the one in force then. */
  readonly agreements: readonly Agreement[];
  /** When the rectification ordered last is due, as versions before 0.6.0 kept it; since then it stands in the mark. */
  readonly rectification?: number;
}

export const authorizations = table<Authorization>("authorization");

export interface Named {
  readonly data: { readonly authorization: string };
}
export type Recorded = Named & { readonly recorded: number };

export const recordOf = (world: World, { data }: Named): Authorization | undefined => world.get(authorizations, data.authorization);
export const itsRecord = recordIn(authorizations, (d: Named["data"]) => d.authorization);

/**
 * An agreement lives by the act that signed it: from its own day, whenever that was recorded, as long as nobody annuls or withdraws it, nor annuls
 * the decision that it rests on.
 */
function signatureOf(record: Authorization, { act }: Agreement): Mark | undefined {
  if (isAnnulled(record, "decided")) return undefined;
  const { steps } = record;
  const isIts = (mark: Mark): boolean => mark.act === act && mark.annulled === undefined;
  return steps["signed"]?.find(isIts) ?? steps["renewed"]?.find(isIts);
}

/** Its agreements but for those that were annulled. */
export const agreementsOf = (record: Authorization | undefined): readonly Agreement[] =>
  record?.agreements.filter((it) => signatureOf(record, it) !== undefined) ?? [];

/** Whether an agreement was ever signed. */
export const isSigned = (record: Authorization | undefined): boolean =>
  record?.agreements.some((it) => signatureOf(record, it) !== undefined) === true;

/** The last day of the last agreement. */
export function lastDayOf(record: Authorization | undefined): string | undefined {
  const last = agreementsOf(record).at(-1);
  return last && addDays(dayOf(last.until), -1);
}

/** When the trial is over, where one was agreed. */
export const trialOf = (record: Authorization | undefined): number | undefined =>
  record?.agreements.find((it) => it.trial !== undefined && signatureOf(record, it) !== undefined)?.trial;

/** The trial's time is over, and the assessment was not passed in it. */
export function isLapsed(record: Authorization | undefined, at: number): boolean {
  const trial = trialOf(record);
  return trial !== undefined && trial <= at && !passed(record, "trial-assessed", at);
}

export const isTerminated = (record: Authorization | undefined, at: number): boolean => stands(record, "terminated", at);

/** Since when there is nothing left of it but what is still held: since it was terminated, or what it rested on was annulled. Milliseconds since 1970. */
export function overSince(record: Authorization | undefined, at: number): number | undefined {
  const termination = standing(record, "terminated", at);
  if (termination !== undefined || record === undefined || record.agreements.length === 0 || isSigned(record)) return termination?.at;
  return Math.max(...["decided", "signed", "renewed"].flatMap((step) => record.steps[step] ?? []).map(({ annulled = 0 }) => annulled));
}

/** Whether an agreement covers a time, unless it was withdrawn before. */
function covered(record: Authorization, agreement: Agreement, at: number): boolean {
  const signature = covers(agreement, at) ? signatureOf(record, agreement) : undefined;
  return signature !== undefined && (signature.until === undefined || at < signature.until);
}

/** Within the term of an agreement, and neither suspended nor with a lapsed trial. */
const isWithinTerm = (record: Authorization, at: number): boolean =>
  record.agreements.some((it) => covered(record, it, at)) && !stands(record, "suspended", at) && !isLapsed(record, at);

/** Whether it is in force at a time: within its term, and not terminated. */
export const isInForce = (record: Authorization | undefined, at: number): boolean =>
  record !== undefined && isWithinTerm(record, at) && !isTerminated(record, at);

/** Whether it is this party's own, by whatever code it was authorised. */
export const isOperators = (world: World, party: string, record: Authorization | undefined): boolean =>
  record !== undefined && isParty(world, party, record.operator);

/** Acts: the authorization is in force when the act is recorded, and it is this operator's. */
export const active = rule("authorization-inactive", (event: Recorded & { party: string }, world) => {
  const record = recordOf(world, event);
  return !isOperators(world, event.party, record) || !isInForce(record, event.recorded);
});

/**
 * An operator to whom another's authorization gives nothing, whatever else it is: a platform looks after its own operator's, or after all and is no
 * operator. Platform, agency and developers act under it by their own roles.
 * @param as roles that may do it: what an operator was given as another's developer is asked where that is known
 */
export function isStranger(world: World, party: string, authorization: string, as: readonly Role[] = []): boolean {
  const roles = world.get(parties, party)?.roles;
  if (roles === undefined) return true;
  const isOperator = roles.includes("primary-operator") && !(as.includes("developer") && roles.includes("developer"));
  return isOperator && !isOperators(world, party, world.get(authorizations, authorization));
}

/** Facts: there was an authorization at all, and not only another operator's. */
export const authorised = rule("no-authorization", (event: Named & Pick<LedgerEvent<unknown>, "party" | "type">, world) => {
  return !isSigned(recordOf(world, event)) || isStranger(world, event.party, event.data.authorization, event.type.by);
});

/** Acts: not on what is held under another's authorization. */
export const ownHolding = rule("not-your-event", ({ data, party }: Named & { party: string }, world) =>
  isStranger(world, party, data.authorization),
);

type Happened = Named & { readonly happened: number };

/** Facts: it happened within the term of an agreement, and not while it was suspended or after its trial had lapsed. */
export const withinTerm = rule("outside-term", (event: Happened, world) => {
  const record = recordOf(world, event);
  return record !== undefined && isSigned(record) && !isWithinTerm(record, event.happened);
});

/** Facts: it happened before the authorization was terminated. */
export const notTerminated = rule("after-termination", (event: Happened, world) => isTerminated(recordOf(world, event), event.happened));

/** Of the acts about an authorization itself: there is such a one. */
export const known = rule("authorization-unknown", (event: Named, world) => recordOf(world, event) === undefined);

/** It was signed and is not terminated; whether it is in force does not matter. */
export const notOver = rule("authorization-inactive", (event: Recorded, world) => {
  const record = recordOf(world, event);
  return record !== undefined && (!isSigned(record) || isTerminated(record, event.recorded));
});

/** An operator acts for itself. */
export const itsOperator = rule("not-your-event", (event: Named & { party: string }, world) => {
  const record = recordOf(world, event);
  return record !== undefined && !isOperators(world, event.party, record);
});

export function isOwnOperation(world: World, event: Named & { readonly party: string }): boolean {
  const operator = recordOf(world, event)?.operator;
  return operator !== undefined && sameHands(world, event.party, operator);
}

/** Nobody judges its own operation. */
export const othersOperation = rule("same-hands", (event: Named & { party: string }, world) => isOwnOperation(world, event));
