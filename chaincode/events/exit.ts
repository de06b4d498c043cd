/** exit 退出: from its ground to the certificate, in this order. Clause 六(五)6. */
import { authorizations, ownHolding as ownAuthorization } from "./authorization";
import { groundOf, type Leaving, LEAVING } from "./exit-ground";
import { parties } from "./party";
import { parametersAt } from "./rulebook";
import { count, creditCode, digest, document, holdingName, id, list, oneOf, optional, text } from "./schema";
import { endedStep, marked, recordIn, standing, type Stepped, stands } from "./steps";
import { addMonths, dayOf, endOfDay } from "./time";
import {
  act,
  authorization,
  fact,
  type LedgerEvent,
  party,
  product,
  type Role,
  rule,
  scenario,
  type Subject,
  table,
  type World,
} from "./definition";

export interface Exit extends Stepped {
  readonly authorization: string;
  /** Since when its ground stands: from then on logs are kept. Milliseconds since 1970. */
  readonly since: number;
  /** Credit codes of those who hold and delete: who verifies is none of them. */
  readonly hands: readonly string[];
  /** What ends is a part of the authorization: its frozen inventory. Absent where it is all that the authorization has. */
  readonly inventory?: readonly string[];
}

export const exits = table<Exit>("exit");

const named = { exit: id, authorization: id };

interface Named {
  readonly data: { readonly exit: string; readonly authorization: string };
}
type Acted = Named & Pick<LedgerEvent<unknown>, "party" | "recorded">;

const about = (d: Named["data"]): readonly Subject[] => [{ kind: "exit", id: d.exit }, authorization(d.authorization)];
const itsRecord = recordIn(exits, (d: Named["data"]) => d.exit);

const notOpenedTwice = rule("exit-exists", ({ data }: Named, world) => world.get(exits, data.exit) !== undefined);

type OpenedEvent = { readonly data: Leaving } & Pick<LedgerEvent<unknown>, "recorded">;

const grounded = rule("ground-not-met", ({ data, recorded }: OpenedEvent, world) => groundOf(data, world, recorded) === undefined);

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
    const part = data.leaving === "operator" ? {} : { inventory: [] };
    world.put(exits, data.exit, {
      authorization: data.authorization,
      since: found.since,
      hands: [...new Set([operator, found.who])],
      ...part,
      steps: {},
    });
  },
  on: itsRecord,
});

const known = rule("exit-unknown", ({ data }: Named, world) => world.get(exits, data.exit)?.authorization !== data.authorization);

/** Each step has those before it. Lists the ones that are missing. */
const missing = (world: World, exit: string, steps: readonly string[], at: number): readonly string[] => {
  const it = world.get(exits, exit);
  return it === undefined ? [] : steps.filter((step) => !stands(it, step, at));
};
const after = (...steps: readonly string[]) =>
  rule("step-out-of-order", ({ data, recorded }: Named & { recorded: number }, world) => missing(world, data.exit, steps, recorded));

export const permissionsClosed = act("exit.permissions-closed", {
  clause: "六(五)6",
  by: ["implementing-agency"],
  data: { ...named, record: document },
  about,
  rules: [known],
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
  rules: [known, after("permissions-closed")],
  on: itsRecord,
});

interface Listing {
  readonly authorization: string;
  readonly holdings?: readonly string[];
}
const listed = { holdings: optional(list(holdingName, { max: 1000 })) };
const names = (d: Listing): { authorization: string; holdings: readonly string[] } => ({
  authorization: d.authorization,
  holdings: d.holdings ?? [],
});

/** The inventory is the ledger's, not anybody's word: as many as there are, and each of a part by its name. */
const inventoryTrue = rule("holding-mismatch", ({ data }: Named & { data: Listing & { count: number } }, world) => {
  const it = world.get(exits, data.exit);
  if (it === undefined) return false;
  const { outstanding, retained } = world.holdings(data.authorization);
  if (it.inventory === undefined) return data.count !== outstanding + retained;
  const { holdings = [] } = data;
  return holdings.length !== data.count || holdings.filter((name) => world.holding(data.authorization, name) === undefined);
});

/** What was found on an older inventory holds no longer. */
export const inventoryFrozen = act("exit.inventory-frozen", {
  clause: "六(五)6",
  by: ["implementing-agency", "authority"],
  data: { ...named, root: digest, count, ...listed },
  about,
  rules: [known, after("permissions-closed"), inventoryTrue],
  names,
  effects: ({ data }, world) => {
    const it = world.get(exits, data.exit);
    if (it?.inventory !== undefined) world.put(exits, data.exit, { ...it, inventory: data.holdings ?? [] });
  },
  on: itsRecord,
  ends: ["inventory-frozen", "reconciled", "residue-scanned", "verified", "certified"],
});

