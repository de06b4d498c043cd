import { expect } from "chai";
import { developerAuthorised, developmentOf, developments } from "../../../chaincode/events/developer";
import { amended } from "../../../chaincode/events/steps";
import { SECOND_DEVELOPER, withOthers } from "./market";
import { AUTHORITY, AUTHORIZATION, DEVELOPER, example, OPERATOR, type Report, SCENARIO, STRANGER, World } from "./world";

/** Before anyone has applied, and without what is left out. */
const called = (...without: string[]): World => withOthers("developer.call-published", ...without);

const apply = (at?: string, developer = DEVELOPER) => ({ ...example("developer.applied", developer, { developer }), ...(at && { at }) });
const authorise = (change: object = {}) => example("developer.authorised", OPERATOR, change);

/** Applied, verified and selected, as far as nothing is left out. */
function upTo(last: "applied" | "verified" | "selected", ...without: string[]): World {
  const world = called();
  for (const step of ["applied", "verified", "selected"] as const) {
    if (!without.includes(step)) world.tell(example(`developer.${step}`, step === "applied" ? DEVELOPER : OPERATOR));
    if (step === last) break;
  }
  return world;
}

describe("a call for developers", () => {
  it("is the operator's, for a scenario of its authorization", () => {
    const world = called();
    const publish = (party: string, change: object = {}) => world.codes(example("developer.call-published", party, change));
    expect(publish(STRANGER)).to.deep.equal(["authorization-inactive"]);
    expect(publish(OPERATOR, { scenario: "unheard-of" })).to.deep.equal(["scenario-unknown"]);
    expect(publish(OPERATOR)).to.deep.equal([]);
  });
});

describe("a developer", () => {
  it("applies for itself, to a call", () => {
    expect(withOthers("scenario.registered").tell(apply())).to.deep.equal([
      { code: "developer-steps-missing", missing: ["call-published"] },
    ]);
    const world = called();
    expect(world.codes({ ...apply(), party: SECOND_DEVELOPER })).to.deep.equal(["not-your-event"]);
    expect(world.codes(apply())).to.deep.equal([]);
  });

  it("applies from the first through the last day of the call, in China", () => {
    const world = called();
    world.tell(example("developer.call-published", OPERATOR));
    expect(world.codes(apply("2026-02-28T15:59:59.999Z"))).to.include("outside-window");
    expect(world.codes(apply("2026-04-30T15:59:59.999Z"))).to.deep.equal([]);
    expect(world.codes(apply("2026-04-30T16:00:00.000Z"))).to.deep.equal(["outside-window"]);
    world.tell(example("developer.call-published", OPERATOR, { opens: "2026-03-11" }));
    expect(world.codes(apply("2026-03-10T15:59:59.999Z"))).to.deep.equal(["outside-window"]);
    expect(world.codes(apply("2026-03-10T16:00:00.000Z"))).to.deep.equal([]);
  });

  it("is known in every later step, and given something by the operator of the authorization alone", () => {
    const world = withOthers("developer.authorised");
    for (const type of ["verified", "selected", "authorised", "revoked", "lapsed", "reassigned"] as const) {
      const change = type === "revoked" || type === "lapsed" ? { developer: DEVELOPER } : {};
      const unknown = { developer: OPERATOR };
      expect(world.codes(example(`developer.${type}`, OPERATOR, unknown)), type).to.deep.equal(["developer-unknown"]);
      expect(world.codes(example(`developer.${type}`, STRANGER, change)), type).to.include("not-your-event");
    }
    expect(world.codes(example("developer.reassigned", OPERATOR, { to: OPERATOR }))).to.deep.equal(["developer-unknown"]);
  });

  it("is selected once it is verified", () => {
    const select = example("developer.selected", OPERATOR);
    expect(upTo("applied").tell(select)).to.deep.equal([{ code: "developer-steps-missing", missing: ["verified"] }]);
    expect(upTo("verified").tell(select)).to.deep.equal([]);
  });

  it("is authorised once it has applied, is verified and selected", () => {
    expect(upTo("applied").tell(authorise())).to.deep.equal([{ code: "developer-steps-missing", missing: ["verified", "selected"] }]);
    expect(upTo("verified").tell(authorise())).to.deep.equal([{ code: "developer-steps-missing", missing: ["selected"] }]);
    expect(upTo("selected").tell(authorise())).to.deep.equal([]);
  });

  it("that applies again is verified and selected again", () => {
    const world = withOthers("developer.authorised");
    expect(world.codes(authorise())).to.deep.equal([]);
    world.tell(apply());
    expect(world.tell(authorise())).to.deep.equal([{ code: "developer-steps-missing", missing: ["verified", "selected"] }]);
  });

  it("is authorised under an approved scenario, while the operator's own authorization is in force", () => {
    const world = upTo("selected");
    world.tell(example("scenario.closed", OPERATOR));
    expect(world.codes(authorise())).to.deep.equal(["scenario-not-approved"]);
    const other = upTo("selected");
    expect(other.codes({ ...authorise(), at: "2031-03-02T16:00:00.000Z" })).to.deep.equal(["authorization-inactive"]);
    expect(other.codes({ ...authorise(), at: "2031-03-02T15:59:59.999Z" })).to.deep.equal([]);
  });

  it("is authorised for a day at least", () => {
    const world = upTo("selected");
    expect(world.codes(authorise({ from: "2026-04-01", until: "2026-03-31" }))).to.deep.equal(["term-too-long"]);
    expect(world.codes(authorise({ from: "2026-04-01", until: "2026-04-01" }))).to.deep.equal([]);
  });

  it("has nothing to lose that it was not given", () => {
    for (const type of ["developer.revoked", "developer.lapsed", "developer.reassigned"] as const) {
      const missing = [{ code: "developer-steps-missing", missing: ["authorised"] }];
      const report = example(type, OPERATOR, { developer: DEVELOPER });
      const world = upTo("selected");
      for (const step of ["applied", "verified", "selected"] as const)
        world.tell(example(`developer.${step}`, step === "applied" ? SECOND_DEVELOPER : OPERATOR, { developer: SECOND_DEVELOPER }));
      expect(world.tell(report), type).to.deep.equal(missing);
      world.tell(authorise({ until: "2026-03-09" }));
      expect(world.tell(report), type).to.deep.equal([]);
      expect(world.tell(report), `${type} again`).to.deep.equal(missing);
    }
  });

  it("hands what it had to one that was selected too", () => {
    const world = upTo("selected");
    world.tell(authorise());
    world.tell(apply(undefined, SECOND_DEVELOPER));
    expect(world.tell(example("developer.reassigned", OPERATOR))).to.deep.equal([
      { code: "developer-steps-missing", missing: ["verified", "selected"] },
    ]);
  });
});

