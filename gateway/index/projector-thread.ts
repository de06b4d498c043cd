/** The projector's thread as the main thread sees it. */
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Block } from "../ledger/port";
import type { ProjectorState, Question } from "./projector-messages";

interface Waiting {
  readonly resolve: (state: ProjectorState) => void;
  readonly reject: (error: unknown) => void;
}

export class ProjectorThread {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #ended = new AbortController();
  readonly #waiting: Waiting[] = [];

  private constructor(directory: string) {
    this.#worker = new Worker(join(__dirname, "projector-worker.js"), { workerData: directory });
    this.#worker.on("message", (state: ProjectorState) => this.#waiting.shift()?.resolve(state));
    this.#worker.on("error", (error) => this.#end(error));
    this.#exited = new Promise((resolve) =>
      this.#worker.once("exit", () => {
        this.#end(new Error("the projector's thread has ended"));
        resolve();
      }),
    );
  }

  /** @throws what opening the read model throws */
  static async open(directory: string): Promise<{ readonly thread: ProjectorThread; readonly state: ProjectorState }> {
    const thread = new ProjectorThread(directory);
    return { thread, state: await thread.#answer() };
  }

  /** Aborted once the thread has ended, with the reason. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** @param block the ledger's at the read model's height, less one. Another than the read model was built from: it is emptied */
  compare(block: Block | undefined): Promise<ProjectorState> {
    return this.#ask({ kind: "compare", ...(block && { block }) });
  }

  /** Projects the next block. Blocks may be sent before the one before is done. */
  project(block: Block): Promise<ProjectorState> {
    return this.#ask({ kind: "project", block });
  }

  /** What was sent before is finished first. */
  async stop(): Promise<void> {
    if (!this.ended.aborted) this.#worker.postMessage({ kind: "stop" } satisfies Question);
    await this.#exited;
  }

  #ask(question: Question): Promise<ProjectorState> {
    const answer = this.#answer();
    this.#worker.postMessage(question);
    return answer;
  }

  #answer(): Promise<ProjectorState> {
    if (this.ended.aborted) return Promise.reject(this.ended.reason as Error);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #end(reason: unknown): void {
    this.#ended.abort(reason);
    for (const { reject } of this.#waiting.splice(0)) reject(this.ended.reason);
  }
}