/** A supply that nobody pulled, or that differs, is explained, so that a false one blocks nobody for ever. */
export const transferExplained = act("exit.transfer-explained", {
  clause: "六(五)6",
  by: ["authority"],
  data: { ...named, transfer: id, explanation: text, evidence: optional(document) },
  about,
  rules: [known, after("inventory-frozen")],
  on: itsRecord,
});

export const reconciled = act("exit.reconciled", {
  clause: "六(五)6",
  by: ["authority"],
  data: { ...named, transfers: count, explained: count, report: optional(document) },
  about,
  rules: [known, after("inventory-frozen")],
  on: itsRecord,
});

const LEAVERS: readonly Role[] = ["primary-operator", "developer"];

/** An operator or a developer speaks of its own exit. */
const ownExit = rule("not-your-event", ({ data, party }: Acted, world) => {
  const roles = world.get(parties, party)?.roles ?? [];
  return world.get(exits, data.exit)?.hands.includes(party) === false && roles.every((role) => LEAVERS.includes(role));
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
  rules: [known, ownExit, successorKnown, after("permissions-closed")],
  on: itsRecord,
});

const scanInOrder = rule("step-out-of-order", ({ data, happened }: Named & { happened: number }, world) =>
  missing(world, data.exit, ["inventory-frozen"], happened),
);

/** Only a scan of what is frozen now counts, and only until another one finds something. */
export const residueScanned = fact("exit.residue-scanned", {
  clause: "六(五)6",
  by: ["implementing-agency", "primary-operator", "developer", "platform", "assessor"],
  data: { ...named, tool: text, scanned: count, residues: count, report: document },
  about,
  rules: [known, scanInOrder],
  effects: (event, world) => {
    const { data, happened, recorded } = event;
    const it = world.get(exits, data.exit);
    const frozen = standing(it, "inventory-frozen", recorded);
    if (it?.authorization !== data.authorization || frozen === undefined || happened < frozen.at) return;
    world.put(
      exits,
      data.exit,
      data.residues === 0 ? marked(it, "residue-scanned", event) : endedStep(it, "residue-scanned", recorded, event.place),
    );
  },
});

/** Nothing is outstanding; of a part, each holding of its inventory is named and neither there nor unlawfully kept. */
const accountedFor = rule("holdings-outstanding", ({ data }: Named & { data: Listing }, world) => {
  const it = world.get(exits, data.exit);
  if (it === undefined) return false;
  if (it.inventory === undefined) return world.holdings(it.authorization).outstanding > 0;
  const given = new Set(data.holdings);
  return it.inventory.filter((name) => {
    const found = world.holding(it.authorization, name);
    return !given.has(name) || (found !== undefined && found.until === undefined);
  });
});

const transfersReconciled = rule(
  "transfers-unreconciled",
  ({ data, recorded }: Acted, world) => missing(world, data.exit, ["reconciled"], recorded).length > 0,
);

const otherHands = rule("same-hands", ({ data, party }: Acted & { data: { executors: readonly string[] } }, world) =>
  [...data.executors, ...(world.get(exits, data.exit)?.hands ?? [])].includes(party),
);

export const verified = act("exit.verified", {
  clause: "六(五)6",
  by: ["source", "assessor"],
  data: { ...named, executors: list(creditCode), ...listed, report: document },
  about,
  rules: [known, after("permissions-closed", "inventory-frozen", "residue-scanned"), accountedFor, transfersReconciled, otherHands],
  names,
  on: itsRecord,
});

export const certified = act("exit.certified", {
  clause: "六(五)6",
  by: ["authority"],
  data: { ...named, ...listed, certificate: document },
  about,
  rules: [known, after("verified"), accountedFor],
  names,
  on: itsRecord,
});

export const completionAnnounced = act("exit.completion-announced", {
  clause: "六(五)6",
  by: ["implementing-agency", "authority"],
  data: { ...named, notice: document },
  about,
  rules: [known, after("certified")],
  on: itsRecord,
});

/** Logs are kept for the rulebook's months from the ground on, each through the day until which it was retained if that is later. */
const retentionOver = rule("retention-not-over", ({ data, recorded }: Acted & { data: Listing }, world) => {
  const it = world.get(exits, data.exit);
  if (it === undefined) return false;
  const least = addMonths(dayOf(it.since), parametersAt(world, recorded).logMonths);
  if (recorded < endOfDay(least)) return true;
  return (data.holdings ?? []).filter((name) => {
    const until = world.holding(it.authorization, name)?.until;
    return until !== undefined && recorded < endOfDay(until);
  });
});

export const logsDisposed = act("exit.logs-disposed", {
  clause: "六(五)6",
  by: ["implementing-agency", "primary-operator", "developer", "platform"],
  data: { ...named, ...listed, record: document },
  about,
  rules: [known, ownExit, after("permissions-closed"), retentionOver],
  names,
  on: itsRecord,
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
