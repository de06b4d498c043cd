import { expect } from "chai";
import { AGENCY, ASSESSOR, at, bodies, GOVERNMENT } from "./authorization-life";
import { after, AUTHORITY, AUTHORIZATION, example, OPERATOR, STRANGER, World } from "./world";

type Step = Parameters<typeof example>[0] extends infer T ? (T extends `authorization.${infer S}` ? S : never) : never;

/** A signed authorization, from 2026-03-02 through 2031-03-02, and who has to do with it. */
function signed(): World {
  const world = after("authorization.signed");
  for (const body of bodies) world.tell(body);
  return world;
}

const PARTIES: Partial<Record<Step, string>> = {
  "exit-applied": OPERATOR,
  "renewal-applied": OPERATOR,
  "exit-agreed": AGENCY,
  "termination-requested": AGENCY,
  "renewal-deliberated": GOVERNMENT,
};

const say = (world: World, time: string, step: Step, change: object = {}, party = PARTIES[step] ?? AUTHORITY) =>
  world.tell(at(time, example(`authorization.${step}`, party, change)));

/** What is missing to terminate on a ground. */
const terminate = (world: World, time: string, ground: string, change: object = {}) =>
  say(world, time, "terminated", { ground, consent: undefined, ...change });
const unmet = (...missing: string[]) => [{ code: "ground-not-met", missing }];

describe("a suspension", () => {
  it("is founded in law, in an order", () => {
    for (const step of ["suspended", "resumed"] as const) {
      const world = signed();
      if (step === "resumed") say(world, "2026-04-01T10:00", "suspended");
      const without = (change: object) => say(world, "2026-04-02T10:00", step, change);
      expect(without({ basis: undefined })).to.deep.equal([{ code: "suspension-basis-missing", missing: ["basis"] }]);
      expect(without({ order: undefined })).to.deep.equal([{ code: "suspension-basis-missing", missing: ["order"] }]);
      expect(without({})).to.deep.equal([]);
    }
  });

  it("is there to be resumed from", () => {
    expect(say(signed(), "2026-04-01T10:00", "resumed")).to.deep.equal([{ code: "suspension-basis-missing", missing: ["suspended"] }]);
  });

  it("takes the authorization out of force, and its end brings it back", () => {
    const world = signed();
    const submit = (time: string, scenario: string) => world.codes(at(time, example("scenario.submitted", OPERATOR, { scenario })));
    say(world, "2026-04-01T10:00", "suspended");
    expect(submit("2026-04-01T10:00", "a")).to.deep.equal(["authorization-inactive"]);
    say(world, "2026-05-01T10:00", "resumed");
    expect(submit("2026-05-01T10:00", "a")).to.deep.equal([]);
  });

  it("is of an authorization that was signed", () => {
    expect(after("authorization.decided").codes(example("authorization.suspended", AUTHORITY))).to.deep.equal(["authorization-inactive"]);
  });
});

describe("a rectification", () => {
  it("is ordered before it is checked, and checked until it is met", () => {
    const world = signed();
    const check = (time: string, result: string) => say(world, time, "rectification-checked", { result }, ASSESSOR);
    expect(check("2026-04-01T10:00", "failed")).to.deep.equal([{ code: "rectification-not-ordered" }]);
    expect(say(world, "2026-04-01T10:00", "rectification-ordered", { due: "2026-05-31" }, AGENCY)).to.deep.equal([]);
    expect(check("2026-05-01T10:00", "failed")).to.deep.equal([]);
    expect(check("2026-05-02T10:00", "passed")).to.deep.equal([]);
    expect(check("2026-05-03T10:00", "failed")).to.deep.equal([{ code: "rectification-not-ordered" }]);
    say(world, "2026-06-01T10:00", "rectification-ordered", { due: "2026-07-31" });
    expect(check("2026-06-02T10:00", "failed")).to.deep.equal([]);
  });
});

describe("what is said of an operation", () => {
  it("is not said by who operates, by whatever code or role", () => {
    const world = signed();
    world.tell(example("party.updated", AUTHORITY, { code: OPERATOR, roles: ["primary-operator", "assessor"] }));
    say(world, "2026-04-01T10:00", "rectification-ordered", { due: "2026-05-31" });
    const judged = (by: string) =>
      [
        example("authorization.evaluated", by),
        example("authorization.rectification-checked", by),
        example("supervision.inspected", by),
      ].map((report) => world.codes(at("2026-04-02T10:00", report)));
    expect(judged(OPERATOR)).to.deep.equal([["same-hands"], ["same-hands"], ["same-hands"]]);
    expect(judged(ASSESSOR)).to.deep.equal([[], [], []]);
    world.tell(example("party.merged", AUTHORITY, { code: ASSESSOR, former: [OPERATOR] }));
    expect(judged(ASSESSOR)).to.deep.equal([["same-hands"], ["same-hands"], ["same-hands"]]);
  });
});

