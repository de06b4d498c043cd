/** The shape of a recorded event: CloudEvents 1.0 with `party` and `recordedtime`, closed, with the data of its type. */
import Ajv, { type ErrorObject, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { fullFormats } from "ajv-formats/dist/formats";
import { creditCode, FREE_TEXT, type JsonSchema, moment } from "./schema";
import { instantExists } from "./time";
import { vocabulary } from "./vocabulary";
import type { EventType } from "./definition";

/** A leaf, parsed. */
export interface RecordedEvent {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** RFC 3339 with a zone: when it happened. */
  readonly time: string;
  readonly subject?: string;
  readonly datacontenttype?: "application/json";
  /** Credit code of the party that reports or acts. */
  readonly party: string;
  /** RFC 3339, UTC, milliseconds: when the gateway took it in. */
  readonly recordedtime: string;
  readonly data: unknown;
}

const attributes = {
  specversion: { const: "1.0" },
  id: { type: "string", pattern: "^[\\x21-\\x7e]{1,128}$" },
  source: { type: "string", format: "uri-reference", pattern: "^[\\x21-\\x7e]{1,256}$" },
  type: { type: "string" },
  time: moment.schema,
  subject: { type: "string", pattern: "^[\\x21-\\x7e]{1,256}$" },
  datacontenttype: { const: "application/json" },
  party: creditCode.schema,
  recordedtime: { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$", format: "date-time" },
};
const required = ["specversion", "id", "source", "type", "time", "party", "recordedtime", "data"];

/** JSON Schema of a recorded event of this type. */
export const eventSchema = (it: EventType): JsonSchema => ({
  type: "object",
  properties: { ...attributes, type: { const: it.type }, data: it.schema },
  required,
  additionalProperties: false,
});

const ajv = new Ajv({ strict: true, allErrors: false, discriminator: false });
ajv.addKeyword(FREE_TEXT);
addFormats(ajv);
ajv.addFormat("date-time", instantExists);
ajv.addFormat("uri-reference", lastKnown(fullFormats["uri-reference"] as RegExp));

/** Events in a row come from the same sender, and its address takes long to check. */
function lastKnown(format: RegExp): (text: string) => boolean {
  let last: string | undefined;
  return (text) => {
    if (text === last) return true;
    const valid = format.test(text);
    if (valid) last = text;
    return valid;
  };
}

const validators = new Map<string, ValidateFunction>();

/** What is wrong with the shape of an event of a known type: the first error, or undefined. */
export function shapeError(it: EventType, event: unknown): ErrorObject | undefined {
  let validate = validators.get(it.type);
  if (validate === undefined) validators.set(it.type, (validate = ajv.compile(eventSchema(it))));
  return validate(event) ? undefined : validate.errors?.[0];
}

/** The type of a parsed event, where it has one and it is known. */
export const typeOf = (event: unknown): EventType | undefined =>
  typeof event === "object" && event !== null && "type" in event && typeof event.type === "string" ? vocabulary.get(event.type) : undefined;
