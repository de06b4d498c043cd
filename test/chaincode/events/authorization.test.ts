import { expect } from "chai";
import { amended } from "../../../chaincode/events/steps";
import { authorizations } from "../../../chaincode/events/authorization";
import { addDays } from "../../../chaincode/events/time";
import { AGENCY, APPLICATION, at, bodies, GOVERNMENT, until } from "./authorization-life";
import {
  after,
  AUTHORITY,
  AUTHORIZATION,
  DEVELOPER,
  example,
  examples,
  FLIGHTS,
  NOW,
  OPERATOR,
  story,
  STRANGER,
  TRANSPORT,
  WEATHER,
  World,
} from "./world";

const sign = (signed: string, until: string) => example("authorization.signed", AUTHORITY, { signed, until });

/** An authorization that was signed on a day, and decided on a ledger that has been kept since the day after. */
function older(signedOn: string): World {
  const world = new World();
  const time = `${addDays(signedOn, 1)}T08:00`;
  for (const report of story.slice(0, 1)) world.tell(at(time, report));
  const { existing } = examples["suyuan.authorization.decided"].valid;
  world.tell(at(time, example("authorization.decided", AUTHORITY, { existing: { ...existing, signedOn } })));
  return world;
}

/** The world of the life up to and with a step. */
function upTo(type: string): World {
  const world = new World();
  for (const body of bodies) world.tell(at("2026-01-05T09:00", body));
  for (const [time, report] of until(type)) world.tell(at(time, report));
  return world;
}

describe("an authorization", () => {
  it("is decided once", () => {
    const world = after("authorization.decided");
    expect(world.codes(example("authorization.decided", AUTHORITY))).to.include("authorization-exists");
    expect(world.codes(example("authorization.decided", AUTHORITY, { authorization: "another" }))).to.deep.equal(["steps-before-ledger"]);
  });

  it("is decided before it is signed", () => {
    const world = after("authorization.decided", "authorization.decided");
    expect(world.codes(example("authorization.signed", AUTHORITY))).to.deep.equal(["decision-missing"]);
    world.tell(example("authorization.decided", AUTHORITY));
    expect(world.codes(example("authorization.signed", AUTHORITY))).to.deep.equal([]);
  });

  it("is signed once: a longer term needs a renewal", () => {
    const world = after("authorization.signed");
    expect(world.codes(sign("2026-03-02", "2031-03-01"))).to.deep.equal(["agreement-exists"]);
  });

  it("lasts at most to the corresponding day five years after its signing", () => {
    const world = () => after("authorization.decided");
    expect(world().codes(sign("2026-03-02", "2031-03-02"))).to.deep.equal([]);
    expect(world().codes(sign("2026-03-02", "2031-03-03"))).to.deep.equal(["term-too-long"]);
    expect(world().codes(sign("2026-03-02", "2026-03-02"))).to.deep.equal([]);
    expect(world().codes(sign("2026-03-02", "2026-03-01"))).to.deep.equal(["term-too-long"]);
  });

  it("signed on a leap day, lasts to the end of February", () => {
    const codes = (signed: string, until: string) => older(signed).codes(at("2029-01-01T10:00", sign(signed, until)));
    expect(codes("2028-02-29", "2033-02-28")).to.deep.equal([]);
    expect(codes("2028-02-29", "2033-03-01")).to.deep.equal(["term-too-long"]);
    expect(codes("2027-02-28", "2032-02-28")).to.deep.equal([]);
    expect(codes("2027-02-28", "2032-02-29")).to.deep.equal(["term-too-long"]);
  });

  it("is signed between the day of the decision and the day of the record; one that is older than the ledger, for its own day alone", () => {
    const codes = (world: World, signed: string, time: string) => world.codes(at(time, sign(signed, "2031-01-01")));
    const applied = (signed: string, time: string) => codes(upTo("authorization.decided"), signed, time);
    expect(applied("2026-02-23", "2026-03-10T10:00")).to.deep.equal(["decision-missing"]);
    for (const day of ["2026-02-24", "2026-03-10"]) expect(applied(day, "2026-03-10T10:00"), day).to.deep.equal([]);
    expect(applied("2026-03-11", "2026-03-10T23:59")).to.deep.equal(["dated-ahead"]);
    const existing = (signed: string) => codes(after("authorization.decided"), signed, "2026-03-10T10:00");
    for (const day of ["2026-03-01", "2026-03-03", "2026-03-10"]) expect(existing(day), day).to.deep.equal(["decision-missing"]);
    expect(existing("2026-03-02")).to.deep.equal([]);
  });

  it("is decided by whom the rulebook says", () => {
    const decide = (decidedBy: string, party: string) => {
      const world = after("party.registered");
      for (const body of bodies) world.tell(body);
      world.tell(example("rulebook.adopted", AUTHORITY, { parameters: { decidedBy } }));
      return world.codes(example("authorization.decided", party));
    };
    expect(decide("either", AUTHORITY)).to.deep.equal(["steps-before-ledger"]);
    expect(decide("either", GOVERNMENT)).to.deep.equal(["steps-before-ledger"]);
    expect(decide("authority", AUTHORITY)).to.deep.equal(["steps-before-ledger"]);
    expect(decide("authority", GOVERNMENT)).to.include("not-your-event");
    expect(decide("government", GOVERNMENT)).to.deep.equal(["steps-before-ledger"]);
    expect(decide("government", AUTHORITY)).to.include("not-your-event");
  });

  it("is known and signed before anything is done under it", () => {
    for (const step of ["filed", "activated", "trial-assessed"] as const) {
      const report = example(`authorization.${step}`, AUTHORITY);
      expect(after("party.registered").codes(report), step).to.deep.equal(["authorization-unknown"]);
      expect(after("authorization.decided").codes(report), step).to.deep.equal(["authorization-inactive"]);
    }
    expect(after("authorization.signed").codes(example("authorization.filed", AUTHORITY))).to.deep.equal([]);
  });

  it("names days that exist", () => {
    for (const day of ["2026-02-29", "2026-13-01", "2026-3-2", "2026-03-02T00:00:00Z", ""])
      expect(after("authorization.decided").codes(sign("2025-01-01", day)), day).to.equal(undefined);
  });
});

