/** The probe's next version: one of its rules has changed, the others have not. */
import type { Context } from "fabric-contract-api";
import ProbeContract from "../../suites/probe-contract";

export const version = "2";

export default class ChangedContract extends ProbeContract {
  // A contract's transactions are its own methods, not those it inherits.
  override put(ctx: Context, key: string, value: string): Promise<void> {
    return super.put(ctx, key, value);
  }

  override remove(ctx: Context, key: string): Promise<void> {
    return super.remove(ctx, key);
  }

  override putComposite(ctx: Context, type: string, attributes: string, value: string): Promise<void> {
    return super.putComposite(ctx, type, attributes, value);
  }

  override announce(ctx: Context, ...names: string[]): Promise<void> {
    return super.announce(ctx, ...names);
  }

  override enrol(ctx: Context, prefix: string, name: string): Promise<number> {
    return super.enrol(ctx, prefix, name);
  }

  /** By two. */
  override async increment(ctx: Context, key: string): Promise<number> {
    const count = Number(Buffer.from(await ctx.stub.getState(key)).toString("utf8")) + 2;
    await ctx.stub.putState(key, Buffer.from(String(count)));
    return count;
  }
}
