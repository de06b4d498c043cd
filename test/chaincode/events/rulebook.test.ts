import { expect } from "chai";
import { parametersAt, STANDARD } from "../../../chaincode/events/rulebook";
import { after, AUTHORITY, example, OPERATOR, World } from "./world";

const adopt = (at: string, effective: string, parameters: object = {}) => ({
  ...example("rulebook.adopted", AUTHORITY, { effective, parameters }),
  at: `${at}:00+08:00`,
});
const time = (at: string): number => Date.parse(`${at}+08:00`);

describe("the rulebook", () => {
  it("is the plan where nothing is adopted", () => {
    expect(parametersAt(new World(), 0)).to.deep.equal(STANDARD);
  });

  it("is judged by from the first moment of its effective day in China, and not before", () => {
    const world = new World();
    expect(world.codes(adopt("2026-03-10T10:00", "2026-04-01", { termYears: 3 }))).to.deep.equal([]);
    expect(parametersAt(world, time("2026-03-31T23:59:59.999"))).to.include({ termYears: 5, trialMonths: 6 });
    expect(parametersAt(world, time("2026-04-01T00:00:00"))).to.include({ termYears: 3, trialMonths: 6 });
  });

  it("keeps its versions: what an earlier one ruled stays ruled by it, and what a later one leaves out is as in the plan", () => {
    const world = new World();
    world.tell(adopt("2026-03-10T10:00", "2026-04-01", { termYears: 3 }));
    expect(world.codes(adopt("2027-01-01T00:00", "2027-01-01", { renewals: 1 }))).to.deep.equal([]);
    expect(parametersAt(world, time("2026-12-31T23:59:59"))).to.include({ termYears: 3, renewals: 2 });
    expect(parametersAt(world, time("2027-01-01T00:00:00"))).to.include({ termYears: 5, renewals: 1 });
  });

  it("judges nothing that happened before it was recorded, be it on the same day", () => {
    const world = new World();
    const adopted = (at: string, termYears: number) => world.codes(adopt(at, "2026-03-10", { termYears }));
    expect(adopted("2026-03-10T10:00", 3)).to.deep.equal([]);
    expect(parametersAt(world, time("2026-03-10T09:59:59.999")).termYears).to.equal(5);
    expect(parametersAt(world, time("2026-03-10T10:00:00")).termYears).to.equal(3);
    expect(adopted("2026-03-10T11:00", 4), "another on the same day").to.deep.equal([]);
    expect(parametersAt(world, time("2026-03-10T11:00:00")).termYears).to.equal(4);
  });

  it("takes effect on the day of its recording at the earliest, and not before the version that it follows", () => {
    const world = new World();
    expect(world.codes(adopt("2026-03-10T00:00", "2026-03-09"))).to.deep.equal(["effective-too-early"]);
    expect(world.codes(adopt("2026-03-10T23:59", "2026-03-10"))).to.deep.equal([]);
    expect(world.codes(adopt("2026-03-10T23:59", "2026-06-01"))).to.deep.equal([]);
    expect(world.codes(adopt("2026-03-11T10:00", "2026-05-31"))).to.deep.equal(["effective-too-early"]);
    expect(world.codes(adopt("2026-03-11T10:00", "2026-06-01")), "in its place").to.deep.equal([]);
  });

  it("is the authority's, and its numbers are in reason", () => {
    expect(after("party.registered").codes(example("rulebook.adopted", OPERATOR))).to.deep.equal(["not-your-event"]);
    expect(new World().codes(adopt("2026-03-10T10:00", "2026-04-01", { termYears: 1000 }))).to.deep.equal([]);
    expect(new World().codes(adopt("2026-03-10T10:00", "2026-04-01", { termYears: 1001 }))).to.equal(undefined);
    expect(new World().codes(adopt("2026-03-10T10:00", "2026-04-01", { years: 5 }))).to.equal(undefined);
  });

  it("bounds the lateness of facts by the version in force when they happened", () => {
    const world = after("scenario.registered");
    world.tell(adopt("2026-03-10T10:00", "2026-03-20", { lateHours: 1 }));
    const pulled = (happened: string, at: string) => world.codes({ ...example("data.accessed", OPERATOR), time: happened, at });
    expect(pulled("2026-03-19T23:59:59+08:00", "2026-03-20T23:59:59+08:00")).to.deep.equal([]);
    expect(pulled("2026-03-20T00:00:00+08:00", "2026-03-20T01:00:00+08:00")).to.deep.equal([]);
    expect(pulled("2026-03-20T00:00:00+08:00", "2026-03-20T01:00:00.001+08:00")).to.deep.equal(["recorded-late"]);
  });

  it("bounds terms and trials of what is signed under it", () => {
    const world = after("authorization.decided");
    world.tell(adopt("2026-03-10T10:00", "2026-03-10", { termYears: 3, trialMonths: 3 }));
    const sign = (until: string, trial: string) =>
      world.codes(example("authorization.signed", AUTHORITY, { until, trial: { until: trial } }));
    expect(sign("2029-03-03", "2026-06-02")).to.deep.equal(["term-too-long"]);
    expect(sign("2029-03-02", "2026-06-03")).to.deep.equal(["trial-too-long"]);
    expect(sign("2029-03-02", "2026-06-02")).to.deep.equal([]);
  });
});
