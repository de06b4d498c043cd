import { expect } from "chai";
import { amended } from "../../../chaincode/events/steps";
import { resources } from "../../../chaincode/events/catalogue";
import { qualityIssues } from "../../../chaincode/events/quality";
import { after, AUTHORITY, DEVELOPER, example, FLIGHTS, METEOROLOGY, NOW, OPERATOR, TRANSPORT, WEATHER, type World } from "./world";

const UNKNOWN = { resource: "yz-transport-ferries" };

describe("the catalogue", () => {
  it("has one source for each resource", () => {
    const world = after("resource.catalogued");
    expect(world.codes(example("resource.catalogued", METEOROLOGY))).to.deep.equal(["second-source"]);
    expect(world.codes(example("resource.registered", METEOROLOGY))).to.deep.equal(["second-source"]);
    expect(world.codes(example("resource.registered", TRANSPORT))).to.deep.equal([]);
  });

  it("lets the authority of its sector register it, which its source named", () => {
    const [SECTOR, sector] = ["11990000MB1A00060Q", { sector: "11990000MB1A00060Q" }];
    const named = [example("resource.catalogued", TRANSPORT, sector), example("resource.updated", TRANSPORT, sector)];
    const world = after("resource.approved");
    for (const report of named) expect(world.tell(report), report.type).to.deep.include({ code: "party-unknown", missing: [SECTOR] });
    world.tell(example("party.registered", AUTHORITY, { code: SECTOR, roles: ["sector-authority"] }));
    expect(world.codes(example("resource.registered", SECTOR))).to.deep.equal(["second-source"]);
    expect(world.codes(named[1]!)).to.deep.equal([]);
    expect(world.codes(example("resource.registered", SECTOR))).to.deep.equal([]);
    expect(world.codes(example("resource.updated", SECTOR)), "and nothing else").to.deep.equal(["second-source"]);
    expect(world.codes(example("resource.registered", METEOROLOGY))).to.deep.equal(["second-source"]);
    const other = example("resource.catalogued", TRANSPORT, { ...UNKNOWN, ...sector });
    expect(world.codes(other)).to.deep.equal([]);
    expect(world.codes(example("resource.registered", SECTOR, UNKNOWN))).to.deep.equal([]);
  });

  it("takes each resource once", () => {
    expect(after("resource.catalogued").codes(example("resource.catalogued", TRANSPORT))).to.deep.equal(["resource-exists"]);
  });

  it("approves, publishes, registers and withdraws only what it has", () => {
    const world = after("resource.registered");
    expect(world.codes(example("resource.approved", AUTHORITY, UNKNOWN))).to.deep.equal(["resource-unknown"]);
    expect(world.codes(example("resource.published", AUTHORITY, UNKNOWN))).to.deep.equal(["resource-unknown", "resource-not-approved"]);
    expect(world.codes(example("resource.registered", TRANSPORT, UNKNOWN))).to.deep.equal(["resource-unknown"]);
    expect(world.codes(example("resource.withdrawn", TRANSPORT, UNKNOWN))).to.deep.equal(["resource-unknown"]);
  });

  it("publishes only what the authority approved", () => {
    const world = after("resource.published", "resource.approved", "resource.published");
    expect(world.codes(example("resource.published", AUTHORITY))).to.deep.equal(["resource-not-approved"]);
    expect(world.codes(example("resource.approved", AUTHORITY))).to.deep.equal([]);
    expect(world.codes(example("resource.published", AUTHORITY))).to.deep.equal([]);
  });

  it("lets a source withdraw its own, and the authority any", () => {
    const world = after("scenario.registered");
    expect(world.codes(example("resource.withdrawn", METEOROLOGY))).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("resource.withdrawn", TRANSPORT))).to.deep.equal([]);
    expect(world.codes(example("resource.withdrawn", AUTHORITY, { resource: WEATHER }))).to.deep.equal([]);
  });
});

