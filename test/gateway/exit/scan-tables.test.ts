/** What the residue scan sees in databases. */
import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Level } from "level";
import { Database } from "node-sqlite3-wasm";
import { postgresqlStore, TableEraser } from "../../../gateway/exit/erase/table";
import { Fingerprinter } from "../../../gateway/exit/scan/fingerprinter";
import { FingerprintKey } from "../../../gateway/exit/scan/fingerprint-key";
import { quarryOf } from "../../../gateway/exit/scan/quarry";
import { scan, type Scanned } from "../../../gateway/exit/scan/scan";
import { openPostgresql } from "../../../gateway/exit/tables/postgresql";
import type { Tables } from "../../../gateway/exit/tables/tables";
import { tarOf, zipOf } from "./archives";
import { cutOff } from "./cut-off";
import { type Server, startPostgresql } from "./tables/postgresql-server";
import { noise, wantedOf } from "./wanted";

const KEY = new FingerprintKey(Buffer.alloc(32, 9));

type Flight = readonly [date: string, flight: string, from: string, seats: number];
const flight = (i: number): Flight => [`2026-03-${1 + (i % 28)}`, `MU${i}`, i % 2 === 0 ? '上海, "虹桥"' : "两行\n起降", (i * 7919) % 1000];
const csvCell = (cell: string | number): string => `"${String(cell).replaceAll('"', '""')}"`;
const TABLE = Buffer.from(Array.from({ length: 2000 }, (_, i) => `${flight(i).map(csvCell).join(",")}\n`).join(""));
const MODEL = noise("model", 320_000);
/** What is packed says nothing to who does not unpack it. */
const TEXT = Buffer.from(noise("text", 60_000).toString("base64"));

