import { expect } from "chai";
import fc from "fast-check";
import { holdingName } from "../../../chaincode/events/schema";
import { formatHoldingName, isJournalName, parseHoldingName } from "../../../chaincode/proof/holding-name";

describe("holding name", () => {
  it("is the journal, the index of the event, and which of its holdings", () => {
    expect(parseHoldingName("OperatorMSP/facts/1024/0")).to.deep.equal({ journal: "OperatorMSP/facts", index: 1024, ordinal: 0 });
  });

  it("has one spelling", () => {
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999_999_999 }), fc.nat({ max: 999 }), (index, ordinal) => {
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
      "A/b/1000000000000000/0",
      "A/b/1/1000",
      "A/b/1e3/0",
      "A//1/0",
      "A/b /1/0",
    ])
      expect(parseHoldingName(text), text).to.equal(undefined);
  });

  it("is one wherever its journal is one: in an event, and as what the ledger keeps", () => {
    for (const journal of ["OperatorMSP/facts", "Org_1.example/acts-2"]) {
      const name = formatHoldingName({ journal, index: 7, ordinal: 1 });
      expect(new RegExp(holdingName.schema["pattern"] as string).test(name), name).to.equal(true);
      expect(parseHoldingName(name)?.journal).to.equal(journal);
    }
  });

  it("knows a journal's name", () => {
    for (const name of ["OperatorMSP/facts", "Org1.example-2/acts", "Org_1/facts-2"]) expect(isJournalName(name), name).to.equal(true);
    for (const name of [
      "",
      "facts",
      "A/",
      "/a",
      "A/b/c",
      "A/../b",
      "甲/b",
      "A/b\n",
      "_A/b",
      "A/B",
      "A/-b",
      `A/${"b".repeat(33)}`,
      `${"A".repeat(65)}/b`,
    ])
      expect(isJournalName(name), name).to.equal(false);
  });
});
