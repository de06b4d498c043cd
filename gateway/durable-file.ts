/** Files that are either there whole, or not at all. */
import { open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** What the file holds; made where there is none. */
export async function readOrMake(file: string, make: () => string | Promise<string>): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const text = await make();
  await writeDurably(file, text);
  return text;
}

/**
 * Writes a file, readable by its owner alone, so that a crash leaves the old content or the new one.
 * @param draft where it is written first, in the same file system
 */
export async function writeDurably(file: string, content: string | Uint8Array, draft = `${file}.new`): Promise<void> {
  const handle = await open(draft, "w", 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  const directory = await open(dirname(file), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
