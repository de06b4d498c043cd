import { expect } from "chai";
import { after, AUTHORITY, example, FLIGHTS, METEOROLOGY, OPERATOR, SCENARIO, STRANGER, TRANSPORT, WEATHER, type World } from "./world";

const LATER = "2026-03-10T12:00:00+08:00";
const demanding = (...demands: { resource: string; fields: string[] }[]) => example("scenario.submitted", OPERATOR, { demands });

describe("a scenario", () => {
  it("is submitted once", () => {
    const world = after("scenario.submitted");
    expect(world.codes(example("scenario.submitted", OPERATOR))).to.deep.equal(["scenario-exists"]);
    expect(world.codes(example("scenario.submitted", OPERATOR, { scenario: "another" }))).to.deep.equal([]);
  });

  it("demands resources that are catalogued and approved, and names those that are not", () => {
    const unknown = { resource: "yz-transport-ferries", fields: ["date"] };
    const world = after("scenario.submitted", "scenario.submitted");
    expect(world.tell(demanding({ resource: FLIGHTS, fields: ["date"] }, unknown))).to.deep.equal([
      { code: "resource-unknown", missing: ["yz-transport-ferries"] },
      { code: "resource-not-approved", missing: ["yz-transport-ferries"] },
      { code: "fields-not-catalogued", missing: ["yz-transport-ferries"] },
    ]);
    const unapproved = after("scenario.submitted", "scenario.submitted", "resource.approved");
    expect(unapproved.tell(example("scenario.submitted", OPERATOR))).to.deep.equal([
      { code: "resource-not-approved", missing: [FLIGHTS, WEATHER] },
    ]);
  });

  it("demands fields that are catalogued, all of them at most", () => {
    const all = ["date", "delay", "distance", "origin", "destination"];
    const world = () => after("scenario.submitted", "scenario.submitted");
    expect(world().codes(demanding({ resource: FLIGHTS, fields: all }))).to.deep.equal([]);
    expect(
      world().tell(demanding({ resource: FLIGHTS, fields: [...all, "passenger"] }, { resource: WEATHER, fields: ["date"] })),
    ).to.deep.equal([{ code: "fields-not-catalogued", missing: [FLIGHTS] }]);
  });

  it("is consented to by each source for its own resource", () => {
    const world = after("scenario.submitted");
    expect(world.codes(example("scenario.consented", TRANSPORT, { resource: WEATHER }))).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("scenario.consented", METEOROLOGY, { scenario: "unheard-of" }))).to.deep.equal(["scenario-unknown"]);
    expect(world.codes(example("scenario.consented", METEOROLOGY))).to.deep.equal([]);
  });

  it("is approved once every source has consented", () => {
    const world = after("scenario.submitted");
    const approve = () => world.tell(example("scenario.approved", AUTHORITY));
    expect(approve()).to.deep.equal([{ code: "consent-missing", missing: [FLIGHTS, WEATHER] }]);
    world.tell(example("scenario.consented", METEOROLOGY));
    expect(approve()).to.deep.equal([{ code: "consent-missing", missing: [FLIGHTS] }]);
    world.tell(example("scenario.consented", TRANSPORT, { resource: FLIGHTS }));
    expect(approve()).to.deep.equal([]);
    expect(world.codes(example("scenario.approved", AUTHORITY, { scenario: "unheard-of" }))).to.deep.equal(["scenario-unknown"]);
  });

  it("is registered by its operator or the authority, after its approval", () => {
    const world = after("scenario.submitted");
    const register = (party: string, scenario = SCENARIO) => world.codes(example("scenario.registered", party, { scenario }));
    expect(register(OPERATOR)).to.deep.equal(["scenario-not-approved"]);
    expect(register(OPERATOR, "unheard-of")).to.deep.equal(["scenario-unknown"]);
    const approved = after("scenario.approved");
    expect(approved.codes(example("scenario.registered", STRANGER))).to.deep.equal(["not-your-event"]);
    expect(approved.codes(example("scenario.registered", AUTHORITY))).to.deep.equal([]);
  });

  it("is closed by its operator or the authority", () => {
    const world = after("scenario.registered");
    expect(world.codes(example("scenario.closed", OPERATOR, { scenario: "unheard-of" }))).to.deep.equal(["scenario-unknown"]);
    expect(world.codes(example("scenario.closed", STRANGER))).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("scenario.closed", OPERATOR))).to.deep.equal([]);
  });

  it("stays closed: neither an approval nor a consent opens it again, but another scenario may be submitted", () => {
    for (const last of ["scenario.submitted", "scenario.registered"]) {
      const world = after(last, "scenario.approved", "scenario.registered");
      expect(world.codes(example("scenario.closed", OPERATOR))).to.deep.equal([]);
      expect(world.codes(example("scenario.consented", METEOROLOGY)), last).to.deep.equal(["scenario-closed"]);
      expect(world.codes(example("scenario.approved", AUTHORITY)), last).to.include("scenario-closed");
      expect(world.codes(example("scenario.submitted", OPERATOR, { scenario: "another" })), last).to.deep.equal([]);
    }
    const world = after("scenario.registered");
    expect(world.codes(example("scenario.approved", AUTHORITY)), "while it is open").to.deep.equal([]);
    world.tell({ ...example("scenario.closed", OPERATOR), at: "2026-03-10T11:00:00+08:00" });
    expect(world.codes({ ...example("scenario.approved", AUTHORITY), at: LATER })).to.deep.equal(["scenario-closed"]);
    expect(world.codes({ ...example("data.accessed", OPERATOR), at: LATER })).to.deep.equal(["scenario-not-approved"]);
  });
});

