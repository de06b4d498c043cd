/** The digest of a PostgreSQL table, asked for by a role that may do nothing but read it. Skipped where the server's programs are not installed. */
import { expect } from "chai";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Server, startPostgresql } from "../../gateway/exit/tables/postgresql-server";
import { documents, type Ran, suyuan } from "../suyuan";

const PASSWORD = "a word that stands nowhere";
const ROWS = 3000;

describe("suyuan exit digest, of a PostgreSQL table", function () {
  this.timeout(120_000);
  let server: Server;
  let folder: string;
  const csv = `name,seats,open,note\n${Array.from({ length: ROWS }, (_, k) => k + 1)
    .map((i) => `MU${i},${i},${i % 2 === 0 ? "t" : "f"},${i % 3 === 0 ? '"a, ""b"""' : ""}\n`)
    .join("")}`;

  before(async function () {
    server = (await startPostgresql()) ?? this.skip();
    folder = mkdtempSync(join(tmpdir(), "suyuan-digest-pg-"));
    const { ask, folder: data } = server;
    const rules = join(data, "pg_hba.conf");
    writeFileSync(rules, `local all reader scram-sha-256\n${readFileSync(rules, "utf8")}`);
    await ask("select pg_reload_conf()");
    await ask("create table flights(name text, seats integer, open boolean, note text)");
    await ask(
      `insert into flights select 'MU' || i, i, i % 2 = 0, case when i % 3 = 0 then 'a, "b"' end from generate_series(1, ${ROWS}) i`,
    );
    await ask("create table closed(x integer)");
    await ask(`create role reader login password '${PASSWORD}'`);
    await ask("grant select on flights to reader");
  });
  after(async () => {
    await (server as Server | undefined)?.end();
    if ((folder as string | undefined) !== undefined) rmSync(folder, { recursive: true });
  });

  const run = (tables: readonly string[], password: string, ...args: string[]): Promise<Ran> => {
    const { host, port, database } = server.connection;
    const at = `postgresql: {host: ${host}, port: ${port}, user: reader, database: ${database}}`;
    const places = join(folder, "places.yaml");
    const all = tables.map((table) => `  - {place: "db/${table}", ${at}, table: "${table}"}\n`).join("");
    writeFileSync(places, `executor: data security officer\nplaces:\n${all}`);
    return suyuan(["exit", "digest", "--places", places, ...args], { env: { PGPASSWORD: password } });
  };

  it("is that of the CSV which COPY writes of it, and the table is as it was", async () => {
    const digest = createHash("sha256").update(csv).digest("hex");
    const ran = await run(["public.flights"], PASSWORD, "--json");
    expect(documents(ran), ran.stderr).to.deep.equal([{ place: "db/public.flights", digest, bytes: csv.length }]);
    expect(ran.code).to.equal(0);
    expect((await run(["public.flights"], PASSWORD)).stdout).to.match(new RegExp(`^${digest}  .*public\\.flights\n$`));
    expect(await server.ask("select count(*)::int as rows from flights")).to.deep.equal([{ rows: ROWS }]);
  });

  it("is none where the table is missing, is not to be read, or the password is another", async () => {
    const ran = await run(["public.flights", "public.gone", "public.closed"], PASSWORD, "--json");
    const codes = (ran: Ran): readonly unknown[] => (documents(ran) as { code?: string }[]).map(({ code }) => code);
    expect([ran.code, codes(ran)]).to.deep.equal([1, [undefined, "missing", "not-allowed"]]);
    const refused = await run(["public.flights"], "not that word", "--json");
    expect([refused.code, codes(refused)]).to.deep.equal([1, ["not-allowed"]]);
    expect(ran.stdout + ran.stderr + refused.stdout + refused.stderr)
      .not.to.include(PASSWORD)
      .and.not.include("not that word");
  });
});
