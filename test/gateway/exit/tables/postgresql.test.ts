/** Tables of a real PostgreSQL server. Skipped where its programs are not installed. */
import { expect } from "chai";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openPostgresql } from "../../../../gateway/exit/tables/postgresql";
import { TablesError } from "../../../../gateway/exit/tables/tables";
import { codeOf, rowsOf, tablesSuite } from "../../../suites/tables";
import { type Server, startPostgresql } from "./postgresql-server";

/** One for all. */
let server: Server | undefined;
async function started(context: Mocha.Context): Promise<Server> {
  context.timeout(60_000);
  server ??= await startPostgresql();
  return server ?? context.skip();
}
after(async () => {
  await server?.end();
});

/** Every file of the database but the server's own log of what it wrote. */
function filesOf(data: string): ReadonlyMap<string, Buffer> {
  const names = readdirSync(join(data, "base"), { recursive: true, withFileTypes: true }).filter((it) => it.isFile());
  return new Map(names.map((it) => [join(it.parentPath, it.name), readFileSync(join(it.parentPath, it.name))]));
}

tablesSuite("PostgreSQL", async (context) => {
  const { ask, connection } = await started(context);
  return {
    make: async (table, rows) => {
      await ask(`create table ${table}(key text primary key, value text)`);
      await ask(`insert into ${table} select * from unnest($1::text[], $2::text[])`, [
        rows.map(([key]) => key),
        rows.map(([, value]) => value),
      ]);
      await ask(`analyze ${table}`);
    },
    remove: async (table, key) => {
      await ask(`delete from ${table} where key = $1`, [key]);
    },
    nameOf: (table) => `public.${table}`,
    read: () => openPostgresql(connection),
    change: () => openPostgresql(connection),
    end: () => Promise.resolve(),
  };
});

describe("PostgreSQL tables", () => {
  let running: Server;
  before(async function () {
    running = await started(this);
  });

  it("are gone from the server's files when they are erased, with the planner's notes of frequent values", async () => {
    const { ask, connection, folder } = running;
    await ask("create table visits(who text)");
    await ask("insert into visits select 'somebody ' || i % 3 || ' who was there' from generate_series(1, 5000) i");
    await ask("analyze visits");
    await ask("checkpoint");
    const has = (): readonly string[] => [...filesOf(folder)].filter(([, bytes]) => bytes.includes("who was there")).map(([name]) => name);
    expect(has()).to.have.length(2); // The table, and pg_statistic.
    const tables = await openPostgresql(connection);
    expect(await tables.erase("public.visits")).to.deep.equal(["freed-blocks", "write-ahead-log", "replicas"]);
    await tables.close();
    expect(has()).to.deep.equal([]);
  });

  it("have names, numbers, bytes and nothing of any kind", async () => {
    const { ask, connection } = running;
    await ask(`create schema "Odd ""one"""`);
    await ask(`create table "Odd ""one"""."drop table x;"(n numeric, b bytea, j jsonb, none text, "a""b" boolean)`);
    await ask(`insert into "Odd ""one"""."drop table x;" values (9007199254740993.5, '\\x01ff', '{"a": 1}', null, true)`);
    const tables = await openPostgresql(connection);
    const name = `"Odd ""one"""."drop table x;"`;
    expect(await tables.names()).to.include(name);
    expect(await rowsOf(tables, name)).to.deep.equal([
      [
        ["n", "9007199254740993.5"],
        ["b", "01ff"],
        ["j", '{"a": 1}'],
        ['a"b', "t"],
      ],
    ]);
    await tables.erase(name);
    expect(await tables.names()).not.to.include(name);
    await tables.close();
  });

  it("are not touched by a name that is a command", async () => {
    const { ask, connection } = running;
    await ask("create table precious(x integer)");
    const tables = await openPostgresql(connection);
    expect(await codeOf(rowsOf(tables, "public.precious; drop table precious"))).to.equal("table-unknown");
    await tables.erase("public.precious; drop table precious");
    expect(await tables.names()).to.include("public.precious");
    await tables.close();
  });

  it("that a view needs stay, and are named", async () => {
    const { ask, connection } = running;
    await ask("create table base(x integer)");
    await ask("create view seen as select x from base");
    const tables = await openPostgresql(connection);
    expect(await codeOf(tables.erase("public.base"))).to.equal("depended-on");
    await ask("drop view seen");
    await tables.erase("public.base");
    await tables.close();
  });

  it("are not waited for while somebody uses them", async () => {
    const { ask, connection } = running;
    await ask("create table busy(x integer)");
    await ask("begin");
    await ask("lock table busy");
    const tables = await openPostgresql(connection);
    expect(await codeOf(tables.erase("public.busy"))).to.equal("in-use");
    await ask("rollback");
    await tables.erase("public.busy");
    await tables.close();
  });

  it("are another's where the user may not", async () => {
    const { ask, connection } = running;
    await ask("create role visitor login");
    await ask("create table closed(x integer)");
    const tables = await openPostgresql({ ...connection, user: "visitor" });
    expect(await codeOf(rowsOf(tables, "public.closed"))).to.equal("not-allowed");
    expect(await codeOf(tables.erase("public.closed"))).to.equal("not-allowed");
    await tables.close();
  });

  it("are erased by their owner, who is no administrator", async () => {
    const { ask, connection } = running;
    await ask("create role owner login");
    await ask("create table own(x integer)");
    await ask("alter table own owner to owner");
    const tables = await openPostgresql({ ...connection, user: "owner" });
    expect(await tables.erase("public.own")).to.include.members(["planner-statistics", "dropped-files"]);
    await tables.close();
  });

  it("are unreachable without the server, and no password is told", async () => {
    process.env["PGPASSWORD"] = "a word that nobody hears";
    try {
      const error = await openPostgresql({ host: "/nowhere" }).catch((error: unknown) => error);
      expect(error).to.be.instanceOf(TablesError);
      expect((error as TablesError).code).to.equal("unreachable");
      expect(JSON.stringify([String(error), (error as TablesError).stack])).not.to.contain("nobody hears");
    } finally {
      delete process.env["PGPASSWORD"];
    }
  });
});
