/** A folder is one process's alone while it has the lock in it; one that was killed has it no longer. */
import { readFileSync, unlinkSync, writeFileSync } from "node:fs";

export class HeldError extends Error {
  override readonly name = "HeldError";
  /** @param holder number of the process that has it */
  constructor(readonly holder: string) {
    super(`held by process ${holder}`);
  }
}

/** A process that is gone holds nothing. @throws HeldError */
export function takeLock(file: string): void {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const holder = Number(readFileSync(file, "utf8"));
    if (holder !== process.pid && isAlive(holder)) throw new HeldError(String(holder));
    unlinkSync(file);
    takeLock(file);
  }
}

export const releaseLock = (file: string): void => unlinkSync(file);

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
