/** What a gateway says of itself in `/openapi.json`, to hold its answers against. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { expect } from "chai";
import type { ProblemDocument } from "../../gateway/http/problem";
import type { WireAnswer } from "./wire";

type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content: Readonly<Record<string, { readonly schema?: Schema }>> }>
  >;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export class Described {
  readonly #validators = new Map<Schema, ValidateFunction>();
  readonly #ajv = addFormats(new Ajv2020({ strict: false }));
  readonly #problem: ValidateFunction;

  private constructor(private readonly document: Document) {
    this.#ajv.addSchema({ $id: "https://suyuan.example/openapi.json", ...document });
    this.#problem = this.#ajv.compile({ $ref: "https://suyuan.example/openapi.json#/components/schemas/Problem" });
  }

  static async of(url: string): Promise<Described> {
    return new Described((await (await fetch(`${url}/openapi.json`)).json()) as Document);
  }

  get paths(): Document["paths"] {
    return this.document.paths;
  }

  /** Whether it is a problem document with a code of the closed list. */
  checkProblem(document: unknown): asserts document is ProblemDocument {
    if (!this.#problem(document)) expect.fail(`no problem document: ${JSON.stringify(document)} ${JSON.stringify(this.#problem.errors)}`);
  }

  /** Whether the operation may answer this; of HEAD, as far as there is something to see. */
  checkAnswer({ responses }: Operation, { status, headers, body }: WireAnswer): void {
    const response = responses[String(status)];
    if (response === undefined) return expect.fail(`${status} is not described: ${body.toString("utf8", 0, 500)}`);
    const [type = ""] = headers.get("content-type")?.split(";") ?? [];
    expect(Object.keys(response.content)).to.include(type);
    if (body.length === 0 || !type.endsWith("json")) return;
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (type === "application/problem+json") {
      this.checkProblem(value);
      expect(response.description).to.include(`\`${value.code}\``);
    }
    const schema = response.content[type]?.schema;
    if (schema === undefined) return;
    const validate = this.#validator(schema);
    if (!validate(value)) expect.fail(`not as described: ${JSON.stringify(validate.errors)} ${body.toString("utf8", 0, 2000)}`);
  }

  #validator(schema: Schema): ValidateFunction {
    let validate = this.#validators.get(schema);
    if (validate === undefined) {
      const located = JSON.stringify(schema).replaceAll('"#/', '"https://suyuan.example/openapi.json#/');
      this.#validators.set(schema, (validate = this.#ajv.compile(JSON.parse(located) as Schema)));
    }
    return validate;
  }
}
