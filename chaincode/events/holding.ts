/** holding 留存数据: what became of data that was held. Clauses 六(五)6, 六(六). */
import type { Holding } from "../proof/holdings-page";
import { isInForce } from "./agreement";
import { exits } from "./exit-record";
import { authorizations, isOperators } from "./authorization";
import { endedSince } from "./exit-ground";
import { codesOf, isAuthority, isBound, isParty, parties, sameHands } from "./party";
import { parametersAt } from "./rulebook";
import { isOpen, scenarios } from "./demand";
import { creditCode, day, digest, document, holdingName, id, list, oneOf, optional, struct, text } from "./schema";
import { addMonths, dayOf, endOfDay } from "./time";
import {
  act,
  authorization,
  type Effects,
  fact,
  type LedgerEvent,
  party,
  type Role,
  rule,
  scenario,
  table,
  type Whose,
  type World,
} from "./definition";

interface Named {
  readonly data: { readonly authorization: string; readonly holding: string };
}
type Done = Named & Pick<LedgerEvent<unknown>, "party" | "recorded">;

const heldIn = (world: World, { data }: Named): Holding | undefined => world.holding(data.authorization, data.holding);

/** The holding is outstanding under that authorization, and it is the very data: name and digest agree. */
const matches = rule("holding-mismatch", (event: Named & { data: { digest: string } }, world) => {
  return heldIn(world, event)?.digest !== event.data.digest;
});

const CUSTODIANS: readonly Role[] = ["platform", "implementing-agency"];

/** Who looks after the platform. */
const isCustodian = (world: World, party: string): boolean =>
  !isBound(world, party) && world.get(parties, party)?.roles.some((role) => CUSTODIANS.includes(role)) === true;

/**
 * Whose word about a holding counts: who declared it, the operator of the authorization, and for what lies on the platform the platform and the
 * implementing agency; never another operator or developer, whatever other roles it has.
 */
function isInCharge(world: World, party: string, name: string, held: Holding): boolean {
  if (isParty(world, party, held.party)) return true;
  return isOperators(world, party, world.get(authorizations, name)) || (held.off !== true && isCustodian(world, party));
}

function isMeddling(event: Done, world: World): boolean {
  const held = heldIn(world, event);
  return held !== undefined && !isInCharge(world, event.party, event.data.authorization, held);
}
const inCharge = rule("not-your-event", isMeddling);

/** Of a developer is what it declared, whoever deletes it. */
const whoseIs = (world: World, authorization: string, { party }: Holding): Whose =>
  isBound(world, party) && !isOperators(world, party, world.get(authorizations, authorization)) ? "developers" : "others";

function clear({ data }: { readonly data: Named["data"] & { readonly digest: string } }, world: Effects): void {
  const held = heldIn(world, { data });
  if (held !== undefined) world.clear(data.authorization, data.holding, data.digest, whoseIs(world, data.authorization, held));
}

interface Evidence {
  readonly method: string;
  readonly standard?: unknown;
  readonly toolVersion?: unknown;
  readonly key?: unknown;
  readonly media?: unknown;
  readonly backups?: { readonly state: string; readonly purged?: string };
}

/**
 * Lists what is left unproven: by which standard and which version of the tool; which key was destroyed, which medium; when the last backup
 * goes that is beyond use until then.
 */
const evidenceGiven = rule("deletion-evidence-missing", ({ data }: { data: Evidence }) => [
  ...(data.standard === undefined ? ["standard"] : []),
  ...(data.toolVersion === undefined ? ["toolVersion"] : []),
  ...(data.method === "cryptographic-erase" && data.key === undefined ? ["key"] : []),
  ...(data.method === "destroy" && data.media === undefined ? ["media"] : []),
  ...(data.backups?.state === "beyond-use" && data.backups.purged === undefined ? ["backups/purged"] : []),
]);

