import { expect } from "chai";
import { parties } from "../../../chaincode/events/party";
import { SECOND_DEVELOPER, withOthers } from "./market";
import { after, AUTHORITY, DEVELOPER, example, FLIGHTS, OPERATOR, PRODUCT, story, STRANGER, TRANSPORT, type World } from "./world";

const UNKNOWN = { product: "unheard-of" };

describe("a product", () => {
  it("is listed once, by the operator of its authorization", () => {
    const world = after("data.processed");
    expect(world.codes(example("product.listed", STRANGER))).to.deep.equal(["authorization-inactive"]);
    expect(world.codes(example("product.listed", OPERATOR))).to.deep.equal([]);
    expect(world.codes(example("product.listed", OPERATOR))).to.deep.equal(["product-exists"]);
  });

  it("belongs to an approved scenario of that authorization", () => {
    expect(after("scenario.consented").codes(example("product.listed", OPERATOR))).to.deep.equal(["scenario-not-approved"]);
    const world = after("data.processed");
    expect(world.codes(example("product.listed", OPERATOR, { scenario: "unheard-of", resources: [FLIGHTS] }))).to.deep.equal([
      "scenario-not-approved",
      "resource-not-in-scenario",
    ]);
    world.tell(example("scenario.closed", OPERATOR));
    expect(world.codes(example("product.listed", OPERATOR))).to.deep.equal(["scenario-not-approved"]);
  });

  it("is made from what its scenario demanded, and from nothing else", () => {
    const world = after("data.processed");
    expect(world.tell(example("product.listed", OPERATOR, { resources: [FLIGHTS, "yz-transport-ferries"] }))).to.deep.equal([
      { code: "resource-not-in-scenario", missing: ["yz-transport-ferries"] },
    ]);
    expect(world.codes(example("product.listed", OPERATOR, { resources: [FLIGHTS] }))).to.deep.equal([]);
  });

  it("is known and one's own in every later step", () => {
    const world = after("product.called");
    for (const type of ["product.compliance-reviewed", "product.registered", "product.withdrawn"] as const) {
      expect(world.codes(example(type, OPERATOR, UNKNOWN)), type).to.deep.equal(["product-unknown"]);
      expect(world.codes(example(type, STRANGER)), type).to.deep.equal(["not-your-event"]);
      expect(world.codes(example(type, OPERATOR)), type).to.deep.equal([]);
    }
    for (const type of ["product.list-approved", "product.outbound-approved", "product.withdrawn"] as const) {
      expect(world.codes(example(type, AUTHORITY, UNKNOWN)), type).to.deep.equal(["product-unknown"]);
      expect(world.codes(example(type, AUTHORITY)), type).to.deep.equal([]);
    }
    expect(world.codes(example("product.released", OPERATOR, UNKNOWN))).to.deep.equal(["product-unknown"]);
    expect(world.codes(example("product.released", STRANGER))).to.deep.equal(["not-your-event", "authorization-inactive"]);
  });

  it("is released with its list approval, compliance review, outbound approval and registration, and not with three of them", () => {
    const steps = ["list-approved", "compliance-reviewed", "outbound-approved", "registered"];
    const world = after("product.listed");
    expect(world.tell(example("product.released", OPERATOR))).to.deep.equal([{ code: "product-incomplete", missing: steps }]);
    for (const missing of steps) {
      expect(after("product.registered", `product.${missing}`).tell(example("product.released", OPERATOR))).to.deep.equal([
        { code: "product-incomplete", missing: [missing] },
      ]);
    }
    expect(after("product.registered").codes(example("product.released", OPERATOR))).to.deep.equal([]);
  });

  it("is released under its own authorization, while that is in force", () => {
    const world = after("product.registered");
    world.tell(example("authorization.decided", AUTHORITY, { authorization: "another" }));
    world.tell(example("authorization.signed", AUTHORITY, { authorization: "another" }));
    const released = (at: string, change: object = {}) => world.codes({ ...example("product.released", OPERATOR, change), at });
    expect(released("2026-03-10T00:00:00Z", { authorization: "another" })).to.include("authorization-inactive");
    expect(released("2031-03-02T16:00:00.000Z")).to.deep.equal(["authorization-inactive"]);
    expect(released("2031-03-02T15:59:59.999Z")).to.deep.equal([]);
  });

  it("is made of what is held for it, for none, or for a product that is offered: else that would go with no product's exit", () => {
    const made = ["SuyuanMSP/facts/5/0"];
    const holding = { digest: "6".repeat(64), bytes: 1, rows: 1, form: "intermediate", place: "平台存储区", platform: "on" };
    const released = (product?: string, listed?: (world: World) => void) => {
      const world = after("product.registered");
      listed?.(world);
      expect(world.codes(example("data.processed", OPERATOR, { product, holdings: [holding] }))).to.deep.equal([]);
      return world.tell(example("product.released", OPERATOR, { made }));
    };
    expect(released()).to.deep.equal([]);
    expect(released(PRODUCT)).to.deep.equal([]);
    expect(released("nowhere")).to.deep.equal([{ code: "product-not-released", missing: ["nowhere"] }]);
    const other =
      (...steps: readonly string[]) =>
      (world: World) => {
        for (const { type, party, data } of story)
          if (steps.includes(type)) expect(world.codes({ type, party, data: { ...data, product: "other" } }), type).to.deep.equal([]);
      };
    const before = ["listed", "list-approved", "compliance-reviewed", "outbound-approved", "registered"].map((step) => `product.${step}`);
    expect(released("other", other(...before))).to.deep.equal([{ code: "product-not-released", missing: ["other"] }]);
    expect(released("other", other(...before, "product.released"))).to.deep.equal([]);
  });

  it("is made of holdings that the ledger knows", () => {
    const world = after("product.registered");
    const made = ["SuyuanMSP/facts/3/0", "SuyuanMSP/facts/77/0"];
    expect(world.tell(example("product.released", OPERATOR, { made }))).to.deep.equal([
      { code: "input-unknown", missing: ["SuyuanMSP/facts/77/0"] },
    ]);
  });
});

