import { expect } from "chai";
import { parties } from "../../../chaincode/events/party";
import { SUPERVISOR, watched } from "./oversight";
import { AUTHORITY, DEVELOPER, example, METEOROLOGY, NOW, OPERATOR, STRANGER, TRANSPORT, type World } from "./world";

const FACTS = "SuyuanMSP/facts";
const SECOND = "SuyuanMSP/facts-2";

/** A world in which the authority has another organisation than the operator. */
function apart(): World {
  const world = watched("authorization.signed");
  world.put(parties, AUTHORITY, { ...world.get(parties, AUTHORITY)!, host: "AuthorityMSP" });
  return world;
}
const byAuthority = { party: AUTHORITY, mspId: "AuthorityMSP" };

describe("a journal", () => {
  it("is opened once, and those that a gateway begins with never", () => {
    const world = watched("authorization.signed");
    expect(world.codes(example("journal.opened", OPERATOR))).to.deep.equal([]);
    expect(world.codes(example("journal.opened", OPERATOR))).to.deep.equal(["journal-exists"]);
    expect(world.codes(example("journal.opened", OPERATOR, { journal: "SuyuanMSP/facts-3" }))).to.deep.equal([]);
    for (const journal of ["SuyuanMSP/facts", "SuyuanMSP/acts"])
      expect(world.codes(example("journal.opened", OPERATOR, { journal })), journal).to.deep.equal(["journal-exists"]);
  });

  it("is closed once, and is not opened again", () => {
    const world = watched("authorization.signed");
    world.tell(example("journal.opened", OPERATOR));
    expect(world.codes(example("journal.closed", OPERATOR))).to.deep.equal([]);
    const closing = { event: world.place, subjectKind: "journal", subject: SECOND };
    expect(world.codes(example("journal.closed", OPERATOR))).to.deep.equal(["journal-closed"]);
    expect(world.codes(example("journal.opened", OPERATOR))).to.deep.equal(["journal-exists"]);
    world.tell(example("correction.annulled", AUTHORITY, closing));
    expect(world.codes(example("journal.closed", OPERATOR, { last: 42 })), "the first was annulled").to.deep.equal([]);
  });

  it("is closed by who opened it or by the authority, and by nobody else who reports there", () => {
    const world = watched("authorization.signed");
    world.tell(example("journal.opened", OPERATOR));
    for (const other of [TRANSPORT, STRANGER, DEVELOPER])
      expect(world.codes(example("journal.closed", other)), other).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("journal.closed", OPERATOR, { journal: FACTS })), "it opened another").to.deep.equal(["not-your-event"]);
    expect(world.codes(example("journal.closed", OPERATOR))).to.deep.equal([]);
    expect(world.codes(example("journal.closed", AUTHORITY, { journal: FACTS }))).to.deep.equal([]);
  });

  it("still takes what was taken in before it was closed; a later fact is a finding, until the closing is annulled", () => {
    const world = watched("authorization.signed");
    const later = "2026-03-10T10:00:01+08:00";
    const reported = (taken = later, time = taken) => world.codes({ ...example("data.aggregated", METEOROLOGY), at: later, taken, time });
    world.tell(example("journal.closed", AUTHORITY, { journal: FACTS }));
    const closing = { event: world.place, subjectKind: "journal", subject: FACTS };
    expect(world.codes(example("data.aggregated", METEOROLOGY)), "at the very time").to.deep.equal([]);
    expect(reported(NOW), "it was promised before").to.deep.equal([]);
    expect(reported()).to.deep.equal(["journal-closed"]);
    expect(reported(NOW, later), "it happened later").to.deep.equal(["journal-closed"]);
    expect(world.codes({ ...example("correction.annulled", AUTHORITY, closing), at: later })).to.deep.equal([]);
    expect(reported()).to.deep.equal([]);
  });

  it("takes no later act, whenever it was taken in, but corrections, by which its closing is undone", () => {
    const world = watched("authorization.signed");
    const at = "2026-03-10T10:00:01+08:00";
    const opened = () => world.codes({ ...example("journal.opened", OPERATOR), at, taken: NOW, time: NOW });
    world.tell(example("journal.closed", AUTHORITY, { journal: "SuyuanMSP/acts" }));
    const closing = { event: world.place, subjectKind: "journal", subject: "SuyuanMSP/acts" };
    expect(opened()).to.deep.equal(["journal-closed"]);
    expect(world.codes({ ...example("correction.annulled", AUTHORITY, closing), at })).to.deep.equal([]);
    expect(opened()).to.deep.equal([]);
  });

  it("is its own organisation's, and of one that keeps a gateway; the authority closes that of a lost one", () => {
    const world = apart();
    const journal = "OtherMSP/facts-2";
    for (const type of ["journal.opened", "journal.closed"] as const) {
      expect(world.codes(example(type, OPERATOR, { journal })), type).to.deep.equal(["not-your-event"]);
      expect(world.codes(example(type, SUPERVISOR)), type).to.deep.equal(["not-your-event"]);
    }
    expect(world.codes({ ...example("journal.closed", AUTHORITY, { journal }), ...byAuthority })).to.deep.equal([]);
  });
});

describe("a source", () => {
  const moved = (world: World, from: string, to: string, by: object = {}) =>
    world.codes({ ...example("journal.source-moved", AUTHORITY, { from, to }), ...by });

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
    world.tell(example("journal.source-moved", AUTHORITY, { source: "//test/other" }));
    expect(reported()).to.deep.equal([]);
    world.tell(example("journal.source-moved", AUTHORITY, { source }));
    expect(reported()).to.deep.equal(["source-elsewhere"]);
    world.tell(example("journal.source-moved", AUTHORITY, { source, from: "SuyuanMSP/facts-2", to: "SuyuanMSP/facts" }));
    expect(reported(), "it is back").to.deep.equal([]);
  });

  it("does not move to a journal that is closed", () => {
    const world = watched("authorization.signed");
    world.tell(example("journal.opened", OPERATOR));
    world.tell(example("journal.closed", OPERATOR));
    expect(moved(world, "SuyuanMSP/facts", "SuyuanMSP/facts-2")).to.deep.equal(["journal-closed"]);
    expect(moved(world, "SuyuanMSP/facts", "SuyuanMSP/facts-3")).to.deep.equal([]);
  });

  it("is let go by who opened the journal it reports to, or moved by the authority, and by nobody else who reports there", () => {
    const world = apart();
    const by = (party: string) => ({ party });
    world.tell(example("journal.opened", OPERATOR));
    for (const other of [TRANSPORT, STRANGER, DEVELOPER]) {
      expect(moved(world, FACTS, SECOND, by(other)), other).to.deep.equal(["not-your-event"]);
      expect(moved(world, SECOND, FACTS, by(other)), other).to.deep.equal(["not-your-event"]);
    }
    expect(moved(world, FACTS, SECOND, by(OPERATOR)), "it opened another").to.deep.equal(["not-your-event"]);
    expect(moved(world, "OtherMSP/facts", FACTS, by(OPERATOR)), "another organisation's").to.deep.equal(["not-your-event"]);
    expect(moved(world, "OtherMSP/facts", SECOND, byAuthority)).to.deep.equal([]);
    expect(moved(world, SECOND, "OtherMSP/facts", by(OPERATOR))).to.deep.equal([]);
  });
});
