import { expect } from "chai";
import { after, AUTHORITY, AUTHORIZATION, DEVELOPER, example, OPERATOR, STRANGER, TRANSPORT } from "./world";

const sign = (signed: string, until: string) => example("authorization.signed", AUTHORITY, { signed, until });

describe("an authorization", () => {
  it("is decided once", () => {
    const world = after("authorization.decided");
    expect(world.codes(example("authorization.decided", AUTHORITY))).to.deep.equal(["authorization-exists"]);
    expect(world.codes(example("authorization.decided", AUTHORITY, { authorization: "another" }))).to.deep.equal([]);
  });

  it("is decided before it is signed", () => {
    const world = after("authorization.decided", "authorization.decided");
    expect(world.codes(example("authorization.signed", AUTHORITY))).to.deep.equal(["decision-missing"]);
    world.tell(example("authorization.decided", AUTHORITY));
    expect(world.codes(example("authorization.signed", AUTHORITY))).to.deep.equal([]);
  });

  it("is signed once: a longer term needs a renewal", () => {
    const world = after("authorization.signed");
    expect(world.codes(sign("2026-03-10", "2031-03-10"))).to.deep.equal(["agreement-exists"]);
  });

  it("lasts at most to the corresponding day five years after its signing", () => {
    const world = () => after("authorization.decided");
    expect(world().codes(sign("2026-03-02", "2031-03-02"))).to.deep.equal([]);
    expect(world().codes(sign("2026-03-02", "2031-03-03"))).to.deep.equal(["term-too-long"]);
    expect(world().codes(sign("2026-03-02", "2026-03-02"))).to.deep.equal([]);
    expect(world().codes(sign("2026-03-02", "2026-03-01"))).to.deep.equal(["term-too-long"]);
  });

  it("signed on a leap day, lasts to the end of February", () => {
    const world = () => after("authorization.decided");
    expect(world().codes(sign("2028-02-29", "2033-02-28"))).to.deep.equal([]);
    expect(world().codes(sign("2028-02-29", "2033-03-01"))).to.deep.equal(["term-too-long"]);
    expect(world().codes(sign("2027-02-28", "2032-02-28"))).to.deep.equal([]);
    expect(world().codes(sign("2027-02-28", "2032-02-29"))).to.deep.equal(["term-too-long"]);
  });

  it("names days that exist", () => {
    for (const day of ["2026-02-29", "2026-13-01", "2026-3-2", "2026-03-02T00:00:00Z", ""])
      expect(after("authorization.decided").codes(sign("2025-01-01", day)), day).to.equal(undefined);
  });
});

describe("what happens under an authorization", () => {
  const pulled = (time: string) => ({ ...example("data.pulled", OPERATOR), time, at: time });

  it("is lawful from midnight of the day of signing through the last day, in China", () => {
    const world = after("scenario.registered", "authorization.signed", "scenario.submitted", "scenario.approved");
    const at = "2026-03-02T09:00:00+08:00";
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
    expect(submitted(STRANGER, "2026-03-10T00:00:00Z")).to.deep.equal(["authorization-inactive"]);
    expect(submitted(OPERATOR, "2026-03-10T00:00:00Z", "unheard-of")).to.deep.equal(["authorization-inactive"]);
    expect(submitted(OPERATOR, "2026-03-01T15:59:59.999Z")).to.deep.equal(["authorization-inactive"]);
    expect(submitted(OPERATOR, "2031-03-02T16:00:00.000Z")).to.deep.equal(["authorization-inactive"]);
    expect(submitted(OPERATOR, "2031-03-02T15:59:59.999Z")).to.deep.equal([]);
  });

  it("waits for the signature", () => {
    expect(after("authorization.decided").codes(example("scenario.submitted", OPERATOR))).to.deep.equal(["authorization-inactive"]);
  });
});
