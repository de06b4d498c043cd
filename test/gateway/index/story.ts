/** A small world on a real ledger, with the real contract: two resources of a source become a product. What the read model's tests look at. */
import { dayOf } from "../../../chaincode/events/time";
import { encodeLine } from "../../../chaincode/batch";
import type { Appended } from "../../../chaincode/append";
import { formatHoldingName } from "../../../chaincode/proof/holding-name";
import type { Block } from "../../../gateway/ledger/port";
import { AUTHORITY, creditCode, DEVELOPER, type MixEvent, OPERATOR, rolesOf } from "../../../scripts/bench/mix";
import { ACTS, batchOf, FACTS, leafOf, MSP, OnLedger } from "../../chaincode/on-ledger";

export { ACTS, AUTHORITY, DEVELOPER, FACTS, MSP, OPERATOR };
export const SOURCE = creditCode(100);
/** A journal of another gateway of the same organisation. */
export const ELSEWHERE = `${MSP}/facts2`;
export const AUTHORIZATION = "auth-1";
export const FIELDS = ["id", "area", "price"];

let ids = 0;
export const event = (type: string, data: MixEvent["data"], more: Partial<MixEvent> = {}): MixEvent => ({
  specversion: "1.0",
  id: `it-${++ids}`,
  source: "https://platform.example.cn/test",
  type: `suyuan.${type}`,
  time: new Date().toISOString(),
  party: OPERATOR,
  data,
  ...more,
});

export const digest = (n: number): string => n.toString(16).padStart(64, "0");
export const held = (n: number, form = "intermediate") => ({
  digest: digest(n),
  bytes: 100,
  rows: n,
  form,
  place: "平台存储区",
  platform: "on",
});

const flow = { authorization: AUTHORIZATION, scenario: "scn-1" };
export const pulled = (resource: string, n: number, more: Partial<MixEvent> = {}): MixEvent =>
  event("data.pulled", { ...flow, resource, fields: FIELDS, purpose: "产业分析", rows: n, holding: held(n, "raw") }, more);
export const processed = (step: string, inputs: readonly string[], outputs: readonly number[]): MixEvent =>
  event("data.processed", { ...flow, step, tool: "tool 1.0", inputs, holdings: outputs.map((n) => held(n)) });
export const accessed = (resource: string): MixEvent =>
  event("data.accessed", { ...flow, resource, operation: "query", rows: 1, purpose: "核对" });
export const called = (product: string): MixEvent => event("product.called", { product, caller: DEVELOPER, call: "c-1", rows: 3 });
export const delivered = (product: string): MixEvent => event("product.delivered", { product, to: DEVELOPER, version: "v1", rows: 3 });
export const aggregated = (resource: string, version: string, n: number): MixEvent =>
  event("data.aggregated", { resource, version, digest: digest(n), bytes: 10, rows: n }, { party: SOURCE });
export const released = (product: string, version: string, made: readonly string[]): MixEvent =>
  event("product.released", { product, authorization: AUTHORIZATION, version, digest: digest(0xabc), rows: 10, made });
/** Another version, with the review and the approval that it needs. */
export const releasedAgain = (...version: Parameters<typeof released>): readonly MixEvent[] => [
  event("product.compliance-reviewed", { product: version[0] }),
  event("product.outbound-approved", { product: version[0] }, { party: AUTHORITY }),
  released(...version),
];
const erased = { method: "purge", standard: "NIST SP 800-88", tool: "shred", toolVersion: "9", executor: "e" };
export const deleted = (holding: string, n: number): MixEvent =>
  event("holding.deleted", { authorization: AUTHORIZATION, holding, digest: digest(n), ...erased });
export const retained = (holding: string, n: number): MixEvent =>
  event(
    "holding.retained",
    { authorization: AUTHORIZATION, holding, digest: digest(n), basis: "statute", statute: "某法某条", until: "2031-01-01" },
    { party: AUTHORITY },
  );

const document = (n: number) => ({ digest: digest(n) });
const day = (offset: number): string => dayOf(Date.now() + offset * 86_400_000);

export const partyActs = (): MixEvent[] =>
  [
    [OPERATOR, "智城数据运营公司"],
    [DEVELOPER, "云图科技公司"],
    [SOURCE, "市不动产登记中心"],
  ].map(([code = "", name]) =>
    event("party.registered", { code, name, roles: code === SOURCE ? ["source"] : rolesOf(code) }, { party: AUTHORITY }),
  );

export const resourceActs = (resource: string, name: string): MixEvent[] => [
  event("resource.catalogued", { resource, name, fields: FIELDS, sensitivity: "internal", frequency: "daily" }, { party: SOURCE }),
  event("resource.approved", { resource }, { party: AUTHORITY }),
  event("resource.published", { resource }, { party: AUTHORITY }),
  event("resource.registered", { resource, ownership: "本单位", registration: `REG-${resource}` }, { party: SOURCE }),
];

export const authorizationActs = (): MixEvent[] => [
  event(
    "authorization.decided",
    {
      authorization: AUTHORIZATION,
      existing: { document: document(0xa9e), signedOn: day(-30) },
      operator: OPERATOR,
      scope: "不动产数据",
      decision: document(0xdec),
    },
    { party: AUTHORITY },
  ),
  event(
    "authorization.signed",
    { authorization: AUTHORIZATION, signed: day(-30), until: day(700), agreement: document(0xa9e) },
    { party: AUTHORITY },
  ),
];

