/** A read model in a directory of its own, built from blocks. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Projection } from "../../../gateway/index/projection";
import { ReadModel } from "../../../gateway/index/read-model";
import { openStore } from "../../../gateway/index/store";
import type { Block } from "../../../gateway/ledger/port";

export const newDirectory = (): Promise<string> => mkdtemp(join(tmpdir(), "suyuan-index-"));

/** Projects blocks, beginning where the read model is. */
export async function project(directory: string, blocks: readonly Block[]): Promise<void> {
  const store = await openStore(directory);
  try {
    const projection = await Projection.open(store);
    for (const block of blocks) await projection.apply(projection.decode(block));
  } finally {
    await store.close();
  }
}

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

/** What the queries are asked of. */
export async function withReadModel<T>(blocks: readonly Block[], work: (readModel: ReadModel) => Promise<T>): Promise<T> {
  const directory = await newDirectory();
  await project(directory, blocks);
  const readModel = await ReadModel.open(directory);
  try {
    return await work(readModel);
  } finally {
    await readModel.close();
    await rm(directory, { recursive: true });
  }
}
