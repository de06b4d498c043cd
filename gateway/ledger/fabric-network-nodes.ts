/** The peers and orderers of a network as the older SDK reaches them: each by a connection of this organisation, with its TLS certificate. */
import type { Channel, Client, Discoverer, Endorser, IdentityContext, ServiceEndpoint } from "fabric-common";
import type { Gateway, X509Identity } from "fabric-network";
import type { Plan } from "./fabric-agreement";
import type { FabricConnection, FabricNode } from "./fabric-connection";
import { LedgerError } from "./port";

/** Until when each step has an answer, ms. Peers themselves give up on an endorsement after 30 s. */
const ENDORSE_MS = 40_000;
const BROADCAST_MS = 20_000;
/** For a connection, twice: that the node does not answer on the one that was, and none on another. */
const CONNECT_MS = 1_500;

/** Bytes of proposals to one peer: of one that hangs the SDK keeps what it does not answer. */
const MOST_UNANSWERED = 64 * 1024 * 1024;

const LABEL = "gateway";

/** A proposal of this organisation, signed. */
export interface Proposed {
  readonly transactionId: string;
  /** `protos.Proposal` */
  readonly bytes: Uint8Array;
  /** `protos.SignedProposal`, as the SDK takes it. */
  readonly signed: Buffer;
}

/** `protos.ProposalResponse`, as gRPC hands it over. */
export interface Answer {
  readonly response: { readonly message: string; readonly payload: Uint8Array };
  /** `protos.ProposalResponsePayload`; empty where it is not the chaincode that answers */
  readonly payload: Uint8Array;
  readonly endorsement: { readonly endorser: Uint8Array; readonly signature: Uint8Array } | null;
}

export class FabricNodes {
  /** Of each organisation one: its own first. */
  readonly #peers: readonly Endorser[];
  /** The one that took the last transaction first. */
  #orderers;
  readonly #discoverer: Discoverer;
  /** Of a node that is being connected to, so that nobody else does: the SDK would close the first one's connection. */
  readonly #connecting = new Map<ServiceEndpoint, Promise<boolean>>();
  readonly #unanswered = new Map<Endorser, number>();
  #plan: Promise<Plan> | undefined;

