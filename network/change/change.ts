/**
 * A change that several organisations must agree on, as a file that goes from one to the next. It says what is to be, not what Fabric is to
 * do: each organisation computes the channel's update from its own peer's configuration and signs that, so that what it is shown is all that it signs.
 */
import Ajv from "ajv";
import { readFile, stat } from "node:fs/promises";
import { write } from "../directory";
import { NetworkError } from "../errors";
import { statementsOf } from "./content";

/** All PEM. */
export type Content =
  { readonly kind: "consenter"; readonly identity: string; readonly tls: string } | { readonly kind: "revocation"; readonly list: string };

export interface Signature {
  /** Name of whose administrator signed. */
  readonly organisation: string;
  /** Fabric's SignatureHeader, base64: who signs, and a number used once. */
  readonly header: string;
  /** Over header and update, base64: ECDSA with SHA-256, low S. */
  readonly signature: string;
}

export interface Change {
  readonly version: 1;
  readonly network: string;
  readonly channel: string;
  /** Number of the channel's configuration that it rests on. */
  readonly base: number;
  /** Name of the organisation of which something changes. */
  readonly organisation: string;
  readonly content: Content;
  readonly signatures: readonly Signature[];
}

/** A list of revocations grows by some 40 bytes for each. */
const MAX_BYTES = 1024 * 1024;

/** @throws NetworkError `change-unreadable` for what is no change file */
export async function readChange(file: string): Promise<Change> {
  const unreadable = (reason: string, cause?: unknown): NetworkError => new NetworkError("change-unreadable", { file, reason }, { cause });
  let change: unknown;
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new RangeError(`${size} > ${MAX_BYTES} bytes`);
    change = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw unreadable(cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (isChange(change)) {
    try {
      statementsOf(change.content);
    } catch (cause) {
      throw unreadable(cause instanceof Error ? cause.message : String(cause), cause);
    }
    return change;
  }
  const [error] = isChange.errors ?? [];
  throw unreadable(`${error?.instancePath ?? ""} ${error?.message ?? ""}`.trim());
}

export const writeChange = (file: string, change: Change): Promise<void> => write(file, `${JSON.stringify(change, null, 2)}\n`);

const all = (properties: Readonly<Record<string, object>>): object => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const text = (maxLength: number, pattern: string): object => ({ type: "string", minLength: 1, maxLength, pattern });
const name = text(64, "^[A-Za-z0-9.-]+$");
const base64 = text(8192, "^[A-Za-z0-9+/]+={0,2}$");
const pem = (label: string, maxLength: number): object =>
  text(maxLength, `^-----BEGIN ${label}-----\\n[A-Za-z0-9+/=\\n]+-----END ${label}-----\\n?$`);

const isChange = new Ajv({ strict: true }).compile<Change>(
  all({
    version: { const: 1 },
    network: name,
    channel: name,
    base: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    organisation: name,
    content: {
      type: "object",
      required: ["kind"],
      oneOf: [
        all({ kind: { const: "consenter" }, identity: pem("CERTIFICATE", 8192), tls: pem("CERTIFICATE", 8192) }),
        all({ kind: { const: "revocation" }, list: pem("X509 CRL", MAX_BYTES) }),
      ],
    },
    signatures: { type: "array", maxItems: 100, items: all({ organisation: name, header: base64, signature: base64 }) },
  }),
);
