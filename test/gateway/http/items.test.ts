import { expect } from "chai";
import fc from "fast-check";
import { Readable } from "node:stream";
import type { IncomingMessage } from "node:http";
import { readLines } from "../../../gateway/http/body";
import { readItems } from "../../../gateway/http/items";

/** Values whose numbers are exact and whose keys are harmless: any of them is a good item. */
const { value: good } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-z,\]"\\]{1,5}$/), tie("value"), { maxKeys: 3 }),
  ),
}));
const blank = fc.stringMatching(/^[ \t\r\n]{0,2}$/);

describe("an array of items", () => {
  it("reads the same whether as a whole or, because of one bad item, cut apart", () => {
    const items = fc.array(fc.tuple(blank, good, blank), { maxLength: 6 });
    fc.assert(
      fc.property(items, fc.nat(6), (parts, at) => {
        const json = parts.map(([before, value, after]) => before + JSON.stringify(value) + after);
        const values = (texts: readonly string[]): unknown[] =>
          readItems(Buffer.from(` [${texts.join(",")}]\n`)).map(({ value, problem }) => problem?.code ?? value);
        const expected = parts.map(([, value]) => JSON.parse(JSON.stringify(value)) as unknown);
        expect(values(json)).to.deep.equal(expected);
        const bad = json.toSpliced(at, 0, '{"same":1,"same":2}');
        expect(values(bad)).to.deep.equal(expected.toSpliced(at, 0, "duplicate-key"));
      }),
    );
  });

  it("tells an item that is cut off from an array that is", () => {
    const codes = (json: string): (string | undefined)[] => readItems(Buffer.from(json)).map(({ problem }) => problem?.code);
    expect(codes('[1,{"a":},[2]]')).to.deep.equal([undefined, "malformed-json", undefined]);
    expect(codes("[1,,2]")).to.deep.equal([undefined, "malformed-json", undefined]);
    expect(codes("[1,]")).to.deep.equal([undefined, "malformed-json"]);
    for (const json of ["[", "[1", '["a]', "[1}", "[1]]", "1", "", "[1] 2"]) expect(() => codes(json), json).to.throw();
  });
});

describe("lines of a stream", () => {
  const LIMIT = 20;

  /** Bytes in chunks cut at any place. */
  async function lines(bytes: Buffer, cuts: readonly number[]): Promise<(string | undefined)[]> {
    const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
    const chunks = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
    const request = Readable.from(chunks.filter(({ length }) => length > 0)) as unknown as IncomingMessage;
    const found: (string | undefined)[] = [];
    for await (const some of readLines(request, LIMIT)) found.push(...some.map((line) => line?.toString("utf8")));
    return found;
  }

  it("are the same however the network cuts them; empty ones are passed over, too long ones marked", async () => {
    const line = fc
      .oneof(fc.string({ maxLength: 12 }), fc.constant(""), fc.constant("x".repeat(30)), fc.constant(" \r"))
      .map((it) => it.replaceAll("\n", ""));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), fc.boolean(), fc.array(fc.nat(), { maxLength: 6 }), async (sent, ended, cuts) => {
        const expected = sent
          .map((it) => Buffer.from(it))
          .filter((it) => it.some((byte) => ![0x20, 0x09, 0x0d].includes(byte)))
          .map((it) => (it.length > LIMIT ? undefined : it.toString("utf8")));
        expect(await lines(Buffer.from(sent.join("\n") + (ended ? "\n" : "")), cuts)).to.deep.equal(expected);
      }),
    );
  });
});