describe("the trial of an authorization", () => {
  const sign = (trial: string, change: object = {}) => example("authorization.signed", AUTHORITY, { trial: { until: trial }, ...change });
  const assess = (time: string, change: object = {}) => at(time, example("authorization.trial-assessed", AUTHORITY, change));
  const activate = (time: string) => at(time, example("authorization.activated", AUTHORITY));
  const submit = (time: string) => at(time, example("scenario.submitted", OPERATOR));
  /** An authorization signed with a trial through 2026-09-02. */
  function tried(): World {
    const world = after("authorization.decided");
    expect(world.codes(sign("2026-09-02"))).to.deep.equal([]);
    return world;
  }

  it("lasts six months at most, and no longer than the agreement", () => {
    const codes = (...signed: Parameters<typeof sign>) => after("authorization.decided").codes(sign(...signed));
    expect(codes("2026-09-02")).to.deep.equal([]);
    expect(codes("2026-09-03")).to.deep.equal(["trial-too-long"]);
    expect(codes("2026-03-01")).to.deep.equal(["trial-too-long"]);
    expect(codes("2026-05-01", { until: "2026-05-01" })).to.deep.equal([]);
    expect(codes("2026-05-02", { until: "2026-05-01" })).to.deep.equal(["trial-too-long"]);
    const world = older("2026-08-31");
    const august = sign("2027-02-28", { signed: "2026-08-31", until: "2027-08-31" });
    expect(world.codes(at("2026-09-01T10:00", august))).to.deep.equal([]);
  });

  it("belongs to the first authorization of its operator", () => {
    const other = { authorization: "another" };
    const world = after("authorization.signed");
    world.tell(example("authorization.decided", AUTHORITY, other));
    expect(world.codes(sign("2026-09-02", other))).to.deep.equal(["trial-too-long"]);
    expect(world.codes(example("authorization.signed", AUTHORITY, other)), "without a trial").to.deep.equal([]);
    world.tell(example("authorization.decided", AUTHORITY, { authorization: "theirs", operator: STRANGER }));
    expect(world.codes(sign("2026-09-02", { authorization: "theirs" })), "of another operator").to.deep.equal([]);
  });

  it("lets data flow and acts be done as long as it lasts, and then only if both parts were passed in it", () => {
    expect(tried().codes(submit("2026-09-02T23:59"))).to.deep.equal([]);
    expect(tried().codes(submit("2026-09-03T00:00"))).to.deep.equal(["authorization-inactive"]);
    for (const part of ["compliance", "security"]) {
      const world = tried();
      world.tell(assess("2026-09-01T10:00", { [part]: "failed" }));
      expect(world.codes(submit("2026-09-03T00:00")), part).to.deep.equal(["authorization-inactive"]);
    }
    const world = tried();
    world.tell(assess("2026-09-02T23:59"));
    expect(world.codes(submit("2026-09-03T00:00"))).to.deep.equal([]);
  });

  it("may be assessed again until it is over", () => {
    const world = tried();
    expect(world.codes(assess("2026-06-01T10:00", { security: "failed" }))).to.deep.equal([]);
    expect(world.codes(activate("2026-06-01T11:00"))).to.deep.equal(["trial-not-passed"]);
    expect(world.codes(activate("2026-09-02T23:59"))).to.deep.equal(["trial-not-passed"]);
    expect(world.codes(activate("2026-09-03T00:00"))).to.deep.equal(["trial-lapsed"]);
    expect(world.codes(assess("2026-09-03T00:00"))).to.deep.equal(["trial-lapsed"]);
    expect(world.codes(assess("2026-09-02T23:59"))).to.deep.equal([]);
    expect(world.codes(activate("2026-09-03T10:00"))).to.deep.equal([]);
  });

  it("is not needed: without one there is nothing to assess, and nothing to wait for", () => {
    const world = after("authorization.signed");
    expect(world.codes(assess("2026-06-01T10:00"))).to.deep.equal(["trial-lapsed"]);
    expect(world.codes(activate("2026-06-01T10:00"))).to.deep.equal([]);
    expect(after("authorization.signed").codes(submit("2027-06-01T10:00"))).to.deep.equal([]);
  });

  it("lapsed, shows in what happens afterwards, and not in what happened before", () => {
    const world = after("scenario.registered", "authorization.signed");
    world.tell(sign("2026-09-02"));
    const accessed = (time: string) => world.codes({ ...at(time, example("data.accessed", OPERATOR)) });
    expect(accessed("2026-09-02T23:59")).to.not.include("outside-term");
    expect(accessed("2026-09-03T00:00")).to.include("outside-term");
  });
});

