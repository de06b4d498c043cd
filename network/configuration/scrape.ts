/** Where the figures of an organisation's processes are: a list for Prometheus (`file_sd_configs`), which reads it on the organisation's own machine. */
import { type Listener, type Organisation, portOf, type Topology } from "../topology";

/** Of `suyuan serve`, unless told otherwise. */
const GATEWAY_PORT = 8080;
const LISTENERS = { peer: "peerOperations", orderer: "ordererOperations" } as const satisfies Record<string, Listener>;

export function scrapeOf({ network }: Topology, organisation: Organisation): readonly object[] {
  const nodes = Object.entries(LISTENERS).map(([process, listener]) => ({ process, port: portOf(organisation, listener) }));
  return [...nodes, { process: "gateway", port: GATEWAY_PORT }].map(({ process, port }) => ({
    targets: [`127.0.0.1:${port}`],
    labels: { network, organisation: organisation.name, process },
  }));
}
