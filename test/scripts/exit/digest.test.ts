/** The real command, on real files and tables. */
import { expect } from "chai";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Level } from "level";
import { Database } from "node-sqlite3-wasm";
import { documents, errorCode, type Ran, suyuan } from "../suyuan";

const sha256 = (content: string): string => createHash("sha256").update(content).digest("hex");

describe("suyuan exit digest", function () {
  this.timeout(60_000);
  let folder: string;
  let data: string;
  const people = 'name,age\nA,41\n"x, y",\n';
  const flights = "key,value\nMU1,late\n";

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "suyuan-digest-"));
    data = join(folder, "data");
    mkdirSync(join(data, "raw", "deep"), { recursive: true });
    mkdirSync(join(data, "empty"));
    for (const name of ["a.csv", "deep/b.csv", "deep/line\nend"]) writeFileSync(join(data, "raw", name), `content of ${name}`);
    symlinkSync("a.csv", join(data, "raw", "link"));
    const database = new Database(join(data, "work.db"));
    database.exec("create table people(name text, age integer); insert into people values ('A', 41), ('x, y', null)");
    database.close();
    const level = new Level(join(data, "cache"));
    await level.sublevel("flights").put("MU1", "late");
    await level.close();
  });
  after(() => rmSync(folder, { recursive: true }));

  const run = (places: string, ...args: string[]): Promise<Ran> => {
    const file = join(folder, "places.yaml");
    writeFileSync(file, `executor: data security officer\nroots: [${data}]\nplaces:\n${places}`);
    return suyuan(["exit", "digest", "--places", file, ...args]);
  };

  it("prints what sha256sum prints of files and folders, and of tables that of their CSV", async () => {
    const before = readFileSync(join(data, "work.db"));
    const places = `  - {place: model, directory: ${data}/raw/deep}
  - {place: work/people, sqlite: ${data}/work.db, table: people}
  - {place: cache/flights, level: ${data}/cache, table: flights}
  - {holding: OperatorMSP/facts/1/0, file: ${data}/raw/a.csv, differs: it does}
`;
    const contents = ["b.csv", "line\nend"].map((name) => `content of deep/${name}`);
    const list = `${sha256(contents[0]!)}  ./b.csv\n\\${sha256(contents[1]!)}  ./line\\nend\n`;
    const ran = await run(places, "--json");
    expect([ran.code, ran.stderr]).to.deep.equal([0, ""]);
    expect(documents(ran)).to.deep.equal([
      { place: "model", digest: sha256(list), bytes: contents.join("").length },
      { place: "work/people", digest: sha256(people), bytes: people.length },
      { place: "cache/flights", digest: sha256(flights), bytes: flights.length },
      { holding: "OperatorMSP/facts/1/0", digest: sha256("content of a.csv"), bytes: 16 },
    ]);
    expect(readFileSync(join(data, "work.db")).equals(before)).to.equal(true);
  });

  it("has a line for each regular file below a place that ends in /, but those that another place is nearer to", async () => {
    const ran = await run(`  - {place: raw/, file: ${data}/raw/}\n  - {place: raw/deep/b.csv, file: ${data}/raw/a.csv}\n`);
    expect([ran.code, ran.stderr]).to.deep.equal([0, ""]);
    expect(ran.stdout).to.equal(
      [
        `${sha256("content of a.csv")}  raw/a.csv`,
        `\\${sha256("content of deep/line\nend")}  raw/deep/line\\nend`,
        `${sha256("content of a.csv")}  raw/deep/b.csv`,
        "",
      ].join("\n"),
    );
  });

  it("says of a place that has no digest why, goes on, and answers 1", async () => {
    const places = `  - {place: gone, file: ${data}/gone}
  - {place: none/, file: ${data}/none/}
  - {place: empty/, file: ${data}/empty/}
  - {place: link, file: ${data}/raw/link}
  - {place: outside, file: ${folder}/places.yaml}
  - {place: no/table, sqlite: ${data}/work.db, table: nobody}
  - {place: vault, key: {name: key-1, record: ${data}/record}}
  - {place: a, file: ${data}/raw/a.csv}
`;
    const ran = await run(places, "--json");
    const told = documents(ran) as { readonly place: string; readonly code?: string; readonly digest?: string }[];
    expect([ran.code, told.map(({ place, code = "" }) => `${place} ${code}`.trim())]).to.deep.equal([
      1,
      [
        "gone missing",
        "none/ missing",
        "empty/ missing",
        "link symlink",
        "outside outside-roots",
        "no/table missing",
        "vault encrypted",
        "a",
      ],
    ]);
    const shown = await run(places);
    expect([shown.code, shown.stdout]).to.deep.equal([1, `${sha256("content of a.csv")}  a\n`]);
    expect(shown.stderr).to.contain(`gone  nothing is there  ${data}/gone\n`);
  });

  it("refuses a places file that exit erase refuses", async () => {
    const ran = await run("  - {place: a, file: relative}\n", "--json");
    expect([ran.code, errorCode(ran)]).to.deep.equal([2, "places-wrong"]);
  });
});
