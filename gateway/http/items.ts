/** A body of JSON as its items: one bad item of an array fails alone. */
import { type Json, type JsonProblem, parseStrict } from "../../chaincode/proof/canonical";
import { limits } from "./limits";
import { Problem } from "./problem";

/** An item that was read, or what is wrong with it. */
export type Item = { readonly value: Json; readonly problem?: undefined } | { readonly value?: undefined; readonly problem: Problem };

/** One value. */
export function readItem(json: Uint8Array, maxDepth: number = limits.depth): Item {
  const { value, problem } = parseStrict(json, { maxDepth });
  return problem === undefined ? { value } : { problem: jsonProblem(problem) };
}

/**
 * The items of an array. It is read as a whole, which is several times faster; only when that fails are the items cut apart and read one by
 * one, so that the others do not suffer for one.
 * @throws Problem where the bytes are no array: `malformed-json`, `too-many-items`
 */
export function readItems(json: Uint8Array): readonly Item[] {
  const whole = parseStrict(json, { maxDepth: limits.depth + 1 });
  const items = whole.problem === undefined ? asArray(whole.value).map((value) => ({ value })) : cut(json).map((item) => readItem(item));
  if (items.length > limits.items) throw new Problem("too-many-items", { limit: limits.items });
  return items;
}

export const jsonProblem = (problem: JsonProblem): Problem => new Problem(problem, problem === "too-deep" ? { limit: limits.depth } : {});

function asArray(value: Json): readonly Json[] {
  if (!Array.isArray(value)) throw new Problem("schema-invalid", { pointer: "", reason: "type" });
  return value as readonly Json[];
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Cuts an array at its own commas; says nothing of what stands between them. @throws Problem `malformed-json`, `too-many-items` */
function cut(json: Uint8Array): Uint8Array[] {
  const start = afterBlanks(json, 0);
  if (json[start] !== OPEN_BRACKET) throw new Problem("malformed-json");
  const items: Uint8Array[] = [];
  let from = start + 1;
  let depth = 1;
  for (let i = from; i < json.length; i++) {
    const byte = json[i];
    if (byte === QUOTE) i = endOfString(json, i);
    else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) depth++;
    else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) depth--;
    if ((byte === COMMA && depth === 1) || depth === 0) {
      items.push(json.subarray(from, i));
      if (items.length > limits.items) throw new Problem("too-many-items", { limit: limits.items });
      from = i + 1;
    }
    if (depth === 0) {
      if (byte !== CLOSE_BRACKET || afterBlanks(json, from) !== json.length) break;
      return items;
    }
  }
  throw new Problem("malformed-json");
}

function endOfString(json: Uint8Array, start: number): number {
  for (let i = start + 1; i < json.length; i++) {
    if (json[i] === BACKSLASH) i++;
    else if (json[i] === QUOTE) return i;
  }
  return json.length;
}

function afterBlanks(json: Uint8Array, start: number): number {
  let i = start;
  while (json[i] === 0x20 || json[i] === 0x09 || json[i] === 0x0a || json[i] === 0x0d) i++;
  return i;
}
