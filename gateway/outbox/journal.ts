/** A journal on the ledger, as its one writer sees it. */
import { type ContractError, parseContractError } from "../../chaincode/errors";
import type { Appended } from "../../chaincode/append";
import { type Ledger, LedgerError, type NetworkName } from "../ledger/port";

export class Journal {
  constructor(
    private readonly ledger: Ledger,
    /** `MSPID/name` */
    readonly name: string,
  ) {}

  get kind(): NetworkName["kind"] {
    return this.ledger.network.kind;
  }

  /** Events on the ledger. @throws LedgerError */
  async size(): Promise<number> {
    const head = await this.ledger.evaluate({ transaction: "head", args: [Buffer.from(this.name)] });
    return (JSON.parse(Buffer.from(head).toString("utf8")) as { size: number }).size;
  }

  /** Appends a batch that continues the journal at `from`. @throws LedgerError */
  async append(from: number, batch: Uint8Array): Promise<Appended> {
    const args = [Buffer.from(this.name), Buffer.from(String(from)), batch];
    const { result } = await this.ledger.submit({ transaction: "append", args });
    return JSON.parse(Buffer.from(result).toString("utf8")) as Appended;
  }
}

/** What the contract said, where it was the contract that refused. */
export function refusalOf(error: unknown): ContractError | undefined {
  return error instanceof LedgerError && error.code === "refused" ? parseContractError(error.message) : undefined;
}

/** Milliseconds to wait before try number 0, 1, 2...: doubled each time up to five seconds, never quite the same. */
export const backoff = (tries: number): number => Math.min(5000, 50 * 2 ** Math.min(tries, 10)) * (0.75 + Math.random() / 2);
