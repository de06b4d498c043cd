/** Parameters of a query: each is asked for by name, and one that nobody asked for is a mistake that its sender is told. */
import type { Request } from "express";
import { Problem } from "./problem";

export class Parameters {
  readonly #given: Map<string, string>;

  /** @throws Problem `query-invalid` for one that is given twice */
  constructor(request: Request) {
    const start = request.url.indexOf("?");
    const searchParams = new URLSearchParams(start === -1 ? "" : request.url.slice(start + 1));
    this.#given = new Map(searchParams);
    for (const name of this.#given.keys()) if (searchParams.getAll(name).length > 1) throw wrong(name, "uniqueItems");
  }

  /** To be called last. @throws Problem `query-invalid` for one that was not asked for */
  end(): void {
    for (const name of this.#given.keys()) throw wrong(name, "additionalProperties");
  }

  optional(name: string, maxLength = 256): string | undefined {
    const value = this.#given.get(name);
    this.#given.delete(name);
    if (value === "") throw wrong(name, "minLength");
    if (value !== undefined && value.length > maxLength) throw wrong(name, "maxLength");
    return value;
  }

  required(name: string, maxLength?: number): string {
    const value = this.optional(name, maxLength);
    if (value === undefined) throw wrong(name, "required");
    return value;
  }

  choice<const C extends string>(name: string, choices: readonly C[]): C | undefined {
    const value = this.optional(name);
    const chosen = choices.find((choice) => choice === value);
    if (value !== undefined && chosen === undefined) throw wrong(name, "enum");
    return chosen;
  }

  integer(name: string, [minimum, maximum]: readonly [number, number]): number | undefined {
    const value = this.optional(name);
    if (value === undefined) return undefined;
    if (!/^(?:0|[1-9]\d{0,14})$/.test(value)) throw wrong(name, "type");
    if (Number(value) < minimum) throw wrong(name, "minimum");
    if (Number(value) > maximum) throw wrong(name, "maximum");
    return Number(value);
  }

  /** RFC 3339 with its zone, as milliseconds since 1970. */
  time(name: string): number | undefined {
    // An unescaped plus sign of a zone reads as a space.
    const value = this.optional(name)?.replace(" ", "+");
    if (value === undefined) return undefined;
    const time = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/.test(value) ? Date.parse(value) : NaN;
    if (Number.isNaN(time) || time < 0) throw wrong(name, "format");
    return time;
  }

  /** Where an earlier answer said that the next page begins. @param fits whether one could have said so */
  cursor(fits: (text: string) => boolean): { readonly cursor?: string } {
    const cursor = this.optional("cursor");
    if (cursor === undefined) return {};
    if (!fits(cursor)) throw wrong("cursor", "pattern");
    return { cursor };
  }

  /** How many at most. */
  limit(): number {
    return this.integer("limit", [1, MOST]) ?? UNSET;
  }
}

const MOST = 1000;
const UNSET = 100;

const wrong = (name: string, reason: string): Problem => new Problem("query-invalid", { pointer: name, reason });
