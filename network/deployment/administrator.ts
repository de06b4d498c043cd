/** What the administrator of one organisation does to its own nodes, and asks of them, by Fabric's commands. */
import { sharedFiles, OrganisationFiles, publicFiles } from "../directory";
import type { Programs } from "../processes/programs";
import { addressOf, type Organisation, type Topology } from "../topology";

/** A chaincode as the organisations agree on it. */
export interface Definition {
  readonly sequence: number;
  readonly version: string;
}

export interface OrdererState {
  readonly height: number;
  /** `active`, `onboarding`, `inactive`, `failed`; as Fabric says it. */
  readonly status: string;
}

export class Administrator {
  readonly #files: OrganisationFiles;

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

  /** @param id of the package in `channel/` */
  async install(id: string): Promise<void> {
    const { installed_chaincodes = [] } = await this.#lifecycle<{ installed_chaincodes?: { package_id: string }[] }>("queryinstalled");
    if (installed_chaincodes.some(({ package_id }) => package_id === id)) return;
    await this.#peer("lifecycle", "chaincode", "install", sharedFiles(this.directory).chaincodePackage);
  }

  /** What is agreed upon, if anything. */
  async committed(): Promise<Definition | undefined> {
    const { channel, chaincode } = this.topology;
    const { chaincode_definitions = [] } = await this.#lifecycle<{ chaincode_definitions?: (Definition & { name: string })[] }>(
      "querycommitted",
      "--channelID",
      channel,
    );
    const found = chaincode_definitions.find(({ name }) => name === chaincode);
    return found && { sequence: found.sequence, version: found.version };
  }

  /** That its organisation agrees, and which of its packages is this chaincode. */
  async approve(definition: Definition, id: string): Promise<void> {
    const { approvals = {} } = await this.#lifecycle<{ approvals?: Record<string, boolean> }>(
      "checkcommitreadiness",
      ...this.#definition(definition),
    );
    if (approvals[this.organisation.mspId] === true) return;
    await this.#peer(
      "lifecycle",
      "chaincode",
      "approveformyorg",
      ...this.#definition(definition),
      "--package-id",
      id,
      ...this.#byOrderer(),
    );
  }

  /** With the endorsement of every organisation's peer. */
  async commit(definition: Definition): Promise<void> {
    const peers = this.topology.organisations.flatMap((one) => [
      "--peerAddresses",
      addressOf(one, "peer"),
      "--tlsRootCertFiles",
      publicFiles(this.directory, one).tlsAuthority,
    ]);
    await this.#peer("lifecycle", "chaincode", "commit", ...this.#definition(definition), ...peers, ...this.#byOrderer());
  }

  #definition({ sequence, version }: Definition): string[] {
    const { channel, chaincode } = this.topology;
    return ["--channelID", channel, "--name", chaincode, "--version", version, "--sequence", String(sequence)];
  }

  #byOrderer(): string[] {
    const { tls } = this.#files.node("peer");
    const { tlsAuthority } = publicFiles(this.directory, this.organisation);
    const address = addressOf(this.organisation, "orderer");
    const shown = ["--clientauth", "--certfile", tls.certificate, "--keyfile", tls.key];
    return ["--orderer", address, "--tls", "--cafile", tlsAuthority, ...shown];
  }

  async #lifecycle<A>(...args: readonly string[]): Promise<A> {
    return JSON.parse(await this.#peer("lifecycle", "chaincode", ...args, "--output", "json")) as A;
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
