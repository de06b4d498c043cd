/** The outbox between real neighbours: embedded ledger, contract and read model, with a ledger in front that can be made to fail. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inflate } from "../../../chaincode/batch";
import { ROLES } from "../../../chaincode/events/definition";
import type { Breach } from "../../../chaincode/events/judge";
import { generateSignerKey } from "../../../gateway/evidence/note-key";
import { Admission, type Admitted } from "../../../gateway/http/admission";
import { Projector } from "../../../gateway/index/projector";
import { ReadModel } from "../../../gateway/index/read-model";
import { EmbeddedLedger } from "../../../gateway/ledger/embedded/ledger";
import { Pipeline } from "../../../gateway/outbox/pipeline";
import { Progress } from "../../../gateway/outbox/progress";
import { AUTHORITY, example, OPERATOR } from "../../chaincode/events/world";
import { accessed, registered, rolesOf } from "../running";
import { FaultyLedger } from "./faulty-ledger";

export const JOURNALS = { facts: "SuyuanMSP/facts", acts: "SuyuanMSP/acts" };

const admission = new Admission(Buffer.alloc(32));

/** An event as it comes out of intake. */
export function entry(event: Readonly<Record<string, unknown>>, party = OPERATOR, at = new Date()): Admitted {
  const admitted = admission.admit({ ...event }, { party, roles: rolesOf(party) }, at.toISOString());
  if (admitted instanceof Error) throw admitted;
  return admitted;
}

export interface Options {
  readonly patience?: number;
  readonly outboxBytes?: number;
  /** Whether the ledger cannot be reached from the start. */
  readonly unreached?: boolean;
}

export class Assembled {
  readonly errors: unknown[] = [];

  private constructor(
    readonly base: string,
    readonly ledger: FaultyLedger,
    readonly pipeline: Pipeline,
    private readonly projector: Projector,
    private readonly readModel: ReadModel,
  ) {}

  static async make(options: Options = {}): Promise<Assembled> {
    return Assembled.open(await mkdtemp(join(tmpdir(), "suyuan-outbox-")), options);
  }

  static async open(base: string, { patience = 30_000, outboxBytes = 1024 * 1024, unreached = false }: Options = {}): Promise<Assembled> {
    const contract = require.resolve("../../../chaincode/contract");
    const name = { network: "outbox.example", channel: "suyuan", chaincode: "suyuan", mspId: "SuyuanMSP" };
    const embedded = await EmbeddedLedger.open({ directory: join(base, "ledger"), contract, ...name });
    if ((await embedded.height()) === 0) {
      const genesis = { hosts: { SuyuanMSP: ROLES }, authority: { code: AUTHORITY, name: "市数据主管部门" } };
      await embedded.submit({ transaction: "init", args: [Buffer.from(JSON.stringify(genesis))] });
    }
    const ledger = new FaultyLedger(embedded);
    const progress = new Progress();
    const errors: unknown[] = [];
    const onError = (error: unknown): void => void errors.push(error);
    const directory = join(base, "index");
    const projector = await Projector.start({ directory, ledger, onProjected: ({ sizes }) => progress.nowProjected(sizes), onError });
    const readModel = await ReadModel.open(directory);
    ledger.unreached = unreached;
    const pipeline = await Pipeline.open({
      directory: join(base, "outbox"),
      ledger,
      known: readModel,
      journals: JOURNALS,
      progress,
      key: (await generateSignerKey("outbox.example/facts")).key,
      clock: Date.now,
      promiseMinutes: 60,
      outboxBytes,
      patience,
      onError,
    });
    const assembled = new Assembled(base, ledger, pipeline, projector, readModel);
    assembled.errors.push = errors.push.bind(errors);
    return assembled;
  }

  /** The operator is known and has an authorization: what others say they hold of it opens no slots. */
  async authoriseOperator(): Promise<void> {
    const decided = accessed({ type: "suyuan.authorization.decided", data: example("authorization.decided", AUTHORITY).data });
    for (const act of [registered(OPERATOR, "primary-operator"), decided]) await this.pipeline.acts.record([entry(act, AUTHORITY)]);
  }

  /** Until all that was accepted is on the ledger and in the read model. */
  async settled(): Promise<void> {
    const { progress } = this.pipeline;
    const isSettled = (journal: string): boolean => progress.projected(journal) >= progress.accepted(journal);
    while (!isSettled(JOURNALS.facts) || !isSettled(JOURNALS.acts)) await sleep(5);
  }

  async findings(journal: string, index: number): Promise<readonly Breach[]> {
    const reader = await this.readModel.reader();
    return (await reader.event({ journal, index }))?.findings ?? [];
  }

  /** Ids of a journal's events, as they stand on the ledger. */
  async ids(journal: string): Promise<readonly string[]> {
    const ids: string[] = [];
    const height = await this.ledger.real.height();
    let number = 0;
    for await (const { transactions } of this.ledger.real.blocks(0)) {
      for (const { valid, transaction, args } of transactions) {
        const [name = new Uint8Array(), , batch = new Uint8Array()] = args;
        if (!valid || transaction !== "append" || Buffer.from(name).toString("utf8") !== journal) continue;
        for (const { text } of inflate(batch)) ids.push((JSON.parse(text) as { id: string }).id);
      }
      if (++number === height) break;
    }
    return ids;
  }

  async close(): Promise<void> {
    await this.pipeline.drain();
    await this.pipeline.close();
    await this.readModel.close();
    await this.projector.stop();
    await this.ledger.close();
  }

  /** Ends it and starts it again on the same directories. */
  async reopened(options: Options = {}): Promise<Assembled> {
    await this.close();
    return Assembled.open(this.base, options);
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.base, { recursive: true });
  }
}
