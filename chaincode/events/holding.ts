/** holding 留存数据: what became of data that was held. Clauses 六(五)6, 六(六). */
import { isInForce } from "./agreement";
import { authorised, authorizations, isStranger, ownHolding } from "./authorization";
import { isOpen, scenarios } from "./scenario";
import { creditCode, day, digest, document, holdingName, id, oneOf, optional, struct, text } from "./schema";
import { endOfDay } from "./time";
import { act, authorization, fact, party, rule, scenario } from "./definition";

interface Named {
  readonly data: { readonly authorization: string; readonly holding: string };
}

/** The holding is outstanding under that authorization, and it is the very data: name and digest agree. */
const matches = rule("holding-mismatch", ({ data }: Named & { data: { digest: string } }, world) => {
  return world.holding(data.authorization, data.holding)?.digest !== data.digest;
});

interface Evidence {
  readonly method: string;
  readonly key?: unknown;
  readonly media?: unknown;
  readonly backups?: { readonly state: string; readonly purged?: string };
}

/** Lists what the method leaves unproven: which key was destroyed, which medium; when the last backup goes that is beyond use until then. */
const evidenceGiven = rule("deletion-evidence-missing", ({ data }: { data: Evidence }) => [
  ...(data.method === "cryptographic-erase" && data.key === undefined ? ["key"] : []),
  ...(data.method === "destroy" && data.media === undefined ? ["media"] : []),
  ...(data.backups?.state === "beyond-use" && data.backups.purged === undefined ? ["backups/purged"] : []),
]);

/** Methods in the terms of NIST SP 800-88. Who carried it out is kept, so that somebody else verifies it. */
export const deleted = fact("holding.deleted", {
  clause: "六(五)6",
  by: ["primary-operator", "platform", "developer", "implementing-agency"],
  data: {
    authorization: id,
    holding: holdingName,
    digest,
    method: oneOf("clear", "purge", "destroy", "cryptographic-erase"),
    standard: optional(text),
    tool: text,
    toolVersion: optional(text),
    executor: text,
    executorParty: optional(creditCode),
    key: optional(struct({ name: id, record: document })),
    media: optional(struct({ make: text, serial: text })),
    backups: optional(struct({ state: oneOf("none", "purged", "beyond-use"), purged: optional(day) })),
  },
  about: (d) => [authorization(d.authorization)],
  rules: [matches, authorised, evidenceGiven],
  names: (d) => ({ authorization: d.authorization, holdings: [d.holding] }),
  effects: ({ data, party }, world) => {
    if (!isStranger(world, party, data.authorization)) world.clear(data.authorization, data.holding, data.digest);
  },
});

/** A ground, and a last day that is still to come. */
const basisGiven = rule(
  "retention-basis-missing",
  ({ data, recorded }: { data: { basis: string; statute?: unknown; until: string }; recorded: number }) =>
    (data.basis === "statute" && data.statute === undefined) || endOfDay(data.until) <= recorded,
);

export const retained = act("holding.retained", {
  clause: "六(五)6",
  by: ["primary-operator", "platform", "developer", "implementing-agency"],
  data: {
    authorization: id,
    holding: holdingName,
    digest,
    basis: oneOf("necessary-log", "statute"),
    statute: optional(text),
    until: day,
  },
  about: (d) => [authorization(d.authorization)],
  rules: [ownHolding, matches, basisGiven],
  names: (d) => ({ authorization: d.authorization, holdings: [d.holding] }),
  effects: ({ data }, world) => world.retain(data.authorization, data.holding, data.digest, data.until),
});

/** The successor has a scenario of its own, approved under an agreement of its own. */
const successorReviewed = rule(
  "retention-basis-missing",
  ({ data, recorded }: { data: { authorization: string; to: string; scenario: string }; recorded: number }, world) => {
    const its = world.get(scenarios, data.scenario);
    const agreement = its && world.get(authorizations, its.authorization);
    const isOwn = its?.operator === data.to && its.authorization !== data.authorization && agreement?.operator === data.to;
    return !isOwn || !isOpen(its, its.authorization, recorded) || !isInForce(agreement, recorded);
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
  effects: ({ data }, world) => world.clear(data.authorization, data.holding, data.digest),
});

const outstanding = rule("holding-mismatch", ({ data }: Named, world) => {
  return world.holding(data.authorization, data.holding) === undefined;
});

export const struck = act("holding.struck", {
  clause: "六(五)6",
  by: ["authority"],
  data: { authorization: id, holding: holdingName, reason: text, evidence: document },
  about: (d) => [authorization(d.authorization)],
  rules: [outstanding],
  names: (d) => ({ authorization: d.authorization, holdings: [d.holding] }),
  effects: ({ data }, world) => world.strike(data.authorization, data.holding),
});

export const types = [deleted, retained, transferred, struck];