describe("a resource in use", () => {
  const pulled = (time: string) => ({ ...example("data.pulled", OPERATOR), time, at: "2026-03-10T12:00:00+08:00" });

  it("may be pulled from its publication until it is withdrawn, and not at that instant", () => {
    const world = after("scenario.registered");
    const withdrawn = { ...example("resource.withdrawn", TRANSPORT), at: "2026-03-10T11:00:00+08:00" };
    expect(world.codes(withdrawn)).to.deep.equal([]);
    expect(world.codes(pulled("2026-03-10T10:59:59.999+08:00"))).to.deep.equal([]);
    expect(world.codes(pulled("2026-03-10T11:00:00+08:00"))).to.deep.equal(["source-withdrawn"]);
  });

  it("stays withdrawn however often it had been published, until it is published again", () => {
    const world = after("scenario.registered");
    world.tell({ ...example("resource.published", AUTHORITY), at: "2026-03-10T10:30:00+08:00" });
    world.tell({ ...example("resource.withdrawn", AUTHORITY), at: "2026-03-10T11:00:00+08:00" });
    expect(world.codes(pulled("2026-03-10T11:30:00+08:00"))).to.deep.equal(["source-withdrawn"]);
    world.tell({ ...example("resource.published", AUTHORITY), at: "2026-03-10T11:15:00+08:00" });
    expect(world.codes(pulled("2026-03-10T11:10:00+08:00"))).to.deep.equal(["source-withdrawn"]);
    expect(world.codes(pulled("2026-03-10T11:15:00+08:00"))).to.deep.equal([]);
    expect(world.codes(pulled("2026-03-10T10:45:00+08:00"))).to.deep.equal([]);
  });

  it("was not on offer before it was published", () => {
    const world = after("scenario.registered", "resource.published");
    expect(world.codes(pulled("2026-03-10T11:00:00+08:00"))).to.deep.equal(["source-withdrawn"]);
  });

  it("is registered before it is pulled", () => {
    const world = after("scenario.registered", "resource.registered");
    expect(world.codes(pulled("2026-03-10T10:30:00+08:00"))).to.deep.equal(["resource-not-registered"]);
    world.tell({ ...example("resource.registered", TRANSPORT), at: "2026-03-10T11:00:00+08:00" });
    expect(world.codes(pulled("2026-03-10T10:59:59.999+08:00"))).to.deep.equal(["resource-not-registered"]);
    expect(world.codes(pulled("2026-03-10T11:00:00+08:00"))).to.deep.equal([]);
  });

  it("has to be catalogued to be aggregated", () => {
    const world = after("resource.catalogued");
    expect(world.codes(example("data.aggregated", METEOROLOGY, UNKNOWN))).to.deep.equal(["resource-unknown"]);
    expect(world.codes(example("data.aggregated", TRANSPORT, { resource: FLIGHTS }))).to.deep.equal([]);
  });

  it("comes from its one source, or from the platform that reports for it", () => {
    const world = after("scenario.registered");
    expect(world.codes(example("data.aggregated", METEOROLOGY, { resource: FLIGHTS }))).to.deep.equal(["second-source"]);
    expect(world.codes(example("data.aggregated", OPERATOR, { resource: FLIGHTS }))).to.deep.equal([]);
  });

  it("registered again stays registered from the first time on", () => {
    const world = after("scenario.registered");
    world.tell({ ...example("resource.registered", TRANSPORT), at: "2026-03-10T11:00:00+08:00" });
    expect(world.codes(pulled("2026-03-10T10:59:00+08:00"))).to.deep.equal([]);
  });
});

/** Pulls these fields at a time; recorded at noon. */
const pull = (world: World, time: string, fields: readonly string[] = ["date", "delay"]) =>
  world.tell({ ...example("data.pulled", OPERATOR, { fields }), time: `2026-03-10T${time}+08:00`, at: "2026-03-10T12:00:00+08:00" });
const at = (time: string) => ({ at: `2026-03-10T${time}+08:00` });

