import { expect } from "chai";
import { creditCodeValid } from "../../../chaincode/events/party";
import { shapeError } from "../../../chaincode/events/envelope";
import { REMARKS, ruleClauses, TOLD_BY_GATEWAYS } from "../../../chaincode/events/codes";
import { vocabulary } from "../../../chaincode/events/vocabulary";
import type { JsonSchema } from "../../../chaincode/events/schema";
import { ROLES } from "../../../chaincode/events/definition";
import {
  attributeLabel,
  type CodeLabel,
  eventLabel,
  families,
  fieldLabel,
  type Label,
  roleLabel,
  ruleCodes,
  ruleLabel,
  valueLabel,
} from "../../../gateway/labels";
import common from "../../../chaincode/events/common.labels.json";
import { life } from "./authorization-life";
import { market } from "./market";
import { aftermath } from "./oversight";
import { after, AUTHORITY, DEVELOPER, examples, FLIGHTS, METEOROLOGY, NOW, OPERATOR, story, STRANGER, TRANSPORT, World } from "./world";

interface Example {
  readonly valid: Readonly<Record<string, unknown>>;
  readonly invalid: { readonly data: unknown; readonly at: string };
}

const types = [...vocabulary.values()];
const exampleOf = (type: string): Example => (examples as unknown as Record<string, Example>)[type]!;
const event = (type: string, data: unknown): object => ({
  specversion: "1.0",
  id: "e-1",
  source: "//test",
  type,
  time: NOW,
  party: OPERATOR,
  recordedtime: "2026-03-10T02:00:00.000Z",
  data,
});

/** Every field of a schema, at whatever depth, with the values it can take where they are few. */
function* fieldsOf(schema: JsonSchema): Generator<{ readonly name: string; readonly values: readonly string[] }> {
  const { type, properties, items, anyOf } = schema;
  if (type === "array") yield* fieldsOf(items as JsonSchema);
  for (const each of (anyOf ?? []) as JsonSchema[]) yield* fieldsOf(each);
  for (const [name, field] of Object.entries((properties ?? {}) as Record<string, JsonSchema>)) {
    const { enum: values = [] } = { ...field, ...(field["items"] as JsonSchema | undefined) } as { enum?: readonly string[] };
    yield { name, values };
    yield* fieldsOf(field);
  }
}

function expectWords(label: Label | undefined, what: string): void {
  expect(label?.zh, `${what} in Chinese`).to.match(/\p{Script=Han}/u);
  expect(label?.en, `${what} in English`).to.match(/^[\x20-\x7e]+$/);
}

describe("vocabulary", () => {
  it("has each type once, in the family of its name", () => {
    expect(types).to.have.length.above(0);
    for (const { type, family } of types) {
      expect(type).to.match(/^suyuan\.[a-z]+\.[a-z]+(-[a-z]+)*$/);
      expect(type.split(".")[1]).to.equal(family);
    }
    expect(new Set(types.map(({ family }) => family))).to.deep.equal(new Set(Object.keys(families)));
  });

  it("has a known role, and a subject, for every type", () => {
    for (const { type, by } of types) {
      expect(by, type).to.not.be.empty;
      for (const role of by) expect(ROLES, type).to.include(role);
    }
  });

  it("has words for every event, field, value and rule, and none for what does not exist", () => {
    for (const [family, labels] of Object.entries(families)) {
      const own = types.filter((it) => it.family === family);
      expect(Object.keys(labels.events), family).to.have.members(own.map(({ type }) => type));
      for (const { type } of own) expectWords(eventLabel(type), type);

      const fields = own.flatMap(({ schema }) => [...fieldsOf(schema)]);
      for (const { name, values } of fields) {
        expectWords(fieldLabel(family, name), `${family}: ${name}`);
        for (const value of values) expectWords(valueLabel(family, name, value), `${family}: ${name} ${value}`);
      }
      const names = fields.map(({ name }) => name);
      expect(names, `${family} fields`).to.include.members(Object.keys(labels.fields));
      for (const [name, values] of Object.entries(labels.values ?? {})) {
        expect(fields.find((field) => field.name === name)?.values, `${family} ${name}`).to.have.members(Object.keys(values));
      }
    }
    const used = types.flatMap(({ schema }) => [...fieldsOf(schema)]).map(({ name }) => name);
    expect(used).to.include.members(Object.keys(common.fields));
    for (const role of ROLES) expectWords(roleLabel(role), role);
    for (const name of Object.keys(event("", {}))) expectWords(attributeLabel(name), name);
  });

  it("says of every code what it means and what to do, once", () => {
    expect(ruleCodes).to.have.members([...ruleClauses.keys()]);
    const labelled = [common, ...Object.values(families)].flatMap((family) => Object.keys(family.rules as Record<string, CodeLabel>));
    expect(labelled).to.have.length(new Set(labelled).size);
    for (const code of ruleCodes) {
      expect(code).to.match(/^[a-z]+(-[a-z]+)*$/);
      expectWords(ruleLabel(code), code);
      expectWords(ruleLabel(code)?.next, `${code}: next`);
    }
    expect(ruleLabel("toString")).to.equal(undefined);
    expect(ruleLabel("no-such-rule")).to.equal(undefined);
  });

  it("has a rule for every code, but for those that hold for all types or judge no event alone", () => {
    const used = new Set<string>(types.flatMap(({ rules }) => rules.map(({ code }) => code)));
    const beyond = [...TOLD_BY_GATEWAYS, "quarantined", "recorded-late", "dated-ahead", "personal-information"];
    expect([...ruleClauses.keys()]).to.have.members([...new Set([...used, ...beyond])]);
  });
});

