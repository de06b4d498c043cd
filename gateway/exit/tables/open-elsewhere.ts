/** Whether other processes have a file open: a deleted file lives on for who has it open, and a database is changed behind the back of who reads it. */
import { readdir, stat } from "node:fs/promises";

/**
 * Sees processes of the same user, and of all when run as root.
 * @returns their ids; none also where the system does not tell (no /proc)
 */
export async function openElsewhere(file: string): Promise<readonly number[]> {
  const wanted = await stat(file);
  const found: number[] = [];
  for (const name of await readdir("/proc").catch(() => [])) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const open = await readdir(`/proc/${name}/fd`).catch(() => []);
    for (const fd of open) {
      const at = await stat(`/proc/${name}/fd/${fd}`).catch(() => undefined);
      if (at?.ino !== wanted.ino || at.dev !== wanted.dev) continue;
      found.push(pid);
      break;
    }
  }
  return found;
}
