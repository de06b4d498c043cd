import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { LedgerError } from "../port";
import type { Answers, Kind, Message, Requests, WorkerOptions } from "./messages";

interface Asked {
  readonly kind: Kind;
  readonly resolve: (value: never) => void;
  readonly reject: (error: LedgerError) => void;
}

/** The thread in which the ledger runs, as the thread that asks it sees it: from its start to its end, whatever ends it. */
export class LedgerThread {
  /** Told after each block. */
  onHeight: () => void = () => undefined;
  /** Resolves once it has ended. */
  readonly exited: Promise<void>;
  readonly #worker: Worker;
  readonly #asked = new Map<number, Asked>();
  #authority = "";
  #height = 0;
  #lastId = 0;
  #failure: LedgerError | undefined;

  private constructor(workerData: WorkerOptions) {
    // Most of what a transaction is taken apart into is garbage with the next.
    this.#worker = new Worker(join(__dirname, "worker.js"), { workerData, resourceLimits: { maxYoungGenerationSizeMb: 64 } });
    this.exited = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
  }

  /** @throws LedgerError `unavailable`, once the thread has ended */
  static async open(options: WorkerOptions): Promise<LedgerThread> {
    const thread = new LedgerThread(options);
    await new Promise<void>((resolve, reject) => thread.#listen(resolve, reject));
    return thread;
  }

  /** Certificate of the ledger's authority, PEM. */
  get authority(): string {
    return this.#authority;
  }

  /** Blocks committed, as far as it has told. */
  get height(): number {
    return this.#height;
  }

  /** Why nothing more can be asked. */
  get failure(): LedgerError | undefined {
    return this.#failure;
  }

  /** @throws LedgerError */
  ask<K extends Kind>(kind: K, request: Requests[Kind], transfer?: ArrayBuffer): Promise<Answers[K]> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      const id = ++this.#lastId;
      this.#asked.set(id, { kind, resolve, reject });
      this.#worker.postMessage({ id, kind, ...request }, transfer === undefined ? [] : [transfer]);
    });
  }

  /** Ends it; what was asked before is answered first. */
  async close(): Promise<void> {
    const closed = this.#failure === undefined ? this.ask("close", {}) : undefined;
    this.#fail("the ledger is closed");
    await Promise.all([closed, this.exited]);
  }

  #listen(opened: () => void, failed: (error: LedgerError) => void): void {
    this.#worker.on("message", (message: Message) => {
      switch (message.kind) {
        case "opened":
          this.#authority = message.authority;
          this.#height = message.height;
          opened();
          break;
        case "height":
          this.#height = message.height;
          this.onHeight();
          break;
        case "answer":
          this.#settle(message.id)?.resolve(message.value as never);
          break;
        case "error":
          if (message.id === undefined) this.#fail(message.message);
          else this.#settle(message.id)?.reject(new LedgerError(message.code, message.message));
      }
    });
    this.#worker.on("error", (cause) => this.#fail("the ledger's thread failed", cause));
    this.#worker.on("exit", () => {
      const failure = this.#fail("the ledger's thread ended");
      const unknown = new LedgerError("outcome-unknown", failure.message, { cause: failure.cause });
      for (const { kind, resolve, reject } of this.#asked.values())
        if (kind === "close") resolve(undefined as never);
        else reject(kind === "submit" ? unknown : failure);
      this.#asked.clear();
      failed(failure);
    });
  }

  /** From now on everything fails with the first reason there was; what is under way is answered yet. */
  #fail(why: string, cause?: unknown): LedgerError {
    return (this.#failure ??= new LedgerError("unavailable", why, { cause }));
  }

  #settle(id: number): Asked | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    return asked;
  }
}
