/** What a gateway knows of its network: the connection file that `suyuan network` writes for each organisation (`network/README.md`). */
import Ajv from "ajv";
import { MSP_ID } from "../../chaincode/proof/holding-name";
import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Authority } from "./port";

export interface FabricConnection {
  /** URL-like name of the network. */
  readonly network: string;
  readonly channel: string;
  readonly chaincode: string;
  /** Name of the organisation whose gateway this is, and its MSP ID. */
  readonly organisation: string;
  readonly mspId: string;
  /** Whether peers serve gateways themselves (Fabric 2.4 and later). */
  readonly gatewayService: boolean;
  /** Signs transactions; PEM. */
  readonly identity: { readonly certificate: string; readonly key: KeyObject };
  /** What is shown to peers as TLS client; PEM. */
  readonly tls: { readonly certificate: string; readonly key: string };
  /** The organisation's own peers first. */
  readonly peers: readonly FabricNode[];
  /** The organisation's own first: asked directly only where peers have no gateway service. */
  readonly orderers: readonly FabricNode[];
  /** Of each organisation, who names its members, PEM: what a verifier of endorsements trusts. */
  readonly authorities: readonly Authority[];
  /** Of a gRPC message: a block has to fit. */
  readonly maxMessageBytes: number;
  readonly authority: { readonly code: string; readonly name: string };
}

/** A peer or an orderer. */
export interface FabricNode {
  readonly mspId: string;
  /** `host:port` */
  readonly address: string;
  /** Name in its TLS certificate, for clients that may not ask for an address there (RFC 6066, 3). */
  readonly serverName: string;
  /** PEM */
  readonly tlsRoots: string;
}

export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  constructor(
    readonly code: "connection-unreadable" | "connection-malformed" | "connection-of-another",
    readonly file: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: ${code}`, options);
  }
}

interface ConnectionFile extends Omit<FabricConnection, "identity" | "tls" | "authority"> {
  readonly version: 1;
  readonly identity: CertificateFiles;
  readonly tls: CertificateFiles;
  readonly genesis: { readonly authority: FabricConnection["authority"] };
}

/** Names of files, relative to the connection file. */
interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** @throws ConnectionError */
export function readConnection(file: string, organisation: string): FabricConnection {
  const { version: _, identity, tls, genesis, ...connection } = parse(file);
  if (connection.organisation !== organisation) throw new ConnectionError("connection-of-another", file);
  const beside = (name: string): string => read(resolve(dirname(file), name));
  const key = beside(identity.key);
  try {
    return {
      ...connection,
      identity: { certificate: beside(identity.certificate), key: createPrivateKey(key) },
      tls: { certificate: beside(tls.certificate), key: beside(tls.key) },
      authority: genesis.authority,
    };
  } catch (cause) {
    throw cause instanceof ConnectionError ? cause : new ConnectionError("connection-malformed", identity.key, { cause });
  }
}

function parse(file: string): ConnectionFile {
  let value: unknown;
  try {
    value = JSON.parse(read(file));
  } catch (cause) {
    throw cause instanceof SyntaxError ? new ConnectionError("connection-malformed", file, { cause }) : cause;
  }
  if (!isConnection(value)) throw new ConnectionError("connection-malformed", file);
  return value;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new ConnectionError("connection-unreadable", file, { cause });
  }
}

const text = { type: "string", minLength: 1 } as const;
const object = (properties: Readonly<Record<string, object>>): object => ({
  type: "object",
  properties,
  required: Object.keys(properties),
});
const listOf = (items: object): object => ({ type: "array", items, minItems: 1 });
const files = object({ certificate: text, key: text });
const nodes = listOf(object({ mspId: text, address: text, serverName: text, tlsRoots: text }));

/** Of a later version there may be more. */
const isConnection = new Ajv().compile<ConnectionFile>(
  object({
    version: { const: 1 },
    network: text,
    channel: text,
    chaincode: text,
    organisation: text,
    mspId: { type: "string", pattern: `^${MSP_ID}$` },
    gatewayService: { type: "boolean" },
    identity: files,
    tls: files,
    peers: nodes,
    orderers: nodes,
    authorities: listOf(object({ mspId: text, certificate: text })),
    maxMessageBytes: { type: "integer", minimum: 1 },
    genesis: object({ authority: object({ code: text, name: text }) }),
  }),
);
