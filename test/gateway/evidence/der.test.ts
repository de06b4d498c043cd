import { generateKeyPairSync } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { parseEcdsaSignature } from "../../../gateway/evidence/der";
import { der, ecdsa } from "./ledger";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const parse = (hex: string): string | undefined => {
  const pair = parseEcdsaSignature(Buffer.from(hex, "hex"));
  return pair === undefined ? undefined : Buffer.from(pair).toString("hex");
};
const word = (end: string): string => end.padStart(64, "0");

describe("ECDSA signature in DER", () => {
  it("is r and s, 32 bytes each", () => {
    expect(parse("3006020101020102")).to.equal(word("01") + word("02"));
    expect(parse("300702020080020101")).to.equal(word("80") + word("01"));
    expect(parse(`3026022100${"ff".repeat(32)}` + "020101")).to.equal("ff".repeat(32) + word("01"));
  });

  it("has the lower s", () => {
    for (let i = 0; i < 20; i++) {
      expect(parseEcdsaSignature(Buffer.from(ecdsa(privateKey, "text", "lower"), "base64"))).not.to.equal(undefined);
      expect(parseEcdsaSignature(Buffer.from(ecdsa(privateKey, "text", "higher"), "base64"))).to.equal(undefined);
    }
    const half = "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8";
    expect(parse(`30250201010220${half}`)).to.equal(word("01") + half);
    expect(parse(`30250201010220${half.slice(0, -1)}9`)).to.equal(undefined);
  });

  it("has one spelling", () => {
    const bad = [
      "",
      "30",
      "3000",
      "3003020101",
      "300602010102010200", // more behind
      "3007020101020102", // cut
      "308106020101020102", // length not in its shortest form
      "30820006020101020102",
      "3080020101020102" + "0000", // indefinite length
      "30070202000102" + "0102", // r not in its shortest form
      "3006020181020102", // r negative
      "3006020101020182",
      "30050200020102", // r empty
      "3106020101020102",
      "3006030101020102",
      "3006020101030102",
      "3009020101020102020103", // three numbers
      `3026022200${"01".repeat(33)}020101`,
    ];
    for (const hex of bad) expect(parse(hex), hex).to.equal(undefined);
  });

  it("is read from no bytes but those that would be written", () => {
    const number = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => bytes.some((byte) => byte !== 0));
    fc.assert(
      fc.property(number, number, fc.nat(80), fc.nat(255), (r, s, at, byte) => {
        const changed = der(r, s).map((old, i) => (i === at ? byte : old));
        const pair = parseEcdsaSignature(changed);
        if (pair !== undefined)
          expect(der(pair.subarray(0, 32), pair.subarray(32)).toString("hex")).to.equal(Buffer.from(changed).toString("hex"));
      }),
      { numRuns: 5000 },
    );
  });
});
