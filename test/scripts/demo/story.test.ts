import { expect } from "chai";
import { readFileSync } from "node:fs";
import { sourcePath, type SourceName } from "../../../scripts/demo/sources";
import { authorization, call, outOfScope, parties, product, resources, scenario } from "../../../scripts/demo/story";

/** GB 32100-2015, with the weights written out as the standard does. */
const creditWeights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
/** GB 11714: the organisation code inside, characters 9 to 17. */
const organisationWeights = [3, 7, 9, 10, 5, 8, 4, 2];

const weighed = (text: string, weights: readonly number[], value: (character: string) => number): number =>
  Array.from(text).reduce((sum, character, i) => sum + value(character) * weights[i]!, 0);

const fieldsOf = (name: SourceName): string[] => {
  const text = readFileSync(sourcePath(name), "utf8");
  return sourcePath(name).endsWith(".json") ? Object.keys((JSON.parse(text) as object[])[0]!) : text.split(/\r?\n/, 1)[0]!.split(",");
};

describe("the story", () => {
  it("gives every party a credit code of its own, correct in both check characters, of a place that does not exist", () => {
    const codes = Object.values(parties).map(({ code }) => code);
    expect(new Set(codes).size).to.equal(codes.length);
    for (const code of codes) {
      expect(code).to.match(/^[19][129]990000[0-9A-Z]{9}[0-9A-Z]$/);
      const rest = weighed(code.slice(0, 17), creditWeights, (character) => creditAlphabet.indexOf(character)) % 31;
      expect(creditAlphabet.indexOf(code[17]!), code).to.equal((31 - rest) % 31);
      const check = 11 - (weighed(code.slice(8, 16), organisationWeights, (character) => parseInt(character, 36)) % 11);
      expect(code[16], code).to.equal(check === 10 ? "X" : check === 11 ? "0" : String(check));
    }
  });

  it("catalogues exactly the fields that the files have, and demands some of them", () => {
    for (const [name, { fields, demanded }] of Object.entries(resources)) {
      expect(fields, name).to.deep.equal(fieldsOf(name as SourceName));
      expect(fields, name).to.include.members([...demanded]);
    }
  });

  it("pulls out of scope what the department has and the scenario does not demand", () => {
    const { fields, demanded } = resources[outOfScope.resource];
    expect(fields).to.include(outOfScope.field);
    expect(demanded).not.to.include(outOfScope.field);
  });

  it("names things as the ledger takes them, in both languages", () => {
    const ids = [...Object.values(resources).map(({ id }) => id), authorization.id, scenario.id, scenario.registration, product.id];
    for (const id of [...ids, product.version, product.registration, call.id]) expect(id).to.match(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/);
    const words = [...Object.values(parties), ...Object.values(resources), scenario, product].map(({ name }) => name);
    for (const { zh, en } of [...words, authorization.scope, scenario.purpose, product.audience, outOfScope.purpose, call.purpose]) {
      expect(zh).to.match(/^[\p{Script=Han}\p{P}]{2,500}$/u);
      expect(en).to.match(/^[\x20-\x7e]{2,500}$/);
    }
  });
});