describe("a product in use", () => {
  const uses = (world: World, time: string) => {
    const at = "2026-03-10T12:00:00+08:00";
    return [
      world.codes({ ...example("product.delivered", OPERATOR), time, at }),
      world.codes({ ...example("product.called", DEVELOPER), time, at }),
    ];
  };

  it("is delivered and called from its release until it is withdrawn, and not at that instant", () => {
    const world = after("product.registered");
    world.tell({ ...example("product.released", OPERATOR), at: "2026-03-10T10:30:00+08:00" });
    world.tell({ ...example("product.withdrawn", OPERATOR), at: "2026-03-10T11:00:00+08:00" });
    expect(uses(world, "2026-03-10T10:29:59.999+08:00")).to.deep.equal([["product-not-released"], ["product-not-released"]]);
    expect(uses(world, "2026-03-10T10:30:00+08:00")).to.deep.equal([[], []]);
    expect(uses(world, "2026-03-10T10:59:59.999+08:00")).to.deep.equal([[], []]);
    expect(uses(world, "2026-03-10T11:00:00+08:00")).to.deep.equal([["product-not-released"], ["product-not-released"]]);
  });

  it("is reported by its own operator, by who runs the platform, or by a developer", () => {
    const world = after("product.called");
    world.put(parties, STRANGER, { roles: ["primary-operator"], host: "SuyuanMSP", steps: {} });
    for (const type of ["product.delivered", "product.called"] as const) {
      expect(world.codes(example(type, STRANGER)), type).to.deep.equal(["no-authorization"]);
      expect(world.codes(example(type, OPERATOR)), type).to.deep.equal([]);
    }
    expect(world.codes(example("product.called", DEVELOPER))).to.deep.equal([]);
  });

  it("is for parties that are registered, and for no operator but its own", () => {
    const world = after("product.called");
    world.put(parties, STRANGER, { roles: ["primary-operator"], host: "SuyuanMSP", steps: {} });
    const to = (code: string) => [
      world.codes(example("product.delivered", OPERATOR, { to: code })),
      world.codes(example("product.called", OPERATOR, { caller: code })),
    ];
    const unauthorised = [["caller-not-authorised"], ["caller-not-authorised"]];
    expect(to(STRANGER)).to.deep.equal(unauthorised);
    expect(to("91990000MA1A00083T")).to.deep.equal(unauthorised);
    for (const code of [OPERATOR, DEVELOPER, TRANSPORT]) expect(to(code), code).to.deep.equal([[], []]);
  });

  it("needs the authorization it was listed under, on the day it is used", () => {
    const world = after("product.called");
    const called = (time: string) => world.codes({ ...example("product.called", OPERATOR, { caller: TRANSPORT }), time, at: time });
    expect(called("2031-03-02T15:59:59.999Z")).to.deep.equal([]);
    expect(called("2031-03-02T16:00:00.000Z")).to.deep.equal(["outside-term"]);
  });

  it("that nobody listed is told as that and nothing else", () => {
    const world = after("product.called");
    expect(world.codes(example("product.called", DEVELOPER, UNKNOWN))).to.deep.equal(["product-not-released"]);
    expect(world.codes(example("product.delivered", OPERATOR, UNKNOWN))).to.deep.equal(["product-not-released"]);
  });

  it("stays released through its next version", () => {
    const world = after("product.released");
    world.tell({ ...example("product.released", OPERATOR, { version: "1.1.0" }), at: "2026-03-10T11:00:00+08:00" });
    expect(uses(world, "2026-03-10T10:59:59.999+08:00")).to.deep.equal([[], []]);
    expect(uses(world, "2026-03-10T11:00:00+08:00")).to.deep.equal([[], []]);
  });
});

