/** Nothing that is read whole grows with the number of events: every table of the ledger, told of the same thing again and again. */
import { expect } from "chai";
import { LIMITS } from "../../../chaincode/events/limits";
import { KEPT } from "../../../chaincode/events/steps";
import { addDays } from "../../../chaincode/events/time";
import { creditCode } from "../../../scripts/bench/mix";
import { PRICES, withOthers } from "./market";
import {
  after,
  AUTHORITY,
  AUTHORIZATION,
  DEVELOPER,
  example,
  FLIGHTS,
  METEOROLOGY,
  OPERATOR,
  PRODUCT,
  type Report,
  SCENARIO,
  TRANSPORT,
  WEATHER,
  World,
} from "./world";

const TODAY = "2026-03-10";
const id = (n: number): string => n.toString().padStart(6, "0");
const digest = (n: number): string => n.toString(16).padStart(64, "0");
const row = (world: World, name: string, id: string) => world.get<object>({ name }, id);
const reached = (what: keyof typeof LIMITS) => [{ code: "limit-reached", missing: [what] }];

/** Tells reports made from 0, 1, 2 … until one is refused for the limit. @returns how many were recorded before */
function until(world: World, what: keyof typeof LIMITS, make: (n: number) => Report, most = 1000): number {
  for (let n = 0; n < most; n++) {
    const breaches = world.tell(make(n));
    if (breaches?.some(({ code }) => code === "limit-reached") === true) {
      expect(breaches).to.deep.equal(reached(what));
      return n;
    }
    expect(breaches, `${what} ${n}`).to.deep.equal([]);
  }
  return most;
}

