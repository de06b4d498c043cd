import { setTimeout as sleep } from "node:timers/promises";
import {
  type Authority,
  type Block,
  type Call,
  type Committed,
  type Ledger,
  LedgerError,
  type NetworkName,
  type NodeAttestation,
} from "../port";
import { openBlock } from "./block";
import { take } from "./files";
import { type Answers, packCall, type WorkerOptions } from "./messages";
import { LedgerThread } from "./thread";

export interface EmbeddedOptions {
  /** Made when it does not exist. One process at a time. */
  readonly directory: string;
  readonly network: string;
  readonly channel: string;
  readonly chaincode: string;
  /** Absolute path of the module whose default export is the contract class. */
  readonly contract: string;
  /** The organisation that keeps this ledger. */
  readonly mspId: string;
  /** Attributes of the gateway's certificate, written when the ledger is made. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** What the transactions are dated with. */
  readonly clock?: () => Date;
}

/** How long to wait before trying again to open it; doubled each time, up to the longest. */
const RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;

/**
 * The ledger in one process: the same contract and what it can see of Fabric, kept by one party alone (单方账本，不具多方证明力). This side
 * talks to the thread in which it runs. A failed write, or a mistake, ends that thread, so that nothing is built on what may not be stored;
 * another one opens the ledger as after any crash, and so finds out what is.
 */
export class EmbeddedLedger implements Ledger {
  readonly network: NetworkName;
  readonly #options: Omit<WorkerOptions, "now">;
  readonly #clock: () => Date;
  readonly #running: Promise<void>;
  readonly #closing = new AbortController();
  readonly #followers = new Set<() => void>();
  #thread: LedgerThread;
  /** Why the last try to open it again failed. */
  #unopened: LedgerError | undefined;

  private constructor(options: Omit<WorkerOptions, "now">, clock: () => Date, thread: LedgerThread) {
    const { network, channel, chaincode } = options.name;
    this.network = { kind: "embedded", network, channel, chaincode };
    this.#options = options;
    this.#clock = clock;
    this.#thread = thread;
    this.#running = this.#keepOpen(thread);
  }

  /** @throws LedgerError `unavailable` another process has it open, it is damaged, or it is another ledger */
  static async open(options: EmbeddedOptions): Promise<EmbeddedLedger> {
    const { directory, contract, network, channel, chaincode, mspId, attributes = { role: "gateway" }, clock = () => new Date() } = options;
    const rest = { directory, contract, name: { network, channel, chaincode, mspId, attributes } };
    const giveBack = take(directory);
    try {
      const ledger = new EmbeddedLedger(rest, clock, await LedgerThread.open({ ...rest, now: clock() }));
      void ledger.#running.finally(giveBack);
      return ledger;
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  /** Of the one authority that issued the node's and the gateway's certificates. */
  get authorities(): readonly Authority[] {
    return [{ mspId: this.#options.name.mspId, certificate: this.#thread.authority }];
  }

  get failure(): string | undefined {
    return (this.#unopened ?? this.#thread.failure)?.message;
  }

  submit(call: Call): Promise<Committed> {
    return this.#call("submit", call);
  }

  evaluate(call: Call): Promise<Uint8Array> {
    return this.#call("evaluate", call);
  }

  attest(call: Call): Promise<NodeAttestation> {
    return this.#call("attest", call);
  }

  async *blocks(from: number, signal?: AbortSignal): AsyncGenerator<Block, void> {
    for (let number = from; ; number++) {
      while (this.#thread.height <= number && !this.#closing.signal.aborted && signal?.aborted !== true) await this.#news(signal);
      if (signal?.aborted === true) return;
      yield open(await this.#thread.ask("block", { number }), number);
    }
  }

  height(): Promise<number> {
    const { failure, height } = this.#thread;
    return failure === undefined ? Promise.resolve(height) : Promise.reject(failure);
  }

  /** What has been submitted is finished first. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#wakeFollowers();
    await this.#thread.close();
    await this.#running;
  }

  /** One thread after the other, until the ledger is closed. */
  async #keepOpen(first: LedgerThread): Promise<void> {
    for (let thread: LedgerThread | undefined = first; thread !== undefined; thread = await this.#openAgain()) {
      this.#thread = thread;
      this.#unopened = undefined;
      thread.onHeight = () => this.#wakeFollowers();
      this.#wakeFollowers();
      if (this.#closing.signal.aborted) await thread.close();
      await thread.exited;
    }
  }

  /** @returns undefined when the ledger is closed meanwhile */
  async #openAgain(): Promise<LedgerThread | undefined> {
    const { signal } = this.#closing;
    for (let wait = RETRY_MS; !signal.aborted; wait = Math.min(2 * wait, LONGEST_RETRY_MS)) {
      try {
        return await LedgerThread.open({ ...this.#options, now: this.#clock() });
      } catch (error) {
        this.#unopened = error as LedgerError;
      }
      await sleep(wait, undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  }

  #call<K extends "submit" | "evaluate" | "attest">(kind: K, call: Call): Promise<Answers[K]> {
    const packed = packCall(call);
    return this.#thread.ask(kind, { call: packed, time: this.#clock().getTime() }, packed.buffer);
  }

  #wakeFollowers(): void {
    for (const wake of this.#followers) wake();
  }

  /** The next block, the end of the ledger, or the follower's wish to stop. */
  async #news(signal: AbortSignal | undefined): Promise<void> {
    let wake: () => void = () => undefined;
    const woken = new Promise<void>((resolve) => (wake = resolve));
    this.#followers.add(wake);
    signal?.addEventListener("abort", wake);
    await woken;
    signal?.removeEventListener("abort", wake);
    this.#followers.delete(wake);
  }
}

/** @throws LedgerError `unavailable` when these bytes are no block */
function open(bytes: Uint8Array, number: number): Block {
  try {
    return openBlock(bytes);
  } catch (cause) {
    throw new LedgerError("unavailable", `block ${number} is damaged`, { cause });
  }
}