describe("an early exit", () => {
  it("is applied for by the operator and agreed to by the agency, if liability is accepted", () => {
    const world = signed();
    expect(say(world, "2026-04-01T10:00", "exit-agreed")).to.deep.equal(unmet("exit-applied"));
    expect(say(world, "2026-04-01T10:00", "exit-applied", {}, STRANGER)).to.deep.equal([{ code: "not-your-event" }]);
    say(world, "2026-04-01T10:00", "exit-applied", { liability: "declined" });
    expect(say(world, "2026-04-02T10:00", "exit-agreed")).to.deep.equal(unmet("liability"));
    say(world, "2026-04-03T10:00", "exit-applied");
    expect(say(world, "2026-04-04T10:00", "exit-agreed")).to.deep.equal([]);
  });
});

describe("the termination of an authorization", () => {
  it("is of one that is known, signed and not terminated", () => {
    const terminated = example("authorization.terminated", AUTHORITY, { ground: "breach-of-law" });
    expect(after("party.registered").codes(terminated)).to.deep.equal(["authorization-unknown"]);
    expect(after("authorization.decided").codes(terminated)).to.include("authorization-inactive");
    const world = signed();
    say(world, "2026-04-01T10:00", "termination-requested");
    expect(terminate(world, "2026-04-02T10:00", "breach-of-law")).to.deep.equal([]);
    expect(terminate(world, "2026-04-02T11:00", "breach-of-law")).to.deep.equal([{ code: "authorization-inactive" }]);
    for (const step of ["filed", "evaluated", "suspended", "exit-applied", "renewal-applied", "rectification-ordered"] as const)
      expect(say(world, "2026-04-03T10:00", step), step).to.deep.equal([{ code: "authorization-inactive" }]);
  });

  it("follows its expiry, unless a renewal is still being decided", () => {
    expect(terminate(signed(), "2031-03-02T23:59", "expired")).to.deep.equal(unmet("expiry"));
    expect(terminate(signed(), "2031-03-03T00:00", "expired")).to.deep.equal([]);
    const world = signed();
    say(world, "2030-11-01T10:00", "renewal-applied");
    expect(terminate(world, "2031-03-03T00:00", "expired")).to.deep.equal(unmet("renewal-deliberated"));
    say(world, "2031-03-03T09:00", "renewal-reviewed");
    say(world, "2031-03-04T09:00", "renewal-deliberated", { result: "failed" });
    expect(terminate(world, "2031-03-04T10:00", "expired")).to.deep.equal([]);
    const refused = signed();
    say(refused, "2030-11-01T10:00", "renewal-applied");
    say(refused, "2030-11-02T10:00", "renewal-reviewed", { result: "failed" });
    expect(terminate(refused, "2031-03-03T00:00", "expired")).to.deep.equal([]);
  });

  it("follows an early exit that the agency agreed to, liability accepted", () => {
    const world = signed();
    expect(terminate(world, "2026-04-01T10:00", "early-exit")).to.deep.equal(unmet("exit-applied", "exit-agreed"));
    say(world, "2026-04-01T10:00", "exit-applied", { liability: "declined" });
    expect(terminate(world, "2026-04-02T10:00", "early-exit")).to.deep.equal(unmet("liability", "exit-agreed"));
    say(world, "2026-04-03T10:00", "exit-applied");
    say(world, "2026-04-04T10:00", "exit-agreed");
    say(world, "2026-04-05T10:00", "exit-applied");
    expect(terminate(world, "2026-04-05T11:00", "early-exit"), "another application").to.deep.equal(unmet("exit-agreed"));
    say(world, "2026-04-06T10:00", "exit-agreed");
    expect(terminate(world, "2026-04-06T11:00", "early-exit")).to.deep.equal([]);
  });

  it("follows a rectification that was not met when its time was over", () => {
    const world = signed();
    const ground = (time: string) => terminate(world, time, "rectification-failed");
    expect(ground("2026-04-01T10:00")).to.deep.equal(unmet("rectification-ordered"));
    say(world, "2026-04-01T10:00", "rectification-ordered", { due: "2026-05-31" });
    say(world, "2026-05-31T23:59", "rectification-checked");
    expect(ground("2026-06-01T10:00"), "checked too early").to.deep.equal(unmet("rectification-checked"));
    say(world, "2026-06-01T00:00", "rectification-checked", { result: "passed" });
    expect(ground("2026-06-01T10:00")).to.deep.equal(unmet("rectification-checked"));
    say(world, "2026-06-02T10:00", "rectification-ordered", { due: "2026-07-31" });
    say(world, "2026-08-01T00:00", "rectification-checked");
    expect(ground("2026-08-01T10:00")).to.deep.equal([]);
  });

  it("follows no rectification that was due before it was ordered, or whose order was annulled", () => {
    const world = signed();
    const ordered = (due: string) => say(world, "2026-04-01T10:00", "rectification-ordered", { due });
    expect(ordered("2026-03-31")).to.deep.equal([{ code: "due-passed" }]);
    expect(ordered("2026-04-01"), "today").to.deep.equal([]);
    const order = world.place;
    expect(say(world, "2026-04-02T00:00", "rectification-checked")).to.deep.equal([]);
    const other = World.from(world.state());
    expect(terminate(other, "2026-04-02T10:00", "rectification-failed")).to.deep.equal([]);
    const named = { event: order, subjectKind: "authorization", subject: AUTHORIZATION };
    expect(world.codes(at("2026-04-02T10:00", example("correction.annulled", AUTHORITY, named)))).to.deep.equal([]);
    expect(terminate(world, "2026-04-02T11:00", "rectification-failed")).to.deep.equal(unmet("rectification-ordered"));
  });

  it("counts the time of the order that stands, where a later one was annulled", () => {
    const world = signed();
    say(world, "2026-04-01T10:00", "rectification-ordered", { due: "2026-04-30" });
    say(world, "2026-04-02T10:00", "rectification-ordered", { due: "2026-09-30" });
    const named = { event: world.place, subjectKind: "authorization", subject: AUTHORIZATION };
    say(world, "2026-05-01T10:00", "rectification-checked");
    expect(terminate(world, "2026-05-01T11:00", "rectification-failed")).to.deep.equal(unmet("rectification-checked"));
    world.tell(at("2026-05-01T12:00", example("correction.annulled", AUTHORITY, named)));
    expect(terminate(world, "2026-05-01T13:00", "rectification-failed")).to.deep.equal([]);
  });

  it("follows a trial that was not passed in its time, too", () => {
    const world = after("authorization.decided");
    for (const body of bodies) world.tell(body);
    world.tell(example("authorization.signed", AUTHORITY, { trial: { until: "2026-09-02" } }));
    expect(terminate(world, "2026-09-02T23:59", "expired")).to.deep.equal(unmet("expiry"));
    const passed = World.from(world.state());
    expect(terminate(world, "2026-09-03T00:00", "expired")).to.deep.equal([]);
    say(passed, "2026-09-02T23:59", "trial-assessed");
    expect(terminate(passed, "2026-09-03T00:00", "expired")).to.deep.equal(unmet("expiry"));
  });

  it("follows a listing on one list, whatever became of the other", () => {
    const on = (type: "party.credit-listed" | "party.credit-delisted", list: string) => example(type, AUTHORITY, { code: OPERATOR, list });
    const annul = (world: World, event: string) =>
      world.codes(example("correction.annulled", AUTHORITY, { event, subjectKind: "party", subject: OPERATOR }));
    const innocent = signed();
    innocent.tell(on("party.credit-listed", "abnormal-operation"));
    expect(annul(innocent, innocent.place), "listed by mistake").to.deep.equal([]);
    innocent.tell(on("party.credit-listed", "serious-dishonesty"));
    expect(terminate(World.from(innocent.state()), "2026-04-01T10:00", "credit-listed")).to.deep.equal([]);
    innocent.tell(on("party.credit-delisted", "serious-dishonesty"));
    expect(terminate(innocent, "2026-04-01T10:00", "credit-listed")).to.deep.equal(unmet("credit-listed"));
    const guilty = signed();
    for (const list of ["abnormal-operation", "serious-dishonesty"]) guilty.tell(on("party.credit-listed", list));
    guilty.tell(on("party.credit-delisted", "abnormal-operation"));
    expect(annul(guilty, guilty.place), "delisted by mistake").to.deep.equal([]);
    guilty.tell(on("party.credit-delisted", "serious-dishonesty"));
    expect(terminate(guilty, "2026-04-01T10:00", "credit-listed")).to.deep.equal([]);
  });

  it("follows a listing of the operator that has not ended", () => {
    const world = signed();
    const listing = (time: string, type: "party.credit-listed" | "party.credit-delisted") =>
      world.codes(at(time, example(type, AUTHORITY, { code: OPERATOR, day: time.slice(0, 10) })));
    expect(terminate(world, "2026-04-02T10:00", "credit-listed")).to.deep.equal(unmet("credit-listed"));
    expect(listing("2026-04-02T11:00", "party.credit-listed")).to.deep.equal([]);
    expect(listing("2026-04-03T10:00", "party.credit-delisted")).to.deep.equal([]);
    expect(terminate(world, "2026-04-03T10:00", "credit-listed"), "delisted").to.deep.equal(unmet("credit-listed"));
    expect(listing("2026-04-04T10:00", "party.credit-listed")).to.deep.equal([]);
    expect(terminate(world, "2026-04-04T10:00", "credit-listed")).to.deep.equal([]);
  });

  it("follows a listing of the operator under the code that it has now", () => {
    const world = signed();
    const code = "91990000MA1A00083R";
    const say_ = (time: string, type: "party.renamed" | "party.credit-listed" | "party.credit-delisted", change: object) =>
      world.codes(at(time, example(type, AUTHORITY, change)));
    expect(say_("2026-04-01T10:00", "party.credit-listed", { code: OPERATOR })).to.deep.equal([]);
    expect(say_("2026-04-01T11:00", "party.renamed", { former: OPERATOR, code })).to.deep.equal([]);
    expect(say_("2026-04-01T12:00", "party.credit-delisted", { code })).to.deep.equal([]);
    expect(terminate(world, "2026-04-02T10:00", "credit-listed"), "delisted").to.deep.equal(unmet("credit-listed"));
    expect(say_("2026-04-03T10:00", "party.credit-listed", { code })).to.deep.equal([]);
    expect(terminate(world, "2026-04-04T10:00", "credit-listed")).to.deep.equal([]);
  });

  it("follows a breach of law, requested by the agency with its document", () => {
    const world = signed();
    expect(terminate(world, "2026-04-01T10:00", "breach-of-law")).to.deep.equal(unmet("termination-requested"));
    expect(say(world, "2026-04-01T10:00", "termination-requested", { request: undefined })).to.equal(undefined);
    expect(say(world, "2026-04-01T10:00", "termination-requested", {}, OPERATOR)).to.deep.equal([{ code: "not-your-event" }]);
    say(world, "2026-04-01T10:00", "termination-requested");
    expect(terminate(world, "2026-04-02T10:00", "breach-of-law")).to.deep.equal([]);
  });

  it("follows two evaluations in a row that found it unqualified, with consent", () => {
    const world = signed();
    const consent = { consent: { digest: "0".repeat(64) } };
    const ground = (time: string, change: object = consent) => terminate(world, time, "unqualified-twice", change);
    const grade = (time: string, grade: string) => say(world, time, "evaluated", { grade }, ASSESSOR);
    grade("2027-03-01T10:00", "unqualified");
    expect(ground("2027-03-02T10:00")).to.deep.equal(unmet("evaluated"));
    grade("2028-03-01T10:00", "qualified");
    grade("2029-03-01T10:00", "unqualified");
    expect(ground("2029-03-02T10:00"), "not in a row").to.deep.equal(unmet("evaluated"));
    grade("2029-03-03T10:00", "unqualified");
    expect(ground("2029-03-04T10:00"), "of the same year").to.deep.equal(unmet("evaluated"));
    grade("2030-03-01T10:00", "unqualified");
    expect(ground("2030-03-02T10:00", {})).to.deep.equal(unmet("consent"));
    expect(ground("2030-03-02T10:00")).to.deep.equal([]);
  });
  it("counts one grade a year, the last that is said of it, whenever it is said; and none of a year to come", () => {
    const consent = { consent: { digest: "0".repeat(64) } };
    const world = signed();
    const ground = (time: string) => terminate(World.from(world.state()), time, "unqualified-twice", consent);
    const grade = (time: string, year: string, grade = "unqualified") => say(world, time, "evaluated", { grade, year });
    expect(grade("2027-12-31T23:59", "2028")).to.deep.equal([{ code: "dated-ahead" }]);
    expect(grade("2028-01-10T10:00", "2027")).to.deep.equal([]);
    expect(ground("2028-01-11T10:00")).to.deep.equal(unmet("evaluated"));
    expect(grade("2028-12-20T10:00", "2028")).to.deep.equal([]);
    expect(ground("2028-12-21T10:00"), "both in one year").to.deep.equal([]);
    grade("2028-12-22T10:00", "2027", "qualified");
    expect(ground("2028-12-22T11:00"), "looked at again").to.deep.equal(unmet("evaluated"));
  });
});
