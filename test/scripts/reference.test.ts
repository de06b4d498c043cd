import { readFileSync } from "node:fs";
import { expect } from "chai";
import { ruleClauses } from "../../chaincode/events/codes";
import { vocabulary } from "../../chaincode/events/vocabulary";
import { REFERENCE, reference } from "../../scripts/reference";

describe("reference", () => {
  it("is as `npm run reference` writes it today", () => {
    expect(readFileSync(REFERENCE, "utf8")).to.equal(reference());
  });

  it("has every event and every rule", () => {
    const text = reference();
    for (const type of vocabulary.keys()) expect(text).to.include(`#### ${type} `);
    for (const code of ruleClauses.keys()) expect(text).to.include(`<a id="${code}"></a>`);
    expect(text).to.not.include("undefined");
  });
});
