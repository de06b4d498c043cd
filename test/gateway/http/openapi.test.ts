import { readdirSync, readFileSync } from "node:fs";
import { expect } from "chai";
import Ajv2020, { type ValidateFunction } from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { vocabulary } from "../../../chaincode/events/vocabulary";
import { FREE_TEXT, type JsonSchema } from "../../../chaincode/events/schema";
import { eventExamples } from "../../../gateway/event-examples";
import { exampleReport } from "../../../gateway/http/event-schemas";
import { openApi } from "../../../gateway/http/openapi";
import { Problem, RuleProblem, STATUS } from "../../../gateway/http/problem";
import { queries } from "../../../gateway/http/queries";
import { ruleCodes } from "../../../gateway/labels";
import structure from "../../vectors/openapi-3.1.schema.json";

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly security?: readonly unknown[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

/** As a client gets it. */
const document = JSON.parse(JSON.stringify(openApi())) as {
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
};

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** Everything called `name` in a value, at whatever depth. */
function* each(value: unknown, name: string): Generator {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === name) yield inner;
    yield* each(inner, name);
  }
}

/** As a client's validator reads the schemas; `strict` refuses keywords that mean nothing. */
const ajv = addFormats(new Ajv2020({ strict: true, strictRequired: false }));
ajv.addVocabulary([FREE_TEXT, "discriminator"]);
const $defs = JSON.parse(JSON.stringify(document.components.schemas).replaceAll("#/components/schemas/", "#/$defs/")) as JsonSchema;
ajv.addSchema({ $id: "https://suyuan.example/openapi.json", $defs });

function validatorOf(name: string): ValidateFunction {
  const validate = ajv.getSchema(`https://suyuan.example/openapi.json#/$defs/${name}`);
  if (validate === undefined) throw new Error(`no schema ${name}`);
  return validate;
}

describe("openapi.json", () => {
  it("has the structure of OpenAPI 3.1, by the specification's own schema", () => {
    const validate = addFormats(new Ajv2020({ strict: false, formats: { "media-range": true } })).compile(structure);
    expect(validate(document), JSON.stringify(validate.errors?.slice(0, 3))).to.equal(true);
    expect(validate({ ...document, info: { title: "without a version" } })).to.equal(false);
  });

  it("refers only to what it has, and has nothing that is not referred to", () => {
    const refs = new Set([...each(document, "$ref")].map((ref) => String(ref).replace("#/components/schemas/", "")));
    expect([...refs]).to.have.members(Object.keys(document.components.schemas));
  });

  it("has schemas that a strict validator takes", () => {
    for (const name of Object.keys(document.components.schemas)) expect(() => validatorOf(name), name).to.not.throw();
  });

  it("calls every operation differently, under a tag that is explained, with its parameters named", () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(ids).to.have.length(new Set(ids).size);
    const tags = document.tags.map(({ name }) => name);
    for (const { path, operation } of operations) {
      expect(tags).to.include.members(operation.tags);
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === "path").map(({ name }) => name);
      expect(inPath, path).to.have.members([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    }
  });

  it("has every route there is: nothing is routed but what is declared, and the pages", () => {
    const sources = readdirSync("gateway/http").filter((file) => file.endsWith(".ts"));
    const routing = sources.filter((file) => /\b(?:app|router)\.(?:get|route)\(/.test(readFileSync(`gateway/http/${file}`, "utf8")));
    expect(routing).to.deep.equal(["pages.ts", "query-router.ts"]);
    for (const { path, id } of queries) expect(document.paths[path]?.["get"]?.operationId, path).to.equal(id);
  });

  it("says of every query who may ask it, and of every parameter where it stands", () => {
    for (const query of queries) {
      const { path, parameters } = query;
      const { security, parameters: described = [] } = document.paths[path]!["get"]!;
      expect(security, path).to.deep.equal(query.open === true ? [] : "openTo" in query ? [{}, { token: [] }] : undefined);
      expect(described.map((parameter) => parameter.name)).to.deep.equal(Object.keys(parameters));
      for (const parameter of described) expect(parameter.in).to.equal(path.includes(`{${parameter.name}}`) ? "path" : "query");
    }
    const limit = document.paths["/v1/findings"]?.["get"]?.parameters?.find(({ name }) => name === "limit");
    expect(limit)
      .to.deep.include({ schema: { type: "integer", minimum: 1, maximum: 1000, default: 100 } })
      .and.to.not.have.property("required");
  });

  it("names every code of the gateway where it can be answered", () => {
    const named = operations.flatMap(({ operation }) => Object.values(operation.responses).map(({ description }) => description)).join(" ");
    const everywhere = ["not-found", "method-not-allowed", "malformed-request", "request-timeout", "headers-too-large"];
    for (const code of Object.keys(STATUS)) if (!everywhere.includes(code)) expect(named).to.include(`\`${code}\``);
  });
});

describe("schemas of events", () => {
  it("take the valid example of every type, as a sender writes it, and refuse the invalid one where it is wrong", () => {
    for (const it of vocabulary.values()) {
      const validate = validatorOf(it.type);
      const report = exampleReport(it);
      expect(validate(report), `${it.type} ${JSON.stringify(validate.errors)}`).to.equal(true);
      const { data, at } = eventExamples[it.type]!.invalid;
      expect(validate({ ...report, data }), it.type).to.equal(false);
      expect(validate.errors?.[0]?.instancePath, it.type).to.equal(`/data${at}`);
    }
  });

  it("leave the party to the token, and the time of record to the gateway", () => {
    const validate = validatorOf("suyuan.data.pulled");
    const report = exampleReport(vocabulary.get("suyuan.data.pulled")!);
    expect(validate({ ...report, party: undefined })).to.equal(true);
    expect(validate({ ...report, recordedtime: "2026-03-10T02:00:00.000Z" })).to.equal(false);
  });

  it("are told apart by type", () => {
    const validate = validatorOf("EventReport");
    for (const it of vocabulary.values()) expect(validate(exampleReport(it)), it.type).to.equal(true);
    expect(validate({ ...exampleReport(vocabulary.get("suyuan.data.pulled")!), type: "suyuan.data.called" })).to.equal(false);
    const mapping = [...each(document, "mapping")][0] as Readonly<Record<string, string>>;
    expect(Object.keys(mapping)).to.have.members([...vocabulary.keys()]);
  });

  it("say of each field what it is, in Chinese and English", () => {
    for (const type of vocabulary.keys()) {
      const { data } = document.components.schemas[type]!["properties"] as Readonly<Record<string, JsonSchema>>;
      for (const properties of each(data, "properties")) {
        for (const [name, { description }] of Object.entries(properties as Readonly<Record<string, JsonSchema>>))
          if (name !== "withheld") expect(description, `${type} ${name}`).to.match(/\p{Script=Han}.* · [A-Z]/u);
      }
    }
  });
});

describe("schemas of answers", () => {
  it("take every problem that the gateway can answer", () => {
    const validate = validatorOf("Problem");
    for (const code of Object.keys(STATUS) as (keyof typeof STATUS)[]) {
      const problem = JSON.parse(JSON.stringify(new Problem(code, { pointer: "/data", reason: "type" }).document("zh"))) as unknown;
      expect(validate(problem), `${code} ${JSON.stringify(validate.errors)}`).to.equal(true);
    }
    for (const code of ruleCodes) {
      const problem = JSON.parse(JSON.stringify(new RuleProblem([{ code, missing: ["x"] }]).document("en"))) as unknown;
      expect(validate(problem), `${code} ${JSON.stringify(validate.errors)}`).to.equal(true);
    }
  });
});
