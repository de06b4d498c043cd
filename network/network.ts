/** The part of a network that runs on this machine, which may be all of it: made, brought up, asked, brought down. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { scrapeOf } from "./configuration/scrape";
import { connectionOf } from "./connection";
import { Administrator, type OrdererState } from "./deployment/administrator";
import { agreed, gathered, PATIENCE_SECONDS } from "./deployment/agreement";
import { writeBuilder } from "./deployment/builder";
import type { Caller } from "./deployment/caller";
import { DirectCaller } from "./deployment/direct-caller";
import { GatewayCaller } from "./deployment/gateway-caller";
import { type ChaincodePackage, definedVersion, packageChaincode, unpack } from "./deployment/package";
import { OrganisationFiles, TOPOLOGY, write } from "./directory";
import { NetworkError } from "./errors";
import { acceptFirstBlock, checkPublic, configure, ensureFirstBlock, found, foundBundles } from "./founding";
import { firstToEnd } from "./identities/expiry";
import { certificatesOf } from "./identities/organisation";
import { alone } from "./lock";
import { Programs } from "./processes/programs";
import type { Launch } from "./processes/service";
import { type Kind, KINDS, launchOf, serviceOf } from "./processes/services";
import { clocksOf, type Disk, diskOf, leaderOf } from "./service/condition";
import { genesisOf, type Organisation, readTopology, type Topology } from "./topology";

/** The steps of {@link Network.up}, in order. */
export const STEPS = ["check", "prepare", "start", "join", "install", "gather", "agree", "meet"] as const;
export type Step = (typeof STEPS)[number];

/** Called as each step begins; and during it, each time that it is others, with the organisations that it waits for. */
export type OnStep = (step: Step, waitsFor?: readonly string[]) => void;

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
  /** Whether each process listens, whoever started it. */
  readonly running: Readonly<Record<Kind, boolean>>;
  /** Blocks that its peer holds, asked of the peer; absent where it does not answer or is in no channel. */
  readonly height?: number;
  /** Asked of the orderer. */
  readonly orderer?: OrdererState;
  /** The version of the chaincode that its peer knows to be agreed upon. */
  readonly chaincode?: string;
  /** Name of the organisation whose orderer leads, where its own orderer knows. */
  readonly leader?: string;
  /** Until the first of its certificates ends. */
  readonly daysLeft: number;
  readonly disk: Disk;
}

/** What an organisation runs, from when `up` has prepared it: that, whatever is compiled later. */
interface Deployed {
  readonly id: string;
  readonly main: string;
  readonly version: string;
}

export class Network {
  private constructor(
    readonly directory: string,
    readonly topology: Topology,
    /** Those of this machine: all that is done is done to theirs. */
    readonly organisations: readonly Organisation[],
  ) {}

  /**
   * Makes identities and configuration in a directory that is not there yet: all of it, or nothing.
   * @param file topology.yaml. @param only of its organisations the one whose identities are made, where each makes its own
   * @throws NetworkError `network-exists`, `topology-unreadable`, `topology-invalid`, `organisation-not-declared`
   */
  static async init(directory: string, file: string, only?: string): Promise<Network> {
    const topology = await readTopology(file);
    const { organisations } = topology;
    const chosen = only === undefined ? organisations : organisations.filter(({ name }) => name === only);
    if (only !== undefined && chosen.length === 0)
      throw new NetworkError("organisation-not-declared", { name: only, names: organisations.map(({ name }) => name).join(", ") });
    await found(directory, topology, chosen, file);
    return new Network(directory, topology, chosen);
  }

  /**
   * Makes a network whose organisations run on machines of their own: in the directory one folder for each.
   * @throws NetworkError those of {@link init}, `binaries-missing`, `binary-version`, `step-failed`
   */
  static async bundles(directory: string, file: string): Promise<Topology> {
    const topology = await readTopology(file);
    await foundBundles(directory, topology, file, await Programs.find(topology.ordering));
    return topology;
  }

  /** Takes the channel's first block, as another organisation made it. @throws NetworkError `first-block-differs`, `public-missing`, `binaries-missing`, `step-failed` */
  async accept(file: string): Promise<void> {
    const programs = await Programs.find(this.topology.ordering);
    await alone([this.directory], async () => {
      await configure(this.directory, this.topology, this.organisations);
      await acceptFirstBlock(this.directory, this.topology, programs, file);
    });
  }

  /**
   * @param only of the organisations here, the one to act for
   * @throws NetworkError `network-missing`, `topology-unreadable`, `topology-invalid`, `organisation-not-here`
   */
  static async open(directory: string, only?: string): Promise<Network> {
    const file = join(directory, TOPOLOGY);
    if (!existsSync(file)) throw new NetworkError("network-missing", { directory });
    const topology = await readTopology(file);
    const here = topology.organisations.filter((one) => existsSync(new OrganisationFiles(directory, one).root));
    const chosen = here.filter(({ name }) => only === undefined || name === only);
    if (chosen.length === 0)
      throw new NetworkError("organisation-not-here", { name: only ?? "", names: here.map(({ name }) => name).join(", ") });
    return new Network(directory, topology, chosen);
  }

