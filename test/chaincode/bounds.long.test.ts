/**
 * Judging a fact costs the same however much was recorded before: two ledgers, one with ten of everything that adds up and one with a hundred
 * thousand, are told the same facts in turn. What is measured is the processor's time, so that what else runs on the machine matters little.
 */
import { dayOf } from "../../chaincode/events/time";
import { expect } from "chai";
import { AUTHORITY, creditCode, DEVELOPER, type MixEvent, OPERATOR } from "../../scripts/bench/mix";
import { ACTS, FACTS, OnLedger } from "./on-ledger";
import { SAMPLE } from "../sample";

const [FEW, MANY] = [10, SAMPLE ? 3000 : 100_000];
/** Facts of one measurement, and measurements. */
const [EACH, ROUNDS] = [2000, 15];
/** Acts of one transaction. */
const TOGETHER = 4000;

const SOURCE = creditCode(100);
const [RESOURCE, SCENARIO, PRODUCT, DERIVED, AUTHORIZATION] = ["res", "scn", "prd", "derived", "auth"];
const FIELDS = ["region", "period", "category", "amount"];
const EXTRA = Array.from({ length: 24 }, (_, n) => `extra-${n}`);
const REPORTING = "https://platform.example.cn/flow";

const digest = (n: number): string => n.toString(16).padStart(64, "0");
const document = { digest: digest(0) };
const day = (offset: number): string => dayOf(Date.now() + offset * 86_400_000);
const times = <T>(n: number, make: (k: number) => T): T[] => Array.from({ length: n }, (_, k) => make(k));

let count = 0;
const told = (type: string, party: string, data: MixEvent["data"]): MixEvent => ({
  ...({ specversion: "1.0", id: `e-${count++}`, source: REPORTING } as const),
  ...{ type: `suyuan.${type}`, time: new Date().toISOString(), party, data },
});
const held = (n: number) => ({ digest: digest(n), bytes: 1, rows: 1, form: "raw", place: "store", platform: "on" });
const pulled = () =>
  told("data.pulled", OPERATOR, {
    ...{ authorization: AUTHORIZATION, scenario: SCENARIO, resource: RESOURCE, fields: FIELDS, purpose: "产业分析", rows: 1 },
    holding: held(count),
  });
const called = () => told("product.called", OPERATOR, { product: DERIVED, caller: DEVELOPER, call: `c-${count}`, rows: 1 });

const listed = (product: string, more: object = {}, party = OPERATOR) =>
  told("product.listed", party, {
    ...{ product, authorization: AUTHORIZATION, scenario: SCENARIO, name: "产品", type: "api", audience: "企业" },
    ...{ resources: [RESOURCE], pricing: "market", ...more },
  });
const submitted = (scenario: string) =>
  told("scenario.submitted", OPERATOR, {
    ...{ scenario, authorization: AUTHORIZATION, name: "场景", purpose: "产业分析" },
    demands: [{ resource: RESOURCE, fields: FIELDS }],
  });
const updated = (more: object) => told("resource.updated", SOURCE, { resource: RESOURCE, version: `v-${count}`, ...more });
const approved = () => told("resource.approved", AUTHORITY, { resource: RESOURCE });
const given = { developer: DEVELOPER, scenario: SCENARIO };

const beginning = (): readonly MixEvent[] => [
  told("party.registered", AUTHORITY, { code: OPERATOR, name: "一级主体", roles: ["primary-operator", "platform"] }),
  told("party.registered", AUTHORITY, { code: DEVELOPER, name: "二级主体", roles: ["developer"] }),
  told("party.registered", AUTHORITY, { code: SOURCE, name: "数源单位", roles: ["source"] }),
  told("resource.catalogued", SOURCE, { resource: RESOURCE, name: "数据", fields: FIELDS, sensitivity: "internal", frequency: "daily" }),
  approved(),
  told("resource.published", AUTHORITY, { resource: RESOURCE }),
  told("resource.registered", SOURCE, { resource: RESOURCE, ownership: "本单位", registration: "reg" }),
  told("authorization.decided", AUTHORITY, {
    ...{ authorization: AUTHORIZATION, existing: { document, signedOn: day(-30) }, operator: OPERATOR },
    ...{ scope: "公共数据", decision: document },
  }),
  told("authorization.signed", AUTHORITY, { authorization: AUTHORIZATION, signed: day(-30), until: day(700), agreement: document }),
  submitted(SCENARIO),
  told("scenario.consented", SOURCE, { scenario: SCENARIO, resource: RESOURCE }),
  told("developer.call-published", OPERATOR, {
    ...{ scenario: SCENARIO, authorization: AUTHORIZATION, conditions: "资质", opens: day(-1), closes: day(30) },
  }),
  told("scenario.approved", AUTHORITY, { scenario: SCENARIO }),
  told("scenario.registered", AUTHORITY, { scenario: SCENARIO, registration: "reg" }),
  told("developer.applied", DEVELOPER, { ...given, affiliation: "none", qualification: document }),
  told("developer.verified", OPERATOR, { ...given, opinion: document }),
  told("developer.selected", OPERATOR, { ...given, opinion: document }),
  told("developer.authorised", OPERATOR, { ...given, from: day(-1), until: day(700), agreement: document }),
  listed(PRODUCT),
];

