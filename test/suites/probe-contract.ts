/** A contract that shows what a ledger does: each transaction brings one of its promises to light. Deployed on every adapter under test. */
import { Context, Contract } from "fabric-contract-api";
import { createHash } from "node:crypto";
import { invokedName } from "../../chaincode/invoked";

export const version = "1";

export default class ProbeContract extends Contract {
  constructor() {
    super("probe");
  }

  async put(ctx: Context, key: string, value: string): Promise<void> {
    await ctx.stub.putState(key, Buffer.from(value));
  }

  async remove(ctx: Context, key: string): Promise<void> {
    await ctx.stub.deleteState(key);
  }

  async get(ctx: Context, key: string): Promise<string> {
    return text(await ctx.stub.getState(key));
  }

  /** @returns bytes that a missing key reads as */
  async size(ctx: Context, key: string): Promise<number> {
    const value: unknown = await ctx.stub.getState(key);
    return value instanceof Uint8Array ? value.length : -1;
  }

  /** Reads what it has just written, and what it has just deleted. */
  async readOwnWrites(ctx: Context, written: string, deleted: string): Promise<string> {
    await ctx.stub.putState(written, Buffer.from("new"));
    await ctx.stub.deleteState(deleted);
    const keys: string[] = [];
    for await (const { key } of ctx.stub.getStateByRange(written, `${written}~`)) keys.push(key);
    return JSON.stringify([text(await ctx.stub.getState(written)), text(await ctx.stub.getState(deleted)), keys.length]);
  }

  async range(ctx: Context, start: string, end: string): Promise<string> {
    const keys: string[] = [];
    for await (const { key } of ctx.stub.getStateByRange(start, end)) keys.push(key);
    return JSON.stringify(keys);
  }

  async page(ctx: Context, start: string, end: string, size: string, bookmark: string): Promise<string> {
    const { iterator, metadata } = await ctx.stub.getStateByRangeWithPagination(start, end, Number(size), bookmark);
    const keys: string[] = [];
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) keys.push(next.value.key);
    await iterator.close();
    return JSON.stringify({ keys, count: metadata.fetchedRecordsCount, bookmark: metadata.bookmark });
  }

  async putComposite(ctx: Context, type: string, attributes: string, value: string): Promise<void> {
    await ctx.stub.putState(ctx.stub.createCompositeKey(type, JSON.parse(attributes) as string[]), Buffer.from(value));
  }

  async scanComposite(ctx: Context, type: string, attributes: string): Promise<string> {
    const found: string[][] = [];
    for await (const { key } of ctx.stub.getStateByPartialCompositeKey(type, JSON.parse(attributes) as string[]))
      found.push(ctx.stub.splitCompositeKey(key).attributes);
    return JSON.stringify(found);
  }

  /** Reads and writes one key: two at once conflict. */
  async increment(ctx: Context, key: string): Promise<number> {
    const count = Number(text(await ctx.stub.getState(key))) + 1;
    await ctx.stub.putState(key, Buffer.from(String(count)));
    return count;
  }

  /** Counts the keys below a prefix and adds one: two at once are phantoms to each other. */
  async enrol(ctx: Context, prefix: string, name: string): Promise<number> {
    let count = 0;
    for await (const entry of ctx.stub.getStateByRange(prefix, `${prefix}~`)) if (entry.key !== "") count++;
    await ctx.stub.putState(prefix + name, Buffer.from(String(count)));
    return count;
  }

  /** Sets an event for each name; the last one should count. */
  announce(ctx: Context, ...names: string[]): Promise<void> {
    for (const name of names) ctx.stub.setEvent(name, Buffer.from(`payload of ${name}`));
    return Promise.resolve();
  }

  async fail(ctx: Context, key: string, message: string): Promise<void> {
    await ctx.stub.putState(key, Buffer.from("never"));
    throw new RangeError(message);
  }

  whoami(ctx: Context): Promise<string> {
    const { clientIdentity, stub } = ctx;
    const { mspid, idBytes } = stub.getCreator();
    return Promise.resolve(
      JSON.stringify({
        mspId: clientIdentity.getMSPID(),
        id: clientIdentity.getID(),
        role: clientIdentity.getAttributeValue("role"),
        none: clientIdentity.getAttributeValue("nothing"),
        creatorMspId: mspid,
        certificate: text(idBytes),
      }),
    );
  }

  /** @returns SHA-256 of the first argument's bytes */
  digest(ctx: Context): Promise<string> {
    const [, bytes = Buffer.alloc(0)] = (ctx.stub as unknown as { getBufferArgs(): readonly Uint8Array[] }).getBufferArgs();
    return Promise.resolve(createHash("sha256").update(bytes).digest("hex"));
  }

  /** @returns name of the chaincode that the signed proposal is for */
  invoked(ctx: Context): Promise<string> {
    return Promise.resolve(invokedName(ctx.stub));
  }

  async stamp(ctx: Context, key: string): Promise<string> {
    const stamp = JSON.stringify({ id: ctx.stub.getTxID(), time: ctx.stub.getDateTimestamp().toISOString() });
    await ctx.stub.putState(key, Buffer.from(stamp));
    return stamp;
  }

  _hidden(): Promise<string> {
    return Promise.resolve("must not be called");
  }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
