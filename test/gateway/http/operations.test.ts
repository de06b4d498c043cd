import { expect } from "chai";
import { readFile, stat } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { issueToken } from "../../../gateway/keys";
import { accessed, answerOf, Running } from "../running";

describe("running a gateway", function () {
  this.timeout(60_000);
  let gateway: Running;
  beforeEach(async () => (gateway = await Running.start()));
  afterEach(() => gateway.stop());

  const open = async (path: string): Promise<Awaited<ReturnType<typeof answerOf>>> => answerOf(await fetch(gateway.url + path));

  /** What the gateway has to tell its administrator. */
  const log = (): Promise<string> => readFile(join(gateway.data, "gateway.log"), "utf8");

  it("says without a token whether it lives and takes events", async () => {
    expect(await open("/healthz")).to.have.property("status", 200);
    const { status, body } = await open("/readyz");
    expect(status).to.equal(200);
    expect(body).to.deep.equal({ status: "ready", ledger: "reached", outbox: { facts: 0, bytes: 0 } });
  });

  it("counts, in the text format of Prometheus", async () => {
    await gateway.post([accessed(), accessed()]);
    await gateway.post(accessed({ type: "suyuan.data.invented" }));
    await gateway.settled();
    const { headers, text } = await open("/metrics");
    expect(headers.get("content-type")).to.match(/^text\/plain; version=0\.0\.4/);
    for (const line of text.trimEnd().split("\n"))
      expect(line).to.match(/^(?:|# (?:HELP|TYPE) \S+ .+|[a-z_0-9]+(?:\{[^}]+\})? (?:[\d.e+-]+|Nan))$/);
    const value = (sample: string): number =>
      Number(
        text
          .split("\n")
          .find((line) => line.startsWith(`${sample} `))
          ?.split(" ")[1],
      );
    expect(value('suyuan_events_total{state="accepted"}')).to.equal(2);
    expect(value('suyuan_events_total{state="refused",code="unknown-type"}')).to.equal(1);
    expect(value("suyuan_acknowledgement_seconds_count")).to.equal(2);
    expect(value('suyuan_acknowledgement_seconds_bucket{le="+Inf"}')).to.equal(2);
    for (const stage of ["accepted", "anchored", "projected"])
      expect(value(`suyuan_journal_${stage}{journal="SuyuanMSP/facts"}`)).to.equal(2);
    expect(value("suyuan_outbox_facts")).to.equal(0);
  });

  it("asks for a token, and says when it has expired", async () => {
    const post = async (headers: Record<string, string>): Promise<Awaited<ReturnType<typeof answerOf>>> =>
      answerOf(
        await fetch(`${gateway.url}/v1/events`, {
          method: "POST",
          body: "{}",
          headers: { "content-type": "application/json", ...headers },
        }),
      );
    const missing = await post({});
    expect(missing).to.have.nested.property("body.code", "token-missing");
    expect(missing.status).to.equal(401);
    expect(missing.headers.get("www-authenticate")).to.match(/^Bearer/);
    const expired = await issueToken(gateway.data, { party: "91990000MA1A00024N", roles: ["platform"], seconds: -1 });
    expect(await post({ authorization: `Bearer ${expired}` })).to.have.nested.property("body.code", "token-expired");
  });

  it("keeps its keys to itself", async () => {
    for (const file of ["facts.key", "acts.key", "withholding.key", "issuer.key.json"]) {
      expect((await stat(join(gateway.data, "keys", file))).mode & 0o777, file).to.equal(0o600);
    }
    expect((await stat(join(gateway.data, "keys"))).mode & 0o777).to.equal(0o700);
    expect(await readFile(join(gateway.data, "keys", "issuer.jwks.json"), "utf8")).to.not.include('"d"');
  });

  it("goes on after a restart: same keys, same trust, same journal, earlier tokens good", async () => {
    const trust = await readFile(join(gateway.data, "trust.json"), "utf8");
    const { body: first } = await gateway.post(accessed());
    await gateway.restart();
    const { body: second } = await gateway.post(accessed());
    expect([first, second].map((it) => (it as { index: number }).index)).to.deep.equal([0, 1]);
    expect(await readFile(join(gateway.data, "trust.json"), "utf8")).to.equal(trust);
  });

  it("finishes what is under way when it is told to stop, and takes nothing new", async () => {
    const posts = Array.from({ length: 20 }, () => gateway.post(Array.from({ length: 50 }, () => accessed())));
    await Promise.race(posts);
    const restarted = gateway.restart();
    const answers = await Promise.allSettled(posts);
    await restarted;
    const accepted = answers.flatMap((it) =>
      it.status === "fulfilled" && it.value.status === 200 ? (it.value.body as { state: string }[]) : [],
    );
    const count = accepted.filter(({ state }) => state === "accepted").length;
    expect(count).to.be.greaterThan(0);
    expect((await gateway.settled()).facts).to.equal(count);
    expect(await log()).to.equal("");
  });

  it("is not disturbed by a sender that goes away in the middle", async () => {
    const { hostname, port } = new URL(gateway.url);
    const token = await gateway.token();
    for (const type of ["application/json", "application/x-ndjson"]) {
      const socket = connect(Number(port), hostname);
      socket.write(
        `POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: ${type}\r\nContent-Length: 1000\r\n\r\n{"a":`,
      );
      await new Promise((resolve) => setTimeout(resolve, 30));
      socket.destroy();
    }
    expect((await gateway.post(accessed())).status).to.equal(202);
    expect((await gateway.settled()).facts).to.equal(1);
    expect(await log()).to.equal("");
  });
});