describe("a resource's entry", () => {
  it("is catalogued by a public utility with an agreement of its own", () => {
    const agreement = { digest: "3".repeat(64) };
    expect(after("party.registered").codes(example("resource.catalogued", TRANSPORT, { agreement }))).to.deep.equal([]);
  });

  it("gains fields by an update that is approved, and not before", () => {
    const world = after("scenario.registered");
    const fields = ["date", "delay", "distance", "origin", "destination", "gate"];
    const demands = [{ resource: FLIGHTS, fields: ["gate"] }];
    const submit = (scenario: string) => world.codes(example("scenario.submitted", OPERATOR, { scenario, demands }));
    expect(world.codes(example("resource.updated", METEOROLOGY, { fields }))).to.deep.equal(["second-source"]);
    expect(world.codes(example("resource.updated", TRANSPORT, { fields }))).to.deep.equal([]);
    expect(submit("s-1")).to.deep.equal(["fields-not-catalogued"]);
    expect(world.codes(example("resource.approved", AUTHORITY))).to.deep.equal([]);
    expect(submit("s-1")).to.deep.equal([]);
  });

  it("stays as it is when only the data is updated", () => {
    const world = after("scenario.registered");
    const before = world.get(resources, FLIGHTS)!;
    expect(world.codes(example("resource.updated", TRANSPORT))).to.deep.equal([]);
    const { proposed, versions } = world.get(resources, FLIGHTS)!;
    expect([proposed, versions]).to.deep.equal([undefined, before.versions]);
  });

  it("has its frequency set by the authority", () => {
    const world = after("scenario.registered");
    expect(world.codes(example("resource.frequency-set", AUTHORITY))).to.deep.equal([]);
    expect(world.codes(example("resource.frequency-set", TRANSPORT))).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("resource.frequency-set", AUTHORITY, UNKNOWN))).to.deep.equal(["resource-unknown"]);
  });

  it("is narrowed by its own source, of fields that it has", () => {
    const world = after("scenario.registered");
    const narrow = (party: string, change: object = {}) => world.codes(example("resource.narrowed", party, change));
    expect(narrow(METEOROLOGY)).to.deep.equal(["not-your-event"]);
    expect(narrow(TRANSPORT, UNKNOWN)).to.deep.equal(["resource-unknown"]);
    expect(narrow(TRANSPORT, { fields: ["gate"] })).to.deep.equal(["fields-not-catalogued"]);
    expect(narrow(TRANSPORT)).to.deep.equal([]);
  });

  it("is narrowed from the day of the record on at the earliest", () => {
    const narrow = (from: string) => after("scenario.registered").codes(example("resource.narrowed", TRANSPORT, { from }));
    expect(narrow("2026-03-09")).to.deep.equal(["effective-too-early"]);
    expect(narrow("2026-03-10")).to.deep.equal([]);
  });

  it("no longer offers what it was narrowed by, from then on and not before", () => {
    const world = after("scenario.registered");
    world.tell({ ...example("resource.narrowed", TRANSPORT, { fields: ["delay"], from: "2026-03-10" }), ...at("11:00:00") });
    expect(pull(world, "10:59:59")).to.deep.equal([]);
    expect(pull(world, "11:00:00")).to.deep.equal([{ code: "source-withdrawn", missing: ["delay"] }]);
    expect(pull(world, "11:00:00", ["date"])).to.deep.equal([]);
  });

  it("is narrowed from the first moment of a day to come", () => {
    const world = after("scenario.registered");
    world.tell(example("resource.narrowed", TRANSPORT, { fields: ["delay"], from: "2026-04-01" }));
    const pulled = (time: string) => world.codes({ ...example("data.pulled", OPERATOR), time, at: time });
    expect(pulled("2026-03-31T23:59:59.999+08:00")).to.deep.equal([]);
    expect(pulled("2026-04-01T00:00:00+08:00")).to.deep.equal(["source-withdrawn"]);
  });

  it("stays narrowed when its other changes are approved, before the day and after", () => {
    const world = after("scenario.registered");
    world.tell(example("resource.narrowed", TRANSPORT, { fields: ["delay"], from: "2026-04-01" }));
    const pulled = (time: string, fields = ["date", "delay"]) =>
      world.codes({ ...example("data.pulled", OPERATOR, { fields }), time, at: time });
    world.tell(example("resource.updated", TRANSPORT, { fields: ["date", "delay", "distance", "origin", "destination", "gate"] }));
    world.tell({ ...example("resource.approved", AUTHORITY), at: "2026-03-20T10:00:00+08:00" });
    expect(pulled("2026-03-31T23:59:59.999+08:00")).to.deep.equal([]);
    expect(pulled("2026-04-01T00:00:00+08:00")).to.deep.equal(["source-withdrawn"]);
    expect(pulled("2026-04-01T00:00:00+08:00", ["gate"])).to.deep.equal(["fields-beyond-scenario"]);
    world.tell({ ...example("resource.approved", AUTHORITY), at: "2026-04-05T10:00:00+08:00" });
    world.tell({ ...example("resource.registered", TRANSPORT, { sensitivity: "open" }), at: "2026-04-06T10:00:00+08:00" });
    expect(pulled("2026-04-07T00:00:00+08:00")).to.deep.equal(["source-withdrawn"]);
    expect(pulled("2026-04-07T00:00:00+08:00", ["date"])).to.deep.equal([]);
  });

  it("offers again what an approved update brings back", () => {
    const world = after("scenario.registered");
    world.tell({ ...example("resource.narrowed", TRANSPORT, { fields: ["delay"], from: "2026-03-10" }), ...at("10:30:00") });
    world.tell({ ...example("resource.updated", TRANSPORT, { fields: ["date", "delay"] }), ...at("10:40:00") });
    world.tell({ ...example("resource.approved", AUTHORITY), ...at("11:00:00") });
    expect(pull(world, "10:59:59")).to.deep.equal([{ code: "source-withdrawn", missing: ["delay"] }]);
    expect(pull(world, "11:00:00")).to.deep.equal([]);
  });

  it("falls back on what was in force before, where an act is annulled", () => {
    const world = after("scenario.registered");
    world.tell({ ...example("resource.narrowed", TRANSPORT, { fields: ["delay"], from: "2026-03-10" }), ...at("10:30:00") });
    annul(world, "narrowed", "11:00:00");
    expect(pull(world, "11:00:00")).to.deep.equal([]);
  });
});