export const scenarioActs = (resources: readonly string[]): MixEvent[] => [
  event("scenario.submitted", {
    ...flow,
    name: "住房信贷",
    purpose: "产业分析",
    demands: resources.map((resource) => ({ resource, fields: FIELDS })),
  }),
  ...resources.map((resource) => event("scenario.consented", { scenario: "scn-1", resource }, { party: SOURCE })),
  event("scenario.approved", { scenario: "scn-1" }, { party: AUTHORITY }),
  event("scenario.registered", { scenario: "scn-1", registration: "CJ-2026-1" }, { party: AUTHORITY }),
];

const given = { developer: DEVELOPER, scenario: "scn-1" };
export const developerActs = (): MixEvent[] => [
  event("developer.call-published", { ...flow, conditions: "具备行业资质", opens: day(-1), closes: day(30) }),
  event("developer.applied", { ...given, affiliation: "none", qualification: document(0x9a1) }, { party: DEVELOPER }),
  event("developer.verified", { ...given, opinion: document(0x9a2) }),
  event("developer.selected", { ...given, opinion: document(0x9a3) }),
  event("developer.authorised", { ...given, from: day(-30), until: day(700), agreement: document(0x9a4) }),
];

export const productActs = (product: string, resources: readonly string[]): MixEvent[] => [
  event("product.listed", { product, ...flow, name: "房价指数", type: "api", audience: "金融机构", resources, pricing: "market" }),
  event("product.list-approved", { product }, { party: AUTHORITY }),
  event("product.compliance-reviewed", { product }),
  event("product.outbound-approved", { product }, { party: AUTHORITY }),
  event("product.registered", { product, registration: "CP-2026-77" }),
];

/** Sends events to the ledger as a gateway would, slots included. */
export class Story {
  readonly #slots = new Map<string, number>();
  readonly #sizes = new Map<string, number>();

  private constructor(readonly on: OnLedger) {}

  static async open(): Promise<Story> {
    const story = new Story(await OnLedger.open());
    await story.on.init();
    return story;
  }

  /** With parties, two resources, an authorization, a scenario, a product and a developer in force. */
  static async world(): Promise<Story> {
    const story = await Story.open();
    await story.acts(...partyActs());
    await story.acts(...resourceActs("res-a", "房屋登记"), ...resourceActs("res-b", "成交价格"));
    await story.acts(...authorizationActs());
    await story.acts(...scenarioActs(["res-a", "res-b"]));
    await story.acts(...productActs("prd-1", ["res-a", "res-b"]));
    await story.acts(...developerActs());
    return story;
  }

  acts(...events: readonly MixEvent[]): Promise<Appended> {
    return this.append(ACTS, events.map(leafOf), events);
  }

  facts(...events: readonly MixEvent[]): Promise<Appended> {
    return this.append(FACTS, events.map(leafOf), events);
  }

  /** Names of the holdings that these facts declared. */
  async holdings(...events: readonly MixEvent[]): Promise<readonly string[]> {
    const { declared } = await this.facts(...events);
    return declared.flatMap(([index, slots]) => slots.map((_, ordinal) => formatHoldingName({ journal: FACTS, index, ordinal })));
  }

  async append(journal: string, leaves: readonly Uint8Array[], events: readonly MixEvent[] = []): Promise<Appended> {
    const lines = leaves.map((leaf, i) =>
      encodeLine(
        leaf,
        this.#named(events[i]).map((name) => this.#slots.get(name)),
      ),
    );
    const from = this.#sizes.get(journal) ?? 0;
    const appended = (await this.on.submit("append", journal, String(from), batchOf(lines))) as Appended;
    this.#sizes.set(journal, appended.size);
    for (const [index, slots] of appended.declared)
      slots.forEach((slot, ordinal) => this.#slots.set(formatHoldingName({ journal, index, ordinal }), slot));
    return appended;
  }

  #named(event: MixEvent | undefined): readonly string[] {
    const { inputs, made, holding } = (event?.data ?? {}) as { inputs?: string[]; made?: string[]; holding?: unknown };
    return inputs ?? made ?? (typeof holding === "string" ? [holding] : []);
  }

  /** Every block so far. */
  async blocks(): Promise<Block[]> {
    const height = await this.on.ledger.height();
    const blocks: Block[] = [];
    if (height > 0)
      for await (const block of this.on.ledger.blocks(0)) {
        blocks.push(block);
        if (blocks.length === height) break;
      }
    return blocks;
  }

  /** What the valid transactions so far have left, by key. */
  async state(): Promise<ReadonlyMap<string, unknown>> {
    const state = new Map<string, unknown>();
    for (const { key, value } of (await this.blocks()).flatMap(({ transactions }) => transactions.flatMap(({ writes }) => writes)))
      if (value === undefined) state.delete(key);
      else state.set(key, JSON.parse(Buffer.from(value).toString("utf8")));
    return new Map([...state].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  }

  close(): Promise<void> {
    return this.on.close();
  }
}
