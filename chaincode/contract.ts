/**
 * The ledger's transactions. Thin: each says who may, calls what does, and answers canonical JSON.
 * Without Fabric's decorators, which write to the log at import: every method here is a transaction, every parameter text.
 */
import { type Context, Contract } from "fabric-contract-api";
import { X509Certificate } from "node:crypto";
import { Append, type Head } from "./append";
import { inflate } from "./batch";
import { MAX_CLOCK_MS } from "./clock";
import { parties } from "./events/party";
import { ContractError } from "./errors";
import { type Foundation, genesisFrom, hostOf } from "./genesis";
import { byParty, type JournalCount, partCounts } from "./holdings";
import { invokedName } from "./invoked";
import { canonicalText } from "./proof/canonical";
import { keys, splitKey, State } from "./state";
import { admit, manifestFrom, takeOver } from "./takeover";

/** The attribute that makes a certificate a gateway's: the only ones that append. */
const GATEWAY = { attribute: "role", value: "gateway" };

const ADMINISTRATOR = "OU=admin";

/** Of the rules: blocks say by which version they were judged. Raised whenever anything is judged otherwise than before. */
export const version = "0.7.0";

export default class SuyuanContract extends Contract {
  /**
   * The endorser's clock, milliseconds since 1970, where it has a say: what is signed then was submitted at about the time that it claims. It
   * decides only whether there is an answer, never which.
   */
  static clock: (() => number) | undefined;

  constructor() {
    super("suyuan");
  }

  /**
   * Fabric's shim runs `append` for `suyuan:append` too. Readers of blocks look for the one name, and would miss what was appended by the other.
   * @throws ContractError `arguments-malformed`, `clock-differs`
   */
  override beforeTransaction({ stub }: Context): Promise<void> {
    const { fcn } = stub.getFunctionAndParameters();
    if (fcn.includes(":")) return Promise.reject(new ContractError("arguments-malformed"));
    const { clock } = SuyuanContract;
    if (fcn !== "clock" && clock !== undefined && Math.abs(clock() - stub.getDateTimestamp().getTime()) > MAX_CLOCK_MS)
      return Promise.reject(new ContractError("clock-differs"));
    return Promise.resolve();
  }

  /**
   * Fixes, once and for all, which organisation speaks for which roles, and who the authority is.
   * @param genesis JSON of `Genesis`
   * @throws ContractError `already-initialised`, `arguments-malformed`
   */
  async init(ctx: Context, genesis: string): Promise<string> {
    const state = new State(ctx.stub);
    if ((await state.read(keys.genesis)) !== undefined) throw new ContractError("already-initialised");
    const given = genesisFrom(genesis);
    const host = hostOf(given, "authority");
    state.put(keys.genesis, { ...given, chaincode: invokedName(ctx.stub) });
    if (host === undefined) throw new ContractError("arguments-malformed");
    state.put(keys.table(parties, given.authority.code), { roles: ["authority"], host, steps: {} });
    state.keep();
    await state.write();
    return answer(given);
  }

  /** @returns JSON: what `init` has fixed; `{}` before. Whoever is first may call that, so that the others look what it said */
  async genesis(ctx: Context): Promise<string> {
    const foundation = await new State(ctx.stub).read(keys.genesis);
    return answer(foundation === undefined ? {} : { hosts: foundation.hosts, authority: foundation.authority });
  }

  /**
   * Appends a batch of events to a journal of the caller's organisation, judges each and lets it take effect.
   * The bytes of the batch lie in the block and nowhere in the state.
   * @param journal `MSPID/name`
   * @param from decimal; must be the size of the journal
   * @param _batch see `batch.ts`; as text it is damaged, so its bytes are taken from the call
   * @returns JSON of {@link Appended}
   * @throws ContractError `not-your-journal`, `not-next`, `batch-malformed`, `batch-too-large`, `acts-refused`, `not-initialised`, `called-by-another`, `history-open`
   */
  async append(ctx: Context, journal: string, from: string, _batch: string): Promise<string> {
    demandGateway(ctx);
    const state = new State(ctx.stub);
    const genesis = await calledDirectly(ctx, state);
    if (genesis.importing === true) throw new ContractError("history-open");
    const mspId = ctx.clientIdentity.getMSPID();
    const append = await Append.open(state, genesis, mspId, journal, decimal(from), ctx.stub.getDateTimestamp());
    await append.addAll(inflate(bytesOfArgument(ctx, 3)));
    const appended = append.close();
    await state.write();
    return answer(appended);
  }

