import { expect } from "chai";
import { products } from "../../../chaincode/events/product";
import { amended } from "../../../chaincode/events/steps";
import { agreed, AUDITOR, PRICES, withOthers } from "./market";
import { AUTHORITY, DEVELOPER, example, OPERATOR, PRODUCT, type World } from "./world";

const cap = (change: object = {}, at?: string) => ({ ...example("price.cap-set", AUTHORITY, change), ...(at && { at }) });
const change = (change: object = {}) => example("price.changed", AUTHORITY, change);

/** Listed, reviewed and registered, but not released. */
function product(fields: object): World {
  const world = withOthers("data.processed");
  world.tell(example("product.listed", OPERATOR, fields));
  for (const type of ["product.list-approved", "product.outbound-approved"] as const) world.tell(example(type, AUTHORITY));
  for (const type of ["product.compliance-reviewed", "product.registered"] as const) world.tell(example(type, OPERATOR));
  return world;
}

function released(fields: object): World {
  const world = product(fields);
  expect(world.codes(example("product.released", OPERATOR))).to.deep.equal([]);
  return world;
}

const charge = (world: World, charged: number, time = "2026-03-10T12:00:00+08:00", rows = 36) => [
  world.codes({ ...example("product.delivered", OPERATOR, { charged, rows }), time, at: time }),
  world.codes({ ...example("product.called", DEVELOPER, { charged, rows }), time, at: time }),
];
const both = (...codes: string[]) => [codes, codes];

describe("prices", () => {
  it("are set with the department of development and reform", () => {
    const world = withOthers("product.registered");
    for (const type of ["price.revenue-approved", "price.cap-set"] as const) {
      for (const jointly of [AUDITOR, OPERATOR, "91990000MA1A00083R"])
        expect(world.tell(example(type, AUTHORITY, { jointly })), type).to.deep.equal([{ code: "party-unknown", missing: [jointly] }]);
      expect(world.codes(example(type, OPERATOR)), type).to.deep.equal(["not-your-event"]);
      expect(world.codes(example(type, AUTHORITY)), type).to.deep.equal([]);
    }
    world.tell(example("party.registered", AUTHORITY, { code: "11990000MB1A00114M", roles: ["supervisor"], field: "audit" }));
    expect(world.codes(cap({ jointly: "11990000MB1A00114M" }))).to.deep.equal(["party-unknown"]);
    expect(PRICES).to.not.equal("11990000MB1A00114M");
  });

  it("are what that department signed too, by an act of its own about the same product or authorization", () => {
    for (const type of ["revenue-approved", "cap-set", "changed"] as const) {
      const world = withOthers("product.registered", "correction.countersigned");
      if (type === "changed") for (const report of [agreed("cap-set"), cap()]) world.tell(report);
      const set = () => world.codes(example(`price.${type}`, AUTHORITY));
      expect(set(), type).to.deep.equal(["countersignature-missing"]);
      for (const other of [{ document: { digest: "0".repeat(64) } }, { subject: "another" }, { event: "SuyuanMSP/facts/0" }])
        expect(world.codes(agreed(type, other))).to.deep.equal([]);
      expect(world.codes({ ...agreed(type), party: AUTHORITY }), "nobody signs for another").to.deep.equal([]);
      expect(set(), type).to.deep.equal(["countersignature-missing"]);
      expect(world.codes(agreed(type))).to.deep.equal([]);
      expect(set(), type).to.deep.equal([]);
    }
  });

  it("are those of authorizations and products that there are", () => {
    const world = withOthers("product.registered");
    for (const type of ["revenue-approved", "cap-set", "changed"] as const) world.tell(agreed(type, { subject: "unheard-of" }));
    expect(world.codes(example("price.revenue-approved", AUTHORITY, { authorization: "unheard-of" }))).to.deep.equal([
      "authorization-unknown",
    ]);
    expect(world.codes(cap({ product: "unheard-of" }))).to.deep.equal(["product-unknown"]);
    expect(world.codes(change({ product: "unheard-of" }))).to.deep.equal(["product-unknown"]);
  });

  it("are not set for days gone by, nor before those that are set", () => {
    const world = withOthers("product.registered");
    expect(world.codes(cap({ from: "2026-03-09" }))).to.deep.equal(["effective-too-early"]);
    expect(world.codes(cap({ from: "2026-03-10" }))).to.deep.equal([]);
    expect(world.codes(change({ from: "2026-03-20" }))).to.deep.equal([]);
    expect(world.codes(change({ from: "2026-03-19" }))).to.deep.equal(["effective-too-early"]);
    expect(world.codes(cap({ from: "2026-03-19" }))).to.deep.equal(["effective-too-early"]);
    expect(world.codes(change({ from: "2026-03-20" }))).to.deep.equal([]);
  });

  it("are changed where there was one", () => {
    const world = withOthers("product.registered");
    expect(world.codes(change())).to.deep.equal(["price-cap-missing"]);
    world.tell(cap());
    expect(world.codes(change())).to.deep.equal([]);
  });
});

