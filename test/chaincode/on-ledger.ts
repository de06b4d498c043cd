/** The real contract on a real embedded ledger, in a directory of its own: what the contract's tests speak to. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { encodeLine } from "../../chaincode/batch";
import { parseContractError } from "../../chaincode/errors";
import { ROLES } from "../../chaincode/events/definition";
import type { Appended } from "../../chaincode/append";
import { canonical } from "../../chaincode/proof/canonical";
import { EmbeddedLedger } from "../../gateway/ledger/embedded/ledger";
import { LedgerError } from "../../gateway/ledger/port";
import { AUTHORITY, type MixEvent } from "../../scripts/bench/mix";

export const MSP = "TestMSP";
export const FACTS = `${MSP}/facts`;
export const ACTS = `${MSP}/acts`;

export class OnLedger {
  readonly #sizes = new Map<string, number>();

  private constructor(
    readonly ledger: EmbeddedLedger,
    private readonly directory: string,
  ) {}

  static async open(): Promise<OnLedger> {
    const directory = await mkdtemp(join(tmpdir(), "suyuan-contract-"));
    const contract = require.resolve("../../chaincode/contract");
    const ledger = await EmbeddedLedger.open({
      directory,
      network: "test.example",
      channel: "suyuan",
      chaincode: "suyuan",
      contract,
      mspId: MSP,
    });
    return new OnLedger(ledger, directory);
  }

  async close(): Promise<void> {
    await this.ledger.close();
    await rm(this.directory, { recursive: true });
  }

  init(): Promise<unknown> {
    return this.submit("init", JSON.stringify({ hosts: { [MSP]: ROLES }, authority: { code: AUTHORITY, name: "市数据主管部门" } }));
  }

  /** @throws ContractError */
  async submit(transaction: string, ...args: (string | Uint8Array)[]): Promise<unknown> {
    return parsed(
      this.#call(() => this.ledger.submit({ transaction, args: args.map((arg) => Buffer.from(arg)) })).then(({ result }) => result),
    );
  }

  async read(transaction: string, ...args: string[]): Promise<unknown> {
    return parsed(this.#call(() => this.ledger.evaluate({ transaction, args: args.map((arg) => Buffer.from(arg)) })));
  }

  /** Appends after what this object appended before. */
  async append(
    journal: string,
    events: readonly MixEvent[],
    slots: Readonly<Record<string, readonly (number | undefined)[]>> = {},
  ): Promise<Appended> {
    const batch = batchOf(events.map((event) => encodeLine(leafOf(event), slots[event.id] ?? [])));
    const appended = (await this.submit("append", journal, String(this.#sizes.get(journal) ?? 0), batch)) as Appended;
    this.#sizes.set(journal, appended.size);
    return appended;
  }

  /** What somebody else appended there is gone on from. */
  follow(journal: string, size: number): void {
    this.#sizes.set(journal, size);
  }

  async #call<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw (error instanceof LedgerError && error.code === "refused" ? parseContractError(error.message) : undefined) ?? error;
    }
  }
}

const parsed = async (bytes: Promise<Uint8Array>): Promise<unknown> => JSON.parse(Buffer.from(await bytes).toString("utf8"));

export const leafOf = (event: MixEvent): Uint8Array => canonical({ ...event, recordedtime: new Date().toISOString() });

export const batchOf = (lines: readonly Uint8Array[]): Buffer => deflateRawSync(Buffer.concat(lines));
