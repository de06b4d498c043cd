/** What the administrator of one organisation does to its own nodes, and asks of them, by Fabric's commands. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sharedFiles, OrganisationFiles, publicFiles } from "../directory";
import type { Programs } from "../processes/programs";
import { addressOf, type Organisation, type Topology } from "../topology";

/** A chaincode as the organisations agree on it. */
export interface Definition {
  readonly sequence: number;
  readonly version: string;
}

export interface Agreement extends Definition {
  /** MSP IDs */
  readonly approved: readonly string[];
}

/** As the lifecycle's commands answer it. */
interface Approvals {
  readonly approvals?: Readonly<Record<string, boolean>>;
}

const mspIdsIn = (approvals: Readonly<Record<string, boolean>>): readonly string[] =>
  Object.keys(approvals).filter((mspId) => approvals[mspId] === true);

export interface OrdererState {
  readonly height: number;
  /** `active`, `onboarding`, `inactive`, `failed`; as Fabric says it. */
  readonly status: string;
}

/** Within which what an orderer took is committed, or is tried again through another's: it is done a second time without harm. */
const COMMIT_SECONDS = 10;

export class Administrator {
  readonly #files: OrganisationFiles;
  /** Of what it submitted. */
  #failures = 0;

  constructor(
    private readonly directory: string,
    private readonly topology: Topology,
    readonly organisation: Organisation,
    private readonly programs: Pick<Programs, "run">,
  ) {
    this.#files = new OrganisationFiles(directory, organisation);
  }

  /** @returns undefined while its orderer is in no channel. @throws NetworkError `step-failed` where it does not answer */
  async orderer(): Promise<OrdererState | undefined> {
    const answer = JSON.parse(await this.#osnadmin("list", "--channelID", this.topology.channel)) as Partial<OrdererState>;
    const { height, status } = answer;
    return height === undefined || status === undefined ? undefined : { height, status };
  }

  async joinOrderer(): Promise<void> {
    if ((await this.orderer()) !== undefined) return;
    await this.#osnadmin("join", "--channelID", this.topology.channel, "--config-block", sharedFiles(this.directory).firstBlock);
  }

  /** @returns number of blocks its peer holds; undefined while the peer is in no channel. @throws NetworkError `step-failed` */
  async height(): Promise<number | undefined> {
    const channels = await this.#peer("channel", "list");
    if (!channels.split("\n").includes(this.topology.channel)) return undefined;
    const info = await this.#peer("channel", "getinfo", "--channelID", this.topology.channel);
    return (JSON.parse(info.slice(info.indexOf("{"))) as { readonly height: number }).height;
  }

  async joinPeer(): Promise<void> {
    if ((await this.height()) !== undefined) return;
    await this.#peer("channel", "join", "--blockpath", sharedFiles(this.directory).firstBlock);
  }

  /** The block of the channel's configuration as its own peer has it. */
  configurationBlock(): Promise<Uint8Array> {
    return inFile(async (file) => {
      await this.#peer("channel", "fetch", "config", file, "--channelID", this.topology.channel);
      return readFile(file);
    });
  }

  /** Resolves once an orderer has taken it. @param envelope with all signatures: the command adds its administrator's, which may be there already */
  update(envelope: Uint8Array): Promise<void> {
    return inFile(async (file) => {
      await writeFile(file, envelope);
      await this.#peer("channel", "update", "--file", file, "--channelID", this.topology.channel, ...this.#byOrderer());
    });
  }

  /** @param id of the organisation's package */
  async install(id: string): Promise<void> {
    const { installed_chaincodes = [] } = await this.#lifecycle<{ installed_chaincodes?: { package_id: string }[] }>("queryinstalled");
    if (installed_chaincodes.some(({ package_id }) => package_id === id)) return;
    await this.#peer("lifecycle", "chaincode", "install", this.#files.chaincode.package);
  }

  /** What is agreed upon, if anything, and the organisations that have approved of just that. */
  async committed(): Promise<Agreement | undefined> {
    const { channel, chaincode } = this.topology;
    const asked = ["querycommitted", "--channelID", channel];
    const { chaincode_definitions = [] } = await this.#lifecycle<{ chaincode_definitions?: { name: string }[] }>(...asked);
    if (!chaincode_definitions.some(({ name }) => name === chaincode)) return undefined;
    const { sequence, version, approvals = {} } = await this.#lifecycle<Definition & Approvals>(...asked, "--name", chaincode);
    return { sequence, version, approved: mspIdsIn(approvals) };
  }

  /** MSP IDs of the organisations that have approved of a definition that is not committed yet. */
  async approved(definition: Definition): Promise<readonly string[]> {
    const { approvals = {} } = await this.#lifecycle<Approvals>("checkcommitreadiness", ...this.#definition(definition));
    return mspIdsIn(approvals);
  }

  /** That its organisation agrees, and which of its packages is this chaincode. */
  async approve(definition: Definition, id: string): Promise<void> {
    await this.#submit(
      "lifecycle",
      "chaincode",
      "approveformyorg",
      ...this.#definition(definition),
      "--package-id",
      id,
      ...this.#byOrderer(),
    );
  }

