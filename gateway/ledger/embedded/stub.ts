/**
 * What a chaincode sees of the ledger: fabric-shim 2.5's `ChaincodeStub` over committed state. It records what was read, with versions,
 * and what is to be written; a transaction does not see its own writes, as in Fabric.
 */
import type {
  ChaincodeProposal,
  ChaincodeResponse,
  ChaincodeStub,
  Iterators,
  SerializedIdentity,
  StateQueryResponse,
} from "fabric-shim-api";
import { isUtf8 } from "node:buffer";
import { invoking } from "../../../chaincode/invoked";
import type { StateWrite } from "../port";
import { type Proposal, parseCreatorOnce, sha256, transactionId } from "./block";
import type { Creator } from "./identity";
import { query, type Query, RangeCursor, type RangeRead } from "./range";
import type { Snapshot, Version } from "./store";

/** Fabric's `ledger.state.totalQueryLimit`: a query ends there without a word. */
const QUERY_LIMIT = 100_000;
/** Arguments above this that are no text are not decoded: see {@link EmbeddedStub.getStringArgs}. */
const LONGEST_GARBLED_TEXT = 65_536;
const FIRST_KEY = "\u0001";
const COMPOSITE = "\u0000";
const LAST_RUNE = "\u{10ffff}";

export class EmbeddedStub implements ChaincodeStub {
  readonly #proposal: Proposal;
  readonly #state: Snapshot;
  readonly #mspId: string;
  readonly #creator: Creator;
  readonly #args: readonly Buffer[];
  readonly #txId: string;
  readonly #reads = new Map<string, Version | undefined>();
  readonly #cursors: RangeCursor[] = [];
  readonly #writes = new Map<string, Buffer | undefined>();
  #paginated = false;
  #event: { name: string; payload: Uint8Array } | undefined;

  /** @param mspId of the node that runs the chaincode */
  constructor(proposal: Proposal, state: Snapshot, mspId: string) {
    this.#proposal = proposal;
    this.#state = state;
    this.#mspId = mspId;
    this.#creator = parseCreatorOnce(proposal.creator);
    this.#txId = transactionId(proposal);
    this.#args = [Buffer.from(proposal.transaction), ...proposal.args.map(asBuffer)];
  }

  /** Version of each key read; undefined where there was none. */
  get reads(): ReadonlyMap<string, Version | undefined> {
    return this.#reads;
  }

  get ranges(): readonly RangeRead[] {
    return this.#cursors.map((cursor) => cursor.read);
  }

