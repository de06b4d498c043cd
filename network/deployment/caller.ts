/** An organisation's gateway identity as a caller of the chaincode. */
import { setTimeout as pause } from "node:timers/promises";
import { NetworkError } from "../errors";

/** Peers find each other, and each other's chaincode, by gossip: until then endorsement is refused. */
const FOUND_WITHIN_SECONDS = 30;
const AGAIN_MS = 100;
/** Of the contract that is asked for its genesis before it has one. */
const NOT_YET = "{}";

/** Why a call failed, and whether the chaincode itself said so. */
export interface Failure {
  readonly reason: string;
  readonly refused: boolean;
}

export abstract class Caller {
  /** Resolves once enough organisations endorse what this one asks. @param within seconds. @throws NetworkError `step-failed` */
  async endorsed(transaction: string, args: readonly string[] = [], within = FOUND_WITHIN_SECONDS): Promise<void> {
    await this.#until(transaction, within, () => this.endorse(transaction, args));
  }

  /** The contract's first transaction, unless it has been called. @param within seconds. @throws NetworkError `step-failed` */
  async init(genesis: string, within = FOUND_WITHIN_SECONDS): Promise<void> {
    await this.#until("init", within, () => this.submit("init", [genesis]), "already-initialised");
  }

  /**
   * What `init` has fixed, as one organisation's peer knows it: `{}` where nobody has called it within these seconds, undefined where the code is
   * older than the question.
   * @throws NetworkError `step-failed`
   */
  async genesis(mspId: string, within = FOUND_WITHIN_SECONDS): Promise<unknown> {
    for (const deadline = Date.now() + within * 1000; ;) {
      const answers: string[] = [];
      await this.#until("genesis", FOUND_WITHIN_SECONDS, async () => void answers.push(await this.ask(mspId, "genesis")), "does not exist");
      const [answer] = answers;
      if (answer === undefined) return undefined;
      if (answer !== NOT_YET || Date.now() > deadline) return JSON.parse(answer);
      await pause(AGAIN_MS);
    }
  }

  /** What one organisation's peer answers, by itself. Rejected where it does not. */
  abstract ask(mspId: string, transaction: string): Promise<string>;

  abstract close(): void;

  protected abstract endorse(transaction: string, args: readonly string[]): Promise<void>;
  protected abstract submit(transaction: string, args: readonly string[]): Promise<void>;
  protected abstract failureOf(error: unknown): Failure;

  /** @param done of the chaincode's refusals the one that says it has been done */
  async #until(step: string, within: number, work: () => Promise<void>, done?: string): Promise<void> {
    for (const deadline = Date.now() + within * 1000; ;) {
      try {
        await work();
        return;
      } catch (cause) {
        const { reason, refused } = this.failureOf(cause);
        if (done !== undefined && reason.includes(done)) return;
        if (refused || Date.now() > deadline) throw new NetworkError("step-failed", { step, reason }, { cause });
      }
      await pause(AGAIN_MS);
    }
  }
}
