/**
 * The realistic mix: 31 sources, 300 resources, 40 scenarios, 120 products, popularity by Zipf; 70 % calls and accesses, 20 % processing,
 * 8 % pulls, 2 % others; bodies of 300 to 500 bytes. The same seed gives the same events.
 */

export interface MixEvent {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly party: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const SOURCES = 31;
const RESOURCES = 300;
const SCENARIOS = 40;
const PRODUCTS = 120;
const DEMANDS = 12;
const FIELDS = ["region", "period", "category", "amount", "status", "grade"];
export const AUTHORIZATION = "auth-2026-001";

/** The registered parties; the authority is the ledger's first. The operator also speaks as the platform, so that one sender reports all facts. */
export const AUTHORITY = creditCode(1);
export const OPERATOR = creditCode(2);
export const DEVELOPER = creditCode(3);
export const rolesOf = (party: string): readonly string[] =>
  party === AUTHORITY
    ? ["authority"]
    : party === OPERATOR
      ? ["primary-operator", "platform"]
      : party === DEVELOPER
        ? ["developer"]
        : ["source"];
export const sourceOf = (resource: number): string => creditCode(100 + (resource % SOURCES));

/** A well-formed unified social credit code for an invented unit. */
export function creditCode(number: number): string {
  const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  const body = `91140200MA0${number.toString().padStart(6, "0")}`;
  let [sum, weight] = [0, 1];
  for (const character of body) [sum, weight] = [sum + alphabet.indexOf(character) * weight, (weight * 3) % 31];
  return body + (alphabet[(31 - (sum % 31)) % 31] ?? "");
}

/** mulberry32: small, fast, and the same everywhere. Numbers from 0 up to but not including 1. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws 0 to n-1, number k with a weight of 1/(k+1). */
export function zipf(n: number, next: () => number): () => number {
  const sums: number[] = [];
  for (let k = 0, sum = 0; k < n; k++) sums.push((sum += 1 / (k + 1)));
  const total = sums.at(-1) ?? 0;
  return () => {
    const wanted = next() * total;
    let [low, high] = [0, n - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

const resource = (k: number): string => `res-${k.toString().padStart(3, "0")}`;
const scenario = (k: number): string => `scn-${k.toString().padStart(2, "0")}`;
const product = (k: number): string => `prd-${k.toString().padStart(3, "0")}`;
/** Resources that a scenario may use: spread over all, so that each is in some. */
const demandsOf = (s: number): number[] => Array.from({ length: DEMANDS }, (_, i) => (s * 8 + i) % RESOURCES);
const hex = (next: () => number): string =>
  Array.from({ length: 8 }, () =>
    Math.floor(next() * 2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");

export class Mix {
  readonly #next: () => number;
  readonly #product: () => number;
  readonly #scenario: () => number;
  readonly #name: string;
  #count = 0;

  /** @param name unique among the mixes sent to one ledger: event ids begin with it */
  constructor(name: string, seed = 1) {
    this.#name = name;
    this.#next = random(seed);
    this.#product = zipf(PRODUCTS, this.#next);
    this.#scenario = zipf(SCENARIOS, this.#next);
  }

  #event(type: string, party: string, data: MixEvent["data"]): MixEvent {
    const id = `${this.#name}-${(this.#count++).toString(16).padStart(10, "0")}`;
    return {
      specversion: "1.0",
      id,
      source: "https://platform.example.cn/flow",
      type: `suyuan.${type}`,
      time: new Date().toISOString(),
      party,
      data,
    };
  }

  /** Acts that build the world, in stages: a stage needs those before it on the ledger. */
  acts(): readonly (readonly MixEvent[])[] {
    const each = <T>(n: number, make: (k: number) => T): T[] => Array.from({ length: n }, (_, k) => make(k));
    const document = () => ({ digest: hex(this.#next) });
    const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
    const party = (code: string, name: string) => this.#event("party.registered", AUTHORITY, { code, name, roles: rolesOf(code) });
    const byResource = (type: string, party: (k: number) => string, data: (k: number) => object) =>
      each(RESOURCES, (k) => this.#event(type, party(k), { resource: resource(k), ...data(k) }));
    const authority = () => AUTHORITY;
    const given = (s: number) => ({ developer: DEVELOPER, scenario: scenario(s) });
    return [
      [party(OPERATOR, "一级主体"), party(DEVELOPER, "二级主体"), ...each(SOURCES, (k) => party(sourceOf(k), `数源单位${k}`))],
      byResource("resource.catalogued", sourceOf, (k) => ({
        name: `公共数据资源${k}`,
        fields: FIELDS,
        sensitivity: "internal",
        frequency: "daily",
      })),
      byResource("resource.approved", authority, () => ({})),
      [
        ...byResource("resource.published", authority, () => ({})),
        ...byResource("resource.registered", sourceOf, (k) => ({ ownership: "本单位", registration: `reg-${k}` })),
        this.#event("authorization.decided", AUTHORITY, {
          authorization: AUTHORIZATION,
          existing: { document: document(), signedOn: day(-30) },
          operator: OPERATOR,
          scope: "市级公共数据资源授权运营",
          decision: document(),
        }),
      ],
      [
        this.#event("authorization.signed", AUTHORITY, {
          authorization: AUTHORIZATION,
          signed: day(-30),
          until: day(700),
          agreement: document(),
        }),
      ],
      each(SCENARIOS, (s) =>
        this.#event("scenario.submitted", OPERATOR, {
          scenario: scenario(s),
          authorization: AUTHORIZATION,
          name: `应用场景${s}`,
          purpose: "产业分析",
          demands: demandsOf(s).map((k) => ({ resource: resource(k), fields: FIELDS })),
        }),
      ),
      each(SCENARIOS, (s) => [
        ...demandsOf(s).map((k) => this.#event("scenario.consented", sourceOf(k), { scenario: scenario(s), resource: resource(k) })),
        this.#event("developer.call-published", OPERATOR, {
          scenario: scenario(s),
          authorization: AUTHORIZATION,
          conditions: "具备行业资质",
          opens: day(-1),
          closes: day(30),
        }),
      ]).flat(),
      each(SCENARIOS, (s) => [
        this.#event("scenario.approved", AUTHORITY, { scenario: scenario(s) }),
        this.#event("developer.applied", DEVELOPER, { ...given(s), affiliation: "none", qualification: document() }),
      ]).flat(),
      [
        ...each(SCENARIOS, (s) => [
          this.#event("developer.verified", OPERATOR, { ...given(s), opinion: document() }),
          this.#event("developer.selected", OPERATOR, { ...given(s), opinion: document() }),
          this.#event("developer.authorised", OPERATOR, { ...given(s), from: day(-1), until: day(700), agreement: document() }),
        ]).flat(),
        ...each(SCENARIOS, (s) => this.#event("scenario.registered", AUTHORITY, { scenario: scenario(s), registration: `reg-${s}` })),
        ...each(PRODUCTS, (p) =>
          this.#event("product.listed", OPERATOR, {
            product: product(p),
            authorization: AUTHORIZATION,
            scenario: scenario(p % SCENARIOS),
            name: `数据产品${p}`,
            type: "api",
            audience: "金融机构",
            resources: [resource(demandsOf(p % SCENARIOS)[0] ?? 0)],
            pricing: "market",
          }),
        ),
      ],
      each(PRODUCTS, (p) => [
        this.#event("product.list-approved", AUTHORITY, { product: product(p) }),
        this.#event("product.compliance-reviewed", OPERATOR, { product: product(p) }),
        this.#event("product.outbound-approved", AUTHORITY, { product: product(p) }),
        this.#event("product.registered", OPERATOR, { product: product(p), registration: `reg-${p}` }),
      ]).flat(),
    ];
  }

  /** One pull for each product: its holding is what the product is made of. */
  basePulls(): readonly MixEvent[] {
    return Array.from({ length: PRODUCTS }, (_, p) => this.#pulled(p % SCENARIOS, p));
  }

  /** Releases of all products, by the names of the holdings that {@link basePulls} declared. */
  releases(holdings: readonly string[]): readonly MixEvent[] {
    return holdings.map((holding, p) =>
      this.#event("product.released", OPERATOR, {
        product: product(p),
        authorization: AUTHORIZATION,
        version: "v1",
        digest: hex(this.#next),
        rows: 1000,
        made: [holding],
      }),
    );
  }

  /** The next fact. @param holdings names that {@link basePulls} declared, in their order, for processing to start from */
  fact(holdings: readonly string[]): MixEvent {
    const draw = this.#next();
    if (draw < 0.6) {
      return this.#event("product.called", OPERATOR, {
        product: product(this.#product()),
        caller: DEVELOPER,
        call: hex(this.#next).slice(0, 24),
        rows: Math.floor(this.#next() * 5000),
        purpose: "信贷风险评估查询",
      });
    }
    const s = this.#scenario();
    if (draw < 0.7) {
      return this.#event("data.accessed", OPERATOR, {
        authorization: AUTHORIZATION,
        scenario: scenario(s),
        resource: resource(this.#demand(s)),
        operation: "query",
        rows: Math.floor(this.#next() * 100),
        purpose: "数据质量核对",
      });
    }
    if (draw < 0.9) {
      const h = Math.floor(this.#next() * holdings.length);
      return this.#event("data.processed", OPERATOR, {
        authorization: AUTHORIZATION,
        // What was pulled for one scenario is processed for no other.
        scenario: scenario(h % SCENARIOS),
        step: "clean",
        tool: "cleaner 3.2",
        inputs: [holdings[h] ?? ""],
        holdings: [this.#held("intermediate")],
      });
    }
    if (draw < 0.98) return this.#pulled(s, Math.floor(this.#next() * 1000));
    const k = this.#demand(s);
    return this.#event("data.supplied", OPERATOR, {
      authorization: AUTHORIZATION,
      scenario: scenario(s),
      resource: resource(k),
      transfer: `tr-${this.#count}`,
      to: OPERATOR,
      digest: hex(this.#next),
      bytes: 100_000,
      rows: 1000,
    });
  }

  #demand(s: number): number {
    return demandsOf(s)[Math.floor(this.#next() * DEMANDS)] ?? 0;
  }

  #pulled(s: number, salt: number): MixEvent {
    return this.#event("data.pulled", OPERATOR, {
      authorization: AUTHORIZATION,
      scenario: scenario(s),
      resource: resource(demandsOf(s)[salt % DEMANDS] ?? 0),
      fields: FIELDS.slice(0, 4),
      purpose: "产业分析",
      rows: 1000,
      holding: this.#held("raw"),
    });
  }

  #held(form: string): Readonly<Record<string, unknown>> {
    return { digest: hex(this.#next), bytes: 100_000, rows: 1000, form, place: "平台存储区", platform: "on" };
  }
}