const ROUTES = "yz-product-routes";
const listing = {
  product: ROUTES,
  level: "2",
  resources: [],
  madeFrom: [PRODUCT],
};
const list = (change: object = {}, party = DEVELOPER) => example("product.listed", party, { ...listing, ...change });
const review = (product = ROUTES, party = OPERATOR) => example("product.compliance-reviewed", party, { product });
const register = (product = ROUTES, party = DEVELOPER) => example("product.registered", party, { product });
const release = (product = ROUTES, party = DEVELOPER) => example("product.released", party, { product });
const call = (world: World, product: string, at = "2026-03-10T12:00:00+08:00") =>
  world.codes({ ...example("product.called", OPERATOR, { product, caller: TRANSPORT }), at, time: at });

/** A released product of level 1, and one of level 2 made from it. */
function redeveloped(): World {
  const world = withOthers("product.released");
  for (const report of [list(), review(), register(), release()]) expect(world.codes(report), report.type).to.deep.equal([]);
  return world;
}

describe("a product of level 1", () => {
  it("is the operator's, and names its sources", () => {
    const world = after("data.processed");
    expect(world.codes(example("product.listed", DEVELOPER))).to.deep.equal(["not-your-event"]);
    expect(world.tell(example("product.listed", OPERATOR, { resources: [] }))).to.deep.equal([
      { code: "product-incomplete", missing: ["resources"] },
    ]);
    expect(world.codes(example("product.listed", OPERATOR, { level: "1" }))).to.deep.equal([]);
  });

  it("is called by developers that are authorised, and by whoever is no developer", () => {
    const world = withOthers("product.released", "developer.authorised");
    const called = (caller: string) => world.codes(example("product.called", OPERATOR, { caller }));
    expect(called(DEVELOPER)).to.deep.equal(["caller-not-authorised"]);
    expect(world.codes(example("product.delivered", OPERATOR))).to.deep.equal(["caller-not-authorised"]);
    for (const caller of [TRANSPORT, OPERATOR, AUTHORITY]) expect(called(caller), caller).to.deep.equal([]);
    world.tell(example("developer.authorised", OPERATOR));
    expect(called(DEVELOPER)).to.deep.equal([]);
    expect(called(SECOND_DEVELOPER)).to.deep.equal(["caller-not-authorised"]);
  });
});