/** What is retained until a day is not deleted before. */
const retentionOver = rule("retention-not-over", (event: Named & { happened: number }, world) => {
  const until = heldIn(world, event)?.until;
  return until !== undefined && event.happened < endOfDay(until);
});

/** Who carried out deletions under an authorization, by the ledger's own record. A credit code has no colon. */
const executors = table<{ readonly act: string; /** By others alone. */ readonly named?: true }>("executor");
const executorOf = (party: string, authorization: string): string => `${party}:${authorization}`;

/** By whose word a party, by whatever code, carried out a deletion under an authorization; undefined where it did not. */
export function executedBy(world: World, party: string, authorization: string): "itself" | "others" | undefined {
  const known = codesOf(world, party).flatMap((code) => world.get(executors, executorOf(code, authorization)) ?? []);
  if (known.length === 0) return undefined;
  return known.some(({ named }) => named !== true) ? "itself" : "others";
}

const HOLDERS: readonly Role[] = ["primary-operator", "platform", "developer", "implementing-agency"];

/** Who it was, what with: `executor` is a post, `executorParty` whose it is where it is not the party that reports. */
const carriedOut = { tool: text, toolVersion: optional(text), executor: text, executorParty: optional(creditCode) };

/** Methods in the terms of NIST SP 800-88. Who carried it out is kept, so that somebody else verifies it. */
export const deleted = fact("holding.deleted", {
  clause: "六(五)6",
  by: HOLDERS,
  data: {
    authorization: id,
    holding: holdingName,
    digest,
    method: oneOf("clear", "purge", "destroy", "cryptographic-erase"),
    standard: optional(text),
    ...carriedOut,
    key: optional(struct({ name: id, record: document })),
    media: optional(struct({ make: text, serial: text })),
    backups: optional(struct({ state: oneOf("none", "purged", "beyond-use"), purged: optional(day) })),
  },
  about: (d) => [authorization(d.authorization)],
  rules: [matches, inCharge, evidenceGiven, retentionOver],
  names: (d) => ({ authorization: d.authorization, holdings: [d.holding] }),
  effects: (event, world) => {
    const { data, party, place } = event;
    const held = heldIn(world, event);
    if (held?.digest !== data.digest || !isInCharge(world, party, data.authorization, held)) return;
    clear(event, world);
    for (const code of [party, data.executorParty ?? party]) {
      const key = executorOf(code, data.authorization);
      const [known, named] = [world.get(executors, key), code !== party];
      if (known === undefined || (known.named === true && !named))
        world.put(executors, key, { act: place, ...(named ? { named: true as const } : {}) });
    }
  },
});

const exitKnown = rule("exit-unknown", ({ data }: { data: { authorization: string; exit?: string } }, world) => {
  return data.exit !== undefined && world.get(exits, data.exit)?.authorization !== data.authorization;
});

/**
 * The backups are gone that were to go by a day: of what this party deleted, and left beyond use until then. Where an exit is named, its certificate, asked
 * for again, tells of it.
 */
export const backupsPurged = fact("holding.backups-purged", {
  clause: "六(五)6",
  by: HOLDERS,
  data: { authorization: id, exit: optional(id), through: day, ...carriedOut, record: document },
  about: (d) => [authorization(d.authorization), ...(d.exit === undefined ? [] : [{ kind: "exit", id: d.exit } as const])],
  rules: [exitKnown],
});

type Retaining = Done & { readonly data: { readonly basis: string; readonly statute?: unknown; readonly until: string } };

/** By statute it is the authority that retains. */
const byStatute = (world: World, { data, party }: Retaining): boolean => data.basis === "statute" && isAuthority(world, party);

const mayRetain = rule("not-your-event", (event: Retaining, world) => !byStatute(world, event) && isMeddling(event, world));

/**
 * A last day that is still to come; and the statute, named by the authority, or that it is a log, kept no shorter than recorded before and no longer than
 * the rulebook allows: from when what it is held for ended, so that saying so again and again keeps nothing for ever.
 */
