/**
 * One change of a network at a time: a link that points to the number of the process that is at it, there at once or not at all, on a full disk too. The
 * gateway's agents, which the network knows nothing of, do the same (`gateway/exit/lock.ts`).
 */
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
  while (!(await isLinked(file))) {
    const holder = await holderOf(file);
    if (holder === undefined) continue;
    if (isHeldBy(holder)) throw new NetworkError("network-busy", { directory, pid: Number(holder) });
    await removeLeft(file, holder);
  }
}

/** What a killed process left goes by one hand: who looks after another took its place would remove that one's. */
async function removeLeft(file: string, holder: string): Promise<void> {
  const removing = `${file}.removing`;
  if (await isLinked(removing)) {
    if ((await holderOf(file)) === holder) await rm(file);
    await rm(removing);
  } else {
    const remover = await holderOf(removing);
    if (remover !== undefined && !isHeldBy(remover)) await rm(removing, { force: true });
  }
}

async function isLinked(file: string): Promise<boolean> {
  try {
    await symlink(String(process.pid), file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

/** Undefined where there is no lock any more; empty where it is none. */
const holderOf = (file: string): Promise<string | undefined> =>
  readlink(file).catch((error: unknown) => ((error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : ""));

function isHeldBy(holder: string): boolean {
  const pid = Number(holder);
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
