/** Field types of event data: each knows its TypeScript type and its JSON Schema, so that both come from one place. */
import { HOLDING_NAME, PLACE } from "../proof/holding-name";

/** RFC 3339 without leap seconds and without its lower-case and space variants, which not every clock can read back. */
export const MOMENT = "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)$";

export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

export interface Field<T> {
  readonly schema: JsonSchema;
  readonly optional?: boolean;
  /** Never present; carries the type. */
  readonly type?: T;
}

export interface OptionalField<T> extends Field<T> {
  readonly optional: true;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;

type OptionalKeys<F extends Fields> = { [K in keyof F]: F[K] extends OptionalField<unknown> ? K : never }[keyof F];
type Value<F> = F extends Field<infer T> ? T : never;

/** The value that a set of fields describes. */
export type Data<F extends Fields> = { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: Value<F[K]> } & {
  readonly [K in OptionalKeys<F>]?: Value<F[K]>;
};

const field = <T>(schema: JsonSchema): Field<T> => ({ schema });

/** A name given by machines: of a resource, a scenario, a field of a table. */
export const id = field<string>({ type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$" });

/** Unified social credit code of a party (GB 32100-2015); the check character is a rule, not a shape. */
export const creditCode = field<string>({ type: "string", pattern: "^[0-9A-HJ-NPQRTUWXY]{18}$" });

/** SHA-256, lower-case hex. */
export const digest = field<string>({ type: "string", pattern: "^[0-9a-f]{64}$" });

/** How many; exact in every JSON parser. */
export const count = field<number>({ type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** How many, where more would be a slip of the pen. */
export const atMost = (maximum: number): Field<number> => field({ type: "integer", minimum: 0, maximum });

/** Money in fen. */
export const fen = count;

/** A day in China (UTC+8), `YYYY-MM-DD`. */
export const day = field<string>({ type: "string", format: "date" });

/** A calendar year. */
export const year = field<string>({ type: "string", pattern: "^20\\d\\d$" });

/** A moment: RFC 3339 with a zone. */
export const moment = field<string>({ type: "string", format: "date-time", pattern: MOMENT });

/** Where an event stands: `MSPID/journal/index`. */
export const place = field<string>({ type: "string", pattern: PLACE });

/** What a transfer is known by: the number that both sides report, or where nobody gave it one the place of its report. */
export const transferName = field<string>({ anyOf: [id.schema, place.schema] });

/** The full name of a holding: the journal, the index and the ordinal of the event that declared it. */
export const holdingName = field<string>({ type: "string", pattern: HOLDING_NAME });

/**
 * What stands in place of a text that carried personal information: the text was dropped at intake, its salted SHA-256 kept.
 * See {@link text}.
 */
export interface Withheld {
  readonly withheld: string;
}

/** Marks the schemas of free text: there, and only there, people may have typed personal information. */
export const FREE_TEXT = "x-free-text";

/** As people write it. */
export const WORDS: JsonSchema = { type: "string", minLength: 1, maxLength: 500 };

/** {@link WORDS} by people. */
export const text = field<string | Withheld>({
  [FREE_TEXT]: true,
  anyOf: [WORDS, { type: "object", properties: { withheld: digest.schema }, required: ["withheld"], additionalProperties: false }],
});

/** A document: what it is stays outside the ledger, its salted digest is here. `suyuan digest FILE` makes it. */
export const document = field<{ readonly digest: string }>(object({ digest }));

export const oneOf = <const V extends readonly string[]>(...values: V): Field<V[number]> => field({ type: "string", enum: values });

export const list = <T>(item: Field<T>, bounds: { min?: number; max?: number } = {}): Field<readonly T[]> =>
  field({ type: "array", items: item.schema, minItems: bounds.min ?? 0, maxItems: bounds.max ?? 200, uniqueItems: true });

export const struct = <F extends Fields>(fields: F): Field<Data<F>> => field(object(fields));

export const optional = <T>(inner: Field<T>): OptionalField<T> => ({ schema: inner.schema, optional: true });

/** The closed JSON Schema of an object with these fields. */
export function object(fields: Fields): JsonSchema {
  const entries = Object.entries(fields);
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([name, { schema }]) => [name, schema])),
    required: entries.filter(([, { optional }]) => optional !== true).map(([name]) => name),
    additionalProperties: false,
  };
}
