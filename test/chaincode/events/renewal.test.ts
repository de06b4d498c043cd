import { expect } from "chai";
import { accessed, at, bodies, GOVERNMENT, until } from "./authorization-life";
import { AUTHORITY, example, OPERATOR, STRANGER, World } from "./world";

/** The world of the life up to and with the last of these lawful steps that lies before a day. */
function before(day: string): World {
  const world = new World();
  for (const body of bodies) world.tell(body);
  for (const [time, report] of until("authorization.terminated")) if (time < day) world.tell(at(time, report));
  return world;
}

const apply = (time: string, change: object = {}, party = OPERATOR) => at(time, example("authorization.renewal-applied", party, change));
const review = (time: string, change: object = {}) => at(time, example("authorization.renewal-reviewed", AUTHORITY, change));
const deliberate = (time: string, change: object = {}) => at(time, example("authorization.renewal-deliberated", GOVERNMENT, change));
const renew = (time: string, change: object = {}) => at(time, example("authorization.renewed", AUTHORITY, change));
const missing = (...names: string[]) => [{ code: "renewal-steps-missing", missing: names }];

describe("a renewal", () => {
  it("is applied for by its operator, with the summary report", () => {
    expect(before("2030-01-01").codes(apply("2030-11-01T10:00", {}, STRANGER))).to.deep.equal(["not-your-event"]);
    expect(before("2030-01-01").tell(apply("2030-11-01T10:00", { summary: undefined }))).to.deep.equal(missing("summary"));
    expect(before("2030-01-01").tell(apply("2030-11-01T10:00"))).to.deep.equal([]);
    expect(before("2026-01-02").codes(apply("2030-11-01T10:00"))).to.deep.equal(["authorization-unknown"]);
  });

  it("is in good time three months before the last day, late but taken until then, and afterwards too late", () => {
    const codes = (time: string) => before("2030-12-01").codes(apply(time));
    expect(codes("2030-12-02T23:59")).to.deep.equal([]);
    expect(codes("2030-12-03T00:00")).to.deep.equal(["renewal-late"]);
    expect(codes("2031-03-02T23:59")).to.deep.equal(["renewal-late"]);
    expect(codes("2031-03-03T00:00")).to.deep.equal(["renewal-too-late"]);
  });

  it("taken late, is taken", () => {
    const world = before("2030-12-01");
    world.tell(apply("2031-01-10T10:00"));
    expect(world.tell(review("2031-01-11T10:00"))).to.deep.equal([]);
  });

  it("is reviewed with experts, then deliberated, then signed", () => {
    const world = before("2030-12-01");
    expect(world.tell(review("2030-12-01T10:00"))).to.deep.equal(missing("renewal-applied"));
    expect(world.tell(deliberate("2030-12-01T10:00"))).to.deep.equal(missing("renewal-applied", "renewal-reviewed"));
    expect(world.tell(renew("2031-02-20T10:00"))).to.deep.equal(missing("renewal-applied", "renewal-reviewed", "renewal-deliberated"));
    world.tell(apply("2030-12-01T10:00"));
    expect(world.tell(deliberate("2030-12-02T10:00"))).to.deep.equal(missing("renewal-reviewed"));
    expect(world.tell(review("2030-12-02T10:00", { experts: [] }))).to.deep.equal(missing("experts"));
    world.tell(review("2030-12-02T10:00"));
    expect(world.tell(renew("2031-02-20T10:00"))).to.deep.equal(missing("renewal-deliberated"));
    world.tell(deliberate("2030-12-03T10:00"));
    expect(world.tell(renew("2031-02-20T10:00"))).to.deep.equal([]);
  });

  it("refused in review or deliberation, leads to no agreement until it is applied for again", () => {
    const world = before("2030-12-01");
    world.tell(apply("2030-11-01T10:00"));
    world.tell(review("2030-11-02T10:00", { result: "failed" }));
    expect(world.tell(deliberate("2030-11-03T10:00"))).to.deep.equal(missing("renewal-reviewed"));
    world.tell(review("2030-11-04T10:00"));
    world.tell(deliberate("2030-11-05T10:00", { result: "failed" }));
    expect(world.tell(renew("2031-02-20T10:00"))).to.deep.equal(missing("renewal-deliberated"));
    world.tell(apply("2030-11-20T10:00"));
    expect(world.tell(renew("2031-02-20T10:00"))).to.deep.equal(missing("renewal-reviewed", "renewal-deliberated"));
  });

  it("has a term of its own, from its own day of signing", () => {
    const world = () => before("2031-02-20");
    expect(world().codes(renew("2031-02-20T10:00", { until: "2036-02-21" }))).to.deep.equal(["term-too-long"]);
    expect(world().codes(renew("2031-02-20T10:00", { until: "2031-02-19" }))).to.deep.equal(["term-too-long"]);
    expect(world().codes(renew("2031-02-20T10:00", { until: "2036-02-20" }))).to.deep.equal([]);
  });

  it("is not signed for a day before its deliberation", () => {
    const on = (signed: string) => before("2031-02-20").tell(renew("2031-02-20T10:00", { signed, until: "2036-02-01" }));
    expect(on("2031-02-09")).to.deep.equal(missing("renewal-deliberated"));
    expect(on("2031-02-10")).to.deep.equal([]);
  });

  it("undecided at expiry leaves the authorization out of force until it is signed, and the gap stays", () => {
    const world = before("2031-02-01");
    world.tell(deliberate("2031-03-10T10:00"));
    const active = (time: string) => !world.codes(at(time, example("scenario.submitted", OPERATOR)))!.includes("authorization-inactive");
    expect(active("2031-03-02T23:59")).to.equal(true);
    expect(active("2031-03-03T00:00")).to.equal(false);
    expect(world.codes(renew("2031-03-20T10:00", { signed: "2031-03-20" }))).to.deep.equal([]);
    expect(active("2031-03-20T10:00")).to.equal(true);
    expect(world.codes(accessed("2031-03-02T23:59"))).to.not.include("outside-term");
    expect(world.codes(accessed("2031-03-19T23:59"))).to.include("outside-term");
    expect(world.codes(accessed("2031-03-20T00:00"))).to.not.include("outside-term");
  });

  it("uses its steps up: the next one needs its own", () => {
    const world = before("2031-03-01");
    expect(world.tell(renew("2031-03-01T10:00"))).to.deep.equal(missing("renewal-applied", "renewal-reviewed", "renewal-deliberated"));
  });

  it("recorded days after it was signed, uses them up too: the same one said again finds none", () => {
    const world = before("2031-02-20");
    const late = (time: string) => world.tell(renew(time, { signed: "2031-02-20", until: "2036-02-20" }));
    expect(late("2031-02-25T10:00")).to.deep.equal([]);
    expect(late("2031-02-26T10:00")).to.deep.equal(missing("renewal-applied", "renewal-reviewed", "renewal-deliberated"));
  });

  it("happens twice, or as often as the rulebook says", () => {
    expect(before("2035-01-01").codes(apply("2035-11-01T10:00"))).to.deep.equal([]);
    expect(before("2036-12-01").codes(apply("2040-11-01T10:00"))).to.deep.equal(["renewals-exhausted"]);
    expect(before("2036-12-01").codes(renew("2040-11-01T10:00"))).to.include("renewals-exhausted");
    const adopted = (renewals: number) => {
      const world = before("2036-12-01");
      world.tell(at("2036-12-01T10:00", example("rulebook.adopted", AUTHORITY, { effective: "2036-12-01", parameters: { renewals } })));
      return world.codes(apply("2040-11-01T10:00"));
    };
    expect(adopted(3)).to.deep.equal([]);
    expect(adopted(2)).to.deep.equal(["renewals-exhausted"]);
  });

  it("does not follow a trial that lapsed", () => {
    const world = before("2026-03-20");
    expect(world.codes(apply("2026-09-02T23:59"))).to.deep.equal([]);
    expect(world.codes(apply("2026-09-03T00:00"))).to.deep.equal(["trial-lapsed"]);
  });
});
