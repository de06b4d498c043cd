/** CloudEvents in binary mode (HTTP protocol binding 1.0.2, section 3.1): attributes in `ce-` headers, data as the body. */
import type { IncomingHttpHeaders } from "node:http";
import type { Json } from "../../chaincode/proof/canonical";
import { Problem } from "./problem";

const PREFIX = "ce-";

/**
 * The event that headers and body make together.
 * @throws Problem `schema-invalid` where a header's value is not percent-encoded UTF-8, or an attribute comes twice; `prototype-key`
 */
export function fromBinaryMode(headers: IncomingHttpHeaders, data: Json): Record<string, Json> {
  const event: Record<string, Json> = { data };
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(PREFIX)) continue;
    const name = header.slice(PREFIX.length);
    if (name === "datacontenttype" || name === "data")
      throw new Problem("schema-invalid", { pointer: `/${name}`, reason: "additionalProperties" });
    if (name in {}) throw new Problem("prototype-key");
    event[name] = decode(typeof value === "string" ? value : "", name);
  }
  return event;
}

/** First quotes, for senders of older versions, then one round of percent-decoding. */
function decode(value: string, name: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(value)?.[1];
  try {
    return decodeURIComponent(quoted === undefined ? value : quoted.replace(/\\(.)/g, "$1"));
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    throw new Problem("schema-invalid", { pointer: `/${name}`, reason: "percent-encoding" }, { cause });
  }
}
