/** The four-party network on this machine: made, brought up, asked, brought down. */
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { channelConfiguration, PROFILE } from "./configuration/channel";
import { ordererConfiguration, peerConfiguration } from "./configuration/nodes";
import { connectionOf } from "./connection";
import { Administrator, type OrdererState } from "./deployment/administrator";
import { writeBuilder } from "./deployment/builder";
import { Caller } from "./deployment/caller";
import { packageChaincode, unpack } from "./deployment/package";
import { OrganisationFiles, sharedFiles, TOPOLOGY, write } from "./directory";
import { NetworkError } from "./errors";
import { firstToEnd } from "./identities/expiry";
import { certificatesOf, createIdentities } from "./identities/organisation";
import { alone } from "./lock";
import { Programs } from "./processes/programs";
import { type Kind, KINDS, launchOf, serviceOf } from "./processes/services";
import { genesisOf, type Organisation, readTopology, type Topology } from "./topology";

/** The steps of {@link Network.up}, in order. */
export const STEPS = ["check", "prepare", "start", "join", "install", "agree", "meet"] as const;
export type Step = (typeof STEPS)[number];

/** What runs on the network. */
export interface Chaincode {
  /** Compiled file that serves it. */
  readonly entry: string;
  readonly version: string;
  /** Whether it has an `init` that takes {@link genesisOf}. */
  readonly init: boolean;
  /** A read without arguments, or with these, that every organisation is asked before the network counts as up. */
  readonly read: { readonly transaction: string; readonly args?: readonly string[] };
}

export interface OrganisationState {
  readonly organisation: string;
  readonly mspId: string;
  /** Whether each process runs. */
  readonly running: Readonly<Record<Kind, boolean>>;
  /** Blocks that its peer holds, asked of the peer; absent where it does not answer or is in no channel. */
  readonly height?: number;
  /** Asked of the orderer. */
  readonly orderer?: OrdererState;
  /** Until the first of its certificates ends. */
  readonly daysLeft: number;
}

/** What `up` has put on the network, once it has: what is installed is run, whatever is compiled later. */
interface Deployed {
  readonly id: string;
  readonly main: string;
  readonly version: string;
}

export class Network {
  private constructor(
    readonly directory: string,
    readonly topology: Topology,
  ) {}

