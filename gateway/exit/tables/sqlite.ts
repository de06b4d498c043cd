/**
 * SQLite database files. The adapter's SQLite locks files in a way of its own and does not undo what another program left half done: a file that is open
 * elsewhere or has such a journal is refused. What is read is never changed: a link in a folder of the reader's own stands for the file, and a copy for its
 * write-ahead log. What is erased from is made anew without the table, and the old file wiped.
 */
import { copyFile, chown, mkdtemp, open, realpath, rm, rmdir, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { Database, type SQLiteValue } from "node-sqlite3-wasm";
import { openElsewhere } from "./open-elsewhere";
import { draftOf, finishReplacing, markOf, replace } from "./replace";
import { searchFile } from "./search-file";
import { hasDeletedRows } from "./sqlite-pages";
import { type ErasableTables, type Row, type Sure, type Tables, TablesError, type Unreached } from "./tables";
import { wipe } from "./wipe";

/** Rows by which it is looked whether a table is gone, and the least characters that tell one from others'. */
const SAMPLES = 64;
const LEAST_SAMPLE = 12;

/**
 * @param scratch an existing folder for the reader's files; what they hold is gone when it is closed
 * @throws TablesError `interrupted`, `unreachable`, `not-allowed`, `damaged`
 */
export async function readSqlite(file: string, scratch: string): Promise<Tables> {
  await demandWhole(file);
  const folder = await mkdtemp(join(scratch, "sqlite-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const name = join(folder, "db");
    await symlink(await realpath(file), name);
    if (await hasContent(`${file}-wal`)) await copyFile(`${file}-wal`, `${name}-wal`);
    return new ReadSqlite(file, openDatabase(name, true), remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

/** @throws TablesError `in-use`, `linked`, `interrupted`, `unreachable`, `not-allowed`, `damaged` */
export async function changeSqlite(file: string): Promise<ErasableTables> {
  await finishReplacing(file);
  await demandWhole(file);
  await demandAlone(file);
  // Left by a process of this adapter that was killed: nobody has the file open.
  await rmdir(`${file}.lock`).catch(() => undefined);
  return new ErasableSqlite(file, openDatabase(file, false));
}

class SqliteTables implements Tables {
  readonly store: string;

  constructor(
    protected database: Database,
    private readonly onClose: () => Promise<void> = () => Promise.resolve(),
  ) {
    this.store = `SQLite ${ask(() => database.get("select sqlite_version() v")?.["v"] as string)}`;
  }

  names(): Promise<readonly string[]> {
    return Promise.resolve(ask(() => namesIn(this.database)));
  }

  async columns(table: string): Promise<readonly string[]> {
    if (!(await this.names()).includes(table)) throw new TablesError("table-unknown", table);
    // 1: hidden columns of virtual tables, which are arguments.
    const found = ask(() => this.database.all("select name from pragma_table_xinfo(?) where hidden <> 1 order by cid", table));
    return found.map(({ name }) => name as string);
  }

  async *rows(table: string): AsyncIterable<Row> {
    const columns = await this.columns(table);
    const cells = columns.map(
      (column, i) =>
        `case typeof(${quoted(column)}) when 'blob' then lower(hex(${quoted(column)})) else cast(${quoted(column)} as text) end c${i}`,
    );
    const statement = ask(() => this.database.prepare(`select ${cells.join(", ")} from main.${quoted(table)}`));
    try {
      const found = statement.iterate();
      for (let it = ask(() => found.next()); it.done !== true; it = ask(() => found.next())) {
        const row = it.value as Record<string, SQLiteValue>;
        yield columns.flatMap((column, i) => (row[`c${i}`] === null ? [] : [[column, String(row[`c${i}`])] as const]));
      }
    } finally {
      statement.finalize();
    }
  }

  async close(): Promise<void> {
    if (this.database.isOpen) this.database.close();
    await this.onClose();
  }
}

class ReadSqlite extends SqliteTables {
  constructor(
    private readonly file: string,
    database: Database,
    onClose: () => Promise<void>,
  ) {
    super(database, onClose);
  }

  hasDeleted(): Promise<boolean> {
    return hasDeletedRows(this.file);
  }
}

class ErasableSqlite extends SqliteTables implements ErasableTables {
  constructor(
    private readonly file: string,
    database: Database,
  ) {
    super(database);
  }

  async erase(table: string, sure?: Sure): Promise<readonly Unreached[]> {
    const samples = (await this.names()).includes(table) ? await this.#samples(table) : [];
    const isLogged = ask(() => this.database.get("pragma journal_mode")?.["journal_mode"]) === "wal";
    if (isLogged) ask(() => this.database.get("pragma wal_checkpoint(truncate)"));
    await this.close();
    // Nothing of the file is in them any more, but old pages may be.
    for (const end of ["-journal", "-wal", "-shm"]) await wipe(this.file + end);
    await this.#makeDraft(table, isLogged);
    await replace(this.file, sure);
    this.database = openDatabase(this.file, false);
    await this.#demandGone(table, samples);
    return ["freed-blocks"];
  }

  async hasErased(mark: string): Promise<boolean> {
    return (await markOf(this.file)) === mark;
  }

  /** Nobody else knows of it, so it needs no journal: after a crash it is made again. */
  async #makeDraft(table: string, isLogged: boolean): Promise<void> {
    const draft = draftOf(this.file);
    const { uid, gid } = await stat(this.file);
    await copyFile(this.file, draft);
    await chown(draft, uid, gid);
    const database = openDatabase(draft, false);
    try {
      ask(() => {
        database.get("pragma journal_mode = delete"); // From the write-ahead log, which cannot be turned off in one step.
        database.get("pragma journal_mode = off");
        database.exec("pragma secure_delete = on; pragma foreign_keys = off"); // Else rows of others are deleted along the keys.
        database.exec(`drop table if exists main.${quoted(table)}`);
        database.exec("vacuum"); // Pages that were freed long ago have rows too.
        if (isLogged) database.get("pragma journal_mode = wal");
      });
    } finally {
      database.close();
    }
    const handle = await open(draft, "r+");
    await handle.sync().finally(() => handle.close());
  }

  /** Cells of its rows that stand as they are in the file, the longest of each row. */
  async #samples(table: string): Promise<readonly string[]> {
    const samples: string[] = [];
    for await (const row of this.rows(table)) {
      const longest = row.map(([, text]) => text).reduce((a, b) => (b.length > a.length ? b : a), "");
      if (longest.length >= LEAST_SAMPLE) samples.push(longest.slice(0, 256));
      if (samples.length === SAMPLES) break;
    }
    return samples;
  }

  /** @throws TablesError `remains` */
  async #demandGone(table: string, samples: readonly string[]): Promise<void> {
    const free = ask(() => Number(this.database.get("pragma freelist_count")?.["freelist_count"]));
    if ((await this.names()).includes(table) || free > 0) throw new TablesError("remains", table);
    const found = await searchFile(
      this.file,
      samples.map((sample) => Buffer.from(sample)),
    );
    if (found.length === 0) return;
    // Other tables may have the same.
    const open = new Set(found.map((sample) => sample.toString()));
    for (const other of await this.names())
      for await (const row of this.rows(other)) for (const [, text] of row) open.delete(text.slice(0, 256));
    if (open.size > 0) throw new TablesError("remains", table);
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function namesIn(database: Database): readonly string[] {
  const all = database.all(
    "select name from pragma_table_list where schema = 'main' and type <> 'view' and name not like 'sqlite!_%' escape '!'",
  );
  return all.map(({ name }) => name as string).sort();
}

/** Alone, so that a write-ahead log needs no memory that is shared with others. */
function openDatabase(file: string, readOnly: boolean): Database {
  return ask(() => {
    const database = new Database(file, { fileMustExist: true, readOnly });
    try {
      database.exec("pragma locking_mode = exclusive; select count(*) from sqlite_schema");
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Its own errors in our words. */
function ask<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    if (/locked/.test(said)) throw new TablesError("in-use", said, { cause: error });
    if (/readonly|could not open/i.test(said)) throw new TablesError("not-allowed", said, { cause: error });
    if (/malformed|not a database|disk I\/O/.test(said)) throw new TablesError("damaged", said, { cause: error });
    throw error;
  }
}

/** Whether there is a file, and all of it in it and its write-ahead log. */
async function demandWhole(file: string): Promise<void> {
  const is = await stat(file).catch((cause: unknown) => {
    throw new TablesError("unreachable", file, { cause });
  });
  if (!is.isFile()) throw new TablesError("unreachable", file);
  if (await isHot(`${file}-journal`)) throw new TablesError("interrupted", `${file}-journal`);
}

async function demandAlone(file: string): Promise<void> {
  if ((await stat(file)).nlink > 1) throw new TablesError("linked", file);
  for (const it of [file, `${file}-wal`, `${file}-shm`, `${file}-journal`]) {
    const others = (await stat(it).catch(() => undefined)) === undefined ? [] : await openElsewhere(it);
    if (others.length > 0) throw new TablesError("in-use", `${it}: ${others.join(", ")}`);
  }
}

const hasContent = async (file: string): Promise<boolean> => ((await stat(file).catch(() => undefined))?.size ?? 0) > 0;

/** Whether a journal is of a transaction that neither ended nor was undone: https://www.sqlite.org/fileformat2.html#the_rollback_journal */
async function isHot(journal: string): Promise<boolean> {
  if (!(await hasContent(journal))) return false;
  const handle = await open(journal, "r");
  try {
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, 0);
    return buffer[0] !== 0;
  } finally {
    await handle.close();
  }
}
