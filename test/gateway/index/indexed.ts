/** A read model in a directory of its own, built from blocks. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Projection } from "../../../gateway/index/projection";
import { ReadModel } from "../../../gateway/index/read-model";
import { openStore } from "../../../gateway/index/store";
import type { Reader } from "../../../gateway/index/reader";
import type { Block } from "../../../gateway/ledger/port";
import { Story } from "./story";

export const newDirectory = (): Promise<string> => mkdtemp(join(tmpdir(), "suyuan-index-"));

/** Projects blocks, beginning where the read model is. */
export async function project(directory: string, blocks: readonly Block[]): Promise<void> {
  const store = await openStore(directory);
  try {
    const projection = await Projection.open(store);
    for (const block of blocks) await projection.project(block);
  } finally {
    await store.close();
  }
}

const postponed = (block: Block, by: number): Block => ({
  ...block,
  transactions: block.transactions.map((it) => ({ ...it, time: new Date(Date.parse(it.time) + by).toISOString() })),
});

/** All that the database holds, key by key. */
export async function contents(directory: string): Promise<Map<string, string>> {
  const store = await openStore(directory);
  try {
    const entries = await store.iterator().all();
    return new Map(entries.map(([key, value]) => [key, value.toString("hex")]));
  } finally {
    await store.close();
  }
}

/** Tells a story in the world of {@link Story.world}, and asks the read model about it. @param later how much later the last block came, milliseconds */
export async function told<T>(
  tell: (story: Story) => Promise<T>,
  ask: (told: T, readModel: ReadModel, reader: Reader, story: Story) => Promise<unknown>,
  later = 0,
): Promise<void> {
  const story = await Story.world();
  const directory = await newDirectory();
  try {
    const result = await tell(story);
    const blocks = await story.blocks();
    const inTime = blocks.slice(0, -1);
    await project(directory, [...inTime, ...blocks.slice(-1).map((block) => postponed(block, later))]);
    const readModel = await ReadModel.open(directory);
    try {
      await ask(result, readModel, await readModel.reader(), story);
    } finally {
      await readModel.close();
    }
  } finally {
    await story.close();
    await rm(directory, { recursive: true });
  }
}
