/**
 * The ledger's transactions. Thin: each says who may, calls what does, and answers canonical JSON.
 * Without Fabric's decorators, which write to the log at import: every method here is a transaction, every parameter text.
 */
import { type Context, Contract } from "fabric-contract-api";
import Ajv from "ajv";
import { Append, type Genesis, type Head } from "./append";
import { inflate } from "./batch";
import { creditCodeValid, parties } from "./events/party";
import { creditCode, object } from "./events/schema";
import { ROLES } from "./events/definition";
import { ContractError } from "./errors";
import { canonicalText, parseStrict } from "./proof/canonical";
import { MSP_ID } from "./proof/holding-name";
import { keys, splitKey, State } from "./state";

/** The attribute that makes a certificate a gateway's: the only ones that append. */
const GATEWAY = { attribute: "role", value: "gateway" };

export default class SuyuanContract extends Contract {
  constructor() {
    super("suyuan");
  }

  /**
   * Fabric's shim runs `append` for `suyuan:append` too. Readers of blocks look for the one name, and would miss what was appended by the other.
   * @throws ContractError `arguments-malformed`
   */
  override beforeTransaction(ctx: Context): Promise<void> {
    if (ctx.stub.getFunctionAndParameters().fcn.includes(":")) return Promise.reject(new ContractError("arguments-malformed"));
    return Promise.resolve();
  }

  /**
   * Fixes, once and for all, which organisation speaks for which roles, and who the authority is.
   * @param genesis JSON of {@link Genesis}
   * @throws ContractError `already-initialised`, `arguments-malformed`
   */
  async init(ctx: Context, genesis: string): Promise<string> {
    const state = new State(ctx.stub);
    if ((await state.read(keys.genesis)) !== undefined) throw new ContractError("already-initialised");
    const given = genesisFrom(genesis);
    const host = Object.keys(given.hosts).find((msp) => given.hosts[msp]?.includes("authority"));
    state.put(keys.genesis, given);
    if (host === undefined) throw new ContractError("arguments-malformed");
    state.put(keys.table(parties, given.authority.code), { roles: ["authority"], host });
    state.keep();
    await state.write();
    return answer(given);
  }

  /**
   * Appends a batch of events to a journal of the caller's organisation, judges each and lets it take effect.
   * The bytes of the batch lie in the block and nowhere in the state.
   * @param journal `MSPID/name`
   * @param from decimal; must be the size of the journal
   * @param _batch see `batch.ts`; as text it is damaged, so its bytes are taken from the call
   * @returns JSON of {@link Appended}
   * @throws ContractError `not-your-journal`, `not-next`, `batch-malformed`, `batch-too-large`, `acts-refused`, `not-initialised`
   */
  async append(ctx: Context, journal: string, from: string, _batch: string): Promise<string> {
    if (!ctx.clientIdentity.assertAttributeValue(GATEWAY.attribute, GATEWAY.value)) throw new ContractError("not-your-journal");
    const state = new State(ctx.stub);
    const { stub } = ctx;
    const append = await Append.open(state, ctx.clientIdentity.getMSPID(), journal, decimal(from), stub.getDateTimestamp());
    for (const line of inflate(bytesOfArgument(ctx, 3))) await append.add(line);
    return answer(await append.close());
  }

  /** @returns JSON: journal, size, root (hex), time; size 0 for a journal that nobody has opened */
  async head(ctx: Context, journal: string): Promise<string> {
    const head = await new State(ctx.stub).read(keys.head(journal));
    return answer({ journal, size: head?.size ?? 0, ...(head && { root: head.root, time: head.time }) });
  }

  /** @returns JSON: journal, size, root (hex), time. @throws ContractError `root-unknown` where no batch ended at that size */
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

  /** @returns JSON: how many holdings of an authorization are declared, outstanding and retained, by journal */
  async outstanding(ctx: Context, authorization: string): Promise<string> {
    const counts = await under<object>(ctx, "holdings", authorization);
    return answer(counts.map(([[, journal], count]) => ({ journal, ...count })));
  }
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

/** @throws ContractError `arguments-malformed` unless MSP IDs are such as name journals, every role has at most one host, the authority has one, and its code is sound */
function genesisFrom(json: string): Genesis {
  const malformed = new ContractError("arguments-malformed");
  const parsed = parseStrict(json);
  if (parsed.problem !== undefined || !isGenesis(parsed.value)) throw malformed;
  const { hosts, authority } = parsed.value;
  const hosted = Object.values(hosts).flat();
  const sound = new Set(hosted).size === hosted.length && hosted.includes("authority") && creditCodeValid(authority.code);
  if (!sound) throw malformed;
  return { hosts, authority: { code: authority.code, name: authority.name } };
}

const isGenesis = new Ajv({ strict: true }).compile<Genesis>({
  type: "object",
  properties: {
    hosts: {
      type: "object",
      propertyNames: { type: "string", pattern: `^${MSP_ID}$` },
      additionalProperties: { type: "array", items: { enum: ROLES } },
    },
    authority: object({ code: creditCode, name: { schema: { type: "string", minLength: 1, maxLength: 200 } } }),
  },
  required: ["hosts", "authority"],
  additionalProperties: false,
});

const answer = (value: unknown): string => canonicalText(value);
