/** exit 退出: from its ground to the certificate, in this order. Clause 六(五)6. */
import { authorizations, isOperators } from "./authorization";
import { isAmong, isIndependent, isOneOf, isOtherHand, isStranger } from "./exit-hands";
import { bodyOf, isOf, left, partOf, settledOf } from "./exit-part";
import { groundMissing, groundOf, type Leaving, LEAVING } from "./exit-ground";
import { CLEAN, type Exit, EXIT_STEPS, exits, type ExitStep, isOfAll } from "./exit-record";
import { executedBy } from "./holding";
import { isBound, parties } from "./party";
import { parametersAt } from "./rulebook";
import { count, creditCode, digest, document, holdingName, id, list, moment, oneOf, optional, struct, text, transferName } from "./schema";
import { endedStep, marked, recordIn, standing, stands } from "./steps";
import { addMonths, dayOf, endOfDay } from "./time";
import {
  act,
  authorization,
  fact,
  type LedgerEvent,
  party,
  product,
  rule,
  type Rule,
  scenario,
  type Subject,
  table,
  type World,
} from "./definition";

/** The exit that was opened last for what ends, by {@link endingsOf}: under another number it would begin without what was found in it. */
const lastExits = table<{ readonly exit: string }>("exit-of");

/**
 * Who stands for a step within the party that takes it (责任人): its post, and whom it is by a salted digest of the number as which the party employs
 * them. Names are personal information, and the party can show who it was.
 */
const officer = optional(struct({ post: text, person: digest }));

const named = { exit: id, authorization: id, officer };

const withoutOfficer = <D extends { readonly officer?: unknown }>({ officer: _, ...others }: D): Omit<D, "officer"> => others;

interface Named {
  readonly data: { readonly exit: string; readonly authorization: string };
}
type Acted = Named & Pick<LedgerEvent<unknown>, "party" | "recorded">;

const about = (d: Named["data"]): readonly Subject[] => [{ kind: "exit", id: d.exit }, authorization(d.authorization)];
const itsRecord = recordIn(exits, (d: Named["data"]) => d.exit);

/** What ends, by what names it: a developer has one name with each of its codes. */
const ENDINGS: Readonly<Record<Leaving["leaving"], (d: Leaving, world: World) => readonly string[]>> = {
  operator: () => [""],
  developer: (d, world) => bodyOf(world, d.developer ?? "").map((code) => `${d.scenario} ${code}`),
  scenario: (d) => [`${d.scenario}`],
  product: (d) => [`${d.product}`],
};
const endingsOf = (d: Leaving, world: World): readonly string[] =>
  ENDINGS[d.leaving](d, world).map((name) => `${d.leaving} ${d.authorization} ${name}`);

/** The exits that were opened last of what ends. */
const exitsOf = (d: Leaving, world: World): readonly (readonly [exit: string, record: Exit])[] =>
  endingsOf(d, world).flatMap((ending) => {
    const last = world.get(lastExits, ending);
    const it = last && world.get(exits, last.exit);
    return last !== undefined && it !== undefined ? [[last.exit, it] as const] : [];
  });

const ownExit = rule("not-your-event", ({ data, party }: Named & { party: string }, world) => {
  const it = world.get(exits, data.exit);
  return it !== undefined && isStranger(world, it, party);
});

type OpenedEvent = { readonly data: Leaving & { readonly exit: string } } & Pick<LedgerEvent<unknown>, "recorded" | "party">;

/** Of one thing that ends there is one exit, until it is certified and another ground comes, or its opening is annulled. Lists those that there are. */
const notOpenedTwice = rule("exit-exists", ({ data, recorded }: OpenedEvent, world) => {
  if (world.get(exits, data.exit) !== undefined) return [data.exit];
  const since = groundOf(data, world, recorded)?.since;
  const isCertified = (it: Exit): boolean => stands(it, "certified", recorded) && it.residue === undefined;
  const isGoingOn = (it: Exit): boolean => it.since === since || !isCertified(it);
  return exitsOf(data, world).flatMap(([exit, it]) => (stands(it, "opened", recorded) && isGoingOn(it) ? [exit] : []));
});

const ownAuthorization = rule(
  "not-your-event",
  ({ data, party }: OpenedEvent, world) =>
    isBound(world, party) && !isOperators(world, party, world.get(authorizations, data.authorization)),
);

/** Lists what would be one. */
const ungrounded = (d: Leaving, world: World, at: number): readonly string[] =>
  groundOf(d, world, at) === undefined ? groundMissing(d) : [];

const grounded = rule("ground-not-met", ({ data, recorded }: OpenedEvent, world) => ungrounded(data, world, recorded));

