import { common, peer } from "@hyperledger/fabric-protos";
import type { Endorser } from "fabric-common";
import { agreed, attested, satisfies } from "./fabric-agreement";
import { blockOf } from "./fabric-block";
import type { FabricConnection } from "./fabric-connection";
import { answerIn, base64, type Signed, transactionFrom } from "./fabric-evidence";
import { demandValid } from "./fabric-failure";
import { Commits } from "./fabric-network-commits";
import { deliveredBlocks } from "./fabric-network-deliver";
import { type Answer, FabricNodes, type Proposed } from "./fabric-network-nodes";
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

/**
 * The ledger of a network whose peers have no gateway service (Fabric 2.0 to 2.3, ordered by Raft), by the older SDK: what that service does
 * is done here. Every organisation's peer is asked for its endorsement, an orderer is given the transaction, and the organisation's own peer
 * says what became of it. State and blocks are read from the own peer alone.
 */
export class FabricNetworkLedger implements Ledger {
  readonly network: NetworkName;
  readonly authorities: readonly Authority[];
  readonly #nodes: FabricNodes;
  readonly #commits: Commits;
  readonly #closed = new AbortController();

  private constructor({ network, channel, chaincode, authorities }: FabricConnection, nodes: FabricNodes) {
    this.network = { kind: "fabric", network, channel, chaincode };
    this.authorities = authorities;
    this.#nodes = nodes;
    this.#commits = new Commits(nodes, this.#closed.signal);
  }

  /** Connects when it is first asked. */
  static async open(connection: FabricConnection): Promise<FabricNetworkLedger> {
    return new FabricNetworkLedger(connection, await FabricNodes.open(connection));
  }

  async submit({ transaction, args }: Call): Promise<Committed> {
    this.#demandOpen();
    const proposed = this.#nodes.propose(this.network.chaincode, transaction, args);
    const endorsed = await this.#endorsed(proposed);
    const outcome = await this.#commits.watch(proposed.transactionId);
    try {
      await this.#nodes.broadcast(transactionFrom(proposed.bytes, endorsed));
    } catch (error) {
      this.#commits.forget(proposed.transactionId);
      throw error;
    }
    const { code, transactionId, block } = await outcome();
    if (code === peer.TxValidationCode.ENDORSEMENT_POLICY_FAILURE) this.#nodes.forgetPlan();
    demandValid({ code, transactionId, block });
    return { transactionId, block, result: answerIn(endorsed) };
  }

  evaluate({ transaction, args }: Call): Promise<Uint8Array> {
    return this.#evaluate(this.network.chaincode, transaction, args);
  }

  /** @throws LedgerError `unavailable` also where fewer than three organisations answer alike */
  async attest({ transaction, args }: Call): Promise<Attestation> {
    this.#demandOpen();
    const proposed = this.#nodes.propose(this.network.chaincode, transaction, args);
    const proposal = base64(proposed.bytes);
    return attested(
      this.#asking(proposed).map((ask) => async (): Promise<EndorsedAttestation> => ({ kind: "endorsements", proposal, ...(await ask()) })),
    );
  }

  async *blocks(from: number, signal?: AbortSignal): AsyncGenerator<Block, void> {
    this.#demandOpen();
    const closed = this.#closed.signal;
    for await (const block of deliveredBlocks(this.#nodes, from, signal === undefined ? closed : AbortSignal.any([signal, closed]))) {
      if (signal?.aborted === true) return;
      yield blockOf(block, this.network.chaincode);
    }
    if (signal?.aborted !== true) this.#demandOpen();
  }

  async height(): Promise<number> {
    const answer = await this.#evaluate("qscc", "GetChainInfo", [Buffer.from(this.network.channel)]);
    return common.BlockchainInfo.deserializeBinary(answer).getHeight();
  }

  /** What is under way is given up: whether it was committed is not known then. */
  close(): Promise<void> {
    this.#closed.abort();
    this.#nodes.close();
    return Promise.resolve();
  }

  async #evaluate(chaincode: string, transaction: string, args: readonly Uint8Array[]): Promise<Uint8Array> {
    this.#demandOpen();
    const { own } = this.#nodes;
    const answer = await this.#nodes.ask(own, this.#nodes.propose(chaincode, transaction, args));
    demandEndorsed(answer, own, own);
    return answer.response.payload;
  }

  async #endorsed(proposed: Proposed): Promise<Signed> {
    const plan = await this.#nodes.plan();
    const asked = this.#asking(proposed).map((ask) => ask());
    try {
      return await agreed(asked, (endorsements) => satisfies(plan, endorsements));
    } catch (error) {
      if (error instanceof LedgerError && error.code === "unavailable") this.#nodes.forgetPlan();
      throw error;
    }
  }

  #asking(proposed: Proposed): readonly (() => Promise<Signed>)[] {
    const { own, peers } = this.#nodes;
    return peers.map((endorsing) => async () => {
      const answer = await this.#nodes.ask(endorsing, proposed);
      const { endorser, signature } = demandEndorsed(answer, endorsing, own);
      return { response: base64(answer.payload), endorsements: [{ endorser: base64(endorser), signature: base64(signature) }] };
    });
  }

  #demandOpen(): void {
    if (this.#closed.signal.aborted) throw new LedgerError("unavailable", "the ledger is closed");
  }
}

/**
 * What the own peer's chaincode refuses is refused; where only another's does, it knows a later or an earlier state. An answer of the
 * chaincode has a payload, what a peer says itself has none.
 * @throws LedgerError `refused`, `conflict`, `unavailable`
 */
function demandEndorsed({ endorsement, payload, response }: Answer, peer: Endorser, own: Endorser): NonNullable<Answer["endorsement"]> {
  if (endorsement !== null) return endorsement;
  const { message } = response;
  if (payload.length === 0) throw new LedgerError("unavailable", `${peer.name}: ${message}`);
  throw peer === own ? new LedgerError("refused", message) : new LedgerError("conflict", `${peer.name}: ${message}`);
}