describe("examples", () => {
  it("stand beside every type and beside nothing else", () => {
    expect(Object.keys(examples)).to.have.members(types.map(({ type }) => type));
  });

  for (const it_ of types) {
    it(`${it_.type}: the valid one has the shape, the invalid one breaks it where it says`, () => {
      const { valid, invalid } = exampleOf(it_.type);
      expect(shapeError(it_, event(it_.type, valid))).to.equal(undefined);
      expect(shapeError(it_, event(it_.type, invalid.data))?.instancePath).to.equal(`/data${invalid.at}`);
    });

    it(`${it_.type}: subjects, holdings and provenance can be read off the valid one`, () => {
      const { valid } = exampleOf(it_.type);
      const subjects = it_.about(valid);
      expect(subjects).to.not.be.empty;
      for (const { id } of subjects) expect(id).to.match(/^[A-Za-z0-9]/);
      const holdings = [...(it_.declares(valid)?.holdings ?? []).map(({ digest }) => digest), ...(it_.names(valid)?.holdings ?? [])];
      for (const text of holdings) expect(JSON.stringify(valid)).to.include(text);
      const activity = it_.provenance(valid);
      for (const { id } of [...(activity?.used ?? []), ...(activity?.generated ?? [])]) expect(JSON.stringify(valid)).to.include(id);
    });
  }

  it("name parties by sound credit codes", () => {
    const codes = JSON.stringify(types.map(({ type }) => exampleOf(type).valid)).match(/"[0-9A-HJ-NPQRTUWXY]{18}"/g) ?? [];
    expect(codes).to.have.length.above(3);
    for (const code of codes) expect(creditCodeValid(code.slice(1, -1)), code).to.equal(true);
  });

  it("tell one story, in which nothing breaks a rule", () => {
    const world = new World();
    const broken = (breaches: readonly { code: string }[] | undefined) => breaches?.filter(({ code }) => !REMARKS.has(code));
    for (const report of story) expect(broken(world.tell(report)), `${report.type} ${JSON.stringify(report.data)}`).to.deep.equal([]);
    const successor = { authorization: "yz-authorization-successor", scenario: "yz-scenario-successor" };
    const rest: readonly [type: string, party: string, change?: object][] = [
      ["resource.frequency-set", AUTHORITY],
      ["resource.updated", TRANSPORT],
      ["resource.basis-recorded", TRANSPORT],
      ["resource.impact-assessed", TRANSPORT],
      ["scenario.proposed", DEVELOPER],
      ["scenario.pre-reviewed", OPERATOR],
      ["scenario.rejected", OPERATOR],
      ["scenario.changed", OPERATOR],
      ["data.copied", OPERATOR],
      ["data.contributed", DEVELOPER],
      ["data.returned", OPERATOR],
      ["data.backflowed", OPERATOR],
      ["data.emergency-used", OPERATOR],
      ["resource.quality-reported", OPERATOR],
      ["resource.quality-assigned", AUTHORITY],
      ["resource.quality-resolved", TRANSPORT],
      ["resource.narrowed", TRANSPORT],
      ["resource.consent-withdrawn", TRANSPORT],
      ["authorization.decided", AUTHORITY, { authorization: successor.authorization, operator: STRANGER }],
      ["authorization.signed", AUTHORITY, { authorization: successor.authorization }],
      ["scenario.submitted", STRANGER, successor],
      ["scenario.consented", METEOROLOGY, { scenario: successor.scenario }],
      ["scenario.consented", TRANSPORT, { scenario: successor.scenario, resource: FLIGHTS }],
      ["scenario.approved", AUTHORITY, { scenario: successor.scenario }],
      ["holding.transferred", AUTHORITY],
      ["resource.source-reassigned", AUTHORITY],
      ["holding.deleted", OPERATOR],
      ["holding.retained", OPERATOR],
      ["holding.struck", AUTHORITY],
      ["product.withdrawn", OPERATOR],
      ["scenario.closed", OPERATOR],
      ["resource.withdrawn", AUTHORITY],
    ];
    for (const [type, party, change] of rest)
      expect(broken(world.tell({ type, party, data: { ...exampleOf(`suyuan.${type}`).valid, ...change } })), type).to.deep.equal([]);
    const lived = life.filter(([, , ...codes]) => codes.length === 0).map(([, { type }]) => type);
    const told = new Set([...story.map(({ type }) => type), ...rest.map(([type]) => type), ...lived]);
    for (const report of aftermath(world)) {
      expect(world.tell(report), `${report.type} ${JSON.stringify(report.data)}`).to.deep.equal([]);
      told.add(report.type);
    }
    const traded = after("product.called");
    for (const report of market) {
      expect(traded.tell(report), `${report.type} ${JSON.stringify(report.data)}`).to.deep.equal([]);
      told.add(report.type);
    }
    expect([...told].map((type) => `suyuan.${type}`)).to.have.members(types.map(({ type }) => type));
  });
});