/** Annuls the last doing of a step of the flights. */
function annul(world: World, step: string, time: string): void {
  const it = world.get(resources, FLIGHTS)!;
  const act = it.steps[step]!.at(-1)!.act;
  world.put(
    resources,
    FLIGHTS,
    amended(it, act, (mark) => ({ ...mark, annulled: Date.parse(at(time).at) })),
  );
}

describe("what rests on an act that was annulled later", () => {
  it("is not unlawful, but has lost its basis, which is named", () => {
    for (const step of ["approved", "published"]) {
      const world = after("scenario.registered");
      const { act } = world.get(resources, FLIGHTS)!.steps[step]![0]!;
      annul(world, step, "11:00:00");
      expect(pull(world, "10:59:59"), step).to.deep.equal([{ code: "basis-annulled", missing: [act] }]);
      expect(pull(world, "11:00:00"), step).to.deep.equal([{ code: "source-withdrawn" }]);
    }
  });

  it("is in order again once the act is done anew", () => {
    const world = after("scenario.registered");
    annul(world, "approved", "11:00:00");
    expect(world.codes({ ...example("resource.approved", AUTHORITY), ...at("11:30:00") })).to.deep.equal([]);
    expect(pull(world, "11:30:00")).to.deep.equal([]);
    expect(pull(world, "11:29:59")).to.deep.equal([{ code: "source-withdrawn" }]);
  });
});

describe("the source of a resource", () => {
  it("is another one after the authority reassigned it, and the former no longer is", () => {
    const world = after("scenario.registered");
    const reassign = (party: string, change: object = {}) => world.codes(example("resource.source-reassigned", party, change));
    expect(reassign(TRANSPORT)).to.deep.equal(["not-your-event"]);
    expect(reassign(AUTHORITY, UNKNOWN)).to.deep.equal(["resource-unknown"]);
    expect(reassign(AUTHORITY, { to: DEVELOPER })).to.deep.equal(["party-unknown"]);
    expect(reassign(AUTHORITY)).to.deep.equal([]);
    expect(world.codes(example("resource.registered", METEOROLOGY))).to.deep.equal([]);
    expect(world.codes(example("resource.registered", TRANSPORT))).to.deep.equal(["second-source"]);
    expect(world.codes(example("resource.catalogued", METEOROLOGY))).to.deep.equal(["resource-exists"]);
  });

  it("is who it was when the data came", () => {
    const world = after("scenario.registered");
    world.tell({ ...example("resource.source-reassigned", AUTHORITY), ...at("11:00:00") });
    const aggregated = (party: string, time: string) =>
      world.codes({ ...example("data.aggregated", party, { resource: FLIGHTS }), time: at(time).at, ...at("12:00:00") });
    expect(aggregated(TRANSPORT, "10:59:59")).to.deep.equal([]);
    expect(aggregated(METEOROLOGY, "10:59:59")).to.deep.equal(["second-source"]);
    expect(aggregated(TRANSPORT, "11:00:00")).to.deep.equal(["second-source"]);
    expect(aggregated(METEOROLOGY, "11:00:00")).to.deep.equal([]);
  });

  it("consents anew where it changed before the approval", () => {
    const world = after("scenario.consented");
    world.tell(example("resource.source-reassigned", AUTHORITY));
    expect(world.tell(example("scenario.approved", AUTHORITY))).to.deep.equal([{ code: "consent-missing", missing: [FLIGHTS] }]);
    world.tell(example("scenario.consented", METEOROLOGY, { resource: FLIGHTS }));
    expect(world.codes(example("scenario.approved", AUTHORITY))).to.deep.equal([]);
  });
});

