/** The contract as several organisations share it: one state, callers of any, each transaction a block. Without a network and without signatures. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseContractError } from "../../chaincode/errors";
import { type Proposal, transactionId } from "../../gateway/ledger/embedded/block";
import { Chaincode } from "../../gateway/ledger/embedded/chaincode";
import { serializeIdentity } from "../../gateway/ledger/embedded/identity";
import { Store } from "../../gateway/ledger/embedded/store";
import { BlockUpdates } from "../../gateway/ledger/embedded/validate";
import { type Block, LedgerError } from "../../gateway/ledger/port";
import { Authority, type Profile } from "../../network/identities/authority";

const NAME = { network: "test.example", channel: "suyuan" } as const;
const KINDS: Readonly<Record<string, Profile>> = {
  gateway: { unit: "client", attributes: { role: "gateway" } },
  admin: { unit: "admin" },
};

export class Channel {
  readonly #callers = new Map<string, Buffer>();
  readonly blocks: Block[] = [];

  private constructor(
    private readonly directory: string,
    private readonly store: Store,
    private readonly chaincode: Chaincode,
  ) {}

  static async open(): Promise<Channel> {
    const directory = await mkdtemp(join(tmpdir(), "suyuan-channel-"));
    const chaincode = new Chaincode(require.resolve("../../chaincode/contract"), "AnyMSP");
    return new Channel(directory, await Store.open(join(directory, "state"), true), chaincode);
  }

  async close(): Promise<void> {
    await this.store.close();
    await rm(this.directory, { recursive: true });
  }

  /** @param as `MSPID/gateway` or `MSPID/admin`. @returns what the contract answers. @throws ContractError */
  async submit(
    as: string,
    transaction: string,
    args: readonly (string | Uint8Array)[],
    { time = Date.now(), chaincode = "suyuan" } = {},
  ): Promise<unknown> {
    const creator = await this.#caller(as);
    const call = { transaction, args: args.map((arg) => Buffer.from(arg)) };
    const proposal: Proposal = { ...NAME, ...call, chaincode, creator, time, nonce: randomBytes(24) };
    const state = this.store.snapshot(this.#height);
    try {
      const { endorsement } = await this.chaincode.endorse(proposal, state);
      const updates = new BlockUpdates(this.#height, state);
      updates.apply(0, endorsement.writes);
      await this.store.apply(updates.all);
      const { result, writes } = endorsement;
      const told = { transactionId: transactionId(proposal), time: new Date(time).toISOString(), mspId: as.split("/")[0] ?? "" };
      this.blocks.push({ number: this.#height, transactions: [{ ...told, ...call, valid: true, result, writes }] });
      return JSON.parse(Buffer.from(endorsement.result).toString("utf8"));
    } catch (error) {
      throw (error instanceof LedgerError && error.code === "refused" ? parseContractError(error.message) : undefined) ?? error;
    } finally {
      await state.release();
    }
  }

  get #height(): number {
    return this.blocks.length;
  }

  /** Everything in the state. */
  async state(): Promise<ReadonlyMap<string, unknown>> {
    const found = new Map<string, unknown>();
    const state = this.store.snapshot(this.#height);
    for await (const [key, { value }] of state.range("", "")) found.set(key, JSON.parse(value.toString("utf8")));
    await state.release();
    return found;
  }

  async #caller(as: string): Promise<Buffer> {
    const known = this.#callers.get(as);
    if (known !== undefined) return known;
    const [mspId = "", kind = ""] = as.split("/");
    const pair = (name: string) => ({ certificate: join(this.directory, `${name}.pem`), key: join(this.directory, `${name}.key`) });
    const authority = await Authority.create(pair("ca"), mspId, "ca");
    const certificate = await authority.issue(pair(kind), kind, KINDS[kind] ?? { unit: "client" });
    const caller = serializeIdentity(mspId, certificate);
    this.#callers.set(as, caller);
    return caller;
  }
}
