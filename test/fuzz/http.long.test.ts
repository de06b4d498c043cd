import { expect } from "chai";
import { setTimeout as sleep } from "node:timers/promises";
import { OPERATOR } from "../chaincode/events/world";
import { accessed } from "../gateway/running";
import type { Told } from "../scripts/story";
import { mutatedOften } from "./bytes";
import { cases, type Chance, many } from "./chance";
import { Fuzzed, GONE } from "./fuzzed";
import { request, type Wire, type WireAnswer } from "./wire";

/** How long a connection is listened to of which nobody can say what it asks. */
const SILENCE_MS = 300;
describe("whatever comes over a connection", function () {
  this.timeout(1800_000);

  it("is answered in its order if it is HTTP, and otherwise refused; what was cut off is not stored", () =>
    Fuzzed.during(async (gateway) => {
      const seen = new Map<string, number>();
      await cases("http", many(3000, 400), 16, async (chance, number) => {
        const kind = chance.pick([...KINDS.keys()]);
        const wire = await gateway.open();
        try {
          for (const { status } of await KINDS.get(kind)!({ gateway, wire, chance, number })) {
            const name = `${kind} ${status}`;
            seen.set(name, (seen.get(name) ?? 0) + 1);
          }
        } finally {
          wire.destroy();
        }
      });
      process.stdout.write(`      ${[...seen].map(([name, n]) => `${name}: ${n}`).join(", ")}\n`);
      for (const kind of ["whole", "pipelined", "bent"]) expect([...seen.keys()].join(), kind).to.include(kind);
    }));
});

interface Case {
  readonly gateway: Fuzzed;
  readonly wire: Wire;
  readonly chance: Chance;
  readonly number: number;
}

const KINDS: ReadonlyMap<string, (it: Case) => Promise<readonly WireAnswer[]>> = new Map([
  ["whole", whole],
  ["pipelined", pipelined],
  ["cut", cut],
  ["bent", bent],
  ["gone", gone],
  ["garbage", garbage],
]);

/** A request as it may be written: in pieces, slowly, in chunks with extensions and trailers. */
async function whole({ gateway, wire, chance, number }: Case): Promise<readonly WireAnswer[]> {
  const bytes = reported(gateway, chance, `whole-${number}`);
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + chance.below(chance.odds(0.1) ? 8 : 700);
    wire.write(bytes.subarray(at, end));
    at = end;
    if (chance.odds(0.3)) await sleep(chance.below(8));
  }
  return [await accepted(gateway, wire, `whole-${number}`)];
}

/** Several at once: each answer says whose it is. */
async function pipelined({ gateway, wire, chance, number }: Case): Promise<readonly WireAnswer[]> {
  const ids = Array.from({ length: 2 + chance.below(8) }, (_, i) => (chance.odds(0.2) ? undefined : `piped-${number}-${i}`));
  wire.write(
    Buffer.concat(
      ids.map((id) => (id === undefined ? request("GET", "/v1/nowhere", gateway.authorization(OPERATOR)) : reported(gateway, chance, id))),
    ),
  );
  const answers: WireAnswer[] = [];
  for (const id of ids) {
    if (id !== undefined) answers.push(await accepted(gateway, wire, id));
    else {
      const answer = (await wire.answer())!;
      expect(gateway.checkProblem(answer)).to.equal("not-found");
      answers.push(answer);
    }
  }
  return answers;
}

/** Ends before it is complete, often where its event already is. */
async function cut({ gateway, wire, chance, number }: Case): Promise<readonly WireAnswer[]> {
  const bytes = reported(gateway, chance, `cut-${number}`, " ".repeat(50));
  wire.write(bytes.subarray(0, bytes.length - 1 - chance.below(chance.odds(0.5) ? 20 : bytes.length)));
  if (chance.odds(0.5)) return [];
  wire.finish();
  return rest(gateway, wire);
}

/** A head with something strange in it. */
async function bent({ gateway, wire, chance, number }: Case): Promise<readonly WireAnswer[]> {
  const bytes = reported(gateway, chance, `${GONE}bent-${number}`);
  const end = bytes.indexOf("\r\n\r\n");
  const head = bytes.subarray(0, end);
  const strange = Buffer.from(`\r\n${chance.pick(STRANGE)}`, "latin1");
  const changed = chance.odds(0.5) ? mutatedOften(head, chance) : Buffer.concat([head, strange]);
  wire.write(Buffer.concat([changed, bytes.subarray(end), request("GET", "/healthz", { Connection: "close" })]));
  return rest(gateway, wire);
}

/** Sent, and nobody waits for the answer. */
function gone({ gateway, wire, chance, number }: Case): Promise<readonly WireAnswer[]> {
  wire.write(reported(gateway, chance, `${GONE}${number}`));
  if (chance.odds(0.5)) wire.finish();
  return Promise.resolve([]);
}

async function garbage({ gateway, wire, chance }: Case): Promise<readonly WireAnswer[]> {
  const start = Buffer.from(chance.pick(GARBAGE), "latin1");
  wire.write(chance.odds(0.5) ? start : Buffer.concat([start, chance.bytes(chance.below(2000))]));
  return rest(gateway, wire);
}

