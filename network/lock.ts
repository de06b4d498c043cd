/** One change of a network at a time: a file with the id of the process that is at it. */
import { readFile, rm, writeFile } from "node:fs/promises";
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
      await writeFile(file, String(process.pid), { flag: "wx" });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const pid = Number(await readFile(file, "utf8").catch(() => ""));
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
