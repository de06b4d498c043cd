import { expect } from "chai";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Role } from "../../../chaincode/events/definition";
import { fromBase64, toHex } from "../../../chaincode/proof/bytes";
import { CompactRange } from "../../../chaincode/proof/compact-range";
import { leafHash, verifyConsistency } from "../../../chaincode/proof/rfc6962";
import { decodeBundle, TILE_WIDTH, tileOf, tilePath } from "../../../chaincode/proof/tile";
import { readConfig } from "../../../gateway/config";
import { readCheckpoint } from "../../../gateway/evidence/checkpoint";
import { parseLatest, verifyLatest } from "../../../gateway/evidence/latest";
import { parseReceipt } from "../../../gateway/evidence/receipt";
import { parseTrust } from "../../../gateway/evidence/trust";
import { verifyReceipt } from "../../../gateway/evidence/verify-receipt";
import { queries } from "../../../gateway/http/queries";
import type { Query } from "../../../gateway/http/query";
import { issueToken } from "../../../gateway/keys";
import { type Gateway, startGateway } from "../../../gateway/main";
import type { EventRecord } from "../../../gateway/index/events";
import type { Trace } from "../../../gateway/index/trace";
import {
  AUTHORITY,
  AUTHORIZATION,
  DEVELOPER,
  example,
  FLIGHTS,
  OPERATOR,
  PRODUCT,
  type Report,
  SCENARIO,
  story,
} from "../../chaincode/events/world";
import { aroundToday } from "./today";

const FACTS = encodeURIComponent("SuyuanMSP/facts");

const rolesOf = (party: string): Role[] =>
  party === AUTHORITY
    ? ["authority"]
    : party === OPERATOR
      ? ["primary-operator", "platform"]
      : party === DEVELOPER
        ? ["developer"]
        : ["source"];

