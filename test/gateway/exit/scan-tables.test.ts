/** What the residue scan sees in databases. */
import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Level } from "level";
import { Database } from "node-sqlite3-wasm";
import { FingerprintKey } from "../../../gateway/exit/scan/fingerprint-key";
import { quarryOf } from "../../../gateway/exit/scan/quarry";
import { scan, type Scanned } from "../../../gateway/exit/scan/scan";
import { openPostgresql } from "../../../gateway/exit/tables/postgresql";
import type { Tables } from "../../../gateway/exit/tables/tables";
import { zipOf } from "./archives";
import { type Server, startPostgresql } from "./tables/postgresql-server";
import { noise, wantedOf } from "./wanted";

const KEY = new FingerprintKey(Buffer.alloc(32, 9));

type Flight = readonly [date: string, flight: string, from: string, seats: number];
const flight = (i: number): Flight => [`2026-03-${1 + (i % 28)}`, `MU${i}`, i % 2 === 0 ? '上海, "虹桥"' : "两行\n起降", (i * 7919) % 1000];
const csvCell = (cell: string | number): string => `"${String(cell).replaceAll('"', '""')}"`;
const TABLE = Buffer.from(Array.from({ length: 2000 }, (_, i) => `${flight(i).map(csvCell).join(",")}\n`).join(""));
const MODEL = noise("model", 320_000);

const quarry = quarryOf(
  [MODEL, TABLE].map((content, i) => wantedOf(`M/facts/${i}/0`, content, KEY)),
  KEY,
);

/** Has a LevelDB folder open. */
const HOLDER =
  'const { Level } = require("level"); new Level(process.argv[1]).open().then(() => console.log("open")); setInterval(() => {}, 1000)';

