/**
 * A network of one node: it endorses transactions one after the other on committed state, orders those that wait while a block is being
 * written into the next one, and commits a block, with all that it changes, as one durable write.
 */
import { randomBytes, X509Certificate } from "node:crypto";
import { reasonOf } from "../../database-copy";
import { type AttestedStatement, type Call, type Committed, LedgerError, type NodeAttestation } from "../port";
import { encodeBlock, encodeEndorsement, encodeProposal, type Proposal, rfc3339, type StoredTransaction, transactionId } from "./block";
import { Chaincode, type Endorsed } from "./chaincode";
import { type LedgerFiles, type LedgerName, openFiles } from "./files";
import { serializeIdentity, signBytes } from "./identity";
import type { Snapshot } from "./store";
import { BlockUpdates } from "./validate";

/** Waiting for a block. */
interface Waiting {
  readonly transaction: Omit<StoredTransaction, "valid">;
  readonly id: string;
  readonly endorsed: Endorsed;
  readonly size: number;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: LedgerError) => void;
}

/** No more is endorsed while so much waits for a block, so that what waits always fits the next one. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
const MAX_WAITING = 1000;
/**
 * Blocks that can be committed between a transaction's endorsement and its own block: the one being written when it begins, and one of
 * those that wait then. Nothing else is endorsed meanwhile.
 */
export const MAX_BLOCKS_BETWEEN = 2;

/** Who is told of what happens by itself. */
export interface Listener {
  /** A block has been committed: so many are now. */
  height(height: number): void;
  /** Nothing more is committed, and the ledger has to be opened again. */
  failed(reason: LedgerError): void;
}

export class LedgerNode {
  readonly #files: LedgerFiles;
  readonly #der: Buffer;
  readonly #creator: Buffer;
  readonly #chaincode: Chaincode;
  readonly #told: Listener;
  #state: Snapshot;
  #hash: Buffer;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #failure: LedgerError | undefined;
  #closed: Promise<void> | undefined;

  private constructor(files: LedgerFiles, chaincode: Chaincode, told: Listener) {
    const { node, gateway } = files.identities;
    this.#files = files;
    this.#der = new X509Certificate(node.certificate).raw;
    this.#creator = serializeIdentity(gateway.mspId, gateway.certificate);
    this.#chaincode = chaincode;
    this.#told = told;
    this.#state = files.store.snapshot(files.tip.height);
    this.#hash = files.tip.hash;
  }

