/** The read model made again from the ledger's blocks. */
import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { Block } from "../ledger/port";
import { Projection } from "./projection";
import { openStore } from "./store";

/**
 * The read model as it was stays beside the new one.
 * @param directory the projector's
 * @param blocks from the first
 * @param onProgress blocks done
 * @returns where the old one is, if there was one
 * @throws Error where the blocks do not make the roots that they state; what `blocks` throws
 */
export async function rebuildIndex(
  directory: string,
  blocks: AsyncIterable<Block>,
  onProgress: (done: number) => void,
): Promise<string | undefined> {
  const [made, old] = [`${directory}.made`, `${directory}.damaged-${Date.now()}`];
  await rm(made, { recursive: true, force: true });
  const store = await openStore(made);
  try {
    const projection = await Projection.open(store);
    for await (const block of blocks) {
      await projection.project(block);
      onProgress(projection.height);
    }
  } finally {
    await store.close();
  }
  const there = existsSync(directory);
  if (there) await rename(directory, old);
  await rename(made, directory);
  return there ? old : undefined;
}
