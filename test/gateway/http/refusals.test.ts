import { expect } from "chai";
import fc from "fast-check";
import { randomBytes } from "node:crypto";
import { limits } from "../../../gateway/http/limits";
import { type GatewayCode, type ProblemDocument, STATUS } from "../../../gateway/http/problem";
import { AUTHORITY, example, OPERATOR, TRANSPORT } from "../../chaincode/events/world";
import { accessed, type Answer, answerOf, creditCode, registered, type Result, Running } from "../running";

/** An event that must not be taken: its JSON, and why. */
interface Bad {
  readonly what: string;
  readonly json: string | Uint8Array;
  readonly code: GatewayCode;
  readonly pointer?: string;
  readonly party?: string;
}

const text = (event: unknown): string => JSON.stringify(event);
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const without = (name: string): string => text(accessed({ [name]: undefined }));
const fields = Array.from({ length: 500 }, (_, i) => `f${i}`.padEnd(128, "x"));
const pulled = (data: object): string =>
  text(accessed({ type: "suyuan.data.pulled", data: { ...example("data.pulled", OPERATOR).data, ...data } }));
const withBytes = (bytes: number[]): Uint8Array => {
  const json = Buffer.from(text(accessed({}, { purpose: "@@" })));
  const at = json.indexOf("@@");
  return Buffer.concat([json.subarray(0, at), Buffer.from(bytes), json.subarray(at + 2)]);
};

const bad: readonly Bad[] = [
  { what: "malformed JSON", json: '{"specversion":}', code: "malformed-json" },
  { what: "a value that is no JSON", json: "undefined", code: "malformed-json" },
  { what: "bad UTF-8", json: withBytes([0xc3, 0x28]), code: "invalid-utf8" },
  { what: "overlong UTF-8", json: withBytes([0xc0, 0xaf]), code: "invalid-utf8" },
  { what: "half a surrogate pair", json: text(accessed({}, { purpose: "x" })).replace('"x"', '"\\ud800"'), code: "lone-surrogate" },
  { what: "a duplicate key", json: text(accessed()).replace('"id":', '"id":"first","id":'), code: "duplicate-key" },
  {
    what: "a duplicate key spelled differently",
    json: text(accessed()).replace('"id":', '"\\u0069d":"first","id":'),
    code: "duplicate-key",
  },
  { what: "__proto__", json: text(accessed()).replace('"id":', '"__proto__":{},"id":'), code: "prototype-key" },
  { what: "constructor, deep inside", json: text(accessed()).replace('"rows":', '"constructor":1,"rows":'), code: "prototype-key" },
  { what: "an integer beyond 2^53", json: text(accessed()).replace('"rows":120', '"rows":9007199254740993'), code: "inexact-number" },
  { what: "a number in another spelling", json: text(accessed()).replace('"rows":120', '"rows":120.0'), code: "inexact-number" },
  { what: "deep nesting", json: text(accessed()).replace('"rows":120', `"rows":${nested(limits.depth - 1)}`), code: "too-deep" },
  { what: "very deep nesting", json: `{"a":${nested(100_000)}}`, code: "too-deep" },
  { what: "an unknown type", json: text(accessed({ type: "suyuan.data.invented" })), code: "unknown-type", pointer: "/type" },
  { what: "a type that is no text", json: text(accessed({ type: 5 })), code: "schema-invalid", pointer: "/type" },
  { what: "no type", json: without("type"), code: "schema-invalid", pointer: "/type" },
  { what: "no event at all", json: "5", code: "schema-invalid", pointer: "" },
  { what: "null", json: "null", code: "schema-invalid", pointer: "" },
  { what: "a party that is null", json: text(accessed({ party: null })), code: "schema-invalid", pointer: "/party" },
  { what: "a missing attribute", json: without("id"), code: "schema-invalid", pointer: "/id" },
  { what: "another specversion", json: text(accessed({ specversion: "0.3" })), code: "schema-invalid", pointer: "/specversion" },
  { what: "a time without a zone", json: text(accessed({ time: "2026-03-01T08:00:00" })), code: "schema-invalid", pointer: "/time" },
  { what: "an id with a space", json: text(accessed({ id: "a b" })), code: "schema-invalid", pointer: "/id" },
  { what: "an unknown attribute", json: text(accessed({ "a/b~c": 1 })), code: "schema-invalid", pointer: "/a~1b~0c" },
  { what: "a missing field", json: text(accessed({}, { rows: undefined })), code: "schema-invalid", pointer: "/data/rows" },
  { what: "a field of the wrong kind", json: text(accessed({}, { rows: "120" })), code: "schema-invalid", pointer: "/data/rows" },
  { what: "an unknown field", json: text(accessed({}, { extra: 1 })), code: "schema-invalid", pointer: "/data/extra" },
  {
    what: "the gateway's own time",
    json: text(accessed({ recordedtime: "2026-01-01T00:00:00.000Z" })),
    code: "recordedtime-given",
    pointer: "/recordedtime",
  },
  { what: "a foreign party's event", json: text(accessed({ party: TRANSPORT })), code: "foreign-party", pointer: "/party" },
  {
    what: "a type of another role",
    json: text(accessed({ type: "suyuan.resource.approved", data: example("resource.approved", AUTHORITY).data })),
    code: "role-not-allowed",
  },
  { what: "a leaf over the ledger's limit", json: pulled({ fields }), code: "too-large" },
  {
    what: "personal information in an act",
    json: text(registered(creditCode(2), "source", { data: { code: creditCode(2), name: "联系人 13812345678", roles: ["source"] } })),
    code: "personal-information",
    party: AUTHORITY,
  },
];