describe("data used for a scenario", () => {
  const pulled = (world: World, time: string, change: object = {}) =>
    world.tell({ ...example("data.pulled", OPERATOR, change), time, at: LATER });

  it("is lawful from the approval until the scenario is closed, and not at that instant", () => {
    const world = after("scenario.registered", "scenario.approved", "scenario.registered");
    const at = "2026-03-10T10:30:00+08:00";
    world.tell({ ...example("scenario.approved", AUTHORITY), at });
    world.tell({ ...example("scenario.registered", OPERATOR), at });
    world.tell({ ...example("scenario.closed", OPERATOR), at: "2026-03-10T11:00:00+08:00" });
    expect(pulled(world, "2026-03-10T10:29:59.999+08:00")).to.deep.include({ code: "scenario-not-approved" });
    expect(pulled(world, at)).to.deep.equal([]);
    expect(pulled(world, "2026-03-10T10:59:59.999+08:00")).to.deep.equal([]);
    expect(pulled(world, "2026-03-10T11:00:00+08:00")).to.deep.equal([{ code: "scenario-not-approved" }]);
  });

  it("needs the approval in every kind of use", () => {
    const world = after("scenario.submitted");
    for (const type of ["data.supplied", "data.pulled", "data.processed", "data.accessed"] as const)
      expect(world.codes(example(type, OPERATOR)), type).to.include("scenario-not-approved");
  });

  it("is used under the authorization of the scenario and no other", () => {
    const world = after("scenario.registered");
    world.tell(example("authorization.decided", AUTHORITY, { authorization: "another" }));
    world.tell(example("authorization.signed", AUTHORITY, { authorization: "another" }));
    expect(pulled(world, LATER, { authorization: "another" })).to.deep.equal([{ code: "scenario-not-approved" }]);
  });

  it("waits for the scenario's registration", () => {
    const world = after("scenario.approved");
    world.tell({ ...example("scenario.registered", OPERATOR), at: "2026-03-10T11:00:00+08:00" });
    expect(pulled(world, "2026-03-10T10:59:59.999+08:00")).to.deep.equal([{ code: "scenario-not-registered" }]);
    expect(pulled(world, "2026-03-10T11:00:00+08:00")).to.deep.equal([]);
  });

  it("is what the demand list names, in every kind of use", () => {
    const world = after("scenario.registered");
    for (const type of ["data.supplied", "data.pulled", "data.accessed"] as const)
      expect(world.codes(example(type, OPERATOR, { resource: "yz-transport-ferries" })), type).to.include("resource-not-in-scenario");
  });

  it("may have all the demanded fields, and none beyond", () => {
    const world = after("scenario.registered");
    expect(pulled(world, LATER, { fields: ["date", "delay", "distance", "origin"] })).to.deep.equal([]);
    expect(pulled(world, LATER, { fields: ["origin"] })).to.deep.equal([]);
    expect(pulled(world, LATER, { fields: ["origin", "destination", "time"] })).to.deep.equal([
      { code: "fields-beyond-scenario", missing: ["destination", "time"] },
    ]);
    expect(pulled(world, LATER, { fields: ["constructor"] })).to.deep.equal([{ code: "fields-beyond-scenario", missing: ["constructor"] }]);
  });

  it("may have the fields of every line that names its resource", () => {
    const world = after("scenario.submitted", "scenario.submitted");
    world.tell(demanding({ resource: FLIGHTS, fields: ["date"] }, { resource: FLIGHTS, fields: ["delay"] }));
    world.tell(example("scenario.consented", TRANSPORT, { resource: FLIGHTS }));
    world.tell(example("scenario.approved", AUTHORITY));
    world.tell(example("scenario.registered", AUTHORITY));
    expect(pulled(world, LATER, { fields: ["date", "delay"] })).to.deep.equal([]);
    expect(pulled(world, LATER, { fields: ["date", "origin"] })).to.deep.equal([{ code: "fields-beyond-scenario", missing: ["origin"] }]);
  });
});
