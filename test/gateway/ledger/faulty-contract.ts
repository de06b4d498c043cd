/** A contract that does to the ledger's thread and store what should never happen. */
import type { Context } from "fabric-contract-api";
import { createRequire } from "node:module";
import { isMainThread } from "node:worker_threads";
import ProbeContract from "../../suites/probe-contract";

type Write = (this: object, options: object) => Promise<void>;
const { ChainedBatch } = createRequire(__filename)("classic-level/chained-batch") as { ChainedBatch: { prototype: { _write: Write } } };

export default class FaultyContract extends ProbeContract {
  // fabric-shim takes a contract's own methods for its transactions, not those it inherits.
  override put(ctx: Context, key: string, value: string): Promise<void> {
    return super.put(ctx, key, value);
  }

  override get(ctx: Context, key: string): Promise<string> {
    return super.get(ctx, key);
  }

  /** The thread ends while a transaction is being endorsed. */
  dieNow(): Promise<void> {
    process.exit(1);
  }

  /** The thread ends once the block is durable, before anyone is answered. */
  async dieAfterCommit(ctx: Context, key: string): Promise<void> {
    await this.put(ctx, key, "stored");
    replaceWrite(async function (write, options) {
      await write.call(this, options);
      process.exit(1);
    });
  }

  /** The disk takes nothing. */
  async failBeforeWrite(ctx: Context, key: string): Promise<void> {
    await this.put(ctx, key, "never");
    replaceWrite(() => Promise.reject(new Error("ENOSPC")));
  }

  /** The disk takes the block and reports a failure. */
  async failAfterWrite(ctx: Context, key: string): Promise<void> {
    await this.put(ctx, key, "stored");
    replaceWrite(async function (write, options) {
      await write.call(this, options);
      throw new Error("EIO");
    });
  }

  /** A mistake that no one awaits. */
  async mistake(ctx: Context, key: string): Promise<void> {
    await this.put(ctx, key, "stored");
    setImmediate(() => {
      throw new Error("nobody catches this");
    });
  }

  busy(_ctx: Context, milliseconds: string): Promise<void> {
    const end = Date.now() + Number(milliseconds);
    while (Date.now() < end);
    return Promise.resolve();
  }

  async fill(ctx: Context, prefix: string, count: string): Promise<void> {
    for (let i = 0; i < Number(count); i++) await ctx.stub.putState(prefix + String(i).padStart(7, "0"), Buffer.from("x"));
  }

  async count(ctx: Context, prefix: string): Promise<number> {
    let count = 0;
    for await (const { value } of ctx.stub.getStateByRange(prefix, `${prefix}~`)) count += value.length;
    return count;
  }

  /** Looks at the first result of a range and stops. */
  async first(ctx: Context, prefix: string, target: string): Promise<string> {
    for await (const { key } of ctx.stub.getStateByRange(prefix, `${prefix}~`)) {
      await ctx.stub.putState(target, Buffer.from(key));
      return key;
    }
    return "";
  }
}

function replaceWrite(replacement: (this: object, write: Write, options: object) => Promise<void>): void {
  if (isMainThread) return; // a replay
  const original = ChainedBatch.prototype._write;
  ChainedBatch.prototype._write = function (options) {
    return replacement.call(this, original, options);
  };
}
