/** Reading a ledger that no process has open, without changing a byte of it: opening a database rewrites its files, and with them traces. */
import { copyFile, link, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Block, LedgerError } from "../port";
import { openBlock } from "./block";
import { inUse, places, take } from "./files";
import { isOpen, Store } from "./store";

export interface StoreCopy {
  /** Of the copy's directory, where there is room for more. */
  readonly directory: string;
  /** @throws Error when the database cannot be read */
  open(): Promise<Store>;
  remove(): Promise<void>;
}

/**
 * Copies the database to a directory beside the ledger's; its tables, which never change, are linked.
 * @throws LedgerError `unavailable` when a process has the ledger open
 */
export async function copyStore(ledger: string): Promise<StoreCopy> {
  const { level } = places(ledger);
  const giveBack = take(ledger);
  try {
    return await copy(ledger, level);
  } finally {
    giveBack();
  }
}

async function copy(ledger: string, level: string): Promise<StoreCopy> {
  if (await isOpen(level)) throw inUse(ledger);
  const directory = await mkdtemp(`${resolve(ledger)}.copy-`);
  const copied = join(directory, "level");
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    await mkdir(copied);
    for (const name of await readdir(level)) {
      if (name.startsWith("LO")) continue; // LOCK, LOG
      const [from, to] = [join(level, name), join(copied, name)];
      if (name.endsWith(".ldb")) await link(from, to);
      else await copyFile(from, to);
    }
    if (await isOpen(level)) throw inUse(ledger);
  } catch (error) {
    await remove();
    throw error;
  }
  return { directory, open: () => Store.open(copied, false), remove };
}

/** The blocks of a ledger that no process has open. @throws LedgerError `unavailable` */
export async function* readBlocks(ledger: string): AsyncGenerator<Block, void> {
  const copy = await copyStore(ledger);
  let store: Store | undefined;
  try {
    store = await copy.open();
    for (let number = 0; ; number++) {
      const bytes = await store.block(number);
      if (bytes === undefined) return;
      yield openBlock(bytes);
    }
  } catch (cause) {
    throw cause instanceof LedgerError ? cause : new LedgerError("unavailable", "the ledger cannot be read", { cause });
  } finally {
    await store?.close();
    await copy.remove();
  }
}
