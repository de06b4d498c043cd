import { expect } from "chai";
import { parties } from "../../../chaincode/events/party";
import { after, AUTHORITY, DEVELOPER, example, FLIGHTS, OPERATOR, STRANGER, TRANSPORT, type World } from "./world";

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
    const called = (time: string) => world.codes({ ...example("product.called", DEVELOPER), time, at: time });
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