  /**
   * An administrator's word that the history of a ledger kept by one party is to be taken over; see `takeover.ts`.
   * @param manifest JSON of `Manifest`
   * @returns JSON: MSP IDs of the organisations that have admitted this history
   * @throws ContractError `not-an-administrator`, `arguments-malformed`, `channel-not-empty`, `history-unfit`, `not-initialised`, `called-by-another`
   */
  async admit(ctx: Context, manifest: string): Promise<string> {
    const state = new State(ctx.stub);
    const foundation = await calledDirectly(ctx, state);
    const mspId = ctx.clientIdentity.getMSPID();
    if (!isAdministrator(ctx) || !Object.hasOwn(foundation.hosts, mspId)) throw new ContractError("not-an-administrator");
    const given = manifestFrom(manifest);
    if ((await state.read(keys.takeover)) !== undefined || (await under(ctx, "head")).length > 0)
      throw new ContractError("channel-not-empty");
    const before = await under<string>(ctx, "admission");
    const admitted = admit(state, foundation, new Map(before.map(([[other = ""], digest]) => [other, digest])), mspId, given);
    await state.write();
    return answer({ admitted });
  }

  /**
   * Appends one transaction of an admitted history, as it was appended then.
   * @param journal as in `append`, with the MSP ID of who kept that ledger; `from` and `_batch` too
   * @param time of the transaction then, RFC 3339 in UTC with milliseconds
   * @param transactionId its id then
   * @returns what `append` answered then
   * @throws ContractError `not-your-journal`, `history-not-admitted`, `history-differs`, `history-unfit`, and those of `append`
   */
  async import(ctx: Context, journal: string, from: string, _batch: string, time: string, transactionId: string): Promise<string> {
    demandGateway(ctx);
    const foundation = await calledDirectly(ctx, new State(ctx.stub));
    const past = { journal, from: decimal(from), batch: bytesOfArgument(ctx, 3), time: moment(time), transactionId };
    return answer(await takeOver(ctx.stub, foundation, past));
  }

  /** @returns JSON: the manifest of the history that was taken over, who admitted it, and how many of its transactions are done; `{}` where there is none */
  async history(ctx: Context): Promise<string> {
    return answer((await new State(ctx.stub).read(keys.takeover)) ?? {});
  }

  /** @returns JSON: journal, size, root (hex), time; size 0 for a journal that nobody has opened */
  async head(ctx: Context, journal: string): Promise<string> {
    const head = await new State(ctx.stub).read(keys.head(journal));
    return answer({ journal, size: head?.size ?? 0, ...(head && { root: head.root, time: head.time }) });
  }

  /**
   * @returns JSON: journal, size, root (hex), time, and `from`, the size before that time: leaves from there on were recorded then, and not earlier
   * @throws ContractError `root-unknown` where no batch ended at that size
   */
  async root(ctx: Context, journal: string, size: string): Promise<string> {
    const root = await new State(ctx.stub).read(keys.root(journal, decimal(size)));
    if (root === undefined) throw new ContractError("root-unknown");
    return answer({ journal, size: decimal(size), ...root });
  }

  /** @returns JSON: every journal with its size, root and time */
  async journals(ctx: Context): Promise<string> {
    const heads = await under<Head>(ctx, "head");
    return answer(heads.map(([[journal], { size, root, time }]) => ({ journal, size, root, time })));
  }

  /** @returns JSON: count and chain of a subject in every journal that names it */
  async subject(ctx: Context, kind: string, id: string): Promise<string> {
    const chains = await under<{ count: number; hash: string }>(ctx, "chain", kind, id);
    return answer(chains.map(([[, , journal], chain]) => ({ journal, count: chain.count, chain: chain.hash })));
  }

