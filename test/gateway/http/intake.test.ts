import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseVerifierKey } from "../../../gateway/evidence/note-key";
import { verifyPromise } from "../../../gateway/evidence/promise";
import { parseTrust } from "../../../gateway/evidence/trust";
import { canonicalText } from "../../../chaincode/proof/canonical";
import { leafHash } from "../../../chaincode/proof/rfc6962";
import { toHex } from "../../../chaincode/proof/bytes";
import { AUTHORITY, example, OPERATOR } from "../../chaincode/events/world";
import { accessed, creditCode, registered, type Result, Running } from "../running";

describe("what intake answers", function () {
  this.timeout(60_000);
  let gateway: Running;
  let parties = 0;
  const act = (): Record<string, unknown> => registered(creditCode(parties++), "source");

  before(async () => {
    gateway = await Running.start();
    await gateway.registerParties();
  });
  after(() => gateway.stop());

  /** The leaf as it stands on the ledger. */
  async function recorded({ leafHash }: Result): Promise<Record<string, unknown>> {
    await gateway.settled();
    const { status, body } = await gateway.get(`/v1/events/${leafHash}`, AUTHORITY);
    expect(status).to.equal(200);
    return (body as { event: Record<string, unknown> }).event;
  }

  it("a fact: 202 with its place and a promise that anyone can verify", async () => {
    const event = accessed();
    const { status, headers, body } = await gateway.post(event);
    expect(status).to.equal(202);
    expect(headers.get("content-type")).to.equal("application/json");
    const { promise, ...result } = body as Result;
    const leaf = canonicalText(await recorded(result));
    expect(result).to.deep.equal({
      source: event["source"],
      id: event["id"],
      state: "accepted",
      leafHash: toHex(leafHash(Buffer.from(leaf))),
      journal: "SuyuanMSP/facts",
      index: result.index,
    });
    const trust = parseTrust(await readFile(join(gateway.data, "trust.json")));
    const keys = trust.journals.find(({ journal }) => journal === result.journal)!.keys.map(({ key }) => parseVerifierKey(key)!);
    const terms = await verifyPromise(
      promise!,
      { journal: result.journal, index: result.index, leafHash: leafHash(Buffer.from(leaf)) },
      keys,
    );
    const hours = (Date.parse(terms.deadline) - Date.now()) / 3600_000;
    expect(hours).to.be.within(0.9, 1);
  });

  it("what is recorded: the event as it was sent, with its party and when it was taken in", async () => {
    const event = accessed({ subject: "report-7", datacontenttype: "application/json" });
    const began = Date.now();
    const { body } = await gateway.post(event);
    const { recordedtime, ...rest } = await recorded(body as Result);
    const { datacontenttype: _, ...sent } = event;
    expect(rest, "but for the content type, which can only be JSON").to.deep.equal({ ...sent, party: OPERATOR });
    expect(Date.parse(recordedtime as string)).to.be.within(began, Date.now());
  });

  it("an act: 201 once it is on the ledger", async () => {
    const { status, body } = await gateway.post(act(), { party: AUTHORITY });
    expect(status).to.equal(201);
    expect(body).to.include({ state: "anchored", journal: "SuyuanMSP/acts" });
    expect(body).to.not.have.property("promise");
    expect(await recorded(body as Result)).to.include({ party: AUTHORITY });
  });

  it("an act that breaks a rule: 409 with the rule's code and clause, nothing stored, and another try is free", async () => {
    const event = act();
    expect((await gateway.post(event, { party: AUTHORITY })).status).to.equal(201);
    const before = await gateway.settled();
    const again = { ...event, id: "again" };
    const { status, headers, body } = await gateway.post(again, { party: AUTHORITY });
    expect(status).to.equal(409);
    expect(headers.get("content-type")).to.equal("application/problem+json");
    expect(body).to.include({ code: "party-exists", type: "urn:suyuan:rule:party-exists", status: 409 });
    expect(body)
      .to.have.nested.property("zh.title")
      .that.matches(/\p{Script=Han}/u);
    expect(body).to.have.nested.property("en.next").that.is.not.empty;
    expect(await gateway.settled()).to.deep.equal(before);
    const changed = { ...again, data: act()["data"] };
    expect((await gateway.post(changed, { party: AUTHORITY })).status).to.equal(201);
  });

  it("a refused act: every broken rule, with what is missing", async () => {
    const event = { ...act(), type: "suyuan.scenario.approved", data: { scenario: "scenario-unknown" } };
    const { status, body } = await gateway.post(event, { party: AUTHORITY });
    expect(status).to.equal(409);
    const { code, breaches } = body as { code: string; breaches: { code: string }[] };
    expect(breaches[0]!.code).to.equal(code);
  });

  it("an array: 200, one result each in the same order, facts and acts as they come", async () => {
    const events = [act(), act(), { ...act(), data: { code: creditCode(0), name: "again", roles: ["source"] } }, act()];
    const { status, body } = await gateway.post(events, { party: AUTHORITY });
    expect(status).to.equal(200);
    const results = body as Result[];
    expect(results.map(({ id }) => id)).to.deep.equal(events.map((event) => event["id"]));
    expect(results.map(({ state }) => state)).to.deep.equal(["anchored", "anchored", "refused", "anchored"]);
    expect(results[2]!.problem!.code).to.equal("party-exists");
    expect(new Set(results.map(({ index }) => index)).size).to.equal(4);
  });

  it("an array of facts: consecutive places, one promise for all, a path for each", async () => {
    const events = Array.from({ length: 50 }, () => accessed());
    const { body } = await gateway.post(events);
    const results = body as Result[];
    expect(results.map(({ id }) => id)).to.deep.equal(events.map((event) => event["id"]));
    expect(results.map(({ index }) => index)).to.deep.equal(events.map((_, i) => results[0]!.index + i));
    expect(new Set(results.map(({ promise }) => promise!.jws)).size).to.equal(1);
    expect(new Set(results.map(({ promise }) => promise!.path)).size).to.equal(50);
  });

  it("nothing, where an array is empty", async () => {
    for (const type of ["application/json", "application/cloudevents-batch+json"]) {
      const { status, body } = await gateway.post("[ ]", { type });
      expect([status, body]).to.deep.equal([200, []]);
    }
    const { status, text } = await gateway.post(" \n\n", { type: "application/x-ndjson" });
    expect([status, text]).to.deep.equal([200, ""]);
  });

  it("CloudEvents, structured and in a batch, with or without a charset", async () => {
    for (const type of [
      "application/cloudevents+json",
      "application/cloudevents+json; charset=UTF-8",
      'application/json;charset="utf-8"',
    ]) {
      expect((await gateway.post(accessed(), { type })).status, type).to.equal(202);
    }
    const { status, body } = await gateway.post([accessed(), accessed()], { type: "application/cloudevents-batch+json;charset=utf-8" });
    expect([status, (body as Result[]).map(({ state }) => state)]).to.deep.equal([200, ["accepted", "accepted"]]);
  });

  it("CloudEvents in binary mode: attributes from headers, percent-decoded", async () => {
    const { data, id, source, type, time } = accessed({ source: "/quelle/%41?x=%22" });
    const headers = {
      "ce-specversion": "1.0",
      "ce-id": "%41" + (id as string),
      "ce-source": (source as string).replaceAll("%", "%25"),
      "ce-type": `"${type as string}"`,
      "ce-time": time as string,
    };
    const { status, body } = await gateway.post(data, { headers });
    expect(status).to.equal(202);
    expect(await recorded(body as Result)).to.include({
      id: "A" + (id as string),
      source,
      type,
      time,
    });
    const again = await gateway.post({ specversion: "1.0", id: "A" + (id as string), source, type, time, data });
    expect(again.body, "the same in structured mode is the same").to.deep.include({ leafHash: (body as Result).leafHash });
    const poisoned = await gateway.post(data, { headers: { ...headers, "ce-id": "p", "ce-__proto__": "x" } });
    expect(poisoned.body).to.include({ code: "prototype-key" });
    const refused = await gateway.post(data, { headers: { ...headers, "ce-id": "%C0%A0" } });
    expect(refused.body).to.include({ code: "schema-invalid", pointer: "/id", reason: "percent-encoding" });
  });

  it("a stream of lines: a line of answer for each line, while more is still being sent", async () => {
    const lines = Array.from({ length: 3 }, () => JSON.stringify(accessed()));
    let answered: (chunk: string) => void = () => undefined;
    const first = new Promise<string>((resolve) => (answered = resolve));
    async function* sending(): AsyncGenerator<Uint8Array> {
      const [one = "", two = "", three = ""] = lines;
      yield Buffer.from(`${one}\n${two.slice(0, 100)}`);
      // The rest is not sent before the first answer has come.
      expect(JSON.parse(await first)).to.include({ state: "accepted" });
      yield Buffer.from(`${two.slice(100)}\r\n\n${three}`);
    }
    const headers = { authorization: `Bearer ${await gateway.token()}`, "content-type": "application/x-ndjson" };
    const init = { method: "POST", headers, body: sending(), duplex: "half" } as unknown as RequestInit;
    const response = await fetch(`${gateway.url}/v1/events`, init);
    expect(response.status).to.equal(200);
    expect(response.headers.get("content-type")).to.equal("application/x-ndjson");
    let text = "";
    for await (const chunk of response.body!) {
      text += Buffer.from(chunk).toString("utf8");
      if (text.endsWith("\n")) answered(text.split("\n")[0]!);
    }
    const results = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Result);
    expect(results.map(({ id }) => id)).to.deep.equal(lines.map((line) => (JSON.parse(line) as Result).id));
  });

  it("a stream of many lines, which no array could hold, in their order", async () => {
    const count = 20_000;
    let sent = 0;
    const ids: unknown[] = [];
    async function* sending(): AsyncGenerator<Uint8Array> {
      while (sent < count) {
        const events = Array.from({ length: 250 }, () => accessed());
        ids.push(...events.map(({ id }) => id));
        sent += events.length;
        yield await Promise.resolve(Buffer.from(events.map((event) => JSON.stringify(event) + "\n").join("")));
      }
    }
    const headers = { authorization: `Bearer ${await gateway.token()}`, "content-type": "application/x-ndjson" };
    const init = { method: "POST", headers, body: sending(), duplex: "half" } as unknown as RequestInit;
    const response = await fetch(`${gateway.url}/v1/events`, init);
    const answered = (await response.text())
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as Result).id);
    expect(answered).to.deep.equal(ids);
  });

  it("a party that is given and is the token's own", async () => {
    expect((await gateway.post(accessed({ party: OPERATOR }))).status).to.equal(202);
  });

  it("facts and acts in one array", async () => {
    const submitted = accessed({ type: "suyuan.scenario.submitted", data: example("scenario.submitted", OPERATOR).data });
    const { body } = await gateway.post([accessed(), submitted, accessed()]);
    expect((body as Result[]).map(({ state }) => state)).to.deep.equal(["accepted", "refused", "accepted"]);
    expect((body as Result[])[1]!.problem!.type).to.match(/^urn:suyuan:rule:/);
  });
});
