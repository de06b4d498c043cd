import { expect } from "chai";
import { type Role, ROLES } from "../../../chaincode/events/definition";
import { queries } from "../../../gateway/http/queries";
import { SCOPES } from "../../../gateway/index/access";
import type { Trace } from "../../../gateway/index/trace";
import {
  AUTHORITY,
  AUTHORIZATION,
  DEVELOPER,
  example,
  FLIGHTS,
  METEOROLOGY,
  OPERATOR,
  PRODUCT,
  SCENARIO,
  STRANGER,
  TRANSPORT,
  WEATHER,
} from "../../chaincode/events/world";
import { endedScenario, PART_EXIT } from "../exit/leaving";
import { creditCode } from "../../../scripts/bench/mix";
import { type Asking, asking, COLLEAGUE, Telling } from "./telling";

const FACTS = encodeURIComponent("SuyuanMSP/facts");

/** The party of each role in the story, whose own something is. */
const WHO: Partial<Record<Role, string>> = {
  source: TRANSPORT,
  "primary-operator": OPERATOR,
  platform: OPERATOR,
  developer: DEVELOPER,
};

/** How a query is asked for something that the operator did with the flights, what of its answer counts as seen, and who of the story sees it. */
interface Row {
  readonly path: (found: { readonly id: string; readonly leafHash: string }) => string;
  /** How much is seen; where nothing is said, that there is an answer. */
  readonly seen?: (body: never) => number;
  readonly own: readonly Role[];
  /** Where others are given nothing, whatever they see. */
  readonly asked?: readonly Role[];
}

const OPERATING: readonly Role[] = ["primary-operator", "platform"];
/** What the operator did with the flights of the source. */
const INVOLVED: readonly Role[] = ["source", ...OPERATING];
/** What was decided about the scenario: that too who is authorised to develop under it. */
const DECIDED: readonly Role[] = [...INVOLVED, "developer"];
const listed =
  (name: string) =>
  (body: Readonly<Record<string, readonly unknown[]>>): number =>
    body[name]?.length ?? 0;

/** Every query, by its name: `open` to everyone, or each sees what is theirs. */
const TABLE: Readonly<Record<string, "open" | Row>> = {
  eventsOfPair: { path: ({ id }) => `/v1/events?source=%2F%2Ftest&id=${id}`, seen: listed("events"), own: INVOLVED },
  event: { path: ({ leafHash }) => `/v1/events/${leafHash}`, own: INVOLVED },
  receipt: { path: ({ leafHash }) => `/v1/receipts/${leafHash}`, own: INVOLVED },
  trace: { path: () => `/v1/trace/product/${PRODUCT}`, seen: listed("entities"), own: [...OPERATING, "developer"] },
  subjects: { path: () => "/v1/subjects/scenario", seen: listed("subjects"), own: DECIDED },
  subject: { path: () => `/v1/subjects/scenario/${SCENARIO}`, own: DECIDED },
  history: { path: () => `/v1/subjects/scenario/${SCENARIO}/events`, seen: listed("events"), own: DECIDED },
  search: { path: () => `/v1/search?q=${SCENARIO}`, seen: listed("subjects"), own: DECIDED },
  holdings: { path: () => `/v1/holdings?authorization=${AUTHORIZATION}`, seen: listed("holdings"), own: INVOLVED },
  exits: { path: () => "/v1/exits", seen: listed("exits"), own: INVOLVED },
  exit: { path: () => `/v1/exits/${PART_EXIT}`, own: INVOLVED },
  exitInventory: { path: () => `/v1/exits/${PART_EXIT}/inventory`, own: OPERATING },
  exitCertificate: { path: () => `/v1/exits/${PART_EXIT}/certificate`, own: OPERATING },
  exitItems: { path: () => `/v1/exits/${PART_EXIT}/certificate/items`, own: OPERATING },
  exitStatement: { path: () => `/v1/exits/${PART_EXIT}/statement`, own: OPERATING },
  authorizationKey: {
    path: () => `/v1/authorizations/${AUTHORIZATION}/key`,
    own: OPERATING,
    // An exit from it is under way.
    asked: [...OPERATING, "implementing-agency", "assessor"],
  },
  findings: { path: () => "/v1/findings", seen: listed("events"), own: INVOLVED },
  stats: {
    path: () => "/v1/stats",
    seen: ({ types }: { types: object }) => Object.keys(types).length,
    own: DECIDED,
  },
  reconciliation: { path: () => "/v1/reconciliation", seen: listed("transfers"), own: INVOLVED },
  watch: { path: () => "/v1/watch?only=finding", seen: listed("messages"), own: INVOLVED },
  duties: { path: () => "/v1/duties?duty=audit", seen: listed("duties"), own: OPERATING },
  contributions: { path: () => "/v1/contributions", seen: listed("contributions"), own: ["source"] },
  disclosure: "open",
  journals: "open",
  checkpoint: "open",
  latest: "open",
  head: "open",
  consistency: "open",
  // Whole entries are for who sees everything.
  tile: { path: () => `/v1/journals/${FACTS}/tile/entries/000.p/1`, own: [] },
  isAlive: "open",
  isReady: "open",
  metrics: "open",
  openApi: "open",
};

