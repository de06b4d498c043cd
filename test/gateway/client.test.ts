import { expect } from "chai";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SuyuanClient, SuyuanError } from "../../gateway/client";
import { AUTHORITY, example, FLIGHTS, OPERATOR } from "../chaincode/events/world";
import { accessed, creditCode, registered, Running } from "./running";

const fact = (): { type: string; data: unknown } => ({ type: "suyuan.data.accessed", data: accessed()["data"] });
const act = (number: number): { type: string; data: unknown } => ({
  type: "suyuan.party.registered",
  data: registered(creditCode(number), "source")["data"],
});

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "done";
  } catch (error) {
    if (error instanceof SuyuanError) return error.code;
    throw error;
  }
}

describe("the SDK", function () {
  this.timeout(60_000);
  let gateway: Running;
  let client: SuyuanClient;
  const of = (party: string): SuyuanClient =>
    new SuyuanClient({ url: gateway.url, token: () => gateway.token(party), source: "//sdk.example" });

  before(async () => {
    gateway = await Running.start();
    await gateway.registerParties();
    client = of(OPERATOR);
  });
  after(() => gateway.stop());

  it("reports an event, filling in what is left out", async () => {
    const recorded = await client.record(fact());
    expect(recorded).to.include({ state: "accepted", source: "//sdk.example", journal: "SuyuanMSP/facts" });
    expect(recorded.id).to.match(/^[0-9a-f-]{36}$/);
    await client.waitAnchored(recorded.leafHash!);
    expect(await client.event(recorded.leafHash!)).to.include({ state: "anchored" });
    expect(JSON.parse(await client.receipt(recorded.leafHash!))).to.include({ format: "suyuan-receipt/1" });
  });

  it("keeps what is given: the same id again is the same event", async () => {
    const event = { ...fact(), id: "given", source: "//own.example", time: new Date().toISOString(), subject: "s" };
    const first = await client.record(event);
    expect(first).to.include({ id: "given", source: "//own.example" });
    expect(await client.record(event)).to.deep.equal(first);
  });

  it("reports many, in requests of what fits, and answers in order", async () => {
    const events = Array.from({ length: 450 }, (_, i) => ({ ...fact(), id: `many-${i}` }));
    const recorded = await client.recordAll(events);
    expect(recorded.map(({ id }) => id)).to.deep.equal(events.map(({ id }) => id));
    expect(await client.recordAll([])).to.deep.equal([]);
  });

  it("tells what is refused: one by its code, among many by its result", async () => {
    const approval = { type: "suyuan.resource.approved", data: { resource: "flights" } };
    expect(await codeOf(client.record(approval))).to.equal("role-not-allowed");
    const authority = of(AUTHORITY);
    await authority.record(act(1));
    const error = await authority.record(act(1)).catch((it: unknown) => it as SuyuanError);
    expect(error).to.be.instanceOf(SuyuanError).and.to.have.nested.property("problem.type", "urn:suyuan:rule:party-exists");
    const results = await authority.recordAll([act(2), act(1)]);
    expect(results.map(({ state, problem }) => problem?.code ?? state)).to.deep.equal(["anchored", "party-exists"]);
    expect(await codeOf(new SuyuanClient({ url: gateway.url, token: "x.y.z" }).record(fact()))).to.equal("token-invalid");
    expect(await codeOf(client.event("0".repeat(64)))).to.equal("not-found");
  });

  it("traces", async () => {
    const { data } = example("data.pulled", OPERATOR);
    const pulled = await client.record({ type: "suyuan.data.pulled", data });
    await client.waitAnchored(pulled.leafHash!);
    const name = `${pulled.journal!}/${pulled.index!}/0`;
    expect(JSON.stringify(await client.trace("holding", name, { direction: "sources", depth: 2 }))).to.include(FLIGHTS);
    expect(await codeOf(client.trace("holding", "SuyuanMSP/facts/999999/0"))).to.equal("not-found");
  });

  describe("repeats what it is unsure of, with the same ids", () => {
    let server: Server;
    /** Bodies of the requests seen. */
    let bodies: string[];
    const unsure = async (answers: readonly RequestListener[]): Promise<SuyuanClient> => {
      bodies = [];
      server = createServer((request, response) => {
        let body = "";
        request.setEncoding("utf8").on("data", (text: string) => (body += text));
        request.on("end", () => {
          bodies.push(body);
          answers[Math.min(bodies.length, answers.length) - 1]!(request, response);
        });
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return new SuyuanClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: "t", patience: 500 });
    };
    afterEach(() => {
      server.close();
      server.closeAllConnections();
    });
    const answer =
      (status: number, of: (events: readonly { id: string }[]) => unknown, headers = {}): RequestListener =>
      (_, response) => {
        const events = JSON.parse(bodies.at(-1)!) as { id: string }[];
        response.writeHead(status, { "content-type": status === 200 ? "application/json" : "application/problem+json", ...headers });
        response.end(JSON.stringify(of(events)));
      };
    const anchored = answer(200, (events) => events.map(({ id }) => ({ id, state: "anchored" })));

    it("after 503, 429 and a connection that broke", async () => {
      const unsureClient = await unsure([
        answer(503, () => ({ code: "outbox-full" }), { "retry-after": "0" }),
        answer(429, () => ({ code: "slow-down" })),
        (request) => request.socket.destroy(),
        (_, response) => response.writeHead(200, { "content-length": 100 }).write("[", () => response.destroy()),
        anchored,
      ]);
      expect(await unsureClient.record(fact())).to.include({ state: "anchored" });
      expect(bodies).to.have.lengthOf(5);
      expect(new Set(bodies).size).to.equal(1);
    });

    it("only the events that are pending or may go on later", async () => {
      const states = [
        { state: "anchored" },
        { state: "pending" },
        { state: "refused", problem: { status: 503, code: "outbox-full" } },
        { state: "refused", problem: { status: 409, code: "party-exists" } },
      ];
      const unsureClient = await unsure([answer(200, (events) => events.map(({ id }, i) => ({ id, ...states[i] }))), anchored]);
      const results = await unsureClient.recordAll(["a", "b", "c", "d"].map((id) => ({ ...fact(), id })));
      expect(results.map(({ id, state }) => `${id} ${state}`)).to.deep.equal(["a anchored", "b anchored", "c anchored", "d refused"]);
      expect((JSON.parse(bodies[1]!) as { id: string }[]).map(({ id }) => id)).to.deep.equal(["b", "c"]);
    });

    it("until its patience ends", async () => {
      const unsureClient = await unsure([answer(503, () => ({ code: "ledger-unavailable", detail: "" }))]);
      const began = Date.now();
      expect(await codeOf(unsureClient.record(fact()))).to.equal("ledger-unavailable");
      expect(Date.now() - began).to.be.within(450, 3000);
      server.close();
      server.closeAllConnections();
      expect(await codeOf(unsureClient.record(fact()))).to.equal("unreachable");
    });

    it("not what is refused for good", async () => {
      const unsureClient = await unsure([answer(401, () => ({ code: "token-expired", detail: "" }))]);
      expect(await codeOf(unsureClient.record(fact()))).to.equal("token-expired");
      expect(bodies).to.have.lengthOf(1);
    });
  });
});