/** The ground may have been annulled since, or what ended may have begun again. */
const stillGrounded = rule("ground-not-met", ({ data, recorded }: Acted, world) => {
  const it = world.get(exits, data.exit);
  return it === undefined ? [] : ungrounded(it, world, recorded);
});

export const opened = act("exit.opened", {
  clause: "六(五)6",
  by: ["implementing-agency", "authority", "primary-operator"],
  data: {
    ...named,
    leaving: oneOf(...LEAVING),
    developer: optional(creditCode),
    scenario: optional(id),
    product: optional(id),
    reason: optional(text),
  },
  about: (d) => [
    ...about(d),
    ...(d.developer === undefined ? [] : [party(d.developer)]),
    ...(d.scenario === undefined ? [] : [scenario(d.scenario)]),
    ...(d.product === undefined ? [] : [product(d.product)]),
  ],
  rules: [notOpenedTwice, ownAuthorization, grounded],
  effects: ({ data, recorded }, world) => {
    const found = groundOf(data, world, recorded);
    if (found === undefined) return;
    const operator = world.get(authorizations, data.authorization)?.operator ?? found.who;
    const { exit, reason: _, ...leaving } = data;
    const residue = exitsOf(data, world).find(([, it]) => it.residue !== undefined)?.[1].residue;
    const hands = [...new Set([operator, found.who])];
    const isMakers = data.leaving === "product" && !isOperators(world, found.who, world.get(authorizations, data.authorization));
    world.put(exits, exit, {
      ...withoutOfficer(leaving),
      ...{ since: found.since, hands, steps: {} },
      ...(isMakers ? { maker: found.who } : {}),
      ...(residue && { residue }),
    });
    for (const ending of endingsOf(data, world)) world.put(lastExits, ending, { exit });
  },
  on: itsRecord,
});

const known = rule("exit-unknown", ({ data }: Named, world) => world.get(exits, data.exit)?.authorization !== data.authorization);

/** Lists those of the steps that are not done, or hold no longer. */
const missing = (world: World, exit: string, steps: readonly string[], at: number): readonly string[] => {
  const it = world.get(exits, exit);
  if (it === undefined) return [];
  return steps.filter((step) => {
    const mark = standing(it, step, at);
    if (mark === undefined || !CLEAN.includes(step)) return mark === undefined;
    return it.residue !== undefined || !isOfAll(step, mark, settledOf(it, world));
  });
};

/** Of a step that is {@link isOfAll}: of how much. */
const ofSettled = (data: Named["data"], world: World): string => {
  const it = world.get(exits, data.exit);
  return String(it === undefined ? 0 : settledOf(it, world).count);
};

/** Each step has those before it. */
const after = (...steps: readonly string[]) =>
  rule("step-out-of-order", ({ data, recorded }: Named & { recorded: number }, world) =>
    missing(world, data.exit, [...new Set(["opened", ...steps])], recorded),
  );

/** Nothing is outstanding of what ends, whoever declared it and whenever. */
const accountedFor = rule("holdings-outstanding", ({ data }: Named, world) => {
  const it = world.get(exits, data.exit);
  return it !== undefined && left(it, world).outstanding > 0;
});

/** What a step waits for. Reconciling has a code of its own. */
function inOrder(step: ExitStep): readonly Rule<Acted["data"]>[] {
  const row = EXIT_STEPS[step];
  const before = after(...row.after.filter((other) => other !== "reconciled"));
  return row.cleared === true ? [before, accountedFor] : [before];
}

export const permissionsClosed = act("exit.permissions-closed", {
  clause: "六(五)6",
  by: ["implementing-agency"],
  data: { ...named, record: document },
  about,
  rules: [known, ...inOrder("permissions-closed")],
  effects: ({ data, party }, world) => {
    const it = world.get(exits, data.exit);
    if (it) world.put(exits, data.exit, { ...it, hands: [...new Set([...it.hands, party])] });
  },
  on: itsRecord,
});

export const announced = act("exit.announced", {
  clause: "六(五)6",
  by: ["implementing-agency", "authority"],
  data: { ...named, notice: document },
  about,
  rules: [known, ...inOrder("announced")],
  on: itsRecord,
  withdrawal: ["certified"],
});

/** The inventory is the ledger's, not anybody's word: count and root are those of what ends. */
const inventoryTrue = rule("holding-mismatch", ({ data }: Named & { data: { count: number; root: string } }, world) => {
  const it = world.get(exits, data.exit);
  if (it === undefined) return false;
  const part = partOf(it, world);
  const { outstanding, retained } = world.holdings(it.authorization, part);
  return data.count !== outstanding + retained || data.root !== world.inventory(it.authorization, part).root;
});