  /** In the byte order of keys. */
  get writes(): readonly StateWrite[] {
    return [...this.#writes]
      .map(([key, value]) => ({ bytes: Buffer.from(key), write: value === undefined ? { key } : { key, value } }))
      .sort((a, b) => a.bytes.compare(b.bytes))
      .map(({ write }) => write);
  }

  get event(): { readonly name: string; readonly payload: Uint8Array } | undefined {
    return this.#event;
  }

  /** Ends the queries that the chaincode left open. */
  async close(): Promise<void> {
    for (const cursor of this.#cursors) await cursor.close();
  }

  /** fabric-shim has it, its typings do not: name of the transaction, then the arguments, as bytes. */
  getBufferArgs(): readonly Buffer[] {
    return this.#args;
  }

  getArgs(): string[] {
    return this.getStringArgs();
  }

  /**
   * Bytes that are not UTF-8 get replacement characters, as in Fabric; but a long argument that is none (a compressed one) is the empty
   * string here, because nobody reads it so, and decoding would take 14 ms per MB.
   */
  getStringArgs(): string[] {
    return this.#args.map((bytes) => (bytes.length > LONGEST_GARBLED_TEXT && !isUtf8(bytes) ? "" : bytes.toString("utf8")));
  }

  getFunctionAndParameters(): { params: string[]; fcn: string } {
    const [fcn = "", ...params] = this.getStringArgs();
    return { fcn, params };
  }

  getTxID(): string {
    return this.#txId;
  }

  getChannelID(): string {
    return this.#proposal.channel;
  }

  getCreator(): SerializedIdentity {
    return { mspid: this.#creator.mspId, idBytes: this.#creator.idBytes };
  }

  getMspID(): string {
    return this.#mspId;
  }

  getTransient(): Map<string, Uint8Array> {
    return new Map();
  }

  getTxTimestamp(): never {
    return unsupported("getTxTimestamp (getDateTimestamp is)");
  }

  getDateTimestamp(): Date {
    return new Date(this.#proposal.time);
  }

  /** SHA-256 of nonce, creator and epoch 0. */
  getBinding(): string {
    return sha256(this.#proposal.nonce, this.#proposal.creator, Buffer.alloc(8)).toString("hex");
  }

  getState(key: string): Promise<Uint8Array> {
    return attempt(() => {
      checkKey(key);
      const stored = this.#state.get(key);
      if (!this.#reads.has(key)) this.#reads.set(key, stored?.version);
      return stored?.value ?? Buffer.alloc(0);
    });
  }

  /** An empty value deletes, as in Fabric. */
  putState(key: string, value: Uint8Array | string): Promise<void> {
    return attempt(() => this.#write(key, Buffer.from(value as Uint8Array)));
  }

  deleteState(key: string): Promise<void> {
    return attempt(() => this.#write(key, Buffer.alloc(0)));
  }

  getStateByRange(startKey: string, endKey: string): Query<Iterators.StateQueryIterator> {
    return query(attempt(() => this.#open(...simpleRange(startKey, endKey), QUERY_LIMIT)));
  }

  getStateByPartialCompositeKey(objectType: string, attributes: string[]): Query<Iterators.StateQueryIterator> {
    return query(attempt(() => this.#open(...this.#partial(objectType, attributes), QUERY_LIMIT)));
  }

  getStateByRangeWithPagination(
    startKey: string,
    endKey: string,
    pageSize: number,
    bookmark = "",
  ): Query<StateQueryResponse<Iterators.StateQueryIterator>> {
    return query(attempt(() => this.#page(simpleRange(startKey, endKey), pageSize, bookmark)));
  }

  getStateByPartialCompositeKeyWithPagination(
    objectType: string,
    attributes: string[],
    pageSize: number,
    bookmark = "",
  ): Query<StateQueryResponse<Iterators.StateQueryIterator>> {
    return query(attempt(() => this.#page(this.#partial(objectType, attributes), pageSize, bookmark)));
  }

  createCompositeKey(objectType: string, attributes: string[]): string {
    checkPart(objectType);
    if (!Array.isArray(attributes)) throw new Error("attributes must be an array");
    attributes.forEach(checkPart);
    return [`${COMPOSITE}${objectType}`, ...attributes, ""].join(COMPOSITE);
  }

  splitCompositeKey(compositeKey: string): { objectType: string; attributes: string[] } {
    if (!compositeKey.startsWith(COMPOSITE) || compositeKey.length < 2) return { objectType: "", attributes: [] };
    const [objectType = "", ...attributes] = compositeKey.slice(1).split(COMPOSITE);
    return { objectType, attributes: attributes.slice(0, -1) };
  }

  /** The last one of a transaction counts. */
  setEvent(name: string, payload: Uint8Array): void {
    if (typeof name !== "string" || name === "") throw new Error("Event name must be a non-empty string");
    this.#event = { name, payload: Buffer.from(payload) };
  }

  /** Of all that fabric-shim decodes, which chaincode it is for: `ChaincodeHeaderExtension` of fabric-protos, as fabric-shim gives it. */
  getSignedProposal(): ChaincodeProposal.SignedProposal {
    const getExtension_asU8 = (): Uint8Array => invoking(this.#proposal.chaincode);
    return { proposal: { header: { channelHeader: { getExtension_asU8 } } } } as unknown as ChaincodeProposal.SignedProposal;
  }
  getQueryResult(): Query<Iterators.StateQueryIterator> {
    return unsupported("getQueryResult");
  }
  getQueryResultWithPagination(): Query<StateQueryResponse<Iterators.StateQueryIterator>> {
    return unsupported("getQueryResultWithPagination");
  }
  getHistoryForKey(): Promise<Iterators.HistoryQueryIterator> & AsyncIterable<Iterators.KeyModification> {
    return unsupported("getHistoryForKey");
  }
  invokeChaincode(): Promise<ChaincodeResponse> {
    return unsupported("invokeChaincode");
  }
  setStateValidationParameter(): Promise<void> {
    return unsupported("setStateValidationParameter");
  }
  getStateValidationParameter(): Promise<Uint8Array> {
    return unsupported("getStateValidationParameter");
  }
  getPrivateData(): Promise<Uint8Array> {
    return unsupported("getPrivateData");
  }
  getPrivateDataHash(): Promise<Uint8Array> {
    return unsupported("getPrivateDataHash");
  }
  putPrivateData(): Promise<void> {
    return unsupported("putPrivateData");
  }
  deletePrivateData(): Promise<void> {
    return unsupported("deletePrivateData");
  }
  purgePrivateData(): Promise<void> {
    return unsupported("purgePrivateData");
  }
  setPrivateDataValidationParameter(): Promise<void> {
    return unsupported("setPrivateDataValidationParameter");
  }
  getPrivateDataValidationParameter(): Promise<Uint8Array> {
    return unsupported("getPrivateDataValidationParameter");
  }
  getPrivateDataByRange(): Query<Iterators.StateQueryIterator> {
    return unsupported("getPrivateDataByRange");
  }
  getPrivateDataByPartialCompositeKey(): Query<Iterators.StateQueryIterator> {
    return unsupported("getPrivateDataByPartialCompositeKey");
  }
  getPrivateDataQueryResult(): Query<Iterators.StateQueryIterator> {
    return unsupported("getPrivateDataQueryResult");
  }

  #write(key: string, value: Buffer): void {
    checkKey(key);
    if (this.#paginated) throw new Error("Transaction has already performed a paginated query. Writes are not allowed");
    this.#writes.set(key, value.length === 0 ? undefined : value);
  }

  async #open(start: string, end: string, limit: number): Promise<RangeCursor> {
    const cursor = new RangeCursor(this.#state, start, end, limit);
    this.#cursors.push(cursor);
    await cursor.fetch();
    return cursor;
  }

  async #page(
    [start, end]: readonly [string, string],
    pageSize: number,
    bookmark: string,
  ): Promise<StateQueryResponse<Iterators.StateQueryIterator>> {
    if (!(pageSize > 0)) throw new Error("pageSize must be positive");
    if (this.#writes.size > 0) throw new Error("Paginated queries are supported only in a read-only transaction");
    this.#paginated = true;
    const iterator = await this.#open(bookmark === "" ? start : bookmark, end, Math.min(pageSize, QUERY_LIMIT));
    return { iterator, metadata: await iterator.finish() };
  }

  #partial(objectType: string, attributes: string[]): [string, string] {
    const prefix = this.createCompositeKey(objectType, attributes);
    return [prefix, prefix + LAST_RUNE];
  }
}

function simpleRange(start: string, end: string): [string, string] {
  for (const key of [start, end])
    if (key.startsWith(COMPOSITE)) throw new Error(`first character of the key [${key}] contains a null character which is not allowed`);
  return [start === "" ? FIRST_KEY : start, end];
}

function checkKey(key: unknown): void {
  if (typeof key !== "string" || key === "") throw new Error("key must be a non-empty string");
  if (/\p{Surrogate}/u.test(key)) throw new Error("key must be Unicode text");
}

function checkPart(part: unknown): void {
  if (typeof part !== "string" || part === "") throw new Error("object type or attribute not a non-zero length string");
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** An error thrown on the way is the promise's. */
const attempt = <T>(work: () => T | Promise<T>): Promise<T> => new Promise((resolve) => resolve(work()));

function unsupported(name: string): never {
  throw new Error(`${name} is not supported by the embedded ledger`);
}
