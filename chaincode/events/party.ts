/** party 主体管理: who takes part, in which roles, and what became of them. Clauses 四(二), 六(三)2, 六(五)6, 六(六), 七(五)9. */
import { within } from "./limits";
import { creditCode, day, digest, document, list, oneOf, optional, text } from "./schema";
import { amended, endedStep, kept, type Mark, marked, recordIn, type Stepped, stands } from "./steps";
import { act, type Effects, type LedgerEvent, party, type Role, ROLES, rule, type Rule, table, type World } from "./definition";

/** Of the departments that supervise: for what. Clause 七(四). */
const FIELDS = ["development-reform", "finance", "cyberspace", "public-security", "secrecy", "market-regulation", "audit"] as const;
type SupervisedField = (typeof FIELDS)[number];

export interface Party extends Stepped {
  readonly roles: readonly Role[];
  /** MSP ID of the organisation that speaks for this party. */
  readonly host: string;
  /** Credit code of who registered it; absent for the first. */
  readonly registeredBy?: string;
  /** Of a supervisor. */
  readonly field?: SupervisedField;
  /** Of a source: 公共服务运营单位, whose data is used by an agreement of their own. */
  readonly kind?: "public-utility";
  /** Credit codes of the parties that it was, or that became part of it: their history stays under these. */
  readonly former?: readonly string[];
  /** Credit codes of the parties that came after it. */
  readonly successors?: readonly string[];
  /** On which lists of the market regulator it stands, by acts of before 0.6.0: since then the marks say it. */
  readonly lists?: readonly string[];
}

export const parties = table<Party>("party");

/** The check character of GB 32100-2015: weights are the powers of 3 modulo 31. */
export function creditCodeValid(code: string): boolean {
  if (code.length !== 18) return false;
  const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  let sum = 0;
  let weight = 1;
  for (const character of code.slice(0, 17)) {
    sum += alphabet.indexOf(character) * weight;
    weight = (weight * 3) % 31;
  }
  return alphabet[(31 - (sum % 31)) % 31] === code[17];
}

/** Acts of a suspended party are refused, and those of a code that another goes on for; what such a party does is recorded all the same. */
export const mayAct = (it: Party, at: number): boolean => !stands(it, "suspended", at) && !stands(it, "succeeded", at);

/** Under which credit codes a party is or was known. */
export const codesOf = (world: World, party: string): readonly string[] => [party, ...(world.get(parties, party)?.former ?? [])];

/** Whether a party is the one that a code names: by that code now, or by it before it was renamed or became part of another. */
export const isParty = (world: World, party: string, code: string | undefined): boolean =>
  party === code || (code !== undefined && world.get(parties, party)?.former?.includes(code) === true);

/** Whether two codes are, or were, of one body: what has to be different hands is compared so. */
export const sameHands = (world: World, one: string, other: string): boolean =>
  codesOf(world, one).some((code) => isParty(world, other, code));

/** Who goes on for a party: itself, and those that came after it; parties can merge back and forth. */
export function successorsOf(world: World, party: string): readonly string[] {
  const all = new Set([party]);
  for (const code of all) for (const next of world.get(parties, code)?.successors ?? []) all.add(next);
  return [...all];
}

/** When the first party was registered here, and so the ledger began to be kept; milliseconds since 1970. */
export function beganAt(world: World): number | undefined {
  const registrations = world.all(parties).flatMap(({ steps }) => steps["registered"]?.[0]?.at ?? []);
  return registrations.length === 0 ? undefined : Math.min(...registrations);
}

export const isAuthority = (world: World, party: string): boolean => world.get(parties, party)?.roles.includes("authority") === true;

/** Roles in which a party looks after what is its own. */
export const BOUND: readonly Role[] = ["primary-operator", "developer"];

/** An operator or a developer: whatever other roles it has, it looks after what is its own and nobody else's. */
export const isBound = (world: World, party: string): boolean =>
  world.get(parties, party)?.roles.some((role) => BOUND.includes(role)) === true;

/** The authority may do it to anything; anyone else only to what is their own, or was before they were renamed or merged. */
export const ownOrAuthority = (world: World, party: string, owner: string | undefined): boolean =>
  isParty(world, party, owner) || isAuthority(world, party);

interface Named {
  readonly data: { readonly code: string };
}
type ByParty<D> = Pick<LedgerEvent<D>, "data" | "party">;

