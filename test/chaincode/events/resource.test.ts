import { expect } from "chai";
import { after, AUTHORITY, example, FLIGHTS, METEOROLOGY, OPERATOR, TRANSPORT, WEATHER } from "./world";

const UNKNOWN = { resource: "yz-transport-ferries" };

describe("the catalogue", () => {
  it("has one source for each resource", () => {
    const world = after("resource.catalogued");
    expect(world.codes(example("resource.catalogued", METEOROLOGY))).to.deep.equal(["second-source"]);
    expect(world.codes(example("resource.registered", METEOROLOGY))).to.deep.equal(["second-source"]);
    expect(world.codes(example("resource.registered", TRANSPORT))).to.deep.equal([]);
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
