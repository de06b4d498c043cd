/** Runs a ledger's transactions again, through the code of today on a state of its own, and says what comes out otherwise. */
import { join } from "node:path";
import { LedgerError } from "../port";
import { decodeEndorsement, decodeProposal, encodeEndorsement, type Endorsement, type StoredTransaction } from "./block";
import { Chaincode } from "./chaincode";
import { MAX_BLOCKS_BETWEEN } from "./node";
import { type Snapshot, Store } from "./store";
import { BlockUpdates } from "./validate";

/** A transaction that does something else than the block says. */
export interface ReplayDifference {
  /** In the block. */
  readonly position: number;
  /** What it was judged by, where that is not the code at hand: other rules may well say something else. */
  readonly judgedBy?: string;
  readonly detail: string;
}

/** The version of what tells none, such as ledgers of before versions were written down. */
const UNTOLD = "";

export class Replay {
  readonly #chaincode: Chaincode;
  /** The state, as the transactions replayed so far have left it. */
  readonly store: Store;
  /** States that a transaction of the next block can have been endorsed on, the latest last. */
  readonly #states: Snapshot[];

  private constructor(chaincode: Chaincode, store: Store) {
    this.#chaincode = chaincode;
    this.store = store;
    this.#states = [store.snapshot(0)];
  }

  /** @param directory where the state is kept meanwhile. @throws Error when the contract cannot be loaded */
  static async open(directory: string, contract: string, mspId: string): Promise<Replay> {
    const chaincode = new Chaincode(contract, mspId);
    return new Replay(chaincode, await Store.open(join(directory, "replay"), true));
  }

  /**
   * Replays one block, then goes on from what it holds, so that a difference is told once.
   */
  async block(number: number, transactions: readonly StoredTransaction[]): Promise<ReplayDifference[]> {
    const state = this.#states.at(-1);
    if (state?.height !== number) throw new Error(`block ${number} is not the next one`);
    const updates = new BlockUpdates(number, state);
    const differences: ReplayDifference[] = [];
    for (const [position, transaction] of transactions.entries()) {
      const endorsed = decodeEndorsement(transaction.endorsement);
      const detail = await this.#transaction(transaction, endorsed, updates);
      const { version = UNTOLD } = endorsed;
      const judgedBy = version === (this.#chaincode.version ?? UNTOLD) ? undefined : version;
      if (detail !== undefined) differences.push({ position, detail, ...(judgedBy !== undefined && { judgedBy }) });
      if (transaction.valid) updates.apply(position, endorsed.writes);
    }
    await this.store.apply(updates.all);
    this.#states.push(this.store.snapshot(number + 1));
    if (this.#states.length > MAX_BLOCKS_BETWEEN + 1) await this.#states.shift()?.release();
    return differences;
  }

  async close(): Promise<void> {
    for (const state of this.#states) await state.release();
    await this.store.close();
  }

  /** @returns how it differs, if it does */
  async #transaction(
    { proposal, args, valid }: StoredTransaction,
    endorsed: Endorsement,
    updates: BlockUpdates,
  ): Promise<string | undefined> {
    const { height, version } = endorsed;
    const state = this.#states.find((one) => one.height === height);
    if (state === undefined) return `it was endorsed on the state after ${height} blocks`;
    try {
      const again = await this.#chaincode.endorse(decodeProposal(proposal, args), state);
      if (!encodeEndorsement({ ...again.endorsement, version }).equals(encodeEndorsement(endorsed)))
        return "its result, event or writes are others";
      if ((await updates.stands(height, again.stub)) !== valid) return valid ? "it is in conflict" : "it is in no conflict";
      return undefined;
    } catch (error) {
      if (error instanceof LedgerError && error.code === "unavailable") throw error;
      return `it is refused: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}
