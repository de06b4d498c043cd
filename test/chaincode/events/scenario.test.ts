import { expect } from "chai";
import { amended } from "../../../chaincode/events/steps";
import { scenarios } from "../../../chaincode/events/demand";
import {
  after,
  AUTHORITY,
  DEVELOPER,
  example,
  FLIGHTS,
  METEOROLOGY,
  OPERATOR,
  type Report,
  SCENARIO,
  STRANGER,
  TRANSPORT,
  WEATHER,
  type World,
} from "./world";

const LATER = "2026-03-10T12:00:00+08:00";
const demanding = (...demands: { resource: string; fields: string[]; use?: string }[]) =>
  example("scenario.submitted", OPERATOR, { demands });

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

  it("is not approved on a consent that was annulled", () => {
    const world = after("scenario.consented");
    world.tell(example("correction.annulled", AUTHORITY, { event: world.place, subjectKind: "scenario", subject: SCENARIO }));
    expect(world.tell(example("scenario.approved", AUTHORITY))).to.deep.equal([{ code: "consent-missing", missing: [FLIGHTS] }]);
  });

  it("is approved on consents that are taken back no more: the source stops offering, or the scenario is closed", () => {
    const world = after("scenario.consented");
    world.tell(example("scenario.consented", METEOROLOGY));
    const withdraw = (event: string) =>
      world.tell({
        ...example("correction.withdrawn", METEOROLOGY, { event, subjectKind: "scenario", subject: SCENARIO }),
        ...at("11:30:00"),
      });
    expect(withdraw(world.place), "before the approval").to.deep.equal([]);
    world.tell(example("scenario.consented", METEOROLOGY));
    const consent = world.place;
    expect(world.codes({ ...example("scenario.approved", AUTHORITY), ...at("11:00:00") })).to.deep.equal([]);
    expect(withdraw(consent)).to.deep.equal([{ code: "act-relied-on", missing: ["approved"] }]);
    world.tell({ ...example("scenario.changed", OPERATOR), ...at("11:10:00") });
    world.tell({ ...example("scenario.consented", METEOROLOGY), ...at("11:20:00") });
    expect(withdraw(world.place), "to a change that is not approved").to.deep.equal([]);
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

const WINTER = "yz-scenario-winter";
const at = (time: string) => ({ at: `2026-03-10T${time}+08:00` });

describe("a developer's proposal", () => {
  const propose = (world: World, change: object = {}) => world.codes(example("scenario.proposed", DEVELOPER, change));
  const review = (world: World, party = OPERATOR) => world.codes(example("scenario.pre-reviewed", party));
  const submit = (world: World) => world.codes(example("scenario.submitted", OPERATOR, { scenario: WINTER }));

  it("is for an authorization that there is, under a number that is free", () => {
    const world = after("scenario.registered");
    expect(propose(world, { parent: undefined, authorization: "unheard-of" })).to.deep.equal(["authorization-unknown"]);
    expect(propose(world, { parent: undefined, scenario: SCENARIO })).to.deep.equal(["scenario-exists"]);
    expect(propose(world)).to.deep.equal([]);
    expect(propose(world)).to.deep.equal(["scenario-exists"]);
  });

  it("is reviewed by the operator before it is submitted", () => {
    const world = after("scenario.registered");
    expect(review(world)).to.deep.equal(["scenario-unknown"]);
    propose(world);
    expect(submit(world)).to.deep.equal(["pre-review-missing"]);
    expect(review(world, STRANGER)).to.deep.equal(["not-your-event"]);
    expect(review(world)).to.deep.equal([]);
    expect(submit(world)).to.deep.equal([]);
    expect(review(world), "nothing is left to review").to.deep.equal(["scenario-not-pending"]);
  });

  it("is neither consented to nor approved before it is submitted", () => {
    const world = after("scenario.registered");
    propose(world);
    expect(world.codes(example("scenario.consented", TRANSPORT, { scenario: WINTER, resource: FLIGHTS }))).to.deep.equal([
      "scenario-unknown",
    ]);
    expect(world.codes(example("scenario.approved", AUTHORITY, { scenario: WINTER }))).to.deep.equal(["scenario-unknown"]);
  });

  it("is taken up by nobody but the operator to whom it was made", () => {
    const world = after("scenario.registered");
    const own = { authorization: "yz-authorization-successor" };
    world.tell(example("authorization.decided", AUTHORITY, { ...own, operator: STRANGER }));
    world.tell(example("authorization.signed", AUTHORITY, own));
    propose(world);
    review(world);
    expect(world.codes(example("scenario.submitted", STRANGER, { ...own, scenario: WINTER }))).to.deep.equal(["scenario-exists"]);
  });

  it("may be rejected, and then be made again", () => {
    const world = after("scenario.registered");
    propose(world);
    review(world);
    expect(world.codes(example("scenario.rejected", STRANGER))).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("scenario.rejected", OPERATOR))).to.deep.equal([]);
    expect(world.codes(example("scenario.rejected", OPERATOR))).to.deep.equal(["scenario-not-pending"]);
    expect(review(world)).to.deep.equal(["scenario-not-pending"]);
    expect(propose(world)).to.deep.equal([]);
    expect(submit(world), "reviewed anew").to.deep.equal(["pre-review-missing"]);
  });
});

