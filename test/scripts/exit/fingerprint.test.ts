/** What was declared as a folder or a table, fingerprinted where it lies, and found elsewhere by the real commands. */
import { expect } from "chai";
import { createHash, randomBytes } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { Level } from "level";
import { Database } from "node-sqlite3-wasm";
import type { ScanReport } from "../../../gateway/exit/scan/report";
import { AUTHORIZATION, example, OPERATOR } from "../../chaincode/events/world";
import { tarOf } from "../../gateway/exit/archives";
import { Exiting } from "../../gateway/exit/leaving";
import { asking, type Telling } from "../../gateway/http/telling";
import { documents, errorCode, type Ran, suyuan } from "../suyuan";

interface Made {
  readonly place?: string;
  readonly holding?: string;
  readonly code?: string;
  readonly digest: string;
  readonly bytes: number;
  readonly fingerprints: string;
  readonly sidecar: string;
  readonly files?: number;
  readonly rows: number;
}

type Person = readonly [name: string, town: string, age: number];
const person = (i: number): Person => [`somebody ${i}`, i % 2 === 0 ? '上海, "虹桥"' : "北京;朝阳;1;2;3;4;5;6", (i * 7919) % 100];
const PEOPLE = Array.from({ length: 400 }, (_, i) => person(i));