describe("a product of level 2", () => {
  it("is a developer's that is authorised under its scenario", () => {
    const world = withOthers("product.released");
    expect(world.codes(list({ scenario: "unheard-of" }))).to.deep.equal(["authorization-inactive", "scenario-not-approved"]);
    expect(world.codes({ ...list(), at: "2031-03-02T16:00:00.000Z" })).to.deep.equal(["authorization-inactive"]);
    world.tell(example("developer.revoked", OPERATOR, { developer: SECOND_DEVELOPER }));
    expect(world.codes(list({}, SECOND_DEVELOPER))).to.deep.equal(["authorization-inactive"]);
    expect(world.codes(list())).to.deep.equal([]);
  });

  it("names the products that it is made from, which are released", () => {
    const world = after("product.registered");
    expect(world.tell(list({ madeFrom: [] }))).to.deep.equal([{ code: "product-incomplete", missing: ["madeFrom"] }]);
    expect(world.tell(list({ madeFrom: undefined }))).to.deep.equal([{ code: "product-incomplete", missing: ["madeFrom"] }]);
    expect(world.tell(list({ madeFrom: ["unheard-of"] }))).to.deep.equal([{ code: "product-unknown", missing: ["unheard-of"] }]);
    expect(world.tell(list())).to.deep.equal([{ code: "product-not-released", missing: [PRODUCT] }]);
    world.tell(example("product.released", OPERATOR));
    expect(world.codes(list())).to.deep.equal([]);
  });

  it("is not made by the primary operator from what it delivered, at whatever level it lists it", () => {
    const world = after("product.released");
    expect(world.codes(list({}, OPERATOR))).to.deep.equal(["operator-redevelops"]);
    expect(world.codes(list({ level: "1", resources: [FLIGHTS] }, OPERATOR))).to.deep.equal(["operator-redevelops"]);
    const before = after("product.registered");
    expect(before.codes(list({ level: "1", resources: [FLIGHTS] }, OPERATOR)), "not delivered").to.deep.equal([]);
  });

  it("is not released by the primary operator either, where what it is made from was released meanwhile", () => {
    const world = after("product.registered");
    const product = "yz-product-again";
    world.tell(list({ product, level: "1", resources: [FLIGHTS] }, OPERATOR));
    world.tell(example("product.list-approved", AUTHORITY, { product }));
    world.tell(example("product.outbound-approved", AUTHORITY, { product }));
    for (const type of ["compliance-reviewed", "registered"] as const) world.tell(example(`product.${type}`, OPERATOR, { product }));
    expect(world.codes(example("product.released", OPERATOR))).to.deep.equal([]);
    expect(world.codes(example("product.released", OPERATOR, { product }))).to.deep.equal(["operator-redevelops"]);
  });

  it("is found where the primary operator redevelops what it delivered", () => {
    const world = redeveloped();
    const called = (caller: string, use: string, product = PRODUCT) =>
      world.codes(example("product.called", OPERATOR, { product, caller, use }));
    expect(called(OPERATOR, "redevelop")).to.deep.equal(["operator-redevelops"]);
    expect(called(OPERATOR, "query")).to.deep.equal([]);
    expect(called(DEVELOPER, "redevelop")).to.deep.equal([]);
    expect(called(OPERATOR, "redevelop", ROUTES)).to.deep.equal([]);
  });

  it("is released with the operator's review and a registration, and with neither of them alone", () => {
    const world = withOthers("product.released");
    world.tell(list());
    expect(world.tell(release())).to.deep.equal([{ code: "product-incomplete", missing: ["compliance-reviewed", "registered"] }]);
    for (const party of [DEVELOPER, STRANGER, SECOND_DEVELOPER])
      expect(world.codes(review(ROUTES, party)), party).to.deep.equal(["not-your-event"]);
    expect(world.codes(review())).to.deep.equal([]);
    expect(world.tell(release())).to.deep.equal([{ code: "product-incomplete", missing: ["registered"] }]);
    for (const party of [STRANGER, SECOND_DEVELOPER]) expect(world.codes(register(ROUTES, party)), party).to.deep.equal(["not-your-event"]);
    for (const party of [OPERATOR, DEVELOPER]) expect(world.codes(register(ROUTES, party)), party).to.deep.equal([]);
    expect(world.codes(release(ROUTES, OPERATOR))).to.include("not-your-event");
    expect(world.codes(release())).to.deep.equal([]);
  });

  it("is released while its developer is authorised", () => {
    const world = after("product.released");
    for (const report of [list(), review(), register()]) world.tell(report);
    world.tell(example("developer.revoked", OPERATOR, { developer: DEVELOPER }));
    expect(world.codes(release())).to.deep.equal(["authorization-inactive"]);
  });

  it("is delivered by its developer to whoever is registered", () => {
    const world = redeveloped();
    const deliver = (party: string, to: string) => world.codes(example("product.delivered", party, { product: ROUTES, to }));
    for (const to of [TRANSPORT, SECOND_DEVELOPER]) expect(deliver(DEVELOPER, to), to).to.deep.equal([]);
    expect(deliver(DEVELOPER, "91990000MA1A00083T")).to.deep.equal(["caller-not-authorised"]);
    expect(deliver(SECOND_DEVELOPER, TRANSPORT), "not its own").to.deep.equal(["sublicence"]);
  });

  it("is withdrawn by its developer, its operator or the authority", () => {
    const withdraw = (party: string) => redeveloped().codes(example("product.withdrawn", party, { product: ROUTES }));
    for (const party of [DEVELOPER, OPERATOR, AUTHORITY]) expect(withdraw(party), party).to.deep.equal([]);
    for (const party of [SECOND_DEVELOPER, STRANGER]) expect(withdraw(party), party).to.deep.equal(["not-your-event"]);
    expect(redeveloped().codes(example("product.withdrawn", DEVELOPER)), "what it is made from").to.deep.equal(["not-your-event"]);
  });

  it("is withdrawn with what it is made from, and so is all that is made from it", () => {
    const world = redeveloped();
    const MAPS = "yz-product-maps";
    for (const report of [list({ product: MAPS, madeFrom: [ROUTES] }), review(MAPS), register(MAPS), release(MAPS)])
      expect(world.codes(report), report.type).to.deep.equal([]);
    world.tell({ ...example("product.withdrawn", AUTHORITY), at: "2026-03-10T11:00:00+08:00" });
    for (const product of [PRODUCT, ROUTES, MAPS]) {
      expect(call(world, product, "2026-03-10T10:59:59.999+08:00"), product).to.deep.equal([]);
      expect(call(world, product, "2026-03-10T11:00:00+08:00"), product).to.deep.equal(["product-not-released"]);
    }
  });

  it("is offered again where the withdrawal of what it is made from is annulled", () => {
    const world = redeveloped();
    world.tell(example("product.withdrawn", AUTHORITY));
    const event = world.place;
    expect(call(world, ROUTES)).to.deep.equal(["product-not-released"]);
    world.tell(example("correction.annulled", AUTHORITY, { event, subjectKind: "product", subject: PRODUCT }));
    for (const product of [PRODUCT, ROUTES]) expect(call(world, product), product).to.deep.equal([]);
  });

  it("leaves a ground for its exit when what it is made from is withdrawn", () => {
    const world = redeveloped();
    const leave = () =>
      world.codes(example("exit.opened", AUTHORITY, { leaving: "product", product: ROUTES, developer: undefined, scenario: undefined }));
    expect(leave()).to.deep.equal(["ground-not-met"]);
    world.tell(example("product.withdrawn", AUTHORITY));
    expect(leave()).to.deep.equal([]);
  });

  it("is released again once what it is made from is", () => {
    const world = redeveloped();
    world.tell(example("product.withdrawn", AUTHORITY));
    expect(world.tell(release())).to.deep.equal([{ code: "product-not-released", missing: [PRODUCT] }]);
    world.tell(example("product.released", OPERATOR));
    expect(call(world, ROUTES), "not by itself").to.deep.equal(["product-not-released"]);
    expect(world.codes(release())).to.deep.equal([]);
    expect(call(world, ROUTES)).to.deep.equal([]);
  });
});