describe("what a record holds is bounded", () => {
  it("narrowings of a resource: an entry that is approved anew makes room", () => {
    const world = after("scenario.registered");
    const fields = Array.from({ length: LIMITS.narrowings + 1 }, (_, n) => `f-${n}`);
    for (let day = 10; day < 14; day++) {
      const [from, at] = [`2026-03-${day}`, `2026-03-${day}T10:00:00+08:00`];
      for (const report of [example("resource.updated", TRANSPORT, { fields }), example("resource.approved", AUTHORITY)])
        expect(world.tell({ ...report, at }), at).to.deep.equal([]);
      const narrow = (n: number): Report => ({ ...example("resource.narrowed", TRANSPORT, { fields: [`f-${n}`], from }), at });
      expect(until(world, "narrowings", narrow), at).to.equal(LIMITS.narrowings);
    }
    expect(row(world, "resource", FLIGHTS))
      .to.have.property("narrowings")
      .with.length.at.most(LIMITS.narrowings + KEPT);
  });

  it("batches of people who withdrew their consent: a version without them makes room", () => {
    const world = after("scenario.registered");
    const withdraw = (n: number): Report => example("resource.consent-withdrawn", TRANSPORT, { batch: digest(n) });
    expect(until(world, "revocations", withdraw)).to.equal(LIMITS.revocations);
    const excludes = Array.from({ length: LIMITS.revocations }, (_, n) => digest(n));
    expect(world.tell(example("resource.updated", TRANSPORT, { version: "v9", fields: undefined, excludes }))).to.deep.equal([]);
    expect(until(world, "revocations", (n) => withdraw(1000 + n))).to.equal(LIMITS.revocations);
    expect(row(world, "resource", FLIGHTS))
      .to.have.property("revocations")
      .with.length.at.most(LIMITS.revocations + KEPT);
    const [pulled] =
      world
        .tell(example("data.pulled", OPERATOR, { resource: FLIGHTS, fields: ["date"] }))
        ?.filter(({ code }) => code === "consent-withdrawn") ?? [];
    expect(pulled?.missing, "the first ones are listed").to.have.length(KEPT);
  });

  it("sources, one after the other, of a resource, and who answers for its quality", () => {
    const world = after("resource.registered");
    world.tell(example("resource.quality-reported", OPERATOR));
    for (let n = 0; n < 100; n++) {
      const to = n % 2 === 0 ? METEOROLOGY : TRANSPORT;
      expect(world.tell(example("resource.source-reassigned", AUTHORITY, { resource: FLIGHTS, to }))).to.deep.equal([]);
      expect(world.tell(example("resource.quality-assigned", AUTHORITY, { to }))).to.deep.equal([]);
    }
    expect(row(world, "resource", FLIGHTS))
      .to.have.property("earlier")
      .with.length(KEPT);
    const { resource, issue } = example("resource.quality-assigned", AUTHORITY).data as { resource: string; issue: string };
    expect(row(world, "quality-issue", `${resource} ${issue}`))
      .to.have.property("responsible")
      .with.length(KEPT);
  });

  it("consents of 200 sources: each has a record, and is withdrawn by itself", () => {
    const world = after("authorization.signed");
    const names = Array.from({ length: 200 }, (_, n) => `r-${id(n)}`);
    for (const resource of names) {
      world.tell(example("resource.catalogued", TRANSPORT, { resource, fields: ["date"] }));
      world.tell(example("resource.approved", AUTHORITY, { resource }));
    }
    const demands = names.map((resource) => ({ resource, fields: ["date"] }));
    expect(world.tell(example("scenario.submitted", OPERATOR, { demands }))).to.deep.equal([]);
    const places = names.map((resource) => {
      expect(world.tell(example("scenario.consented", TRANSPORT, { resource }))).to.deep.equal([]);
      return world.place;
    });
    const taken = (n: number): Report =>
      example("correction.withdrawn", TRANSPORT, { event: places[n], subjectKind: "scenario", subject: SCENARIO });
    for (const n of [0, 100, 199]) expect(world.tell(taken(n)), `consent ${n}`).to.deep.equal([]);
    expect(world.tell({ ...taken(1), data: { ...taken(1).data, subject: "another" } }), "of this scenario").to.deep.equal([
      { code: "event-unknown" },
    ]);
    expect(world.tell(example("scenario.approved", AUTHORITY))).to.deep.equal([
      { code: "consent-missing", missing: [names[0], names[100], names[199]] },
    ]);
    for (const n of [0, 100, 199]) world.tell(example("scenario.consented", TRANSPORT, { resource: names[n] }));
    expect(world.tell(example("scenario.approved", AUTHORITY))).to.deep.equal([]);
    expect(JSON.stringify(row(world, "scenario", SCENARIO)), "apart from its list").to.have.length.below(
      3 * JSON.stringify(demands).length,
    );
  });

  it("what is found out about an authorization: on a record beside it, of each step the newest", () => {
    const world = withOthers("product.called");
    const before = JSON.stringify(row(world, "authorization", AUTHORIZATION));
    let event = "";
    for (let n = 0; n < 100; n++) {
      expect(world.tell(example("supervision.inspected", AUTHORITY, { emergency: undefined }))).to.deep.equal([]);
      event = world.place;
      expect(world.tell(example("security.plan-filed", OPERATOR))).to.deep.equal([]);
    }
    expect(JSON.stringify(row(world, "authorization", AUTHORIZATION))).to.equal(before);
    expect(row(world, "oversight", AUTHORIZATION))
      .to.have.nested.property("steps.inspected")
      .with.length(KEPT);
    const urged = example("supervision.rectification-urged", AUTHORITY, { inspection: event });
    expect(world.tell(urged)).to.deep.equal([]);
    const named = { event, subjectKind: "authorization", subject: AUTHORIZATION };
    expect(world.tell(example("correction.withdrawn", AUTHORITY, named))).to.deep.equal([]);
    expect(world.tell(example("correction.annulled", AUTHORITY, named))).to.deep.equal([]);
    expect(world.tell(urged), "annulled").to.deep.equal([{ code: "inspection-unknown" }]);
  });

  it("objections that are open: one that is settled makes room, and is not raised again", () => {
    const world = new World();
    world.put({ name: "application" }, "a", {
      announcement: "n",
      applicant: OPERATOR,
      objections: {},
      steps: { publicised: [{ at: 0, act: "x", party: AUTHORITY }] },
    });
    const object = (n: number): Report => example("application.objected", AUTHORITY, { application: "a", objection: `o-${n}` });
    const settle = (n: number): Report =>
      example("application.objection-settled", AUTHORITY, { application: "a", objection: `o-${n}`, outcome: "rejected" });
    expect(until(world, "objections", object)).to.equal(LIMITS.objections);
    expect(world.tell(settle(0))).to.deep.equal([]);
    expect(world.codes(object(0))).to.include("objection-exists");
    expect(world.tell(object(LIMITS.objections))).to.deep.equal([]);
    for (let n = 1; n <= LIMITS.objections; n++) expect(world.tell(settle(n))).to.deep.equal([]);
    expect(row(world, "application", "a"))
      .to.have.property("objections")
      .that.deep.equals({});
  });

  it("objections of one party, and of all: neither keeps the authority, nor its own others, from theirs", () => {
    const world = new World();
    const steps = { publicised: [{ at: 0, act: "x", party: AUTHORITY }] };
    world.put({ name: "application" }, "a", { announcement: "n", applicant: OPERATOR, objections: {}, steps });
    const others = Array.from({ length: LIMITS.objections / LIMITS["objections-of-one"] + 1 }, (_, n) => creditCode(n));
    for (const code of others) world.tell(example("party.registered", AUTHORITY, { code, roles: ["public"] }));
    const object = (party: string, objection: string): Report => example("application.objected", party, { application: "a", objection });
    const last = others.pop() ?? "";
    for (const [k, party] of others.entries())
      expect(
        until(world, "objections-of-one", (n) => object(party, `o-${k}-${n}`), LIMITS["objections-of-one"] + (k === 0 ? 1 : 0)),
        party,
      ).to.equal(LIMITS["objections-of-one"]);
    expect(world.tell(object(last, "o-last"))).to.deep.equal(reached("objections"));
    expect(until(world, "objections", (n) => object(AUTHORITY, `a-${n}`))).to.equal(LIMITS.objections);
    world.tell(example("application.objection-settled", AUTHORITY, { application: "a", objection: "o-0-0", outcome: "rejected" }));
    expect(world.tell(object(others[0] ?? "", "o-again")), "there is room for its own, not for all").to.deep.equal(reached("objections"));
  });

  it("experts with an interest in an application", () => {
    const world = new World();
    const passed = [{ at: 0, act: "x", party: AUTHORITY }];
    world.put({ name: "application" }, "a", {
      announcement: "n",
      applicant: OPERATOR,
      objections: {},
      steps: { "qualification-checked": passed },
    });
    const score = (n: number): Report => example("application.scored", AUTHORITY, { application: "a", excluded: [digest(n)] });
    expect(until(world, "experts", score)).to.equal(LIMITS.experts);
  });

  it("hands of a finding", () => {
    const world = after("product.called");
    const codes = Array.from({ length: LIMITS.hands + 1 }, (_, n) => creditCode(n));
    for (const code of codes) world.tell(example("party.registered", AUTHORITY, { code, roles: ["source"] }));
    world.tell(example("data.pulled", OPERATOR, { fields: ["unheard-of"] }));
    const assign = (n: number): Report =>
      example("finding.assigned", AUTHORITY, { event: world.place, code: "fields-beyond-scenario", to: codes[n] });
    const event = world.place;
    const named = (n: number): Report => ({ ...assign(n), data: { ...assign(n).data, event } });
    expect(until(world, "hands", named)).to.equal(LIMITS.hands);
    expect(world.tell(named(0)), "to one that has had it").to.deep.equal([]);
    expect(world.tell(example("finding.confirmed", AUTHORITY, { event, code: "fields-beyond-scenario" }))).to.deep.equal([]);
  });

  it("codes of a party", () => {
    const world = after("party.registered");
    const into = creditCode(0);
    world.tell(example("party.registered", AUTHORITY, { code: into, roles: ["source"] }));
    const merge = (n: number): Report => {
      const code = creditCode(n + 1);
      world.tell(example("party.registered", AUTHORITY, { code, roles: ["source"] }));
      return example("party.merged", AUTHORITY, { code: into, former: [code] });
    };
    expect(until(world, "codes", merge)).to.equal(LIMITS.codes);
    const renamed = { code: creditCode(900), former: into };
    expect(world.tell(example("party.renamed", AUTHORITY, renamed)), "one more").to.deep.equal(reached("codes"));
    const split = { code: into, into: [into, creditCode(LIMITS.codes + 1)] };
    expect(world.tell(example("party.split", AUTHORITY, split))).to.deep.equal(reached("codes"));
  });

  it("parties that go on for one", () => {
    const world = after("party.registered");
    const former = [creditCode(0)];
    world.tell(example("party.registered", AUTHORITY, { code: former[0], roles: ["source"] }));
    const merge = (n: number): Report => {
      const code = creditCode(n + 1);
      world.tell(example("party.registered", AUTHORITY, { code, roles: ["source"] }));
      return example("party.merged", AUTHORITY, { code, former });
    };
    expect(until(world, "codes", merge)).to.equal(LIMITS.codes);
  });

  it("versions of the rulebook and caps of a product: those to come, and of the others the newest", () => {
    const world = withOthers("product.called");
    const cap = (from: string): Report => example("price.cap-set", AUTHORITY, { jointly: PRICES, from });
    const adopt = (effective: string): Report => example("rulebook.adopted", AUTHORITY, { effective });
    for (const make of [cap, adopt])
      expect(
        until(world, "upcoming", (n) => make(addDays(TODAY, n + 1))),
        make("").type,
      ).to.equal(LIMITS.upcoming);
    for (let n = 0; n < 60; n++) {
      const at = `${addDays(TODAY, 20 + n)}T10:00:00+08:00`;
      for (const make of [cap, adopt]) expect(world.tell({ ...make(at.slice(0, 10)), at })).to.deep.equal([]);
    }
    expect(row(world, "rulebook", "current"))
      .to.have.property("versions")
      .with.length(KEPT);
    expect(row(world, "product", PRODUCT))
      .to.have.property("caps")
      .with.length(KEPT);
    const called = example("product.called", DEVELOPER, { charged: 1_000_000_000 });
    expect(world.codes({ ...called, at: `${addDays(TODAY, 80)}T10:00:00+08:00` }), "by the newest").to.include("price-over-cap");
  });

  it("agreements, whatever the rulebook allows", () => {
    const world = after("authorization.signed");
    const record = row(world, "authorization", AUTHORIZATION) as { agreements: readonly object[]; steps: object };
    const act = (n: number): string => `SuyuanMSP/acts/${1000 + n}`;
    const agreements = Array.from({ length: LIMITS.agreements }, (_, n) => ({ ...record.agreements[0], act: act(n) }));
    const renewed = agreements.map((it) => ({ at: 0, act: it.act, party: AUTHORITY }));
    const tell = (many: number) => {
      world.put({ name: "authorization" }, AUTHORIZATION, {
        ...record,
        agreements: agreements.slice(0, many),
        steps: { ...record.steps, renewed },
      });
      return world.codes(example("authorization.renewal-applied", OPERATOR));
    };
    world.tell(example("rulebook.adopted", AUTHORITY, { effective: TODAY, parameters: { renewals: 1000 } }));
    expect(tell(LIMITS.agreements - 1)).to.deep.equal([]);
    expect(tell(LIMITS.agreements)).to.deep.equal(["renewals-exhausted"]);
  });

  it("sources that left a journal: each has a key of its own", () => {
    const world = after("party.registered");
    const [from, to] = ["SuyuanMSP/facts", "SuyuanMSP/facts-2"];
    for (let n = 0; n < 300; n++) {
      const move = example("journal.source-moved", AUTHORITY, { source: `https://s-${n}.example.cn`, from, to });
      expect(world.tell(move), `${n}`).to.deep.equal([]);
    }
    expect(JSON.stringify(row(world, "journal", from))).to.have.length.below(100);
  });

  it("steps, each of which keeps its first mark and the newest", () => {
    const world = after("product.called");
    for (let n = 0; n < 100; n++) expect(world.tell(example("resource.impact-assessed", TRANSPORT))).to.deep.equal([]);
    expect(row(world, "resource", FLIGHTS))
      .to.have.nested.property("steps.impact-assessed")
      .with.length(KEPT);
    expect(row(world, "resource", WEATHER)).not.to.have.nested.property("steps.impact-assessed");
  });
});

describe("what is made from a product", () => {
  const derived = (n: number, madeFrom: readonly string[]): Report =>
    example("product.listed", OPERATOR, { product: `d-${id(n)}`, resources: [WEATHER], madeFrom });

  it("leaves nothing on its record, and is made from a bounded number", () => {
    const world = after("product.registered");
    const before = JSON.stringify(row(world, "product", PRODUCT));
    const chain = (n: number): Report => derived(n, [n === 0 ? PRODUCT : `d-${id(n - 1)}`]);
    expect(until(world, "bases", chain)).to.equal(LIMITS.bases);
    expect(JSON.stringify(row(world, "product", PRODUCT))).to.equal(before);
  });
});