/** What adds up, so many times: a transaction after the other. */
function* additions(n: number): Generator<readonly MixEvent[], void> {
  yield* together(n, (k) => submitted(`scn-${k}`));
  yield* together(n, (k) => listed(`prd-${k}`, { madeFrom: [PRODUCT] }));
  yield* together(n, () => told("security.plan-filed", OPERATOR, { authorization: AUTHORIZATION, plan: document }));
  const move = { from: FACTS, to: `${FACTS}-2`, reason: "迁移" };
  yield* together(n, (k) => told("journal.source-moved", AUTHORITY, { source: `https://s-${k}`, ...move }));
  // What is narrowed away comes back with the next entry, and is narrowed again.
  for (let k = 0; k < n; k += EXTRA.length) {
    yield [updated({ fields: [...FIELDS, ...EXTRA] }), approved()];
    const narrowed = { resource: RESOURCE, from: day(0), reason: "不再提供" };
    yield EXTRA.slice(0, n - k).map((field) => told("resource.narrowed", SOURCE, { ...narrowed, fields: [field] }));
  }
  // People who withdraw their consent are left out by the next version.
  for (let k = 0; k < n; k += 200) {
    const excludes = times(Math.min(200, n - k), (i) => digest(k + i));
    const withdrawn = excludes.map((batch) => told("resource.consent-withdrawn", SOURCE, { resource: RESOURCE, batch, persons: 1 }));
    yield [...withdrawn, updated({ excludes })];
  }
}

function* together(n: number, make: (k: number) => MixEvent): Generator<readonly MixEvent[], void> {
  for (let k = 0; k < n; k += TOGETHER) yield times(Math.min(TOGETHER, n - k), (i) => make(k + i));
}

/** Of a product and of one that is made from it: all that comes before a call. */
const releases = (): readonly MixEvent[] => {
  const step = (name: string, party: string, product = PRODUCT) => told(`product.${name}`, party, { product });
  const released = (party: string, product: string) => {
    const what = { authorization: AUTHORIZATION, version: "v1", digest: digest(1), rows: 1, made: [`${FACTS}/0/0`] };
    return told("product.released", party, { product, ...what });
  };
  return [
    ...[step("list-approved", AUTHORITY), step("compliance-reviewed", OPERATOR), step("outbound-approved", AUTHORITY)],
    ...[step("registered", OPERATOR), released(OPERATOR, PRODUCT)],
    listed(DERIVED, { level: "2", madeFrom: [PRODUCT] }, DEVELOPER),
    ...[step("compliance-reviewed", OPERATOR, DERIVED), step("registered", OPERATOR, DERIVED), released(DEVELOPER, DERIVED)],
  ];
};

async function grow(on: OnLedger, n: number): Promise<void> {
  await on.init();
  await on.append(ACTS, beginning());
  for (const acts of additions(n)) await on.append(ACTS, acts);
  await on.append(FACTS, [pulled()]);
  const last = releases();
  await on.append(ACTS, last, Object.fromEntries(last.filter(({ type }) => type.endsWith("released")).map(({ id }) => [id, [0]])));
}

/** Of a batch that breaks no rule: microseconds of the processor for each fact. */
async function cost(on: OnLedger): Promise<number> {
  const facts = times(EACH, (k) => (k % 2 === 0 ? pulled() : called()));
  const before = process.cpuUsage();
  const { findings } = await on.append(FACTS, facts);
  const { user, system } = process.cpuUsage(before);
  expect(findings).to.deep.equal([]);
  return (user + system) / EACH;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

describe("judging a fact", function () {
  this.timeout(1_800_000);

  it(`costs the same with ${FEW} and with ${MANY} scenarios, derived products, narrowings, withdrawn consents, marks and sources that moved`, async () => {
    const [few, many] = [await OnLedger.open(), await OnLedger.open()];
    try {
      await grow(few, FEW);
      await grow(many, MANY);
      const costs: (readonly [few: number, many: number])[] = [];
      for (let round = -5; round < ROUNDS; round++) {
        const pair = [await cost(few), await cost(many)] as const;
        if (round >= 0) costs.push(pair);
      }
      const [one, other] = [median(costs.map(([it]) => it)), median(costs.map(([, it]) => it))];
      const ratio = median(costs.map(([a, b]) => b / a));
      process.stdout.write(`      ${one.toFixed(1)} and ${other.toFixed(1)} us of the processor a fact, ratio ${ratio.toFixed(3)}\n`);
      expect(ratio).to.be.below(1.2);
    } finally {
      await few.close();
      await many.close();
    }
  });
});
