/** Runs a ledger's transactions again, through the same code on a state of its own, and says what comes out otherwise. */
import { join } from "node:path";
import { LedgerError } from "../port";
import { decodeEndorsement, decodeProposal, encodeEndorsement, type StoredTransaction } from "./block";
import { Chaincode } from "./chaincode";
import { MAX_BLOCKS_BETWEEN } from "./node";
import { type Snapshot, Store } from "./store";
import { BlockUpdates } from "./validate";

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
   * @returns position of each transaction that differs, and how
   */
  async block(number: number, transactions: readonly StoredTransaction[]): Promise<{ position: number; detail: string }[]> {
    const state = this.#states.at(-1);
    if (state?.height !== number) throw new Error(`block ${number} is not the next one`);
    const updates = new BlockUpdates(number, state);
    const differences: { position: number; detail: string }[] = [];
    for (const [position, transaction] of transactions.entries()) {
      const detail = await this.#transaction(transaction, updates);
      if (detail !== undefined) differences.push({ position, detail });
      if (transaction.valid) updates.apply(position, decodeEndorsement(transaction.endorsement).writes);
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
  async #transaction({ proposal, args, endorsement, valid }: StoredTransaction, updates: BlockUpdates): Promise<string | undefined> {
    const { height } = decodeEndorsement(endorsement);
    const state = this.#states.find((one) => one.height === height);
    if (state === undefined) return `it was endorsed on the state after ${height} blocks`;
    try {
      const again = await this.#chaincode.endorse(decodeProposal(proposal, args), state);
      if (!encodeEndorsement(again.endorsement).equals(endorsement)) return "its result, event or writes are others";
      if ((await updates.stands(height, again.stub)) !== valid) return valid ? "it is in conflict" : "it is in no conflict";
      return undefined;
    } catch (error) {
      if (error instanceof LedgerError && error.code === "unavailable") throw error;
      return `it is refused: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}
