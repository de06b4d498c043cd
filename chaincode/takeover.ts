/**
 * Taking over the history of a ledger that one party kept, onto a channel on which nothing has been appended yet. The administrators of most
 * of the organisations say which history that is; then every transaction that appended is run again with the time and for the organisation
 * of then, in its order, and the last one is refused unless all of them, roots and findings included, came out as they did there.
 */
import Ajv from "ajv";
import type { ChaincodeStub } from "fabric-shim-api";
import { Append, type Appended } from "./append";
import { inflate } from "./batch";
import { parties, type Party } from "./events/party";
import { digest } from "./events/schema";
import { ContractError } from "./errors";
import { type Foundation, type Genesis, genesisSchema, hostOf } from "./genesis";
import { toHex } from "./proof/bytes";
import { canonical, parseStrict } from "./proof/canonical";
import { sha256 } from "./proof/sha256";
import { type Key, keys, State } from "./state";

/** A history, as its keeper tells of it and administrators admit it. */
export interface Manifest {
  /** URL-like name of the ledger that it comes from. */
  readonly network: string;
  /** Of the authority that named the node and the gateway there, PEM: whose word evidence from there is. */
  readonly certificate: string;
  /** What `init` fixed there: one organisation, which hosts every role. Its journals keep its name, and are never appended to again. */
  readonly genesis: Genesis;
  /** How many transactions appended. */
  readonly transactions: number;
  /** {@link chained} over all of them, hex. */
  readonly chain: string;
}

/** How far a takeover is. */
export interface Takeover {
  readonly manifest: Manifest;
  /** MSP IDs of those whose administrators admitted it. */
  readonly admitted: readonly string[];
  readonly transactions: number;
  readonly chain: string;
}

/** Before the first transaction. */
export const NOTHING_CHAINED = "0".repeat(64);

/** One more transaction, and what the contract answered: SHA-256 over what there was before, as text, and both as canonical JSON. */
export const chained = (before: string, transactionId: string, appended: Appended): string =>
  toHex(sha256(Buffer.concat([Buffer.from(before, "latin1"), canonical({ transactionId, appended })])));

/** @throws ContractError `arguments-malformed` */
export function manifestFrom(json: string): Manifest {
  const parsed = parseStrict(json);
  if (parsed.problem !== undefined || !isManifest(parsed.value)) throw new ContractError("arguments-malformed");
  return parsed.value;
}

const text = (maxLength: number): object => ({ type: "string", minLength: 1, maxLength });
const isManifest = new Ajv({ strict: true }).compile<Manifest>({
  type: "object",
  properties: {
    network: text(200),
    certificate: text(10_000),
    genesis: genesisSchema,
    transactions: { type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
    chain: digest.schema,
  },
  required: ["network", "certificate", "genesis", "transactions", "chain"],
  additionalProperties: false,
});

/** MSP ID of the one organisation that kept a history. @throws ContractError `history-unfit` where there were several */
function keeperOf({ genesis }: Manifest): string {
  const [keeper, ...others] = Object.keys(genesis.hosts);
  if (keeper === undefined || others.length > 0) throw new ContractError("history-unfit");
  return keeper;
}

/**
 * Notes that an organisation admits a history; the takeover begins once more than half of them have admitted the same.
 * @param admissions what each organisation has admitted so far
 * @throws ContractError `history-unfit` where the authority is another, or the history was kept in a member's name
 */
export function admit(
  state: State,
  foundation: Foundation,
  admissions: ReadonlyMap<string, string>,
  mspId: string,
  manifest: Manifest,
): readonly string[] {
  if (manifest.genesis.authority.code !== foundation.authority.code) throw new ContractError("history-unfit");
  if (Object.hasOwn(foundation.hosts, keeperOf(manifest))) throw new ContractError("history-unfit");
  const digest = toHex(sha256(canonical(manifest)));
  state.put(keys.admission(mspId), digest);
  const others = [...admissions].filter(([other, admitted]) => other !== mspId && admitted === digest).map(([other]) => other);
  const admitted = [...others, mspId].sort();
  if (2 * admitted.length > Object.keys(foundation.hosts).length) {
    state.put(keys.genesis, { ...foundation, importing: true });
    state.put(keys.takeover, { manifest, admitted, transactions: 0, chain: NOTHING_CHAINED });
  }
  state.keep();
  return admitted;
}

/** A transaction of a history. */
export interface Past {
  readonly journal: string;
  readonly from: number;
  readonly batch: Uint8Array;
  readonly time: Date;
  readonly transactionId: string;
}

/** Appends what was appended then. @throws ContractError `history-not-admitted`, `history-differs`, `history-unfit`, and those of `append` */
export async function takeOver(stub: ChaincodeStub, foundation: Foundation, past: Past): Promise<Appended> {
  const state = new State(stub);
  const takeover = await state.read(keys.takeover);
  if (foundation.importing !== true || takeover === undefined) throw new ContractError("history-not-admitted");
  const { manifest } = takeover;
  const keeper = keeperOf(manifest);
  const history = new HistoryState(stub, keeper, foundation);
  const append = await Append.open(history, manifest.genesis, keeper, past.journal, past.from, past.time);
  await append.addAll(inflate(past.batch));
  const appended = append.close();
  const transactions = takeover.transactions + 1;
  const chain = chained(takeover.chain, past.transactionId, appended);
  if (transactions === manifest.transactions) {
    if (chain !== manifest.chain) throw new ContractError("history-differs");
    const { importing: _, ...rest } = foundation;
    state.put(keys.genesis, rest);
  }
  state.put(keys.takeover, { ...takeover, transactions, chain });
  state.keep();
  await history.write();
  await state.write();
  return appended;
}

/** The state as it was then: the one organisation that kept the ledger spoke for every party. From now on each party's own does. */
class HistoryState extends State {
  constructor(
    stub: ChaincodeStub,
    private readonly keeper: string,
    private readonly foundation: Foundation,
  ) {
    super(stub);
  }

  override get<V>(key: Key<V>): V | undefined {
    const value = super.get(key);
    return value !== undefined && isPartys(key) ? { ...value, host: this.keeper } : value;
  }

  override put<V>(key: Key<V>, value: V | undefined): void {
    super.put(key, value !== undefined && isPartys(key) ? { ...value, host: this.#hostOf((value as Party).roles) } : value);
  }

  /** @throws ContractError `history-unfit` where a party's roles are those of several organisations, or of none */
  #hostOf(roles: Party["roles"]): string {
    const [host, ...others] = new Set(roles.map((role) => hostOf(this.foundation, role)));
    if (host === undefined || others.length > 0) throw new ContractError("history-unfit");
    return host;
  }
}

const isPartys = (key: string): boolean => key.startsWith(PARTIES);
const PARTIES = keys.table(parties, "").slice(0, -1);
