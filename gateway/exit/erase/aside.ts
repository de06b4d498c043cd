/**
 * A file is put aside, under a name of the erasure's own, before it is compared for the last time and overwritten: who writes a new one under the old name loses
 * nothing, and who was stopped sees which is which. Folders are held open meanwhile: whatever is moved or linked to where they were, work stays in them.
 */
import { createHash } from "node:crypto";
import { constants, link, lstat, open, readlink, realpath, rename, rm, symlink, unlink } from "node:fs/promises";
import { below, type Path } from "../tables/wipe";
import { EraseError } from "./eraser";

const ENDING = Buffer.from(".suyuan-erasing");
/** Of a link that is as good as its text: the name of what is aside under a short name. */
const NAMING = Buffer.from(".suyuan-name");

const SLASH = 0x2f;

/** Bytes of a name in any file system of today. */
const LONGEST = 255;

const isLong = (name: Buffer): boolean => name.length + ENDING.length > LONGEST;
const shortOf = (name: Buffer): Buffer => Buffer.from(createHash("sha256").update(name).digest("hex"));
const namingOf = (name: Buffer): Buffer => Buffer.concat([shortOf(name), NAMING]);

/** What would become too long has its name's digest for a name. */
export const asideOf = (name: Buffer): Buffer => Buffer.concat([isLong(name) ? shortOf(name) : name, ENDING]);

/** @returns the name that it had; undefined for one that was not put aside */
export async function ofAside(folder: Path, name: Buffer): Promise<Buffer | undefined> {
  if (!name.subarray(-ENDING.length).equals(ENDING)) return undefined;
  const own = name.subarray(0, -ENDING.length);
  const long = await readlink(below(folder, Buffer.concat([own, NAMING])), "buffer").catch(() => own);
  // Anybody may make a link: it is taken for what its digest is.
  return shortOf(long).equals(own) && isLong(long) && !long.includes(SLASH) ? long : own;
}

/**
 * @param folder its real name @param work gets a name that leads to that folder alone; where the system has no /proc, the real name
 * @throws EraseError `changed` where the name leads elsewhere
 */
export async function inFolder<T>(folder: Buffer, work: (at: Buffer) => Promise<T>): Promise<T> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW).catch((cause: unknown) => {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes((cause as NodeJS.ErrnoException).code ?? ""))
      throw new EraseError("changed", folder.toString());
    throw cause;
  });
  try {
    const held = Buffer.from(`/proc/self/fd/${handle.fd}`);
    const known = await readlink(held, "buffer").catch(() => undefined);
    if (!(known ?? (await realpath(folder, "buffer"))).equals(folder)) throw new EraseError("changed", folder.toString());
    return await work(known === undefined ? folder : held);
  } finally {
    await handle.close();
  }
}

/** @throws EraseError `aside` where one stands there already, which may be the only copy */
export async function putAside(folder: Path, name: Buffer): Promise<void> {
  const aside = below(folder, asideOf(name));
  if (await isThere(aside)) throw new EraseError("aside", asideOf(name).toString());
  if (isLong(name)) {
    await forgetName(folder, name);
    await symlink(name, below(folder, namingOf(name)));
  }
  await rename(below(folder, name), aside);
}

/** Nothing is written over. @throws EraseError `aside` where its name is taken or the file system knows no links */
export async function putBack(folder: Path, name: Buffer): Promise<void> {
  const [file, aside] = [below(folder, name), below(folder, asideOf(name))];
  const is = await lstat(aside).catch(() => undefined);
  if (is === undefined) return;
  try {
    // Stopped between the two, it has both names.
    if (is.nlink === 1 || (await lstat(file)).ino !== is.ino) await link(aside, file);
  } catch (cause) {
    throw new EraseError("aside", asideOf(name).toString(), { cause });
  }
  await unlink(aside);
  await forgetName(folder, name);
}

/** Of what was put aside and is taken away. */
export async function forgetName(folder: Path, name: Buffer): Promise<void> {
  if (isLong(name)) await rm(below(folder, namingOf(name)), { force: true });
}

export const isThere = (path: Path): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
