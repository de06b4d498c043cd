import { Client, credentials } from "@grpc/grpc-js";
import { type Contract, connect, type Gateway, hash, type Network } from "@hyperledger/fabric-gateway";
import { common, gateway as protocol } from "@hyperledger/fabric-protos";
import { createHash, X509Certificate } from "node:crypto";
import { signBytes } from "./embedded/identity";
import { attested } from "./fabric-agreement";
import { blockOf } from "./fabric-block";
import type { FabricConnection, FabricNode } from "./fabric-connection";
import { attestationOf } from "./fabric-evidence";
import { callFailure, commitFailure, demandValid, submitFailure } from "./fabric-failure";
import {
  type Attestation,
  type Authority,
  type Block,
  type Call,
  type Committed,
  type EndorsedAttestation,
  type Ledger,
  LedgerError,
  type NetworkName,
} from "./port";

/** Until when each step has an answer, ms. Peers themselves give up on an endorsement after 30 s. */
const DEADLINES = { endorse: 40_000, evaluate: 40_000, submit: 20_000, commitStatus: 30_000 } as const;

/** Fabric's peers close connections that ask whether they live more often than once a minute. */
const KEEPALIVE = {
  "grpc.keepalive_time_ms": 90_000,
  "grpc.keepalive_timeout_ms": 20_000,
  "grpc.max_reconnect_backoff_ms": 5_000,
} as const;

/**
 * The ledger of a network of Fabric 2.4 or later, through the gateway service of the organisation's own peer: it is that peer's blocks and
 * state that are read. Calls of other contracts and invocations by other chaincodes on the channel are none of this ledger's transactions.
 */
export class FabricGatewayLedger implements Ledger {
  readonly network: NetworkName;
  readonly authorities: readonly Authority[];
  readonly #mspId: string;
  readonly #organisations: readonly string[];
  readonly #client: Client;
  readonly #gateway: Gateway;
  readonly #channel: Network;
  readonly #contract: Contract;
  readonly #followers = new Set<() => void>();
  #closed = false;

  /** Connects when it is first asked. */
  constructor({ network, channel, chaincode, mspId, identity, tls, peers, authorities, maxMessageBytes }: FabricConnection) {
    this.network = { kind: "fabric", network, channel, chaincode };
    this.authorities = authorities;
    this.#mspId = mspId;
    this.#organisations = [...new Set(peers.map((peer) => peer.mspId))];
    const [own] = peers as readonly [FabricNode];
    const shown = credentials.createSsl(Buffer.from(own.tlsRoots), Buffer.from(tls.key), Buffer.from(tls.certificate));
    this.#client = new Client(own.address, shown, {
      "grpc.ssl_target_name_override": own.serverName,
      "grpc.max_receive_message_length": maxMessageBytes,
      "grpc.max_send_message_length": maxMessageBytes,
      ...KEEPALIVE,
    });
    const until = (milliseconds: number) => () => ({ deadline: Date.now() + milliseconds });
    this.#gateway = connect({
      client: this.#client,
      identity: { mspId, credentials: Buffer.from(identity.certificate) },
      hash: hash.none,
      signer: (message) => Promise.resolve(signBytes(identity.key, message)),
      // A peer that asks for certificates serves blocks only to whom it shook hands with.
      tlsClientCertificateHash: createHash("sha256").update(new X509Certificate(tls.certificate).raw).digest(),
      endorseOptions: until(DEADLINES.endorse),
      evaluateOptions: until(DEADLINES.evaluate),
      submitOptions: until(DEADLINES.submit),
      commitStatusOptions: until(DEADLINES.commitStatus),
    });
    this.#channel = this.#gateway.getNetwork(channel);
    this.#contract = this.#channel.getContract(chaincode);
  }

  async submit({ transaction, args }: Call): Promise<Committed> {
    this.#demandOpen();
    const endorsed = await this.#contract
      .newProposal(transaction, { arguments: [...args] })
      .endorse()
      .catch((error: unknown) => {
        throw callFailure(error, this.#mspId);
      });
    const commit = await endorsed.submit().catch((error: unknown) => {
      throw submitFailure(error);
    });
    const status = await commit.getStatus().catch((error: unknown) => {
      throw commitFailure(error);
    });
    const { code, transactionId } = status;
    const block = Number(status.blockNumber);
    demandValid({ code, transactionId, block });
    return { transactionId, block, result: endorsed.getResult() };
  }

  evaluate({ transaction, args }: Call): Promise<Uint8Array> {
    return this.#evaluate(this.#contract, transaction, args);
  }

  /** @throws LedgerError `unavailable` also where too few organisations answer alike */
  async attest({ transaction, args }: Call): Promise<Attestation> {
    this.#demandOpen();
    const proposal = this.#contract.newProposal(transaction, { arguments: [...args] }).getBytes();
    return attested(this.#organisations.map((mspId) => () => this.#endorsedBy(proposal, mspId)));
  }

  async *blocks(from: number, signal?: AbortSignal): AsyncGenerator<Block, void> {
    this.#demandOpen();
    const aborted = (): boolean => signal?.aborted === true;
    if (aborted()) return;
    const events = await this.#channel.getBlockEvents({ startBlock: BigInt(from) });
    const stop = (): void => events.close();
    this.#followers.add(stop);
    signal?.addEventListener("abort", stop);
    try {
      if (this.#closed || aborted()) stop();
      for await (const block of events) {
        if (aborted()) return;
        yield blockOf(block, this.network.chaincode);
      }
    } catch (cause) {
      if (aborted()) return;
      throw cause instanceof LedgerError ? cause : new LedgerError("unavailable", "the peer sends no more blocks", { cause });
    } finally {
      signal?.removeEventListener("abort", stop);
      this.#followers.delete(stop);
      stop();
    }
    if (!aborted()) throw new LedgerError("unavailable", "the peer sends no more blocks");
  }

  async height(): Promise<number> {
    const { channel } = this.network;
    const answer = await this.#evaluate(this.#channel.getContract("qscc"), "GetChainInfo", [Buffer.from(channel)]);
    return common.BlockchainInfo.deserializeBinary(answer).getHeight();
  }

  /** What is under way is given up: whether it was committed is not known then. */
  close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#followers) stop();
    this.#gateway.close();
    this.#client.close();
    return Promise.resolve();
  }

  async #evaluate(contract: Contract, transaction: string, args: readonly Uint8Array[]): Promise<Uint8Array> {
    this.#demandOpen();
    try {
      return await contract.evaluate(transaction, { arguments: [...args], endorsingOrganizations: [this.#mspId] });
    } catch (error) {
      throw callFailure(error, this.#mspId);
    }
  }

  async #endorsedBy(proposal: Uint8Array, mspId: string): Promise<EndorsedAttestation> {
    const proposed = protocol.ProposedTransaction.deserializeBinary(proposal);
    proposed.setEndorsingOrganizationsList([mspId]);
    try {
      return attestationOf((await this.#gateway.newProposal(proposed.serializeBinary()).endorse()).getBytes());
    } catch (error) {
      throw callFailure(error, this.#mspId);
    }
  }

  #demandOpen(): void {
    if (this.#closed) throw new LedgerError("unavailable", "the ledger is closed");
  }
}
