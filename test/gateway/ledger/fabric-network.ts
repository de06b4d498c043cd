/** A four-party network of Fabric for one file of tests: real peers and orderers, in a directory and on ports of its own. */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type FabricConnection, readConnection } from "../../../gateway/ledger/fabric-connection";
import { type Chaincode, Network } from "../../../network/network";
import { PROGRAMS } from "../../../network/processes/programs";
import { type Kind, serviceOf } from "../../../network/processes/services";
import { forRelease, type Release } from "../../network/declared";
import { SAMPLE } from "../../sample";

/** From nothing to a committed transaction, on a busy machine. */
const UP_MS = 120_000;

export interface FabricNetwork {
  /** Of an organisation: its name, and the file. */
  connectionFile(organisation: string): string;
  connection(organisation: string): FabricConnection;
  stopNode(organisation: string, kind: Kind): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Tests that need Fabric's programs: run where these are found, shown as skipped where they are not; with `SUYUAN_REQUIRE_FABRIC=1` that fails.
 */
export function onFabric(title: string, suite: () => void): void {
  const { FABRIC_BIN, PATH = "", SUYUAN_REQUIRE_FABRIC } = process.env;
  const folders = FABRIC_BIN === undefined ? PATH.split(delimiter) : [FABRIC_BIN];
  const found = PROGRAMS.every((program) => folders.some((folder) => existsSync(join(folder, program))));
  if (found || SUYUAN_REQUIRE_FABRIC === "1") suite();
  else describe(title, () => it.skip(`needs ${PROGRAMS.join(", ")} in FABRIC_BIN or on PATH`));
}

/** As {@link onFabric}, for what a sample of the long tests leaves out. */
export function onFabricAtLength(title: string, suite: () => void): void {
  if (!SAMPLE) onFabric(title, suite);
  else describe(title, () => it.skip("is no part of the sample: npm run test:long"));
}

/** @param context of the hook that starts it, which may take longer than a test */
export async function startNetwork(
  context: Mocha.Context,
  name: string,
  chaincode: Omit<Chaincode, "version">,
  release: Release = "declared",
): Promise<FabricNetwork> {
  context.timeout(UP_MS);
  const base = await mkdtemp(join(tmpdir(), "suyuan-network-"));
  const topology = join(base, "topology.yaml");
  const declared = ownPorts(await readFile(join("network", "topology.yaml"), "utf8")).replace(/^chaincode: .*$/m, `chaincode: ${name}`);
  await writeFile(topology, forRelease(declared, release));
  const network = await Network.init(join(base, "network"), topology);
  const stop = async (): Promise<void> => {
    await network.down();
    await rm(base, { recursive: true, force: true });
  };
  try {
    await network.up({ ...chaincode, version: "1" }, () => undefined);
  } catch (error) {
    await stop();
    throw error;
  }
  const stopNode = async (name: string, kind: Kind): Promise<void> => {
    for (const organisation of network.topology.organisations)
      if (organisation.name === name) await serviceOf(network.directory, organisation, kind).stop();
  };
  const connectionFile = (organisation: string): string => join(network.directory, organisation, "connection.json");
  return { connectionFile, connection: (organisation) => readConnection(connectionFile(organisation), organisation), stopNode, stop };
}

/** Below those that the system gives out, apart from those of a network in use and of other runs. */
function ownPorts(topology: string): string {
  let next = 20_000 + (process.pid % 200) * 60;
  return topology.replace(/^( +port: )\d+$/gm, (_line, field: string) => `${field}${(next += 10)}`);
}
