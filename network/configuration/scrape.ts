/** Where the figures of an organisation's processes are: a list for Prometheus (`file_sd_configs`), which reads it on the organisation's own machine. */
import { type Listener, type Organisation, portOf, type Topology } from "../topology";

const LISTENERS = {
  peer: "peerOperations",
  orderer: "ordererOperations",
  chaincode: "chaincodeOperations",
  gateway: "gateway",
} as const satisfies Record<string, Listener>;

export function scrapeOf({ network }: Topology, organisation: Organisation): readonly object[] {
  return Object.entries(LISTENERS).map(([process, listener]) => ({
    targets: [`127.0.0.1:${portOf(organisation, listener)}`],
    labels: { network, organisation: organisation.name, process },
  }));
}