describe("the queries of a gateway", function () {
  this.timeout(60_000);
  let data: string;
  let gateway: Gateway;
  const tokens = new Map<string, string>();
  /** Leaf hashes, in the order in which the story was told. */
  const hashes: string[] = [];

  const token = async (party: string, roles = rolesOf(party)): Promise<string> => {
    const key = `${party} ${roles.join()}`;
    const known = tokens.get(key) ?? (await issueToken(data, { party, roles, seconds: 600 }));
    tokens.set(key, known);
    return known;
  };
  const get = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(gateway.url + path, { headers: { authorization: `Bearer ${await token(AUTHORITY)}`, ...headers } });
  const json = async <T>(path: string): Promise<T> => {
    const response = await get(path);
    expect(response.status, path).to.equal(200);
    return (await response.json()) as T;
  };
  const bytes = async (path: string): Promise<Buffer> => Buffer.from(await (await get(path)).arrayBuffer());
  const problem = async (response: Response): Promise<string> => `${response.status} ${((await response.json()) as { code: string }).code}`;

  let told = 0;
  const tell = async (report: Report): Promise<{ leafHash: string; journal: string; index: number }> => {
    const { type, party } = report;
    const event = {
      specversion: "1.0",
      id: `e-${told++}`,
      source: "//test",
      type: `suyuan.${type}`,
      time: new Date().toISOString(),
      data: aroundToday(report),
    };
    const response = await fetch(`${gateway.url}/v1/events`, {
      method: "POST",
      body: JSON.stringify(event),
      headers: { authorization: `Bearer ${await token(party)}`, "content-type": "application/json" },
    });
    const result = (await response.json()) as { leafHash: string; journal: string; index: number };
    expect(response.status, `${type} ${JSON.stringify(result)}`).to.be.oneOf([201, 202]);
    while ((await json<{ state: string }>(`/v1/events/${result.leafHash}`)).state !== "anchored") await sleep(10);
    return result;
  };

  before(async () => {
    data = await mkdtemp(join(tmpdir(), "suyuan-queries-"));
    gateway = await startGateway(readConfig({ data, port: 0 }, {}));
    for (const report of story) hashes.push((await tell(report)).leafHash);
    hashes.push((await tell(example("data.pulled", OPERATOR, { fields: ["date", "destination"] }))).leafHash);
  });
  after(async () => {
    await gateway.stop();
    await rm(data, { recursive: true });
  });

  it("answer with the height that they reflect", async () => {
    const { height, journals } = await json<{ height: number; journals: { size: number }[] }>("/v1/journals");
    expect(journals.reduce((sum, { size }) => sum + size, 0)).to.equal(hashes.length);
    for (const path of ["/v1/stats", `/v1/trace/product/${PRODUCT}`, "/v1/findings", "/v1/subjects/party", "/v1/search?q=x"]) {
      expect((await json<{ height: number }>(path)).height, path).to.equal(height);
    }
  });

  it("tell where an event stands, by the hash of its leaf and by its source and id", async () => {
    const byHash = await json<EventRecord & { state: string; transactionId: string }>(`/v1/events/${hashes[0]!}`);
    expect(byHash).to.include({ state: "anchored", journal: "SuyuanMSP/acts", index: 0, leafHash: hashes[0] });
    expect(byHash.transactionId).to.match(/^[0-9a-f]{64}$/);
    expect(byHash.event).to.include({ id: "e-0", source: "//test", party: AUTHORITY });
    const { events } = await json<{ events: EventRecord[] }>("/v1/events?source=%2F%2Ftest&id=e-0");
    expect(events.map((event) => event.leafHash)).to.deep.equal([hashes[0]]);
    expect(await problem(await get("/v1/events?source=%2F%2Ftest&id=never"))).to.equal("404 not-found");
    expect(await problem(await get(`/v1/events/${"0".repeat(64)}`))).to.equal("404 not-found");
    expect(await problem(await get("/v1/events/nonsense"))).to.equal("404 not-found");
  });

  it("give a receipt of every event, which anyone verifies with the trust file alone", async () => {
    const trust = parseTrust(await readFile(join(data, "trust.json")));
    for (const hash of hashes) {
      const receipt = parseReceipt(await (await get(`/v1/receipts/${hash}`)).text());
      expect(await verifyReceipt(receipt, trust)).to.deep.include({
        leafHash: hash,
        proven: ["record-in-journal", "head-signed-by-journal", "head-attested-by-node"],
      });
    }
    expect(await problem(await get(`/v1/receipts/${"0".repeat(64)}`))).to.equal("404 not-found");
  });

  it("tell by the first head that held an event when it was recorded, and how far a journal reaches now", async () => {
    const trust = parseTrust(await readFile(join(data, "trust.json")));
    const sizes = new Set<number>();
    for (const hash of hashes) {
      const first = parseReceipt(await (await get(`/v1/receipts/${hash}?head=first`)).text());
      const { recorded } = await json<{ recorded: string }>(`/v1/events/${hash}`);
      expect((await verifyReceipt(first, trust)).recorded).to.equal(recorded);
      sizes.add(first.size);
    }
    expect(sizes.size).to.be.greaterThan(1);
    const latest = parseLatest(Buffer.from(await (await fetch(`${gateway.url}/v1/journals/${FACTS}/latest`)).arrayBuffer()));
    const { journals } = await json<{ journals: { journal: string; size: number; root: string }[] }>("/v1/journals");
    const facts = journals.find(({ journal }) => journal === "SuyuanMSP/facts");
    expect((await verifyLatest(latest, trust, new Date())).latest).to.deep.include(facts);
    expect((await fetch(`${gateway.url}/v1/journals/OtherMSP%2Ffacts/latest`)).status).to.equal(404);
  });

  it("let another verifier rebuild a journal from its bundles, and follow it from one checkpoint to the next", async () => {
    const checkpoint = async () => readCheckpoint(await (await get(`/v1/journals/${FACTS}/checkpoint`)).text());
    const { size, root } = await checkpoint();
    const range = CompactRange.empty();
    for (let index = 0; index * TILE_WIDTH < size; index++) {
      const tile = tileOf(size, "entries", index)!;
      const entries = decodeBundle(await bytes(`/v1/journals/${FACTS}/${tilePath(tile)}`), tile.width)!;
      const hashes = await bytes(`/v1/journals/${FACTS}/${tilePath({ ...tile, level: 0 })}`);
      expect(hashes.toString("hex")).to.equal(entries.map((entry) => toHex(leafHash(entry))).join(""));
      for (const entry of entries) range.append(leafHash(entry));
    }
    expect(toHex(range.root())).to.equal(toHex(root));

    await tell(example("product.called", DEVELOPER));
    // A checkpoint is given out for a moment.
    let next = await checkpoint();
    while (next.size === size) {
      await sleep(50);
      next = await checkpoint();
    }
    const { path } = await json<{ path: string[] }>(`/v1/journals/${FACTS}/consistency?from=${size}&to=${next.size}`);
    expect(
      verifyConsistency(
        size,
        root,
        next.size,
        next.root,
        path.map((hash) => fromBase64(hash)!),
      ),
    ).to.equal(true);
  });

  /** An address of a query; where its path names something, something that is not there. */
  const addressOf = ({ path, parameters }: Query): string =>
    path.replaceAll(/\{(\w+)\}/g, (_, name: string) => (parameters[name]?.schema["enum"] as readonly string[] | undefined)?.[0] ?? "x");

  it("are for readers, each of them, unless it is declared to be open", async () => {
    const asPublic = { authorization: `Bearer ${await token(DEVELOPER, ["public"])}` };
    const guarded = queries.filter((query) => query.open === undefined && !("openTo" in query));
    expect(guarded.length).to.be.greaterThan(8);
    for (const query of guarded) {
      const address = addressOf(query);
      expect(await problem(await fetch(gateway.url + address)), address).to.equal("401 token-missing");
      expect(await problem(await get(address, asPublic)), address).to.equal("403 not-allowed");
      const holder = query.id === "authorizationKey" ? { authorization: `Bearer ${await token(OPERATOR)}` } : {};
      expect((await get(address, holder)).status, address).to.be.oneOf([200, 400, 404]);
    }
    for (const query of queries.filter(({ open }) => open === true)) {
      const address = addressOf(query);
      expect((await fetch(gateway.url + address)).status, address).to.be.oneOf([200, 404]);
    }
  });

  it("are open where that is meant", () => {
    expect(queries.flatMap(({ path, open }) => (open === true ? [path] : []))).to.deep.equal([
      "/v1/disclosure",
      "/v1/journals",
      "/v1/journals/{journal}/checkpoint",
      "/v1/journals/{journal}/latest",
      "/v1/journals/{journal}/head",
      "/v1/journals/{journal}/consistency",
      "/healthz",
      "/readyz",
      "/metrics",
      "/openapi.json",
    ]);
  });

  it("take no method but GET and HEAD, and say so", async () => {
    for (const query of queries) {
      const address = addressOf(query);
      const allowed = query.path === "/v1/events" ? "GET, HEAD, POST" : "GET, HEAD";
      for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"]) {
        if (allowed.includes(method)) continue;
        const response = await fetch(gateway.url + address, { method });
        expect(response.headers.get("allow"), `${method} ${address}`).to.equal(allowed);
        expect(await problem(response), `${method} ${address}`).to.equal("405 method-not-allowed");
      }
    }
    for (const path of ["/v1/stats", "/healthz", "/v1/journals"]) {
      const head = await fetch(gateway.url + path, { method: "HEAD", headers: { authorization: `Bearer ${await token(AUTHORITY)}` } });
      expect([head.status, await head.text()], path).to.deep.equal([200, ""]);
    }
  });

  it("have one address each", async () => {
    for (const path of ["/v1/Stats", "/v1/stats/", "/V1/events", "/v1/events/"])
      expect(await problem(await get(path)), path).to.equal("404 not-found");
  });

  it("show hashes of journals to everyone, and entries to those who have a token and are not only public", async () => {
    const asPublic = { authorization: `Bearer ${await token(DEVELOPER, ["public"])}` };
    const entries = `/v1/journals/${FACTS}/tile/entries/000.p/1`;
    expect((await fetch(`${gateway.url}/v1/journals/${FACTS}/tile/0/000.p/1`)).status).to.equal(200);
    expect(await problem(await fetch(gateway.url + entries))).to.equal("401 token-missing");
    expect(await problem(await get(entries, asPublic))).to.equal("403 not-allowed");
    expect((await get(entries)).status).to.equal(200);
  });

  it("show entries to readers only, however their address is spelled", async () => {
    for (const spelled of ["entries/000.p/1", "%65ntries/000.p/1", "entries%2F000.p/1", "%65%6Etries%2f000.p%2F1"]) {
      const response = await fetch(`${gateway.url}/v1/journals/${FACTS}/tile/${spelled}`);
      expect(response.status, spelled).to.equal(401);
    }
    expect((await fetch(`${gateway.url}/v1/journals/${FACTS}/tile/0/000.p/2`)).status, "hashes are for everybody").to.equal(200);
  });

  it("let caches keep a whole tile for ever, and entries only where they were asked for", async () => {
    const control = async (path: string): Promise<string | null> =>
      (await get(`/v1/journals/${FACTS}/tile/${path}`)).headers.get("cache-control");
    expect(await control("0/000.p/2")).to.equal("public, max-age=60");
    expect(await control("entries/000.p/2")).to.equal("private, max-age=60");
    expect(await problem(await get(`/v1/journals/${FACTS}/tile/0/000`))).to.equal("404 not-found");
    expect(await problem(await get(`/v1/journals/${FACTS}/tile/0/0`))).to.equal("404 not-found");
    expect(await problem(await get("/v1/journals/Other%2Ffacts/checkpoint"))).to.equal("404 not-found");
  });

  it("trace as JSON, as PROV-JSON and as a table", async () => {
    const path = `/v1/trace/product/${PRODUCT}`;
    const trace = await json<Trace>(path);
    expect(trace.entities.map(({ kind }) => kind)).to.include.members(["product", "holding", "resource"]);
    expect(trace.activities.length).to.be.greaterThan(2);

    const prov = (await (await get(path, { accept: "application/prov+json" })).json()) as Record<
      string,
      Record<string, Record<string, unknown>>
    >;
    expect(Object.keys(prov["activity"]!)).to.have.length(trace.activities.length);
    const uses = Object.values(prov["used"]!);
    expect(uses).to.have.length(trace.edges.filter(({ role }) => role === "used").length);
    for (const relation of ["used", "wasGeneratedBy", "wasAssociatedWith", "wasAttributedTo", "wasInfluencedBy"]) {
      for (const [name, record] of Object.entries(prov[relation]!)) {
        expect(name).to.match(/^_:/);
        for (const end of Object.entries(record).filter(([role]) => role.startsWith("prov:"))) {
          expect({ ...prov["entity"], ...prov["activity"], ...prov["agent"] }, end.join(" ")).to.have.property(String(end[1]));
        }
      }
    }
    for (const name of Object.keys({ ...prov["entity"], ...prov["activity"], ...prov["agent"] })) {
      expect(prov["prefix"]).to.have.property(name.split(":")[0]!);
    }

    const table = await get(path, { accept: "text/csv" });
    expect(table.headers.get("content-type")).to.equal("text/csv; charset=utf-8");
    const lines = (await table.text()).trimEnd().split("\r\n");
    expect(lines).to.have.length(1 + trace.edges.length);
    expect(lines[0]).to.match(/^journal,index,type,/);
    expect((await get(path, { accept: "image/png" })).headers.get("content-type")).to.equal("application/json");
  });

  it("trace a holding by its name, forward from a resource, and into the past", async () => {
    const holding = encodeURIComponent("SuyuanMSP/facts/2/0");
    expect((await json<Trace>(`/v1/trace/holding/${holding}`)).start.kind).to.equal("holding");
    const forward = await json<Trace>(`/v1/trace/resource/${FLIGHTS}?direction=products`);
    expect(forward.entities.map(({ id }) => id)).to.include(PRODUCT);
    const cut = await json<Trace>(`/v1/trace/resource/${FLIGHTS}?direction=products&depth=1&limit=3`);
    expect(cut.truncated).to.equal(true);
    // With the zone's plus sign as it is typed.
    expect(await problem(await get(`/v1/trace/product/${PRODUCT}?asOf=2020-01-01T00:00:00+08:00`))).to.equal("404 not-found");
    expect(await problem(await get("/v1/trace/product/unheard-of"))).to.equal("404 not-found");
    expect(await problem(await get(`/v1/trace/party/${OPERATOR}`))).to.equal("404 not-found");
  });

  it("list subjects, their state and history, holdings, findings and counts", async () => {
    const first = await json<{ subjects: { id: string }[]; next: string }>("/v1/subjects/party?limit=2");
    const rest = await json<{ subjects: { id: string }[]; next?: string }>(`/v1/subjects/party?cursor=${first.next}`);
    expect(new Set([...first.subjects, ...rest.subjects].map(({ id }) => id)).size).to.equal(first.subjects.length + rest.subjects.length);
    expect(rest).not.to.have.property("next");
    expect(await json(`/v1/subjects/scenario/${SCENARIO}`)).to.have.nested.property("state.authorization", AUTHORIZATION);
    expect(await problem(await get("/v1/subjects/scenario/none"))).to.equal("404 not-found");
    expect(await problem(await get("/v1/subjects/holding"))).to.equal("404 not-found");

    const whole = await json<{ events: EventRecord[] }>(`/v1/subjects/scenario/${SCENARIO}/events?order=oldest`);
    const page = await json<{ events: EventRecord[]; next: string }>(`/v1/subjects/scenario/${SCENARIO}/events?order=oldest&limit=2`);
    const more = await json<{ events: EventRecord[] }>(`/v1/subjects/scenario/${SCENARIO}/events?order=oldest&cursor=${page.next}`);
    expect([...page.events, ...more.events]).to.deep.equal(whole.events);

    const holdings = await json<{ holdings: { state: string }[] }>(`/v1/holdings?authorization=${AUTHORIZATION}`);
    expect(holdings.holdings.length).to.be.greaterThan(2);
    const findings = await json<{ events: EventRecord[] }>(
      `/v1/findings?code=fields-beyond-scenario&party=${OPERATOR}&kind=scenario&id=${SCENARIO}`,
    );
    expect(findings.events.map((event) => event.leafHash)).to.deep.equal([hashes.at(-1)]);
    const stats = await json<{ types: Record<string, number[]>; findings: Record<string, number[]> }>("/v1/stats");
    expect(stats.findings["fields-beyond-scenario"]).to.deep.equal([1, 1]);
    expect(stats.types["suyuan.party.registered"]?.[0]).to.equal(story.filter(({ type }) => type === "party.registered").length);
  });

  it("refuse parameters that they do not know or understand, and say which", async () => {
    const wrong: readonly (readonly [path: string, pointer: string, reason: string])[] = [
      ["/v1/search", "q", "required"],
      ["/v1/search?q=", "q", "minLength"],
      [`/v1/search?q=${"x".repeat(300)}`, "q", "maxLength"],
      ["/v1/search?q=a&q=b", "q", "uniqueItems"],
      ["/v1/stats?colour=red", "colour", "additionalProperties"],
      ["/v1/stats?asOf=yesterday", "asOf", "format"],
      ["/v1/stats?asOf=2026-01-01T00:00:00", "asOf", "format"],
      ["/v1/findings?code=nonsense", "code", "enum"],
      ["/v1/findings?kind=product", "id", "required"],
      ["/v1/findings?id=p-1", "kind", "required"],
      ["/v1/findings?__proto__=x", "__proto__", "additionalProperties"],
      ["/v1/subjects/party?kind=party", "kind", "additionalProperties"],
      ["/v1/stats?asOf=1969-12-31T00:00:00Z", "asOf", "format"],
      ["/v1/findings?limit=0", "limit", "minimum"],
      ["/v1/findings?limit=1001", "limit", "maximum"],
      ["/v1/findings?limit=ten", "limit", "type"],
      ["/v1/findings?order=random", "order", "enum"],
      ["/v1/findings?cursor=x", "cursor", "pattern"],
      ["/v1/holdings", "authorization", "required"],
      ["/v1/holdings?authorization=a&state=lost", "state", "enum"],
      ["/v1/holdings?authorization=a&cursor=x", "cursor", "pattern"],
      [`/v1/trace/product/${PRODUCT}?direction=up`, "direction", "enum"],
      [`/v1/trace/product/${PRODUCT}?depth=0`, "depth", "minimum"],
      [`/v1/events/${hashes[0]!}?x=1`, "x", "additionalProperties"],
      ["/v1/events?source=a", "id", "required"],
      [`/v1/journals/${FACTS}/consistency?to=99999`, "to", "maximum"],
      [`/v1/journals/${FACTS}/consistency?from=3&to=2`, "from", "maximum"],
    ];
    for (const [path, pointer, reason] of wrong) {
      const response = await get(path);
      expect(response.status, path).to.equal(400);
      expect(await response.json(), path).to.include({ code: "query-invalid", pointer, reason });
    }
  });
});
