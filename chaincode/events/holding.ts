/** holding 留存数据: what became of data that was held. Clauses 六(五)6, 六(六). */
import { authorised, isStranger, ownHolding } from "./authorization";
import { day, digest, document, holdingName, id, oneOf, optional, text } from "./schema";
import { endOfDay } from "./time";
import { act, authorization, fact, rule } from "./definition";

interface Named {
  readonly data: { readonly authorization: string; readonly holding: string };
}

/** The holding is outstanding under that authorization, and it is the very data: name and digest agree. */
const matches = rule("holding-mismatch", ({ data }: Named & { data: { digest: string } }, world) => {
  return world.holding(data.authorization, data.holding)?.digest !== data.digest;
});

export const deleted = fact("holding.deleted", {
  clause: "六(五)6",
  by: ["primary-operator", "platform", "developer", "implementing-agency"],
  data: {
    authorization: id,
    holding: holdingName,
    digest,
    method: oneOf("clear", "purge", "destroy", "cryptographic-erase"),
    tool: text,
    executor: text,
  },
  about: (d) => [authorization(d.authorization)],
  rules: [matches, authorised],
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
  by: ["primary-operator", "platform", "implementing-agency"],
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

export const types = [deleted, retained, struck];
