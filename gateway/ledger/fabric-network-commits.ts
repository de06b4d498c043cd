/** What becomes of transactions, as the own peer tells it of each block. */
import type { Outcome } from "./fabric-failure";
import { deliveredOutcomes } from "./fabric-network-deliver";
import type { FabricNodes } from "./fabric-network-nodes";
import { LedgerError } from "./port";

/** How long a transaction that was handed over is waited for, ms; and the first block of a peer that may hang. */
const COMMIT_MS = 30_000;

interface Waiting {
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: LedgerError) => void;
}

export class Commits {
  readonly #waiting = new Map<string, Waiting>();
  #following: Promise<void> | undefined;

  constructor(
    private readonly nodes: FabricNodes,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Resolves once nothing can be missed, so that the transaction may be handed over, to what will become of it.
   * @throws LedgerError `unavailable`; the outcome itself `outcome-unknown`
   */
  async watch(transactionId: string): Promise<() => Promise<Outcome>> {
    const outcome = new Promise<Outcome>((resolve, reject) => this.#waiting.set(transactionId, { resolve, reject }));
    // Nobody asks for it where the transaction is handed to nobody.
    outcome.catch(() => undefined);
    try {
      await (this.#following ??= this.#follow());
    } catch (error) {
      this.#waiting.delete(transactionId);
      throw error;
    }
    return async () => {
      const late = setTimeout(() => this.#fail(transactionId, `no block within ${COMMIT_MS} ms`), COMMIT_MS);
      try {
        return await outcome;
      } finally {
        clearTimeout(late);
      }
    };
  }

  forget(transactionId: string): void {
    this.#waiting.delete(transactionId);
  }

  /** Resolves with the first block, from which on none is missed. */
  #follow(): Promise<void> {
    return new Promise((resolve, reject) => {
      const silent = new AbortController();
      const late = setTimeout(() => silent.abort(), COMMIT_MS);
      const follow = async (): Promise<void> => {
        const signal = AbortSignal.any([this.signal, silent.signal]);
        for await (const { number, filtered_transactions } of deliveredOutcomes(this.nodes, signal)) {
          clearTimeout(late);
          // Of a transaction that was handed over twice the first counts.
          for (const { txid, tx_validation_code } of filtered_transactions) {
            this.#waiting.get(txid)?.resolve({ code: tx_validation_code, transactionId: txid, block: number.toNumber() });
            this.#waiting.delete(txid);
          }
          resolve();
        }
        throw new LedgerError("unavailable", "no blocks are awaited any more");
      };
      follow()
        .catch((error: unknown) => {
          clearTimeout(late);
          this.#following = undefined;
          for (const transactionId of [...this.#waiting.keys()]) this.#fail(transactionId, String(error));
          throw error;
        })
        .catch(reject);
    });
  }

  #fail(transactionId: string, reason: string): void {
    this.#waiting.get(transactionId)?.reject(new LedgerError("outcome-unknown", `transaction ${transactionId}: ${reason}`));
    this.#waiting.delete(transactionId);
  }
}
