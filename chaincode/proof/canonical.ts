/// <reference lib="es2024.string" />
/**
 * The one spelling of a JSON value, RFC 8785 (JCS), and the one way to read JSON from outside. Both keep to what every reader understands
 * alike (I-JSON, RFC 7493): no duplicate keys, no lone surrogates, no integers beyond 2^53 - 1. `parseStrict` accepts more spellings than `canonical`
 * writes, but only values that `canonical` can write.
 *
 * Written out because this is the hottest path of all: the package `canonicalize`, which the tests compare it with, takes nearly three times as long.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export type JsonProblem =
  "malformed-json" | "invalid-utf8" | "lone-surrogate" | "duplicate-key" | "prototype-key" | "inexact-number" | "too-deep";

/** A value with no canonical form. */
export class NotCanonicalError extends Error {
  override readonly name = "NotCanonicalError";
  constructor(readonly code: "lone-surrogate" | "inexact-number" | "not-json") {
    super(code);
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** RFC 8785 as UTF-8. @throws as {@link canonicalText} */
export function canonical(value: unknown): Uint8Array {
  return encoder.encode(canonicalText(value));
}

/**
 * RFC 8785 as text.
 * @throws NotCanonicalError `lone-surrogate`, `inexact-number` (NaN, infinite, or an integer beyond 2^53 - 1), `not-json` (undefined, a function, an
 * object that is neither plain nor an array)
 */
export function canonicalText(value: unknown): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "number":
      return number(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return array(value);
      if (isPlain(value)) return object(value);
  }
  throw new NotCanonicalError("not-json");
}

// Pieces are joined, and not added one to the other: a text of many sums stays a tree of them until it is read, which is costly to keep meanwhile.
function array(items: readonly unknown[]): string {
  const texts: string[] = [];
  // By index: a hole must be met, and refused, like any other undefined.
  for (let i = 0; i < items.length; i++) texts.push(canonicalText(items[i]));
  return "[" + texts.join(",") + "]";
}

function object(fields: Readonly<Record<string, unknown>>): string {
  const texts = sorted(Object.keys(fields)).map((key) => quote(key) + ":" + canonicalText(fields[key]));
  return "{" + texts.join(",") + "}";
}

/** Characters that JSON escapes (and some that it need not), and halves of surrogate pairs. */
const NEEDS_CARE = /["\\\p{Cc}\p{Cs}]/u;

function quote(text: string): string {
  if (!NEEDS_CARE.test(text)) return '"' + text + '"';
  if (!text.isWellFormed()) throw new NotCanonicalError("lone-surrogate");
  return JSON.stringify(text);
}

function number(value: number): string {
  if (!isExact(value)) throw new NotCanonicalError("inexact-number");
  return String(value);
}

function isExact(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** By UTF-16 code units, in place. Insertion, because keys are few and mostly in order already. */
function sorted(keys: string[]): string[] {
  if (keys.length > 32) return keys.sort();
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] as string;
    let j = i;
    for (; j > 0 && (keys[j - 1] as string) > key; j--) keys[j] = keys[j - 1] as string;
    keys[j] = key;
  }
  return keys;
}

export type Parsed = { readonly value: Json; readonly problem?: undefined } | { readonly problem: JsonProblem; readonly value?: undefined };

/**
 * Reads JSON that a stranger sent. Numbers must be spelled as RFC 8785 spells them (so `1.0`, `1e3`, `-0` are `inexact-number`), since
 * another spelling may carry a value that we would not keep. Containers nest at most `maxDepth` deep. What is wrong is told in this order: `invalid-utf8`,
 * `malformed-json`, `too-deep`, `inexact-number`, `prototype-key` (`__proto__`, `constructor`, `prototype`), `lone-surrogate`, `duplicate-key`.
 */
export function parseStrict(json: string | Uint8Array, { maxDepth = 32 }: { readonly maxDepth?: number } = {}): Parsed {
  const text = typeof json === "string" ? json : decode(json);
  if (text === undefined) return { problem: "invalid-utf8" };
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return { problem: "malformed-json" };
  }
  const spelled = scan(text, maxDepth);
  if (typeof spelled === "string") return { problem: spelled };
  // JSON.parse keeps the last of duplicate keys, so that fewer remain than were spelled.
  const kept = inspect(value, text.includes("\\u") || !text.isWellFormed());
  if (typeof kept === "string") return { problem: kept };
  return kept === spelled ? { value } : { problem: "duplicate-key" };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

const [QUOTE, BACKSLASH, COLON, MINUS, ZERO, NINE] = [0x22, 0x5c, 0x3a, 0x2d, 0x30, 0x39];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Passes over text that is known to be JSON. @returns how many keys it spells out, or what is wrong */
function scan(text: string, maxDepth: number): number | "too-deep" | "inexact-number" {
  let [keys, depth] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = endOfString(text, i);
    else if (code === COLON) keys++;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > maxDepth) return "too-deep";
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
    else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      const end = endOfNumber(text, i);
      const spelling = text.slice(i, end);
      const value = Number(spelling);
      if (!isExact(value) || String(value) !== spelling) return "inexact-number";
      i = end - 1;
    }
  }
  return keys;
}

/** @returns position of the closing quote */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
}

/** @returns position after the last character of the number */
function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && "0123456789.eE+-".includes(text.charAt(end))) end++;
  return end;
}

/** Passes over a parsed value. @returns how many keys it has, in all, or what is wrong */
function inspect(value: Json, surrogates: boolean): number | "prototype-key" | "lone-surrogate" {
  if (typeof value === "string") return surrogates && !value.isWellFormed() ? "lone-surrogate" : 0;
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) {
      const inside = inspect(item, surrogates);
      if (typeof inside === "string") return inside;
      count += inside;
    }
    return count;
  }
  const fields = value as Readonly<Record<string, Json>>;
  for (const key of Object.keys(fields)) {
    if (key === "__proto__" || key === "constructor" || key === "prototype") return "prototype-key";
    if (surrogates && !key.isWellFormed()) return "lone-surrogate";
    const inside = inspect(fields[key] as Json, surrogates);
    if (typeof inside === "string") return inside;
    count += 1 + inside;
  }
  return count;
}
