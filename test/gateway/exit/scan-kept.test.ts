/** What of that which a scan finds may be there: what is retained, and what an exit does not end. */
import { expect } from "chai";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "node-sqlite3-wasm";
import { FingerprintKey } from "../../../gateway/exit/scan/fingerprint-key";
import { LISTED_OF_ONE } from "../../../gateway/exit/scan/looked";
import { type Kept, quarryOf } from "../../../gateway/exit/scan/quarry";
import { gapsOf, reportOf } from "../../../gateway/exit/scan/report";
import { scan } from "../../../gateway/exit/scan/scan";
import { tarOf, zipOf } from "./archives";
import { noise, wantedOf } from "./wanted";

const KEY = new FingerprintKey(Buffer.alloc(32, 7));
const MODEL = noise("kept model", 200_000);
const rows = (name: string): Buffer => Buffer.from(Array.from({ length: 400 }, (_, i) => `${name} ${i},${(i * 7919) % 1000}\n`).join(""));
const TABLE = rows("flight");

describe("what a residue scan finds", () => {
  let root: string;
  let tree: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "suyuan-kept-"));
    tree = join(root, "tree");
    mkdirSync(tree);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const put = (name: string, content: Buffer): void => writeFileSync(join(tree, name), content);

  /** What is looked for: `gone`, or why it may be there, each under its own name. */
  type Declared = Readonly<Record<string, readonly [content: Buffer, standing: Kept | "gone"]>>;

  /** @returns how many residues there are, and of each thing that was found its name, how it was told, and by which holding */
  async function found(declared: Declared): Promise<readonly [residues: number, ...told: string[]]> {
    const wanted = Object.entries(declared).map(([name, [content, standing]]) => ({
      ...wantedOf(name, content, KEY),
      ...(standing === "gone" ? {} : { kept: standing }),
    }));
    const quarry = quarryOf(wanted, KEY);
    const purpose = wanted.map(({ holding, kept = "gone" }) => `${holding} ${kept}`).join();
    const scanned = await scan({ targets: [tree], own: [], scratch: root, journal: join(root, "journal"), purpose, quarry });
    const told = { authorization: "A", tool: "t", started: "", ended: "", targets: [tree] };
    const { residues, found, retained, transferred, goesOn } = reportOf(told, quarry.sought, scanned);
    expect(scanned.residues).to.equal(residues);
    const lines = (of: typeof found, word: string): string[] =>
      of.map(({ object, how, holding, besides }) => [object.slice(tree.length + 1), how, word, holding, besides].join(" ").trim());
    const kept = [...lines(retained, "retained"), ...lines(transferred, "transferred"), ...lines(goesOn, "goes-on")];
    return [residues, ...[...lines(found, "residue"), ...kept].sort()];
  }

  it("is residue where all that has the content had to go", async () => {
    put("a", MODEL);
    expect(await found({ one: [MODEL, "gone"], two: [MODEL, "gone"] })).to.deep.equal([1, "a whole residue one", "a whole residue two"]);
  });

  for (const kept of ["retained", "transferred", "goes-on"] as const)
    it(`is what is kept (${kept}), and not its twin that is gone; one more copy than is kept is residue`, async () => {
      const twins: Declared = { gone: [MODEL, "gone"], stays: [MODEL, kept] };
      put("a", MODEL);
      expect(await found(twins)).to.deep.equal([0, `a whole ${kept} stays`]);
      put("b", MODEL);
      expect(await found(twins)).to.deep.equal([1, `a whole ${kept} stays`, "b whole residue gone 1"]);
      expect(await found({ ...twins, too: [MODEL, "retained"] })).to.deep.equal(
        [0, `a whole ${kept} stays`, "b whole retained too"],
      ); // prettier-ignore
    });

  it("is residue where what is retained lies there twice: only one was recorded", async () => {
    put("a", MODEL);
    put("b", MODEL);
    expect(await found({ stays: [MODEL, "retained"] })).to.deep.equal([1, "a whole retained stays", "b whole residue stays 1"]);
  });

  it("is residue where of what was transferred more is left than the one copy: parts of it too", async () => {
    put("a", MODEL);
    put("b", MODEL.subarray(0, 100_000));
    expect(await found({ theirs: [MODEL, "transferred"] })).to.deep.equal([1, "a whole transferred theirs", "b part residue theirs 1"]);
  });

  it("is what is retained, however many of it are in one archive", async () => {
    const logs = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`log${i}`, Buffer.from(`${i},${"x".repeat(i % 50)}\n`)]));
    const declared: Declared = Object.fromEntries(Object.entries(logs).map(([name, content]) => [name, [content, "retained"]]));
    put("logs.tar", await tarOf(logs));
    const [residues, ...told] = await found(declared);
    expect([residues, told.length], "judged, and the first listed").to.deep.equal([0, LISTED_OF_ONE]);
    put("logs.zip", await zipOf(logs));
    expect((await found(declared))[0], "each a second time").to.equal(1500);
  });

  it("is none of the exit's, however often, where nothing that ends has that content", async () => {
    put("a", MODEL);
    put("b", MODEL);
    put("c", MODEL.subarray(0, 100_000));
    expect(await found({ stays: [MODEL, "goes-on"] })).to.deep.equal([
      0,
      "a whole goes-on stays",
      "b whole goes-on stays",
      "c part goes-on stays",
    ]);
  });

  it("is what is retained where it is a part, as logs have of each other; where a twin is gone, only so many parts", async () => {
    put("a", MODEL.subarray(0, 100_000));
    put("b", MODEL.subarray(0, 120_000));
    expect(await found({ stays: [MODEL, "retained"] })).to.deep.equal([0, "a part retained stays", "b part retained stays"]);
    const twins: Declared = { gone: [MODEL, "gone"], stays: [MODEL, "retained"] };
    // The larger part is taken for what is kept, and a whole copy before any.
    expect(await found(twins)).to.deep.equal([1, "a part residue gone 1", "b part retained stays"]);
    put("c", MODEL);
    expect(await found(twins)).to.deep.equal([2, "a part residue gone 1", "b part residue gone 1", "c whole retained stays"]);
  });

  it("takes a table for what is kept where its rows are, and not the file that had them too", async () => {
    const database = new Database(join(tree, "work.db"));
    database.exec("create table flights(name text, seats integer); begin");
    for (let i = 0; i < 400; i++) database.run("insert into flights values (?, ?)", [`flight ${i}`, (i * 7919) % 1000]);
    database.exec("commit");
    database.close();
    const twins: Declared = { gone: [TABLE, "gone"], stays: [TABLE, "retained"] };
    expect(await found(twins)).to.deep.equal([0, "work.db!/flights rows retained stays"]);
  });

  it("takes rows that what goes on has too for its own, and no others", async () => {
    const [both, ours] = [rows("shared").toString(), rows("of ours alone").toString()];
    const declared: Declared = { ended: [Buffer.from(both + ours), "gone"], other: [Buffer.from(`${both}more,1\n`), "goes-on"] };
    put("theirs.csv", Buffer.from(`a header\n${both}`));
    expect(await found(declared)).to.deep.equal([0, "theirs.csv rows goes-on other"]);
    put("left.csv", Buffer.from(`a header\n${ours}`));
    expect(await found(declared)).to.deep.equal([1, "left.csv part residue ended", "theirs.csv rows goes-on other"]);
    // A whole copy is what it is.
    put("copy.csv", Buffer.from(both + ours));
    expect((await found(declared)).slice(0, 2)).to.deep.equal([2, "copy.csv rows goes-on other"]);
  });

  it("is uncertain where most of what a holding had goes on in another: its rows and chunks say nothing of it, and that is told", async () => {
    const [ours, theirs] = [
      Buffer.concat([TABLE, rows("own").subarray(0, 2000)]),
      Buffer.concat([Buffer.from("a line before it\n"), TABLE]),
    ];
    put("left.csv", Buffer.concat([Buffer.from("another header\n"), TABLE]));
    const gaps = (kept: Kept, other: Buffer = theirs): object => {
      const quarry = quarryOf([wantedOf("ended", ours, KEY), { ...wantedOf("other", other, KEY), kept }], KEY);
      const scanned = { files: 1, objects: 1, bytes: 1, residues: 0, resumed: 0, found: [], unread: [], notRead: {} };
      return reportOf({ authorization: "A", tool: "t", started: "", ended: "", targets: [tree] }, quarry.sought, scanned).notRead;
    };
    expect((await found({ ended: [ours, "gone"], other: [theirs, "goes-on"] }))[0]).to.equal(0);
    expect(gaps("goes-on")).to.deep.equal({ "goes-on": 1 });
    // What is retained hides nothing, nor does a twin, nor what has little of it.
    expect(gaps("retained")).to.deep.equal({});
    expect(gaps("goes-on", ours)).to.deep.equal({});
    expect(gaps("goes-on", TABLE.subarray(0, 2000))).to.deep.equal({});
  });

  it("looks for nothing in what is kept as it is, archives and databases included", async () => {
    const database = new Database(join(root, "work.db"));
    database.exec("create table t(content blob)");
    database.run("insert into t values (?)", [MODEL]);
    database.close();
    const [archive, store] = [await tarOf({ model: MODEL, note: Buffer.from("kept with it") }), readFileSync(join(root, "work.db"))];
    put("kept.tar", archive);
    put("kept.db", store);
    const declared: Declared = { model: [MODEL, "gone"], archive: [archive, "retained"], store: [store, "goes-on"] };
    expect(await found(declared)).to.deep.equal([0, "kept.db whole goes-on store", "kept.tar whole retained archive"]);
    expect(await found({ ...declared, archive: [archive, "gone"] })).to.deep.equal([
      2,
      "kept.db whole goes-on store",
      "kept.tar whole residue archive",
      "kept.tar!/model part residue archive",
      "kept.tar!/model whole residue model",
    ]);
    // What is within it takes no other copy's place.
    put("own", MODEL);
    expect(await found({ ...declared, own: [MODEL, "retained"] })).to.deep.equal([
      0,
      "kept.db whole goes-on store",
      "kept.tar whole retained archive",
      "own whole retained own",
    ]);
    // A name is anybody's.
    mkdirSync(join(tree, "kept.tar!"));
    put("kept.tar!/hidden", MODEL);
    const [residues, ...told] = await found(declared);
    expect([residues, told.includes("kept.tar!/hidden whole residue model")]).to.deep.equal([2, true]);
  });

  it("takes no table for kept because one of its cells is", async () => {
    const [kept, gone] = [noise("a cell that stays", 3000), noise("a cell that had to go", 3000)];
    const database = new Database(join(tree, "cells.db"));
    database.exec("create table t(content blob)");
    for (const content of [kept, gone]) database.run("insert into t values (?)", [content]);
    database.close();
    expect(await found({ stays: [kept, "retained"], goes: [gone, "gone"] })).to.deep.equal([
      1,
      "cells.db!/t whole residue goes",
      "cells.db!/t whole retained stays",
    ]);
  });

  it("leaves no gap for what may be there, and has no need to find its parts", async () => {
    const small = noise("small", 5000);
    const quarry = quarryOf([{ ...wantedOf("stays", small, KEY), kept: "goes-on" }], KEY);
    put("a", noise("other", 100));
    const scanned = await scan({ targets: [tree], own: [], scratch: root, journal: join(root, "journal"), purpose: "", quarry });
    const report = reportOf({ authorization: "A", tool: "t", started: "", ended: "", targets: [tree] }, quarry.sought, scanned);
    expect([gapsOf(report), report.holdings]).to.deep.equal([0, 0]);
  });
});