describe("an annulled signature", () => {
  it("never gave anything: the authorization is signed anew, with a trial as the first one", () => {
    const world = after("scenario.registered");
    const record = world.get(authorizations, AUTHORIZATION)!;
    const act = record.agreements[0]!.act;
    world.put(
      authorizations,
      AUTHORIZATION,
      amended(record, act, (mark) => ({ ...mark, annulled: mark.at })),
    );
    expect(world.codes(example("data.accessed", OPERATOR))).to.deep.equal(["no-authorization"]);
    expect(world.codes(example("scenario.submitted", OPERATOR, { scenario: "another" }))).to.deep.equal(["authorization-inactive"]);
    expect(world.codes(example("authorization.signed", AUTHORITY, { trial: { until: "2026-09-02" } }))).to.deep.equal([]);
    expect(world.codes(example("data.accessed", OPERATOR))).to.deep.equal([]);
  });
});

describe("an annulled decision", () => {
  const annul = (world: World, time: string) => {
    const event = world.get(authorizations, AUTHORIZATION)!.steps["decided"]![0]!.act;
    return world.codes(
      at(time, example("correction.annulled", AUTHORITY, { event, subjectKind: "authorization", subject: AUTHORIZATION })),
    );
  };
  const decide = (change: object = {}) =>
    example("authorization.decided", AUTHORITY, { application: APPLICATION, existing: undefined, ...change });

  it("takes the agreement with it that was signed on its strength; another is decided under another number, and one is in force", () => {
    const world = upTo("authorization.signed");
    const submitted = (authorization: string, scenario: string) =>
      world.codes(at("2026-03-12T10:00", example("scenario.submitted", OPERATOR, { authorization, scenario })));
    expect(submitted(AUTHORIZATION, "a")).to.not.include("authorization-inactive");
    expect(world.codes(at("2026-03-09T10:00", decide({ authorization: "another" })))).to.deep.equal(["authorization-exists"]);
    expect(annul(world, "2026-03-10T10:00")).to.deep.equal([]);
    expect(submitted(AUTHORIZATION, "b")).to.include("authorization-inactive");
    expect(world.codes(at("2026-03-12T10:00", example("data.accessed", OPERATOR)))).to.include("no-authorization");
    expect(world.codes(at("2026-03-10T11:00", decide({ authorization: "another" })))).to.deep.equal([]);
    expect(world.codes(at("2026-03-10T12:00", sign("2026-03-10", "2031-03-10")))).to.include("decision-missing");
    const other = example("authorization.signed", AUTHORITY, { authorization: "another", signed: "2026-03-10", until: "2031-03-10" });
    expect(world.codes(at("2026-03-10T12:00", other))).to.deep.equal([]);
    expect(submitted("another", "b")).to.not.include("authorization-inactive");
  });

  it("leaves what was taken on its strength to be cleared: the exit can be opened then, and not before", () => {
    const world = upTo("authorization.signed");
    const open = () => world.codes(at("2026-03-11T10:00", example("exit.opened", AGENCY)));
    expect(open()).to.deep.equal(["ground-not-met"]);
    annul(world, "2026-03-10T10:00");
    expect(open()).to.deep.equal([]);
  });

  it("that was never signed leaves nothing", () => {
    const world = upTo("authorization.decided");
    annul(world, "2026-03-10T10:00");
    expect(world.codes(at("2026-03-11T10:00", example("exit.opened", AGENCY)))).to.deep.equal(["ground-not-met"]);
  });
});

