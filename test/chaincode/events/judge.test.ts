import { expect } from "chai";
import { readEvent } from "../../../chaincode/events/judge";
import { after, AUTHORITY, DEVELOPER, example, FLIGHTS, NOW, OPERATOR, TRANSPORT, World } from "./world";

const leaf = {
  specversion: "1.0",
  id: "e-1",
  source: "https://platform.example.cn/flow",
  type: "suyuan.resource.published",
  time: NOW,
  party: AUTHORITY,
  recordedtime: "2026-03-10T02:00:00.123Z",
  data: { resource: FLIGHTS },
};
const read = (change: object): unknown => readEvent({ ...leaf, ...change }, Date.parse(NOW), "SuyuanMSP/acts/0");

describe("a recorded event", () => {
  it("is read with the times as numbers", () => {
    expect(read({ time: "2026-03-10T00:00:00+08:00" })).to.include({ happened: Date.UTC(2026, 2, 9, 16), recorded: Date.parse(NOW) });
    expect(read({ subject: FLIGHTS, datacontenttype: "application/json" })).to.not.equal(undefined);
  });

  it("has exactly the attributes it may have", () => {
    for (const name of Object.keys(leaf)) expect(read({ [name]: undefined }), `without ${name}`).to.equal(undefined);
    for (const change of [
      { specversion: "0.3" },
      { specversion: 1 },
      { id: "" },
      { id: "a b" },
      { id: "x".repeat(129) },
      { source: "" },
      { source: "http://[" },
      { type: "suyuan.resource.publish" },
      { type: "toString" },
      { party: "11990000mb1a0001xd" },
      { party: "91990000MI1A00024N" },
      { recordedtime: "2026-03-10T02:00:00Z" },
      { recordedtime: "2026-03-10T10:00:00.000+08:00" },
      { subject: "" },
      { datacontenttype: "text/plain" },
      { data: null },
      { data: [] },
      { data: { resource: FLIGHTS, more: 1 } },
      { extra: "1" },
    ])
      expect(read(change), JSON.stringify(change)).to.equal(undefined);
    for (const value of [undefined, null, 1, "text", [], {}])
      expect(readEvent(value, 0, "SuyuanMSP/acts/0"), JSON.stringify(value)).to.equal(undefined);
  });

  it("has a time that every clock reads alike", () => {
    for (const time of ["2028-02-29T23:59:59Z", "2026-03-10T10:00:00.123456789+08:00", "2026-03-10T10:00:00-23:59"]) {
      expect((read({ time }) as { happened: number }).happened, time).to.be.a("number").and.not.NaN;
    }
    for (const time of [
      "2026-03-10T10:00:00",
      "2026-03-10",
      "2026-03-10 10:00:00Z",
      "2026-03-10t10:00:00z",
      "2026-02-29T10:00:00Z",
      "2026-06-30T23:59:60Z",
      "2026-03-10T24:00:00Z",
      "2026-03-10T10:00:00+24:00",
      "+02026-03-10T10:00:00Z",
      "2026-03-10T10:00:00Z\n",
    ])
      expect(read({ time }), time).to.equal(undefined);
  });
});

describe("judgement", () => {
  it("refuses an act, and quarantines a fact, of a party that is not registered", () => {
    const world = new World();
    expect(world.codes(example("resource.catalogued", TRANSPORT))).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("data.aggregated", TRANSPORT))).to.deep.equal(["quarantined"]);
  });

  it("refuses an act, and quarantines a fact, of a party in none of the roles for it", () => {
    const world = after("scenario.registered");
    expect(world.codes(example("scenario.approved", OPERATOR))).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("data.pulled", DEVELOPER))).to.deep.equal(["quarantined"]);
    expect(world.holding("yz-authorization-transport", "SuyuanMSP/facts/0/0"), "it had no effect").to.equal(undefined);
  });

  it("refuses an act, and quarantines a fact, that another organisation records for a party", () => {
    const world = after("scenario.registered");
    expect(world.codes({ ...example("scenario.closed", OPERATOR), mspId: "DeveloperMSP" })).to.deep.equal(["not-your-event"]);
    expect(world.codes({ ...example("data.pulled", OPERATOR), mspId: "DeveloperMSP" })).to.deep.equal(["quarantined"]);
  });

  it("finds what is recorded more than 24 hours after it happened, and not what is a millisecond nearer", () => {
    const world = after("scenario.registered");
    const pulled = (time: string) => world.codes({ ...example("data.pulled", OPERATOR), time, at: "2026-03-12T00:00:00.000Z" });
    expect(pulled("2026-03-11T00:00:00.000Z")).to.deep.equal([]);
    expect(pulled("2026-03-10T23:59:59.999Z")).to.deep.equal(["recorded-late"]);
  });

  it("finds what is said to happen more than 5 minutes from now, and takes what a clock may be ahead", () => {
    const world = after("scenario.registered");
    const pulled = (time: string) => world.codes({ ...example("data.pulled", OPERATOR), time, at: "2026-03-12T00:00:00.000Z" });
    expect(pulled("2026-03-12T00:05:00.000Z")).to.deep.equal([]);
    expect(pulled("2026-03-12T00:05:00.001Z")).to.deep.equal(["dated-ahead"]);
    expect(pulled("2026-03-14T00:00:00.000Z")).to.deep.equal(["dated-ahead"]);
  });

  it("lets an act speak of any time: it takes effect when it is recorded", () => {
    const world = after("resource.catalogued");
    expect(world.codes({ ...example("resource.approved", AUTHORITY), time: "2025-01-01T00:00:00Z" })).to.deep.equal([]);
  });

  it("refuses an act with personal information, and finds it in a fact, also where the text was withheld", () => {
    const world = after("scenario.registered");
    const poisoned = { purpose: "联系 13800138000 核对" };
    expect(world.codes(example("data.pulled", OPERATOR, poisoned))).to.deep.equal(["personal-information"]);
    expect(world.codes(example("data.pulled", OPERATOR, { purpose: { withheld: "0".repeat(64) } }))).to.deep.equal([
      "personal-information",
    ]);
    expect(world.codes(example("scenario.closed", OPERATOR, { reason: poisoned.purpose }))).to.deep.equal(["personal-information"]);
    expect(world.codes(example("data.accessed", OPERATOR)), "the scenario is still open").to.deep.equal([]);
  });

  it("names every rule that is broken, not the first alone", () => {
    const world = after("scenario.submitted");
    expect(world.tell(example("data.pulled", OPERATOR, { fields: ["date", "destination"], purpose: "手机 13800138000" }))).to.deep.equal([
      { code: "personal-information" },
      { code: "scenario-not-approved" },
      { code: "scenario-not-registered" },
      { code: "fields-beyond-scenario", missing: ["destination"] },
    ]);
  });
});