const STRANGE = [
  ...["Content-Length: 5", "Content-Length: -1", "Content-Length: +7", "Content-Length: 0x10", "Content-Length: 99999999999999999999"],
  ...["Content-Length: 9000000", "Content-Length: 1, 1", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked"],
  ...["Transfer-Encoding: identity", "Transfer-Encoding : chunked", "Transfer-Encoding: \x0bchunked", "TE: trailers", "Expect: more"],
  ...["Expect: 100-continue", "Upgrade: websocket\r\nConnection: Upgrade", "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings"],
  ...["Connection: close", "Connection: keep-alive, close", "Host: elsewhere", "Host:", "X: a\r\n folded", "X: \x00", ": nameless"],
  ...["Na me: x", "X\x01: y", `X: ${"x".repeat(20_000)}`, `X: ${"x".repeat(40_000)}`, "a: b\r\n".repeat(3000).trimEnd()],
  ...[
    "Authorization: Bearer x",
    "Authorization: Basic dTpw",
    "Content-Type: text/plain",
    "Content-Encoding: br",
    "ce-id: %",
    "ce-id: \xff",
  ],
  ...[
    "ce-__proto__: x",
    "ce-data: {}",
    "ce-type: suyuan.data.pulled",
    "ce-specversion: 1.0",
    "Accept-Language: \xe4\xb8\xad",
    "Range: bytes=0-1",
  ],
  ...["X-HTTP-Method-Override: DELETE", "Forwarded: for=_x", "__proto__: x", "constructor: y", "Cookie: a", "If-None-Match: *"],
];

const GARBAGE = [
  ...["", "\r\n", "\r\n\r\n", "GET", "GET / HTTP/1.1", "GET / HTTP/1.1\r\n\r\n", "GET /healthz HTTP/1.0\r\n\r\n", "GET /healthz\r\n"],
  ...[
    "GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n",
    "get /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /v1/events HTTP/1.1\r\nHost: x\r\n\r\n",
  ],
  ...[
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "SSH-2.0-x\r\n",
    "\x00".repeat(100),
    "\xff".repeat(100),
  ],
  ...[
    "CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n",
  ],
  ...[
    "GET //healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET ?x HTTP/1.1\r\nHost: x\r\n\r\n",
  ],
  ...[
    "GET /v1/search?q=\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    `GET /${"a".repeat(31_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    "PURGE / HTTP/1.1\r\nHost: x\r\n\r\n",
  ],
];

/** A report of one fact that is complete and well written, its length said or in chunks. */
function reported(gateway: Fuzzed, chance: Chance, id: string, after = ""): Buffer {
  const body = Buffer.from(JSON.stringify(accessed({ id })) + after);
  const headers = {
    ...gateway.authorization(OPERATOR),
    "CONTENT-type": "application/json",
    ...(chance.odds(0.2) ? { "X-Any": "\t \xe9" } : {}),
  };
  if (chance.odds(0.5)) return request("POST", "/v1/events", headers, body);
  const lines = Object.entries({ Host: "gateway", ...headers, "Transfer-Encoding": "chunked" }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const chunks: Buffer[] = [Buffer.from(`POST /v1/events HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1")];
  for (let at = 0; at < body.length;) {
    const chunk = body.subarray(at, at + 1 + chance.below(200));
    at += chunk.length;
    const extension = chance.odds(0.1) ? ';a="b"' : "";
    chunks.push(Buffer.from(`${chance.odds(0.1) ? "0" : ""}${chunk.length.toString(16)}${extension}\r\n`), chunk, Buffer.from("\r\n"));
  }
  return Buffer.concat([...chunks, Buffer.from(chance.odds(0.2) ? "0\r\nX-Trailer: x\r\n\r\n" : "0\r\n\r\n")]);
}

async function accepted(gateway: Fuzzed, wire: Wire, id: string): Promise<WireAnswer> {
  const answer = await wire.answer();
  expect(answer?.status, `${id}: ${answer?.body.toString("utf8") ?? "no answer"}`).to.equal(202);
  const result = JSON.parse(answer!.body.toString("utf8")) as Told & { readonly id: string };
  expect(result.id).to.equal(id);
  gateway.acknowledge(result);
  return answer!;
}

/** All that is still answered, until the connection ends or has been silent for a while: each is sound. */
async function rest(gateway: Fuzzed, wire: Wire): Promise<readonly WireAnswer[]> {
  const silence = setTimeout(() => wire.destroy(), SILENCE_MS);
  const answers: WireAnswer[] = [];
  for (let answer = await wire.answer(); answer !== undefined; answer = await wire.answer()) {
    const { status, body } = answer;
    answers.push(answer);
    if (status >= 400) gateway.checkProblem(answer);
    else if (status === 201 || status === 202) gateway.acknowledge(JSON.parse(body.toString("utf8")) as Told);
  }
  clearTimeout(silence);
  return answers;
}
