/** The world state as one transaction sees it: read once, changed in memory, written once at the end. */
import type { ChaincodeStub } from "fabric-shim-api";
import { type Bulk, bulkOf } from "./bulk";
import type { Found, Table } from "./events/definition";
import type { Head, Step } from "./append";
import type { Foundation } from "./genesis";
import type { JournalCount, PartCount, PartKind } from "./holdings";
import type { HoldingsPage } from "./proof/holdings-page";
import type { Takeover } from "./takeover";
import type { SubjectChainState } from "./proof/subject-chain";

/** A key of several parts, as Fabric's composite keys are written. */
export const compositeKey = (...parts: readonly [string, ...string[]]): string => `\u0000${parts.join("\u0000")}\u0000`;

export const splitKey = (key: string): readonly string[] => key.slice(1, -1).split("\u0000");

/** Numbers in keys, so that their byte order is their numeric order. */
export const padded = (number: number): string => number.toString().padStart(16, "0");

/** A key that knows the type of its value. */
export type Key<V> = string & { readonly value?: V };

export const keys = {
  genesis: compositeKey("genesis") as Key<Foundation>,
  head: (journal: string): Key<Head> => compositeKey("head", journal),
  root: (journal: string, size: number): Key<Step> => compositeKey("root", journal, padded(size)),
  chain: (kind: string, id: string, journal: string): Key<SubjectChainState> => compositeKey("chain", kind, id, journal),
  holdings: (authorization: string, journal: string): Key<JournalCount> => compositeKey("holdings", authorization, journal),
  /** Of what one party declared under a scenario, or for a product. */
  part: (authorization: string, kind: PartKind, id: string, journal: string, party: string): Key<PartCount> =>
    compositeKey("part", authorization, kind, id, journal, party),
  page: (authorization: string, journal: string, page: number): Key<HoldingsPage> =>
    compositeKey("page", authorization, journal, padded(page)),
  /** Which history an organisation's administrator admits: SHA-256 of its manifest, hex. */
  admission: (mspId: string): Key<string> => compositeKey("admission", mspId),
  takeover: compositeKey("takeover") as Key<Takeover>,
  finding: (journal: string, index: number): Key<Found> => compositeKey("finding", journal, padded(index)),
  table: <R>(table: Table<R>, id: string): Key<R> => compositeKey("table", table.name, id),
};

/** Keys that were put together before: the same few are asked for again and again. */
export class KnownKeys<T> {
  readonly #keys = new Map<T, Map<string, string>>();

  constructor(private readonly make: (type: T, id: string) => string) {}

  of(type: T, id: string): string {
    let keys = this.#keys.get(type);
    if (keys === undefined) this.#keys.set(type, (keys = new Map<string, string>()));
    let key = keys.get(id);
    if (key === undefined) keys.set(id, (key = this.make(type, id)));
    return key;
  }
}

/** What was asked for has not been read from the ledger yet: read it, and ask again. */
export class NotLoaded extends Error {
  key = "";
  /** Whether it is all keys below this one that are missing. */
  isRange = false;
}

/** A value is any JSON value; undefined is none. */
export class State {
  readonly #stub: ChaincodeStub;
  readonly #bulk: Bulk | undefined;
  readonly #values = new Map<string, unknown>();
  readonly #changed = new Set<string>();
  readonly #draft = new Map<string, unknown>();
  readonly #ranges = new Set<string>();
  /** One for all: it is thrown hundreds of times in a transaction, and a new error would collect its stack each time. */
  readonly #notLoaded = new NotLoaded("not loaded");

  constructor(stub: ChaincodeStub) {
    this.#stub = stub;
    this.#bulk = bulkOf(stub);
  }

  /** Whether many keys are read at the cost of one, so that it pays to know them beforehand. */
  get readsInBulk(): boolean {
    return this.#bulk !== undefined;
  }

