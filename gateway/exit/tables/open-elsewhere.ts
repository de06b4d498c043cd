/**
 * Whether other processes have a file open: a deleted file lives on for who has it open, and a database is changed behind the back of who reads it.
 * Seen are processes of the same user, and all when run as root; none where the system does not tell (no /proc).
 */
import { readdir, stat } from "node:fs/promises";

/** Ids of processes by the file that they have open. */
export type OpenFiles = ReadonlyMap<string, readonly number[]>;

export const identityOf = ({ dev, ino }: { readonly dev: number; readonly ino: number }): string => `${dev}:${ino}`;

/** As it is now. */
export async function openFiles(): Promise<OpenFiles> {
  const found = new Map<string, number[]>();
  for (const name of await readdir("/proc").catch(() => [])) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const open = await readdir(`/proc/${name}/fd`).catch(() => []);
    for (const fd of open) {
      const is = await stat(`/proc/${name}/fd/${fd}`).catch(() => undefined);
      if (is?.isFile() !== true) continue;
      const file = identityOf(is);
      found.set(file, [...new Set([...(found.get(file) ?? []), pid])]);
    }
  }
  return found;
}

/** @returns ids of processes */
export const openElsewhere = async (file: string): Promise<readonly number[]> =>
  (await openFiles()).get(identityOf(await stat(file))) ?? [];
