/** Overwrites what is deleted. On journaling, copy-on-write and flash storage the old bytes may still be elsewhere on the medium: this clears, it does not purge. */
import { lstat, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

const ZEROS = Buffer.alloc(1024 * 1024);

/**
 * A file, or a folder with everything in it; links are removed and not followed. What is not there is wiped.
 * A file with other names is taken away and not overwritten: they may be somebody else's.
 * @param onBytes told of bytes that are done
 */
export async function wipe(path: string, onBytes: (count: number) => void = () => undefined): Promise<void> {
  const is = await lstat(path).catch(() => undefined);
  if (is === undefined) return;
  if (is.isDirectory()) for (const name of await readdir(path)) await wipe(join(path, name), onBytes);
  else if (is.isFile() && is.nlink === 1) await overwrite(path, is.size, onBytes);
  await rm(path, { recursive: true });
}

async function overwrite(file: string, size: number, onBytes: (count: number) => void): Promise<void> {
  const handle = await open(file, "r+");
  try {
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
