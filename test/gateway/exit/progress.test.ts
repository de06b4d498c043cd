import { expect } from "chai";
import type { Exit } from "../../../chaincode/events/exit-record";
import { isCertified, stepsOf } from "../../../gateway/exit/progress";

const mark = (result?: string) => [{ at: 1, act: "SuyuanMSP/acts/1", party: "P", ...(result === undefined ? {} : { result }) }];
const certified: Exit = { leaving: "operator", authorization: "A", since: 0, hands: [], steps: { certified: mark("3") } };
const settled = { count: 3, last: 0 };

describe("whether an exit is certified", () => {
  it("is told as the ledger tells it: of all that was accounted for, with nothing held and no residue", () => {
    expect(isCertified(certified, { outstanding: 0, settled }, 2)).to.equal(true);
    expect(isCertified({ ...certified, steps: {} }, { outstanding: 0, settled }, 2)).to.equal(false);
    expect(isCertified(certified, { outstanding: 1, settled }, 2), "held again").to.equal(false);
    expect(isCertified(certified, { outstanding: 0, settled: { count: 4, last: 2 } }, 2), "accounted for since").to.equal(false);
  });

  it("is not while residue is found, though the mark holds again since the freeze that ended it was annulled", () => {
    expect(isCertified({ ...certified, residue: { by: ["P"], at: 2 } }, { outstanding: 0, settled }, 3)).to.equal(false);
  });

  it("is as it was where a version before 0.6.0 certified, which counted nothing", () => {
    expect(isCertified({ ...certified, steps: { certified: mark() } }, { outstanding: 0, settled: { count: 0, last: 0 } }, 2)).to.equal(
      true,
    );
  });
});

describe("the steps of an exit", () => {
  it("are outdated where something was accounted for that they did not see, since when it was; not by residue", () => {
    const record: Exit = { ...certified, steps: { ...certified.steps, "residue-scanned": mark("5"), verified: mark("2") } };
    const outdated = (of: Exit, last: number): readonly unknown[] =>
      stepsOf(of, { outstanding: 0, settled: { count: 3, last } }, [], 9).flatMap(({ step, outdated }) =>
        outdated === undefined ? [] : [[step, outdated]],
      );
    const at = (ms: number): string => new Date(ms).toISOString();
    expect(outdated(record, 5)).to.deep.equal([["verified", at(5)]]);
    expect(outdated(record, 6)).to.deep.equal([
      ["residue-scanned", at(6)],
      ["verified", at(6)],
    ]);
    expect(outdated(record, 1), "what ends is something else").to.deep.equal([]);
    const steps = stepsOf(record, { outstanding: 0, settled: { count: 3, last: 1 } }, [], 9);
    expect(steps.flatMap(({ step, changed }) => (changed === true ? [step] : []))).to.deep.equal(["verified"]);
    expect(outdated({ ...certified, steps: { "residue-scanned": mark("5") }, residue: { by: ["P"], at: 6 } }, 5)).to.deep.equal([]);
  });
});