describe("a product at a government-guided price", () => {
  it("is released from the first day of its cap on", () => {
    const world = product({ pricing: "government-guided" });
    const release = (at: string) => world.codes({ ...example("product.released", OPERATOR), at });
    expect(release("2026-03-10T12:00:00+08:00")).to.deep.equal(["price-cap-missing"]);
    world.tell(cap({ from: "2026-03-12" }));
    expect(release("2026-03-11T15:59:59.999Z")).to.deep.equal(["price-cap-missing"]);
    expect(release("2026-03-11T16:00:00.000Z")).to.deep.equal([]);
  });
});

describe("a cap", () => {
  it("falls with the act that set it, and the one before holds again", () => {
    const world = released({ pricing: "market" });
    world.tell(cap());
    world.tell(cap({ cap: 4000 }));
    expect(charge(world, 5000)).to.deep.equal(both("price-over-cap"));
    const it_ = world.get(products, PRODUCT)!;
    world.put(
      products,
      PRODUCT,
      amended(it_, it_.caps!.at(-1)!.act, (mark) => ({ ...mark, annulled: mark.at })),
    );
    expect(charge(world, 5000)).to.deep.equal(both());
    expect(charge(world, 5001)).to.deep.equal(both("price-over-cap"));
  });
});

describe("the only cap of a government-guided price", () => {
  it("leaves nothing to charge once it was annulled, and what was charged before as it was", () => {
    const world = product({ pricing: "government-guided" });
    expect(world.codes(cap({ from: "2026-03-10" }))).to.deep.equal([]);
    const event = world.place;
    world.tell(example("product.released", OPERATOR));
    expect(charge(world, 5000)).to.deep.equal(both());
    const annulled = example("correction.annulled", AUTHORITY, { event, subjectKind: "product", subject: PRODUCT });
    expect(world.codes({ ...annulled, at: "2026-03-10T13:00:00+08:00" })).to.deep.equal([]);
    expect(charge(world, 1, "2026-03-10T13:00:00+08:00")).to.deep.equal(both("price-over-cap"));
    expect(charge(world, 0, "2026-03-10T13:00:00+08:00")).to.deep.equal(both());
    expect(charge(world, 5000, "2026-03-10T12:59:59.999+08:00")).to.deep.equal(both());
  });
});

describe("a charge", () => {
  it("is no more than the cap of its day", () => {
    const world = released({ pricing: "market" });
    expect(charge(world, 1_000_000), "no cap").to.deep.equal(both());
    world.tell(cap({ from: "2026-03-11" }));
    world.tell(change({ from: "2026-03-20", cap: 4000 }));
    expect(charge(world, 5001, "2026-03-10T15:59:59.999Z"), "the day before").to.deep.equal(both());
    expect(charge(world, 5001, "2026-03-10T16:00:00.000Z")).to.deep.equal(both("price-over-cap"));
    expect(charge(world, 5000, "2026-03-19T15:59:59.999Z")).to.deep.equal(both());
    expect(charge(world, 5000, "2026-03-19T16:00:00.000Z")).to.deep.equal(both("price-over-cap"));
    expect(charge(world, 4000, "2026-03-19T16:00:00.000Z")).to.deep.equal(both());
  });

  it("may be capped by the row", () => {
    const world = released({ pricing: "market" });
    world.tell(cap({ cap: 3, per: "row" }));
    expect(charge(world, 108)).to.deep.equal(both());
    expect(charge(world, 109)).to.deep.equal(both("price-over-cap"));
    expect(charge(world, 1, undefined, 0)).to.deep.equal(both("price-over-cap"));
  });

  it("is nothing for a product that is free", () => {
    const world = released({ pricing: "free" });
    world.tell(cap());
    expect(charge(world, 1)).to.deep.equal(both("price-over-cap"));
    expect(charge(world, 0)).to.deep.equal(both());
  });

  it("is nothing for what is used for public benefit", () => {
    const world = released({ pricing: "market", benefit: "public" });
    expect(charge(world, 1)).to.deep.equal(both("charged-public-benefit"));
    expect(charge(world, 0)).to.deep.equal(both());
    expect(charge(released({ pricing: "market", benefit: "commercial" }), 1)).to.deep.equal(both());
  });
});