describe("a scenario's rejection", () => {
  const reject = (world: World, scenario = SCENARIO) => world.codes(example("scenario.rejected", AUTHORITY, { scenario }));

  it("is of what awaits a review", () => {
    expect(reject(after("scenario.registered"))).to.deep.equal(["scenario-not-pending"]);
    expect(reject(after("scenario.registered"), "unheard-of")).to.deep.equal(["scenario-unknown"]);
    expect(reject(after("scenario.submitted"))).to.deep.equal([]);
  });

  it("leaves nothing to approve until another list is submitted", () => {
    const world = after("scenario.submitted");
    reject(world);
    expect(world.codes(example("scenario.approved", AUTHORITY))).to.deep.equal(["scenario-not-pending"]);
    expect(world.codes(example("scenario.changed", OPERATOR))).to.deep.equal([]);
    expect(world.tell(example("scenario.approved", AUTHORITY))).to.deep.equal([{ code: "consent-missing", missing: [FLIGHTS, WEATHER] }]);
  });

  it("of a change leaves in force what was approved", () => {
    const world = after("scenario.registered");
    world.tell(example("scenario.changed", OPERATOR));
    expect(reject(world)).to.deep.equal([]);
    expect(world.codes(example("data.pulled", OPERATOR))).to.deep.equal([]);
  });
});

describe("consents to a change that is rejected", () => {
  it("are none to what was approved before, whose own were to more: each source is asked again", () => {
    const world = after("scenario.approved");
    const [approval, subject] = [world.place, { subjectKind: "scenario", subject: SCENARIO }];
    const consentAll = () => {
      for (const [party, resource] of [
        [METEOROLOGY, WEATHER],
        [TRANSPORT, FLIGHTS],
      ] as const)
        expect(world.codes(example("scenario.consented", party, { resource }))).to.deep.equal([]);
    };
    world.tell(example("correction.annulled", AUTHORITY, { event: approval, ...subject }));
    const less = [WEATHER, FLIGHTS].map((resource) => ({ resource, fields: ["date"] }));
    expect(world.codes(example("scenario.changed", OPERATOR, { demands: less }))).to.deep.equal([]);
    consentAll();
    expect(world.codes(example("scenario.rejected", AUTHORITY, { scenario: SCENARIO }))).to.deep.equal([]);
    const approve = () => world.tell(example("scenario.approved", AUTHORITY));
    const [missing] = approve() ?? [];
    expect(missing?.code).to.equal("consent-missing");
    expect(missing?.missing).to.have.members([WEATHER, FLIGHTS]);
    consentAll();
    expect(approve(), "consented to what it was").to.deep.equal([]);
  });
});

