/**
 * LevelDB folders as `level` writes them: its sublevels are the tables, each entry a row of `key` and `value`.
 * What is read is never changed: LevelDB opens a folder of the reader's own, with links to the files that never change and copies of the others. What is erased from
 * is made anew without the sublevel: an old folder, compacted, still names first and last keys.
 */
import { chmod, chown, copyFile, mkdtemp, readdir, realpath, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { Level } from "level";
import { version } from "level/package.json";
import { demandTables, isLocked } from "../../database-copy";
import { openElsewhere } from "./open-elsewhere";
import { draftOf, finishReplacing, markOf, replace } from "./replace";
import { searchFile } from "./search-file";
import { type ErasableTables, type Row, type Sure, type Tables, TablesError, type Unreached, WHOLE } from "./tables";

type Database = Level<Buffer, Buffer>;

/** Bytes in one batch, about. */
const PAGE = 1024 * 1024;

/** @param scratch an existing folder for the reader's files; what they hold is gone when it is closed */
export async function readLevel(directory: string, scratch: string): Promise<Tables> {
  await demandLevel(directory);
  const others = await openElsewhere(join(directory, "LOCK")).catch(() => []);
  if (others.length > 0) throw new TablesError("in-use", `${directory}: ${others.join(", ")}`);
  const folder = await mkdtemp(join(scratch, "level-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const from = await realpath(directory);
    for (const name of await readdir(from)) {
      if (/\.(ldb|sst)$/.test(name)) await symlink(join(from, name), join(folder, name));
      else if (name === "CURRENT" || /^MANIFEST-|\.log$/.test(name)) await copyFile(join(from, name), join(folder, name));
    }
    return new LevelTables(await openDatabase(folder), remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

/** @throws TablesError `in-use`, `unreachable`, `not-allowed`, `damaged` */
export async function changeLevel(directory: string): Promise<ErasableTables> {
  await finishReplacing(directory);
  await demandLevel(directory);
  return new ErasableLevel(directory, await openDatabase(directory));
}

class LevelTables implements Tables {
  readonly store = `LevelDB (level ${version})`;

  constructor(
    protected database: Database,
    private readonly onClose: () => Promise<void> = () => Promise.resolve(),
  ) {}

  async names(): Promise<readonly string[]> {
    const names = [WHOLE];
    const keys = this.database.keys(bounds(""));
    try {
      for (let key = await keys.next(); key !== undefined; key = await keys.next()) {
        const name = /^!([^!]+)!/.exec(key.toString("latin1"))?.[1];
        if (name === undefined) continue;
        names.push(Buffer.from(name, "latin1").toString());
        keys.seek(Buffer.from(`!${name}"`, "latin1"));
      }
    } finally {
      await keys.close();
    }
    return names.sort();
  }

  columns(): Promise<readonly string[]> {
    return Promise.resolve(["key", "value"]);
  }

  async *rows(table: string): AsyncIterable<Row> {
    const from = prefixOf(table).length;
    let isThere = table === WHOLE;
    for await (const [key, value] of this.database.iterator(table === WHOLE ? {} : bounds(table))) {
      isThere = true;
      yield [
        ["key", textOf(key.subarray(from))],
        ["value", textOf(value)],
      ];
    }
    if (!isThere) throw new TablesError("table-unknown", table);
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.onClose();
  }
}

class ErasableLevel extends LevelTables implements ErasableTables {
  constructor(
    private readonly directory: string,
    database: Database,
  ) {
    super(database);
  }

  async erase(table: string, sure?: Sure): Promise<readonly Unreached[]> {
    await this.#makeDraft(table);
    await this.database.close();
    await replace(this.directory, sure);
    this.database = await openDatabase(this.directory);
    await this.#demandGone(table);
    return ["freed-blocks"];
  }

  async hasErased(mark: string): Promise<boolean> {
    return (await markOf(this.directory)) === mark;
  }

  async #makeDraft(table: string): Promise<void> {
    const draft = draftOf(this.directory);
    const database = await openDatabase(draft, true);
    try {
      if (table !== WHOLE) {
        const { gte, lt } = bounds(table);
        for (const range of [{ lt: gte }, { gte: lt }]) await copyEntries(this.database.iterator(range), database);
      }
    } finally {
      await database.close();
    }
    const { mode, uid, gid } = await stat(this.directory);
    await chmod(draft, mode);
    for (const path of [draft, ...(await readdir(draft)).map((name) => join(draft, name))]) await chown(path, uid, gid);
  }

  /** @throws TablesError `remains` */
  async #demandGone(table: string): Promise<void> {
    const [first] = await this.database.keys({ ...(table === WHOLE ? {} : bounds(table)), limit: 1 }).all();
    if (first !== undefined) throw new TablesError("remains", table);
    if (table === WHOLE) return;
    for (const name of await readdir(this.directory)) {
      const found = await searchFile(join(this.directory, name), [prefixOf(table)]);
      if (found.length > 0) throw new TablesError("remains", table);
    }
  }
}

/** Each page is on the disk before the next. */
async function copyEntries(entries: AsyncIterable<[Buffer, Buffer]>, to: Database): Promise<void> {
  let [page, bytes]: [{ type: "put"; key: Buffer; value: Buffer }[], number] = [[], 0];
  const write = async (): Promise<void> => {
    await to.batch(page, { sync: true } as object);
    [page, bytes] = [[], 0];
  };
  for await (const [key, value] of entries) {
    page.push({ type: "put", key, value });
    bytes += key.length + value.length;
    if (bytes > PAGE) await write();
  }
  await write();
}

/** Before each of its keys. */
const prefixOf = (table: string): Buffer => Buffer.from(table === WHOLE ? "" : `!${table}!`);

/** Of a sublevel's keys, its own sublevels' among them; of nothing: of all sublevels' keys. */
const bounds = (table: string): { gte: Buffer; lt: Buffer } =>
  table === "" ? { gte: Buffer.from("!"), lt: Buffer.from('"') } : { gte: Buffer.from(`!${table}!`), lt: Buffer.from(`!${table}"`) };

function textOf(bytes: Buffer): string {
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : bytes.toString("hex");
}

async function demandLevel(directory: string): Promise<void> {
  const names = await readdir(directory).catch((cause: unknown) => {
    throw new TablesError("unreachable", directory, { cause });
  });
  if (!names.includes("CURRENT")) throw new TablesError("unreachable", directory);
  try {
    await demandTables(directory);
  } catch (cause) {
    throw new TablesError("damaged", cause instanceof Error ? cause.message : directory, { cause });
  }
}

async function openDatabase(directory: string, createIfMissing = false): Promise<Database> {
  const database = new Level<Buffer, Buffer>(directory, { keyEncoding: "buffer", valueEncoding: "buffer", createIfMissing });
  try {
    await database.open();
    return database;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new TablesError(isLocked(error) ? "in-use" : /permission/i.test(said) ? "not-allowed" : "damaged", said, { cause: error });
  }
}