describe("the residue scan of databases", () => {
  let root: string;
  let tree: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "suyuan-scan-"));
    tree = join(root, "tree");
    mkdirSync(tree);
    mkdirSync(join(root, "scratch"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const run = async (stores: ReadonlyMap<string, () => Promise<Tables>> = new Map()): Promise<Scanned> => {
    const scanned = await scan({
      ...{ targets: [tree], own: [], scratch: join(root, "scratch"), journal: join(root, "journal"), purpose: "", quarry, stores },
    });
    expect(readdirSync(join(root, "scratch"))).to.deep.equal([]);
    return scanned;
  };
  const found = ({ found }: Scanned): readonly string[] =>
    found.map(({ object, holding, how, share }) => `${object.replace(`${tree}/`, "")} ${how} ${holding.split("/")[2]} ${share}`);
  const missed = ({ unread }: Scanned): readonly string[] =>
    unread.map(({ object, reason }) => `${object.slice(tree.length + 1)} ${reason}`);
  const filesOf = (directory: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((it) => it.isFile())
        .map((it) => [join(it.parentPath, it.name), readFileSync(join(it.parentPath, it.name)).toString("base64")]),
    );

  function sqlite(name: string, fill: (database: Database) => void): void {
    const database = new Database(join(tree, name));
    fill(database);
    database.close();
  }
  const flights = (database: Database): void => {
    database.exec("create table flights(seats integer, flight text, origin text, date text); begin");
    for (let i = 1999; i >= 0; i -= 2) {
      const [date, number, from, seats] = flight(i - 1);
      database.run("insert into flights values (?, ?, ?, ?)", [seats, number, from, date]);
    }
    database.exec("commit");
  };

  it("finds rows in other orders of rows and columns, and files in cells, in SQLite, and changes nothing", async () => {
    sqlite("work.db", (database) => {
      flights(database);
      database.exec("begin; create table files(name text, content blob); create table others(a text, b integer)");
      for (let at = 0; at < MODEL.length; at += 80_000)
        database.run("insert into files values (?, ?)", ["part", MODEL.subarray(at, at + 80_000)]);
      for (let i = 0; i < 500; i++) database.run("insert into others values (?, ?)", [`of nobody's interest ${i}`, i]);
      database.exec("commit");
    });
    sqlite("blob.sqlite", (database) => {
      database.exec("create table one(content blob)");
      database.run("insert into one values (?)", [MODEL]);
    });
    const before = filesOf(tree);
    const scanned = await run();
    const parts = found(scanned).map((it) => it.replace(/part 0 \d+/, "part 0"));
    expect(parts).to.include.members(["blob.sqlite!/one whole 0 1000", "work.db!/files part 0", "work.db!/flights rows 1 500"]);
    expect(parts.filter((it) => it.includes("others"))).to.deep.equal([]);
    expect(missed(scanned)).to.deep.equal([]);
    expect(filesOf(tree)).to.deep.equal(before);
  });

  it("finds rows and files in LevelDB, in sublevels and outside", async () => {
    const level = new Level<string, string>(join(tree, "store"));
    const rows = level.sublevel("flights");
    for (let i = 0; i < 1000; i++) {
      const [date, number, from, seats] = flight(i * 2);
      await rows.put(number, JSON.stringify({ number, from, date, seats }));
    }
    await level.put("file", MODEL.toString("hex"));
    await level.close();
    const scanned = await run();
    expect(found(scanned)).to.deep.equal(["store!/! whole 0 1000", "store!/flights rows 1 500"]);
    expect(missed(scanned)).to.deep.equal([]);
    expect((await run()).resumed, "a run after it").to.equal(scanned.files);
    await level.open();
    await level.put("another", "one");
    await level.close();
    expect((await run()).resumed, "after a change").to.equal(0);
  });

  it("says which databases it did not read", async () => {
    sqlite("damaged.db", flights);
    const bytes = readFileSync(join(tree, "damaged.db"));
    writeFileSync(join(tree, "inside.zip"), await zipOf({ "in.db": bytes }));
    writeFileSync(join(tree, "damaged.db"), Buffer.concat([bytes.subarray(0, 16), Buffer.alloc(5000, 0xff), bytes.subarray(5016)]));
    mkdirSync(join(tree, "level"));
    for (const name of ["CURRENT", "MANIFEST-000001"]) writeFileSync(join(tree, "level", name), "nothing");
    const holder = spawn(process.execPath, ["-e", HOLDER, join(tree, "open")], { stdio: ["pipe", "pipe", "inherit"], cwd: process.cwd() });
    try {
      await once(holder.stdout, "data");
      expect(missed(await run())).to.deep.equal(["damaged.db damaged", "inside.zip!/in.db rows-not-read", "level damaged", "open in-use"]);
    } finally {
      holder.kill();
    }
  });

  describe("of a PostgreSQL server", () => {
    let server: Server | undefined;
    before(async function () {
      this.timeout(60_000);
      server = await startPostgresql();
      if (server === undefined) this.skip();
    });
    after(async () => {
      await server?.end();
    });

    it("finds rows and files, and says what it could not read", async () => {
      const { ask, connection } = server as Server;
      await ask("create table flights(seats integer, flight text, origin text, date text)");
      await ask("create table files(content bytea)");
      for (let i = 1999; i > 0; i -= 2) {
        const [date, number, from, seats] = flight(i - 1);
        await ask("insert into flights values ($1, $2, $3, $4)", [seats, number, from, date]);
      }
      await ask("insert into files values ($1)", [MODEL]);
      const gone = (): Promise<Tables> => openPostgresql({ ...connection, database: "nowhere" });
      const scanned = await run(
        new Map([
          ["postgresql://here/work", () => openPostgresql(connection)],
          ["postgresql://here/nowhere", gone],
        ]),
      );
      expect(found(scanned)).to.deep.equal([
        "postgresql://here/work!/public.files whole 0 1000",
        "postgresql://here/work!/public.flights rows 1 500",
      ]);
      expect(scanned.unread.map(({ object }) => object)).to.deep.equal(["postgresql://here/nowhere"]);
    });
  });
});
