/** A ledger that fails when told to, in each way that the port knows. */
import {
  type Attestation,
  type Authority,
  type Block,
  type Call,
  type Committed,
  type Ledger,
  LedgerError,
  type NetworkName,
} from "../../../gateway/ledger/port";

/**
 * What becomes of a submission. `unavailable`, `conflict`: it is not stored. `lost`: it is not stored, and nobody can say so. `unanswered`: it is
 * stored, and nobody can say so.
 */
export type Fault = "unavailable" | "conflict" | "lost" | "unanswered";

export class FaultyLedger implements Ledger {
  /** What becomes of the submissions to come, the first first; all after them are well. */
  faults: Fault[] = [];
  /** Nothing is answered. */
  unreached = false;
  /** Submissions seen. */
  submitted = 0;
  /** Held back until it resolves. */
  gate: Promise<void> = Promise.resolve();

  constructor(readonly real: Ledger) {}

  get network(): NetworkName {
    return this.real.network;
  }

  get authorities(): readonly Authority[] {
    return this.real.authorities;
  }

  async submit(call: Call): Promise<Committed> {
    this.submitted++;
    await this.gate;
    if (this.unreached) throw new LedgerError("unavailable", "out of reach");
    const fault = this.faults.shift();
    if (fault === "unavailable" || fault === "conflict") throw new LedgerError(fault, fault);
    if (fault === "lost") throw new LedgerError("outcome-unknown", "not stored");
    const committed = await this.real.submit(call);
    if (fault === "unanswered") throw new LedgerError("outcome-unknown", "stored");
    return committed;
  }

  async evaluate(call: Call): Promise<Uint8Array> {
    if (this.unreached) throw new LedgerError("unavailable", "out of reach");
    return this.real.evaluate(call);
  }

  attest(call: Call): Promise<Attestation> {
    return this.real.attest(call);
  }

  blocks(from: number, signal?: AbortSignal): AsyncIterable<Block> {
    return this.real.blocks(from, signal);
  }

  height(): Promise<number> {
    return this.real.height();
  }

  close(): Promise<void> {
    return this.real.close();
  }
}
