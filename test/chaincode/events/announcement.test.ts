import { expect } from "chai";
import { at, bodies } from "./authorization-life";
import { AUTHORITY, example, OPERATOR, World } from "./world";

const publish = (change: object = {}) => at("2026-01-04T09:00", example("announcement.published", AUTHORITY, change));
const submit = (time: string) => at(time, example("application.submitted", OPERATOR));

/** The world with the announcement published and, in time, more. */
function published(...more: readonly ["closed" | "failed" | "amended", object?][]): World {
  const world = new World();
  for (const body of bodies) world.tell(body);
  expect(world.codes(publish())).to.deep.equal([]);
  for (const [step, change] of more)
    expect(world.codes(at("2026-01-10T09:00", example(`announcement.${step}`, AUTHORITY, change)))).to.deep.equal([]);
  return world;
}

describe("an announcement", () => {
  it("says scope, conditions, criteria and time limit", () => {
    const bare = { scope: undefined, conditions: undefined, criteria: undefined, opens: undefined, closes: undefined };
    expect(new World().tell(publish(bare))).to.deep.equal([{ code: "announcement-incomplete", missing: Object.keys(bare) }]);
    for (const name of Object.keys(bare))
      expect(new World().tell(publish({ [name]: undefined }))).to.deep.equal([{ code: "announcement-incomplete", missing: [name] }]);
    expect(new World().tell(publish({ materials: undefined }))).to.deep.equal([]);
  });

  it("closes no earlier than it opens", () => {
    const window = (opens: string, closes: string) => new World().tell(publish({ opens, closes }));
    expect(window("2026-01-05", "2026-01-04")).to.deep.equal([{ code: "announcement-incomplete", missing: ["closes"] }]);
    expect(window("2026-01-05", "2026-01-05")).to.deep.equal([]);
  });

  it("is published once, and amended, closed or failed only when it is known", () => {
    expect(published().codes(publish())).to.deep.equal(["announcement-exists"]);
    for (const step of ["amended", "closed", "failed"] as const)
      expect(new World().codes(example(`announcement.${step}`, AUTHORITY)), step).to.include("announcement-unknown");
  });

  it("once over, changes no more; a closed one may still turn out to have failed", () => {
    const then = (world: World, step: "amended" | "closed" | "failed") =>
      world.codes(at("2026-01-11T09:00", example(`announcement.${step}`, AUTHORITY)));
    for (const step of ["amended", "closed"] as const) {
      expect(then(published(["closed"]), step), step).to.deep.equal(["outside-window"]);
      expect(then(published(["failed"]), step), step).to.deep.equal(["outside-window"]);
    }
    expect(then(published(["closed"]), "failed")).to.deep.equal([]);
    expect(then(published(["failed"]), "failed")).to.deep.equal(["outside-window"]);
  });

  it("takes applications from the first through the last day, in China", () => {
    expect(published().codes(submit("2026-01-04T23:59"))).to.deep.equal(["outside-window"]);
    expect(published().codes(submit("2026-01-05T00:00"))).to.deep.equal([]);
    expect(published().codes(submit("2026-01-30T23:59"))).to.deep.equal([]);
    expect(published().codes(submit("2026-01-31T00:00"))).to.deep.equal(["outside-window"]);
  });

  it("amended, is judged by as it stands then", () => {
    expect(published(["amended"]).codes(submit("2026-02-06T23:59"))).to.deep.equal([]);
    expect(published(["amended"]).codes(submit("2026-02-07T00:00"))).to.deep.equal(["outside-window"]);
    const early = example("announcement.amended", AUTHORITY, { closes: "2026-01-04" });
    expect(published().tell(at("2026-01-10T09:00", early))).to.deep.equal([{ code: "announcement-incomplete", missing: ["closes"] }]);
    const stricter = published(["amended", { materials: ["ecosystem-plan", "insurance"] }]);
    expect(stricter.tell(submit("2026-01-20T10:00"))).to.deep.equal([{ code: "materials-missing", missing: ["insurance"] }]);
  });

  it("once over, takes no applications", () => {
    for (const step of ["closed", "failed"] as const)
      expect(published([step]).codes(submit("2026-01-20T10:00")), step).to.deep.equal(["outside-window"]);
  });

  it("is the one that an application names", () => {
    const unheardOf = { announcement: "unheard-of" };
    const report = example("application.submitted", OPERATOR, unheardOf);
    expect(published().codes(at("2026-01-20T10:00", report))).to.deep.equal(["announcement-unknown"]);
  });
});
