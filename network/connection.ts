/** What a gateway needs to know of the network, as its connection file; the format stands in README.md. */
import { readFile } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { MAX_MESSAGE_BYTES } from "./configuration/channel";
import { OrganisationFiles, type Pair, publicFiles } from "./directory";
import { addressOf, genesisOf, nodeName, type Organisation, type Topology } from "./topology";

export interface Connection {
  readonly version: 1;
  readonly network: string;
  readonly channel: string;
  readonly chaincode: string;
  readonly organisation: string;
  readonly mspId: string;
  /** Whether peers serve gateways themselves. */
  readonly gatewayService: boolean;
  /** Files, relative to the connection file. */
  readonly identity: Pair;
  readonly tls: Pair;
  /** The organisation's own first. */
  readonly peers: readonly Endpoint[];
  readonly orderers: readonly Endpoint[];
  readonly authorities: readonly { readonly mspId: string; readonly certificate: string }[];
  readonly maxMessageBytes: number;
  readonly genesis: object;
}

export interface Endpoint {
  readonly organisation: string;
  readonly mspId: string;
  /** host:port */
  readonly address: string;
  /** Name in its TLS certificate, for clients that may not ask for an address there (RFC 6066, 3). */
  readonly serverName: string;
  /** PEM */
  readonly tlsRoots: string;
}

export async function connectionOf(directory: string, topology: Topology, own: Organisation): Promise<Connection> {
  const files = new OrganisationFiles(directory, own);
  const from = dirname(files.connection);
  const pair = ({ certificate, key }: Pair): Pair => ({ certificate: relative(from, certificate), key: relative(from, key) });
  const { organisations, network, channel, chaincode } = topology;
  const ownFirst = [own, ...organisations.filter(({ name }) => name !== own.name)];
  const endpoints = (listener: "peer" | "orderer"): Promise<Endpoint[]> =>
    Promise.all(
      ownFirst.map(async (one) => ({
        organisation: one.name,
        mspId: one.mspId,
        address: addressOf(one, listener),
        serverName: nodeName(topology, one, listener),
        tlsRoots: await readFile(publicFiles(directory, one).tlsAuthority, "utf8"),
      })),
    );
  return {
    version: 1,
    network,
    channel,
    chaincode,
    organisation: own.name,
    mspId: own.mspId,
    gatewayService: topology.gatewayService,
    identity: pair(files.gateway.identity),
    tls: pair(files.gateway.tls),
    peers: await endpoints("peer"),
    orderers: await endpoints("orderer"),
    authorities: await Promise.all(
      organisations.map(async (one) => ({ mspId: one.mspId, certificate: await readFile(publicFiles(directory, one).authority, "utf8") })),
    ),
    maxMessageBytes: MAX_MESSAGE_BYTES,
    genesis: genesisOf(topology),
  };
}
