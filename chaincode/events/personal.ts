/**
 * Personal information in free text. The ledger never forgets, so it must never learn: resident identity numbers (GB 11643), mobile
 * numbers and bank card numbers are found by their digits, as whole runs and in free-text fields only.
 */
import { FREE_TEXT, type JsonSchema, type Withheld } from "./schema";
import type { EventType } from "./vocabulary";

/** Sees one text and returns it, or what is to stand in its place. */
type Replace = (text: string | Withheld) => string | Withheld;

type Visit = (value: unknown, replace: Replace) => void;

const visits = new Map<string, Visit | undefined>();

/** Shows every free text of an event's data to `replace`, which returns it or what stands in its place. Changes `data`. */
export function eachText(type: EventType, data: unknown, replace: Replace): void {
  if (!visits.has(type.type)) visits.set(type.type, visitOf(type.schema));
  visits.get(type.type)?.(data, replace);
}

function visitOf(schema: JsonSchema): Visit | undefined {
  if (schema["type"] === "array") {
    const item = visitOf(schema["items"] as JsonSchema);
    return item && ((value, replace) => (value as unknown[]).forEach((each) => item(each, replace)));
  }
  if (schema["type"] !== "object") return undefined;
  const fields = Object.entries(schema["properties"] as Record<string, JsonSchema>);
  const texts = fields.filter(([, field]) => field[FREE_TEXT] === true).map(([name]) => name);
  const nested = fields.flatMap(([name, field]) => {
    const visit = visitOf(field);
    return visit ? [[name, visit] as const] : [];
  });
  if (texts.length === 0 && nested.length === 0) return undefined;
  return (value, replace) => {
    const target = value as Record<string, unknown>;
    for (const name of texts) if (target[name] !== undefined) target[name] = replace(target[name] as string | Withheld);
    for (const [name, visit] of nested) if (target[name] !== undefined) visit(target[name], replace);
  };
}

const DIGIT_RUN = /(?<![0-9A-Za-z])(?:\d{17}[\dXx]|\d{11}|\d{16,19})(?![0-9A-Za-z])/g;

export function holdsPersonalInformation(text: string): boolean {
  for (const [run] of text.matchAll(DIGIT_RUN)) if (isMobile(run) || isResidentId(run) || isBankCard(run)) return true;
  return false;
}

const isMobile = (run: string): boolean => /^1[3-9]\d{9}$/.test(run);

function isResidentId(run: string): boolean {
  if (!/^\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]$/.test(run)) return false;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, i) => total + weight * Number(run[i]), 0);
  return "10X98765432"[sum % 11] === run[17]?.toUpperCase();
}

/** Issuer prefixes in use in China (62, 4, 51-55, 2221-2720, 35, 34, 37, 60), 16 to 19 digits, Luhn. */
function isBankCard(run: string): boolean {
  if (!/^(?:62|4|5[1-5]|2[2-7]|3[457]|60)\d{14,17}$/.test(run) || run.length < 16 || run.length > 19) return false;
  let sum = 0;
  for (let i = 0; i < run.length; i++) {
    const digit = Number(run[run.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
