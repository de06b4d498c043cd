import { expect } from "chai";
import {
  amended,
  annulledAfter,
  annulledSince,
  endedStep,
  marked,
  restored,
  stands,
  stood,
  type Versioned,
  type Version,
  versionAt,
  withVersion,
} from "../../../chaincode/events/steps";

const DONE = { recorded: 10, place: "MSP/acts/0", party: "A" };
const AGAIN = { recorded: 20, place: "MSP/acts/1", party: "A" };
const nothing: Versioned<Version> = { versions: [], steps: {} };
const done = marked(nothing, "approved", DONE);
const annulled = (record: Versioned<Version>, act: string, at: number) => amended(record, act, (mark) => ({ ...mark, annulled: at }));

describe("a step", () => {
  it("holds from when it is done until it is ended, and not at that instant", () => {
    const ended = endedStep(done, "approved", 30);
    expect([9, 10, 29, 30].map((at) => stands(ended, "approved", at))).to.deep.equal([false, true, true, false]);
  });

  it("is ended by what stands after it in the ledger, be it by a clock that was behind", () => {
    const ended = endedStep(done, "approved", 9, "MSP/acts/1");
    expect([9, 10, 11, 99].map((at) => stands(ended, "approved", at))).to.deep.equal([false, false, false, false]);
    expect([9, 10].map((at) => stands(restored(ended, "MSP/acts/1"), "approved", at))).to.deep.equal([false, true]);
  });

  it("that is annulled never held, but had held as far as could be known before", () => {
    const record = annulled(done, DONE.place, 30);
    expect(stands(record, "approved", 29)).to.equal(false);
    expect([9, 10, 29, 30].map((at) => stood(record, "approved", at) !== undefined)).to.deep.equal([false, true, true, false]);
    expect([10, 29, 30].map((at) => annulledSince(record, "approved", at))).to.deep.equal([true, true, false]);
  });

  it("that was done twice holds by the other, where one is annulled", () => {
    const record = annulled(marked(done, "approved", AGAIN), DONE.place, 30);
    expect([10, 20, 29].map((at) => annulledSince(record, "approved", at))).to.deep.equal([true, false, false]);
  });

  it("keeps its first mark and the newest of the others", () => {
    let record = nothing;
    for (let i = 0; i < 30; i++) record = marked(record, "approved", { recorded: i, place: `MSP/acts/${i}`, party: "A" });
    const acts = record.steps["approved"]!.map(({ at }) => at);
    expect(acts).to.deep.equal([0, ...Array.from({ length: 23 }, (_, i) => i + 7)]);
  });
});

describe("a version", () => {
  const one = { from: 10, acts: [DONE.place] };
  const two = { from: 20, acts: [DONE.place, AGAIN.place] };
  const both = withVersion(withVersion(marked(done, "narrowed", AGAIN), two), one);

  it("is in force from its beginning until the next begins, whichever was recorded first", () => {
    expect([9, 10, 19, 20].map((at) => versionAt(both, at)?.from)).to.deep.equal([undefined, 10, 10, 20]);
  });

  it("falls with any of the acts that it rests on, once they are annulled", () => {
    expect([29, 30].map((at) => versionAt(annulled(both, AGAIN.place, 30), at)?.from)).to.deep.equal([20, 10]);
    expect([29, 30].map((at) => versionAt(annulled(both, DONE.place, 30), at)?.from)).to.deep.equal([20, undefined]);
    expect(annulledAfter(annulled(both, AGAIN.place, 30), two.acts, 29)).to.deep.equal([AGAIN.place]);
    expect(annulledAfter(annulled(both, AGAIN.place, 30), two.acts, 30)).to.deep.equal([]);
  });

  it("falls with an act that is ended", () => {
    const ended = endedStep(both, "narrowed", 30);
    expect([29, 30].map((at) => versionAt(ended, at)?.from)).to.deep.equal([20, 10]);
  });
});