describe("a scenario's change", () => {
  const change = (party: string, more: object = {}) => example("scenario.changed", party, more);
  const pulled = (world: World, time: string, fields: readonly string[]) =>
    world.tell({ ...example("data.pulled", OPERATOR, { fields }), time: at(time).at, at: LATER });

  it("is asked for by its operator, under its own authorization, while it is open", () => {
    const world = after("scenario.registered");
    expect(world.codes(change(OPERATOR, { scenario: "unheard-of" }))).to.deep.equal(["scenario-unknown"]);
    expect(world.codes(change(STRANGER))).to.include("not-your-event");
    world.tell(example("authorization.decided", AUTHORITY, { authorization: "another" }));
    world.tell(example("authorization.signed", AUTHORITY, { authorization: "another" }));
    expect(world.codes(change(OPERATOR, { authorization: "another" }))).to.deep.equal(["authorization-inactive"]);
    expect(world.codes(change(OPERATOR))).to.deep.equal([]);
    world.tell(example("scenario.closed", OPERATOR));
    expect(world.codes(change(OPERATOR))).to.deep.equal(["scenario-closed"]);
  });

  it("demands what is catalogued and approved, as the first list did", () => {
    const world = after("scenario.registered");
    const demands = [{ resource: FLIGHTS, fields: ["gate"] }];
    expect(world.codes(change(OPERATOR, { demands }))).to.deep.equal(["fields-not-catalogued"]);
  });

  it("needs consents of its own, and is in force from its approval on and not before", () => {
    const world = after("scenario.registered");
    world.tell(change(OPERATOR));
    expect(world.tell(example("scenario.approved", AUTHORITY))).to.deep.equal([{ code: "consent-missing", missing: [FLIGHTS, WEATHER] }]);
    world.tell(example("scenario.consented", METEOROLOGY));
    world.tell(example("scenario.consented", TRANSPORT, { resource: FLIGHTS }));
    expect(pulled(world, "10:30:00", ["destination"])).to.deep.equal([{ code: "fields-beyond-scenario", missing: ["destination"] }]);
    expect(world.codes({ ...example("scenario.approved", AUTHORITY), ...at("11:00:00") })).to.deep.equal([]);
    expect(pulled(world, "10:59:59", ["destination"])).to.deep.equal([{ code: "fields-beyond-scenario", missing: ["destination"] }]);
    world.tell({ ...example("scenario.registered", OPERATOR), ...at("11:00:00") });
    expect(pulled(world, "11:00:00", ["destination"])).to.deep.equal([]);
  });

  it("is registered before what it adds is used; what was registered goes on meanwhile", () => {
    const world = after("scenario.registered");
    world.tell(change(OPERATOR, { demands: [{ resource: FLIGHTS, fields: ["date", "delay", "destination"] }] }));
    world.tell(example("scenario.consented", TRANSPORT, { resource: FLIGHTS }));
    expect(world.codes({ ...example("scenario.approved", AUTHORITY), ...at("11:00:00") })).to.deep.equal([]);
    const supplied = () => world.codes({ ...example("data.supplied", TRANSPORT), time: at("11:10:00").at, at: LATER });
    expect(pulled(world, "11:10:00", ["date", "delay"])).to.deep.equal([]);
    expect(supplied()).to.deep.equal([]);
    world.tell({ ...example("scenario.registered", OPERATOR), ...at("11:20:00") });
    expect(pulled(world, "11:19:59", ["date", "destination"])).to.deep.equal([{ code: "scenario-not-registered" }]);
    expect(pulled(world, "11:20:00", ["date", "destination"])).to.deep.equal([]);
  });

  it("by a resource, or by a use, is registered before it is supplied, or used so", () => {
    const world = after("scenario.registered", "scenario.submitted");
    const line = (resource: string, use: string) => ({ resource, fields: ["date"], use });
    const asked = (report: Report, ...resources: string[]) => {
      expect(world.codes(report)).to.deep.equal([]);
      for (const resource of resources)
        world.tell(example("scenario.consented", resource === WEATHER ? METEOROLOGY : TRANSPORT, { resource }));
    };
    asked(demanding(line(WEATHER, "statistics")), WEATHER);
    for (const report of [example("scenario.approved", AUTHORITY), example("scenario.registered", OPERATOR)])
      expect(world.codes(report), report.type).to.deep.equal([]);
    asked(change(OPERATOR, { demands: [line(WEATHER, "statistics"), line(WEATHER, "audit"), line(FLIGHTS, "audit")] }), WEATHER, FLIGHTS);
    expect(world.codes({ ...example("scenario.approved", AUTHORITY), ...at("11:00:00") })).to.deep.equal([]);
    world.tell({ ...example("scenario.registered", OPERATOR), ...at("11:20:00") });
    const used = (time: string, use: string, resource = WEATHER) =>
      world.codes({ ...example("data.pulled", OPERATOR, { resource, fields: ["date"], use }), time: at(time).at, at: LATER });
    expect(used("11:19:59", "statistics")).to.deep.equal([]);
    expect(used("11:19:59", "audit")).to.deep.equal(["scenario-not-registered"]);
    expect(used("11:19:59", "audit", FLIGHTS)).to.deep.equal(["scenario-not-registered"]);
    for (const resource of [WEATHER, FLIGHTS]) expect(used("11:20:00", "audit", resource)).to.deep.equal([]);
  });

  it("to fewer resources leaves lawful what was pulled before", () => {
    const world = after("scenario.registered");
    world.tell(change(OPERATOR, { demands: [{ resource: WEATHER, fields: ["date"] }] }));
    world.tell(example("scenario.consented", METEOROLOGY));
    world.tell({ ...example("scenario.approved", AUTHORITY), ...at("11:00:00") });
    expect(pulled(world, "10:59:59", ["date"])).to.deep.equal([]);
    expect(pulled(world, "11:00:00", ["date"])).to.deep.equal([{ code: "resource-not-in-scenario" }]);
  });

  it("asks no source for a consent that nobody needs", () => {
    const world = after("scenario.registered");
    world.tell(change(OPERATOR, { demands: [{ resource: WEATHER, fields: ["date"] }] }));
    expect(world.codes(example("scenario.consented", TRANSPORT, { resource: FLIGHTS }))).to.deep.equal(["resource-not-in-scenario"]);
  });

  it("has lost its basis, and is out of force, where its approval is annulled later", () => {
    const world = after("scenario.registered");
    const act = annul(world, "approved", "11:00:00");
    expect(pulled(world, "10:59:59", ["date"])).to.deep.equal([{ code: "basis-annulled", missing: [act] }]);
    expect(pulled(world, "11:00:00", ["date"])).to.deep.equal([{ code: "scenario-not-approved" }]);
    world.tell({ ...example("scenario.approved", AUTHORITY), ...at("11:30:00") });
    expect(pulled(world, "11:30:00", ["date"])).to.deep.equal([]);
  });
});

