import { expect } from "chai";
import fc from "fast-check";
import { Failure } from "../../scripts/failure";
import { batches, items, MAX_ITEM_BYTES } from "../../scripts/items";

/** The input in pieces of so many bytes. */
async function* pieces(text: string, length = 7): AsyncGenerator<Buffer, void> {
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i += length) yield await Promise.resolve(bytes.subarray(i, i + length));
}

async function split(text: string, length?: number): Promise<string[]> {
  const found: string[] = [];
  for await (const item of items(pieces(text, length), "events")) found.push(item.toString());
  return found;
}

async function failure(text: string): Promise<string> {
  try {
    await split(text);
  } catch (error) {
    if (error instanceof Failure) return error.code;
    throw error;
  }
  throw new Error("it was read");
}

describe("items of a JSON input", () => {
  it("are the elements of an array, in whatever pieces it comes", async () => {
    const events = fc.array(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(events, fc.integer({ min: 1, max: 40 }), fc.constantFrom(undefined, 2), async (given, length, indent) => {
        const found = await split(JSON.stringify(given, null, indent), length);
        expect(found.map((item) => JSON.parse(item) as unknown)).to.deep.equal(JSON.parse(JSON.stringify(given)));
        expect(found.join("")).not.to.match(/[\r\n]/);
      }),
      { numRuns: 200 },
    );
  });

  it("are the lines of NDJSON, byte for byte, a broken one among them", async () => {
    expect(await split('{"a":1,"a":2}\r\n\n{"b":\n {"c": 3} \n')).to.deep.equal(['{"a":1,"a":2}', '{"b":', '{"c": 3}']);
  });

  it("are one where the document is one, over several lines or on one without its end", async () => {
    expect((await split('{\n  "a": [1,\r\n 2]\n}\n')).map((item) => JSON.parse(item) as unknown)).to.deep.equal([{ a: [1, 2] }]);
    expect(await split('{"a":1}')).to.deep.equal(['{"a":1}']);
  });

  it("may follow a byte order mark and be none", async () => {
    expect(await split('\ufeff[{"a":1}]')).to.deep.equal(['{"a":1}']);
    for (const nothing of ["", " \n", "\ufeff", "[]", "[ ]\n"]) expect(await split(nothing)).to.deep.equal([]);
  });

  it("leave a line feed inside a string what it is: an error", async () => {
    const [item] = await split('[{"a":"x\ny"}]');
    expect(() => JSON.parse(item!) as unknown).to.throw(SyntaxError);
  });

  it("are not taken from an array that is cut off or broken between its elements", async () => {
    for (const broken of ['[{"a":1},', '[{"a":1}', '[{"a":1},]', '[,{"a":1}]', '[{"a":1}] x', '[{"a":"1}]'])
      expect(await failure(broken), broken).to.equal("not-json");
  });

  it("have a length that can be kept in memory", async () => {
    expect(await failure(`["${"x".repeat(MAX_ITEM_BYTES)}"]`)).to.equal("item-too-large");
    expect(await failure(`{"a":"${"x".repeat(MAX_ITEM_BYTES)}"}`)).to.equal("item-too-large");
  });
});

describe("batches of items", () => {
  const one = Buffer.from("12345");

  async function sizes(source: AsyncGenerator<Buffer, void>, most: { items: number; bytes: number }): Promise<number[]> {
    const found: number[] = [];
    for await (const batch of batches(source, most)) found.push(batch.length);
    return found;
  }

  async function* waiting(count: number): AsyncGenerator<Buffer, void> {
    for (let i = 0; i < count; i++) yield await Promise.resolve(one);
  }

  it("hold as many as the bounds allow", async () => {
    expect(await sizes(waiting(7), { items: 3, bytes: 100 })).to.deep.equal([3, 3, 1]);
    expect(await sizes(waiting(5), { items: 100, bytes: 11 })).to.deep.equal([2, 2, 1]);
    expect(await sizes(waiting(2), { items: 100, bytes: 1 })).to.deep.equal([1, 1]);
    expect(await sizes(waiting(0), { items: 3, bytes: 100 })).to.deep.equal([]);
  });

  it("do not wait for what has not come", async () => {
    async function* trickling(): AsyncGenerator<Buffer, void> {
      yield one;
      await new Promise((resolve) => setTimeout(resolve, 20));
      yield one;
    }
    expect(await sizes(trickling(), { items: 3, bytes: 100 })).to.deep.equal([1, 1]);
  });

  it("pass on what came before an error", async () => {
    async function* failing(): AsyncGenerator<Buffer, void> {
      yield await Promise.resolve(one);
      throw new Failure("not-json", { file: "events" });
    }
    const found: number[] = [];
    const read = async (): Promise<void> => {
      for await (const batch of batches(failing(), { items: 3, bytes: 100 })) found.push(batch.length);
    };
    const error: unknown = await read().catch((caught: unknown) => caught);
    expect(found).to.deep.equal([1]);
    expect(error).to.have.property("code", "not-json");
  });
});
