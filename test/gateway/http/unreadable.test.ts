import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { limits } from "../../../gateway/http/limits";
import { type GatewayCode, type ProblemDocument, STATUS } from "../../../gateway/http/problem";
import { close, listen } from "../../../gateway/http/server";
import { answerUnreadable } from "../../../gateway/http/unreadable";
import { accessed, Running } from "../running";

interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

describe("what Node itself cannot read as a request", function () {
  this.timeout(60_000);
  let gateway: Running;
  let authorization: string;
  before(async () => {
    gateway = await Running.start();
    authorization = `Authorization: Bearer ${await gateway.token()}`;
  });
  after(() => gateway.stop());

  const say = (...parts: readonly (string | Buffer)[]): Promise<readonly Answer[]> => sayTo(gateway.url, ...parts);

  /** Writes to a connection, and reads until the other side has said all. */
  function sayTo(url: string, ...parts: readonly (string | Buffer)[]): Promise<readonly Answer[]> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      let text = "";
      const socket = connect(Number(port), hostname, () => parts.forEach((part) => socket.write(part)));
      socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      socket.on("end", () => resolve(answersIn(text))).on("error", reject);
    });
  }

  function answersIn(text: string): Answer[] {
    const answers: Answer[] = [];
    for (let rest = Buffer.from(text); rest.length > 0;) {
      const start = rest.indexOf("\r\n\r\n") + 4;
      const head = rest.subarray(0, start).toString();
      const end = start + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      answers.push({ status: Number(head.split(" ")[1]), head, body: rest.subarray(start, end).toString() });
      rest = rest.subarray(end);
    }
    return answers;
  }

  function expectProblem(answer: Answer | undefined, code: GatewayCode): void {
    expect(answer?.status).to.equal(STATUS[code]);
    expect(answer?.head).to.match(/content-type: application\/problem\+json\r\n/i);
    const { zh, en, ...document } = JSON.parse(answer?.body ?? "") as ProblemDocument;
    expect(document).to.include({ code, status: STATUS[code], type: `urn:suyuan:problem:${code}`, title: zh.title });
    for (const words of [zh, en]) expect(words.detail).to.not.match(/[{}]/);
  }

  const cases: readonly (readonly [what: string, code: GatewayCode, parts: readonly (string | Buffer)[]])[] = [
    ["a line that is no request", "malformed-request", ["what is this?\r\n\r\n"]],
    ["the first bytes of TLS", "malformed-request", [Buffer.from("16030100a5010000a10303", "hex")]],
    ["HTTP/2 without having asked", "malformed-request", ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]],
    ["an unknown method", "malformed-request", ["GRAB /v1/stats HTTP/1.1\r\nHost: x\r\n\r\n"]],
    ["a header without a colon", "malformed-request", ["GET /healthz HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n"]],
    ["no host", "malformed-request", ["GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"]],
    [
      "two lengths of a body",
      "malformed-request",
      ["POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"],
    ],
    ["headers over the limit", "headers-too-large", [`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(limits.headerBytes)}\r\n\r\n`]],
    ["headers far over it", "headers-too-large", [`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(1024 * 1024)}\r\n\r\n`]],
    ["an address over the limit", "headers-too-large", [`GET /${"x".repeat(limits.headerBytes)} HTTP/1.1\r\nHost: x\r\n\r\n`]],
  ];
  for (const [what, code, parts] of cases) {
    it(`${what}: ${code}`, async () => {
      const answers = await say(...parts);
      expect(answers).to.have.length(1);
      expectProblem(answers[0], code);
    });
  }

  it("a body whose chunks are none, of whatever request", async () => {
    const type = "Content-Type: application/json";
    for (const line of ["POST /v1/events", "GET /v1/stats"]) {
      const head = `${line} HTTP/1.1\r\nHost: x\r\n${authorization}\r\n${type}\r\nTransfer-Encoding: chunked\r\n\r\n`;
      const answers = await say(head, "zz\r\n");
      expectProblem(answers.at(-1), "malformed-request");
    }
  });

  it("what comes behind a request: the request is answered first", async () => {
    const answers = await say(`GET /v1/stats HTTP/1.1\r\nHost: x\r\n${authorization}\r\n\r\nwhat is this?\r\n\r\n`);
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 400]);
    expectProblem(answers[1], "malformed-request");
  });

  it("a stream that breaks off into something else: it ends, with no second head in the middle", async () => {
    const line = JSON.stringify(accessed());
    const chunk = `${(Buffer.byteLength(line) + 1).toString(16)}\r\n${line}\n\r\n`;
    const { hostname, port } = new URL(gateway.url);
    const text = await new Promise<string>((resolve) => {
      let read = "";
      const socket = connect(Number(port), hostname);
      const head = `POST /v1/events HTTP/1.1\r\nHost: x\r\n${authorization}\r\nContent-Type: application/x-ndjson`;
      socket.write(`${head}\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`);
      socket.setEncoding("utf8").on("data", (data: string) => {
        read += data;
        if (read.includes('"accepted"')) socket.write("zz\r\n");
      });
      socket.on("error", () => undefined).on("close", () => resolve(read));
    });
    expect(text.match(/HTTP\/1\.1/g)).to.have.length(1);
    expect(text).to.not.include("malformed-request");
  });

  it("a request that does not come to its end", async () => {
    const server = createServer({ headersTimeout: 50, connectionsCheckingInterval: 10 });
    answerUnreadable(server);
    const url = `http://${await listen(server, 0, "127.0.0.1")}`;
    try {
      const answers = await sayTo(url, "GET /healthz HTTP/1.1\r\nHost: x\r\n");
      expectProblem(answers[0], "request-timeout");
    } finally {
      await close(server);
    }
  });

  it("an expectation nobody knows is passed over", async () => {
    const [answer] = await say("GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nConnection: close\r\n\r\n");
    expect(answer).to.deep.include({ status: 200, body: '{"status":"alive"}' });
  });

  it("nothing of it is a failure of the gateway", async () => {
    expect((await gateway.get("/healthz")).status).to.equal(200);
    expect(await readFile(join(gateway.data, "gateway.log"), "utf8")).to.equal("");
  });
});