  /**
   * @param directory made when it does not exist; everything lies in it
   * @param contract path of the module whose default export is the contract
   * @param now the clock, for the certificates of a new ledger
   * @throws LedgerError `unavailable`
   */
  static async open(directory: string, name: LedgerName, contract: string, now: Date, told: Listener): Promise<LedgerNode> {
    let chaincode: Chaincode;
    try {
      chaincode = new Chaincode(contract, name.mspId);
    } catch (cause) {
      throw new LedgerError("unavailable", `the contract cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
    return new LedgerNode(await openFiles(directory, name, now), chaincode, told);
  }

  get height(): number {
    return this.#state.height;
  }

  /** Certificate of the authority, PEM. */
  get authority(): string {
    return this.#files.genesis.authority;
  }

  /** @param time the submitter's clock, ms since 1970. @throws LedgerError */
  async submit(call: Call, time: number): Promise<Committed> {
    const proposal = this.#propose(call, time);
    const bytes = encodeProposal(proposal);
    const signature = signBytes(this.#files.identities.gateway.key, bytes);
    return new Promise((resolve, reject: (error: unknown) => void) => {
      const work = async (): Promise<void> => {
        while (this.#waiting.length >= MAX_WAITING || this.#waitingBytes >= MAX_WAITING_BYTES) await this.#writing;
        const endorsed = await this.#endorse(proposal);
        if (this.#failure !== undefined) throw this.#failure;
        const transaction = { proposal: bytes, signature, args: proposal.args, endorsement: encodeEndorsement(endorsed.endorsement) };
        const size = proposal.args.reduce((sum, argument) => sum + argument.length, transaction.endorsement.length);
        this.#waiting.push({ transaction, id: transactionId(proposal), endorsed, size, resolve, reject });
        this.#waitingBytes += size;
        this.#writing ??= this.#write();
      };
      this.#turn = this.#turn.then(work).catch(reject);
    });
  }

  /** @throws LedgerError */
  async evaluate(call: Call, time: number): Promise<{ readonly result: Uint8Array; readonly height: number }> {
    const { endorsement } = await this.#endorse(this.#propose(call, time));
    return { result: endorsement.result, height: endorsement.height };
  }

  /** @throws LedgerError */
  async attest(call: Call, time: number): Promise<NodeAttestation> {
    const { result, height } = await this.evaluate(call, time);
    const { network, channel, chaincode } = this.#files.genesis;
    const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
    // Canonical JSON (RFC 8785): members in the order of their names.
    const statement: AttestedStatement = {
      args: call.args.map(base64),
      chaincode,
      channel,
      height,
      network,
      result: base64(result),
      time: rfc3339(time),
      transaction: call.transaction,
    };
    const text = JSON.stringify(statement);
    const { key, certificate } = this.#files.identities.node;
    return { kind: "node", statement: text, signature: base64(signBytes(key, Buffer.from(text))), certificate };
  }

  /** @throws LedgerError `unavailable` */
  async block(number: number): Promise<Buffer> {
    const bytes = await this.#files.store.block(number);
    if (bytes === undefined) throw new LedgerError("unavailable", `block ${number} is missing`);
    return bytes;
  }

  /** What is under way is finished first. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    await this.#turn;
    await this.#writing;
    await this.#state.release();
    await this.#files.store.close();
    this.#files.head.close();
  }

  #propose(call: Call, time: number): Proposal {
    const { network, channel, chaincode } = this.#files.genesis;
    return { creator: this.#creator, nonce: randomBytes(24), time, network, channel, chaincode, ...call };
  }

  async #endorse(proposal: Proposal): Promise<Endorsed> {
    if (this.#failure !== undefined) throw this.#failure;
    const state = this.#state.hold();
    try {
      return await this.#chaincode.endorse(proposal, state);
    } finally {
      await state.release();
    }
  }

  /** Writes blocks until nothing waits. */
  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      this.#waitingBytes = 0;
      try {
        await this.#commit(waiting);
      } catch (cause) {
        // Whether the database holds the block will be known when it is opened again: nothing may be built on it before.
        const failure = new LedgerError("unavailable", `a block could not be written: ${reasonOf(cause)}`, { cause });
        this.#failure ??= failure;
        this.#told.failed(failure);
        for (const { reject } of waiting) reject(new LedgerError("outcome-unknown", failure.message, { cause }));
        for (const { reject } of this.#waiting) reject(failure);
        this.#waiting = [];
        this.#waitingBytes = 0;
      }
    }
    this.#writing = undefined;
  }

  async #commit(waiting: readonly Waiting[]): Promise<void> {
    const number = this.#state.height;
    const updates = new BlockUpdates(number, this.#state);
    const transactions: StoredTransaction[] = [];
    for (const [position, { transaction, endorsed }] of waiting.entries()) {
      const { height, writes } = endorsed.endorsement;
      const valid = await updates.stands(height, endorsed.stub);
      if (valid) updates.apply(position, writes);
      transactions.push({ ...transaction, valid });
    }
    const { bytes, hash } = encodeBlock(number, this.#hash, transactions, { key: this.#files.identities.node.key, der: this.#der });
    await this.#files.store.commit(number, bytes, updates.all);
    const before = this.#state;
    this.#state = this.#files.store.snapshot(number + 1);
    this.#hash = hash;
    this.#files.head.write({ height: number + 1, hash });
    await before.release();
    this.#told.height(number + 1);
    for (const [position, { id, endorsed, resolve, reject }] of waiting.entries())
      if (transactions[position]?.valid === true) resolve({ transactionId: id, block: number, result: endorsed.endorsement.result });
      else reject(new LedgerError("conflict", `transaction ${id} read what an earlier one changed; it is invalid in block ${number}`));
  }
}
