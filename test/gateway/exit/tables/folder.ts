/** The files of a folder as they are. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** @returns what each holds, by its name */
export async function filesIn(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const found = await readdir(folder, { withFileTypes: true });
  for (const file of found.sort((a, b) => (a.name < b.name ? -1 : 1)))
    files.set(file.name, file.isFile() ? await readFile(join(folder, file.name)) : Buffer.from("no file"));
  return files;
}
