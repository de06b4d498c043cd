import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { FREE_TEXT, type JsonSchema } from "../../../chaincode/events/schema";
import type { Role } from "../../../chaincode/events/definition";
import { readConfig } from "../../../gateway/config";
import { openApi } from "../../../gateway/http/openapi";
import { issueToken } from "../../../gateway/keys";
import { type Gateway, startGateway } from "../../../gateway/main";
import { AUTHORITY, AUTHORIZATION, DEVELOPER, example, FLIGHTS, OPERATOR, PRODUCT, SCENARIO, story } from "../../chaincode/events/world";
import { AGENCY } from "../../chaincode/events/oversight";
import { endedScenario, PART_EXIT } from "../exit/leaving";
import { aroundToday } from "./today";

interface Asked {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Response>> }>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}
interface Response {
  readonly content: Readonly<Record<string, { readonly schema?: JsonSchema }>>;
}

const { paths, components } = JSON.parse(JSON.stringify(openApi())) as Document;

/** The same schema, which takes no member that it does not name: what is answered is what is described. */
const closed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, closed(each)]));
  return "properties" in inner && !("additionalProperties" in inner) ? { ...inner, additionalProperties: false } : inner;
};

const ajv = addFormats(new Ajv2020({ strict: true, strictRequired: false }));
ajv.addVocabulary([FREE_TEXT, "discriminator", "components"]);

const rolesOf = (party: string): Role[] =>
  party === AUTHORITY
    ? ["authority"]
    : party === OPERATOR
      ? ["primary-operator", "platform"]
      : party === DEVELOPER
        ? ["developer"]
        : party === AGENCY
          ? ["implementing-agency"]
          : ["source"];

