/**
 * Runs a `fabric-contract-api` contract as fabric-shim 2.5's contract-spi does: which transactions it has, how arguments and results
 * cross, which hooks run when, and that of an error only the message leaves.
 */
import "reflect-metadata";
import type { Contract, JSONSerializer } from "fabric-contract-api";
import type { ClientIdentity } from "fabric-shim-api";
import { createRequire } from "node:module";
import { isDatabaseError } from "../../database-copy";
import { LedgerError } from "../port";
import { type Endorsement, type Proposal, parseCreatorOnce } from "./block";
import type { Creator } from "./identity";
import type { Snapshot } from "./store";
import { EmbeddedStub } from "./stub";

interface Parameter {
  readonly name: string;
  readonly schema: { readonly type?: string };
}

interface Declared {
  readonly name: string;
  /** Missing: any number, all of them strings. */
  readonly parameters?: readonly Parameter[];
}

interface Api {
  readonly Contract: { readonly prototype: object };
  readonly JSONSerializer: new () => JSONSerializer;
}

/** What a transaction did when it was tried: what is signed for, and the stub that knows what it read. */
export interface Endorsed {
  readonly endorsement: Endorsement;
  readonly stub: EmbeddedStub;
}

export class Chaincode {
  readonly #contract: Contract;
  readonly #transactions: ReadonlyMap<string, Declared>;
  readonly #mspId: string;
  readonly #serializer: JSONSerializer;
  /** What its module calls `version`, if anything. */
  readonly version: string | undefined;

  /**
   * @param path module whose default export is the contract class
   * @param mspId of the node that runs it
   * @throws Error when there is none, or it takes parameters other than strings, numbers and booleans
   */
  constructor(path: string, mspId: string) {
    const api = load("fabric-contract-api") as Api;
    const module = load(path) as { readonly default?: unknown; readonly version?: string };
    if (typeof module.default !== "function") throw new Error(`${path} exports no contract as its default`);
    const contract: unknown = new (module.default as new () => unknown)();
    if (!isContract(contract)) throw new Error(`the default export of ${path} is not a fabric-contract-api Contract`);
    this.#contract = contract;
    this.#transactions = new Map(
      declaredBy(contract, Object.getOwnPropertyNames(api.Contract.prototype)).map((declared) => [declared.name, declared]),
    );
    this.#mspId = mspId;
    this.version = module.version;
    this.#serializer = new api.JSONSerializer();
  }

  /** Tries a transaction on a state. @throws LedgerError `refused` with the chaincode's message; `unavailable` when the state cannot be read */
  async endorse(proposal: Proposal, state: Snapshot): Promise<Endorsed> {
    const stub = new EmbeddedStub(proposal, state, this.#mspId);
    try {
      const result = await this.#invoke(stub, new Identity(parseCreatorOnce(proposal.creator)));
      const { event, writes } = stub;
      const { version } = this;
      return { stub, endorsement: { height: state.height, result, writes, version, ...(event === undefined ? {} : { event }) } };
    } catch (error) {
      if (isDatabaseError(error)) throw new LedgerError("unavailable", "the state cannot be read", { cause: error });
      throw new LedgerError("refused", error instanceof Error ? error.message : String(error), { cause: error });
    } finally {
      await stub.close();
    }
  }

  async #invoke(stub: EmbeddedStub, identity: ClientIdentity): Promise<Uint8Array> {
    const contract = this.#contract;
    const context = contract.createContext();
    context.stub = stub;
    context.clientIdentity = identity;
    const { fcn, params } = stub.getFunctionAndParameters();
    const declared = this.#transactions.get(fcn);
    if (declared === undefined) {
      await contract.unknownTransaction(context);
      return new Uint8Array();
    }
    const parameters = this.#convert(declared, params);
    await contract.beforeTransaction(context);
    // The typings say a function; it is the function's name that is passed, and the result that comes back.
    const around = contract.aroundTransaction.bind(contract) as unknown as (...call: unknown[]) => Promise<unknown>;
    const result = await around(context, fcn, parameters);
    await contract.afterTransaction(context, result);
    return result === undefined || result === null ? new Uint8Array() : this.#serializer.toBuffer(result, {});
  }

  #convert({ parameters }: Declared, values: readonly string[]): unknown[] {
    if (parameters === undefined) return [...values];
    if (parameters.length !== values.length)
      throw new Error(`Expected ${parameters.length} parameters, but ${values.length} have been supplied`);
    return parameters.map(({ schema }, position) => {
      const value = values[position] ?? "";
      if (schema.type === "string") return value;
      const converted = this.#serializer.fromBuffer(Buffer.from(value), { properties: { prop: schema } }) as { value: unknown };
      return converted.value;
    });
  }
}

/** By its mark, as fabric-shim does: a packaged contract brings its own copy of the class. */
const isContract = (value: unknown): value is Contract => (value as { readonly __isContract?: unknown }).__isContract === true;

/** Loaded, fabric-contract-api prints to stdout and swallows uncaught errors of the whole process: neither is its business here. */
function load(path: string): unknown {
  process.env["CORE_CHAINCODE_LOGGING_LEVEL"] ??= "CRITICAL";
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.flatMap((event) => process.rawListeners(event));
  const loaded: unknown = createRequire(__filename)(path);
  for (const event of events)
    for (const listener of process.rawListeners(event))
      if (!before.includes(listener)) process.removeListener(event, listener as () => void);
  return loaded;
}

/** The annotated transactions; without annotations, the class's own methods that are no hooks. */
function declaredBy(contract: Contract, hooks: readonly string[]): readonly Declared[] {
  const annotated = Reflect.getMetadata("fabric:transactions", contract) as readonly Declared[] | undefined;
  if (annotated !== undefined && annotated.length > 0) {
    for (const { name, parameters = [] } of annotated)
      for (const { schema } of parameters)
        if (!["string", "number", "boolean"].includes(schema.type ?? ""))
          throw new Error(`transaction ${name} has a parameter that is no string, number or boolean`);
    return annotated;
  }
  const prototype = Object.getPrototypeOf(contract) as Record<string, unknown>;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const method = prototype[name];
    if (typeof method !== "function" || name.startsWith("_") || hooks.includes(name)) return [];
    const parameters = Array.from({ length: method.length - 1 }, (_, i) => ({ name: `arg${i}`, schema: { type: "string" } }));
    return [method.length > 1 ? { name, parameters } : { name }];
  });
}

/** The identity that signed the proposal, as a contract asks for it. */
class Identity implements ClientIdentity {
  readonly #creator: Creator;

  constructor(creator: Creator) {
    this.#creator = creator;
  }

  getID(): string {
    return this.#creator.id;
  }

  getIDBytes(): Uint8Array {
    return this.#creator.idBytes;
  }

  getMSPID(): string {
    return this.#creator.mspId;
  }

  getAttributeValue(name: string): string | null {
    const { attributes } = this.#creator;
    return Object.hasOwn(attributes, name) ? (attributes[name] ?? null) : null;
  }

  assertAttributeValue(name: string, value: string): boolean {
    return this.getAttributeValue(name) === value;
  }
}
