/** Calls where peers have no gateway service: the older SDK asks the organisations' peers and hands the transaction to an orderer itself. */
import type { Gateway, Network, X509Identity } from "fabric-network";
import { readFile } from "node:fs/promises";
import type { Connection, Endpoint } from "../connection";
import { OrganisationFiles } from "../directory";
import type { Organisation } from "../topology";
import { Caller, type Failure } from "./caller";

export class DirectCaller extends Caller {
  #connected: Promise<Network> | undefined;

  private constructor(
    private readonly gateway: Gateway,
    private readonly connect: () => Promise<Network>,
    private readonly mspId: string,
    private readonly chaincode: string,
  ) {
    super();
  }

  static async connect(directory: string, organisation: Organisation, connection: Connection): Promise<DirectCaller> {
    const { identity, tls } = new OrganisationFiles(directory, organisation).gateway;
    // It takes half a second to load, which only such a network should cost; and it says on the terminal what it throws as well.
    process.env["HFC_LOGGING"] ??= "{}";
    const sdk = await import("fabric-network");
    const gateway = new sdk.Gateway();
    const files = [identity.certificate, identity.key, tls.certificate, tls.key].map((file) => readFile(file, "utf8"));
    const [certificate, privateKey, tlsCertificate, tlsKey] = (await Promise.all(files)) as [string, string, string, string];
    const signing: X509Identity = { type: "X.509", mspId: connection.mspId, credentials: { certificate, privateKey } };
    const connect = async (): Promise<Network> => {
      await gateway.connect(profileOf(connection), {
        identity: signing,
        tlsInfo: { certificate: tlsCertificate, key: tlsKey },
        discovery: { enabled: true, asLocalhost: false },
      });
      return gateway.getNetwork(connection.channel);
    };
    return new DirectCaller(gateway, connect, connection.mspId, connection.chaincode);
  }

  async ask(mspId: string, transaction: string): Promise<string> {
    const channel = (await this.#network()).getChannel();
    const { identityContext } = this.gateway;
    const targets = channel.getEndorsers(mspId);
    if (identityContext === undefined || targets.length === 0) throw new Error(`no peer of ${mspId} answers`);
    const query = channel.newQuery(this.chaincode);
    query.build(identityContext, { fcn: transaction, args: [] });
    query.sign(identityContext);
    const { errors, responses } = await query.send({ targets });
    const [answered] = responses;
    if (answered?.endorsement === undefined) throw new Error(errors[0]?.message ?? answered?.response.message ?? "no answer");
    return answered.response.payload.toString("utf8");
  }

  close(): void {
    this.gateway.disconnect();
  }

  protected async endorse(transaction: string, args: readonly string[]): Promise<void> {
    const channel = (await this.#network()).getChannel();
    const { identityContext } = this.gateway;
    const [own] = channel.getEndorsers(this.mspId);
    if (identityContext === undefined || own === undefined) throw new Error("the organisation's own peer does not answer");
    const asked = channel.client.newDiscoverer(own.name, this.mspId);
    asked.setEndpoint(own.endpoint);
    const discovery = channel.newDiscoveryService(this.chaincode);
    try {
      discovery.build(identityContext, { interest: [{ name: this.chaincode }] });
      discovery.sign(identityContext);
      await discovery.send({ asLocalhost: false, targets: [asked] });
      const endorsement = channel.newEndorsement(this.chaincode);
      endorsement.build(identityContext, { fcn: transaction, args: [...args] });
      endorsement.sign(identityContext);
      const { errors, responses } = await endorsement.send({ handler: discovery.newHandler() });
      const failed = errors[0]?.message ?? responses.find((response) => response.endorsement === undefined)?.response.message;
      if (failed !== undefined) throw new Error(failed);
    } finally {
      asked.disconnect();
    }
  }

  protected async submit(transaction: string, args: readonly string[]): Promise<void> {
    const contract = (await this.#network()).getContract(this.chaincode);
    // What it found out before, a failure too, it would take for granted.
    contract.resetDiscoveryInterests();
    await contract.submitTransaction(transaction, ...args);
  }

  protected failureOf(error: unknown): Failure {
    return { reason: error instanceof Error ? error.message : String(error), refused: false };
  }

  /** Until the peer answers, the next call tries again. */
  #network(): Promise<Network> {
    const connected = (this.#connected ??= this.connect());
    connected.catch(() => (this.#connected = undefined));
    return connected;
  }
}

/**
 * A connection profile that names every node: those that discovery finds besides are asked for by their host in TLS, which may be an
 * address.
 */
function profileOf({ channel, peers, orderers }: Connection): Record<string, unknown> {
  const nodes = (endpoints: readonly Endpoint[]): Record<string, unknown> =>
    Object.fromEntries(
      endpoints.map(({ address, mspId, serverName, tlsRoots }) => [
        address,
        {
          url: `grpcs://${address}`,
          mspid: mspId,
          tlsCACerts: { pem: tlsRoots },
          grpcOptions: { "ssl-target-name-override": serverName },
        },
      ]),
    );
  const names = (endpoints: readonly Endpoint[]): string[] => endpoints.map(({ address }) => address);
  return {
    organizations: Object.fromEntries(peers.map(({ mspId, address }) => [mspId, { mspid: mspId, peers: [address] }])),
    peers: nodes(peers),
    orderers: nodes(orderers),
    channels: { [channel]: { peers: names(peers), orderers: names(orderers) } },
  };
}
