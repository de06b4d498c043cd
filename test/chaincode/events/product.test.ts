import { expect } from "chai";
import { developments } from "../../../chaincode/events/developer";
import { products } from "../../../chaincode/events/offer";
import { parties } from "../../../chaincode/events/party";
import { SECOND_DEVELOPER, withOthers } from "./market";
import {
  after,
  AUTHORITY,
  DEVELOPER,
  example,
  FLIGHTS,
  OPERATOR,
  PRODUCT,
  releasedAgain,
  type Report,
  SCENARIO,
  story,
  STRANGER,
  TRANSPORT,
  World,
} from "./world";

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
    expect(world.codes(example("product.released", STRANGER))).to.deep.equal([
      "not-your-event",
      "authorization-inactive",
      "product-incomplete",
    ]);
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

describe("what a product is released on", () => {
  const at = (report: Report, hour: string) => ({ ...report, at: `2026-03-10T${hour}:00+08:00` });
  const release = (world: World, hour: string) => world.tell(at(example("product.released", OPERATOR, { version: hour }), hour));
  const [review, approval] = releasedAgain();

  it("is a review and an approval of its own: the next version needs its own, a version that was withdrawn too", () => {
    const used = [{ code: "product-incomplete", missing: ["compliance-reviewed", "outbound-approved"] }];
    const world = after("product.released");
    expect(release(world, "11:00"), "another version").to.deep.equal(used);
    for (const report of [review!, approval!]) expect(world.codes(at(report, "11:01"))).to.deep.equal([]);
    expect(release(world, "11:02")).to.deep.equal([]);
    for (const report of [review!, approval!]) expect(world.codes(at(report, "11:03"))).to.deep.equal([]);
    for (const party of [OPERATOR, AUTHORITY]) {
      const other = World.from(world.state());
      other.tell(at(example("product.withdrawn", party), "11:04"));
      expect(release(other, "11:05"), party).to.deep.equal(used);
      other.tell(at(review!, "11:06"));
      expect(release(other, "11:07"), party).to.deep.equal([{ code: "product-incomplete", missing: ["outbound-approved"] }]);
      other.tell(at(approval!, "11:08"));
      expect(release(other, "11:09"), party).to.deep.equal([]);
    }
  });

  it("is gone where it was withdrawn before it was ever released, until that is annulled", () => {
    const world = after("product.registered");
    world.tell(at(example("product.withdrawn", AUTHORITY), "11:00"));
    const withdrawal = { event: world.place, subjectKind: "product", subject: PRODUCT };
    expect(release(world, "11:01")).to.deep.equal([{ code: "product-incomplete", missing: ["compliance-reviewed", "outbound-approved"] }]);
    world.tell(at(example("correction.annulled", AUTHORITY, withdrawal), "11:02"));
    expect(release(world, "11:03")).to.deep.equal([]);
  });

  it("falls with any of its steps that is annulled, for what happens since; not where the step was done twice", () => {
    const called = (world: World, time: string) =>
      world.codes({ ...example("product.called", DEVELOPER), time: `2026-03-10T${time}:00+08:00`, at: "2026-03-10T12:00:00+08:00" });
    for (const step of ["list-approved", "compliance-reviewed", "outbound-approved", "registered"] as const)
      for (const times of [1, 2]) {
        const world = after("product.registered");
        const again = at(example(`product.${step}`, step.endsWith("approved") ? AUTHORITY : OPERATOR), "10:10");
        for (let more = times; more > 1; more--) world.tell(again);
        expect(release(world, "10:30")).to.deep.equal([]);
        world.tell(at(again, "10:40"));
        const [{ act: event } = { act: "" }] = world.get(products, PRODUCT)?.steps[step] ?? [];
        const annulled = example("correction.annulled", AUTHORITY, { event, subjectKind: "product", subject: PRODUCT });
        expect(world.codes(at(annulled, "11:00"))).to.deep.equal([]);
        expect(called(world, "10:59"), step).to.deep.equal([]);
        expect(called(world, "11:00"), `${step}, done ${times} times`).to.deep.equal(times === 1 ? ["product-not-released"] : []);
      }
  });

  it("is looked at no more once it left: its copies go on leaving the platform, until it is withdrawn", () => {
    const world = after("product.released");
    const held = { digest: "5".repeat(64), bytes: 10, rows: 10, form: "product", place: "数源单位", platform: "off" };
    const copied = () => world.codes(example("data.copied", OPERATOR, { product: PRODUCT, holdings: [held] }));
    expect(copied()).to.deep.equal([]);
    world.tell(example("product.withdrawn", OPERATOR));
    expect(copied()).to.deep.equal(["retained-off-platform", "raw-data-outbound"]);
  });

  it("is a scenario that is not closed", () => {
    const world = after("product.registered");
    world.tell(example("scenario.closed", OPERATOR));
    expect(world.codes(example("product.released", OPERATOR))).to.deep.equal(["scenario-not-approved"]);
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

  it("is used until its scenario is closed, and not at that instant", () => {
    const world = after("product.released");
    world.tell({ ...example("scenario.closed", OPERATOR), at: "2026-03-10T11:00:00+08:00" });
    expect(uses(world, "2026-03-10T10:59:59.999+08:00")).to.deep.equal([[], []]);
    expect(uses(world, "2026-03-10T11:00:00+08:00")).to.deep.equal([["unreviewed-use"], ["unreviewed-use"]]);
  });

  it("stays released through its next version", () => {
    const world = after("product.released");
    for (const report of releasedAgain()) expect(world.codes({ ...report, at: "2026-03-10T11:00:00+08:00" })).to.deep.equal([]);
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

  it("is not made by the primary operator from a developer's either, which was made from it", () => {
    const world = redeveloped();
    const again = { product: "yz-product-again", madeFrom: [ROUTES] };
    expect(world.codes(list(again, OPERATOR))).to.deep.equal(["operator-redevelops"]);
    expect(world.codes(list({ ...again, level: "1", resources: [FLIGHTS] }, OPERATOR))).to.deep.equal(["operator-redevelops"]);
    expect(world.codes(list(again))).to.deep.equal([]);
  });

  it("is made from a product of another authorization by who was authorised there too", () => {
    const world = withOthers("product.released");
    const other = world.get(products, PRODUCT)!;
    world.put(products, "yz-product-other", { ...other, authorization: "another", scenario: "yz-scenario-other" });
    const listed = () => world.tell(list({ madeFrom: ["yz-product-other"] }));
    expect(listed()).to.deep.equal([{ code: "authorization-inactive", missing: ["yz-product-other"] }]);
    const given = world.get(developments, `${DEVELOPER}:${SCENARIO}`)!;
    world.put(developments, `${DEVELOPER}:yz-scenario-other`, { ...given, authorization: "another", scenario: "yz-scenario-other" });
    expect(listed()).to.deep.equal([]);
  });

  it("is used while its developer is authorised, or who goes on for it", () => {
    const world = redeveloped();
    const used = (hour: string) => {
      const at = `2026-03-10T${hour}:00+08:00`;
      return [
        world.codes({
          ...example("product.called", OPERATOR, { product: ROUTES, caller: TRANSPORT }),
          time: at,
          at: "2026-03-10T13:00:00+08:00",
        }),
        world.codes({
          ...example("product.delivered", OPERATOR, { product: ROUTES, to: TRANSPORT }),
          time: at,
          at: "2026-03-10T13:00:00+08:00",
        }),
      ];
    };
    world.tell({ ...example("developer.revoked", OPERATOR, { developer: DEVELOPER }), at: "2026-03-10T11:00:00+08:00" });
    expect(used("10:59")).to.deep.equal([[], []]);
    expect(used("11:00")).to.deep.equal([["no-authorization"], ["no-authorization"]]);
    const named = "91990000MA1A00110Y";
    const renamed = example("party.renamed", AUTHORITY, { code: named, former: DEVELOPER });
    expect(world.codes({ ...renamed, at: "2026-03-10T11:30:00+08:00" })).to.deep.equal([]);
    const own = { developer: named, from: "2026-03-10" };
    for (const [type, party] of [
      ["developer.applied", named],
      ["developer.verified", OPERATOR],
      ["developer.selected", OPERATOR],
      ["developer.authorised", OPERATOR],
    ] as const)
      expect(
        world.codes({
          ...example(type, party, type === "developer.authorised" ? own : { developer: named }),
          at: "2026-03-10T12:00:00+08:00",
        }),
        type,
      ).to.deep.equal([]);
    expect(used("12:00")).to.deep.equal([[], []]);
  });

  it("goes out again with the authority's approval where the authority withdrew it, and once", () => {
    for (const party of [AUTHORITY, OPERATOR]) {
      const world = redeveloped();
      world.tell(example("product.withdrawn", party, { product: ROUTES }));
      world.tell(review());
      const missing = party === AUTHORITY ? [{ code: "product-incomplete", missing: ["outbound-approved"] }] : [];
      expect(world.tell(release()), party).to.deep.equal(missing);
      if (missing.length > 0) world.tell(example("product.outbound-approved", AUTHORITY, { product: ROUTES }));
      if (missing.length > 0) expect(world.codes(release())).to.deep.equal([]);
      world.tell(review());
      expect(world.codes(release()), "the next version").to.deep.equal([]);
    }
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
    expect(world.codes(review())).to.deep.equal([]);
    expect(world.tell(release())).to.deep.equal([{ code: "product-not-released", missing: [PRODUCT] }]);
    for (const report of releasedAgain()) expect(world.codes(report)).to.deep.equal([]);
    expect(call(world, ROUTES), "not by itself").to.deep.equal(["product-not-released"]);
    expect(world.codes(release())).to.deep.equal([]);
    expect(call(world, ROUTES)).to.deep.equal([]);
  });
});