describe("the sensitivity of a resource", () => {
  const register = (sensitivity: string) => ({ ...example("resource.registered", TRANSPORT, { sensitivity }), ...at("11:00:00") });

  it("does not rise above what the scenario was approved for", () => {
    const world = after("scenario.registered");
    world.tell(register("sensitive"));
    expect(pull(world, "10:59:59")).to.deep.equal([]);
    expect(pull(world, "11:00:00")).to.deep.equal([{ code: "classification-exceeded" }]);
  });

  it("may fall, or stay", () => {
    for (const sensitivity of ["open", "internal"]) {
      const world = after("scenario.registered");
      world.tell(register(sensitivity));
      expect(pull(world, "11:00:00"), sensitivity).to.deep.equal([]);
    }
  });

  it("is within what a scenario asks for, where it says", () => {
    const submit = (sensitivity: string) =>
      after("scenario.submitted", "scenario.submitted").tell(example("scenario.submitted", OPERATOR, { sensitivity }));
    expect(submit("open")).to.deep.equal([{ code: "classification-exceeded", missing: [FLIGHTS, WEATHER] }]);
    expect(submit("internal")).to.deep.equal([]);
  });
});

describe("personal information in a resource", () => {
  const cataloguing = () => {
    const world = after("resource.approved", "resource.catalogued", "resource.approved");
    world.tell(example("resource.catalogued", TRANSPORT, { personal: "personal" }));
    world.tell(example("resource.approved", AUTHORITY));
    return world;
  };
  const publish = (world: World) => world.tell(example("resource.published", AUTHORITY));

  it("is published on a recorded legal basis after its impact was assessed", () => {
    const world = cataloguing();
    expect(publish(world)).to.deep.equal([{ code: "legal-basis-missing", missing: ["basis-recorded", "impact-assessed"] }]);
    world.tell(example("resource.basis-recorded", TRANSPORT));
    expect(publish(world)).to.deep.equal([{ code: "legal-basis-missing", missing: ["impact-assessed"] }]);
    world.tell(example("resource.impact-assessed", TRANSPORT));
    expect(publish(world)).to.deep.equal([]);
  });

  it("is not used without them, where it came in by a later update", () => {
    const world = after("scenario.registered");
    world.tell(example("resource.updated", TRANSPORT, { personal: "sensitive" }));
    expect(pull(world, "10:30:00")).to.deep.equal([]);
    world.tell({ ...example("resource.approved", AUTHORITY), ...at("11:00:00") });
    expect(pull(world, "10:59:59")).to.deep.equal([]);
    expect(pull(world, "11:00:00")).to.deep.equal([{ code: "legal-basis-missing", missing: ["basis-recorded", "impact-assessed"] }]);
    for (const type of ["resource.basis-recorded", "resource.impact-assessed"] as const)
      world.tell({ ...example(type, TRANSPORT), ...at("11:30:00") });
    expect(pull(world, "11:30:00")).to.deep.equal([]);
  });

  it("has a statute named, where that is the basis, and is the source's to account for", () => {
    const world = cataloguing();
    const record = (party: string, change: object) => world.codes(example("resource.basis-recorded", party, change));
    expect(record(TRANSPORT, { basis: "statute", statute: undefined })).to.deep.equal(["legal-basis-missing"]);
    expect(record(TRANSPORT, { basis: "statute" })).to.deep.equal([]);
    expect(record(TRANSPORT, { basis: "consent", statute: undefined })).to.deep.equal([]);
    expect(record(METEOROLOGY, {})).to.deep.equal(["second-source"]);
    expect(world.codes(example("resource.impact-assessed", TRANSPORT, UNKNOWN))).to.deep.equal(["resource-unknown"]);
  });

  it("is not used from the withdrawal of consent until an update is without that batch", () => {
    const world = after("scenario.registered");
    const [one, two] = ["4".repeat(64), "5".repeat(64)];
    const withdraw = (batch: string, time: string) =>
      world.codes({ ...example("resource.consent-withdrawn", TRANSPORT, { batch }), ...at(time) });
    const update = (excludes: string[] | undefined, time: string) =>
      world.codes({ ...example("resource.updated", TRANSPORT, { excludes }), ...at(time) });
    expect(withdraw(one, "10:10:00")).to.deep.equal([]);
    expect(withdraw(two, "10:20:00")).to.deep.equal([]);
    expect(update(undefined, "10:30:00")).to.deep.equal([]);
    expect(update([one], "10:40:00")).to.deep.equal([]);
    expect(update([two], "10:50:00")).to.deep.equal([]);
    const found = (...missing: string[]) => [{ code: "consent-withdrawn", missing }];
    expect(pull(world, "10:09:59")).to.deep.equal([]);
    expect(pull(world, "10:10:00")).to.deep.equal(found(one));
    expect(pull(world, "10:39:59")).to.deep.equal(found(one, two));
    expect(pull(world, "10:40:00")).to.deep.equal(found(two));
    expect(pull(world, "10:50:00")).to.deep.equal([]);
  });

  it("has its withdrawals recorded by the source", () => {
    const world = after("scenario.registered");
    expect(world.codes(example("resource.consent-withdrawn", METEOROLOGY))).to.deep.equal(["second-source"]);
    world.tell(example("resource.consent-withdrawn", TRANSPORT));
    expect(world.codes(example("data.supplied", TRANSPORT)), "nor supplied").to.deep.equal(["consent-withdrawn"]);
  });
});

