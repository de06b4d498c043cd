import { expect } from "chai";
import { formOf } from "../../../chaincode/events/held-form";
import { FORMS, type Form, type Holding } from "../../../chaincode/proof/holdings-page";

const input = (form: Form, digest = "a"): Holding => ({ digest, form, party: "p" });
const made = (form: Form, digest = "b") => ({ digest, form });

describe("the form as which an output counts", () => {
  it("is its input's where it is the very data, and claims what it cannot be", () => {
    for (const isCopy of [true, false]) {
      for (const form of ["log", "key", "product", "intermediate", "model"] as const)
        expect(formOf(made(form, "a"), [input("raw")], isCopy), form).to.equal("raw");
      for (const form of ["log", "key"] as const) expect(formOf(made(form, "a"), [input("product")], isCopy), form).to.equal("product");
      expect(formOf(made("product", "a"), [input("intermediate")], isCopy), "of which products are made").to.equal("product");
      expect(formOf(made("product", "a"), [input("log")], isCopy)).to.equal("log");
      expect(formOf(made("log", "a"), [input("raw"), input("log")], isCopy), "of two of the same data").to.equal("log");
      expect(formOf(made("log", "a"), [input("raw", "c"), input("cache")], isCopy)).to.equal("cache");
    }
  });

  it("is as said where nothing is gained by it, and where an input of that form is the very data", () => {
    for (const form of FORMS) expect(formOf(made(form, "a"), [input(form)], true), form).to.equal(form);
    for (const form of ["raw", "backup", "cache", "index"] as const)
      for (const of of FORMS) expect(formOf(made(form, "a"), [input(of)], true), form).to.equal(form);
  });

  it("is as said of what a step made, and of a copy whose bytes differ only if all that was copied was of it", () => {
    for (const form of FORMS) expect(formOf(made(form), [input("raw"), undefined], false), form).to.equal(form);
    expect(formOf(made("log"), [input("log"), input("log")], true)).to.equal("log");
    expect(formOf(made("log"), [input("log"), input("intermediate")], true)).to.equal("intermediate");
    expect(formOf(made("log"), [input("log"), undefined], true), "of what is unknown or gone").to.equal("raw");
    expect(formOf(made("product"), [undefined], true)).to.equal("raw");
  });
});