/** Annuls the last doing of a step of the scenario. @returns where that act stands */
function annul(world: World, step: string, time: string): string {
  const it = world.get(scenarios, SCENARIO)!;
  const { act } = it.steps[step]!.at(-1)!;
  const annulled = Date.parse(at(time).at);
  world.put(
    scenarios,
    SCENARIO,
    amended(it, act, (mark) => ({ ...mark, annulled })),
  );
  return act;
}

describe("a child scenario", () => {
  const child = (change: object = {}) => example("scenario.submitted", OPERATOR, { scenario: "child", parent: SCENARIO, ...change });
  const line = (resource: string, ...fields: string[]) => ({ resource, fields });

  it("demands no more than its parent, and what is more is listed", () => {
    const submit = (change: object) => after("scenario.registered").tell(child(change));
    expect(submit({})).to.deep.equal([]);
    expect(submit({ demands: [line(FLIGHTS, "date", "delay", "distance", "origin")] })).to.deep.equal([]);
    expect(submit({ demands: [line(FLIGHTS, "date", "destination")] })).to.deep.equal([
      { code: "scenario-wider-than-parent", missing: [`${FLIGHTS}/destination`] },
    ]);
    expect(submit({ sensitivity: "sensitive" })).to.deep.equal([{ code: "scenario-wider-than-parent", missing: ["sensitivity"] }]);
  });

  it("has a parent that is approved and open, under the same authorization", () => {
    expect(after("scenario.submitted").tell(child())).to.deep.equal([{ code: "scenario-not-approved", missing: [SCENARIO] }]);
    expect(after("scenario.registered").codes(child({ parent: "child" }))).to.deep.equal(["scenario-not-approved"]);
    expect(after("scenario.registered").codes(child({ parent: "unheard-of" }))).to.deep.equal(["scenario-not-approved"]);
  });

  /** Levels of scenarios below the story's, each part of the one before. */
  function nested(levels: number): World {
    const world = after("developer.authorised");
    for (let level = 1; level <= levels; level++) {
      const [scenario, parent] = [`level-${level}`, level === 1 ? SCENARIO : `level-${level - 1}`];
      for (const report of [
        example("scenario.submitted", OPERATOR, { scenario, parent }),
        example("scenario.consented", METEOROLOGY, { scenario }),
        example("scenario.consented", TRANSPORT, { scenario, resource: FLIGHTS }),
        example("scenario.approved", AUTHORITY, { scenario }),
        example("scenario.registered", OPERATOR, { scenario }),
      ])
        expect(world.codes(report), `${scenario} ${report.type}`).to.deep.equal([]);
    }
    return world;
  }

  it("is approved only as long as all are that it is part of, however far above", () => {
    const world = nested(3);
    const pulled = () => world.codes(example("data.pulled", OPERATOR, { scenario: "level-3" }));
    expect(pulled()).to.deep.equal([]);
    world.tell(example("scenario.closed", OPERATOR, { scenario: "level-1" }));
    expect(pulled()).to.deep.equal(["scenario-not-approved"]);
    expect(world.codes(child({ parent: "level-3" }))).to.deep.equal(["scenario-not-approved"]);
  });

  it("is at most the eighth level, so that what is judged by all of them is judged by few", () => {
    expect(nested(7).codes(child({ parent: "level-7" }))).to.deep.equal(["scenario-not-approved"]);
    expect(nested(6).codes(child({ parent: "level-6" }))).to.deep.equal([]);
  });

  it("stays within its parent when either changes", () => {
    const world = after("scenario.registered");
    world.tell(child({ demands: [line(FLIGHTS, "date", "delay")] }));
    world.tell(example("scenario.consented", TRANSPORT, { scenario: "child", resource: FLIGHTS }));
    world.tell(example("scenario.approved", AUTHORITY, { scenario: "child" }));
    world.tell(example("scenario.registered", OPERATOR, { scenario: "child" }));
    const wider = { scenario: "child", demands: [line(FLIGHTS, "destination")] };
    expect(world.codes(example("scenario.changed", OPERATOR, wider))).to.deep.equal(["scenario-wider-than-parent"]);

    const pulled = (time: string) =>
      world.tell({ ...example("data.pulled", OPERATOR, { scenario: "child", fields: ["date", "delay"] }), time: at(time).at, at: LATER });
    expect(pulled("10:30:00")).to.deep.equal([]);
    world.tell(example("scenario.changed", OPERATOR, { demands: [line(FLIGHTS, "date")] }));
    world.tell(example("scenario.consented", TRANSPORT, { resource: FLIGHTS }));
    world.tell({ ...example("scenario.approved", AUTHORITY), ...at("11:00:00") });
    expect(pulled("10:59:59")).to.deep.equal([]);
    expect(pulled("11:00:00")).to.deep.equal([{ code: "fields-beyond-scenario", missing: ["delay"] }]);
    world.tell({ ...example("scenario.closed", OPERATOR), ...at("11:30:00") });
    expect(pulled("11:30:00")).to.deep.include({ code: "scenario-not-approved" });
  });
});

