import { expect } from "chai";
import { parties } from "../../../chaincode/events/party";
import { SUPERVISOR, watched } from "./oversight";
import { AUTHORITY, example, METEOROLOGY, OPERATOR, type World } from "./world";

/** A world in which the authority has another organisation than the operator. */
function apart(): World {
  const world = watched("authorization.signed");
  world.put(parties, AUTHORITY, { ...world.get(parties, AUTHORITY)!, host: "AuthorityMSP" });
  return world;
}
const byAuthority = { party: AUTHORITY, mspId: "AuthorityMSP" };

describe("a journal", () => {
  it("is opened once", () => {
    const world = watched("authorization.signed");
    expect(world.codes(example("journal.opened", OPERATOR))).to.deep.equal([]);
    expect(world.codes(example("journal.opened", OPERATOR))).to.deep.equal(["journal-exists"]);
    expect(world.codes(example("journal.opened", OPERATOR, { journal: "SuyuanMSP/facts-3" }))).to.deep.equal([]);
  });

  it("is closed once, opened by an act or by being written to, and is not opened again", () => {
    const world = watched("authorization.signed");
    expect(world.codes(example("journal.closed", OPERATOR))).to.deep.equal([]);
    const closing = { event: world.place, subjectKind: "journal", subject: "SuyuanMSP/facts" };
    expect(world.codes(example("journal.closed", OPERATOR))).to.deep.equal(["journal-closed"]);
    expect(world.codes(example("journal.opened", OPERATOR, { journal: "SuyuanMSP/facts" }))).to.deep.equal(["journal-exists"]);
    world.tell(example("correction.annulled", AUTHORITY, closing));
    expect(world.codes(example("journal.closed", OPERATOR, { last: 42 })), "the first was annulled").to.deep.equal([]);
  });

  it("is its own organisation's, and of one that keeps a gateway", () => {
    const world = watched("authorization.signed");
    for (const type of ["journal.opened", "journal.closed"] as const) {
      expect(world.codes(example(type, OPERATOR, { journal: "OtherMSP/facts" })), type).to.deep.equal(["not-your-event"]);
      expect(world.codes(example(type, SUPERVISOR)), type).to.deep.equal(["not-your-event"]);
    }
  });
});

describe("a source", () => {
  const moved = (world: World, from: string, to: string, by: object = {}) =>
    world.codes({ ...example("journal.source-moved", OPERATOR, { from, to }), ...by });

  it("moves from where it reports, and nowhere else from", () => {
    const world = watched("authorization.signed");
    expect(moved(world, "SuyuanMSP/facts", "SuyuanMSP/facts")).to.deep.equal(["source-elsewhere"]);
    expect(moved(world, "SuyuanMSP/facts", "SuyuanMSP/facts-2")).to.deep.equal([]);
    expect(moved(world, "SuyuanMSP/facts", "SuyuanMSP/facts-3")).to.deep.equal(["source-elsewhere"]);
    expect(moved(world, "SuyuanMSP/facts-2", "SuyuanMSP/facts-3")).to.deep.equal([]);
  });

  it("reports where it has moved to: its later facts in the journal that it left are findings, and those of others are not", () => {
    const world = watched("authorization.signed");
    const source = "//test";
    const reported = () => world.codes(example("data.aggregated", METEOROLOGY));
    world.tell(example("journal.source-moved", OPERATOR, { source: "//test/other" }));
    expect(reported()).to.deep.equal([]);
    world.tell(example("journal.source-moved", OPERATOR, { source }));
    expect(reported()).to.deep.equal(["source-elsewhere"]);
    world.tell(example("journal.source-moved", OPERATOR, { source, from: "SuyuanMSP/facts-2", to: "SuyuanMSP/facts" }));
    expect(reported(), "it is back").to.deep.equal([]);
  });

  it("does not move to a journal that is closed", () => {
    const world = watched("authorization.signed");
    world.tell(example("journal.closed", OPERATOR, { journal: "SuyuanMSP/facts-2" }));
    expect(moved(world, "SuyuanMSP/facts", "SuyuanMSP/facts-2")).to.deep.equal(["journal-closed"]);
    expect(moved(world, "SuyuanMSP/facts", "SuyuanMSP/facts-3")).to.deep.equal([]);
  });

  it("is let go by the organisation it reports to, or moved by the authority", () => {
    const world = apart();
    expect(moved(world, "OtherMSP/facts", "SuyuanMSP/facts")).to.deep.equal(["not-your-event"]);
    expect(moved(world, "SuyuanMSP/facts", "OtherMSP/facts")).to.deep.equal([]);
    expect(moved(world, "OtherMSP/facts", "SuyuanMSP/facts", byAuthority)).to.deep.equal([]);
  });
});