/** A gateway that has been told the story of the examples, and one pull beyond its scenario. */
describe("what the gateway answers", function () {
  this.timeout(60_000);
  let data: string;
  let gateway: Gateway;
  /** Of each event told, by type. */
  const told = new Map<string, { readonly leafHash: string }>();
  const tokens = new Map<string, string>();

  const ask = async (party: string, path: string, init: Asked = {}): Promise<globalThis.Response> => {
    const token = tokens.get(party) ?? (await issueToken(data, { party, roles: rolesOf(party), seconds: 600 }));
    tokens.set(party, token);
    return fetch(gateway.url + path, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
  };

  const post = (party: string, body: unknown): Promise<globalThis.Response> =>
    ask(party, "/v1/events", { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });

  /** When each was told first: told again, it is the same. */
  const times: string[] = [];
  const report = (number: number, told: { readonly type: string; readonly data: object }): object => {
    const time = (times[number] ??= new Date().toISOString());
    return { specversion: "1.0", id: `e-${number}`, source: "//test", type: `suyuan.${told.type}`, time, data: aroundToday(told) };
  };

  before(async () => {
    data = await mkdtemp(join(tmpdir(), "suyuan-answers-"));
    gateway = await startGateway(readConfig({ data, port: 0 }, {}));
    const beyond = example("data.pulled", OPERATOR, { fields: ["date", "destination"] });
    for (const [number, it] of [...story, ...endedScenario, beyond].entries()) {
      const response = await post(it.party, report(number, it));
      const result = (await response.json()) as { leafHash: string };
      expect(response.status, `${it.type} ${JSON.stringify(result)}`).to.be.oneOf([201, 202]);
      told.set(it.type, result);
      // Rules see what is on the ledger: the next event may rest on this one.
      await anchored(result.leafHash);
    }
  });

  after(async () => {
    await gateway.stop();
    await rm(data, { recursive: true });
  });

  async function anchored(leafHash: string): Promise<void> {
    for (;;) {
      const response = await ask(AUTHORITY, `/v1/events/${leafHash}`);
      if (response.status === 200 && ((await response.json()) as { state: string }).state === "anchored") return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** That an answer is one that the document describes for this path, method and status, in every member. */
  async function expectDescribed(response: globalThis.Response, path: string, method = "get"): Promise<unknown> {
    const described = paths[path]?.[method]?.responses[String(response.status)];
    expect(described, `${method} ${path} ${response.status}`).to.not.equal(undefined);
    const type = response.headers.get("content-type")?.split(";")[0] ?? "";
    expect(Object.keys(described!.content), path).to.include(type);
    if (type === "text/event-stream") return response.body?.cancel();
    if (!/[/+]json$/.test(type)) return response.text();
    const schema = { ...described!.content[type]!.schema, components };
    const validate = ajv.compile(closed(schema) as JsonSchema);
    const answer: unknown = await response.json();
    expect(validate(answer), `${path} ${JSON.stringify(validate.errors)} ${JSON.stringify(answer)}`).to.equal(true);
    return answer;
  }

  /** An address for every path that can be read. */
  const addresses = (): Readonly<Record<string, readonly string[]>> => {
    const leafHash = told.get("data.pulled")!.leafHash;
    const act = told.get("scenario.approved")!.leafHash;
    return {
      "/v1/events": ["/v1/events?source=%2F%2Ftest&id=e-0"],
      "/v1/events/{leafHash}": [`/v1/events/${leafHash}`, `/v1/events/${act}`],
      "/v1/receipts/{leafHash}": [`/v1/receipts/${leafHash}?head=first`, `/v1/receipts/${act}`],
      "/v1/trace/{kind}/{id}": [
        `/v1/trace/product/${PRODUCT}`,
        `/v1/trace/resource/${FLIGHTS}?direction=products&depth=1`,
        `/v1/trace/holding/${encodeURIComponent("SuyuanMSP/facts/3/0")}?limit=2`,
      ],
      "/v1/subjects/{kind}": ["party", "resource", "authorization", "scenario", "product"].map((kind) => `/v1/subjects/${kind}?limit=1`),
      "/v1/subjects/{kind}/{id}": [
        `/v1/subjects/party/${OPERATOR}`,
        `/v1/subjects/resource/${FLIGHTS}`,
        `/v1/subjects/scenario/${SCENARIO}`,
        `/v1/subjects/product/${PRODUCT}`,
      ],
      "/v1/subjects/{kind}/{id}/events": [`/v1/subjects/scenario/${SCENARIO}/events?order=oldest&limit=3`],
      "/v1/search": [`/v1/search?q=${encodeURIComponent("航班")}`, `/v1/search?q=${leafHash}`],
      "/v1/holdings": [`/v1/holdings?authorization=${AUTHORIZATION}&limit=1`],
      "/v1/exits": ["/v1/exits", "/v1/exits?limit=1"],
      "/v1/exits/{id}": [`/v1/exits/${PART_EXIT}`],
      "/v1/exits/{id}/inventory": [`/v1/exits/${PART_EXIT}/inventory`],
      "/v1/exits/{id}/certificate": [`/v1/exits/${PART_EXIT}/certificate`],
      "/v1/exits/{id}/certificate/items": [`/v1/exits/${PART_EXIT}/certificate/items`],
      "/v1/exits/{id}/statement": [`/v1/exits/${PART_EXIT}/statement`],
      "/v1/authorizations/{id}/key": [`/v1/authorizations/${AUTHORIZATION}/key`],
      "/v1/findings": ["/v1/findings", `/v1/findings?code=fields-beyond-scenario&party=${OPERATOR}&kind=scenario&id=${SCENARIO}`],
      "/v1/stats": ["/v1/stats"],
      "/v1/reconciliation": ["/v1/reconciliation", `/v1/reconciliation?authorization=${AUTHORIZATION}&limit=1`],
      "/v1/contributions": ["/v1/contributions"],
      "/v1/watch": ["/v1/watch"],
      "/v1/duties": ["/v1/duties", `/v1/duties?party=${OPERATOR}&overdue=false&dueBefore=2100-01-01`],
      "/v1/disclosure": ["/v1/disclosure"],
      "/v1/journals": ["/v1/journals"],
      "/v1/journals/{journal}/checkpoint": ["/v1/journals/SuyuanMSP%2Ffacts/checkpoint"],
      "/v1/journals/{journal}/latest": ["/v1/journals/SuyuanMSP%2Ffacts/latest"],
      "/v1/journals/{journal}/head": ["/v1/journals/SuyuanMSP%2Ffacts/head"],
      "/v1/journals/{journal}/consistency": ["/v1/journals/SuyuanMSP%2Ffacts/consistency?from=2&to=5"],
      "/v1/journals/{journal}/tile/{path}": [
        "/v1/journals/SuyuanMSP%2Ffacts/tile/0/000.p/5",
        "/v1/journals/SuyuanMSP%2Ffacts/tile/entries/000.p/5",
      ],
      "/healthz": ["/healthz"],
      "/readyz": ["/readyz"],
      "/metrics": ["/metrics"],
    };
  };

  it("is described, every path of it and every member", async () => {
    // Not served yet.
    const described = Object.keys(paths).filter((path) => paths[path]?.["get"] !== undefined && path !== "/openapi.json");
    expect(Object.keys(addresses())).to.have.members(described);
    for (const [path, each] of Object.entries(addresses())) {
      for (const address of each) {
        const response = await ask(path === "/v1/authorizations/{id}/key" ? OPERATOR : AUTHORITY, address);
        expect(response.status, address).to.equal(200);
        await expectDescribed(response, path);
      }
    }
  });

  it("is described in the other forms of a trace", async () => {
    for (const accept of ["application/prov+json", "text/csv"]) {
      await expectDescribed(await ask(AUTHORITY, `/v1/trace/product/${PRODUCT}`, { headers: { accept } }), "/v1/trace/{kind}/{id}");
    }
  });

  it("is described where something is wrong", async () => {
    const wrong: readonly (readonly [path: string, address: string, status: number])[] = [
      ["/v1/events/{leafHash}", `/v1/events/${"0".repeat(64)}`, 404],
      ["/v1/trace/{kind}/{id}", "/v1/trace/product/unheard-of", 404],
      ["/v1/subjects/{kind}", "/v1/subjects/nonsense", 404],
      ["/v1/search", "/v1/search", 400],
      ["/v1/findings", "/v1/findings?code=nonsense", 400],
      ["/v1/journals/{journal}/consistency", "/v1/journals/SuyuanMSP%2Ffacts/consistency?to=99999", 400],
    ];
    for (const [path, address, status] of wrong) {
      const response = await ask(AUTHORITY, address);
      expect(response.status, address).to.equal(status);
      await expectDescribed(response, path);
    }
    await expectDescribed(await fetch(`${gateway.url}/v1/stats`), "/v1/stats");
  });

  it("is described for what was reported: acts, facts, refusals, several at once", async () => {
    const results: readonly (readonly [body: unknown, status: number])[] = [
      [report(0, story[0]!), 201],
      [report(1000, example("party.registered", AUTHORITY)), 409],
      [report(1001, { type: "party.registered", data: {} }), 422],
      [[report(0, story[0]!), { nonsense: true }], 200],
    ];
    for (const [body, status] of results) {
      const response = await post(AUTHORITY, body);
      expect(response.status, JSON.stringify(body)).to.equal(status);
      await expectDescribed(response, "/v1/events", "post");
    }
    const fact = await post(OPERATOR, report(1002, example("data.accessed", OPERATOR)));
    expect(fact.status).to.equal(202);
    await expectDescribed(fact, "/v1/events", "post");
  });
});