  async load(key: string): Promise<void> {
    if (this.#values.has(key)) return;
    this.#loaded(key, await this.#stub.getState(key));
  }

  /** In one round. @param wanted keys that have not been read */
  async loadTogether(wanted: readonly string[]): Promise<void> {
    if (this.readsInBulk) await this.loadAll(new Set(wanted));
    else await Promise.all(wanted.map((key) => this.load(key)));
  }

  /** What {@link under} asks for. */
  async loadUnder(range: string): Promise<void> {
    const [type = "", ...parts] = splitKey(range);
    for await (const { key, value } of this.#stub.getStateByPartialCompositeKey(type, parts))
      if (!this.#values.has(key)) this.#loaded(key, value);
    this.#ranges.add(range);
  }

  /** @param wanted keys that have not been read. Only where {@link readsInBulk} */
  async loadAll(wanted: ReadonlySet<string>): Promise<void> {
    const keys = [...wanted];
    const values = (await this.#bulk?.read(keys)) ?? [];
    if (values.length !== keys.length) throw new Error(`${values.length} values for ${keys.length} keys`);
    keys.forEach((key, i) => this.#loaded(key, values[i] ?? new Uint8Array()));
  }

  #loaded(key: string, bytes: Uint8Array): void {
    this.#values.set(key, bytes.length === 0 ? undefined : JSON.parse(Buffer.from(bytes).toString("utf8")));
  }

  /** Whether it has been read. */
  knows(key: string): boolean {
    return this.#values.has(key);
  }

  /** What stands there already, as another value tells: it need not be read. */
  know<V>(key: Key<V>, value: V | undefined): void {
    if (!this.#values.has(key)) this.#values.set(key, value);
  }

  async read<V>(key: Key<V>): Promise<V | undefined> {
    await this.load(key);
    return this.get(key);
  }

  /** @throws NotLoaded */
  get<V>(key: Key<V>): V | undefined {
    if (this.#draft.size > 0 && this.#draft.has(key)) return this.#draft.get(key) as V | undefined;
    const value = this.#values.get(key);
    if (value === undefined && !this.#values.has(key)) {
      this.#notLoaded.key = key;
      this.#notLoaded.isRange = false;
      throw this.#notLoaded;
    }
    return value as V | undefined;
  }

  /**
   * The values of all keys with these first parts, by key, changed ones as they are now: only for what is asked seldom, since another transaction that
   * changes any of them makes this one invalid.
   * @throws NotLoaded with the first parts as its key
   */
  entriesUnder<V>(...parts: readonly [string, ...string[]]): readonly (readonly [key: Key<V>, value: V])[] {
    const range = compositeKey(...parts);
    if (!this.#ranges.has(range)) {
      this.#notLoaded.key = range;
      this.#notLoaded.isRange = true;
      throw this.#notLoaded;
    }
    const keys = new Set([...this.#values.keys(), ...this.#draft.keys()].filter((key) => key.startsWith(range)));
    return [...keys].sort().flatMap((key) => {
      const value = this.get<V>(key);
      return value === undefined ? [] : [[key, value] as const];
    });
  }

  /** The values alone. @throws NotLoaded as {@link entriesUnder} */
  under(...parts: readonly [string, ...string[]]): readonly unknown[] {
    return this.entriesUnder(...parts).map(([, value]) => value);
  }

  /** Changes a value for what comes after, once the draft is kept. */
  put<V>(key: Key<V>, value: V | undefined): void {
    this.#draft.set(key, value);
  }

  keep(): void {
    if (this.#draft.size === 0) return;
    for (const [key, value] of this.#draft) {
      this.#values.set(key, value);
      this.#changed.add(key);
    }
    this.#draft.clear();
  }

  drop(): void {
    this.#draft.clear();
  }

  /** Writes what has changed, in the order in which it first did. */
  async write(): Promise<void> {
    const writes = [...this.#changed].map((key) => {
      const value = this.#values.get(key);
      return [key, value === undefined ? undefined : Buffer.from(JSON.stringify(value), "utf8")] as const;
    });
    if (this.#bulk !== undefined) await this.#bulk.write(writes);
    else for (const [key, value] of writes) await (value === undefined ? this.#stub.deleteState(key) : this.#stub.putState(key, value));
  }
}
