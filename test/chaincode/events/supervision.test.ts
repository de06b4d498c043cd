import { expect } from "chai";
import { emergencies } from "../../../chaincode/events/data";
import { ASSESSOR, SUPERVISOR, watched } from "./oversight";
import { AUTHORITY, AUTHORIZATION, example, METEOROLOGY, OPERATOR, STRANGER } from "./world";

describe("supervision", () => {
  it("inspects by supervisors, the authority, and whom it commissions", () => {
    const world = watched("authorization.signed");
    for (const party of [SUPERVISOR, AUTHORITY, ASSESSOR])
      expect(world.codes(example("supervision.inspected", party)), party).to.deep.equal([]);
    expect(world.codes(example("supervision.inspected", OPERATOR))).to.deep.equal(["not-your-event"]);
  });

  it("reviews an emergency use by the authority or a supervisor, who are not who used the data", () => {
    const world = watched("data.processed");
    const reviewed = (party: string, emergency: string, authorization = AUTHORIZATION) =>
      world.codes(example("supervision.inspected", party, { emergency, authorization }));
    const pull = world.place;
    world.tell(example("data.emergency-used", OPERATOR));
    const use = world.place;
    expect(reviewed(ASSESSOR, use)).to.deep.equal(["not-your-event"]);
    expect(reviewed(SUPERVISOR, pull), "no emergency").to.deep.equal(["event-unknown"]);
    expect(reviewed(SUPERVISOR, use, "another")).to.deep.equal(["event-unknown"]);
    expect(reviewed(SUPERVISOR, use)).to.deep.equal([]);
    expect(world.get(emergencies, use)?.reviewed).to.equal(world.place);
    expect(reviewed(AUTHORITY, use), "another look").to.deep.equal([]);
    world.tell(example("party.updated", AUTHORITY, { code: OPERATOR, roles: ["primary-operator", "platform", "supervisor"] }));
    expect(reviewed(OPERATOR, use)).to.deep.equal(["same-hands"]);
  });

  it("urges rectification of what an inspection of this authorization found", () => {
    const world = watched("authorization.signed");
    const signing = world.place;
    const urged = (inspection: string, authorization = AUTHORIZATION) =>
      world.codes(example("supervision.rectification-urged", SUPERVISOR, { inspection, authorization }));
    expect(urged("SuyuanMSP/acts/99")).to.deep.equal(["inspection-unknown"]);
    world.tell(example("supervision.inspected", SUPERVISOR));
    const inspection = world.place;
    expect(urged(inspection)).to.deep.equal([]);
    expect(urged(inspection, "another")).to.deep.equal(["inspection-unknown"]);
    expect(urged(signing), "no inspection").to.deep.equal(["inspection-unknown"]);
    world.tell(example("correction.annulled", AUTHORITY, { event: inspection, subjectKind: "authorization", subject: AUTHORIZATION }));
    expect(urged(inspection), "annulled").to.deep.equal(["inspection-unknown"]);
  });

  it("penalises a registered party, after an inspection or without one", () => {
    const world = watched("authorization.signed");
    const penalised = (change: object) => world.codes(example("supervision.penalised", SUPERVISOR, { inspection: undefined, ...change }));
    expect(penalised({})).to.deep.equal([]);
    expect(penalised({ penalised: "91990000MA1A00110Y" })).to.deep.equal(["party-unknown"]);
    expect(penalised({ inspection: "SuyuanMSP/acts/99" })).to.deep.equal(["inspection-unknown"]);
    world.tell(example("supervision.inspected", SUPERVISOR));
    expect(penalised({ inspection: world.place })).to.deep.equal([]);
    expect(world.codes(example("supervision.penalised", AUTHORITY, { inspection: world.place }))).to.deep.equal(["not-your-event"]);
  });

  it("discloses authorizations by the authority, products and their use by the operator", () => {
    const world = watched("authorization.signed");
    const disclosed = (party: string, disclosure: string) => world.codes(example("supervision.disclosed", party, { disclosure }));
    expect(disclosed(AUTHORITY, "authorizations")).to.deep.equal([]);
    expect(disclosed(OPERATOR, "products-and-use")).to.deep.equal([]);
    expect(disclosed(AUTHORITY, "products-and-use")).to.deep.equal(["not-your-event"]);
    expect(disclosed(OPERATOR, "authorizations")).to.deep.equal(["not-your-event"]);
    expect(disclosed(STRANGER, "products-and-use")).to.deep.equal(["not-your-event"]);
  });

  it("keeps what the authority disclosed, and of each year, however often the operator discloses another", () => {
    const world = watched("authorization.signed");
    const disclosed = (party: string, disclosure: string, year: string) => {
      expect(world.codes(example("supervision.disclosed", party, { disclosure, year }))).to.deep.equal([]);
      return { event: world.place, subjectKind: "authorization", subject: AUTHORIZATION };
    };
    const [first, authoritys] = [
      disclosed(OPERATOR, "products-and-use", "2024"),
      disclosed(AUTHORITY, "authorizations", "2025"),
      disclosed(OPERATOR, "products-and-use", "2025"),
    ];
    for (let i = 0; i < 30; i++) disclosed(OPERATOR, "products-and-use", "2026");
    for (const act of [first, authoritys])
      expect(world.codes(example("correction.annulled", AUTHORITY, { ...act })), "it is still there").to.deep.equal([]);
  });

  it("hears of the operation from its own operator", () => {
    const world = watched("authorization.signed");
    expect(world.codes(example("supervision.operation-reported", STRANGER))).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("supervision.operation-reported", OPERATOR))).to.deep.equal([]);
  });

  it("evaluates the contribution of sources, and of nobody else", () => {
    const world = watched("authorization.signed");
    expect(world.codes(example("supervision.contribution-evaluated", AUTHORITY))).to.deep.equal([]);
    expect(world.codes(example("supervision.contribution-evaluated", AUTHORITY, { source: OPERATOR }))).to.deep.equal(["party-unknown"]);
    expect(world.codes(example("supervision.contribution-evaluated", METEOROLOGY))).to.deep.equal(["not-your-event"]);
  });
});

describe("interconnection", () => {
  it("is reported by the platform", () => {
    const world = watched("authorization.signed");
    for (const type of ["interconnect.catalogue-shared", "interconnect.status-synced", "interconnect.operations-reported"] as const) {
      expect(world.codes(example(type, OPERATOR)), type).to.deep.equal([]);
      expect(world.codes(example(type, METEOROLOGY)), type).to.deep.equal(["quarantined"]);
    }
  });
});