const quarry = quarryOf(
  [MODEL, TABLE, TEXT].map((content, i) => wantedOf(`M/facts/${i}/0`, content, KEY)),
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
    cutOff(join(root, "journal"));
    expect((await run()).resumed, "of one that was cut off").to.equal(scanned.files);
    cutOff(join(root, "journal"));
    await level.open();
    await level.put("another", "one");
    await level.close();
    // Its lock is what it was.
    expect((await run()).resumed, "after a change").to.be.at.most(1);
  });

  const sorted = (): string => `${TABLE.toString("utf8").trimEnd().split("\n").reverse().join("\n")}\n`;

  it("looks into cells that are archives, and finds the rows of cells that are tables", async () => {
    const archived = await zipOf({ "in/text": TEXT });
    sqlite("cells.db", (database) => {
      for (const [table, cell] of [
        ["gzipped", gzipSync(TEXT)],
        ["zipped", archived],
        ["text", sorted()],
        ["bytes", Buffer.from(sorted())],
      ] as const) {
        database.exec(`create table ${table}(content)`);
        database.run(`insert into ${table} values (?)`, [cell]);
      }
      database.exec("create table closed(content)");
      database.run("insert into closed values (?)", [Buffer.from(`28b52ffd${"00".repeat(40)}`, "hex")]);
    });
    const scanned = await run();
    expect(found(scanned).map((it) => it.replace("cells.db!/", ""))).to.have.members([
      "cells.db rows 1 990",
      "gzipped! whole 2 1000",
      "zipped!/in/text whole 2 1000",
      "text rows 1 1000",
      "bytes rows 1 1000",
    ]);
    expect(missed(scanned)).to.deep.equal(["cells.db!/closed compression-unknown"]);
  });

  it("says where a file still has rows that were deleted, until it is made anew", async () => {
    const half = "delete from flights where seats % 2 = 0";
    sqlite("whole.db", flights);
    for (const [name, work] of [
      ["none", "delete from flights"],
      ["half", half],
      ["dropped", "drop table flights"],
      ["vacuumed", `${half}; vacuum`],
    ] as const)
      sqlite(`${name}.db`, (database) => {
        flights(database);
        database.exec(`pragma secure_delete = off; ${work}`);
      });
    sqlite("overwritten.db", (database) => {
      flights(database);
      database.exec(`pragma secure_delete = on; ${half}`);
    });
    // A chain of free pages that leads back to where it was.
    const dropped = readFileSync(join(tree, "dropped.db"));
    const [size, trunk] = [dropped.readUInt16BE(16), dropped.readUInt32BE(32)];
    dropped.fill(0, (trunk - 1) * size, trunk * size);
    dropped.writeUInt32BE(trunk, (trunk - 1) * size);
    writeFileSync(join(tree, "turning.db"), dropped);
    const of = (name: string): string => `${name}.db rows-deleted`;
    expect(missed(await run())).to.deep.equal([of("dropped"), of("half"), of("none"), of("turning")]);
  });

  it("says which files of databases it did not read with them", async () => {
    const level = async (name: string): Promise<void> => {
      const store = new Level(join(tree, name));
      for (let i = 0; i < 500; i++) await store.put(`key ${i}`, `value ${i}`);
      await (store as unknown as { compactRange(start: string, end: string): Promise<void> }).compactRange("", "~");
      await store.close();
    };
    const tables = (name: string): readonly string[] => readdirSync(join(tree, name)).filter((it) => it.endsWith(".ldb"));
    await level("whole");
    await level("without");
    await level("strange");
    await level("other");
    rmSync(join(tree, "without", "CURRENT"));
    const bytesOfTable = readFileSync(join(tree, "other", tables("other")[0] as string));
    writeFileSync(join(tree, "alone"), bytesOfTable);
    writeFileSync(join(tree, "strange", "000999.ldb"), bytesOfTable);
    writeFileSync(join(tree, "in.tar"), await tarOf({ "000005.ldb": bytesOfTable }));
    sqlite("work.db", flights);
    const bytes = readFileSync(join(tree, "work.db"));
    writeFileSync(join(tree, "headed.db"), Buffer.concat([Buffer.from("x"), bytes]));
    writeFileSync(join(tree, "left-wal"), Buffer.concat([Buffer.from("377f0683002de218", "hex"), bytes]));
    writeFileSync(join(tree, "left-journal"), Buffer.concat([Buffer.from("d9d505f920a163d7", "hex"), bytes]));
    const scanned = await run();
    const [manifest, log] = [/^MANIFEST-/, /\.log$/].map((it) => readdirSync(join(tree, "without")).find((name) => it.test(name)));
    const files = ["alone", "headed.db", "in.tar!/000005.ldb", "left-journal", "left-wal", "strange/000999.ldb"];
    const without = [...tables("without"), manifest, ...(readFileSync(join(tree, "without", log as string)).length > 0 ? [log] : [])];
    const told = [...files, ...without.map((it) => `without/${it}`)].map((it) => `${it} rows-not-read`);
    expect(missed(scanned)).to.have.members(told);
    // What was read with its database the last time is not, once that is none any more.
    rmSync(join(tree, "whole", "CURRENT"));
    const [table, more] = [tables("whole")[0] as string, missed(await run())];
    expect(more).to.include.members([...told, `whole/${table} rows-not-read`]);
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

    it("has a table of it fingerprinted where it lies, and found in text in another order", async () => {
      const { ask, connection } = server as Server;
      await ask("create table seen(date text, flight text, origin text, seats integer)");
      for (let i = 0; i < 50; i++) await ask("insert into seen values ($1, $2, $3, $4)", [...flight(i)]);
      const maker = new Fingerprinter(KEY, true);
      const look = await new TableEraser("postgresql", "here", postgresqlStore(connection), "public.seen").look(() => undefined, maker);
      const { head, bytes } = maker.end();
      expect([head.digest, head.bytes]).to.deep.equal([look?.digests[0], look?.bytes]);
      const order = Array.from({ length: 50 }, (_, i) =>
        flight(49 - i)
          .map(csvCell)
          .join(";"),
      );
      writeFileSync(join(tree, "export.txt"), `${order.join("\r\n")}\r\n`);
      const seeking = quarryOf([{ holding: "M/facts/7/0", digest: head.digest, sidecar: bytes }], KEY);
      const scratch = join(root, "scratch");
      const scanned = await scan({ targets: [tree], own: [], scratch, journal: join(root, "journal"), purpose: "", quarry: seeking });
      // All but the header.
      expect(found(scanned)).to.deep.equal(["export.txt rows 7 980"]);
      await ask("drop table seen");
    });

    it("finds what is in large objects and packed in cells, and says what the server keeps from its user or has elsewhere", async () => {
      const { ask, connection } = server as Server;
      await ask("drop table if exists flights, files");
      await ask("create table packed(content bytea)");
      await ask("insert into packed values ($1)", [gzipSync(TEXT)]);
      await ask("create table kept(name text)");
      await ask("insert into kept values ('a row that only its owner sees')");
      await ask("alter table kept enable row level security");
      await ask("create foreign data wrapper nothing");
      await ask("create server elsewhere foreign data wrapper nothing");
      await ask("create foreign table there(name text) server elsewhere");
      const [{ oid }] = (await ask("select lo_from_bytea(0, $1)::text as oid", [Buffer.concat([Buffer.from("before"), MODEL])])) as [
        { oid: string },
      ];
      await ask("create role reader login");
      await ask("grant select on packed, kept to reader");
      const stores = (user: object): ReadonlyMap<string, () => Promise<Tables>> =>
        new Map([["pg", () => openPostgresql({ ...connection, ...user })]]);
      const scanned = await run(stores({}));
      expect(found(scanned).map((it) => it.replace(/part 0 9\d\d/, "part 0"))).to.deep.equal([
        "pg!/public.packed! whole 2 1000",
        `pg!/large object ${oid} part 0`,
      ]);
      expect(scanned.unread).to.deep.equal([{ object: "pg!/public.there", reason: "rows-not-read" }]);
      const reader = await run(stores({ user: "reader" }));
      expect(reader.unread).to.deep.equal([
        { object: "pg!/public.kept", reason: "permission" },
        { object: "pg!/public.there", reason: "rows-not-read" },
        { object: `pg!/large object ${oid}`, reason: "permission" },
      ]);
    });
  });
});