const itsRecord = recordIn(parties, (d: Named["data"]) => d.code);
const about = (d: Named["data"]) => [party(d.code)];

const codeValid = rule("credit-code-invalid", ({ data }: Named) => !creditCodeValid(data.code));

interface Described {
  readonly roles?: readonly Role[];
}

const hostsOf = (world: World, roles: readonly Role[] = []): readonly (string | undefined)[] => [
  ...new Set(roles.map((role) => world.host(role))),
];

/** A party has one host: all its roles are spoken for by one organisation, and there is one. */
const oneHost = rule("not-your-event", ({ data }: { data: Described }, world) => {
  const [host, ...others] = hostsOf(world, data.roles);
  return host === undefined || others.length > 0;
});

const onlyDevelops = (roles: readonly Role[]): boolean => roles.every((role) => role === "developer");

/** The operator keeps the register of developers, the authority that of everyone. */
const inOwnRegister = rule("not-your-event", ({ data, party }: ByParty<Described>, world) => {
  return data.roles !== undefined && !isAuthority(world, party) && !onlyDevelops(data.roles);
});

/** By developer: credit codes of operators under whose authorization it was ever authorised. None of before 0.6.0. */
const engagements = table<{ readonly operators: readonly string[] }>("engagement");

/** That a developer works under an operator's authorization. */
export function engaged(world: Effects, developer: string, operator: string): void {
  const { operators = [] } = world.get(engagements, developer) ?? {};
  if (!operators.includes(operator)) world.put(engagements, developer, { operators: kept([...operators, operator]) });
}

/** Whether a developer has worked for others than this operator, who would lose what the developer does by a word of this one. */
const worksForOthers = (world: World, code: string, operator: string): boolean =>
  codesOf(world, code).some((known) => world.get(engagements, known)?.operators.some((other) => !isParty(world, operator, other)));

/**
 * What holds for acts on parties that are registered: an operator looks after the developers that it registered, and that work for no other; the
 * authority after all.
 */
const onRegistered = <D>(codes: (data: D) => readonly string[]): readonly Rule<D>[] => [
  rule("party-unknown", ({ data }, world) => codes(data).filter((code) => world.get(parties, code) === undefined)),
  rule("not-your-event", ({ data, party }, world) => {
    const isIts = (code: string): boolean => {
      const it = world.get(parties, code);
      return it === undefined || (onlyDevelops(it.roles) && isParty(world, party, it.registeredBy) && !worksForOthers(world, code, party));
    };
    return !isAuthority(world, party) && !codes(data).every(isIts);
  }),
];

const notTwice = rule("party-exists", ({ data }: Named, world) => world.get(parties, data.code) !== undefined);

const by = ["authority", "primary-operator"] as const;
const described = { field: optional(oneOf(...FIELDS)), kind: optional(oneOf("public-utility")), agreement: optional(document) };

export const registered = act("party.registered", {
  clause: "七(五)9",
  by,
  data: { code: creditCode, name: text, roles: list(oneOf(...ROLES), { min: 1 }), ...described },
  about,
  rules: [codeValid, notTwice, oneHost, inOwnRegister],
  effects: ({ data: { code, roles, field, kind }, party: registeredBy }, world) => {
    const [host] = hostsOf(world, roles);
    if (host !== undefined)
      world.put(parties, code, { roles, host, registeredBy, ...(field && { field }), ...(kind && { kind }), steps: {} });
  },
  on: itsRecord,
});

const registeredOne = onRegistered((d: Named["data"]) => [d.code]);

/** Nobody is hosted elsewhere because of other roles. */
const sameHost = rule("not-your-event", ({ data }: Named & { data: Described }, world) => {
  const host = world.get(parties, data.code)?.host;
  return host !== undefined && hostsOf(world, data.roles).some((other) => other !== host);
});

/** An authority that gave up its role could not give it to anyone again. */
const staysAuthority = rule("not-your-event", ({ data, party }: ByParty<Named["data"] & Described>, world) => {
  return data.code === party && isAuthority(world, party) && data.roles?.includes("authority") === false;
});

export const updated = act("party.updated", {
  clause: "六(三)2",
  by,
  data: { code: creditCode, name: optional(text), roles: optional(list(oneOf(...ROLES), { min: 1 })), ...described },
  about,
  rules: [...registeredOne, sameHost, inOwnRegister, staysAuthority],
  effects: ({ data: { code, roles, field, kind } }, world) => {
    const it = world.get(parties, code);
    if (it) world.put(parties, code, { ...it, ...(roles && { roles }), ...(field && { field }), ...(kind && { kind }) });
  },
  on: itsRecord,
});

