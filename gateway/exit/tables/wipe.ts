/** Overwrites what is deleted. On journaling, copy-on-write and flash storage the old bytes may still be elsewhere on the medium: this clears, it does not purge. */
import { constants, lstat, open, readdir, rmdir, unlink } from "node:fs/promises";
import { dirname } from "node:path";

const ZEROS = Buffer.alloc(1024 * 1024);

/** Names need not be UTF-8. */
export type Path = string | Buffer;

export const below = (folder: Path, name: Buffer): Buffer => Buffer.concat([Buffer.from(folder), Buffer.from("/"), name]);

/**
 * A file, or a folder with everything in it; links are removed and not followed. What is not there is wiped.
 * A file with other names is taken away and not overwritten: they may be somebody else's.
 * @param onBytes told of bytes that are done
 */
export async function wipe(path: Path, onBytes: (count: number) => void = () => undefined): Promise<void> {
  const is = await lstat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  });
  if (is === undefined) return;
  if (is.isDirectory()) {
    for (const name of await readdir(path, { encoding: "buffer" })) await wipe(below(path, name), onBytes);
    await rmdir(path);
    return;
  }
  if (is.isFile() && is.nlink === 1) await overwrite(path, onBytes);
  await unlink(path);
}

/** What stands in a folder is on the disk as it is now: what is gone stays gone. */
export async function syncFolder(folder: Path): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}

export const syncFolderOf = (path: string): Promise<void> => syncFolder(dirname(path));

/** With zeros, which are on the disk when it returns. */
export async function overwrite(file: Path, onBytes: (count: number) => void = () => undefined): Promise<void> {
  const handle = await open(file, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    const { size } = await handle.stat();
    for (let at = 0; at < size;) {
      const { bytesWritten } = await handle.write(ZEROS, 0, Math.min(ZEROS.length, size - at), at);
      at += bytesWritten;
      onBytes(bytesWritten);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}
