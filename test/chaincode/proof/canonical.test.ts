import { expect } from "chai";
import fc from "fast-check";
import { canonical, canonicalText, type Json, type JsonProblem, NotCanonicalError, parseStrict } from "../../../chaincode/proof/canonical";

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("10", "9", "-", "a", "\u20ac", "\ufb33", "😀"),
);
const key = text.filter((key) => !["__proto__", "constructor", "prototype"].includes(key));
const exact = fc.oneof(
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Number.isInteger(value)),
);
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    exact,
    text,
    fc.array(tie("json"), { maxLength: 5 }),
    fc.dictionary(key, tie("json"), { maxKeys: 5 }),
  ),
}));

const problem = (input: string | Uint8Array, maxDepth?: number): JsonProblem | undefined =>
  parseStrict(input, maxDepth === undefined ? {} : { maxDepth }).problem;
const refusal = (value: unknown): string | undefined => {
  try {
    canonicalText(value);
  } catch (error) {
    if (error instanceof NotCanonicalError) return error.code;
    throw error;
  }
  return undefined;
};

describe("canonical JSON", () => {
  it("is what the package canonicalize writes", async () => {
    const { default: independent } = await import("canonicalize");
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalText(value)).to.equal(independent(value));
      }),
      { numRuns: 2000 },
    );
  });

  it("is the example of RFC 8785, section 3.2.4, in UTF-8", () => {
    const value = {
      "1": "one",
      "10": "ten",
      "\u20ac": "Euro",
      "\r": "CR",
      "\ufb33": "Dalet",
      "\u0080": "Control",
      "\u00f6": "o",
      "😀": "Smile",
    };
    expect(Buffer.from(canonical(value)).toString()).to.equal(
      '{"\\r":"CR","1":"one","10":"ten","\u0080":"Control","\u00f6":"o","\u20ac":"Euro","😀":"Smile","\ufb33":"Dalet"}',
    );
  });

  it("sorts many keys as few", () => {
    const keys = Array.from({ length: 100 }, (_, i) => String((i * 37) % 100));
    const value = Object.fromEntries(keys.map((key) => [key, 0]));
    expect(canonicalText(value)).to.equal(
      `{${keys
        .toSorted()
        .map((key) => `"${key}":0`)
        .join(",")}}`,
    );
  });

  it("refuses what has no canonical form", () => {
    for (const value of ["\ud800", { "\udc00": 1 }, ["a\ud83d"]]) expect(refusal(value)).to.equal("lone-surrogate");
    for (const value of [NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53), 1e21]) expect(refusal(value)).to.equal("inexact-number");
    for (const value of [
      undefined,
      { a: undefined },
      [undefined],
      new Array(1),
      1n,
      Symbol("s"),
      () => 0,
      new Date(0),
      new Map(),
      Buffer.of(1),
    ])
      expect(refusal(value)).to.equal("not-json");
  });
});

describe("strict reading of JSON", () => {
  it("reads every canonical text, as text and as bytes", () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalText(value);
        expect(parseStrict(text)).to.deep.equal({ value: JSON.parse(text) as Json });
        expect(canonicalText(parseStrict(canonical(value)).value)).to.equal(text);
      }),
      { numRuns: 1000 },
    );
  });

  it("reads other spacing, other order and needless escapes", () => {
    expect(parseStrict(' { "b" : [ 1 , 2 ] ,\n"\\u0061\\"" : "\\/\\\\" } ').value).to.deep.equal({ b: [1, 2], 'a"': "/\\" });
  });

  it("does on any text what JSON.parse does, or names a problem", () => {
    const scraps = fc.array(fc.constantFrom("{", "}", "[", "]", ":", ",", '"', "\\", '"a"', "1", "-", ".5", "e3", "true", " ", "\\u0061"));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          scraps.map((parts) => parts.join("")),
        ),
        (text) => {
          const parsed = parseStrict(text);
          let value: unknown;
          try {
            value = JSON.parse(text);
          } catch {
            expect(parsed.problem).to.equal("malformed-json");
            return;
          }
          expect(parsed.problem).not.to.equal("malformed-json");
          if (parsed.problem === undefined) expect(parsed.value).to.deep.equal(value);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("refuses bytes that are not UTF-8", () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xc0, 0xaf, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0x22, 0xe6, 0xba],
    ])
      expect(problem(Uint8Array.from(bytes))).to.equal("invalid-utf8");
  });

  it("refuses what is no JSON, a byte order mark included", () => {
    for (const text of ["", "{", "{}{}", "[1,]", "{'a':1}", "01", "+1", "NaN", "\ufeff{}", '"\n"', "{}\u0000"])
      expect(problem(text), text).to.equal("malformed-json");
    expect(problem(Buffer.from("\ufeff{}"))).to.equal("malformed-json");
  });

  it("refuses a key that comes twice, however spelled and however deep", () => {
    for (const text of [
      '{"a":1,"a":1}',
      '{"a":1,"\\u0061":2}',
      '[{"b":{"a":1,"c":2,"a":3}}]',
      '{"a":{"x":1},"a":{"x":1,"y":2}}',
      '{"":1,"":2}',
    ])
      expect(problem(text), text).to.equal("duplicate-key");
    expect(problem('[{"a":1},{"a":1},{"b":{"a":1}},"\\"a\\":1"]')).to.equal(undefined);
  });

  it("refuses keys that reach for an object's prototype", () => {
    for (const key of ["__proto__", "constructor", "prototype", "\\u005f_proto__"])
      expect(problem(`[{"a":{"${key}":{}}}]`), key).to.equal("prototype-key");
    expect(problem('{"a":"__proto__"}')).to.equal(undefined);
  });

  it("refuses nesting beyond the bound", () => {
    expect(problem("[[[]]]", 3)).to.equal(undefined);
    expect(problem('{"a":[{}]}', 3)).to.equal(undefined);
    expect(problem("[[[[]]]]", 3)).to.equal("too-deep");
    expect(problem('["[[[[[[[["]', 1)).to.equal(undefined);
    expect(problem("[".repeat(200_000) + "]".repeat(200_000))).to.equal("too-deep");
    expect(problem('{"a":'.repeat(200_000) + "1" + "}".repeat(200_000))).to.equal("too-deep");
  });

  it("refuses numbers that we would not write the same", () => {
    for (const number of [
      "1.0",
      "1e3",
      "1E3",
      "-0",
      "0.10",
      "1e400",
      "9007199254740992",
      "-9007199254740993",
      "1e21",
      "1e+21",
      "0.1000000000000000055",
      "1e-7000",
    ])
      for (const text of [number, `[${number}]`, `{"a":${number} }`]) expect(problem(text), text).to.equal("inexact-number");
    for (const number of ["0", "-1", "1.5", "1e-7", "9007199254740991", "5e-324"])
      expect(problem(`[${number},"1.0"]`), number).to.equal(undefined);
  });

  it("refuses halves of surrogate pairs", () => {
    for (const text of ['"\\ud800"', '"\\uDC00"', '{"\\ud800":1}', '["\\ud83d","\\ude00"]', '"\ud800"'])
      expect(problem(text)).to.equal("lone-surrogate");
    expect(problem('["\\ud83d\\ude00","😀","\\\\ud800"]')).to.equal(undefined);
  });
});
