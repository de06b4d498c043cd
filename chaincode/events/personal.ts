/**
 * Personal information in free text. The ledger never forgets, so it must never learn: resident identity numbers (GB 11643), mobile
 * numbers and bank card numbers are found by their digits, as whole runs and in free-text fields only.
 */
import { creditCodeValid } from "./party";
import { FREE_TEXT, type JsonSchema, type Withheld } from "./schema";
import type { EventType } from "./definition";

/** Sees one text and returns it, or what is to stand in its place. */
type Replace = (text: string | Withheld) => string | Withheld;

/** Returns what is to stand in place of the value. */
type Visit = (value: unknown, replace: Replace) => unknown;

const visits = new Map<string, Visit | undefined>();

/** Shows every free text of an event's data to `replace`, which returns it or what stands in its place. Changes `data`. */
export function eachText(type: EventType, data: unknown, replace: Replace): void {
  if (!visits.has(type.type)) visits.set(type.type, visitOf(type.schema));
  visits.get(type.type)?.(data, replace);
}

function visitOf(schema: JsonSchema): Visit | undefined {
  if (schema[FREE_TEXT] === true) return (value, replace) => replace(value as string | Withheld);
  if (schema["type"] === "array") {
    const item = visitOf(schema["items"] as JsonSchema);
    if (item === undefined) return undefined;
    return (value, replace) => {
      const target = value as unknown[];
      for (const [i, each] of target.entries()) target[i] = item(each, replace);
      return value;
    };
  }
  if (schema["type"] !== "object") return undefined;
  const visits = Object.entries(schema["properties"] as Record<string, JsonSchema>).flatMap(([name, field]) => {
    const visit = visitOf(field);
    return visit ? [[name, visit] as const] : [];
  });
  if (visits.length === 0) return undefined;
  return (value, replace) => {
    const target = value as Record<string, unknown>;
    for (const [name, visit] of visits) if (target[name] !== undefined) target[name] = visit(target[name], replace);
    return value;
  };
}

/** Letters may touch the digits, as in `tel13812345678`; a credit code is a word of its own and is passed over as one. */
const WORD = /[0-9A-Za-z]{11,}/g;
const DIGIT_RUN = /\d{17}[Xx](?![0-9])|\d{11,}/g;
const ZERO_WIDTH = /[\u200b-\u200d\u2060\ufeff]/g;

export function holdsPersonalInformation(text: string): boolean {
  if (text.length < 11) return false;
  // Full-width digits are digits to a reader.
  for (const [word] of text.normalize("NFKC").replace(ZERO_WIDTH, "").matchAll(WORD)) {
    if (creditCodeValid(word)) continue;
    for (const [run] of word.matchAll(DIGIT_RUN)) if (isMobile(run) || isResidentId(run) || isBankCard(run)) return true;
  }
  return false;
}

/** With the country's code or without. */
const isMobile = (run: string): boolean => /^(?:86)?1[3-9]\d{9}$/.test(run);

function isResidentId(run: string): boolean {
  if (!/^\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]$/.test(run)) return false;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, i) => total + weight * Number(run[i]), 0);
  return "10X98765432"[sum % 11] === run[17]?.toUpperCase();
}

/**
 * Issuer prefixes in use in China (62, 4, 60, and 95, 96 of older debit cards: 16 to 19 digits; 51-55, 2221-2720, 35: 16), Luhn.
 * A credit code of digits alone is none.
 */
function isBankCard(run: string): boolean {
  if (!/^(?:(?:62|4\d|60|9[56])\d{14,17}|(?:5[1-5]|2[2-7]|35)\d{14})$/.test(run) || creditCodeValid(run)) return false;
  let sum = 0;
  for (let i = 0; i < run.length; i++) {
    const digit = Number(run[run.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