  private constructor(
    readonly channel: Channel,
    readonly client: Client,
    readonly identity: IdentityContext,
    private readonly gateway: Gateway,
    private readonly chaincode: string,
    { peers, orderers }: FabricConnection,
  ) {
    const options = ({ address, serverName, tlsRoots }: FabricNode): object => ({
      url: `grpcs://${address}`,
      pem: tlsRoots,
      "ssl-target-name-override": serverName,
    });
    this.#peers = peers
      .filter(({ mspId }, i) => peers.findIndex((other) => other.mspId === mspId) === i)
      .map((peer) => {
        const endorser = client.getEndorser(peer.address, peer.mspId);
        endorser.setEndpoint(client.newEndpoint(options(peer)));
        channel.addEndorser(endorser);
        return endorser;
      });
    this.#orderers = orderers.map((orderer) => {
      const committer = client.getCommitter(orderer.address, orderer.mspId);
      committer.setEndpoint(client.newEndpoint(options(orderer)));
      channel.addCommitter(committer);
      return committer;
    });
    this.#discoverer = client.newDiscoverer(this.own.name, this.own.mspid);
    this.#discoverer.setEndpoint(this.own.endpoint);
  }

  /** Connects to nobody yet: with a connection profile the SDK would wait for each node that is down. */
  static async open(connection: FabricConnection): Promise<FabricNodes> {
    const { mspId, identity, tls, maxMessageBytes } = connection;
    // It takes half a second to load, which only such a network should cost; and it tells the terminal of what it throws as well.
    process.env["HFC_LOGGING"] ??= "{}";
    const [{ Client }, { Gateway, Wallets }] = await Promise.all([import("fabric-common"), import("fabric-network")]);
    const client = new Client("suyuan");
    const wallet = await Wallets.newInMemoryWallet();
    const privateKey = identity.key.export({ type: "pkcs8", format: "pem" }).toString();
    const signing: X509Identity = { type: "X.509", mspId, credentials: { certificate: identity.certificate, privateKey } };
    await wallet.put(LABEL, signing);
    const gateway = new Gateway();
    await gateway.connect(client, {
      wallet,
      identity: LABEL,
      tlsInfo: { certificate: tls.certificate, key: tls.key },
      discovery: { enabled: false },
      "connection-options": {
        "grpc.max_receive_message_length": maxMessageBytes,
        "grpc.max_send_message_length": maxMessageBytes,
        // Fabric's nodes close connections that ask whether they live more often than once a minute.
        "grpc.keepalive_time_ms": 90_000,
        "grpc.max_reconnect_backoff_ms": 5_000,
        "grpc-wait-for-ready-timeout": CONNECT_MS,
      },
    });
    const channel = (await gateway.getNetwork(connection.channel)).getChannel();
    return new FabricNodes(channel, client, gateway.identityContext as IdentityContext, gateway, connection.chaincode, connection);
  }

  get own(): Endorser {
    const [own] = this.#peers;
    if (own === undefined) throw new RangeError("a connection has the organisation's own peer");
    return own;
  }

  get peers(): readonly Endorser[] {
    return this.#peers;
  }

  propose(chaincode: string, transaction: string, args: readonly Uint8Array[]): Proposed {
    const endorsement = this.channel.newEndorsement(chaincode);
    // By name it would leave out one that is empty.
    const all = [Buffer.from(transaction), ...args.map((argument) => Buffer.from(argument))];
    const bytes = endorsement.build(this.identity, { args: all as unknown as string[] });
    endorsement.sign(this.identity);
    return { transactionId: endorsement.getTransactionId(), bytes, signed: endorsement.getSignedProposal() as Buffer };
  }

  /** @throws LedgerError `unavailable` where it does not answer */
  async ask(peer: Endorser, proposed: Proposed): Promise<Answer> {
    await this.reach(peer);
    const size = proposed.bytes.length;
    const unanswered = this.#unanswered.get(peer) ?? 0;
    if (unanswered + size > MOST_UNANSWERED) throw new LedgerError("unavailable", `${peer.name} is behind with its answers`);
    this.#unanswered.set(peer, unanswered + size);
    try {
      return (await peer.sendProposal(proposed.signed, ENDORSE_MS)) as Answer;
    } catch (cause) {
      throw new LedgerError("unavailable", `${peer.name}: ${textOf(cause)}`, { cause });
    } finally {
      this.#unanswered.set(peer, (this.#unanswered.get(peer) ?? 0) - size);
    }
  }

  /** What discovery says of the chaincode's endorsement policy, and who lives. @throws LedgerError `unavailable` also where too few do */
  plan(): Promise<Plan> {
    const plan = (this.#plan ??= this.#discover());
    plan.catch(() => this.forgetPlan());
    return plan;
  }

  /** Once it has led to nothing: the policy or those who live may be others now. */
  forgetPlan(): void {
    this.#plan = undefined;
  }

  /**
   * Hands an envelope to one orderer, and to another one where that does not take it: of the same transaction a second copy is invalid.
   * @throws LedgerError `unavailable` where none has taken it, `outcome-unknown` where one may have
   */
  async broadcast(payload: Uint8Array): Promise<void> {
    const envelope = { payload: Buffer.from(payload), signature: this.identity.sign(Buffer.from(payload)) } as unknown as Buffer;
    const told: string[] = [];
    let uncertain = false;
    const inReach = new Map(this.#orderers.map((orderer) => [orderer, this.#isInReach(orderer)]));
    for (const [orderer, answers] of inReach) {
      if (!(await answers)) {
        told.push(`${orderer.name} does not answer`);
        continue;
      }
      try {
        const { status, info } = (await orderer.sendBroadcast(envelope, BROADCAST_MS)) as { status: string; info?: string };
        if (status === "SUCCESS") {
          this.#orderers = [orderer, ...this.#orderers.filter((other) => other !== orderer)];
          return;
        }
        told.push(`${orderer.name}: ${status} ${info ?? ""}`);
      } catch (error) {
        uncertain = true;
        told.push(`${orderer.name}: ${textOf(error)}`);
      }
    }
    throw new LedgerError(uncertain ? "outcome-unknown" : "unavailable", told.join("; "));
  }

  /** @throws LedgerError `unavailable` */
  async reach(node: ServiceEndpoint): Promise<void> {
    if (!(await this.#isInReach(node))) throw new LedgerError("unavailable", `${node.name} does not answer`);
  }

  close(): void {
    this.#discoverer.disconnect();
    this.gateway.disconnect();
  }

  #isInReach(node: ServiceEndpoint): Promise<boolean> {
    const known = this.#connecting.get(node);
    if (known !== undefined) return known;
    const connecting = node.checkConnection().finally(() => this.#connecting.delete(node));
    this.#connecting.set(node, connecting);
    return connecting;
  }

  async #discover(): Promise<Plan> {
    const discovery = this.channel.newDiscoveryService(this.chaincode);
    discovery.build(this.identity, { interest: [{ name: this.chaincode }] });
    discovery.sign(this.identity);
    await this.reach(this.#discoverer);
    try {
      const found = (await discovery.send({ asLocalhost: false, targets: [this.#discoverer] })) as { endorsement_plan: Plan };
      return found.endorsement_plan;
    } catch (cause) {
      throw new LedgerError("unavailable", textOf(cause), { cause });
    }
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
