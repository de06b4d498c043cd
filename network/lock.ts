/** One change of a network at a time: a link that points to the id of the process that is at it, there at once or not at all, on a full disk too. */
import { readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { NetworkError } from "./errors";

/** @param directories of what is changed. @throws NetworkError `network-busy` */
export async function alone<T>([directory, ...others]: readonly string[], work: () => Promise<T>): Promise<T> {
  if (directory === undefined) return work();
  const file = join(directory, "lock");
  await take(directory, file);
  try {
    return await alone(others, work);
  } finally {
    await rm(file, { force: true });
  }
}

async function take(directory: string, file: string): Promise<void> {
  for (;;) {
    try {
      await symlink(String(process.pid), file);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const pid = Number(await readlink(file).catch(() => ""));
    if (pid > 0 && pid !== process.pid && lives(pid)) throw new NetworkError("network-busy", { directory, pid });
    // Left behind by one that was killed.
    await rm(file, { force: true });
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
