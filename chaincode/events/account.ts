/** account 核算: what operating costs and brings in, how it is shared, and who looked at the books. Clauses 六(五)4-5, 七(四)2. */
import { authorizations } from "./authorization";
import { itsOversight, overseen } from "./oversight";
import { codesOf, parties } from "./party";
import { creditCode, document, fen, id, list, oneOf, optional, struct, text, year } from "./schema";
import { isStanding } from "./steps";
import { act, authorization, fact, type LedgerEvent, party, rule, type World } from "./definition";

interface Named {
  readonly data: { readonly authorization: string };
}

const about = (d: Named["data"]) => [authorization(d.authorization)];

type ByParty = Pick<LedgerEvent<Named["data"]>, "data" | "party">;

const isItsOperator = (world: World, { data, party }: ByParty): boolean => {
  const operator = world.get(authorizations, data.authorization)?.operator;
  return operator !== undefined && codesOf(world, party).includes(operator);
};

/** Books are closed after the year, and after a term, so that only whose they are is judged. */
const ofOwnAuthorization = rule("no-authorization", (event: ByParty, world) => !isItsOperator(world, event));

/** A line of the books of a year. */
const line = { authorization: id, year, entry: id, amount: fen, document: optional(document) };

/** 经营成本: developing products, keeping data safe, building the services. Getting data from a source is a cost of development. */
export const costRecorded = fact("account.cost-recorded", {
  clause: "六(五)4",
  by: ["primary-operator"],
  data: { ...line, costType: oneOf("development", "security", "service-system"), source: optional(creditCode) },
  about,
  rules: [ofOwnAuthorization],
});

/** 收入: from selling products and services, from data services, from trading data. */
export const revenueRecorded = fact("account.revenue-recorded", {
  clause: "六(五)4",
  by: ["primary-operator"],
  data: { ...line, revenueType: oneOf("sales", "data-service", "data-trading") },
  about,
  rules: [ofOwnAuthorization],
});

const known = rule("authorization-unknown", ({ data }: Named, world) => world.get(authorizations, data.authorization) === undefined);

const ownBooks = rule("not-your-event", (event: ByParty, world) => {
  return world.get(authorizations, event.data.authorization) !== undefined && !isItsOperator(world, event);
});

interface Shared {
  readonly shares: readonly { readonly party: string; readonly amount: number }[];
}

const sharersKnown = rule("party-unknown", ({ data }: { data: Shared }, world) =>
  data.shares.map(({ party }) => party).filter((code) => world.get(parties, code) === undefined),
);

/** What is shared is 总收益（税后）: revenue less cost and tax, to the fen. */
const sumsAgree = rule(
  "sums-differ",
  ({ data }: { data: Shared & { revenue: number; cost: number; tax: number } }) =>
    data.shares.reduce((sum, { amount }) => sum + BigInt(amount), 0n) !== BigInt(data.revenue) - BigInt(data.cost) - BigInt(data.tax),
);

/** The proceeds of a year are shared out once: another sharing-out takes the place of one that was withdrawn or annulled. */
const notDistributedTwice = rule("distribution-exists", ({ data, recorded }: Named & { data: { year: string }; recorded: number }, world) =>
  overseen(world, data.authorization, "distributed").some((mark) => mark.result === data.year && isStanding(mark, recorded)),
);

const share = struct({ party: creditCode, amount: fen });

export const distributed = act("account.distributed", {
  clause: "六(五)5",
  by: ["primary-operator"],
  data: { authorization: id, year, revenue: fen, cost: fen, tax: fen, shares: list(share, { min: 1 }), document: optional(document) },
  about: (d) => [authorization(d.authorization), ...[...new Set(d.shares.map((one) => one.party))].map(party)],
  rules: [known, ownBooks, notDistributedTwice, sharersKnown, sumsAgree],
  on: itsOversight,
  result: (d) => d.year,
});

/** The department of finance, too, may say what it was paid. */
const ownPayment = rule("not-your-event", (event: ByParty, world) => {
  const isSupervisor = world.get(parties, event.party)?.roles.includes("supervisor") === true;
  return !isSupervisor && ownBooks.broken(event as never, world) === true;
});

/** 非税收入: what is paid to the treasury for the use of public data. */
export const nontaxPaid = act("account.nontax-paid", {
  clause: "七(四)2",
  by: ["primary-operator", "supervisor"],
  data: { authorization: id, year, amount: fen, document },
  about,
  rules: [known, ownPayment],
  on: itsOversight,
});

const auditedByOthers = rule("not-your-event", (event: ByParty, world) => isItsOperator(world, event));

export const audited = act("account.audited", {
  clause: "六(五)4",
  by: ["assessor", "supervisor"],
  data: {
    authorization: id,
    year,
    opinion: oneOf("unqualified", "qualified", "adverse", "disclaimer"),
    report: document,
    note: optional(text),
  },
  about,
  rules: [known, auditedByOthers],
  on: itsOversight,
});

export const types = [costRecorded, revenueRecorded, distributed, nontaxPaid, audited];
