import { Client, credentials } from "@grpc/grpc-js";
import { type Contract, connect, type Gateway, hash, type Network } from "@hyperledger/fabric-gateway";
import { common, gateway as protocol } from "@hyperledger/fabric-protos";
import { createHash, X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { signBytes } from "./embedded/identity";
import { blockOf } from "./fabric-block";
import type { FabricConnection, FabricPeer } from "./fabric-connection";
import { attestationOf } from "./fabric-evidence";
import { callFailure, commitFailure, invalid, submitFailure } from "./fabric-failure";
import {
  type Attestation,
  type Block,
  type Call,
  type Committed,
  type EndorsedAttestation,
  type Ledger,
  LedgerError,
  type NetworkName,
} from "./port";

/** Organisations whose word makes an attestation. */
const ATTESTING = 3;
/** How often an attestation is asked for again, while peers have not all reached the same block. */
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 50;

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
  readonly certificates: readonly string[];
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
    this.certificates = authorities.map(({ certificate }) => certificate);
    this.#mspId = mspId;
    this.#organisations = [...new Set(peers.map((peer) => peer.mspId))];
    const [own] = peers as readonly [FabricPeer];
    const shown = credentials.createSsl(Buffer.from(own.tlsRoots), Buffer.from(tls.key), Buffer.from(tls.certificate));
    this.#client = new Client(own.address, shown, {
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
    if (!status.successful) throw invalid(status);
    return { transactionId: status.transactionId, block: Number(status.blockNumber), result: endorsed.getResult() };
  }

  evaluate({ transaction, args }: Call): Promise<Uint8Array> {
    return this.#evaluate(this.#contract, transaction, args);
  }

  /** @throws LedgerError `unavailable` also where fewer than three organisations answer alike */
  async attest(call: Call): Promise<Attestation> {
    this.#demandOpen();
    for (let attempt = 1; ; attempt++) {
      const attestation = await this.#agreed(call);
      if (attestation !== undefined) return attestation;
      if (attempt === ATTEMPTS)
        throw new LedgerError("unavailable", `fewer than ${ATTESTING} organisations answer ${call.transaction} alike`);
      await sleep(FIRST_PAUSE_MS * 2 ** attempt);
    }
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

  /**
   * Asks every organisation by itself, so that one that is out of reach or behind holds up nobody, and takes the first answer that enough
   * of them sign. @returns undefined where too few do. @throws LedgerError `refused` by the own peer
   */
  async #agreed({ transaction, args }: Call): Promise<EndorsedAttestation | undefined> {
    const proposal = this.#contract.newProposal(transaction, { arguments: [...args] }).getBytes();
    const asked = this.#organisations.map(async (mspId) => attestationOf(await this.#endorsedBy(proposal, mspId)));
    return new Promise((resolve, reject) => {
      const alike = new Map<string, EndorsedAttestation>();
      for (const answer of asked)
        answer.then(
          (one) => {
            const others = alike.get(one.response);
            const all = others === undefined ? one : { ...others, endorsements: [...others.endorsements, ...one.endorsements] };
            alike.set(one.response, all);
            if (all.endorsements.length === ATTESTING) resolve(all);
          },
          (error: unknown) => {
            const failure = callFailure(error, this.#mspId);
            if (failure.code === "refused") reject(failure);
          },
        );
      void Promise.allSettled(asked).then(() => resolve(undefined));
    });
  }

  /** @returns `gateway.PreparedTransaction` */
  async #endorsedBy(proposal: Uint8Array, mspId: string): Promise<Uint8Array> {
    const proposed = protocol.ProposedTransaction.deserializeBinary(proposal);
    proposed.setEndorsingOrganizationsList([mspId]);
    return (await this.#gateway.newProposal(proposed.serializeBinary()).endorse()).getBytes();
  }

  #demandOpen(): void {
    if (this.#closed) throw new LedgerError("unavailable", "the ledger is closed");
  }
}