/** What the developer's calls of a delivered product are found to break. */
const call = (world: World, time: string, caller = DEVELOPER) =>
  world.codes({ ...example("product.called", OPERATOR, { caller }), time, at: time });

describe("what a developer was given", () => {
  const unauthorised = ["caller-not-authorised"];

  /** A released product, and a developer that is selected for its scenario. */
  const world = () => withOthers("product.released", "developer.authorised");

  it("is what it may use, from the first through the last day, in China", () => {
    const it_ = world();
    it_.tell({ ...authorise({ from: "2026-03-12", until: "2026-03-20" }), at: "2026-03-10T11:00:00+08:00" });
    expect(call(it_, "2026-03-11T15:59:59.999Z")).to.deep.equal(unauthorised);
    expect(call(it_, "2026-03-11T16:00:00.000Z")).to.deep.equal([]);
    expect(call(it_, "2026-03-20T15:59:59.999Z")).to.deep.equal([]);
    expect(call(it_, "2026-03-20T16:00:00.000Z")).to.deep.equal(unauthorised);
  });

  it("holds from the act on, though its first day was before", () => {
    const it_ = world();
    it_.tell({ ...authorise(), at: "2026-03-10T11:00:00+08:00" });
    expect(call(it_, "2026-03-10T10:59:59.999+08:00")).to.deep.equal(unauthorised);
    expect(call(it_, "2026-03-10T11:00:00+08:00")).to.deep.equal([]);
  });

  it("is what it may work with, and the operator needs none of it", () => {
    const it_ = world();
    it_.tell(authorise({ from: "2026-03-12", until: "2026-03-20" }));
    const works = (party: string, time: string, authorization = AUTHORIZATION) =>
      developerAuthorised.broken({ data: { authorization, scenario: SCENARIO }, party, happened: Date.parse(time) } as never, it_) ===
      false;
    expect(works(DEVELOPER, "2026-03-11T15:59:59.999Z")).to.equal(false);
    expect(works(DEVELOPER, "2026-03-11T16:00:00.000Z")).to.equal(true);
    expect(works(DEVELOPER, "2026-03-11T16:00:00.000Z", "unheard-of")).to.equal(false);
    expect(works(DEVELOPER, "2026-03-20T15:59:59.999Z")).to.equal(true);
    expect(works(DEVELOPER, "2026-03-20T16:00:00.000Z")).to.equal(false);
    expect(works(OPERATOR, "2026-03-20T16:00:00.000Z")).to.equal(true);
  });

  it("ends when it is revoked", () => {
    const it_ = withOthers("product.released");
    it_.tell({ ...example("developer.revoked", OPERATOR, { developer: DEVELOPER }), at: "2026-03-10T11:00:00+08:00" });
    expect(call(it_, "2026-03-10T10:59:59.999+08:00")).to.deep.equal([]);
    expect(call(it_, "2026-03-10T11:00:00+08:00")).to.deep.equal(unauthorised);
  });

  it("lapses when its day is over, or the authorization is no longer in force, and not before", () => {
    const it_ = world();
    const lapse = (at: string) => World.from(it_.state()).tell({ ...example("developer.lapsed", OPERATOR, { developer: DEVELOPER }), at });
    it_.tell(authorise({ until: "2026-03-20" }));
    expect(lapse("2026-03-20T15:59:59.999Z")).to.deep.equal([{ code: "ground-not-met", missing: ["expiry"] }]);
    expect(lapse("2026-03-20T16:00:00.000Z")).to.deep.equal([]);
    it_.tell(example("authorization.suspended", AUTHORITY));
    expect(lapse("2026-03-20T15:59:59.999Z")).to.deep.equal([]);
  });

  it("passes to another for the rest of the term", () => {
    const it_ = world();
    it_.tell(authorise({ until: "2026-03-20" }));
    it_.tell({ ...example("developer.reassigned", OPERATOR), at: "2026-03-10T11:00:00+08:00" });
    expect(call(it_, "2026-03-10T10:59:59.999+08:00")).to.deep.equal([]);
    expect(call(it_, "2026-03-10T11:00:00+08:00")).to.deep.equal(unauthorised);
    expect(call(it_, "2026-03-10T10:59:59.999+08:00", SECOND_DEVELOPER)).to.deep.equal(unauthorised);
    expect(call(it_, "2026-03-10T11:00:00+08:00", SECOND_DEVELOPER)).to.deep.equal([]);
    expect(call(it_, "2026-03-20T16:00:00.000Z", SECOND_DEVELOPER)).to.deep.equal(unauthorised);
  });

  it("is kept for what happened in an earlier term", () => {
    const it_ = world();
    it_.tell(authorise({ until: "2026-03-20" }));
    it_.tell({ ...authorise({ from: "2026-04-01", until: "2026-04-30" }), at: "2026-03-30T10:00:00+08:00" });
    expect(call(it_, "2026-03-20T15:59:59.999Z")).to.deep.equal([]);
    expect(call(it_, "2026-03-25T00:00:00.000Z")).to.deep.equal(unauthorised);
    expect(call(it_, "2026-04-30T15:59:59.999Z")).to.deep.equal([]);
  });

  it("that was revoked is not revived by a shorter one", () => {
    const it_ = world();
    const on = (time: string, report: Report) => expect(it_.codes({ ...report, at: time }), report.type).to.deep.equal([]);
    on("2026-03-10T10:00:00+08:00", authorise({ until: "2026-04-30" }));
    on("2026-03-11T10:00:00+08:00", example("developer.revoked", OPERATOR, { developer: DEVELOPER }));
    on("2026-03-12T10:00:00+08:00", authorise({ from: "2026-03-12", until: "2026-03-20" }));
    expect(call(it_, "2026-03-10T12:00:00+08:00"), "before").to.deep.equal([]);
    expect(call(it_, "2026-03-20T15:59:59.999Z")).to.deep.equal([]);
    expect(call(it_, "2026-03-20T16:00:00.000Z")).to.deep.equal(unauthorised);
  });

  it("falls with the act that gave it", () => {
    const it_ = world();
    it_.tell(authorise({ until: "2026-03-20" }));
    it_.tell(authorise({ from: "2026-03-21", until: "2026-04-30" }));
    const before = developmentOf(it_, DEVELOPER, SCENARIO)!;
    const annulled = amended(before, before.terms.at(-1)!.act, (mark) => ({ ...mark, annulled: mark.at }));
    it_.put(developments, `${DEVELOPER}:${SCENARIO}`, annulled);
    expect(call(it_, "2026-03-20T15:59:59.999Z")).to.deep.equal([]);
    expect(call(it_, "2026-03-20T16:00:00.000Z")).to.deep.equal(unauthorised);
  });

  it("goes with it to a new code", () => {
    const it_ = withOthers("product.released");
    const code = "91990000MA1A00083R";
    it_.tell(example("party.renamed", OPERATOR, { former: DEVELOPER, code }));
    expect(it_.codes(example("product.called", code, { caller: code }))).to.deep.equal([]);
  });

  it("is found to be an affiliate's where it said so", () => {
    const it_ = withOthers("product.released");
    expect(call(it_, "2026-03-10T12:00:00+08:00")).to.deep.equal([]);
    it_.tell(example("developer.applied", DEVELOPER, { affiliation: "affiliated" }));
    expect(call(it_, "2026-03-10T12:00:00+08:00")).to.deep.equal(["affiliated-developer"]);
    expect(it_.codes(example("product.delivered", OPERATOR))).to.deep.equal(["affiliated-developer"]);
    expect(call(it_, "2026-03-10T12:00:00+08:00", SECOND_DEVELOPER)).to.deep.equal([]);
  });

  it("is an affiliate's as long as it was given to one, whatever that says when it applies again", () => {
    const it_ = world();
    it_.tell(example("developer.applied", DEVELOPER, { affiliation: "affiliated" }));
    for (const step of ["verified", "selected"] as const) it_.tell(example(`developer.${step}`, OPERATOR));
    expect(it_.codes(authorise())).to.deep.equal([]);
    expect(call(it_, "2026-03-10T12:00:00+08:00")).to.deep.equal(["affiliated-developer"]);
    it_.tell(example("developer.applied", DEVELOPER));
    expect(call(it_, "2026-03-10T12:00:00+08:00")).to.deep.equal(["affiliated-developer"]);
    for (const step of ["verified", "selected"] as const) it_.tell(example(`developer.${step}`, OPERATOR));
    it_.tell(authorise());
    expect(call(it_, "2026-03-10T12:00:00+08:00"), "given as none").to.deep.equal([]);
  });

  it("is its own: what was delivered to it goes to nobody else", () => {
    const it_ = withOthers("product.released");
    const passed = (to: string, party = DEVELOPER) => [
      it_.codes(example("product.delivered", party, { to })),
      it_.codes(example("product.called", party, { caller: to })),
    ];
    expect(passed(AUTHORITY)).to.deep.equal([["sublicence"], ["sublicence"]]);
    expect(passed(SECOND_DEVELOPER)).to.deep.equal([["sublicence"], ["sublicence"]]);
    expect(passed(DEVELOPER)).to.deep.equal([[], []]);
    expect(passed(SECOND_DEVELOPER, OPERATOR)).to.deep.equal([[], []]);
  });

  it("is for reviewed scenarios, each with an authorization of its own", () => {
    const it_ = withOthers("product.released");
    const use = (scenario: string) => it_.codes(example("product.called", DEVELOPER, { scenario }));
    expect(use("yz-scenario-punctuality")).to.deep.equal([]);
    expect(use("unheard-of")).to.deep.equal(["caller-not-authorised", "unreviewed-use"]);
    const other = { scenario: "yz-scenario-tourism" };
    const consent = { ...other, resource: "yz-meteorology-weather" };
    it_.tell(example("scenario.submitted", OPERATOR, { ...other, demands: [{ resource: consent.resource, fields: ["date"] }] }));
    it_.tell(example("scenario.consented", "12990000MB1A00052T", consent));
    expect(use(other.scenario)).to.deep.equal(["caller-not-authorised", "unreviewed-use"]);
    it_.tell(example("scenario.approved", AUTHORITY, other));
    expect(use(other.scenario)).to.deep.equal(["caller-not-authorised"]);
    it_.tell(example("developer.call-published", OPERATOR, other));
    it_.tell(example("developer.applied", DEVELOPER, other));
    for (const type of ["developer.verified", "developer.selected", "developer.authorised"] as const)
      it_.tell(example(type, OPERATOR, other));
    expect(use(other.scenario)).to.deep.equal([]);
  });

  it("does not allow to restore the original data", () => {
    const it_ = withOthers("product.released");
    const use = (how: string) => it_.codes(example("product.called", DEVELOPER, { use: how }));
    expect(use("re-identify")).to.deep.equal(["re-identification"]);
    for (const how of ["query", "redevelop"]) expect(use(how), how).to.deep.equal([]);
  });
});
