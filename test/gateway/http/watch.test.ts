import { expect } from "chai";
import { queries } from "../../../gateway/http/queries";
import { AGENCY } from "../../chaincode/events/oversight";
import { endOfDay } from "../../../chaincode/events/time";
import { AUTHORITY, DEVELOPER, example, FLIGHTS, OPERATOR, SCENARIO, story, STRANGER, TRANSPORT } from "../../chaincode/events/world";
import { type Asking, asking, Telling, within } from "./telling";

const BEGINNING = "000000000.0";
const PARTIES = story.filter(({ type }) => type === "party.registered");

const found = () => example("data.accessed", OPERATOR);

describe("watching", function () {
  this.timeout(30_000);
  let telling: Telling;

  before(async () => {
    // Nothing is authorised yet, so that every access is found.
    telling = await Telling.start(PARTIES);
    await telling.tell(found());
  });
  after(() => telling.stop());

  const types = async (path: string, last = BEGINNING, by?: Asking): Promise<string[]> =>
    (await telling.watch(path, { last, ...(by && { by }) })).map(({ event, data }) => `${event} ${data.event?.type ?? ""}`);

  it("tells of each event in the order of the ledger, as what has findings or as what has none", async () => {
    expect(await types("/v1/watch")).to.deep.equal([...PARTIES.map(() => "event suyuan.party.registered"), "finding suyuan.data.accessed"]);
    const [message] = await telling.watch("/v1/watch?only=finding", { last: BEGINNING });
    expect(message?.data.findings.map(({ code }) => code)).to.include("no-authorization");
    expect(message?.data.findings[0]).to.include({ state: "open", party: OPERATOR });
  });

  it("tells what comes, and without a last id nothing of what was", async () => {
    const coming = telling.watch("/v1/watch", { most: 1, quiet: 10_000 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const told = await telling.tell(found());
    const [message] = await coming;
    expect(message?.data).to.include({ leafHash: told.leafHash });
  });

  it("goes on after the last id: nothing twice, nothing left out", async () => {
    const all = await telling.watch("/v1/watch", { last: BEGINNING });
    for (const [i, { id }] of all.entries()) {
      const rest = await telling.watch("/v1/watch", { last: id, quiet: 150 });
      expect(rest.map(({ data }) => data.leafHash)).to.deep.equal(all.slice(i + 1).map(({ data }) => data.leafHash));
    }
    const once = await telling.watch("/v1/watch", { last: BEGINNING, most: 2 });
    expect(once).to.deep.equal(all.slice(0, 2));
  });

  it("is narrowed by type, code and subject", async () => {
    expect(new Set(await types("/v1/watch?type=suyuan.party.registered"))).to.deep.equal(new Set(["event suyuan.party.registered"]));
    expect(await types("/v1/watch?code=outside-term")).to.deep.equal([]);
    expect(new Set(await types("/v1/watch?code=no-authorization"))).to.deep.equal(new Set(["finding suyuan.data.accessed"]));
    expect(await types(`/v1/watch?kind=party&id=${DEVELOPER}`)).to.deep.equal(["event suyuan.party.registered"]);
    expect(new Set(await types(`/v1/watch?kind=resource&id=${FLIGHTS}&only=finding`))).to.deep.equal(
      new Set(["finding suyuan.data.accessed"]),
    );
    for (const path of ["/v1/watch?type=nonsense", "/v1/watch?kind=party"]) expect((await telling.get(path)).status, path).to.equal(400);
  });

  it("tells each party what it may see", async () => {
    expect(await types("/v1/watch", BEGINNING, asking(STRANGER, "primary-operator"))).to.deep.equal(["event suyuan.party.registered"]);
    expect(await types("/v1/watch?only=finding", BEGINNING, asking(STRANGER, "primary-operator"))).to.deep.equal([]);
  });

  it("ends soon after the token is no longer good, however much there is to tell", async () => {
    const watched = telling.watch("/v1/watch", { by: asking(OPERATOR), seconds: 2, quiet: 10_000 });
    const began = Date.now();
    while (Date.now() - began < 3500) await telling.tell(found());
    const messages = await watched;
    expect(messages.length).to.be.greaterThan(3);
    const last = Date.parse(messages.at(-1)?.data.recorded ?? "") - began;
    expect(last).to.be.greaterThan(500).and.lessThan(2500);
  });

  it("refuses an id that is none of its own", async () => {
    const headers = { authorization: `Bearer ${await telling.token(asking(OPERATOR))}`, "last-event-id": "yesterday" };
    const response = await fetch(`${telling.url}/v1/watch`, { headers });
    expect([response.status, ((await response.json()) as { code: string }).code]).to.deep.equal([400, "query-invalid"]);
  });

  it("says nothing but a comment to who asks for the head, and is not kept by caches", async () => {
    expect(queries.find(({ id }) => id === "watch")?.forms).to.have.keys("text/event-stream");
    const headers = { authorization: `Bearer ${await telling.token(asking(OPERATOR))}` };
    const response = await fetch(`${telling.url}/v1/watch`, { method: "HEAD", headers });
    expect([response.status, response.headers.get("content-type"), response.headers.get("cache-control")]).to.deep.equal([
      200,
      "text/event-stream",
      "no-store",
    ]);
  });

  it("ends for a developer once its permissions are closed, and does not begin again", async () => {
    const other = await Telling.start();
    try {
      const by = asking(DEVELOPER);
      const watched = other.watch("/v1/watch", { by, quiet: 20_000 });
      const called = () => other.tell(example("product.called", DEVELOPER));
      const [exit, leaving] = [{ exit: "exit-1" }, { developer: DEVELOPER, scenario: SCENARIO, leaving: "developer" }];
      await other.tell(example("party.registered", AUTHORITY, { code: AGENCY, name: "实施机构", roles: ["implementing-agency"] }));
      await called();
      await other.tell(example("developer.revoked", OPERATOR, { developer: DEVELOPER, scenario: SCENARIO }));
      await other.tell(example("exit.opened", AUTHORITY, { ...exit, ...leaving }));
      await called();
      await other.tell(example("exit.permissions-closed", AGENCY, exit));
      await called();
      const types = (await watched).map(({ data }) => data.event?.type.slice("suyuan.".length));
      expect(types.filter((type) => type === "product.called")).to.have.length(2);
      expect((await other.get("/v1/watch", by)).status).to.equal(403);
      expect(await other.watch("/v1/watch", { by: asking(OPERATOR), most: 1, last: BEGINNING })).to.have.length(1);
      expect((await other.get("/v1/duties", by)).status, "what its exit asks of it").to.equal(200);
    } finally {
      await other.stop();
    }
  });

  it("tells of a duty as its last day ends, whatever else comes, and goes on after it", async () => {
    let now = Date.now();
    const signed = story.findIndex(({ type }) => type === "authorization.signed");
    const other = await Telling.start(story.slice(0, signed + 1), (data) => within(data, () => now));
    try {
      const { duties } = await other.json<{ duties: { duty: string; due: string }[] }>("/v1/duties?duty=filing");
      const due = duties[0]?.due ?? "";
      now = endOfDay(due) - 1;
      const coming = other.watch("/v1/watch", { most: 3, quiet: 10_000 });
      await new Promise((resolve) => setTimeout(resolve, 300));
      await other.tell(example("calendar.set", AUTHORITY));
      now++;
      await other.tell(example("resource.catalogued", TRANSPORT, { resource: "one-more" }));
      const messages = await coming;
      // Whether the day or the event is seen first is chance.
      expect(messages.map(({ event }) => event).sort()).to.deep.equal(["event", "event", "overdue"]);
      const [, overdue] = await other.watch("/v1/watch", { last: messages[0]?.id ?? "", most: 2 });
      expect({ ...overdue?.data, event: overdue?.event }).to.include({ event: "overdue", duty: "filing", due, code: "duty-overdue" });
      const again = (path: string) => other.watch(path, { last: overdue?.id ?? "" });
      expect((await again("/v1/watch")).filter(({ event }) => event === "overdue")).to.deep.equal([]);
    } finally {
      await other.stop();
    }
  });

  it("ends when the gateway stops, at once", async () => {
    const other = await Telling.start([]);
    const watched = other.watch("/v1/watch", { quiet: 20_000 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const began = Date.now();
    await other.stop();
    expect(await watched).to.deep.equal([]);
    expect(Date.now() - began).to.be.lessThan(4000);
  });
});