describe("the purpose of a use", () => {
  /** Flights by day for statistics, with their origin for forecasts, distances for any use. */
  function world(): World {
    const world = after("scenario.submitted", "scenario.submitted");
    world.tell(
      demanding(
        { resource: FLIGHTS, fields: ["date", "delay"], use: "statistics" },
        { resource: FLIGHTS, fields: ["date", "origin"], use: "forecast" },
        { resource: WEATHER, fields: ["date"] },
      ),
    );
    world.tell(example("scenario.consented", METEOROLOGY));
    world.tell(example("scenario.consented", TRANSPORT, { resource: FLIGHTS }));
    world.tell(example("scenario.approved", AUTHORITY));
    world.tell(example("scenario.registered", AUTHORITY));
    return world;
  }
  const pulled = (change: object) => world().tell(example("data.pulled", OPERATOR, change));

  it("is one that the demand list names, where it names any", () => {
    expect(pulled({ use: "statistics", fields: ["date", "delay"] })).to.deep.equal([]);
    expect(pulled({ use: "marketing", fields: ["date", "delay"] })).to.deep.equal([{ code: "purpose-changed" }]);
    expect(pulled({ fields: ["date"] }), "left unsaid").to.deep.equal([{ code: "purpose-changed" }]);
    const access = (use: string) => world().codes(example("data.accessed", OPERATOR, { use }));
    expect(access("marketing")).to.deep.equal(["purpose-changed"]);
    expect(access("forecast")).to.deep.equal([]);
  });

  it("decides which fields may be had", () => {
    expect(pulled({ use: "forecast", fields: ["date", "origin"] })).to.deep.equal([]);
    expect(pulled({ use: "forecast", fields: ["date", "delay"] })).to.deep.equal([{ code: "fields-beyond-scenario", missing: ["delay"] }]);
  });

  it("may be any where the list names none", () => {
    expect(pulled({ resource: WEATHER, fields: ["date"] })).to.deep.equal([]);
    expect(pulled({ resource: WEATHER, fields: ["date"], use: "statistics" })).to.deep.equal([]);
  });
});