/** Under which other codes a party is known once it goes on for some. */
const formerWith = (world: World, code: string, old: readonly string[]): readonly string[] => [
  ...new Set([...(world.get(parties, code)?.former ?? []), ...old.flatMap((one) => codesOf(world, one))].filter((name) => name !== code)),
];

/** @param succession who ends, and who goes on. Each fact of a party is looked for under all its codes, and an exit counts what its successors have. */
const codesBounded = <D>(succession: (data: D) => { readonly old: readonly string[]; readonly now: readonly string[] }): Rule<D> =>
  within("codes", ({ data }, world) => {
    const { old, now } = succession(data);
    const successors = old.map((code) => world.get(parties, code)).map((it) => (it === undefined ? 0 : successorsWith(it, now).length));
    return Math.max(0, ...now.map((code) => formerWith(world, code, old).length), ...successors);
  });

/** Who comes after it, with those who did before: who goes on for it twice takes nothing away from the first. */
const successorsWith = (it: Party, now: readonly string[]): readonly string[] => [...new Set([...(it.successors ?? []), ...now])];

type Codes = Readonly<Record<string, readonly string[]>>;

/** By the act of a succession: which codes it gave to whom as former ones and as successors. None of before 0.6.0. */
const successions = table<{ readonly former: Codes; readonly successors: Codes }>("succession");

/** The old codes keep their history and act no more; the new ones name them. A code among both goes on. */
function succeed<D>(event: LedgerEvent<D>, world: Effects, old: readonly string[], now: readonly string[]): void {
  const known = (code: string): Party | undefined => world.get(parties, code);
  const former = new Map(now.map((code) => [code, formerWith(world, code, old)]));
  const added = (all: readonly string[], before: readonly string[] = []): readonly string[] => all.filter((one) => !before.includes(one));
  world.put(successions, event.place, {
    former: Object.fromEntries([...former].map(([code, all]) => [code, added(all, known(code)?.former)])),
    successors: Object.fromEntries(old.filter((code) => !now.includes(code)).map((code) => [code, added(now, known(code)?.successors)])),
  });
  for (const code of old) {
    const it = known(code);
    if (it && !now.includes(code)) world.put(parties, code, { ...marked(it, "succeeded", event), successors: successorsWith(it, now) });
  }
  for (const code of now) {
    const it = known(code);
    if (it) world.put(parties, code, { ...it, former: former.get(code) ?? [] });
  }
}

/** Of a succession that is annulled, if it was one: who ended goes on as before, and who got codes by it, be it by way of others, has them no more. */
export function undoSuccession(act: string, at: number, world: Effects): void {
  const { former = {}, successors = {} } = world.get(successions, act) ?? {};
  const change = (code: string, by: (it: Party) => Partial<Party>): void => {
    const it = world.get(parties, code);
    if (it) world.put(parties, code, { ...it, ...by(it) });
  };
  const without = (all: readonly string[] = [], codes: readonly string[] = []): readonly string[] =>
    all.filter((one) => !codes.includes(one));
  for (const [now, codes] of Object.entries(former))
    for (const code of successorsOf(world, now)) change(code, (it) => ({ former: without(it.former, codes) }));
  for (const [old, codes] of Object.entries(successors)) change(old, (it) => ({ successors: without(it.successors, codes) }));
  for (const code of Object.keys({ ...former, ...successors }))
    change(code, (it) => amended(it, act, (mark) => ({ ...mark, annulled: mark.annulled ?? at })));
}

/** Nobody but its successor says that a party has come to its end: else nobody might be left to say anything. */
const notOneself = <D>(ending: (data: D) => readonly string[]): Rule<D> =>
  rule("not-your-event", ({ data, party }) => ending(data).includes(party));

