/** An act that somebody waits for. */
import { toHex } from "../../chaincode/proof/bytes";
import { leafHash } from "../../chaincode/proof/rfc6962";
import type { Entry, Outcome } from "./entry";

export class Act {
  readonly leaf: Buffer;
  /** Resolves when there is an outcome. */
  readonly done: Promise<void>;
  /** It has left for the ledger: it may be recorded, whether its sender still waits or not. */
  sent = false;
  #outcome: Outcome | undefined;
  #finish: () => void = () => undefined;

  constructor(readonly entry: Entry) {
    this.leaf = Buffer.from(entry.leaf);
    this.done = new Promise((resolve) => (this.#finish = resolve));
  }

  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  /** Hex. */
  get leafHash(): string {
    return toHex(leafHash(this.leaf));
  }

  /** The first outcome stands. */
  settle(outcome: Outcome): void {
    this.#outcome ??= outcome;
    this.#finish();
  }
}