describe("a scenario's number", () => {
  const withdrawal = (world: World, step: string, party: string) => {
    const event = world.get(scenarios, SCENARIO)?.steps[step]?.at(-1)?.act;
    return world.codes(example("correction.withdrawn", party, { event, subjectKind: "scenario", subject: SCENARIO }));
  };
  const wider = example("scenario.submitted", OPERATOR, {
    demands: [{ resource: WEATHER, fields: ["location", "date", "precipitation"] }],
  });

  it("is free again when its submission was withdrawn before it was approved", () => {
    const world = after("scenario.submitted");
    expect(withdrawal(world, "submitted", OPERATOR)).to.deep.equal([]);
    expect(world.codes(wider)).to.deep.equal([]);
  });

  it("stands for what was approved: the submission is not withdrawn from under its approval", () => {
    const world = after("scenario.registered");
    expect(withdrawal(world, "submitted", OPERATOR)).to.deep.equal(["act-relied-on"]);
    expect(world.codes(wider)).to.deep.equal(["scenario-exists"]);
  });

  it("is never used again once it was approved, whatever was withdrawn since", () => {
    const world = after("scenario.registered");
    expect(withdrawal(world, "approved", AUTHORITY)).to.deep.equal([]);
    expect(withdrawal(world, "submitted", OPERATOR)).to.deep.equal([]);
    expect(world.codes(wider)).to.deep.equal(["scenario-exists"]);
    expect(world.codes(example("scenario.proposed", DEVELOPER, { scenario: SCENARIO }))).to.include("scenario-exists");
    expect(world.codes(example("data.pulled", OPERATOR))).to.include("scenario-not-approved");
  });
});
