/** The shape of JSON from strangers, as type guards. Records are closed: a field too many is as wrong as one too few. */

export type Guard<T> = (value: unknown) => value is T;

export const literal =
  <const T extends string>(...values: readonly T[]): Guard<T> =>
  (value): value is T =>
    (values as readonly unknown[]).includes(value);

/** @param accepts what the text must satisfy beside its length */
export const text =
  (maxLength: number, accepts: (text: string) => boolean = () => true): Guard<string> =>
  (value): value is string =>
    typeof value === "string" && value.length <= maxLength && accepts(value);

export const hex = (bytes: number): Guard<string> => text(2 * bytes, (value) => value.length === 2 * bytes && /^[0-9a-f]*$/.test(value));

/** A safe integer from `min` on. */
export const integer =
  (min: number): Guard<number> =>
  (value): value is number =>
    Number.isSafeInteger(value) && (value as number) >= min;

/** RFC 3339 date-time with its zone. */
export const time = text(
  40,
  (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value)),
);

export const list =
  <T>(item: Guard<T>, maxLength: number): Guard<readonly T[]> =>
  (value): value is readonly T[] =>
    Array.isArray(value) && value.length <= maxLength && value.every(item);

export const either =
  <A, B>(one: Guard<A>, other: Guard<B>): Guard<A | B> =>
  (value): value is A | B =>
    one(value) || other(value);

/** @param optional names of the fields that may be missing */
export const record =
  <T extends object>(
    fields: { readonly [K in keyof T]-?: Guard<Exclude<T[K], undefined>> },
    optional: readonly (keyof T & string)[] = [],
  ): Guard<T> =>
  (value): value is T => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const names = Object.keys(fields) as (keyof T & string)[];
    return (
      Object.keys(value).every((name) => Object.hasOwn(fields, name)) &&
      names.every((name) => (Object.hasOwn(value, name) ? fields[name]((value as T)[name]) : optional.includes(name)))
    );
  };