/** What was found on an older inventory holds no longer. */
export const inventoryFrozen = act("exit.inventory-frozen", {
  clause: "六(五)6",
  by: ["implementing-agency", "authority"],
  data: { ...named, root: digest, count },
  about,
  rules: [known, ...inOrder("inventory-frozen"), inventoryTrue],
  effects: ({ data }, world) => world.freeze(data.authorization),
  on: itsRecord,
  ends: ["inventory-frozen", "reconciled", ...CLEAN],
});

/** A supply that nobody pulled, or that differs, is explained, so that a false one blocks nobody for ever. */
export const transferExplained = act("exit.transfer-explained", {
  clause: "六(五)6",
  by: ["authority"],
  data: { ...named, transfer: transferName, explanation: text, evidence: optional(document) },
  about,
  rules: [known, after("inventory-frozen")],
  on: itsRecord,
  withdrawal: ["reconciled"],
});

export const reconciled = act("exit.reconciled", {
  clause: "六(五)6",
  by: ["authority"],
  data: { ...named, transfers: count, explained: count, report: optional(document) },
  about,
  rules: [known, ...inOrder("reconciled")],
  on: itsRecord,
  withdrawal: ["verified", "certified"],
});

const successorKnown = rule(
  "party-unknown",
  ({ data }: { data: { successor: string } }, world) => world.get(parties, data.successor) === undefined,
);

export const handedOver = act("exit.handed-over", {
  clause: "六(五)6",
  by: ["primary-operator", "developer", "implementing-agency", "authority"],
  data: {
    ...named,
    successor: creditCode,
    items: list(oneOf("platform", "assets", "keys", "logs"), { min: 1 }),
    record: document,
  },
  about: (d) => [...about(d), party(d.successor)],
  rules: [known, ownExit, successorKnown, ...inOrder("handed-over")],
  on: itsRecord,
});

const scanInOrder = rule("step-out-of-order", ({ data, happened }: Named & { happened: number }, world) =>
  missing(world, data.exit, EXIT_STEPS["residue-scanned"].after, happened),
);

const somethingScanned = rule("nothing-scanned", ({ data }: { data: { scanned: number; residues: number } }) => {
  return data.scanned === 0 && data.residues === 0;
});

/**
 * Only a scan of something, begun on what is frozen now, shows that nothing is left. What was found counts whenever it was looked for, and ends what was
 * verified without it; it stands, whoever finds none, until whoever found it, or an examiner with no hand in the exit, looks again later and finds
 * none. What strangers scan counts for nothing.
 */
export const residueScanned = fact("exit.residue-scanned", {
  clause: "六(五)6",
  by: ["implementing-agency", "primary-operator", "developer", "platform", "assessor"],
  data: {
    ...named,
    tool: text,
    /** When what it looked for was listed; where nothing is said, when it happened. */
    started: optional(moment),
    scanned: count,
    residues: count,
    unread: optional(count),
    report: document,
  },
  about,
  rules: [known, ownExit, scanInOrder, somethingScanned],
  effects: (event, world) => {
    const { data, party, happened, recorded, place } = event;
    const it = world.get(exits, data.exit);
    if (it?.authorization !== data.authorization || !stands(it, "opened", recorded) || isStranger(world, it, party)) return;
    const { residue = { by: [], at: -Infinity }, ...others } = it;
    if (data.residues > 0) {
      if (isOtherHand(world, it, party)) return;
      const found = { by: [...new Set([...residue.by, party])], at: Math.max(residue.at, Math.min(happened, recorded)) };
      const ended = CLEAN.reduce<Exit>((other, step) => endedStep(other, step, recorded, place), { ...it, residue: found });
      world.put(exits, data.exit, ended);
      return;
    }
    const frozen = standing(it, "inventory-frozen", recorded);
    const looked = Math.min(happened, recorded, data.started === undefined ? happened : Date.parse(data.started));
    if (data.scanned === 0 || frozen === undefined || looked < frozen.at) return;
    // To one of all that was accounted for, or that began later, it adds nothing: a certificate tells of the one that counted.
    const counted = standing(it, "residue-scanned", recorded);
    if (it.residue === undefined && counted !== undefined) {
      if (looked < Number(counted.result ?? 0) || isOfAll("residue-scanned", counted, settledOf(it, world))) return;
    }
    const later = looked > residue.at;
    const by = residue.by.filter((finder) => !later || !(isAmong(world, party, [finder]) || isIndependent(world, it, party)));
    if (by.length === 0) world.put(exits, data.exit, marked(others, "residue-scanned", event, String(looked)));
    else if (by.length < residue.by.length) world.put(exits, data.exit, { ...it, residue: { ...residue, by } });
  },
});

