import { expect } from "chai";
import { products } from "../../../chaincode/events/product";
import { scenarios } from "../../../chaincode/events/demand";
import { AGENCY, SUPERVISOR, watched } from "./oversight";
import { AUTHORITY, AUTHORIZATION, DEVELOPER, example, METEOROLOGY, OPERATOR, PRODUCT, SCENARIO, TRANSPORT, World } from "./world";

const signature = { digest: "0".repeat(64) };

/** The acts that did a step of the story's product, and what they are about. */
const actsOf = (world: World, step: string) =>
  (world.get(products, PRODUCT)?.steps[step] ?? []).map(({ act }) => ({ event: act, subjectKind: "product", subject: PRODUCT }));

describe("a fact that should not have been recorded", () => {
  const voided = (world: World, party: string, change: object = {}) =>
    world.codes(example("correction.voided", party, { countersigned: undefined, ...change }));

  it("is voided by a source with a reason, by an operator or developer with another's signature, by an act of that other", () => {
    const world = watched("product.called");
    expect(voided(world, METEOROLOGY)).to.deep.equal([]);
    const missing = ["countersignature-missing"];
    const sign = (other: string, change: object = {}) =>
      world.codes(example("correction.countersigned", other, { document: signature, ...change }));
    for (const party of [OPERATOR, DEVELOPER]) {
      expect(voided(world, party), party).to.deep.equal(missing);
      for (const other of [OPERATOR, DEVELOPER, TRANSPORT, "91990000MA1A00110Y"]) {
        if (other !== "91990000MA1A00110Y") expect(sign(other), other).to.deep.equal(["not-your-event"]);
        expect(voided(world, party, { countersigned: { party: other, signature } }), `${party} ${other}`).to.deep.equal(missing);
      }
    }
    expect(sign(SUPERVISOR)).to.deep.equal([]);
    for (const other of [AUTHORITY, AGENCY, SUPERVISOR])
      expect(voided(world, OPERATOR, { countersigned: { party: other, signature } }), `not by ${other}`).to.deep.equal(missing);
    for (const other of [AUTHORITY, AGENCY]) {
      for (const wrong of [{ event: "SuyuanMSP/facts/1" }, { document: { digest: "1".repeat(64) } }, { event: undefined }])
        expect(sign(other, wrong)).to.deep.equal([]);
      expect(voided(world, OPERATOR, { countersigned: { party: other, signature } }), "of another fact or paper").to.deep.equal(missing);
      expect(sign(other)).to.deep.equal([]);
      for (const party of [OPERATOR, DEVELOPER])
        expect(voided(world, party, { countersigned: { party: other, signature } }), `${party} ${other}`).to.deep.equal([]);
    }
  });

  it("is not countersigned by who may not act", () => {
    const world = watched("product.called");
    const agency = { countersigned: { party: AGENCY, signature } };
    world.tell(example("correction.countersigned", AGENCY, { document: signature }));
    expect(voided(World.from(world.state()), OPERATOR, agency)).to.deep.equal([]);
    world.tell(example("party.suspended", AUTHORITY, { code: AGENCY }));
    expect(voided(world, OPERATOR, agency)).to.deep.equal(["countersignature-missing"]);
  });

  it("is a fact: acts are annulled or withdrawn", () => {
    const world = watched("product.called");
    expect(voided(world, METEOROLOGY, { event: "SuyuanMSP/acts/0" })).to.deep.equal(["event-unknown"]);
    expect(voided(world, METEOROLOGY, { event: "SuyuanMSP/acts-2/0" })).to.deep.equal(["event-unknown"]);
    expect(voided(world, METEOROLOGY, { event: "SuyuanMSP/facts-2/0" })).to.deep.equal([]);
  });

  it("is one's own: in a journal of one's organisation, and not known to be another's", () => {
    const world = watched("product.called");
    expect(voided(world, METEOROLOGY, { event: "OperatorMSP/facts/0" })).to.deep.equal(["not-your-event"]);
    world.tell(example("data.pulled", OPERATOR, { scenario: "unheard-of" }));
    expect(voided(world, METEOROLOGY, { event: world.place })).to.deep.equal(["not-your-event"]);
    const event = world.place;
    world.tell(example("correction.countersigned", AUTHORITY, { event, document: signature }));
    expect(voided(world, OPERATOR, { event, countersigned: { party: AUTHORITY, signature } })).to.deep.equal([]);
  });

  it("keeps what it declared: a holding is struck, not voided", () => {
    const world = watched("product.called");
    const before = world.holdings(AUTHORIZATION).outstanding;
    const pulled = { event: "SuyuanMSP/facts/2", subjectKind: "authorization", subject: AUTHORIZATION };
    world.tell(example("correction.countersigned", AUTHORITY, { ...pulled, document: signature }));
    expect(voided(world, OPERATOR, { ...pulled, countersigned: { party: AUTHORITY, signature } })).to.deep.equal([]);
    expect(world.holdings(AUTHORIZATION).outstanding).to.equal(before);
  });

  it("is corrected by another fact of one's own", () => {
    const world = watched("product.called");
    const corrected = (party: string, change: object = {}) => world.codes(example("correction.corrected", party, change));
    expect(corrected(OPERATOR)).to.deep.equal([]);
    expect(corrected(OPERATOR, { replacement: "SuyuanMSP/facts/0" }), "itself").to.deep.equal(["event-unknown"]);
    expect(corrected(OPERATOR, { replacement: "SuyuanMSP/acts/1" })).to.deep.equal(["event-unknown"]);
    expect(corrected(OPERATOR, { replacement: "OtherMSP/facts/5" })).to.deep.equal(["not-your-event"]);
  });
});