/** With another code, where that changed too: `code` is the one from now on. */
export const renamed = act("party.renamed", {
  clause: "六(三)2",
  by,
  data: { code: creditCode, name: text, former: optional(creditCode), document: optional(document) },
  about: (d) => [d.code, ...(d.former === undefined ? [] : [d.former])].map(party),
  rules: [
    codeValid,
    ...onRegistered((d: { code: string; former?: string }) => [d.former ?? d.code]),
    rule(
      "party-exists",
      ({ data }: { data: { code: string; former?: string } }, world) =>
        data.former !== undefined && world.get(parties, data.code) !== undefined,
    ),
    codesBounded(({ code, former }: { code: string; former?: string }) => ({ old: former === undefined ? [] : [former], now: [code] })),
  ],
  effects: (event, world) => {
    const { code, former } = event.data;
    const it = former === undefined ? undefined : world.get(parties, former);
    if (former === undefined || it === undefined) return;
    // The same body: what it was suspended for or listed as goes with it.
    const { former: _, ...same } = it;
    world.put(parties, code, same);
    succeed(event, world, [former], [code]);
  },
  on: itsRecord,
});

type Merged = Named["data"] & { readonly former: readonly string[] };

/**
 * Into a party that is registered: a new one, or one of them. What one of several bodies has is another's from then on, and so is what its exit waits
 * for: an operator, who keeps the register of developers, would block their exits so. The same holds of a split.
 */
export const merged = act("party.merged", {
  clause: "六(三)2",
  by: ["authority"],
  data: { code: creditCode, former: list(creditCode, { min: 1 }), document: optional(document) },
  about: (d) => [...new Set([d.code, ...d.former])].map(party),
  rules: [
    ...onRegistered((d: Merged) => [...new Set([d.code, ...d.former])]),
    notOneself((d: Merged) => d.former.filter((code) => code !== d.code)),
    codesBounded(({ code, former }: Merged) => ({ old: former, now: [code] })),
  ],
  effects: (event, world) => succeed(event, world, event.data.former, [event.data.code]),
  on: itsRecord,
});

type Split = Named["data"] & { readonly into: readonly string[] };

/** Into parties that are registered; itself among them where it goes on. */
export const split = act("party.split", {
  clause: "六(三)2",
  by: ["authority"],
  data: { code: creditCode, into: list(creditCode, { min: 1 }), document: optional(document) },
  about: (d) => [...new Set([d.code, ...d.into])].map(party),
  rules: [
    ...onRegistered((d: Split) => [...new Set([d.code, ...d.into])]),
    notOneself((d: Split) => (d.into.includes(d.code) ? [] : [d.code])),
    codesBounded(({ code, into }: Split) => ({ old: [code], now: into })),
  ],
  effects: (event, world) => succeed(event, world, [event.data.code], event.data.into),
  on: itsRecord,
});

const reasoned = { code: creditCode, reason: text, document: optional(document) };

export const suspended = act("party.suspended", {
  clause: "六(三)2",
  by,
  data: reasoned,
  about,
  rules: [...registeredOne, notOneself((d: Named["data"]) => [d.code])],
  on: itsRecord,
  withdrawal: "barred",
});

export const reinstated = act("party.reinstated", {
  clause: "六(三)2",
  by,
  data: reasoned,
  about,
  rules: registeredOne,
  on: itsRecord,
  ends: ["suspended"],
});

/** 经营异常名录, 严重违法失信企业名单. */
const listing = { code: creditCode, list: oneOf("abnormal-operation", "serious-dishonesty"), day, document: optional(document) };

export const creditListed = act("party.credit-listed", {
  clause: "六(五)6",
  by,
  data: listing,
  about,
  rules: registeredOne,
  on: itsRecord,
  withdrawal: "barred",
  result: (d) => d.list,
});

/** Who stands on both lists is listed until it is on neither: each has marks of its own. */
export const creditDelisted = act("party.credit-delisted", {
  clause: "六(五)6",
  by,
  data: listing,
  about,
  rules: registeredOne,
  effects: ({ data, recorded, place }, world) => {
    const it = world.get(parties, data.code);
    if (it === undefined) return;
    const lists = it.lists?.filter((name) => name !== data.list);
    const isOver = ({ result }: Mark): boolean => (result === undefined ? lists === undefined || lists.length === 0 : result === data.list);
    world.put(parties, data.code, { ...endedStep(it, "credit-listed", recorded, place, isOver), ...(lists && { lists }) });
  },
  on: itsRecord,
});

/** 第一责任人 of security, and who looks after data: by post; who that is stays outside the ledger. */
export const officerDesignated = act("party.officer-designated", {
  clause: "六(六)",
  by,
  data: { code: creditCode, duty: oneOf("first-responsible", "data-staff"), post: text, person: digest },
  about,
  rules: registeredOne,
  on: itsRecord,
});

export const types = [registered, updated, renamed, merged, split, suspended, reinstated, creditListed, creditDelisted, officerDesignated];
