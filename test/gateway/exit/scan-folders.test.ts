/** What the residue scan finds of a folder that was held: each of its files, wherever it lies. */
import { expect } from "chai";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { Database } from "node-sqlite3-wasm";
import { FingerprintKey } from "../../../gateway/exit/scan/fingerprint-key";
import { type Kept, quarryOf, type Wanted } from "../../../gateway/exit/scan/quarry";
import { gapsOf, reportOf } from "../../../gateway/exit/scan/report";
import { scan } from "../../../gateway/exit/scan/scan";
import { parseSidecar } from "../../../gateway/exit/scan/sidecar";
import { tarOf } from "./archives";
import { folderOf, noise, wantedOf } from "./wanted";

const KEY = new FingerprintKey(Buffer.alloc(32, 5));
const DIGEST = "d".repeat(64);
const row = (i: number): string => `2026-03-${10 + (i % 20)},MU${i},"上海, 虹桥",${(i * 7919) % 1000}\n`;
const table = (rows: readonly number[]): Buffer => Buffer.from(`date,flight,from,seats\n${rows.map(row).join("")}`);
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/** A model, a table and many small ones; some that anybody may have. */
const FILES: Readonly<Record<string, Buffer>> = {
  "weights/large.bin": noise("large", 700_000),
  "weights/copy.bin": noise("large", 700_000),
  "weights/small.bin": noise("small", 3000),
  "数据/flights.csv": table(upTo(500)),
  ...Object.fromEntries(
    upTo(40).map((i) => [
      `records/${i}.json`,
      Buffer.from(JSON.stringify({ name: `somebody ${i}`, of: noise(`r${i}`, 30).toString("hex") })),
    ]),
  ),
  "records/.gitkeep": Buffer.alloc(0),
  "records/end": Buffer.from("{}\n"),
};
const TOLD = Object.entries(FILES).filter(([, content]) => content.length >= 64);