describe("a problem of quality", () => {
  const assign = (world: World, change: object = {}) => world.codes(example("resource.quality-assigned", AUTHORITY, change));
  const resolve = (world: World, party: string) => world.codes(example("resource.quality-resolved", party));
  const reported = () => {
    const world = after("scenario.registered");
    expect(world.codes(example("resource.quality-reported", OPERATOR))).to.deep.equal([]);
    return world;
  };

  it("is reported of a resource that is known", () => {
    expect(reported().codes(example("resource.quality-reported", OPERATOR, UNKNOWN))).to.deep.equal(["resource-unknown"]);
  });

  it("is assigned and resolved once it is reported, and until it is resolved", () => {
    const world = after("scenario.registered");
    expect(assign(world)).to.deep.equal(["quality-issue-unknown"]);
    expect(resolve(world, TRANSPORT)).to.deep.equal(["quality-issue-unknown"]);
    world.tell(example("resource.quality-reported", OPERATOR));
    expect(assign(world)).to.deep.equal([]);
    expect(resolve(world, TRANSPORT)).to.deep.equal([]);
    expect(assign(world)).to.deep.equal(["quality-issue-unknown"]);
    expect(resolve(world, TRANSPORT)).to.deep.equal(["quality-issue-unknown"]);
  });

  it("is the source's at first, then whose the authority says, and theirs to resolve", () => {
    const world = reported();
    expect(resolve(world, OPERATOR)).to.deep.equal(["not-your-event"]);
    expect(assign(world, { to: "91990000MA1A00091K" })).to.deep.equal(["party-unknown"]);
    expect(assign(world, { to: OPERATOR })).to.deep.equal([]);
    expect(resolve(world, TRANSPORT)).to.deep.equal(["not-your-event"]);
    expect(resolve(world, OPERATOR)).to.deep.equal([]);
    const { responsible } = world.get(qualityIssues, `${FLIGHTS} yz-issue-0001`)!;
    expect(responsible.map(({ party }) => party)).to.deep.equal([TRANSPORT, OPERATOR]);
  });

  it("stays whose it is when it is reported again", () => {
    const world = reported();
    assign(world, { to: OPERATOR });
    world.tell(example("resource.quality-reported", OPERATOR));
    expect(resolve(world, TRANSPORT)).to.deep.equal(["not-your-event"]);
  });

  it("that comes back after it was resolved is open again, and the source's", () => {
    const world = reported();
    assign(world, { to: OPERATOR });
    expect(resolve(world, OPERATOR)).to.deep.equal([]);
    // Reported late: it is the one that is resolved.
    world.tell({ ...example("resource.quality-reported", OPERATOR), time: NOW, at: "2026-03-10T11:00:00+08:00" });
    expect(resolve(world, OPERATOR)).to.deep.equal(["quality-issue-unknown"]);
    const again = "2026-03-11T10:00:00+08:00";
    world.tell({ ...example("resource.quality-reported", OPERATOR), at: again });
    const later = { at: "2026-03-12T10:00:00+08:00" };
    expect(world.codes({ ...example("resource.quality-resolved", OPERATOR), ...later })).to.deep.equal(["not-your-event"]);
    expect(world.codes({ ...example("resource.quality-resolved", TRANSPORT), ...later })).to.deep.equal([]);
    expect(world.codes({ ...example("resource.quality-assigned", AUTHORITY), ...later })).to.deep.equal(["quality-issue-unknown"]);
  });
});
