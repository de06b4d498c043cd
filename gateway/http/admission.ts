/** What stands between an event and the ledger: may the sender report it, has it its type's shape, does it carry what must never be kept. */
import { createHmac } from "node:crypto";
import type { ErrorObject } from "ajv";
import { MAX_LEAF_BYTES } from "../../chaincode/batch";
import { type RecordedEvent, shapeError, typeOf } from "../../chaincode/events/envelope";
import { eachText, holdsPersonalInformation } from "../../chaincode/events/personal";
import type { EventType, Kind } from "../../chaincode/events/definition";
import { canonicalText } from "../../chaincode/proof/canonical";
import type { Entry } from "../outbox/entry";
import type { Principal } from "./auth";
import { Problem } from "./problem";

/** An event that may go on: an act to the ledger, a fact to the outbox. */
export interface Admitted extends Entry {
  readonly kind: Kind;
}

export class Admission {
  readonly #withholdingKey: Buffer;

  /** @param withholdingKey salts the hashes of texts that are withheld; as long as it is kept, a retry gives the same leaf */
  constructor(withholdingKey: Buffer) {
    this.#withholdingKey = withholdingKey;
  }

  /**
   * Makes the leaf of an event. Changes the event.
   * @param recordedTime RFC 3339, UTC, milliseconds
   * @returns a problem `schema-invalid`, `unknown-type`, `recordedtime-given`, `foreign-party`, `role-not-allowed`, `personal-information`, `too-large`
   * where it may not go on
   */
  admit(event: unknown, principal: Principal, recordedTime: string): Admitted | Problem {
    if (!isObject(event)) return new Problem("schema-invalid", { pointer: "", reason: "type" });
    const type = typeOf(event);
    if (type === undefined) {
      return typeof event["type"] === "string"
        ? new Problem("unknown-type", { pointer: "/type" })
        : new Problem("schema-invalid", { pointer: "/type", reason: event["type"] === undefined ? "required" : "type" });
    }
    if (event["recordedtime"] !== undefined) return new Problem("recordedtime-given", { pointer: "/recordedtime" });
    event["recordedtime"] = recordedTime;
    if (event["party"] === undefined) event["party"] = principal.party;
    const error = shapeError(type, event);
    if (error !== undefined) return new Problem("schema-invalid", placeOf(error));
    // It can only say what its absence says (CloudEvents 1.0, JSON format), and the same event must give the same leaf.
    delete event["datacontenttype"];
    if (event["party"] !== principal.party) return new Problem("foreign-party", { pointer: "/party" });
    if (!principal.roles.some((role) => type.by.includes(role))) return new Problem("role-not-allowed", { allowed: type.by });
    const { source, id, data } = event as unknown as RecordedEvent;
    if (this.#withholds(type, data, source, id) && type.kind === "act") return new Problem("personal-information");
    const leaf = canonicalText(event);
    if (leaf.length * 3 > MAX_LEAF_BYTES && Buffer.byteLength(leaf) > MAX_LEAF_BYTES)
      return new Problem("too-large", { limit: MAX_LEAF_BYTES });
    return { kind: type.kind, source, id, leaf, names: type.names(data)?.holdings ?? NONE };
  }

  /** Puts a salted hash in the place of each text that carries personal information. @returns whether there was one */
  #withholds(type: EventType, data: unknown, source: string, id: string): boolean {
    let found = false;
    eachText(type, data, (text) => {
      if (typeof text !== "string" || !holdsPersonalInformation(text)) return text;
      found = true;
      return { withheld: createHmac("sha256", this.#withholdingKey).update(`${source}\0${id}\0${text}`).digest("hex") };
    });
    return found;
  }
}

const NONE: readonly string[] = [];

/** What was parsed is nobody else's, so it may be changed. */
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

function placeOf({ instancePath, keyword, params }: ErrorObject): { pointer: string; reason: string } {
  const { missingProperty, additionalProperty } = params as { missingProperty?: string; additionalProperty?: string };
  const member = missingProperty ?? additionalProperty;
  const escaped = member === undefined ? "" : `/${member.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  return { pointer: instancePath + escaped, reason: keyword };
}