describe("what intake does not take", function () {
  this.timeout(60_000);
  let gateway: Running;
  before(async () => {
    gateway = await Running.start();
    await gateway.registerParties();
  });
  after(() => gateway.stop());

  /** A problem document, in the language asked for, with both beside it. */
  function expectProblem(document: ProblemDocument, code: GatewayCode, language: "zh" | "en" = "zh"): void {
    expect(document.code).to.equal(code);
    expect(document.status).to.equal(STATUS[code]);
    expect(document.type).to.equal(`urn:suyuan:problem:${code}`);
    expect(document.instance).to.match(/^urn:uuid:/);
    for (const words of [document.zh, document.en]) {
      expect(words.title).to.be.a("string").that.is.not.empty;
      expect(words.detail).to.be.a("string").that.does.not.match(/[{}]/);
      expect(words.next).to.be.a("string").that.is.not.empty;
    }
    expect(document.zh.title).to.match(/\p{Script=Han}/u);
    expect(document.en.title).to.not.match(/\p{Script=Han}/u);
    expect([document.title, document.detail, document.next]).to.deep.equal(Object.values(document[language]));
  }

  function expectRefused(answer: Answer, code: GatewayCode, language: "zh" | "en" = "zh"): void {
    expect(answer.status, answer.text).to.equal(STATUS[code]);
    expect(answer.headers.get("content-type")).to.equal("application/problem+json");
    expect(answer.headers.get("content-language")).to.equal(language);
    expectProblem(answer.body as ProblemDocument, code, language);
  }

  it("an event: each with its own code, in both languages", async () => {
    const before = await gateway.settled();
    for (const { what, json, code, pointer, party } of bad) {
      const answer = await gateway.post(json, party === undefined ? {} : { party });
      expectRefused(answer, code);
      expect((answer.body as ProblemDocument).pointer, what).to.equal(pointer);
    }
    expectRefused(await gateway.post(without("id"), { headers: { "accept-language": "en-GB,en;q=0.9,zh;q=0.1" } }), "schema-invalid", "en");
    expect(await gateway.settled()).to.deep.equal(before);
  });

  const between = (items: readonly Uint8Array[], separator: string): Buffer =>
    Buffer.concat(items.flatMap((item, i) => (i === 0 ? [item] : [Buffer.from(separator), item])));
  const shapes = [
    {
      name: "an array",
      type: "application/json",
      join: (items: readonly Uint8Array[]) => `[${between(items, " , ").toString("latin1")} ]`,
    },
    {
      name: "a CloudEvents batch",
      type: "application/cloudevents-batch+json",
      join: (items: readonly Uint8Array[]) => `[${between(items, ",").toString("latin1")}]`,
    },
    {
      name: "a stream of lines",
      type: "application/x-ndjson",
      join: (items: readonly Uint8Array[]) => between(items, "\n").toString("latin1"),
    },
  ];
  let parties = 10;
  for (const { name, type, join } of shapes) {
    it(`one item of ${name}: it fails alone`, async () => {
      const before = await gateway.settled();
      for (const { what, json, code, party = OPERATOR } of bad) {
        const good = (): Buffer => Buffer.from(text(party === OPERATOR ? accessed() : registered(creditCode(parties++), "source")));
        const body = Buffer.from(join([good(), Buffer.from(json), good()]), "latin1");
        const answer = await gateway.post(body, { type, party });
        expect(answer.status, what).to.equal(200);
        const results = answer.body as Result[];
        expect(
          results.map(({ problem }) => problem?.code),
          what,
        ).to.deep.equal([undefined, code, undefined]);
        expectProblem(results[1]!.problem!, code);
      }
      const acts = bad.filter(({ party }) => party === AUTHORITY).length;
      expect(await gateway.settled()).to.deep.equal({ facts: before.facts + 2 * (bad.length - acts), acts: before.acts + 2 * acts });
    });
  }

  it("a fact's personal information: the text is dropped, its salted hash kept, the fact recorded", async () => {
    const event = accessed({}, { purpose: "张三 手机 13812345678" });
    const { status, body } = await gateway.post(event);
    expect(status).to.equal(202);
    await gateway.settled();
    const { text: stored, body: shown } = await gateway.get(`/v1/events/${(body as Result).leafHash}`);
    expect(stored).to.not.include("13812345678").and.not.include("张三");
    const { purpose } = (shown as { event: { data: { purpose: { withheld: string } } } }).event.data;
    expect(purpose.withheld).to.match(/^[0-9a-f]{64}$/);
    // Salted, so that nobody finds the text by trying; the same for a retry, so that it is the same leaf.
    expect((await gateway.post(event)).body).to.deep.equal(body);
  });

  it("a request as a whole", async () => {
    const cases: readonly [GatewayCode, () => Promise<Answer>][] = [
      ["unsupported-charset", () => gateway.post(accessed(), { type: "application/json; charset=gb18030" })],
      ["unsupported-charset", () => gateway.post(accessed(), { type: "application/cloudevents+json;charset=ISO-8859-1" })],
      ["unsupported-media-type", () => gateway.post(accessed(), { type: "text/plain" })],
      ["unsupported-media-type", () => gateway.post(accessed(), { type: "application/cloudevents+avro" })],
      ["unsupported-media-type", () => gateway.post(accessed(), { type: null })],
      ["unsupported-encoding", () => gateway.post(accessed(), { headers: { "content-encoding": "gzip" } })],
      ["malformed-json", () => gateway.post("")],
      ["malformed-json", () => gateway.post(`[${text(accessed())}`)],
      ["malformed-json", () => gateway.post(`[${text(accessed())}] []`)],
      ["malformed-json", () => gateway.post(`[{"a":"unclosed]`)],
      ["schema-invalid", () => gateway.post([accessed()], { type: "application/cloudevents+json" })],
      ["schema-invalid", () => gateway.post(accessed(), { type: "application/cloudevents-batch+json" })],
      ["too-large", () => gateway.post(Buffer.alloc(limits.bodyBytes + 1, " "))],
      ["too-many-items", () => gateway.post(`[${"0,".repeat(limits.items)}0]`)],
      ["too-many-items", () => gateway.post(`[${"0,".repeat(limits.items)}x]`)],
    ];
    for (const [code, send] of cases) expectRefused(await send(), code);
  });

  it("a body that is too large although its length was not said", async () => {
    const chunk = Buffer.alloc(1024 * 1024, " ");
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i <= limits.bodyBytes / chunk.length; i++) yield await Promise.resolve(chunk);
    }
    const headers = { authorization: `Bearer ${await gateway.token()}`, "content-type": "application/json" };
    const init = { method: "POST", headers, body: chunks(), duplex: "half" } as unknown as RequestInit;
    expectRefused(await answerOf(await fetch(`${gateway.url}/v1/events`, init)), "too-large");
  });

  it("a line that is too long, without the lines around it", async () => {
    const long = text(accessed({}, { purpose: "x".repeat(limits.lineBytes) }));
    const { body } = await gateway.post([text(accessed()), long, text(accessed())].join("\n"), { type: "application/x-ndjson" });
    expect((body as Result[]).map(({ state, problem }) => problem?.code ?? state)).to.deep.equal(["accepted", "too-large", "accepted"]);
  });

  it("an address or a method that does not exist", async () => {
    expectRefused(await gateway.get("/v1/nowhere"), "not-found");
    expectRefused(await gateway.get("/%E0%A4%A"), "not-found");
    const answer = await answerOf(
      await fetch(`${gateway.url}/v1/events`, { method: "DELETE", headers: { authorization: `Bearer ${await gateway.token()}` } }),
    );
    expectRefused(answer, "method-not-allowed");
    expect(answer.headers.get("allow")).to.equal("GET, HEAD, POST");
  });

  it("whatever else comes: it is never the gateway that fails", async () => {
    const valid = Buffer.from(text([accessed(), accessed()]));
    const types = [
      "application/json",
      "application/cloudevents+json",
      "application/cloudevents-batch+json",
      "application/x-ndjson",
      "",
      "application/json;charset",
      ";;",
    ];
    const mutation = fc.record({ at: fc.nat(valid.length - 1), bytes: fc.uint8Array({ maxLength: 4 }), cut: fc.nat(40) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(mutation, { maxLength: 3 }),
        fc.constantFrom(...types),
        fc.string({ maxLength: 20 }),
        async (mutations, type, value) => {
          let body = valid;
          for (const { at, bytes, cut } of mutations) body = Buffer.concat([body.subarray(0, at), bytes, body.subarray(at + cut)]);
          const headers = { "ce-id": encodeURIComponent(value), "accept-language": "fr;q=x,en;;" };
          const { status } = await gateway.post(body, { type, headers: value === "" ? {} : headers });
          expect(status).to.be.lessThan(500);
        },
      ),
      { numRuns: 300 },
    );
    expect((await gateway.post(randomBytes(100_000))).status).to.equal(400);
  });
});