const PATHS: Readonly<Record<string, string>> = {
  disclosure: "/v1/disclosure",
  journals: "/v1/journals",
  checkpoint: `/v1/journals/${FACTS}/checkpoint`,
  latest: `/v1/journals/${FACTS}/latest`,
  consistency: `/v1/journals/${FACTS}/consistency`,
  head: `/v1/journals/${FACTS}/head`,
  isAlive: "/healthz",
  isReady: "/readyz",
  metrics: "/metrics",
  openApi: "/openapi.json",
};

describe("who sees what", function () {
  this.timeout(60_000);
  let telling: Telling;
  let found: { readonly id: string; readonly leafHash: string };

  before(async () => {
    telling = await Telling.start();
    for (const report of endedScenario) await telling.tell(report);
    found = await telling.tell(example("data.pulled", OPERATOR, { resource: FLIGHTS, fields: ["date", "destination"] }));
  });
  after(() => telling.stop());

  /** A stream's answer is what it tells from the beginning. */
  async function answer(name: string, path: string, by: Asking): Promise<{ readonly status: number; readonly body: unknown }> {
    if (name !== "watch" || by.roles.includes("public")) return telling.get(path, by);
    return { status: 200, body: { messages: await telling.watch(path, { by, last: "000000000.0" }) } };
  }

  it("is said of every query", () => {
    expect(Object.keys(TABLE).sort()).to.deep.equal(queries.map(({ id }) => id).sort());
  });

  it("is said of every role", () => {
    expect(Object.keys(SCOPES).sort()).to.deep.equal([...ROLES].sort());
  });

  for (const role of ROLES) {
    it(`as ${role}`, async () => {
      for (const [name, row] of Object.entries(TABLE)) {
        const seen = async (party: string): Promise<number | string> => {
          const path = typeof row === "string" ? (PATHS[name] ?? "") : row.path(found);
          const { status, body } = await answer(name, path, asking(party, role));
          if (status === 200) return typeof row === "string" || row.seen === undefined ? 1 : row.seen(body as never);
          return `${status} ${(body as { code: string }).code}`;
        };
        const anyone = await seen(STRANGER);
        if (row === "open") expect(anyone, name).to.equal(1);
        else if (role === "public") expect(anyone, name).to.equal("403 not-allowed");
        else if (typeof row !== "string" && row.asked?.includes(role) === false) expect(anyone, name).to.equal("403 key-withheld");
        else if (SCOPES[role] === "all") expect(anyone, name).to.be.greaterThan(0);
        else {
          // As what does not exist.
          expect(anyone, name).to.be.oneOf([0, "404 not-found"]);
          const party = WHO[role];
          if (party === undefined) continue;
          if (row.own.includes(role)) expect(await seen(party), name).to.be.greaterThan(0);
          else expect(await seen(party), name).to.be.oneOf([0, "404 not-found"]);
        }
      }
    });
  }

  it("a source sees what touches its resources, and nothing of another source's", async () => {
    const ids = async (party: string, kind: string): Promise<string[]> =>
      (await telling.json<{ subjects: { id: string }[] }>(`/v1/subjects/${kind}`, asking(party))).subjects.map(({ id }) => id);
    expect(await ids(TRANSPORT, "resource")).to.deep.equal([FLIGHTS]);
    expect(await ids(METEOROLOGY, "resource")).to.deep.equal([WEATHER]);
    expect(await ids(TRANSPORT, "party")).to.deep.equal([TRANSPORT]);
    const { events } = await telling.json<{ events: { event: { type: string; data: { resource?: string } } }[] }>(
      `/v1/subjects/scenario/${SCENARIO}/events`,
      asking(METEOROLOGY),
    );
    expect(events.map(({ event }) => event.type)).to.include("suyuan.scenario.consented");
    expect(events.filter(({ event }) => event.data.resource === FLIGHTS)).to.deep.equal([]);
  });

  it("who calls a product sees the call, and of its counts only its own", async () => {
    const { types } = await telling.json<{ types: Record<string, number[]> }>("/v1/stats", asking(DEVELOPER));
    expect(types["suyuan.product.called"]).to.deep.equal([1, 0]);
    expect(types).not.to.have.any.keys("suyuan.data.pulled", "suyuan.product.released", "suyuan.scenario.submitted");
  });

  it("a list begins its next page where the asker may look", async () => {
    const { subjects, next } = await telling.json<{ subjects: unknown[]; next?: string }>(
      "/v1/subjects/resource?limit=1",
      asking(TRANSPORT),
    );
    expect([subjects.length, next]).to.deep.equal([1, undefined]);
  });

  it("no cursor tells a name, and every list is walked to its end from page to page", async () => {
    const paged = queries.filter(({ id, parameters }) => "cursor" in parameters && id !== "trace" && id !== "exitInventory");
    expect(paged.map(({ id }) => id)).to.have.members(["subjects", "history", "holdings", "exits", "findings", "reconciliation"]);
    const told = [TRANSPORT, FLIGHTS, WEATHER, SCENARIO, AUTHORIZATION, PRODUCT, "SuyuanMSP", "ft-"];
    let ends = 0;
    for (const { id, path: name } of paged) {
      const row = TABLE[id] as Row;
      for (const by of [
        asking(AUTHORITY),
        asking(TRANSPORT),
        asking(METEOROLOGY),
        asking(DEVELOPER),
        asking(STRANGER, "primary-operator"),
      ]) {
        const path = row.path(found);
        const ask = async (more: string): Promise<{ seen: number; next?: string }> => {
          const body = await telling.json<{ next?: string }>(`${path}${path.includes("?") ? "&" : "?"}${more}`, by);
          return { seen: row.seen?.(body as never) ?? 0, ...body };
        };
        let [seen, cursor] = [0, ""];
        do {
          const page = await ask(`limit=1${cursor}`);
          seen += page.seen;
          cursor = page.next === undefined ? "" : `&cursor=${page.next}`;
          if (page.next === undefined) continue;
          ends++;
          const bytes = Buffer.from(page.next, "base64url").toString("latin1");
          for (const name of told) expect(page.next + bytes, id).not.to.include(name);
        } while (cursor !== "");
        expect(seen, name).to.equal((await ask("limit=1000")).seen);
      }
    }
    expect(ends).to.be.greaterThan(20);
  });

  it("a cursor is good for the query that gave it", async () => {
    const { next } = await telling.json<{ next: string }>("/v1/subjects/party?limit=1");
    const other = `${next.slice(0, -2)}${next.endsWith("AA") ? "BB" : "AA"}`;
    for (const path of [
      `/v1/findings?cursor=${next}`,
      `/v1/subjects/party?cursor=${other}`,
      `/v1/subjects/party?cursor=${next.slice(4)}`,
    ]) {
      const { status, body } = await telling.get(path);
      expect([status, (body as { code: string; pointer: string }).code, (body as { pointer: string }).pointer], path).to.deep.equal([
        400,
        "query-invalid",
        "cursor",
      ]);
    }
  });

  it("a trace keeps its shape and withholds what is others'", async () => {
    const path = `/v1/trace/resource/${FLIGHTS}?direction=products`;
    const whole = await telling.json<Trace>(path);
    const seen = await telling.json<Trace>(path, asking(TRANSPORT));
    expect(seen.edges.map(({ activity, entity }) => [activity, entity])).to.deep.equal(
      whole.edges.map(({ activity, entity }) => [activity, entity]),
    );
    const types = seen.activities.map(({ type, withheld }) => (withheld === true ? "withheld" : type));
    expect(types).to.include.members(["suyuan.data.pulled", "withheld"]);
    expect(types).not.to.include("suyuan.product.released");
    expect(whole.entities.map(({ id }) => id)).to.include(PRODUCT);
    expect(seen.entities.map(({ id }) => id)).not.to.include(PRODUCT);
    for (const { withheld, ...activity } of seen.activities.filter(({ withheld }) => withheld === true)) {
      expect([withheld, activity.party, activity.leafHash, activity.subjects]).to.deep.equal([true, "", "", []]);
    }
    const prov = await fetch(telling.url + path, {
      headers: { accept: "application/prov+json", authorization: `Bearer ${await telling.token(asking(TRANSPORT))}` },
    });
    expect(await prov.text()).not.to.include(PRODUCT);
    expect((await telling.get(path, asking(STRANGER, "source"))).status).to.equal(404);
    expect((await telling.get(path, asking(AUTHORITY, "assessor"))).text).to.include(PRODUCT);
  });

  it("what somebody says itself leads to the names that it said, and no farther", async () => {
    const newcomer = creditCode(12);
    await telling.tell(example("party.registered", AUTHORITY, { code: newcomer, name: "另一开发主体", roles: ["developer"] }));
    const by = asking(newcomer, "developer");
    const raw = "SuyuanMSP/facts/2/0";
    const path = (id: string, direction: string): string => `/v1/trace/holding/${encodeURIComponent(id)}?direction=${direction}`;
    const made = await telling.tell(example("data.processed", newcomer, { inputs: [raw] }), by);
    for (const direction of ["sources", "products"]) {
      expect((await telling.get(path(raw, direction), by)).status, direction).to.equal(404);
      expect((await telling.get(path(raw, direction), asking(OPERATOR))).status, direction).to.equal(200);
    }
    const own = `${made.journal}/${made.index}/0`;
    const seen = await telling.json<Trace>(path(own, "sources"), by);
    expect(seen.entities.map(({ id }) => id)).to.deep.equal([own, raw]);
    expect(seen.entities[1]).to.deep.equal({ kind: "holding", id: raw });
    expect([seen.activities.map(({ type }) => type), seen.acts]).to.deep.equal([["suyuan.data.processed"], []]);
    const whole = await telling.json<Trace>(path(own, "sources"), asking(OPERATOR));
    expect(whole.entities.map(({ id }) => id)).to.deep.equal([own, raw, FLIGHTS]);
    expect(whole.entities[2], "given by its source").to.deep.equal({ kind: "resource", id: FLIGHTS, name: "航班离港准点记录" });
  });

  it("a developer sees what is decided, and of what is done only its own; once it is revoked, its own alone", async () => {
    const [second, purpose] = [COLLEAGUE, { scenario: SCENARIO }];
    await telling.tell(example("party.registered", AUTHORITY, { code: second, name: "另一开发主体", roles: ["developer"] }));
    for (const [step, by] of [
      ["applied", second] as const,
      ...["verified", "selected", "authorised"].map((step) => [step, OPERATOR] as const),
    ])
      await telling.tell(example(`developer.${step as "applied"}`, by, { developer: second, ...purpose }));
    const both = [DEVELOPER, second];
    for (const by of both) await telling.tell(example("data.processed", by, { inputs: ["SuyuanMSP/facts/2/0"] }));
    await telling.tell(example("product.called", OPERATOR, { caller: second }));
    const history = async (party: string) =>
      (
        await telling.json<{ events: { event: { type: string; party: string } }[] }>(
          `/v1/subjects/scenario/${SCENARIO}/events`,
          asking(party, "developer"),
        )
      ).events.map(
        ({ event: { type, party } }) =>
          `${type.slice("suyuan.".length)} ${party === DEVELOPER ? "first" : party === second ? "second" : "others"}`,
      );
    for (const party of both) {
      const own = party === second ? "second" : "first";
      const other = own === "first" ? "second" : "first";
      expect(await history(party), own).to.include.members([`data.processed ${own}`, "scenario.approved others"]);
      expect(await history(party), own).not.to.include.members([`data.processed ${other}`]);
      for (const type of ["data.processed others", "data.pulled others", `developer.applied ${other}`])
        expect(await history(party)).not.to.include(type);
    }
    await telling.tell(example("developer.revoked", OPERATOR, { developer: second, ...purpose }));
    expect(new Set(await history(second))).to.deep.equal(
      new Set([
        "data.processed second",
        "developer.applied second",
        ...["verified", "selected", "authorised", "revoked"].map((step) => `developer.${step} others`),
      ]),
    );
    for (const path of ["/v1/reconciliation", "/v1/findings", `/v1/holdings?authorization=${AUTHORIZATION}`, `/v1/subjects/product`]) {
      const text = (await telling.get(path, asking(second, "developer"))).text;
      expect(text, path).not.to.include(DEVELOPER).and.not.to.include(PRODUCT);
    }
    expect((await telling.get(`/v1/subjects/scenario/${SCENARIO}`, asking(second, "developer"))).status).to.equal(404);
  });
});
