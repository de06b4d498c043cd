import { expect } from "chai";
import fc from "fast-check";
import { formatHoldingName, isJournalName, parseHoldingName } from "../../../chaincode/proof/holding-name";

describe("holding name", () => {
  it("is the journal, the index of the event, and which of its holdings", () => {
    expect(parseHoldingName("OperatorMSP/facts/1024/0")).to.deep.equal({ journal: "OperatorMSP/facts", index: 1024, ordinal: 0 });
  });

  it("has one spelling", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (index, ordinal) => {
        const name = { journal: "OperatorMSP/facts", index, ordinal };
        expect(parseHoldingName(formatHoldingName(name))).to.deep.equal(name);
      }),
    );
    for (const text of [
      "",
      "A/b",
      "A/b/1",
      "A/b/01/0",
      "A/b/1/-0",
      "A/b/1/0/",
      "/A/b/1/0",
      "A/b/1/0\n",
      "A/b/9007199254740992/0",
      "A/b/1e3/0",
      "A//1/0",
      "A/b /1/0",
    ])
      expect(parseHoldingName(text), text).to.equal(undefined);
  });

  it("knows a journal's name", () => {
    for (const name of ["OperatorMSP/facts", "Org1.example-2/acts"]) expect(isJournalName(name), name).to.equal(true);
    for (const name of ["", "facts", "A/", "/a", "A/b/c", "A/../b", "甲/b", "A/b\n", `A/${"b".repeat(65)}`])
      expect(isJournalName(name), name).to.equal(false);
  });
});