  /**
   * Makes identities and configuration in a directory that is not there yet: all of it, or nothing.
   * @param file topology.yaml. @throws NetworkError `network-exists`, `topology-unreadable`, `topology-invalid`
   */
  static async init(directory: string, file: string): Promise<Network> {
    const topology = await readTopology(file);
    if (existsSync(directory)) throw new NetworkError("network-exists", { directory });
    const partial = `${directory}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true, mode: 0o700 });
    for (const organisation of topology.organisations) await createIdentities(partial, topology, organisation);
    for (const organisation of topology.organisations) {
      const own = new OrganisationFiles(partial, organisation);
      await write(join(own.node("peer").root, "core.yaml"), peerConfiguration(partial, topology, organisation));
      await write(join(own.node("orderer").root, "orderer.yaml"), ordererConfiguration(partial, topology, organisation));
      await write(own.connection, `${JSON.stringify(await connectionOf(partial, topology, organisation), null, 2)}\n`);
    }
    await write(sharedFiles(partial).configtx, channelConfiguration(partial, topology));
    await copyFile(file, join(partial, TOPOLOGY));
    await mkdir(dirname(directory), { recursive: true });
    await rename(partial, directory);
    return new Network(directory, topology);
  }

  /** @throws NetworkError `network-missing`, `topology-unreadable`, `topology-invalid` */
  static async open(directory: string): Promise<Network> {
    const file = join(directory, TOPOLOGY);
    if (!existsSync(file)) throw new NetworkError("network-missing", { directory });
    return new Network(directory, await readTopology(file));
  }

  /**
   * Starts what does not run and does what has not been done: each step asks first. Calling it again finishes what was interrupted.
   * @param onStep called as each step begins. @throws NetworkError any but those of a topology
   */
  up(chaincode: Chaincode, onStep: (step: Step) => void): Promise<void> {
    return alone(this.directory, async () => {
      const { organisations, ordering } = this.topology;
      onStep("check");
      for (const organisation of organisations) await this.#checkCertificates(organisation);
      const programs = await Programs.find(ordering);
      const administrators = organisations.map((one) => new Administrator(this.directory, this.topology, one, programs));

      onStep("prepare");
      const deployed = await this.#prepare(chaincode, programs);
      onStep("start");
      const start = (one: Organisation, kind: Kind): Promise<void> =>
        serviceOf(this.directory, one, kind).start(launchOf(this.directory, one, kind, programs, deployed));
      await every(organisations.flatMap((one) => KINDS.map((kind) => start(one, kind))));
      onStep("join");
      await every(administrators.map((one) => one.joinOrderer()));
      await every(administrators.map((one) => one.joinPeer()));
      onStep("install");
      await every(administrators.map((one) => one.install(deployed.id)));
      onStep("agree");
      const [first] = administrators;
      if ((await first?.committed()) === undefined) {
        const definition = { sequence: 1, version: deployed.version };
        await every(administrators.map((one) => one.approve(definition, deployed.id)));
        await first?.commit(definition);
      }
      onStep("meet");
      await this.#meet(chaincode);
    });
  }

  /** What each organisation's own nodes answer. @throws NetworkError `binaries-missing`, `binary-version` */
  async status(): Promise<readonly OrganisationState[]> {
    const { organisations, ordering } = this.topology;
    const programs = await Programs.find(ordering);
    return Promise.all(
      organisations.map(async (one) => {
        const administrator = new Administrator(this.directory, this.topology, one, programs);
        const asked = [unlessSilent(administrator.height()), unlessSilent(administrator.orderer())] as const;
        const [height, orderer] = await Promise.all(asked);
        const running = KINDS.map(async (kind) => [kind, (await serviceOf(this.directory, one, kind).pid()) !== undefined] as const);
        return {
          organisation: one.name,
          mspId: one.mspId,
          running: Object.fromEntries(await Promise.all(running)) as Record<Kind, boolean>,
          ...(height === undefined ? {} : { height }),
          ...(orderer === undefined ? {} : { orderer }),
          daysLeft: (await firstToEnd(certificatesOf(this.directory, one))).days,
        };
      }),
    );
  }

  /** Ends every process of the network, those of a half-finished start too. @returns how many ran */
  down(): Promise<number> {
    return alone(this.directory, async () => {
      const services = this.topology.organisations.flatMap((one) => KINDS.map((kind) => serviceOf(this.directory, one, kind)));
      return (await Promise.all(services.map((service) => service.stop()))).filter(Boolean).length;
    });
  }

  async #checkCertificates(organisation: Organisation): Promise<void> {
    const { file, date, days } = await firstToEnd(certificatesOf(this.directory, organisation));
    if (days < 0) throw new NetworkError("certificate-expired", { file, date: date.toISOString() });
  }

  /** The first block, the package, the code where it runs: unless they are there. */
  async #prepare({ entry, version }: Chaincode, programs: Programs): Promise<Deployed> {
    const { configtx, firstBlock, chaincodePackage } = sharedFiles(this.directory);
    const { organisations, channel, chaincode } = this.topology;
    if (!existsSync(firstBlock)) {
      const partial = `${firstBlock}.partial`;
      const made = ["-profile", PROFILE, "-channelID", channel, "-outputBlock", partial];
      await programs.run("configtxgen", made, { FABRIC_CFG_PATH: dirname(configtx) });
      await rename(partial, firstBlock);
    }
    await Promise.all(organisations.map((one) => writeBuilder(this.directory, one)));
    // Written last.
    const record = `${chaincodePackage}.json`;
    if (existsSync(record)) return JSON.parse(await readFile(record, "utf8")) as Deployed;
    const packed = await packageChaincode(entry, `${chaincode}_${version}`);
    for (const one of organisations) await unpack(packed, new OrganisationFiles(this.directory, one).chaincode.code);
    await write(chaincodePackage, packed.bytes);
    const deployed = { id: packed.id, main: packed.main, version };
    await write(record, JSON.stringify(deployed));
    return deployed;
  }

  /** The contract's first transaction, and until every organisation's gateway finds all that must endorse. */
  async #meet({ init, read }: Chaincode): Promise<void> {
    const callers = await Promise.all(
      this.topology.organisations.map(async (one) =>
        Caller.connect(this.directory, one, await connectionOf(this.directory, this.topology, one)),
      ),
    );
    try {
      if (init) await callers[0]?.init(JSON.stringify(genesisOf(this.topology)));
      await every(callers.map((caller) => caller.endorsed(read.transaction, read.args)));
    } finally {
      for (const caller of callers) caller.close();
    }
  }
}

/** Waits for all, so that nothing is left under way, then fails if one has. */
async function every(works: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(works)) if (outcome.status === "rejected") throw outcome.reason;
}

/** Nodes that are down do not answer: that is an answer too. */
const unlessSilent = <A>(asked: Promise<A>): Promise<A | undefined> =>
  asked.catch((error: unknown) => {
    if (error instanceof NetworkError && error.code === "step-failed") return undefined;
    throw error;
  });