describe("an act that should not have been done", () => {
  /** A world in which a product's list entry was approved twice, and those acts. */
  function approved() {
    const world = watched("product.list-approved");
    world.tell(example("product.list-approved", AUTHORITY));
    const [first, second] = actsOf(world, "list-approved");
    return { world, first: first!, second: second! };
  }
  const release = (world: World) => {
    for (const type of ["compliance-reviewed", "registered"] as const) world.tell(example(`product.${type}`, OPERATOR));
    world.tell(example("product.outbound-approved", AUTHORITY));
    return world.tell(example("product.released", OPERATOR));
  };

  it("is annulled by the authority, once", () => {
    const { world, first: approval } = approved();
    expect(world.codes(example("correction.annulled", OPERATOR, approval))).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("correction.annulled", AUTHORITY, approval))).to.deep.equal([]);
    expect(world.codes(example("correction.annulled", AUTHORITY, approval))).to.deep.equal(["event-unknown"]);
  });

  it("is named with the subject on whose record it left its mark", () => {
    for (const type of ["correction.annulled", "correction.withdrawn"] as const) {
      const { world, first: approval } = approved();
      for (const wrong of [
        { subject: "another" },
        { subjectKind: "scenario", subject: SCENARIO },
        { subjectKind: "calendar", subject: "2026" },
        { event: "SuyuanMSP/acts/99" },
        { event: "SuyuanMSP/facts/0" },
      ])
        expect(world.codes(example(type, AUTHORITY, { ...approval, ...wrong })), JSON.stringify(wrong)).to.include("event-unknown");
      expect(world.codes(example(type, AUTHORITY, approval))).to.deep.equal([]);
    }
  });

  it("counts no longer, annulled or withdrawn; another of the same kind still does", () => {
    for (const type of ["correction.annulled", "correction.withdrawn"] as const) {
      const { world, first, second } = approved();
      world.tell(example(type, AUTHORITY, second));
      const other = World.from(world.state());
      expect(release(other), "the first stands").to.deep.equal([]);
      world.tell(example(type, AUTHORITY, first));
      expect(release(world), "none stands").to.deep.equal([{ code: "product-incomplete", missing: ["list-approved"] }]);
    }
  });

  it("is withdrawn by whose act it was, or by the authority", () => {
    const world = watched("product.registered");
    const [approval] = actsOf(world, "list-approved");
    const [registration] = actsOf(world, "registered");
    for (const party of [DEVELOPER, SUPERVISOR])
      expect(world.codes(example("correction.withdrawn", party, registration)), party).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("correction.withdrawn", OPERATOR, registration))).to.deep.equal([]);
    expect(world.codes(example("correction.withdrawn", OPERATOR, approval))).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("correction.withdrawn", AUTHORITY, approval))).to.deep.equal([]);
  });

  it("that ended something ends it no longer once it is annulled", () => {
    const world = watched("product.released");
    world.tell(example("product.withdrawn", OPERATOR));
    const [withdrawal] = actsOf(world, "withdrawn");
    expect(world.codes(example("product.called", DEVELOPER))).to.deep.equal(["product-not-released"]);
    expect(world.codes(example("correction.annulled", AUTHORITY, withdrawal))).to.deep.equal([]);
    expect(world.codes(example("product.called", DEVELOPER))).to.deep.equal([]);
  });

  it("that is withdrawn has been in force until then", () => {
    const world = watched("product.released");
    const at = "2026-03-10T12:00:00+08:00";
    const [event] = (world.get(scenarios, SCENARIO)?.steps["approved"] ?? []).map(({ act }) => act);
    const approval = { event, subjectKind: "scenario", subject: SCENARIO };
    expect(world.codes({ ...example("correction.withdrawn", AUTHORITY, approval), at })).to.deep.equal([]);
    const pulled = (time: string) => world.codes({ ...example("data.pulled", OPERATOR), time, at: "2026-03-10T13:00:00+08:00" });
    expect(pulled("2026-03-10T11:59:59.999+08:00")).to.deep.equal([]);
    expect(pulled(at)).to.include("scenario-not-approved");
  });

  it("is not withdrawn while a later step relies on it: that one is undone first", () => {
    const world = watched("product.released");
    const [approval] = actsOf(world, "list-approved");
    const withdraw = () => world.tell(example("correction.withdrawn", AUTHORITY, approval));
    expect(withdraw()).to.deep.equal([{ code: "act-relied-on", missing: ["released"] }]);
    world.tell(example("product.withdrawn", OPERATOR));
    expect(withdraw()).to.deep.equal([]);
  });

  it("is not withdrawn where it did more than leave its mark: there is an act that undoes it", () => {
    const world = watched("product.released");
    const [release] = actsOf(world, "released");
    expect(world.codes(example("correction.withdrawn", AUTHORITY, release))).to.deep.equal(["act-relied-on"]);
    world.tell(example("product.withdrawn", OPERATOR));
    const [withdrawal] = actsOf(world, "withdrawn");
    expect(world.codes(example("correction.withdrawn", AUTHORITY, withdrawal))).to.deep.equal(["act-relied-on"]);
    expect(world.codes(example("scenario.closed", OPERATOR))).to.deep.equal([]);
    const closing = { event: world.place, subjectKind: "scenario", subject: SCENARIO };
    expect(world.codes(example("correction.withdrawn", OPERATOR, closing))).to.deep.equal(["act-relied-on"]);
  });
});
