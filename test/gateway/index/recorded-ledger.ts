/** A ledger that is over: the blocks that a real one made, for what only follows blocks. */
import { type Block, type Ledger, LedgerError, type NetworkName } from "../../../gateway/ledger/port";

export class RecordedLedger implements Ledger {
  readonly network: NetworkName = { kind: "embedded", network: "recorded.example", channel: "suyuan", chaincode: "suyuan" };
  readonly authorities = [];
  /** While it cannot be reached. */
  unavailable = false;

  constructor(private readonly recorded: readonly Block[]) {}

  async *blocks(from: number, signal?: AbortSignal): AsyncGenerator<Block, void> {
    for (const block of this.recorded.slice(from)) {
      if (this.unavailable) throw notReached();
      if (signal?.aborted === true) return;
      yield await Promise.resolve(block);
    }
    if (signal?.aborted === false) await new Promise((resolve) => signal.addEventListener("abort", resolve));
  }

  height(): Promise<number> {
    return this.unavailable ? Promise.reject(notReached()) : Promise.resolve(this.recorded.length);
  }

  submit(): Promise<never> {
    return Promise.reject(new LedgerError("unavailable", "it is over"));
  }
  evaluate(): Promise<never> {
    return this.submit();
  }
  attest(): Promise<never> {
    return this.submit();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

const notReached = (): LedgerError => new LedgerError("unavailable", "not reached");
