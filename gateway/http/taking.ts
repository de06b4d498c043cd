/** A request checked against the parameters that its query declares. */
import Ajv, { type ValidateFunction } from "ajv";
import type { Request } from "express";
import type { JsonSchema } from "../../chaincode/events/schema";
import { type Given, isInPath, isRequired, type Parameter, type Parameters, wrong } from "./parameters";
import { Problem } from "./problem";

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

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  "date-time": (text) => /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/.test(text) && Date.parse(text) >= 0,
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
