/** Looks through one file, whatever becomes of it meanwhile. */
import { closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";
import { readSqlite } from "../tables/sqlite";
import { Look } from "./content";
import { type Looked, reasonOf } from "./looked";
import type { Quarry } from "./quarry";
import { lookThroughTables } from "./table-content";

/**
 * @param path as the file system has it. @param name as it is told
 * @param scratch folder for what readers of databases need
 * @param onBytes told of the file's own bytes as they are read
 * @param isOfDatabase its rows are read with the folder in which it is
 */
export async function lookThrough(
  path: Uint8Array,
  name: string,
  quarry: Quarry,
  scratch: string,
  onBytes: (bytes: number) => void = () => undefined,
  isOfDatabase = false,
): Promise<Looked> {
  const look = new Look(quarry, onBytes);
  let isDatabase = false;
  let file: number | undefined;
  try {
    // What has become a link or a pipe since it was listed is neither followed nor waited for.
    file = openSync(Buffer.from(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const before = fstatSync(file);
    if (before.isFile()) isDatabase = await look.file(file, name, before.size, isOfDatabase);
    if (!before.isFile() || differs(before, fstatSync(file))) look.tally.miss(name, "changed");
  } catch (error) {
    look.tally.miss(name, reasonOf(error));
  } finally {
    if (file !== undefined) closeSync(file);
  }
  if (isDatabase) look.tally.add(await lookThroughTables(() => readSqlite(Buffer.from(path).toString(), scratch), name, quarry), name);
  return look.tally.looked;
}

const differs = (a: Stats, b: Stats): boolean => a.size !== b.size || a.mtimeMs !== b.mtimeMs || a.ctimeMs !== b.ctimeMs;
