/** The declaration of a network: who takes part, where their processes listen, how they agree. */
import Ajv from "ajv";
import { load } from "js-yaml";
import { readFile } from "node:fs/promises";
import { NetworkError } from "./errors";

export interface Topology {
  /** URL-like name, unique among the networks a verifier trusts. */
  readonly network: string;
  readonly channel: string;
  readonly chaincode: string;
  /** SmartBFT, which bears one organisation of four lying; or Raft, which bears one of four being down. */
  readonly ordering: "bft" | "raft";
  /** Whether peers serve gateways themselves (Fabric 2.4 and later); those of older releases do not, and cannot be ordered by BFT either. */
  readonly gatewayService: boolean;
  /** How many organisations must run a transaction with the same result. */
  readonly endorsement: "majority" | "all";
  /** The first is the authority. */
  readonly organisations: readonly Organisation[];
}

export interface Organisation {
  /** Also the name of its directory. */
  readonly name: string;
  readonly mspId: string;
  /** Address or name under which the others reach it, and on which it listens. */
  readonly host: string;
  /** First of its block of ports, {@link PORTS}. */
  readonly port: number;
  /** The party that runs it. */
  readonly party: { readonly code: string; readonly name: string };
  /** Of the parties it hosts. */
  readonly roles: readonly string[];
}

/** Where in its organisation's block of ports each listener stands. Operations, figures for one, answer the machine itself only, and so does the gateway. */
export const PORTS = {
  peer: 0,
  chaincode: 1,
  peerOperations: 2,
  orderer: 3,
  ordererAdmin: 4,
  ordererOperations: 5,
  chaincodeOperations: 6,
  gateway: 7,
} as const;
export type Listener = keyof typeof PORTS;

export const portOf = (organisation: Organisation, listener: Listener): number => organisation.port + PORTS[listener];
export const addressOf = (organisation: Organisation, listener: Listener): string =>
  `${organisation.host}:${portOf(organisation, listener)}`;

/** What its certificates call a node, or whoever acts for the organisation. */
export const nodeName = ({ network }: Pick<Topology, "network">, { name }: Organisation, kind: string): string =>
  `${kind}.${name}.${network}`;

/** Of organisations: more than half. */
export const majority = (count: number): number => Math.floor(count / 2) + 1;

/** Of orderers: how many must be there for anything to be ordered. */
export const quorum = (ordering: Topology["ordering"], count: number): number =>
  ordering === "raft" ? majority(count) : Math.ceil((count + Math.floor((count - 1) / 3) + 1) / 2);

/** What the contract's `init` is given: which organisation speaks for which roles, and who the authority is. */
export const genesisOf = ({ organisations }: Topology): object => ({
  hosts: Object.fromEntries(organisations.map(({ mspId, roles }) => [mspId, roles])),
  authority: organisations[0]?.party,
});

/** @throws NetworkError `topology-unreadable`, `topology-invalid` */
export async function readTopology(file: string): Promise<Topology> {
  let declared: unknown;
  try {
    declared = load(await readFile(file, "utf8"));
  } catch (cause) {
    throw new NetworkError(
      "topology-unreadable",
      { file, reason: cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : "" },
      { cause },
    );
  }
  if (!isTopology(declared)) {
    const [error] = isTopology.errors ?? [];
    throw new NetworkError("topology-invalid", { field: error?.instancePath ?? "", reason: error?.message ?? "" });
  }
  for (const field of ["name", "mspId"] as const)
    unique(
      field,
      declared.organisations.map((organisation) => organisation[field]),
    );
  const ports = declared.organisations.flatMap((one) => Object.keys(PORTS).map((listener) => addressOf(one, listener as Listener)));
  unique("port", ports);
  if (declared.ordering === "bft" && !declared.gatewayService)
    throw new NetworkError("topology-invalid", { field: "gatewayService", reason: "BFT needs it" });
  return declared;
}

function unique(field: string, values: readonly string[]): void {
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) throw new NetworkError("topology-invalid", { field, reason: `${twice} stands twice` });
}

const text = (pattern: string): object => ({ type: "string", pattern });
const all = (properties: Readonly<Record<string, object>>): object => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const name = text("^[a-z][a-z0-9-]{0,30}$");

const isTopology = new Ajv({ strict: true }).compile<Topology>(
  all({
    network: text("^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$"),
    channel: name,
    chaincode: name,
    ordering: { enum: ["bft", "raft"] },
    gatewayService: { type: "boolean" },
    endorsement: { enum: ["majority", "all"] },
    organisations: {
      type: "array",
      minItems: 1,
      items: all({
        // Names that the network's own directory uses.
        name: { ...name, not: { enum: ["public", "channel"] } },
        mspId: text("^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$"),
        host: text("^[0-9A-Za-z][0-9A-Za-z.-]*$"),
        port: { type: "integer", minimum: 1024, maximum: 65_535 - Object.keys(PORTS).length },
        party: all({ code: text("^[0-9A-Z]{18}$"), name: { type: "string", minLength: 1, maxLength: 200 } }),
        roles: { type: "array", items: name },
      }),
    },
  }),
);
