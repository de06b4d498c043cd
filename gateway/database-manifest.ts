/** Which tables a `level` database has, as its manifest tells: a log of changes. Format: LevelDB, db/version_edit.cc. */
import { recordsOf } from "./database-log";
import { Reader } from "./database-reader";

/**
 * @returns names of files. Others are none of the database's: LevelDB is closed in the middle of making a table, and removes what it made when it is opened again
 * @throws Damaged, RangeError where it is not a manifest, or has lost its beginning
 */
export function tablesOf(manifest: Buffer): ReadonlySet<string> {
  const tables = new Set<string>();
  let hasBegun = false;
  for (const record of recordsOf(manifest)) {
    const reader = new Reader(record);
    while (!reader.ended) change(reader, tables);
    hasBegun = true;
  }
  if (!hasBegun) throw new RangeError("it names nothing");
  return tables;
}

/** One member of a change: its tag, and what belongs to it. */
function change(reader: Reader, tables: Set<string>): void {
  const tag = reader.varint();
  const text = (): Buffer => reader.take(reader.varint());
  const table = (): string => `${String(reader.varint()).padStart(6, "0")}.ldb`;
  switch (tag) {
    case 1: // comparator
      text();
      return;
    case 2: // numbers: of the log, of the next file, of the last change, of the log before
    case 3:
    case 4:
    case 9:
      reader.varint();
      return;
    case 5: // where in a level to go on
      reader.varint();
      text();
      return;
    case 6: // level, file
      reader.varint();
      tables.delete(table());
      return;
    case 7: // level, file, its size, first and last key
      reader.varint();
      tables.add(table());
      reader.varint();
      text();
      text();
      return;
    default:
      throw new RangeError(`a member ${tag} is unknown here`);
  }
}
