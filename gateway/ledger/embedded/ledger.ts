import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { type Attestation, type Block, type Call, type Committed, type Ledger, LedgerError, type NetworkName } from "../port";
import { openBlock } from "./block";
import { take } from "./files";
import { type Answers, type Kind, type Message, packCall, type Requests, type WorkerOptions } from "./messages";

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

interface Asked {
  readonly kind: Kind;
  readonly resolve: (value: never) => void;
  readonly reject: (error: LedgerError) => void;
}

/** Why nothing more can be asked. */
interface Ended {
  readonly why: string;
  readonly cause?: unknown;
}

/**
 * The ledger in one process: the same contract and what it can see of Fabric, kept by one party alone (单方账本，不具多方证明力). This side
 * talks to the thread in which it runs.
 */
export class EmbeddedLedger implements Ledger {
  readonly network: NetworkName;
  readonly #worker: Worker;
  readonly #clock: () => Date;
  readonly #asked = new Map<number, Asked>();
  readonly #followers = new Set<() => void>();
  #authority = "";
  #height = 0;
  #lastId = 0;
  #ended: Ended | undefined;
  #closing: Promise<void> | undefined;

  private constructor(network: NetworkName, worker: Worker, clock: () => Date) {
    this.network = network;
    this.#worker = worker;
    this.#clock = clock;
  }

  /** @throws LedgerError `unavailable` another process has it open, it is damaged, or it is another ledger */
  static async open(options: EmbeddedOptions): Promise<EmbeddedLedger> {
    const { directory, contract, network, channel, chaincode, mspId, attributes = { role: "gateway" }, clock = () => new Date() } = options;
    const name = { network, channel, chaincode, mspId, attributes };
    const workerData: WorkerOptions = { directory, name, contract, now: clock() };
    const giveBack = take(directory);
    // Most of what a transaction is taken apart into is garbage with the next.
    const worker = new Worker(join(__dirname, "worker.js"), { workerData, resourceLimits: { maxYoungGenerationSizeMb: 64 } });
    worker.on("exit", giveBack);
    const ledger = new EmbeddedLedger({ kind: "embedded", network, channel, chaincode }, worker, clock);
    await new Promise<void>((resolve, reject) => ledger.#listen(resolve, reject));
    return ledger;
  }

  /** Of the one authority that issued the node's and the gateway's certificates. */
  get certificates(): readonly string[] {
    return [this.#authority];
  }

  submit(call: Call): Promise<Committed> {
    return this.#call("submit", call);
  }

  evaluate(call: Call): Promise<Uint8Array> {
    return this.#call("evaluate", call);
  }

  attest(call: Call): Promise<Attestation> {
    return this.#call("attest", call);
  }

  async *blocks(from: number, signal?: AbortSignal): AsyncGenerator<Block, void> {
    for (let number = from; ; number++) {
      while (this.#height <= number && this.#ended === undefined && signal?.aborted !== true) await this.#news(signal);
      if (signal?.aborted === true) return;
      yield open(await this.#ask("block", { number }), number);
    }
  }

  height(): Promise<number> {
    return this.#ended === undefined ? Promise.resolve(this.#height) : Promise.reject(unavailable(this.#ended));
  }

  /** What has been submitted is finished first. */
  close(): Promise<void> {
    this.#closing ??= this.#ended === undefined ? this.#close() : Promise.resolve();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const exited = new Promise<void>((resolve) => this.#worker.once("exit", () => resolve()));
    const closed = this.#ask("close", {});
    this.#end({ why: "the ledger is closed" });
    await closed;
    await exited;
  }

  /** @param failed told, when opening did not succeed, once the thread has ended */
  #listen(opened: () => void, failed: (error: LedgerError) => void): void {
    let failure: LedgerError | undefined;
    this.#worker.on("message", (message: Message) => {
      switch (message.kind) {
        case "opened":
          this.#authority = message.authority;
          this.#height = message.height;
          opened();
          break;
        case "height":
          this.#height = message.height;
          for (const wake of this.#followers) wake();
          break;
        case "answer":
          this.#settle(message.id)?.resolve(message.value as never);
          break;
        case "error": {
          const error = new LedgerError(message.code, message.message);
          if (message.id === undefined) failure = error;
          else this.#settle(message.id)?.reject(error);
        }
      }
    });
    this.#worker.on("error", (cause) => this.#end({ why: "the ledger's thread failed", cause }));
    this.#worker.on("exit", () => {
      this.#end({ why: "the ledger's thread ended" });
      const ended = this.#ended ?? { why: "" };
      for (const { kind, reject } of this.#asked.values())
        reject(kind === "submit" ? new LedgerError("outcome-unknown", ended.why, { cause: ended.cause }) : unavailable(ended));
      this.#asked.clear();
      failed(failure ?? unavailable(ended));
    });
  }

  /** From now on everything fails with this; what is under way is answered yet. */
  #end(reason: Ended): void {
    this.#ended ??= reason;
    for (const wake of this.#followers) wake();
  }

  #call<K extends "submit" | "evaluate" | "attest">(kind: K, call: Call): Promise<Answers[K]> {
    const packed = packCall(call);
    return this.#ask(kind, { call: packed, time: this.#clock().getTime() }, packed.buffer);
  }

  #ask<K extends Kind>(kind: K, request: Requests[Kind], transfer?: ArrayBuffer): Promise<Answers[K]> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(unavailable(this.#ended));
        return;
      }
      const id = ++this.#lastId;
      this.#asked.set(id, { kind, resolve, reject });
      this.#worker.postMessage({ id, kind, ...request }, transfer === undefined ? [] : [transfer]);
    });
  }

  #settle(id: number): Asked | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    return asked;
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

const unavailable = ({ why, cause }: Ended): LedgerError => new LedgerError("unavailable", why, { cause });

/** @throws LedgerError `unavailable` when these bytes are no block */
function open(bytes: Uint8Array, number: number): Block {
  try {
    return openBlock(bytes);
  } catch (cause) {
    throw new LedgerError("unavailable", `block ${number} is damaged`, { cause });
  }
}
