import { expect } from "chai";
import { accessed, at, bodies, life } from "./authorization-life";
import { World } from "./world";

describe("the life of an authorization", () => {
  it("goes from the announcement to the termination, each step in its order, refused before and after", () => {
    const world = new World();
    for (const body of bodies) expect(world.codes(body)).to.deep.equal([]);
    for (const [time, report, ...codes] of life) expect(world.codes(at(time, report)), `${time} ${report.type}`).to.deep.equal(codes);
  });

  it("says of what happened whether it was in force then", () => {
    const facts: readonly (readonly [string, ...string[]])[] = [
      ["2026-03-01T23:59", "outside-term"],
      ["2026-03-02T00:00"],
      ["2026-09-03T00:00"],
      ["2028-03-01T09:59"],
      ["2028-03-01T10:00", "outside-term"],
      ["2028-04-01T09:59", "outside-term"],
      ["2028-04-01T10:00"],
      ["2031-03-02T23:59"],
      ["2031-03-03T00:00"],
      ["2036-02-20T23:59"],
      ["2038-03-02T09:59"],
      ["2038-03-02T10:00", "after-termination"],
      ["2041-02-11T00:00", "outside-term", "after-termination"],
    ];
    const world = new World();
    for (const report of [...bodies.map((body) => at("2026-01-01T00:00", body)), ...life.map(([time, report]) => at(time, report))])
      world.tell(report);
    for (const [time, ...codes] of facts) {
      const said = world.codes(accessed(time))?.filter((code) => !code.startsWith("scenario") && !code.startsWith("resource"));
      expect(said, time).to.deep.equal(codes);
    }
  });
});
