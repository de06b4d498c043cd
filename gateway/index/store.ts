/** The database below the read model. Everything in it can be built again from the ledger's blocks. */
import { Level } from "level";

/** The declarations of `level` are older than it: what is missing is undefined, no error. */
export interface Store extends Omit<Level<string, Buffer>, "get" | "getMany"> {
  get(key: string): Promise<Buffer | undefined>;
  getMany(keys: string[]): Promise<(Buffer | undefined)[]>;
}

/** What changes: a chained batch, or a test's notebook. */
export interface Changes {
  put(key: string, value: Uint8Array): unknown;
  del(key: string): unknown;
}

/** Opened by the projector's thread, which alone writes, and by every thread that reads. */
export async function openStore(directory: string): Promise<Store> {
  const store: Store = new Level<string, Buffer>(directory, {
    keyEncoding: "utf8",
    valueEncoding: "buffer",
    multithreading: true,
    // With LevelDB's own 4 MB, compaction takes more time than the projection.
    writeBufferSize: 32 * 1024 * 1024,
    cacheSize: 16 * 1024 * 1024,
  });
  await store.open();
  return store;
}

export const toJson = (value: unknown): Buffer => Buffer.from(JSON.stringify(value), "utf8");
/** What {@link toJson} wrote. */
export const fromJson = (bytes: Uint8Array): unknown =>
  JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8"));