describe("suyuan exit fingerprint", function () {
  this.timeout(120_000);
  let root: string;
  let data: string;
  let tree: string;
  let exiting: Exiting;
  let telling: Telling;
  let environment: Record<string, string>;
  let made: readonly Made[];
  /** Names of holdings by their places. */
  const holdings = new Map<string, string>();
  const model = { "large.bin": randomBytes(300_000), "deep/小.bin": randomBytes(2000), "deep/empty": Buffer.alloc(0) };

  const run = (...args: string[]): Promise<Ran> => suyuan(["exit", ...args], { env: environment });
  const places = (lines: string): string => {
    const file = join(root, "places.yaml");
    writeFileSync(file, `executor: data security officer\nroots: [${data}]\nplaces:\n${lines}`);
    return file;
  };
  const putAll = (under: string, files: Readonly<Record<string, Buffer | string>>): void => {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(under, name)), { recursive: true });
      writeFileSync(join(under, name), content);
    }
  };
  const held = (): string => `  - {place: model, directory: ${data}/model}
  - {place: work/people, sqlite: ${data}/work.db, table: people}
  - {place: cache, level: ${data}/cache}
  - {place: raw.csv, file: ${data}/raw.csv}
`;

  before(async () => {
    root = mkdtempSync(join(tmpdir(), "suyuan-fingerprint-"));
    [data, tree] = [join(root, "data"), join(root, "tree")];
    putAll(join(data, "model"), model);
    putAll(data, { "raw.csv": randomBytes(90_000).toString("base64") });
    const database = new Database(join(data, "work.db"));
    database.exec("create table people(name text, town text, age integer); begin");
    for (const one of PEOPLE) database.run("insert into people values (?, ?, ?)", [...one]);
    database.exec("commit");
    database.close();
    const level = new Level<string, string>(join(data, "cache"));
    const flights = level.sublevel("flights");
    for (let i = 0; i < 300; i++) await flights.put(`MU${i}`, JSON.stringify({ from: "上海", late: (i * 31) % 97 }));
    await level.put("of all of them", "the newest is MU299");
    await level.close();

    exiting = await Exiting.start();
    ({ telling } = exiting);
    environment = { SUYUAN_URL: telling.url, SUYUAN_TOKEN: await telling.token(asking(OPERATOR)) };
    const ran = await run(
      "fingerprint",
      "--places",
      places(held()),
      "--authorization",
      AUTHORIZATION,
      "--out",
      join(root, "sidecars"),
      "--json",
    );
    expect([ran.code, ran.stderr]).to.deep.equal([0, ""]);
    made = documents(ran) as Made[];
    for (const { place = "", digest, bytes, fingerprints } of made) {
      const holding = { digest, bytes, rows: 1, form: "raw", place, platform: "on", fingerprints };
      const { journal, index } = await telling.tell(example("data.pulled", OPERATOR, { holding }));
      holdings.set(`${journal}/${index}/0`, place);
    }
  });
  after(async () => {
    await exiting.stop();
    rmSync(root, { recursive: true });
  });
  beforeEach(() => mkdirSync(tree));
  afterEach(() => rmSync(tree, { recursive: true }));

  /** @returns what was found of the places' holdings: where, how, and of which place */
  async function found(): Promise<readonly string[]> {
    const ran = await run(
      "scan",
      tree,
      "--authorization",
      AUTHORIZATION,
      "--sidecars",
      join(root, "sidecars"),
      "--state",
      join(root, "state"),
      "--json",
    );
    const report = documents(ran).at(-1) as ScanReport;
    expect(ran.code).to.equal(report.residues > 0 ? 4 : 1);
    return report.found.map(({ object, how, holding }) => `${object.slice(tree.length + 1)} ${how} ${holdings.get(holding)}`);
  }

  it("tells of each place what exit digest does, and of its sidecar what the declaration says", async () => {
    const digests = documents(await run("digest", "--places", places(held()), "--json")) as Made[];
    expect(made.map(({ place, digest, bytes }) => ({ place, digest, bytes }))).to.deep.equal(digests);
    expect(made.map(({ files, rows }) => [files, rows > 100])).to.deep.equal([
      [2, false],
      [undefined, true],
      [undefined, true],
      [undefined, false],
    ]);
    for (const { fingerprints, sidecar, digest } of made) {
      expect(sidecar).to.equal(join(root, "sidecars", `${digest}.fingerprints`));
      expect(createHash("sha256").update(readFileSync(sidecar)).digest("hex")).to.equal(fingerprints);
    }
  });

  it("finds nothing where nothing is", async () => {
    putAll(tree, { "clean.bin": randomBytes(200_000), "clean.csv": "name,town,age\nanybody,北京,1\n", empty: "" });
    expect(await found()).to.deep.equal([]);
  });

  it("has a folder found: copied, one file of it under another name, and packed", async () => {
    cpSync(join(data, "model"), join(tree, "copy"), { recursive: true });
    putAll(tree, { "cache.tmp": model["deep/小.bin"], "old.tar.gz": gzipSync(await tarOf(model)) });
    expect((await found()).map((it) => it.replace("小", "small"))).to.have.members([
      "cache.tmp file model",
      "copy/deep/small.bin file model",
      "copy/large.bin file model",
      "old.tar.gz!!/deep/small.bin file model",
      "old.tar.gz!!/large.bin file model",
    ]);
  });

  it("has a table found: exported in another order and dialect, and in another database", async () => {
    const quoted = (cell: string | number): string =>
      /[ ",]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell);
    const other = [...PEOPLE].reverse();
    putAll(tree, {
      // As sqlite3 writes it: more quotes than must be, CRLF, no header; and with more semicolons than commas.
      "export.csv": other.map((one) => `${one.map(quoted).join(",")}\r\n`).join(""),
      "export.tsv": other.map(([name, town, age]) => `${age}\t${town}\t${name}\n`).join(""),
    });
    const database = new Database(join(tree, "other.db"));
    database.exec("create table t(a integer, b text, c text, d text); begin");
    for (const [name, town, age] of other.slice(100)) database.run("insert into t values (?, ?, ?, ?)", [age, null, name, town]);
    database.exec("commit");
    database.close();
    expect(await found()).to.have.members(["export.csv rows work/people", "export.tsv rows work/people", "other.db!/t rows work/people"]);
  });

  it("has a LevelDB found that was copied", async () => {
    cpSync(join(data, "cache"), join(tree, "db"), { recursive: true });
    expect(await found()).to.deep.equal(["db!/! rows cache"]);
  });

  it("says of a place that cannot be fingerprinted why, goes on, and answers 1", async () => {
    const file = places(`  - {place: gone, directory: ${data}/gone}
  - {place: no/table, sqlite: ${data}/work.db, table: nobody}
  - {place: vault, key: {name: key-1, record: ${data}/record}}
  - {place: outside, directory: ${root}/sidecars}
  - {place: deep/, file: ${data}/model/deep/}
`);
    const ran = await run("fingerprint", "--places", file, "--authorization", AUTHORIZATION, "--out", join(root, "others"), "--json");
    const told = (documents(ran) as Made[]).map(({ place, code }) => `${place} ${code ?? ""}`.trim());
    expect([ran.code, told]).to.deep.equal([
      1,
      ["gone missing", "no/table missing", "vault encrypted", "outside outside-roots", "deep/empty", "deep/小.bin"],
    ]);
    const nothing = await run("fingerprint", "--authorization", AUTHORIZATION, "--out", join(root, "others"), "--json");
    expect([nothing.code, errorCode(nothing)]).to.deep.equal([2, "argument-missing"]);
  });

  it("without it no copy is found, and the scan says so: folders and tables apart where it is told which they are", async () => {
    cpSync(join(data, "model"), join(tree, "copy"), { recursive: true });
    const scan = ["scan", tree, "--authorization", AUTHORIZATION, "--state", join(root, "state")];
    const { holdings: all } = documents(await run(...scan, "--json")).at(-1) as ScanReport;
    const ran = await run(...scan, "--places", places(held()), "--json");
    const { notRead, residues } = documents(ran).at(-1) as ScanReport;
    expect([ran.code, residues, notRead]).to.deep.equal([1, 0, { "not-sought": 3, "without-fingerprints": all - 3 }]);
    const shown = await suyuan(["exit", ...scan], { env: { ...environment, SUYUAN_LANG: "zh" } });
    expect(shown.stdout).to.include("目录和表不能发现");
  });
});
