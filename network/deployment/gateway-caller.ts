/** Calls through the gateway service of the organisation's own peer. */
import { connect, type Contract, type Gateway, GatewayError, signers } from "@hyperledger/fabric-gateway";
import { Client, credentials } from "@grpc/grpc-js";
import { createPrivateKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Connection } from "../connection";
import { OrganisationFiles } from "../directory";
import type { Organisation } from "../topology";
import { Caller, type Failure } from "./caller";

export class GatewayCaller extends Caller {
  private constructor(
    private readonly client: Client,
    private readonly gateway: Gateway,
    private readonly contract: Contract,
  ) {
    super();
  }

  static async connect(directory: string, organisation: Organisation, connection: Connection): Promise<GatewayCaller> {
    const { identity, tls } = new OrganisationFiles(directory, organisation).gateway;
    const [own] = connection.peers;
    if (own === undefined) throw new RangeError("a connection has the organisation's own peer");
    const files = [identity.certificate, identity.key, tls.certificate, tls.key].map((file) => readFile(file));
    const [certificate, key, tlsCertificate, tlsKey] = (await Promise.all(files)) as [Buffer, Buffer, Buffer, Buffer];
    const client = new Client(own.address, credentials.createSsl(Buffer.from(own.tlsRoots), tlsKey, tlsCertificate), {
      "grpc.ssl_target_name_override": own.serverName,
    });
    const gateway = connect({
      client,
      identity: { mspId: connection.mspId, credentials: certificate },
      signer: signers.newPrivateKeySigner(createPrivateKey(key)),
    });
    return new GatewayCaller(client, gateway, gateway.getNetwork(connection.channel).getContract(connection.chaincode));
  }

  async ask(mspId: string, transaction: string): Promise<string> {
    return Buffer.from(await this.contract.evaluate(transaction, { endorsingOrganizations: [mspId] })).toString("utf8");
  }

  close(): void {
    this.gateway.close();
    this.client.close();
  }

  protected async endorse(transaction: string, args: readonly string[]): Promise<void> {
    await this.contract.newProposal(transaction, { arguments: [...args] }).endorse();
  }

  protected async submit(transaction: string, args: readonly string[]): Promise<void> {
    await this.contract.submit(transaction, { arguments: [...args] });
  }

  protected failureOf(error: unknown): Failure {
    if (!(error instanceof GatewayError)) return { reason: String(error), refused: false };
    const reason = error.details[0]?.message ?? error.message;
    return { reason, refused: reason.startsWith("chaincode response") };
  }
}
