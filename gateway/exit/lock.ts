/**
 * A folder is one process's alone while it has the lock in it: a link that points to the process's number, there at once or not at all, on a full disk
 * too. One that was killed has it no longer. The network, which knows nothing of the gateway, does the same (`network/lock.ts`).
 */
import { readlinkSync, rmSync, symlinkSync } from "node:fs";

export class HeldError extends Error {
  override readonly name = "HeldError";
  /** @param holder number of the process that has it */
  constructor(readonly holder: string) {
    super(`held by process ${holder}`);
  }
}

/** A process that is gone holds nothing. @throws HeldError */
export function takeLock(file: string): void {
  while (!isLinked(file)) {
    const holder = holderOf(file);
    if (holder === undefined) continue;
    if (isHeldBy(holder)) throw new HeldError(holder);
    removeLeft(file, holder);
  }
}

export const releaseLock = (file: string): void => rmSync(file);

/** What a killed process left goes by one hand: who looks after another took its place would remove that one's. */
function removeLeft(file: string, holder: string): void {
  const removing = `${file}.removing`;
  if (isLinked(removing)) {
    if (holderOf(file) === holder) rmSync(file);
    rmSync(removing);
  } else {
    const remover = holderOf(removing);
    if (remover !== undefined && !isHeldBy(remover)) rmSync(removing, { force: true });
  }
}

function isLinked(file: string): boolean {
  try {
    symlinkSync(String(process.pid), file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

/** Undefined where there is no lock any more; empty where it is none. */
function holderOf(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : "";
  }
}

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