const basisGiven = rule("retention-basis-missing", (event: Retaining, world) => {
  const { data, recorded } = event;
  if (endOfDay(data.until) <= recorded) return true;
  if (data.basis === "statute") return data.statute === undefined || !byStatute(world, event);
  const held = heldIn(world, event);
  if (held === undefined) return false;
  const since = endedSince(data.authorization, held, world, recorded) ?? recorded;
  const most = addMonths(dayOf(since), parametersAt(world, recorded).logMonthsMost);
  return held.form !== "log" || data.until > most || (held.until !== undefined && data.until < held.until);
});

export const retained = act("holding.retained", {
  clause: "六(五)6",
  by: [...HOLDERS, "authority"],
  data: {
    authorization: id,
    holding: holdingName,
    digest,
    basis: oneOf("necessary-log", "statute"),
    statute: optional(text),
    until: day,
  },
  about: (d) => [authorization(d.authorization)],
  rules: [mayRetain, matches, basisGiven],
  names: (d) => ({ authorization: d.authorization, holdings: [d.holding] }),
  effects: (event, world) => {
    const { authorization, holding, digest, until } = event.data;
    const held = heldIn(world, event);
    if (held !== undefined) world.retain(authorization, holding, digest, until, whoseIs(world, authorization, held));
  },
});

/** The successor has a scenario of its own, approved under an agreement of its own; and it is none of whose exit it is, which would keep what it has. */
const successorReviewed = rule(
  "retention-basis-missing",
  ({ data, recorded }: { data: { authorization: string; to: string; scenario: string }; recorded: number }, world) => {
    const its = world.get(scenarios, data.scenario);
    const agreement = its && world.get(authorizations, its.authorization);
    const isOwn = its?.operator === data.to && its.authorization !== data.authorization && agreement?.operator === data.to;
    const operator = world.get(authorizations, data.authorization)?.operator;
    const isItself = operator !== undefined && sameHands(world, data.to, operator);
    return !isOwn || isItself || !isOpen(its, its.authorization, recorded) || !isInForce(agreement, recorded);
  },
);

/** To a successor, who declares anew what it holds. */
export const transferred = act("holding.transferred", {
  clause: "六(五)6",
  by: ["authority"],
  data: { authorization: id, holding: holdingName, digest, to: creditCode, scenario: id, decision: document },
  about: (d) => [authorization(d.authorization), scenario(d.scenario), party(d.to)],
  rules: [matches, successorReviewed],
  names: (d) => ({ authorization: d.authorization, holdings: [d.holding] }),
  effects: clear,
});

interface Struck {
  readonly holding?: string;
  readonly holdings?: readonly string[];
}
const struckOf = ({ holding, holdings = [] }: Struck): readonly string[] => [...(holding === undefined ? [] : [holding]), ...holdings];

/** Outstanding, retained or cleared: who deleted what was declared by mistake may have had to. Lists what was never there. */
const everHeld = rule("holding-mismatch", ({ data }: { data: Struck & { authorization: string } }, world) => {
  const names = struckOf(data);
  if (names.length === 0) return true;
  return names.filter((name) => world.holding(data.authorization, name) === undefined && !world.isCleared(data.authorization, name));
});

/** From then on nobody looks for it, and it is none of what was accounted for, unless it was before. One, or many at a time. */
export const struck = act("holding.struck", {
  clause: "六(五)6",
  by: ["authority"],
  data: {
    authorization: id,
    holding: optional(holdingName),
    holdings: optional(list(holdingName, { max: 1000 })),
    reason: text,
    evidence: document,
  },
  about: (d) => [authorization(d.authorization)],
  rules: [everHeld],
  names: (d) => ({ authorization: d.authorization, holdings: struckOf(d) }),
  effects: ({ data }, world) => struckOf(data).forEach((name) => world.strike(data.authorization, name)),
});

export const types = [deleted, backupsPurged, retained, transferred, struck];
