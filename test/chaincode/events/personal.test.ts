import { expect } from "chai";
import fc from "fast-check";
import { creditCodeValid } from "../../../chaincode/events/party";
import { eachText, holdsPersonalInformation } from "../../../chaincode/events/personal";
import { list, object, optional, struct, text } from "../../../chaincode/events/schema";
import { act } from "../../../chaincode/events/definition";

const found = (texts: readonly string[]): void => texts.forEach((it) => expect(holdsPersonalInformation(it), it).to.equal(true));
const notFound = (texts: readonly string[]): void => texts.forEach((it) => expect(holdsPersonalInformation(it), it).to.equal(false));

/** Appends the Luhn digit. */
function luhn(body: string): string {
  const sum = Array.from(body)
    .reverse()
    .reduce((total, digit, i) => {
      const value = Number(digit) * (i % 2 === 0 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}
const digits = (length: number): fc.Arbitrary<string> =>
  fc.array(fc.nat(9), { minLength: length, maxLength: length }).map((values) => values.join(""));

describe("personal information in a text", () => {
  it("is a resident identity number with its check character (GB 11643)", () => {
    found(["11010519491231002X", "11010519491231002x", "持证人440524188001010014办理", "身份证:11010519491231002X。"]);
    notFound(["110105194912310021", "110105194913310022", "11010517491231002X", "1101051949123100"]);
  });

  it("is a mobile number", () => {
    found(["13800138000", "联系电话：19912345678", "13800138000,备注", "(13800138000)", "Tel13812345678", "A13800138000", "13800138000B"]);
    found(["+8613812345678", "８６１３８１２３４５６７８", "１３８１２３４５６７８", "138\u200b12345678"]);
    notFound(["12800138000", "23800138000", "1380013800", "138001380000", "138-0013-8000"]);
  });

  it("is a bank card number of a known issuer with its Luhn digit", () => {
    found([
      luhn("622202020011223"),
      luhn("621700001122334455"),
      luhn("411111111111111"),
      luhn("456351010088123456"),
      luhn("955880010020030040"),
      luhn("510510510510510"),
      `卡号${luhn("622848001122334455")}`,
    ]);
    notFound([
      "6222020200112231",
      luhn("12345678901234567"),
      luhn("51051051051051051"),
      luhn("62220202001122"),
      luhn("6222020200112233445"),
    ]);
  });

  it("is not a credit code, a time, a digest or part of a longer number", () => {
    notFound([
      "914403001922038216",
      "91350100M000100Y43",
      "20260310100000123",
      "2026-03-10T10:00:00+08:00",
      "1773108000000",
      "9".repeat(64),
      "e3eba2f210b0b79eb73c1019d0c82a2182b20d22abf2e2d84cb5f9c99a81a999",
      "913800138000",
      "138001380001",
      "911010519491231002X",
      "",
      "航班准点统计，首批调取 20000 行",
    ]);
  });

  it("is found wherever it stands, unless it touches digits", () => {
    const cleared = fc.string({ unit: "grapheme", maxLength: 20 }).map((it) => it.normalize("NFKC").replace(/[0-9A-Za-z]/g, ""));
    const number = fc.oneof(
      digits(9).map((rest) => `13${rest}`),
      digits(13).map((rest) => luhn(`62${rest}`)),
    );
    fc.assert(
      fc.property(cleared, number, cleared, fc.constantFrom("", "a", "Z"), (before, it, behind, touching) => {
        expect(holdsPersonalInformation(`${before}${touching}${it}${behind}`)).to.equal(true);
      }),
    );
  });

  it("is no card number where a run of digits is a sound credit code", () => {
    const code = digits(9)
      .map((rest) => `62990000${rest}`)
      .chain((body) => fc.nat(9).map((check) => `${body}${check}`))
      .filter(creditCodeValid);
    fc.assert(
      fc.property(code, (it) => !holdsPersonalInformation(it)),
      { numRuns: 50 },
    );
  });
});

describe("the free texts of an event", () => {
  const type = act("test.nested", {
    by: ["authority"],
    data: { plain: optional(text), each: optional(list(text)), inner: optional(list(struct({ place: text }))) },
    about: () => [],
  });

  it("are seen and replaced at every depth", () => {
    const data = { plain: "a", each: ["b", "c"], inner: [{ place: "d" }, { place: "e" }] };
    const seen: unknown[] = [];
    eachText(type, data, (it) => {
      seen.push(it);
      return { withheld: "0" };
    });
    expect(seen).to.have.members(["a", "b", "c", "d", "e"]);
    const withheld = { withheld: "0" };
    expect(data).to.deep.equal({ plain: withheld, each: [withheld, withheld], inner: [{ place: withheld }, { place: withheld }] });
  });

  it("may be absent", () => {
    const data = {};
    eachText(type, data, () => expect.fail("there is none"));
    expect(data).to.deep.equal({});
    expect(object({ plain: text }))
      .to.have.property("required")
      .that.deep.equals(["plain"]);
  });
});