  /**
   * For those who look after clocks, who ask one organisation at a time; no two answer alike, so that nothing comes of submitting it.
   * @returns JSON: `time`, the endorser's clock, RFC 3339 in UTC; `{}` where it has no say
   */
  clock(): Promise<string> {
    const { clock } = SuyuanContract;
    return Promise.resolve(answer(clock === undefined ? {} : { time: new Date(clock()).toISOString() }));
  }

  /**
   * @param _about digest of what the answer is asked for, or nothing: who attests the answer signs its question, and with it what it is for
   * @returns JSON: how many holdings of an authorization are declared, outstanding and retained, and retained as logs, by journal
   */
  async outstanding(ctx: Context, authorization: string, _about: string): Promise<string> {
    const counts = await under<JournalCount>(ctx, "holdings", authorization);
    return answer(counts.map(([[, journal], { settled: _, ofDevelopers: __, frozen: ___, ...count }]) => ({ journal, ...count })));
  }

  /**
   * @param kind `scenario` or `product`
   * @param _about as in `outstanding`
   * @returns JSON: how many of its holdings are outstanding and retained, and retained as logs, by journal and by who declared them; none where nothing is held
   */
  async part(ctx: Context, authorization: string, kind: string, id: string, _about: string): Promise<string> {
    const counts = await under<unknown>(ctx, "part", authorization, kind, id);
    const journals = [...new Set(counts.map(([[, , , journal = ""]]) => journal))];
    const each = journals.map((journal) => {
      const values = counts.filter(([[, , , of]]) => of === journal).map(([, value]) => value);
      return { journal, parties: byParty(partCounts(values)) };
    });
    return answer(each.filter(({ parties }) => Object.keys(parties).length > 0));
  }
}

/** What `init` has fixed. @throws ContractError `not-initialised`, `called-by-another` */
async function calledDirectly({ stub }: Context, state: State): Promise<Foundation> {
  const foundation = await state.read(keys.genesis);
  if (foundation === undefined) throw new ContractError("not-initialised");
  if (foundation.chaincode !== undefined && foundation.chaincode !== invokedName(stub)) throw new ContractError("called-by-another");
  return foundation;
}

/** @throws ContractError `not-your-journal` */
function demandGateway({ clientIdentity }: Context): void {
  if (!clientIdentity.assertAttributeValue(GATEWAY.attribute, GATEWAY.value)) throw new ContractError("not-your-journal");
}

/** Whether Fabric, too, takes the caller for its organisation's administrator: by the unit in the certificate's subject (NodeOUs). */
function isAdministrator({ stub }: Context): boolean {
  const { subject } = new X509Certificate(Buffer.from(stub.getCreator().idBytes));
  return subject.split("\n").includes(ADMINISTRATOR);
}

/** Every value below a composite key, with the parts of its own key after the first. */
async function under<V>(ctx: Context, type: string, ...parts: string[]): Promise<[readonly string[], V][]> {
  const found: [readonly string[], V][] = [];
  for await (const { key, value } of ctx.stub.getStateByPartialCompositeKey(type, parts)) {
    found.push([splitKey(key).slice(1), JSON.parse(Buffer.from(value).toString("utf8")) as V]);
  }
  return found;
}

/** Arguments reach a transaction as text; the shim keeps their bytes. */
function bytesOfArgument(ctx: Context, position: number): Uint8Array {
  const bytes = (ctx.stub as unknown as { getBufferArgs(): readonly Uint8Array[] }).getBufferArgs()[position];
  if (bytes === undefined) throw new ContractError("arguments-malformed");
  return bytes;
}

function decimal(text: string): number {
  if (!/^(?:0|[1-9]\d{0,14})$/.test(text)) throw new ContractError("arguments-malformed");
  return Number(text);
}

function moment(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime()) || date.toISOString() !== text) throw new ContractError("arguments-malformed");
  return date;
}

const answer = (value: unknown): string => canonicalText(value);
