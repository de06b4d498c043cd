import { expect } from "chai";
import fc from "fast-check";
import { creditCodeValid } from "../../../chaincode/events/party";
import { ROLES } from "../../../chaincode/events/definition";
import { AUTHORITY, DEVELOPER, example, OPERATOR, TRANSPORT, World } from "./world";

describe("unified social credit code", () => {
  it("has the check character of GB 32100-2015", () => {
    for (const code of ["91350100M000100Y43", "914403001922038216", "91330100799655058B", "91110000802100433B", "91110108551385082Q"])
      expect(creditCodeValid(code), code).to.equal(true);
  });

  it("does not survive a wrong, swapped or missing character", () => {
    for (const code of ["91350100M000100Y44", "91350100M001000Y43", "91350100M000100Y4", "91350100M000100Y433", "", "91350100m000100y43"])
      expect(creditCodeValid(code), code).to.equal(false);
  });

  it("finds every single wrong character", () => {
    const alphabet = Array.from("0123456789ABCDEFGHJKLMNPQRTUWXY");
    const code = fc
      .array(fc.constantFrom(...alphabet), { minLength: 17, maxLength: 17 })
      .map((characters) => characters.join(""))
      .map((body) => body + alphabet.find((check) => creditCodeValid(body + check))!);
    fc.assert(
      fc.property(code, fc.nat(17), fc.constantFrom(...alphabet), (sound, at, other) => {
        expect(creditCodeValid(sound)).to.equal(true);
        fc.pre(sound[at] !== other);
        expect(creditCodeValid(sound.slice(0, at) + other + sound.slice(at + 1))).to.equal(false);
      }),
    );
  });
});

describe("party.registered", () => {
  it("makes a party known in its roles", () => {
    const world = new World();
    expect(world.codes(example("resource.catalogued", TRANSPORT))).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("party.registered", AUTHORITY))).to.deep.equal([]);
    expect(world.codes(example("resource.catalogued", TRANSPORT))).to.deep.equal([]);
  });

  it("is refused for a wrong check character", () => {
    expect(new World().codes(example("party.registered", AUTHORITY, { code: "11990000MB1A000444" }))).to.deep.equal([
      "credit-code-invalid",
    ]);
  });

  it("is refused a second time", () => {
    const world = new World();
    world.tell(example("party.registered", AUTHORITY));
    expect(world.codes(example("party.registered", AUTHORITY, { roles: ["developer"] }))).to.deep.equal(["party-exists"]);
    expect(world.codes(example("party.registered", AUTHORITY, { code: AUTHORITY })), "the authority is known from the start").to.deep.equal(
      ["party-exists"],
    );
  });

  it("is refused where its roles are hosted by two organisations, or by none", () => {
    const world = new World({ SuyuanMSP: ROLES.filter((role) => role !== "developer" && role !== "public"), DeveloperMSP: ["developer"] });
    const register = (code: string, ...roles: string[]) => world.codes(example("party.registered", AUTHORITY, { code, roles }));
    expect(register(OPERATOR, "primary-operator", "developer")).to.deep.equal(["not-your-event"]);
    expect(register(OPERATOR, "public")).to.deep.equal(["not-your-event"]);
    expect(register(OPERATOR, "primary-operator", "public")).to.deep.equal(["not-your-event"]);
    expect(register(OPERATOR, "primary-operator", "platform")).to.deep.equal([]);
    expect(register(DEVELOPER, "developer")).to.deep.equal([]);
  });

  it("gives a party the one organisation that hosts its roles", () => {
    const world = new World({ SuyuanMSP: ROLES.filter((role) => role !== "source"), SourceMSP: ["source"] });
    world.tell(example("party.registered", AUTHORITY));
    expect(world.codes(example("resource.catalogued", TRANSPORT))).to.deep.equal(["not-your-event"]);
    expect(world.codes({ ...example("resource.catalogued", TRANSPORT), mspId: "SourceMSP" })).to.deep.equal([]);
  });
});
