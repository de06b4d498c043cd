/** A network of four organisations on free ports of this machine, in a directory of its own. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConnection } from "../../gateway/ledger/fabric-connection";
import { OrganisationFiles } from "../../network/directory";
import { type Chaincode, Network, type Step } from "../../network/network";
import type { Kind } from "../../network/processes/services";
import { declareOnFreePorts, type Release } from "./declared";

export const CHAINCODE: Chaincode = {
  entry: join(__dirname, "..", "..", "chaincode", "index.js"),
  version: "1",
  init: true,
  read: { transaction: "journals" },
};

export class Four {
  #base = "";
  #topology = "";
  #network: Network | undefined;

  get network(): Network {
    if (this.#network === undefined) throw new Error("init comes first");
    return this.#network;
  }

  async make(release?: Release): Promise<void> {
    this.#base = await mkdtemp(join(tmpdir(), "suyuan-four-"));
    this.#topology = await declareOnFreePorts(this.#base, release);
  }

  async remove(): Promise<void> {
    await this.#network?.down();
    await rm(this.#base, { recursive: true, force: true });
  }

  async init(): Promise<void> {
    this.#network = await Network.init(join(this.#base, "network"), this.#topology);
  }

  readonly up = async (): Promise<readonly Step[]> => {
    const steps: Step[] = [];
    await this.network.up(CHAINCODE, (step) => steps.push(step));
    return steps;
  };

  readonly pid = async (organisation: string, kind: Kind): Promise<number> => {
    const run = new OrganisationFiles(this.network.directory, { name: organisation }).run(kind);
    return (JSON.parse(await readFile(run, "utf8")) as { pid: number }).pid;
  };

  readonly connectionOf = (organisation: string): ReturnType<typeof readConnection> =>
    readConnection(join(this.network.directory, organisation, "connection.json"), organisation);

  /** Once all say the same. */
  readonly height = async (): Promise<number> => {
    for (;;) {
      const heights = (await this.network.status()).flatMap((state) => [state.height, state.orderer?.height]);
      const [first] = heights;
      if (first !== undefined && heights.every((other) => other === first)) return first;
    }
  };
}