describe("the residue scan for a folder", () => {
  let root: string;
  let tree: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "suyuan-folders-"));
    tree = join(root, "tree");
    mkdirSync(tree);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const put = (name: string, content: Buffer | string): void => {
    mkdirSync(dirname(join(tree, name)), { recursive: true });
    writeFileSync(join(tree, name), content);
  };
  const putAll = (under: string): void => Object.entries(FILES).forEach(([name, content]) => put(`${under}/${name}`, content));

  const folder = (kept?: Kept, holding = "M/facts/1/0", digest = DIGEST): Wanted => ({
    ...folderOf(holding, digest, Object.values(FILES), KEY),
    ...(kept && { kept }),
  });

  interface Said {
    readonly residues: number;
    readonly gaps: number;
    /** `object how holding`, by what was concluded. */
    readonly found: readonly string[];
    readonly kept: readonly string[];
  }

  async function run(...wanted: readonly Wanted[]): Promise<Said> {
    const quarry = quarryOf(wanted, KEY);
    const scanned = await scan({ targets: [tree], own: [], scratch: root, journal: join(root, "journal"), purpose: "", quarry });
    const told = { authorization: "A", tool: "t", started: "", ended: "", targets: [tree] };
    const report = reportOf(told, quarry.sought, scanned);
    const words = (of: typeof report.found): string[] =>
      of.map(({ object, how, holding }) => `${object.slice(tree.length + 1)} ${how} ${holding.split("/")[2]}`).sort();
    return {
      ...{ residues: report.residues, gaps: gapsOf(report) },
      ...{ found: words(report.found), kept: words([...report.retained, ...report.goesOn]) },
    };
  }

  it("finds a copy of it, each file, as of that holding", async () => {
    putAll("elsewhere/copy");
    const { residues, found, gaps } = await run(folder());
    expect(found).to.deep.equal(TOLD.map(([name]) => `elsewhere/copy/${name} file 1`).sort());
    expect([residues, gaps]).to.deep.equal([TOLD.length, 0]);
  });

  it("finds any one file of it under another name, in another file, and a half of it; and its rows in another order", async () => {
    put("a.tmp", FILES["weights/small.bin"] as Buffer);
    put("b.tmp", FILES["records/7.json"] as Buffer);
    put("half", (FILES["weights/large.bin"] as Buffer).subarray(0, 350_000));
    put("headed", Buffer.concat([noise("before", 777), FILES["weights/large.bin"] as Buffer]));
    put("sorted.csv", table([...upTo(500)].reverse()));
    put("tenth.csv", table(upTo(60)));
    const database = new Database(join(tree, "work.db"));
    database.exec("create table files(content blob); create table flights(seats integer, origin text, flight text, date text); begin");
    database.run("insert into files values (?)", [FILES["weights/small.bin"] as Buffer]);
    for (const i of upTo(300))
      database.run("insert into flights values (?, ?, ?, ?)", [(i * 7919) % 1000, "上海, 虹桥", `MU${i}`, `2026-03-${10 + (i % 20)}`]);
    database.exec("commit");
    database.close();
    expect((await run(folder())).found).to.deep.equal([
      "a.tmp file 1",
      "b.tmp file 1",
      "half part 1",
      "headed part 1",
      "sorted.csv rows 1",
      "tenth.csv rows 1",
      "work.db!/files file 1",
      "work.db!/flights rows 1",
    ]);
  });

  it("finds it in archives", async () => {
    put("backup.tar.gz", gzipSync(await tarOf(FILES)));
    expect((await run(folder())).found).to.deep.equal(TOLD.map(([name]) => `backup.tar.gz!!/${name} file 1`).sort());
  });

  it("finds nothing in a tree where nothing of it is, whatever small files are in both", async () => {
    put("clean.bin", noise("clean", 800_000));
    put("clean.csv", Array.from({ length: 500 }, (_, i) => `2025-01-01,CA${i},北京,${i}\n`).join(""));
    put(".gitkeep", "");
    put("end", "{}\n");
    put("few.csv", table(upTo(15)));
    expect(await run(folder())).to.deep.equal({ residues: 0, gaps: 0, found: [], kept: [] });
  });

  it("takes a few lines that many have for nobody's", async () => {
    const lines = upTo(12)
      .map((i) => `  "a_setting_that_many_have_${i}": 0.${i},\n`)
      .join("");
    put("settings.json", `{\n${lines}  "own": 1\n}\n`);
    const files = [noise("weights", 50_000), Buffer.from(`{\n${lines}  "another": 2\n}\n`)];
    expect((await run(folderOf("M/facts/1/0", DIGEST, files, KEY))).found).to.deep.equal([]);
  });

  it("takes each file of a folder that is retained once, beside its twin that is gone, and no further copy", async () => {
    putAll("kept");
    const both = [folder(), folder("retained", "M/facts/2/0")];
    expect(await run(...both)).to.deep.include({ residues: 0, kept: TOLD.map(([name]) => `kept/${name} file 2`).sort() });
    cpSync(join(tree, "kept", "records"), join(tree, "again"), { recursive: true });
    expect((await run(...both)).residues).to.equal(40);
  });

  it("does not take a folder's word for what was declared with that very digest", async () => {
    put("one", FILES["weights/small.bin"] as Buffer);
    const gone = wantedOf("M/facts/3/0", FILES["weights/small.bin"] as Buffer, KEY);
    const { residues, found, kept } = await run(gone, folder("retained", "M/facts/2/0"));
    expect([residues, found, kept]).to.deep.equal([1, ["one whole 3"], ["one file 2"]]);
  });

  it("says nothing of what a folder that goes on has too", async () => {
    putAll("there");
    put("own", noise("own", 5000));
    const ended = folderOf("M/facts/1/0", "e".repeat(64), [...Object.values(FILES).slice(0, 3), noise("own", 5000)], KEY);
    const { residues, found, kept } = await run(ended, folder("goes-on", "M/facts/2/0"));
    expect([residues, found, kept.length]).to.deep.equal([1, ["own file 1"], TOLD.length]);
  });

  it("counts a folder without fingerprints as one of which nothing is found, and one of tiny files as one of which little is", async () => {
    put("some", noise("some", 1000));
    expect((await run({ holding: "M/facts/1/0", digest: DIGEST, isFile: false })).gaps).to.equal(1);
    const tiny = folderOf(
      "M/facts/1/0",
      DIGEST,
      upTo(50).map((i) => Buffer.from(`tiny ${i}`)),
      KEY,
    );
    expect(quarryOf([tiny], KEY).sought[0]?.certainty).to.deep.equal({ unsought: "parts-uncertain", below: 64 });
  });

  it("takes no sidecar whose files have more or less than there is, and tells each content once", () => {
    const { sidecar } = folder();
    const parsed = parseSidecar(sidecar as Buffer);
    expect(parsed?.parts).to.have.length(Object.keys(FILES).length - 2);
    for (const wrong of [sidecar?.subarray(0, -1), Buffer.concat([sidecar as Buffer, Buffer.alloc(12)])])
      expect(parseSidecar(wrong as Buffer)).to.equal(undefined);
    const moved = Buffer.from(sidecar as Buffer);
    const chunks = moved.indexOf(10) + 1 + 16;
    moved.writeUInt32BE(moved.readUInt32BE(chunks) + 1, chunks);
    expect(parseSidecar(moved)).to.equal(undefined);
    // Who has no key cannot tell of which files it is.
    const other = folderOf("M/facts/1/0", DIGEST, Object.values(FILES), new FingerprintKey(Buffer.alloc(32, 6)));
    expect(parseSidecar(other.sidecar)?.parts.map(({ whole }) => whole?.high)).not.to.deep.equal(
      parsed?.parts.map(({ whole }) => whole?.high),
    );
    expect(() => quarryOf([other], KEY)).to.throw("another-key");
  });
});
