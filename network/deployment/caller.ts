/** An organisation's gateway identity as a caller of the chaincode, through its own peer's gateway service. */
import { connect, type Contract, type Gateway, GatewayError, signers } from "@hyperledger/fabric-gateway";
import { Client, credentials } from "@grpc/grpc-js";
import { createPrivateKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { Connection } from "../connection";
import { NetworkError } from "../errors";
import { OrganisationFiles } from "../directory";
import type { Organisation } from "../topology";

/** Peers find each other, and each other's chaincode, by gossip: until then endorsement is refused. */
const FOUND_WITHIN_MS = 30_000;
const AGAIN_MS = 100;

export class Caller {
  private constructor(
    private readonly client: Client,
    private readonly gateway: Gateway,
    private readonly contract: Contract,
  ) {}

  static async connect(directory: string, organisation: Organisation, connection: Connection): Promise<Caller> {
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
    return new Caller(client, gateway, gateway.getNetwork(connection.channel).getContract(connection.chaincode));
  }

  /** Resolves once enough organisations endorse what this one asks. @throws NetworkError `step-failed` */
  async endorsed(transaction: string, args: readonly string[] = []): Promise<void> {
    await this.#until(transaction, () => this.contract.newProposal(transaction, { arguments: [...args] }).endorse());
  }

  /** The contract's first transaction, unless it has been called. @throws NetworkError `step-failed` */
  async init(genesis: string): Promise<void> {
    await this.#until("init", () => this.contract.submit("init", { arguments: [genesis] }), "already-initialised");
  }

  close(): void {
    this.gateway.close();
    this.client.close();
  }

  /** @param done of the chaincode's refusals the one that says it has been done */
  async #until(step: string, work: () => Promise<unknown>, done?: string): Promise<void> {
    for (const deadline = Date.now() + FOUND_WITHIN_MS; ;) {
      try {
        await work();
        return;
      } catch (cause) {
        const reason = cause instanceof GatewayError ? (cause.details[0]?.message ?? cause.message) : String(cause);
        if (done !== undefined && reason.includes(done)) return;
        const refused = cause instanceof GatewayError && reason.startsWith("chaincode response");
        if (refused || Date.now() > deadline) throw new NetworkError("step-failed", { step, reason }, { cause });
      }
      await pause(AGAIN_MS);
    }
  }
}
