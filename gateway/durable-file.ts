/** Files that are either there whole, or not at all. */
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes a file, readable by its owner alone, so that a crash leaves the old content or the new one. */
export async function writeDurably(file: string, text: string): Promise<void> {
  const draft = `${file}.new`;
  const handle = await open(draft, "w", 0o600);
  try {
    await handle.writeFile(text);
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