const transfersReconciled = rule(
  "transfers-unreconciled",
  ({ data, recorded }: Acted, world) => missing(world, data.exit, ["reconciled"], recorded).length > 0,
);

/**
 * Who carried the deletions out is what the ledger recorded of them, not what the verifier says; operators and developers verify for one another
 * nothing, whatever other roles they have. Whom only others named, so that nobody be left to
 * verify, may disown it, by a document that the certificate tells of.
 */
const otherHands = rule("same-hands", ({ data, party }: Acted & { readonly data: { readonly notExecutor?: unknown } }, world) => {
  const it = world.get(exits, data.exit);
  if (it === undefined) return false;
  const by = executedBy(world, party, it.authorization);
  return isOneOf(world, it, party) || isBound(world, party) || by === "itself" || (by === "others" && data.notExecutor === undefined);
});

export const verified = act("exit.verified", {
  clause: "六(五)6",
  by: ["source", "assessor"],
  data: {
    ...named,
    report: document,
    /** How much was looked at, and how. */
    examined: optional(struct({ extent: oneOf("full", "sample"), holdings: count, approach: text })),
    notExecutor: optional(document),
  },
  about,
  rules: [known, ...inOrder("verified"), stillGrounded, transfersReconciled, otherHands],
  on: itsRecord,
  result: ofSettled,
  withdrawal: ["certified", "completion-announced"],
});

export const certified = act("exit.certified", {
  clause: "六(五)6",
  by: ["authority"],
  data: { ...named, certificate: document },
  about,
  rules: [known, ...inOrder("certified"), stillGrounded, transfersReconciled],
  on: itsRecord,
  result: ofSettled,
  withdrawal: ["completion-announced"],
});

export const completionAnnounced = act("exit.completion-announced", {
  clause: "六(五)6",
  by: ["implementing-agency", "authority"],
  data: { ...named, notice: document },
  about,
  rules: [known, ...inOrder("completion-announced"), transfersReconciled],
  on: itsRecord,
});

interface Disposal {
  readonly holdings?: readonly string[];
}

/** What is disposed of is logs of what ends that are there and retained. Lists what is not. */
const areLogs = rule("holding-mismatch", ({ data }: Named & { data: Disposal }, world) => {
  const it = world.get(exits, data.exit);
  if (it === undefined) return [];
  return (data.holdings ?? []).filter((name) => {
    const held = world.holding(it.authorization, name);
    return held?.form !== "log" || held.until === undefined || !isOf(held, it, world);
  });
});

/**
 * Logs are kept for the rulebook's months from the ground on, each through the day until which it was retained if that is later. Where none is
 * named, none is left that was recorded as retained.
 */
const retentionOver = rule("retention-not-over", ({ data, recorded }: Acted & { data: Disposal }, world) => {
  const it = world.get(exits, data.exit);
  if (it === undefined) return false;
  const since = Math.max(it.since, groundOf(it, world, recorded)?.since ?? 0);
  if (recorded < endOfDay(addMonths(dayOf(since), parametersAt(world, recorded).logMonths))) return true;
  const { holdings = [] } = data;
  if (holdings.length === 0) return left(it, world).logs > 0;
  return holdings.filter((name) => {
    const until = world.holding(it.authorization, name)?.until;
    return until !== undefined && recorded < endOfDay(until);
  });
});

/** So many at a time: what it came to says whether logs are left. */
export const logsDisposed = act("exit.logs-disposed", {
  clause: "六(五)6",
  by: ["implementing-agency", "primary-operator", "developer", "platform"],
  data: { ...named, holdings: optional(list(holdingName, { max: 1000 })), record: document },
  about,
  rules: [known, ownExit, ...inOrder("logs-disposed"), areLogs, retentionOver],
  names: (d) => ({ authorization: d.authorization, holdings: d.holdings ?? [] }),
  effects: ({ data }, world) => data.holdings?.forEach((name) => world.strike(data.authorization, name)),
  on: itsRecord,
  result: (d, world) => {
    const it = world.get(exits, d.exit);
    return it === undefined || left(it, world).logs === 0 ? "all" : "some";
  },
});

export const types = [
  opened,
  permissionsClosed,
  announced,
  inventoryFrozen,
  transferExplained,
  reconciled,
  handedOver,
  residueScanned,
  verified,
  certified,
  completionAnnounced,
  logsDisposed,
];
