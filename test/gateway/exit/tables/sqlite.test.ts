/** SQLite database files: in all their modes, interrupted, and in the hands of others. */
import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "node-sqlite3-wasm";
import { changeSqlite, readSqlite } from "../../../../gateway/exit/tables/sqlite";
import { codeOf, rowsOf, type StoreUnderTest, tablesSuite } from "../../../suites/tables";
import { filesIn } from "./folder";

function make(file: string, table: string, rows: readonly (readonly [string, string])[]): void {
  const database = new Database(file);
  database.exec(`begin; create table "${table}"("key" text primary key, value text)`);
  const insert = database.prepare(`insert into "${table}" values (?, ?)`);
  for (const row of rows) insert.run([...row]);
  insert.finalize();
  database.exec("commit");
  database.close();
}

const folder = mkdtempSync(join(tmpdir(), "suyuan-sqlite-"));
after(() => rmSync(folder, { recursive: true }));
let count = 0;
/** A folder of its own for each test, and one for readers. */
function place(): { readonly at: string; readonly file: string; readonly scratch: string } {
  const at = join(folder, String(count++));
  const scratch = join(folder, String(count++));
  mkdirSync(at);
  mkdirSync(scratch);
  return { at, file: join(at, "data.db"), scratch };
}

/** Does something with a database in another process, which is killed or stays with it open. */
async function elsewhere(file: string, sql: string, end: "killed" | "stays"): Promise<() => Promise<void>> {
  const script = `const { Database } = require("node-sqlite3-wasm");
    const db = new Database(process.argv[1]);
    db.exec(process.argv[2]);
    process.stdout.write("done");
    ${end === "killed" ? 'process.kill(process.pid, "SIGKILL");' : "setInterval(() => db.isOpen, 1000);"}`;
  const child = spawn(process.execPath, ["-e", script, file, sql], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  await once(child.stdout, "data");
  if (end === "killed") await exited;
  return async () => {
    child.kill("SIGKILL");
    await exited;
  };
}

tablesSuite("SQLite", () => {
  const { at, file, scratch } = place();
  return Promise.resolve<StoreUnderTest>({
    make: (table, rows) => {
      make(file, table, rows);
      return Promise.resolve();
    },
    remove: (table, key) => {
      const database = new Database(file);
      database.run(`delete from "${table}" where "key" = ?`, key);
      database.close();
      return Promise.resolve();
    },
    nameOf: (table) => table,
    read: () => readSqlite(file, scratch),
    change: () => changeSqlite(file),
    files: () => filesIn(at),
    scratch: () => Promise.resolve(readdirSync(scratch)),
    end: () => Promise.resolve(),
  });
});

describe("SQLite files", () => {
  const WAL =
    "pragma locking_mode = exclusive; pragma journal_mode = wal; create table people(name text, age integer); create table other(x)";

  it("are read with what stands in the write-ahead log alone, and neither is changed", async () => {
    const { at, file, scratch } = place();
    await elsewhere(file, `${WAL}; insert into people values ('known in the log alone', 41)`, "killed");
    const before = await filesIn(at);
    expect([...before.keys()]).to.include("data.db-wal");
    const tables = await readSqlite(file, scratch);
    expect(await rowsOf(tables, "people")).to.deep.equal([
      [
        ["name", "known in the log alone"],
        ["age", "41"],
      ],
    ]);
    await tables.close();
    expect(await filesIn(at)).to.deep.equal(before);
    expect(readdirSync(scratch)).to.deep.equal([]);
  });

  it("are erased out of the write-ahead log too, and stay in its mode", async () => {
    const { at, file } = place();
    await elsewhere(file, `${WAL}; insert into people values ('known in the log alone', 41)`, "killed");
    const tables = await changeSqlite(file);
    await tables.erase("people");
    await tables.close();
    for (const [name, bytes] of await filesIn(at)) expect(bytes.includes("known in the log"), name).to.equal(false);
    const database = new Database(file);
    expect(database.get("pragma locking_mode = exclusive")).to.deep.equal({ locking_mode: "exclusive" });
    expect(database.get("pragma journal_mode")).to.deep.equal({ journal_mode: "wal" });
    database.close();
  });

  it("are left to their own program where a transaction was killed in its middle: only it can undo that", async () => {
    const { at, file, scratch } = place();
    make(
      file,
      "people",
      Array.from({ length: 2000 }, (_, i) => [`k${i}`, "as it was".repeat(20)]),
    );
    await elsewhere(file, "pragma cache_size = 1; begin; update people set value = 'half done'", "killed");
    const before = await filesIn(at);
    expect(before.get("data.db")?.includes("half done")).to.equal(true);
    expect(await codeOf(readSqlite(file, scratch))).to.equal("interrupted");
    expect(await codeOf(changeSqlite(file))).to.equal("interrupted");
    expect(await filesIn(at)).to.deep.equal(before);
  });

  it("are erased with the old pages in a journal that stayed", async () => {
    const { at, file } = place();
    make(file, "people", [["k", "as it was once"]]);
    await elsewhere(file, "pragma journal_mode = persist; update people set value = 'as it is now'", "killed");
    expect((await filesIn(at)).get("data.db-journal")?.includes("as it was once")).to.equal(true);
    const tables = await changeSqlite(file);
    await tables.erase("people");
    await tables.close();
    expect([...(await filesIn(at)).keys()]).to.deep.equal(["data.db"]);
  });

  it("that have another name elsewhere are not changed: it may be somebody else's", async () => {
    const { at, file } = place();
    make(file, "people", [["k", "v"]]);
    linkSync(file, join(at, "other.db"));
    expect(await codeOf(changeSqlite(file))).to.equal("linked");
  });

  it("are not changed while another process has them open", async () => {
    const { file } = place();
    make(file, "people", [["a", "b"]]);
    const end = await elsewhere(file, "select 1 from people", "stays");
    expect(await codeOf(changeSqlite(file))).to.equal("in-use");
    await end();
    await (await changeSqlite(file)).close();
  });

  it("keep the rows of tables that refer to the one that is erased", async () => {
    const { file } = place();
    const database = new Database(file);
    database.exec(
      "create table people(id integer primary key); create table visits(who references people(id) on delete cascade, day text);" +
        "insert into people values (1); insert into visits values (1, 'monday')",
    );
    database.close();
    const tables = await changeSqlite(file);
    await tables.erase("people");
    expect(await rowsOf(tables, "visits")).to.deep.equal([
      [
        ["who", "1"],
        ["day", "monday"],
      ],
    ]);
    await tables.close();
  });

  it("have names, numbers, bytes and nothing of any kind", async () => {
    const { file, scratch } = place();
    const database = new Database(file);
    database.exec(`create table "drop ""table"" x;"("2" text, "1" integer, big, real, bytes blob, none)`);
    database.run(`insert into "drop ""table"" x;" values (?, ?, ?, ?, ?, ?)`, [
      "text",
      1,
      9007199254740993n,
      1.5,
      new Uint8Array([1, 255]),
      null,
    ]);
    database.close();
    const tables = await readSqlite(file, scratch);
    expect(await tables.names()).to.deep.equal(['drop "table" x;']);
    expect(await rowsOf(tables, 'drop "table" x;')).to.deep.equal([
      [
        ["2", "text"],
        ["1", "1"],
        ["big", "9007199254740993"],
        ["real", "1.5"],
        ["bytes", "01ff"],
      ],
    ]);
    await tables.close();
    const changed = await changeSqlite(file);
    await changed.erase('drop "table" x;');
    expect(await changed.names()).to.deep.equal([]);
    await changed.close();
  });

  it("erase a copy of what another table has, and leave that table alone", async () => {
    const { file } = place();
    for (const table of ["copy", "original"]) make(file, table, [["k", "the same words in both of them"]]);
    const tables = await changeSqlite(file);
    await tables.erase("copy");
    expect(await rowsOf(tables, "original")).to.have.length(1);
    await tables.close();
  });

  it("that are none say so", async () => {
    const { at, file, scratch } = place();
    writeFileSync(file, "certainly no database, but long enough to be taken for one ".repeat(40));
    expect(await codeOf(readSqlite(file, scratch))).to.equal("damaged");
    expect(await codeOf(changeSqlite(file))).to.equal("damaged");
    expect(await codeOf(readSqlite(join(at, "missing"), scratch))).to.equal("unreachable");
    expect(await codeOf(changeSqlite(at))).to.equal("unreachable");
    expect(readdirSync(at)).to.deep.equal(["data.db"]);
  });
});
