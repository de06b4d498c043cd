/** Reading a ledger that no process has open, without changing a byte of it: opening a database rewrites its files, and with them traces. */
import { copyDatabase, type DatabaseCopy, DatabaseInUse, demandTables } from "../../database-copy";
import { type Block, LedgerError } from "../port";
import { openBlock } from "./block";
import { inUse, places, take } from "./files";
import { decodeGenesis, type Genesis } from "./genesis";
import { Store } from "./store";

export interface StoreCopy extends DatabaseCopy {
  /** @throws Error when the database cannot be read */
  open(): Promise<Store>;
}

/** @throws LedgerError `unavailable` when a process has the ledger open */
export async function copyStore(ledger: string): Promise<StoreCopy> {
  const giveBack = take(ledger);
  try {
    const copy = await copyDatabase(places(ledger).level);
    const open = async (): Promise<Store> => {
      await demandTables(copy.database);
      return Store.open(copy.database, false);
    };
    return { ...copy, open };
  } catch (error) {
    throw error instanceof DatabaseInUse ? inUse(ledger, error) : error;
  } finally {
    giveBack();
  }
}

/** What a ledger that no process has open is. @throws LedgerError `unavailable` */
export async function readGenesis(ledger: string): Promise<Genesis> {
  for await (const genesis of reading(ledger, (store) => [decodeGenesis(store.genesis() ?? Buffer.alloc(0))])) return genesis;
  throw new LedgerError("unavailable", "the ledger cannot be read");
}

/** The blocks of a ledger that no process has open. @throws LedgerError `unavailable` */
export const readBlocks = (ledger: string): AsyncGenerator<Block, void> =>
  reading(ledger, async function* (store) {
    for (let number = 0; ; number++) {
      const bytes = await store.block(number);
      if (bytes === undefined) return;
      yield openBlock(bytes);
    }
  });

async function* reading<T>(ledger: string, work: (store: Store) => AsyncIterable<T> | Iterable<T>): AsyncGenerator<T, void> {
  const copy = await copyStore(ledger);
  let store: Store | undefined;
  try {
    store = await copy.open();
    yield* work(store);
  } catch (cause) {
    throw cause instanceof LedgerError ? cause : new LedgerError("unavailable", "the ledger cannot be read", { cause });
  } finally {
    await store?.close();
    await copy.remove();
  }
}