  /**
   * Starts what does not run and does what has not been done: each step asks first. Calling it again finishes what was interrupted. Where
   * other organisations run elsewhere, it waits until enough of them are there.
   * @throws NetworkError any but those of a topology
   */
  up(chaincode: Chaincode, onStep: OnStep): Promise<void> {
    return this.#alone(async () => {
      const { organisations, directory, topology } = this;
      const { ordering } = topology;
      onStep("check");
      for (const organisation of organisations) await this.#checkCertificates(organisation);
      const programs = await Programs.find(ordering);
      const administrators = organisations.map((one) => new Administrator(directory, topology, one, programs));

      onStep("prepare");
      const deployed = await this.#prepare(chaincode, programs);
      onStep("start");
      const start = (one: Organisation, kind: Kind): Promise<void> =>
        serviceOf(directory, one, kind).start(launchOf(directory, one, kind, programs, { ...deployed, bulk: ordering === "bft" }));
      await every(organisations.flatMap((one) => KINDS.map((kind) => start(one, kind))));
      onStep("join");
      await every(administrators.map((one) => one.joinOrderer()));
      await every(administrators.map((one) => one.joinPeer()));
      onStep("install");
      await every(administrators.map((one) => one.install(deployed.id)));
      onStep("gather");
      await gathered(topology, (names) => {
        onStep("gather", names);
      });
      onStep("agree");
      await agreed(topology, administrators, { ...deployed, replaces: false }, (names) => {
        onStep("agree", names);
      });
      onStep("meet");
      await this.#meet(chaincode);
    });
  }

  /**
   * Puts another version of the chaincode in the place of the one that runs, on a network that is up; the ledger stays. Each organisation
   * calls it: that it installs and approves of the same code is its signature, on the ledger itself. Whoever was away calls it later.
   * @throws NetworkError any but those of a topology
   */
  upgrade(chaincode: Chaincode, onStep: OnStep): Promise<void> {
    return this.#alone(async () => {
      const { organisations, directory, topology } = this;
      onStep("check");
      const programs = await Programs.find(topology.ordering);
      const administrators = organisations.map((one) => new Administrator(directory, topology, one, programs));
      const [packed, deployed] = await this.#packed(chaincode);
      onStep("install");
      const install = async (one: Administrator): Promise<void> => {
        await write(new OrganisationFiles(directory, one.organisation).chaincode.package, packed.bytes);
        await one.install(deployed.id);
      };
      await every(administrators.map(install));
      onStep("gather");
      await gathered(topology, (names) => {
        onStep("gather", names);
      });
      onStep("agree");
      await agreed(topology, administrators, { ...deployed, replaces: true }, (names) => {
        onStep("agree", names);
      });
      onStep("start");
      const exchange = async (one: Organisation): Promise<void> => {
        const own = new OrganisationFiles(directory, one).chaincode;
        const service = serviceOf(directory, one, "chaincode");
        await service.stop();
        await unpack(packed, own.code);
        await write(own.deployed, JSON.stringify(deployed));
        await service.start(launchOf(directory, one, "chaincode", programs, { ...deployed, bulk: topology.ordering === "bft" }));
      };
      await every(organisations.map(exchange));
      onStep("meet");
      await this.#meet({ ...chaincode, init: false });
    });
  }

  /** What each organisation's own nodes answer. @throws NetworkError `public-missing`, `binaries-missing`, `binary-version` */
  async status(): Promise<readonly OrganisationState[]> {
    checkPublic(this.directory, this.topology);
    const programs = await Programs.find(this.topology.ordering);
    return Promise.all(
      this.organisations.map(async (one) => {
        const administrator = new Administrator(this.directory, this.topology, one, programs);
        const asked = [
          unlessSilent(administrator.height()),
          unlessSilent(administrator.orderer()),
          unlessSilent(administrator.committed()),
          leaderOf(this.topology, one),
        ] as const;
        const [height, orderer, chaincode, leader] = await Promise.all(asked);
        const running = KINDS.map(async (kind) => [kind, await serviceOf(this.directory, one, kind).listens()] as const);
        return {
          organisation: one.name,
          mspId: one.mspId,
          running: Object.fromEntries(await Promise.all(running)) as Record<Kind, boolean>,
          ...(height === undefined ? {} : { height }),
          ...(orderer === undefined ? {} : { orderer }),
          ...(chaincode === undefined ? {} : { chaincode: chaincode.version }),
          ...(leader === undefined ? {} : { leader }),
          disk: await diskOf(this.directory, one),
          daysLeft: (await firstToEnd(certificatesOf(this.directory, this.topology, one))).days,
        };
      }),
    );
  }

  /** How far each organisation's clock is from this machine's, in milliseconds, of those that answer. */
  async clocks(): Promise<Readonly<Record<string, number>>> {
    const [one] = this.organisations;
    if (one === undefined) return {};
    const caller = await this.#caller(one);
    try {
      return await clocksOf(this.topology, caller);
    } finally {
      caller.close();
    }
  }

  /** What each process of an organisation is started with. @throws NetworkError `not-up-yet`, `binaries-missing`, `binary-version` */
  async launches(organisation: Organisation): Promise<Readonly<Record<Kind, Launch>>> {
    const { directory, topology } = this;
    const programs = await Programs.find(topology.ordering);
    const record = new OrganisationFiles(directory, organisation).chaincode.deployed;
    if (!existsSync(record)) throw new NetworkError("not-up-yet", { organisation: organisation.name });
    const deployed = JSON.parse(await readFile(record, "utf8")) as Deployed;
    const launch = (kind: Kind): Launch =>
      launchOf(directory, organisation, kind, programs, { ...deployed, bulk: topology.ordering === "bft" });
    return { orderer: launch("orderer"), chaincode: launch("chaincode"), peer: launch("peer") };
  }

  /** Ends every process, those of a half-finished start too. @returns how many ran */
  down(): Promise<number> {
    return this.#alone(async () => {
      const services = this.organisations.flatMap((one) => KINDS.map((kind) => serviceOf(this.directory, one, kind)));
      return (await Promise.all(services.map((service) => service.stop()))).filter(Boolean).length;
    });
  }

  /** Others may be at other organisations meanwhile. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    return alone(
      this.organisations.map((one) => new OrganisationFiles(this.directory, one).root),
      work,
    );
  }

  async #checkCertificates(organisation: Organisation): Promise<void> {
    const { file, date, days } = await firstToEnd(certificatesOf(this.directory, this.topology, organisation));
    if (days < 0) throw new NetworkError("certificate-expired", { organisation: organisation.name, file, date: date.toISOString() });
  }

  /** What this release makes anew: the builder, the list of figures. The first block; each organisation's package and the code where it runs: unless they are there. */
  async #prepare(chaincode: Chaincode, programs: Programs): Promise<Deployed> {
    const { directory, topology, organisations } = this;
    await configure(directory, topology, organisations);
    await ensureFirstBlock(directory, topology, programs);
    await Promise.all(organisations.map((one) => writeBuilder(directory, one)));
    const scraped = (one: Organisation): string => `${JSON.stringify(scrapeOf(topology, one), null, 2)}\n`;
    await Promise.all(organisations.map((one) => write(new OrganisationFiles(directory, one).scrape, scraped(one))));
    const [packed, fresh] = await this.#packed(chaincode);
    const all = organisations.map(async (one) => {
      const { code, package: file, deployed } = new OrganisationFiles(directory, one).chaincode;
      if (existsSync(deployed)) return JSON.parse(await readFile(deployed, "utf8")) as Deployed;
      await unpack(packed, code);
      await write(file, packed.bytes);
      // Last: then the others are whole.
      await write(deployed, JSON.stringify(fresh));
      return fresh;
    });
    return (await Promise.all(all))[0] ?? fresh;
  }

  async #packed({ entry, version }: Chaincode): Promise<readonly [ChaincodePackage, Deployed]> {
    const packed = await packageChaincode(entry, `${this.topology.chaincode}_${version}`);
    return [packed, { id: packed.id, main: packed.main, version: definedVersion(version, packed) }];
  }

  /** The contract's first transaction, which is the authority's; and until every organisation's gateway here finds all that must endorse. */
  async #meet({ init, read }: Chaincode): Promise<void> {
    const { topology, organisations } = this;
    const patience = organisations.length < topology.organisations.length ? PATIENCE_SECONDS : undefined;
    const callers = await Promise.all(organisations.map((one) => this.#caller(one)));
    try {
      if (init && organisations[0] === topology.organisations[0]) await callers[0]?.init(JSON.stringify(genesisOf(topology)), patience);
      await every(callers.map((caller) => caller.endorsed(read.transaction, read.args, patience)));
      if (init) await every(organisations.map((one, i) => checkFounded(topology, one, callers[i], patience)));
    } finally {
      for (const caller of callers) caller.close();
    }
  }

  async #caller(one: Organisation): Promise<Caller> {
    const { directory, topology } = this;
    checkPublic(directory, topology);
    return (topology.gatewayService ? GatewayCaller : DirectCaller).connect(directory, one, await connectionOf(directory, topology, one));
  }
}

/** Any member may have called the contract's first transaction, and with other roles. @throws NetworkError `founded-otherwise`, `others-missing` where nobody has */
async function checkFounded(topology: Topology, { name, mspId }: Organisation, caller?: Caller, patience?: number): Promise<void> {
  const founded = await caller?.genesis(mspId, patience);
  if (founded === undefined || isDeepStrictEqual(founded, genesisOf(topology))) return;
  if (isDeepStrictEqual(founded, {}))
    throw new NetworkError("others-missing", { names: topology.organisations[0]?.name ?? "", seconds: patience ?? 0 });
  throw new NetworkError("founded-otherwise", { channel: topology.channel, organisation: name });
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
