import { expect } from "chai";
import { AUDITOR, PRICES, withOthers } from "./market";
import { AUTHORITY, AUTHORIZATION, example, METEOROLOGY, OPERATOR, STRANGER, TRANSPORT } from "./world";

const UNHEARD = { authorization: "unheard-of" };
const distribute = (change: object) => example("account.distributed", OPERATOR, change);

describe("the books of an authorization", () => {
  it("are its operator's, and what they say is recorded", () => {
    const world = withOthers("authorization.signed");
    for (const type of ["account.cost-recorded", "account.revenue-recorded"] as const) {
      expect(world.codes(example(type, STRANGER)), type).to.deep.equal(["no-authorization"]);
      expect(world.codes(example(type, OPERATOR, UNHEARD)), type).to.deep.equal(["no-authorization"]);
      expect(world.codes(example(type, OPERATOR)), type).to.deep.equal([]);
    }
    for (const type of ["account.distributed", "account.nontax-paid"] as const) {
      expect(world.codes(example(type, STRANGER)), type).to.deep.equal(["not-your-event"]);
      expect(world.codes(example(type, OPERATOR, UNHEARD)), type).to.deep.equal(["authorization-unknown"]);
      expect(world.codes(example(type, OPERATOR)), type).to.deep.equal([]);
    }
    expect(world.codes(example("account.nontax-paid", PRICES)), "as the department of finance would").to.deep.equal([]);
  });

  it("are closed after the term, too", () => {
    const world = withOthers("authorization.signed");
    const at = "2031-03-02T16:00:00.000Z";
    for (const type of ["account.cost-recorded", "account.revenue-recorded", "account.distributed", "account.nontax-paid"] as const)
      expect(world.codes({ ...example(type, OPERATOR), at }), type).to.deep.equal([]);
  });

  it("know three types of cost and three of revenue, in whole fen", () => {
    const world = withOthers("authorization.signed");
    for (const costType of ["development", "security", "service-system"])
      expect(world.codes(example("account.cost-recorded", OPERATOR, { costType })), costType).to.deep.equal([]);
    for (const revenueType of ["sales", "data-service", "data-trading"])
      expect(world.codes(example("account.revenue-recorded", OPERATOR, { revenueType })), revenueType).to.deep.equal([]);
    for (const amount of [0.5, -1, "100", 2 ** 53])
      expect(world.codes(example("account.cost-recorded", OPERATOR, { amount })), String(amount)).to.equal(undefined);
  });

  it("share out revenue less cost and tax, to the fen", () => {
    const world = withOthers("authorization.signed");
    const shares = (...amounts: number[]) => [TRANSPORT, METEOROLOGY, OPERATOR].map((party, i) => ({ party, amount: amounts[i] ?? 0 }));
    let year = 2030;
    const codes = (change: object) => world.codes(distribute({ year: String(year++), ...change }));
    const books = { revenue: 100, cost: 30, tax: 10 };
    expect(codes({ ...books, shares: shares(20, 20, 20) })).to.deep.equal([]);
    expect(codes({ ...books, shares: shares(20, 20, 21) })).to.deep.equal(["sums-differ"]);
    expect(codes({ ...books, shares: shares(20, 20, 19) })).to.deep.equal(["sums-differ"]);
    expect(codes({ revenue: 10, cost: 30, tax: 0, shares: shares(0) }), "a loss").to.deep.equal(["sums-differ"]);
    const most = Number.MAX_SAFE_INTEGER;
    expect(codes({ revenue: most, cost: 0, tax: 0, shares: shares(most, 1) })).to.deep.equal(["sums-differ"]);
    expect(codes({ revenue: most, cost: 0, tax: 0, shares: shares(most - 1, 1) })).to.deep.equal([]);
  });

  it("share out the proceeds of a year once, and again where that was withdrawn or annulled", () => {
    for (const type of ["correction.withdrawn", "correction.annulled"] as const) {
      const world = withOthers("authorization.signed");
      expect(world.codes(distribute({}))).to.deep.equal([]);
      const first = { event: world.place, subjectKind: "authorization", subject: AUTHORIZATION };
      expect(world.codes(distribute({}))).to.deep.equal(["distribution-exists"]);
      expect(world.codes(distribute({ year: "2025" })), "another year's").to.deep.equal([]);
      expect(world.codes(example(type, AUTHORITY, first))).to.deep.equal([]);
      expect(world.codes(distribute({})), type).to.deep.equal([]);
    }
  });

  it("share with parties that are registered", () => {
    const world = withOthers("authorization.signed");
    const shares = [{ party: "91990000MA1A00083R", amount: 60 }];
    expect(world.tell(distribute({ revenue: 60, cost: 0, tax: 0, shares }))).to.deep.equal([
      { code: "party-unknown", missing: ["91990000MA1A00083R"] },
    ]);
  });

  it("are audited by others than the operator", () => {
    const world = withOthers("authorization.signed");
    expect(world.codes(example("account.audited", OPERATOR))).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("account.audited", AUDITOR, UNHEARD))).to.deep.equal(["authorization-unknown"]);
    for (const party of [AUDITOR, PRICES]) expect(world.codes(example("account.audited", party)), party).to.deep.equal([]);
    const roles = ["primary-operator", "platform", "assessor"];
    expect(world.codes(example("party.updated", AUTHORITY, { code: OPERATOR, roles }))).to.deep.equal([]);
    expect(world.codes(example("account.audited", OPERATOR)), AUTHORIZATION).to.deep.equal(["not-your-event"]);
  });
});
