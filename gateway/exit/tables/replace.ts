/**
 * Puts a new file or folder in the place of an old one, which is wiped: a database without one of its tables in place of the one with it. Killed at any
 * moment, it is finished or undone by {@link finishReplacing}; whatever stands at the place is whole.
 */
import { lstat, rename } from "node:fs/promises";
import { identityOf } from "./open-elsewhere";
import { type Sure, TablesError } from "./tables";
import { syncFolderOf, wipe } from "./wipe";

/** Where the new one is made, on the same disk. */
export const draftOf = (at: string): string => `${at}.suyuan-draft`;
const newOf = (at: string): string => `${at}.suyuan-new`;
const oldOf = (at: string): string => `${at}.suyuan-old`;

/** The draft is whole and on the disk. @param sure told its mark, which from then on is that of what stands at the place */
export async function replace(at: string, sure: Sure = () => Promise.resolve()): Promise<void> {
  await sure(await markOf(draftOf(at)));
  await rename(draftOf(at), newOf(at));
  await finishReplacing(at);
}

/**
 * Does what was begun to its end: from when the new one is whole it takes the old one's place, before that it is as if nothing had been.
 * @throws TablesError `in-use` where somebody has put something in the place meanwhile
 */
export async function finishReplacing(at: string): Promise<void> {
  await wipe(draftOf(at));
  if (await isThere(newOf(at))) {
    if (await isThere(at)) {
      if (await isThere(oldOf(at))) throw new TablesError("in-use", `${at}: ${newOf(at)}`);
      await rename(at, oldOf(at));
    }
    await rename(newOf(at), at);
    await syncFolderOf(at);
  }
  await wipe(oldOf(at));
}

/** Of this very file or folder, whatever its name: numbers are used again, and when it was made tells one from its successor. */
export async function markOf(path: string): Promise<string> {
  const is = await lstat(path);
  return `${identityOf(is)} ${is.birthtimeMs}`;
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
