import { expect } from "chai";
import fc from "fast-check";
import { fromBase64, fromBase64Url, fromHex, sameBytes, toBase64, toHex } from "../../../chaincode/proof/bytes";

const bytes = fc.uint8Array({ maxLength: 100 });

describe("bytes as text", () => {
  it("writes hex and base64 as Node does", () => {
    fc.assert(
      fc.property(fc.oneof(bytes, fc.uint8Array({ minLength: 8190, maxLength: 20_000 })), (data) => {
        expect(toHex(data)).to.equal(Buffer.from(data).toString("hex"));
        expect(toBase64(data)).to.equal(Buffer.from(data).toString("base64"));
      }),
    );
  });

  it("reads back what it wrote", () => {
    fc.assert(
      fc.property(bytes, (data) => {
        expect(fromHex(toHex(data))).to.deep.equal(data);
        expect(fromBase64(toBase64(data))).to.deep.equal(data);
        expect(fromBase64Url(Buffer.from(data).toString("base64url"))).to.deep.equal(data);
      }),
    );
  });

  it("reads one text for each value", () => {
    const almostBase64 = fc.string({ unit: fc.constantFrom("A", "B", "g", "Q", "=", "/", "-", " "), maxLength: 9 });
    fc.assert(
      fc.property(almostBase64, (text) => {
        const data = fromBase64(text);
        if (data !== undefined) expect(toBase64(data)).to.equal(text);
      }),
      { numRuns: 5000 },
    );
    for (const text of ["AB==", "AAB=", "AAA", "AA=", "=", "====", "AA==AA==", "AAAA\n", "A-__"])
      expect(fromBase64(text), text).to.equal(undefined);
    for (const text of ["A", "AB", "AA==", "+_8", "AAAAA"]) expect(fromBase64Url(text), text).to.equal(undefined);
    for (const text of ["0", "AB", "0g", "0x", "ab "]) expect(fromHex(text), text).to.equal(undefined);
  });

  it("compares all bytes", () => {
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).to.equal(true);
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).to.equal(false);
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).to.equal(false);
  });
});
