/**
 * Inventories and certificates, made on a thread of their own, one after the other, so that nobody waits for them who does not ask for them, and
 * however many ask, memory holds one. The last one is kept for a while: who has fetched a certificate fetches its items next.
 */
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { certificateDigest } from "../evidence/exit-certificate";
import type { Answer, CertificateAnswer, CertificateOf, InventoryAnswer, Question } from "./inventory-messages";

const KEPT_MS = 60_000;
const DIGESTS = 1000;
/** With the 16 of a thread by default, all that is read is copied again and again: twice the time. */
const YOUNG_MIB = 64;

export class Inventories {
  readonly #running = new Set<Worker>();
  readonly #digests = new Map<string, Promise<string | undefined>>();
  #turn: Promise<unknown> = Promise.resolve();
  #last: { readonly name: string; readonly answer: Promise<Answer>; readonly timer: NodeJS.Timeout } | undefined;

  /** @param directory of the read model */
  constructor(private readonly directory: string) {}

  /** @param height blocks that the read model shows: at another one it is made anew. @returns undefined where there is no such exit */
  async inventory(exit: string, height: number): Promise<InventoryAnswer | undefined> {
    return (await this.#ask({ kind: "inventory", exit }, height)) as InventoryAnswer | undefined;
  }

  /** @param source credit code: of its items alone */
  async certificate(exit: string, of: CertificateOf, source?: string): Promise<CertificateAnswer | undefined> {
    return (await this.#ask({ kind: "certificate", exit, ...of, ...(source === undefined ? {} : { source }) })) as
      CertificateAnswer | undefined;
  }

  /** That of the whole certificate, which is the same whenever it is made: remembered, since it is asked with every look at how far an exit has come. */
  digest(exit: string, of: CertificateOf): Promise<string | undefined> {
    const name = `${exit} ${of.at} ${of.certified ?? ""}`;
    let digest = this.#digests.get(name);
    if (digest === undefined) {
      digest = this.certificate(exit, of).then((answer) => answer && certificateDigest(answer.certificate));
      this.#digests.set(name, digest);
      digest.catch(() => this.#digests.delete(name));
      const [oldest = ""] = this.#digests.keys();
      if (this.#digests.size > DIGESTS) this.#digests.delete(oldest);
    }
    return digest;
  }

  async close(): Promise<void> {
    this.#forget();
    await Promise.all([...this.#running].map((worker) => worker.terminate()));
  }

  #ask(question: Question, height?: number): Promise<Answer> {
    const name = JSON.stringify([question, height]);
    if (this.#last?.name === name) return this.#last.answer;
    this.#forget();
    const answer = this.#turn.then(() => this.#run(question));
    this.#turn = answer.catch(() => this.#forget());
    this.#last = { name, answer, timer: setTimeout(() => this.#forget(), KEPT_MS).unref() };
    return answer;
  }

  #forget(): void {
    clearTimeout(this.#last?.timer);
    this.#last = undefined;
  }

  #run(question: Question): Promise<Answer> {
    const worker = new Worker(join(__dirname, "inventory-worker.js"), {
      workerData: { directory: this.directory, question },
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    this.#running.add(worker);
    return new Promise<Answer>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("the inventory's thread has ended")));
    }).finally(() => this.#running.delete(worker));
  }
}
