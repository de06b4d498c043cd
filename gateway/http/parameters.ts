/**
 * Parameters of queries. Each is declared once, with its words, bounds and default: OpenAPI shows that declaration, and every request is checked
 * by the very same.
 */
import { SUBJECT_KINDS } from "../../chaincode/events/definition";
import { digest, type JsonSchema } from "../../chaincode/events/schema";
import { SEALED } from "./cursors";
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
export const time = (description: string): Parameter<number> => ({
  description,
  schema: { type: "string", format: "date-time" },
  convert: Date.parse,
});

export const optional = <T>(parameter: Parameter<T>): Parameter<T | undefined> => ({ ...parameter, optional: true });

/** Of a path's last parameter. */
export const rest = <T>(parameter: Parameter<T>): Parameter<T> => ({ ...parameter, rest: true });

// Those that several queries take.
export const atMost = (unset: number, maximum: number): Parameter<number> =>
  integer("At most so many", { minimum: 1, maximum, default: unset });
export const limit = atMost(100, 1000);
export const cursor = optional(text("`next` of the page before, with the same parameters", { pattern: SEALED, maxLength: 4096 }));
/** A page of events. */
export const eventPage = {
  order: oneOf("By the ledger's order", ["newest", "oldest"], "newest"),
  limit,
  cursor,
};
/** A query that has it is answered as of that time. */
export const asOf = optional(time("As the ledger stood then"));
export const subjectKind = oneOf("What kind of subject", SUBJECT_KINDS);
export const subjectId = text("Its number; of a party, the unified social credit code");
export const leafHash = text("SHA-256(0x00 || leaf), as intake answered it", digest.schema);

export const isRequired = ({ optional, schema }: Parameter): boolean => optional !== true && !("default" in schema);
export const isInPath = (path: string, name: string): boolean => path.includes(`{${name}}`);

/** A parameter that does not fit. @param reason a keyword of JSON Schema */
export const wrong = (name: string, reason: string): Problem => new Problem("query-invalid", { pointer: name, reason });
