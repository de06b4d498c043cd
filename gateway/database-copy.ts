/** A `level` database as its process left it, read without changing a byte of it: opening a database rewrites its files, and traces with them. */
import { copyFile, link, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { Level } from "level";
import { checkFiles } from "./database-files";

export interface DatabaseCopy {
  /** The copy. */
  readonly database: string;
  /** It lies here, where there is room for more. */
  readonly directory: string;
  remove(): Promise<void>;
}

/** A process has the database open. */
export class DatabaseInUse extends Error {
  override readonly name = "DatabaseInUse";
  constructor(readonly directory: string) {
    super(`the database in ${directory} is open in another process`);
  }
}

/**
 * Copies a database to a directory beside its own; its tables, which never change, are linked.
 * @throws DatabaseInUse; Error when the files cannot be copied
 */
export async function copyDatabase(database: string): Promise<DatabaseCopy> {
  if (await isInUse(database)) throw new DatabaseInUse(database);
  const directory = await mkdtemp(`${resolve(database)}.copy-`);
  const copied = join(directory, basename(database));
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    await mkdir(copied);
    for (const name of await readdir(database)) {
      if (name.startsWith("LO")) continue; // LOCK, LOG
      const [from, to] = [join(database, name), join(copied, name)];
      if (name.endsWith(".ldb")) await link(from, to);
      else await copyFile(from, to);
    }
    if (await isInUse(database)) throw new DatabaseInUse(database);
  } catch (error) {
    await remove();
    throw error;
  }
  return { database: copied, directory, remove };
}

/**
 * LevelDB ends the process where it trips over a damaged table, so tables are looked at before it sees them.
 * @throws Error `LEVEL_CORRUPTION` that names the first one that is damaged
 */
export async function demandTables(database: string): Promise<void> {
  for await (const { file, at } of checkFiles(database))
    if (file.endsWith(".ldb")) throw Object.assign(new Error(`${basename(file)} is damaged at byte ${at}`), { code: "LEVEL_CORRUPTION" });
}

/** Whether a process has the database open. LevelDB takes the lock first, and only then finds that it must not open what exists. */
export async function isInUse(database: string): Promise<boolean> {
  const level = new Level(database, { createIfMissing: false, errorIfExists: true });
  try {
    await level.open();
  } catch (error) {
    return isLocked(error);
  }
  throw new Error(`a new database was made in ${database}`);
}

/** Whether a database could not be opened because a process has it open. */
export const isLocked = (error: unknown): boolean =>
  error instanceof Error && (error.cause as { readonly code?: unknown } | undefined)?.code === "LEVEL_LOCKED";

/** Whether the database failed, not who used it. */
export const isDatabaseError = (error: unknown): boolean =>
  error instanceof Error && String((error as { readonly code?: unknown }).code).startsWith("LEVEL_");

/** What the database said, without what was said around it. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
