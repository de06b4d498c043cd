/** The world state made again: it is what the valid transactions wrote, and the blocks say what that was. */
import { rename, rm } from "node:fs/promises";
import { decodeBlock, decodeEndorsement } from "./block";
import { copyStore } from "./copy";
import { places } from "./files";
import { Store } from "./store";
import { BlockUpdates } from "./validate";

/**
 * Only for a ledger whose blocks have been verified: it is made of whatever they say. The database as it was stays beside the new one.
 * @param onProgress blocks done
 * @returns where the old database is
 * @throws LedgerError `unavailable` when a process has the ledger open; Error when a block cannot be read
 */
export async function rebuildState(directory: string, onProgress: (done: number) => void): Promise<string> {
  const { level } = places(directory);
  const [made, old] = [`${level}.made`, `${level}.damaged-${Date.now()}`];
  await rm(made, { recursive: true, force: true });
  const copy = await copyStore(directory);
  let from: Store | undefined;
  let to: Store | undefined;
  try {
    [from, to] = [await copy.open(), await Store.open(made, true)];
    await to.found(from.genesis() ?? Buffer.alloc(0));
    for (let number = 0; ; number++) {
      const bytes = await from.block(number);
      if (bytes === undefined) break;
      const state = to.snapshot(number);
      const updates = new BlockUpdates(number, state);
      for (const [position, { valid, endorsement }] of decodeBlock(bytes).transactions.entries())
        if (valid) updates.apply(position, decodeEndorsement(endorsement).writes);
      await to.commit(number, bytes, updates.all);
      await state.release();
      onProgress(number + 1);
    }
  } finally {
    await to?.close();
    await from?.close();
    await copy.remove();
  }
  await rename(level, old);
  await rename(made, level);
  return old;
}
