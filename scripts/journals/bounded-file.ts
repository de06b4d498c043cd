/** Files that others made: a device, a pipe or a file without end must neither fill the memory nor be waited for. */
import { constants, open } from "node:fs/promises";

/** @returns undefined for what is longer than `most` bytes, or no file. @throws Error `ENOENT` and others of the operating system */
export async function readWithin(most: number, path: string): Promise<Buffer | undefined> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile() || stat.size > most) return undefined;
    const bytes = Buffer.alloc(stat.size);
    let at = 0;
    for (let read = 1; read > 0 && at < bytes.length; at += read) ({ bytesRead: read } = await handle.read(bytes, at));
    return bytes.subarray(0, at);
  } finally {
    await handle.close();
  }
}

/** Whether what was to be read is not there. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
