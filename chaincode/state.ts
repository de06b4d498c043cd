/** The world state as one transaction sees it: read once, changed in memory, written once at the end. */
import type { ChaincodeStub } from "fabric-shim-api";

/** A key of several parts, as Fabric's composite keys are written. */
export const compositeKey = (...parts: readonly [string, ...string[]]): string => `\u0000${parts.join("\u0000")}\u0000`;

export const splitKey = (key: string): readonly string[] => key.slice(1, -1).split("\u0000");

/** Numbers in keys, so that their byte order is their numeric order. */
export const padded = (number: number): string => number.toString().padStart(16, "0");

export const keys = {
  genesis: compositeKey("genesis"),
  head: (journal: string) => compositeKey("head", journal),
  root: (journal: string, size: number) => compositeKey("root", journal, padded(size)),
  chain: (kind: string, id: string, journal: string) => compositeKey("chain", kind, id, journal),
  holdings: (authorization: string, journal: string) => compositeKey("holdings", authorization, journal),
  page: (authorization: string, journal: string, page: number) => compositeKey("page", authorization, journal, padded(page)),
  finding: (journal: string, index: number) => compositeKey("finding", journal, padded(index)),
  table: (name: string, id: string) => compositeKey("table", name, id),
};

/** What was asked for has not been read from the ledger yet: read it, and ask again. */
export class NotLoaded extends Error {
  constructor(readonly key: string) {
    super(key);
  }
}

/** A value is any JSON value; undefined is none. */
export class State {
  readonly #stub: ChaincodeStub;
  readonly #values = new Map<string, unknown>();
  readonly #changed = new Set<string>();
  #draft = new Map<string, unknown>();

  constructor(stub: ChaincodeStub) {
    this.#stub = stub;
  }

  async load(key: string): Promise<void> {
    if (this.#values.has(key)) return;
    const bytes = await this.#stub.getState(key);
    this.#values.set(key, bytes.length === 0 ? undefined : JSON.parse(Buffer.from(bytes).toString("utf8")));
  }

  async read<T>(key: string): Promise<T | undefined> {
    await this.load(key);
    return this.get<T>(key);
  }

  /** @throws NotLoaded */
  get<T>(key: string): T | undefined {
    if (this.#draft.has(key)) return this.#draft.get(key) as T | undefined;
    const value = this.#values.get(key);
    if (value === undefined && !this.#values.has(key)) throw new NotLoaded(key);
    return value as T | undefined;
  }

  /** Changes a value for what comes after, once the draft is kept. */
  put(key: string, value: unknown): void {
    this.#draft.set(key, value);
  }

  keep(): void {
    for (const [key, value] of this.#draft) {
      this.#values.set(key, value);
      this.#changed.add(key);
    }
    this.#draft = new Map();
  }

  drop(): void {
    this.#draft = new Map();
  }

  /** Writes what has changed, in the order in which it first did. */
  async write(): Promise<void> {
    for (const key of this.#changed) {
      const value = this.#values.get(key);
      if (value === undefined) await this.#stub.deleteState(key);
      else await this.#stub.putState(key, Buffer.from(JSON.stringify(value), "utf8"));
    }
  }
}
