/**
 * Parameters of queries. Each is declared once, with its words, bounds and default: OpenAPI shows that declaration, and every request is checked
 * by the very same.
 */
import Ajv, { type ValidateFunction } from "ajv";
import type { Request } from "express";
import { digest, type JsonSchema } from "../../chaincode/events/schema";
import { parseHoldingName } from "../../chaincode/proof/holding-name";
import { CURSOR } from "../index/places";
import { SUBJECT_KINDS } from "../index/subjects";
import { Problem } from "./problem";

/** One that is written in the query's path in braces stands there, any other behind the question mark. */
export interface Parameter<T = unknown> {
  readonly description: string;
  readonly schema: JsonSchema;
  readonly optional?: true;
  /** All that is left of the path, slashes included. */
  readonly rest?: true;
  /** What becomes of the text that the schema allows. */
  readonly convert?: (text: string) => T;
  /** Never present; carries the type. */
  readonly type?: T;
}
export type Parameters = Readonly<Record<string, Parameter>>;

/** The values of a set of parameters. */
export type Given<P extends Parameters> = { readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never };

export const text = (description: string, schema: JsonSchema = {}): Parameter<string> => ({
  description,
  schema: { type: "string", minLength: 1, maxLength: 256, ...schema },
});

/** @param unset which it is where it is left out; without it, it must be given */
export const oneOf = <const C extends string>(description: string, values: readonly C[], unset?: C): Parameter<C> => ({
  description,
  schema: { enum: values, ...(unset === undefined ? {} : { default: unset }) },
});

export const integer = (description: string, bounds: { minimum: number; maximum: number; default?: number }): Parameter<number> => ({
  description,
  schema: { type: "integer", ...bounds },
});

/** RFC 3339 with its zone, from 1970 on; as milliseconds since then. */
const time = (description: string): Parameter<number> => ({
  description,
  schema: { type: "string", format: "date-time" },
  convert: Date.parse,
});

export const optional = <T>({ convert, ...parameter }: Parameter<T>): Parameter<T | undefined> => ({
  ...parameter,
  optional: true,
  ...(convert && { convert }),
});

/** Of a path's last parameter. */
export const rest = <T>(parameter: Parameter<T>): Parameter<T> => ({ ...parameter, rest: true });

// Those that several queries take.
export const atMost = (unset: number, maximum: number): Parameter<number> =>
  integer("At most so many", { minimum: 1, maximum, default: unset });
export const limit = atMost(100, 1000);
export const cursor = (schema: JsonSchema = {}): Parameter<string | undefined> => optional(text("`next` of the page before", schema));
export const eventCursor = cursor({ pattern: CURSOR });
/** A page of events. */
export const eventPage = {
  order: oneOf("By the ledger's order", ["newest", "oldest"], "newest"),
  limit,
  cursor: eventCursor,
};
/** A query that has it is answered as of that time. */
export const asOf = optional(time("As the ledger stood then"));
export const subjectKind = oneOf("What kind of subject", SUBJECT_KINDS);
export const subjectId = text("Its number; of a party, the unified social credit code");
export const leafHash = text("SHA-256(0x00 || leaf), as intake answered it", digest.schema);

export const isRequired = ({ optional, schema }: Parameter): boolean => optional !== true && !("default" in schema);
export const isInPath = (path: string, name: string): boolean => path.includes(`{${name}}`);

/**
 * What takes the parameters of a query from a request. One that was not declared, or is given twice, is a mistake that its sender is told.
 * @returns a function that throws Problem `not-found` where the path does not fit, `query-invalid` where the rest does not
 */
export function taking<P extends Parameters>(path: string, parameters: P): (request: Request) => Given<P> {
  const select = (inPath: boolean): Parameters =>
    Object.fromEntries(Object.entries(parameters).filter(([name]) => isInPath(path, name) === inPath));
  const [named, asked] = [select(true), select(false)];
  const [fitsPath, fitsQuery] = [validator(named), validator(asked)];
  return (request) => {
    const inPath = Object.entries(request.params).map(([name, value]) => [name, [value].flat().join("/")] as const);
    const ofPath = valuesOf(named, inPath);
    if (!fitsPath(ofPath)) throw new Problem("not-found");
    const ofQuery = valuesOf(asked, onceEach(request.url));
    if (!fitsQuery(ofQuery)) throw mistakeOf(fitsQuery);
    return converted(parameters, { ...ofPath, ...ofQuery }) as Given<P>;
  };
}

/** A parameter that does not fit. @param reason a keyword of JSON Schema */
export const wrong = (name: string, reason: string): Problem => new Problem("query-invalid", { pointer: name, reason });

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  "date-time": (text) => /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/.test(text) && Date.parse(text) >= 0,
  "holding-name": (text) => parseHoldingName(text) !== undefined,
};
const ajv = new Ajv({ strict: true, useDefaults: true, formats: FORMATS });

const validator = (parameters: Parameters): ValidateFunction =>
  ajv.compile({
    type: "object",
    properties: Object.fromEntries(Object.entries(parameters).map(([name, { schema }]) => [name, schema])),
    required: Object.keys(parameters).filter((name) => isRequired(parameters[name] as Parameter)),
    additionalProperties: false,
  });

function onceEach(url: string): readonly (readonly [string, string])[] {
  const start = url.indexOf("?");
  const given = [...new URLSearchParams(start === -1 ? "" : url.slice(start + 1))];
  const names = new Set<string>();
  for (const [name] of given) {
    if (names.has(name)) throw wrong(name, "uniqueItems");
    names.add(name);
  }
  return given;
}

function valuesOf(parameters: Parameters, given: readonly (readonly [string, string])[]): Record<string, unknown> {
  return Object.fromEntries(given.map(([name, value]) => [name, valueOf(parameters[name]?.schema, value)]));
}

/** As the schema wants it where it can be read so; else as it was given, which the schema refuses. */
function valueOf(schema: JsonSchema | undefined, given: string): unknown {
  if (schema?.["type"] === "integer" && /^(?:0|[1-9]\d{0,15})$/.test(given)) return Number(given);
  // An unescaped plus sign of a zone reads as a space.
  return schema?.["format"] === "date-time" ? given.replace(" ", "+") : given;
}

function converted(parameters: Parameters, values: Record<string, unknown>): Record<string, unknown> {
  for (const [name, { convert }] of Object.entries(parameters)) {
    const value = values[name];
    if (convert !== undefined && typeof value === "string") values[name] = convert(value);
  }
  return values;
}

function mistakeOf({ errors }: ValidateFunction): Problem {
  const [error] = errors ?? [];
  const { missingProperty, additionalProperty } = (error?.params ?? {}) as { missingProperty?: string; additionalProperty?: string };
  return wrong(missingProperty ?? additionalProperty ?? error?.instancePath.slice(1) ?? "", error?.keyword ?? "");
}
