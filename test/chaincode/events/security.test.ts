import { expect } from "chai";
import { incidents } from "../../../chaincode/events/security";
import { vocabulary } from "../../../chaincode/events/vocabulary";
import { trained } from "../../../chaincode/events/training";
import { ASSESSOR, watched } from "./oversight";
import { AUTHORITY, AUTHORIZATION, DEVELOPER, example, examples, NOW, OPERATOR, STRANGER } from "./world";

const BOTH = ["municipal-data-authority", "public-data-authority"];

describe("an emergency plan", () => {
  it("is filed before it is activated", () => {
    const world = watched("authorization.signed");
    expect(world.codes(example("security.plan-activated", OPERATOR))).to.deep.equal(["plan-missing"]);
    expect(world.codes(example("security.plan-filed", OPERATOR))).to.deep.equal([]);
    expect(world.codes(example("security.plan-activated", OPERATOR))).to.deep.equal([]);
  });

  it("is activated no longer once its filing was annulled", () => {
    const world = watched("authorization.signed");
    world.tell(example("security.plan-filed", OPERATOR));
    const filing = { event: world.place, subjectKind: "authorization", subject: AUTHORIZATION };
    expect(world.codes(example("correction.annulled", AUTHORITY, filing))).to.deep.equal([]);
    expect(world.codes(example("security.plan-activated", OPERATOR))).to.deep.equal(["plan-missing"]);
  });

  it("is each operator's own, as its yearly report is", () => {
    const world = watched("authorization.signed");
    world.tell(example("security.plan-filed", OPERATOR));
    for (const type of ["security.plan-filed", "security.plan-activated", "security.reported"] as const) {
      expect(world.codes(example(type, STRANGER)), type).to.deep.equal(["not-your-event"]);
      expect(world.codes(example(type, OPERATOR)), type).to.deep.equal([]);
    }
  });
});

describe("an incident", () => {
  it("is reported to both authorities", () => {
    const world = watched("authorization.signed");
    const reported = (addressees: string[]) => world.tell(example("security.incident-reported", OPERATOR, { addressees }));
    expect(reported([])).to.deep.equal([{ code: "addressee-missing", missing: BOTH }]);
    for (const missing of BOTH)
      expect(reported(BOTH.filter((other) => other !== missing))).to.deep.equal([{ code: "addressee-missing", missing: [missing] }]);
    expect(reported(BOTH)).to.deep.equal([]);
  });

  it("has a number of its own: another authorization's is told, and stays whose it was", () => {
    const world = watched("authorization.signed");
    world.tell(example("authorization.decided", AUTHORITY, { authorization: "theirs", operator: STRANGER }));
    world.tell(example("authorization.signed", AUTHORITY, { authorization: "theirs" }));
    const theirs = { authorization: "theirs", addressees: BOTH };
    expect(world.codes(example("security.incident-reported", STRANGER, theirs))).to.deep.equal([]);
    expect(world.codes(example("security.incident-reported", OPERATOR))).to.deep.equal(["incident-exists"]);
    expect(world.get(incidents, "yz-incident-0001")?.authorization).to.equal("theirs");
    for (const again of [1, 2])
      expect(world.codes(example("security.incident-reported", OPERATOR, { incident: "own" })), String(again)).to.deep.equal([]);
  });

  it("is handled once it was reported, by whomever and however often", () => {
    const world = watched("authorization.signed");
    expect(world.codes(example("security.incident-handled", OPERATOR))).to.deep.equal(["incident-unknown"]);
    world.tell(example("security.incident-reported", DEVELOPER));
    world.tell(example("security.incident-reported", OPERATOR));
    expect(world.get(incidents, "yz-incident-0001")).to.deep.equal({ authorization: AUTHORIZATION, party: DEVELOPER });
    for (const party of [OPERATOR, DEVELOPER, AUTHORITY])
      expect(world.codes(example("security.incident-handled", party)), party).to.deep.equal([]);
    const handled = (change: object) => vocabulary.get("suyuan.security.incident-handled")!.about({ incident: "i", ...change });
    expect(handled({}).map(({ kind }) => kind)).to.deep.equal(["incident"]);
    expect(handled({ authorization: AUTHORIZATION })[1], "who names it tells its operator").to.deep.equal({
      ...{ kind: "authorization", id: AUTHORIZATION },
    });
    const other = { incident: "yz-incident-0002" };
    expect(world.codes(example("security.incident-handled", OPERATOR, other))).to.deep.equal(["incident-unknown"]);
  });
});