describe("a withdrawn signature", () => {
  it("gives nothing any more, and gave what it gave until then", () => {
    const world = after("scenario.registered");
    const record = world.get(authorizations, AUTHORIZATION)!;
    const withdrawn = Date.parse("2026-04-01T10:00:00+08:00");
    world.put(
      authorizations,
      AUTHORIZATION,
      amended(record, record.agreements[0]!.act, (mark) => ({ ...mark, until: withdrawn })),
    );
    const accessed = (time: string) => world.codes(at(time, example("data.accessed", OPERATOR)));
    expect(accessed("2026-04-01T09:59")).to.deep.equal([]);
    expect(accessed("2026-04-01T10:00")).to.deep.equal(["outside-term"]);
  });
});

describe("what happens under an authorization", () => {
  const pulled = (time: string) => ({ ...example("data.pulled", OPERATOR), time, at: time });

  it("is lawful from midnight of the day of signing through the last day, in China", () => {
    const world = after("scenario.registered", "authorization.decided", "scenario.submitted", "scenario.approved");
    const at = "2026-03-02T09:00:00+08:00";
    for (const resource of [FLIGHTS, WEATHER]) world.tell({ ...example("resource.approved", AUTHORITY, { resource }), at });
    world.tell({ ...example("authorization.decided", AUTHORITY), at });
    for (const report of [
      { ...example("authorization.signed", AUTHORITY), at },
      { ...example("scenario.submitted", OPERATOR), at },
      { ...example("scenario.consented", "12990000MB1A00052T"), at },
      { ...example("scenario.consented", "11990000MB1A000443", { resource: "yz-transport-flights" }), at },
      { ...example("scenario.approved", AUTHORITY), at },
      { ...example("scenario.registered", OPERATOR), at },
    ])
      expect(world.codes(report), report.type).to.deep.equal([]);
    expect(world.codes(pulled("2031-03-02T15:59:59.999Z")), "23:59:59.999 in China").to.deep.equal([]);
    expect(world.codes(pulled("2031-03-02T16:00:00.000Z")), "midnight in China").to.deep.equal(["outside-term"]);
    for (const type of ["data.pulled", "data.processed", "data.accessed"] as const)
      expect(world.codes({ ...example(type, OPERATOR), time: "2031-03-02T16:00:00.000Z" }), type).to.include("outside-term");
    const early = world.codes({ ...example("data.supplied", "11990000MB1A000443"), time: "2026-03-01T15:59:59.999Z", at });
    expect(early).to.include("outside-term");
    const first = world.codes({ ...example("data.supplied", "11990000MB1A000443"), time: "2026-03-01T16:00:00.000Z", at });
    expect(first).to.not.include("outside-term");
  });

  it("needs an agreement that is signed", () => {
    const world = after("scenario.registered", "authorization.signed");
    for (const type of ["data.supplied", "data.pulled", "data.processed", "data.accessed"] as const)
      expect(world.codes(example(type, OPERATOR)), type)
        .to.include("no-authorization")
        .and.not.include("outside-term");
    expect(world.codes(example("data.pulled", OPERATOR, { authorization: "unheard-of" }))).to.include("no-authorization");
  });

  it("is supplied to its own operator, and to nobody else", () => {
    const world = after("scenario.registered");
    const supplied = (to: string) => world.codes(example("data.supplied", TRANSPORT, { to }));
    for (const to of [STRANGER, DEVELOPER, TRANSPORT, AUTHORITY]) expect(supplied(to), to).to.deep.equal(["no-authorization"]);
    expect(supplied(OPERATOR)).to.deep.equal([]);
  });

  it("is an act of its own operator, within the term", () => {
    const world = after("authorization.signed");
    const submitted = (party: string, at: string, authorization = AUTHORIZATION) =>
      world.codes({ ...example("scenario.submitted", party, { authorization }), at });
    expect(submitted(STRANGER, NOW)).to.deep.equal(["authorization-inactive"]);
    expect(submitted(OPERATOR, NOW, "unheard-of")).to.deep.equal(["authorization-inactive"]);
    expect(submitted(OPERATOR, "2026-03-01T15:59:59.999Z")).to.include("authorization-inactive");
    expect(submitted(OPERATOR, "2026-03-01T16:00:00.000Z")).to.not.include("authorization-inactive");
    expect(submitted(OPERATOR, "2031-03-02T16:00:00.000Z")).to.deep.equal(["authorization-inactive"]);
    expect(submitted(OPERATOR, "2031-03-02T15:59:59.999Z")).to.deep.equal([]);
  });

  it("waits for the signature", () => {
    expect(after("authorization.decided").codes(example("scenario.submitted", OPERATOR))).to.deep.equal(["authorization-inactive"]);
  });

  it("is nothing of another operator, be it a platform too, and all of a platform that is no operator", () => {
    const world = after("data.supplied", "data.supplied");
    const PLATFORM = "91990000MA1A00091L";
    world.tell(example("party.registered", AUTHORITY, { code: PLATFORM, roles: ["platform"] }));
    for (const type of ["data.pulled", "data.accessed"] as const) {
      const codes = (party: string) => world.codes(example(type, party, { holding: undefined }));
      expect(codes(STRANGER), type).to.deep.equal(["no-authorization"]);
      for (const party of [OPERATOR, PLATFORM]) expect(codes(party), `${type} ${party}`).to.deep.equal([]);
    }
    const supplied = (party: string) => world.codes(example("data.supplied", party));
    expect(supplied(STRANGER)).to.deep.equal(["second-source"]);
    for (const party of [OPERATOR, PLATFORM, TRANSPORT]) expect(supplied(party), party).to.deep.equal([]);
  });

  it("is a developer's, too, that is the operator of another authorization, as it was given it", () => {
    const world = after("data.pulled");
    const roles = { code: STRANGER, roles: ["primary-operator", "platform", "developer"] };
    expect(world.codes(example("party.updated", AUTHORITY, roles))).to.deep.equal([]);
    const contributed = () => world.codes(example("data.contributed", STRANGER));
    expect(contributed()).to.include("no-authorization");
    const given = { developer: STRANGER };
    world.tell(example("developer.applied", STRANGER, given));
    for (const step of ["verified", "selected", "authorised"] as const) world.tell(example(`developer.${step}`, OPERATOR, given));
    expect(contributed()).to.deep.equal([]);
    expect(world.codes(example("data.pulled", STRANGER, { holding: undefined })), "no developer pulls").to.deep.equal(["no-authorization"]);
  });
});