  /** With the endorsement of these organisations' peers. */
  async commit(definition: Definition, organisations: readonly Organisation[]): Promise<void> {
    const peers = organisations.flatMap((one) => [
      "--peerAddresses",
      addressOf(one, "peer"),
      "--tlsRootCertFiles",
      publicFiles(this.directory, one).tlsAuthority,
    ]);
    await this.#submit("lifecycle", "chaincode", "commit", ...this.#definition(definition), ...peers, ...this.#byOrderer());
  }

  #definition({ sequence, version }: Definition): string[] {
    const { channel, chaincode } = this.topology;
    return ["--channelID", channel, "--name", chaincode, "--version", version, "--sequence", String(sequence)];
  }

  /** The organisation's own; after a failure the next one's: its own may have begun before the others, and not keep up with them yet. */
  #byOrderer(): string[] {
    const { tls } = this.#files.node("peer");
    const { organisations } = this.topology;
    const own = organisations.findIndex(({ name }) => name === this.organisation.name);
    const through = organisations[(own + this.#failures) % organisations.length] ?? this.organisation;
    const { tlsAuthority } = publicFiles(this.directory, through);
    const address = addressOf(through, "orderer");
    const shown = ["--clientauth", "--certfile", tls.certificate, "--keyfile", tls.key];
    return ["--orderer", address, "--tls", "--cafile", tlsAuthority, ...shown];
  }

  async #lifecycle<A>(...args: readonly string[]): Promise<A> {
    return JSON.parse(await this.#peer("lifecycle", "chaincode", ...args, "--output", "json")) as A;
  }

  async #submit(...args: readonly string[]): Promise<void> {
    try {
      await this.#peer(...args, "--waitForEventTimeout", `${COMMIT_SECONDS}s`);
    } catch (error) {
      this.#failures++;
      throw error;
    }
  }

  #peer(...args: readonly string[]): Promise<string> {
    return this.programs.run("peer", args, {
      FABRIC_CFG_PATH: this.#files.node("peer").root,
      FABRIC_LOGGING_SPEC: "error",
      CORE_PEER_MSPCONFIGPATH: this.#files.admin.msp,
    });
  }

  #osnadmin(...args: readonly string[]): Promise<string> {
    const { tls } = this.#files.admin;
    const { tlsAuthority } = publicFiles(this.directory, this.organisation);
    const address = addressOf(this.organisation, "ordererAdmin");
    const shown = ["--ca-file", tlsAuthority, "--client-cert", tls.certificate, "--client-key", tls.key];
    return this.programs.run("osnadmin", ["channel", ...args, "--orderer-address", address, ...shown, "--no-status"]);
  }
}

/** For commands that speak by files: one that is there while they work. */
async function inFile<T>(work: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "suyuan-channel-"));
  try {
    return await work(join(folder, "channel.pb"));
  } finally {
    await rm(folder, { recursive: true });
  }
}
