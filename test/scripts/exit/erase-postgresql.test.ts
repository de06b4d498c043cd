/** A holding in a PostgreSQL table, erased with a password that stands in the environment alone. Skipped where the server's programs are not installed. */
import { expect } from "chai";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Outcome } from "../../../gateway/exit/erase/outcome";
import { example, OPERATOR } from "../../chaincode/events/world";
import { EXIT, Exiting } from "../../gateway/exit/leaving";
import { type Server, startPostgresql } from "../../gateway/exit/tables/postgresql-server";
import { asking } from "../../gateway/http/telling";
import { documents, type Ran, suyuan } from "../suyuan";

const PASSWORD = "a word that stands nowhere";

describe("suyuan exit erase, of a PostgreSQL table", function () {
  this.timeout(120_000);
  let server: Server | undefined;
  let exiting: Exiting;
  let folder: string;

  before(async function () {
    server = (await startPostgresql()) ?? this.skip();
    folder = mkdtempSync(join(tmpdir(), "suyuan-erase-pg-"));
    exiting = await Exiting.start();
  });
  after(async () => {
    await server?.end();
    await (exiting as Exiting | undefined)?.stop();
    if ((folder as string | undefined) !== undefined) rmSync(folder, { recursive: true });
  });

  it("drops the table that is as COPY wrote it when it was declared, and tells what it cannot reach", async () => {
    if (server === undefined) throw new Error("no server");
    const { ask, connection, folder: data } = server;
    const rules = join(data, "pg_hba.conf");
    writeFileSync(rules, `local all operator scram-sha-256\n${readFileSync(rules, "utf8")}`);
    await ask("select pg_reload_conf()");
    await ask("create table flights(name text, seats integer, open boolean, note text)");
    await ask(
      "insert into flights select 'MU' || i, i, i % 2 = 0, case when i % 3 = 0 then 'a, \"b\"' end from generate_series(1, 3000) i",
    );
    await ask("create table kept(x integer)");
    await ask(`create role operator login password '${PASSWORD}'`);
    await ask("alter table flights owner to operator");
    const csv = `name,seats,open,note\n${Array.from({ length: 3000 }, (_, k) => k + 1)
      .map((i) => `MU${i},${i},${i % 2 === 0 ? "t" : "f"},${i % 3 === 0 ? '"a, ""b"""' : ""}\n`)
      .join("")}`;
    const digest = createHash("sha256").update(csv).digest("hex");
    const holding = { digest, bytes: csv.length, rows: 3000, form: "raw", place: "db/flights", platform: "on" };
    await exiting.telling.tell(example("data.pulled", OPERATOR, { holding }));
    await exiting.open();

    const places = join(folder, "places.yaml");
    const { host, port, database } = connection;
    writeFileSync(
      places,
      `executor: data security officer\nplaces:\n  - place: db/flights\n    postgresql: {host: ${host}, port: ${port}, user: operator, database: ${database}}\n    table: public.flights\n`,
    );
    const state = join(folder, "state");
    const run = async (password: string): Promise<Ran> =>
      suyuan(["exit", "erase", EXIT, "--places", places, "--state", state, "--json"], {
        env: { SUYUAN_URL: exiting.telling.url, SUYUAN_TOKEN: await exiting.telling.token(asking(OPERATOR)), PGPASSWORD: password },
      });
    const outcomeOf = (ran: Ran): Outcome | undefined => (documents(ran) as Outcome[]).find(({ place }) => place === "db/flights");
    const refused = await run("not that word");
    expect([outcomeOf(refused)?.result, outcomeOf(refused)?.code]).to.deep.equal(["refused", "not-allowed"]);

    const ran = await run(PASSWORD);
    const outcome = outcomeOf(ran);
    expect(outcome?.result, ran.stdout + ran.stderr).to.equal("erased");
    expect(outcome?.unreached).to.have.members([
      "planner-statistics",
      "dropped-files",
      "freed-blocks",
      "write-ahead-log",
      "replicas",
      "medium",
    ]);
    expect(await ask("select tablename from pg_tables where schemaname = 'public'")).to.deep.equal([{ tablename: "kept" }]);
    expect(refused.stdout + refused.stderr).not.to.include("not that word");
    expect(ran.stdout + ran.stderr + readFileSync(join(state, "journal.ndjson"), "utf8")).not.to.include(PASSWORD);
  });
});