describe("what another operator says of security", () => {
  it("is told as such, and nobody has to follow it up", () => {
    const world = watched("authorization.signed");
    for (const type of ["security.risk-found", "security.incident-reported", "security.trained"] as const) {
      expect(world.codes(example(type, STRANGER)), type).to.deep.equal(["no-authorization"]);
      expect(world.get(incidents, "yz-incident-0001"), type).to.equal(undefined);
      expect(watched("authorization.signed").codes(example(type, OPERATOR)), type).to.deep.equal([]);
    }
    world.tell(example("security.incident-reported", OPERATOR));
    expect(world.codes(example("security.incident-handled", STRANGER))).to.deep.equal(["no-authorization"]);
  });
});

describe("a risk", () => {
  it("that is major is reported to both authorities, and any other need not be", () => {
    const world = watched("authorization.signed");
    const found = (level: string, addressees?: string[]) => world.codes(example("security.risk-found", OPERATOR, { level, addressees }));
    expect(found("major")).to.deep.equal(["addressee-missing"]);
    expect(found("major", BOTH.slice(1))).to.deep.equal(["addressee-missing"]);
    expect(found("major", BOTH)).to.deep.equal([]);
    expect(found("general")).to.deep.equal([]);
  });

  it("of aggregation is assessed for resources that are brought together, two at least", () => {
    const world = watched("authorization.signed");
    const assessed = (party: string, change = {}) => world.codes(example("security.aggregation-risk-assessed", party, change));
    for (const party of [AUTHORITY, OPERATOR, ASSESSOR]) expect(assessed(party), party).to.deep.equal([]);
    expect(assessed(STRANGER)).to.deep.equal(["not-your-event"]);
    expect(assessed(OPERATOR, { resources: ["yz-transport-flights"] })).to.equal(undefined);
  });
});

describe("training", () => {
  const { staff } = examples["suyuan.security.trained"].valid;
  const day = (date: string) => Date.parse(`${date}T00:00:00+08:00`);
  const on = (date: string, until?: string) => {
    const time = `${date}T00:00:00+08:00`;
    return { ...example("security.trained", OPERATOR, { until }), time, at: time };
  };

  it("counts from when it took place through its last day", () => {
    const world = watched("authorization.signed");
    expect(world.codes(example("security.trained", OPERATOR))).to.deep.equal([]);
    expect(world.get(trained, staff)).to.deep.equal({ from: Date.parse(NOW), until: day("2027-03-10") });
  });

  it("is what access by staff is judged by", () => {
    const world = watched("product.called");
    const access = (who: string) => world.codes(example("data.accessed", OPERATOR, { staff: who }));
    world.tell(example("security.trained", OPERATOR));
    expect(access(staff)).to.deep.equal([]);
    expect(access("7".repeat(64))).to.deep.equal(["untrained-access"]);
  });

  it("is not shortened by what is told late of an earlier one, nor by another operator", () => {
    const world = watched("authorization.signed");
    const whole = { from: day("2026-03-10"), until: day("2027-03-10") };
    world.tell(on("2026-03-10", "2027-03-09"));
    world.tell(on("2025-03-10", "2026-03-08"));
    expect(world.get(trained, staff), "apart").to.deep.equal(whole);
    world.tell({ ...on("2026-04-10", "2026-05-09"), party: STRANGER });
    expect(world.get(trained, staff)).to.deep.equal(whole);
    world.tell(on("2026-04-10", "2026-05-09"));
    expect(world.get(trained, staff), "within").to.deep.equal(whole);
    world.tell(on("2026-01-10", "2026-03-10"));
    expect(world.get(trained, staff), "meeting").to.deep.equal({ ...whole, from: day("2026-01-10") });
    world.tell(on("2026-04-10"));
    expect(world.get(trained, staff), "without an end").to.deep.equal({ from: day("2026-01-10") });
  });

  it("goes on from when it began where it is repeated in time, and begins anew where it had lapsed", () => {
    const world = watched("authorization.signed");
    world.tell(on("2026-03-10", "2027-03-09"));
    world.tell(on("2027-03-09", "2028-03-08"));
    expect(world.get(trained, staff)).to.deep.equal({ from: day("2026-03-10"), until: day("2028-03-09") });
    world.tell(on("2028-03-09"));
    expect(world.get(trained, staff)).to.deep.equal({ from: day("2028-03-09") });
  });
});
