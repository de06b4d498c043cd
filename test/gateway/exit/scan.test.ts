import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { BOUNDS } from "../../../gateway/exit/scan/content";
import { FingerprintIndex, tableOf } from "../../../gateway/exit/scan/fingerprint-index";
import { FingerprintKey } from "../../../gateway/exit/scan/fingerprint-key";
import { type Quarry, quarryOf } from "../../../gateway/exit/scan/quarry";
import { scan, type Scanned } from "../../../gateway/exit/scan/scan";
import { parseSidecar } from "../../../gateway/exit/scan/sidecar";
import { tarOf, zipOf } from "./archives";
import { cutOff } from "./cut-off";
import { noise, sidecarOf, wantedOf } from "./wanted";

const KEY = new FingerprintKey(Buffer.alloc(32, 7));

const row = (i: number): string => `2026-03-${String(1 + (i % 28)).padStart(2, "0")},MU${i},"上海, 虹桥",${(i * 7919) % 1000}\n`;
const TABLE = Buffer.from(`date,flight,from,seats\n${Array.from({ length: 3000 }, (_, i) => row(i)).join("")}`);
const MODEL = noise("model", 700_000);

/** Of the second format, as the version before made them with this key: of 60,000 bytes of noise, and of a small table. */
const EARLIER = [
  "eyJieXRlcyI6NjAwMDAsImNodW5rcyI6NCwiZGlnZXN0IjoiMGU4MGNhZThlOTU1NTdjNTcyNGE5OWU5NDkwMjc3OWUzMTJmNTYzNDJkZWY0NTFhZWM3MGY3MDYxNmNiNWU0YSIsImZvcm1hdCI6InN1eXVhbi1maW5nZXJwcmludHMtMiIsImtleSI6Ijk4MzJiMzAwNjgwMjhkYTEiLCJyb3dzIjowfQoEEjowiKfOIgAeGYcAADz2eUVkZM2/Hs8wCjD3AAAyCHuTXh/6pLx2AB3/fQAAN4i26tLBFS53CQAOob4AAEPa",
  "eyJieXRlcyI6OTMsImNodW5rcyI6MSwiZGlnZXN0IjoiMDk2YTA4M2RmZjVlYzAwNTdhNDMyZmRkMDdiMDRhNGY0MzMwYjRjOTFmMTA3MTk0OTM2NDY5YjQzZTc2NzA2NCIsImZvcm1hdCI6InN1eXVhbi1maW5nZXJwcmludHMtMiIsImtleSI6Ijk4MzJiMzAwNjgwMjhkYTEiLCJyb3dzIjo0fQqj5GQo6J6scwdaqkwAAABdIjBi6alefrunTjVoJS9oNu9xruzMn75Gk9BJtLBN8+yXmghqrkA0CzBupX/dDmt9",
];

const quarry: Quarry = quarryOf([wantedOf("M/facts/1/0", MODEL, KEY), wantedOf("M/facts/2/0", TABLE, KEY)], KEY);

describe("the residue scan", () => {
  let root: string;
  let tree: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "suyuan-scan-"));
    tree = join(root, "tree");
    mkdirSync(join(tree, "a", "b"), { recursive: true });
    writeFileSync(join(tree, "a", "clean.bin"), noise("clean", 3_000_000));
    writeFileSync(join(tree, "a", "clean.csv"), Array.from({ length: 2000 }, (_, i) => `2025-01-01,CA${i},北京,${i}\n`).join(""));
    writeFileSync(join(tree, "a", "zeros"), Buffer.alloc(500_000));
    writeFileSync(join(tree, "a", "empty"), "");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const put = (name: string, content: Buffer | string): void => writeFileSync(join(tree, name), content);
  const run = (purpose = "one"): Promise<Scanned> =>
    scan({ targets: [tree], own: [], scratch: root, journal: join(root, "journal"), purpose, quarry });
  const found = (result: Scanned): Record<string, string> =>
    Object.fromEntries(result.found.map(({ object, holding, how }) => [object.slice(tree.length + 1), `${how} ${holding.split("/")[2]}`]));
  const unread = (result: Scanned): Record<string, string> =>
    Object.fromEntries(result.unread.map(({ object, reason }) => [object.slice(tree.length + 1), reason]));

  it("finds nothing in a tree where nothing is, and reads all of it", async () => {
    const result = await run();
    expect([result.found, result.unread, result.files]).to.deep.equal([[], [], 4]);
    expect(result.bytes).to.be.above(3_500_000);
  });

  it("finds copies, parts and rows, wherever they are", async () => {
    put("a/b/其他名字.tmp", MODEL);
    put("headed", Buffer.concat([noise("header", 333), MODEL]));
    put("half", MODEL.subarray(0, 350_000));
    put("later-half", MODEL.subarray(351_111));
    put(
      "nested.zip",
      await zipOf({ "x/inner.tar.gz": gzipSync(await tarOf({ "../../deep.bin": MODEL, "note.txt": Buffer.from("nothing") })) }),
    );
    put("sorted.csv", Array.from({ length: 3000 }, (_, i) => row(2999 - i)).join(""));
    put("semicolons.csv", Array.from({ length: 900 }, (_, i) => row(i * 3).replace('"上海, 虹桥"', "上海| 虹桥")).join(""));
    const columns = (i: number): string => {
      const [date, flight, seats] = [row(i).slice(0, 10), `MU${i}`, (i * 7919) % 1000];
      return `${seats}\t${flight}\t上海, 虹桥\t${date}\r\n`;
    };
    put("columns.tsv", Array.from({ length: 600 }, (_, i) => columns(i * 5)).join(""));
    expect(found(await run())).to.deep.equal({
      "a/b/其他名字.tmp": "whole 1",
      headed: "part 1",
      half: "part 1",
      "later-half": "part 1",
      "nested.zip!/x/inner.tar.gz!!/../../deep.bin": "whole 1",
      "sorted.csv": "rows 2",
      "columns.tsv": "rows 2",
    });
  });

  it("tells how much of a holding was found", async () => {
    put("half", MODEL.subarray(0, 350_000));
    expect((await run()).found[0]?.share).to.be.within(400, 520);
  });

  it("reads tables in whatever encoding, and whatever stands before them", async () => {
    const sorted = Array.from({ length: 3000 }, (_, i) => row(2999 - i)).join("");
    const [little, marked] = [Buffer.from(sorted, "utf16le"), Buffer.from(`\ufeff${sorted}`, "utf16le")];
    const tables: Record<string, Buffer> = {
      ...{ "utf-8-marked": Buffer.from(`\ufeff${sorted}`), "utf-16": marked, "utf-16be": Buffer.from(marked).swap16() },
      ...{ "utf-16-unmarked": little, "utf-16be-unmarked": Buffer.from(little).swap16() },
      nul: Buffer.from(`\0${sorted}`),
      "form-feed": Buffer.from(`\f${sorted}`),
      "nul-in-cells": Buffer.from(sorted.replaceAll("MU29", "\0MU29")),
      "short-header": Buffer.concat([noise("short", 16), Buffer.from(sorted)]),
      "header-of-100": Buffer.concat([noise("hundred", 100), Buffer.from(sorted)]),
      "long-header": Buffer.concat([noise("long", 30_000), Buffer.from(sorted)]),
      "longer-header": Buffer.concat([noise("longer", 700_000), Buffer.from(sorted)]),
      "header-utf-16": Buffer.concat([noise("wide", 16), little]),
    };
    for (const [name, content] of Object.entries(tables)) put(name, content);
    expect(found(await run())).to.deep.equal(Object.fromEntries(Object.keys(tables).map((name) => [name, "rows 2"])));
  });

  it("reads tables in GB 18030, also where most rows are plain", async () => {
    // In GB 18030: the quoted cell of each of its rows.
    const cell = Buffer.from("c9cfbaa32c20bae7c7c5", "hex");
    const parts = Array.from({ length: 3000 }, (_, i) => {
      const [before = "", after = ""] = row(2999 - i).split("上海, 虹桥");
      return Buffer.concat([Buffer.from("plain,but for this row,and so on\n"), Buffer.from(before), cell, Buffer.from(after)]);
    });
    put("gb.csv", Buffer.concat(parts));
    expect(found(await run())).to.deep.equal({ "gb.csv": "rows 2" });
  });

  it("says what it did not read", async () => {
    symlinkSync("/etc/hostname", join(tree, "link"));
    const zip = await zipOf({ "a.bin": MODEL });
    put("cut.zip", zip.subarray(0, 600_000));
    put("cut.gz", gzipSync(MODEL).subarray(0, 400_000));
    put("cut.tar", (await tarOf({ one: MODEL })).subarray(0, 300_000));
    const encrypted = Buffer.from(zip);
    for (const at of [6, encrypted.lastIndexOf(Buffer.from("PK\x01\x02")) + 8]) encrypted[at] = (encrypted[at] ?? 0) | 1;
    put("encrypted.zip", encrypted);
    put("x.7z", Buffer.concat([Buffer.from("377abcaf271c", "hex"), noise("7z", 2000)]));
    let deep = noise("deep", 1000);
    for (let i = 0; i < BOUNDS.depth + 2; i++) deep = gzipSync(deep);
    put("deep", deep);
    const result = unread(await run());
    expect(result).to.deep.equal({
      link: "symlink",
      "cut.zip": "damaged",
      "cut.gz": "damaged",
      "cut.tar": "damaged",
      "encrypted.zip!/a.bin": "encrypted",
      "x.7z": "compression-unknown",
      [`deep${"!".repeat(BOUNDS.depth)}`]: "too-deep",
    });
  });

  it("stops unpacking what expands beyond bounds, and goes on with the next file", async function () {
    this.timeout(60_000);
    put("bomb.gz", gzipSync(Buffer.alloc(BOUNDS.expanded + 300_000_000), { level: 9 }));
    put("then", MODEL);
    const result = await run();
    expect(unread(result)).to.deep.equal({ "bomb.gz": "expands-too-much" });
    expect(found(result)).to.deep.equal({ then: "whole 1" });
  });

  /** Those that are whole, in no order: a thread may be done before another. */
  const linesOf = (journal: Buffer): readonly string[] =>
    journal
      .toString()
      .split("\n")
      .filter((line) => /^\{.*\}$/.test(line))
      .sort();

  it("goes on where it was cut off, with the same result; a file changed since is looked through again", async () => {
    put("z1", MODEL);
    put("z2", MODEL.subarray(0, 350_000));
    const whole = await run();
    const journal = readFileSync(join(root, "journal"));
    for (const keep of [journal.length, journal.length - 5, Math.floor(journal.length / 2), 10]) {
      writeFileSync(join(root, "journal"), journal.subarray(0, keep));
      const again = await run();
      expect({ ...again, resumed: 0 }).to.deep.equal({ ...whole, resumed: 0 });
      expect(linesOf(readFileSync(join(root, "journal")))).to.deep.equal(linesOf(journal));
      if (keep === journal.length - 5) expect(again.resumed).to.equal(6);
      if (keep === 10) expect(again.resumed).to.equal(0);
    }
    appendFileSync(join(tree, "z1"), "x");
    cutOff(join(root, "journal"));
    const changed = await run();
    expect([found(changed)["z1"], changed.resumed]).to.deep.equal(["part 1", 5]);
    cutOff(join(root, "journal"));
    expect((await run("another")).resumed).to.equal(0);
    cutOff(join(root, "journal"));
    // A version before, which saw less, wrote a journal of the same scan.
    const [first = "", ...others] = readFileSync(join(root, "journal"), "utf8").split("\n");
    expect(JSON.parse(first)).to.have.keys("looking", "purpose");
    writeFileSync(join(root, "journal"), [JSON.stringify({ purpose: "another" }), ...others].join("\n"));
    expect((await run("another")).resumed).to.equal(0);
  });

  it("looks at everything again once a scan has come to its end", async () => {
    await run();
    expect((await run()).resumed).to.equal(0);
  });

  it("keeps what was done beside a large file that was not when it was killed", async function () {
    this.timeout(60_000);
    // A thread takes a while over the first file, and the other is done with many.
    put("a/a-large.gz", gzipSync(Buffer.alloc(BOUNDS.expanded), { level: 1 }));
    mkdirSync(join(tree, "b"));
    for (let i = 0; i < 600; i++) put(`b/${i}`, noise(`b${i}`, 300));
    const journal = join(root, "journal");
    const seen: Buffer[] = [];
    const looking = setInterval(() => existsSync(journal) && seen.push(readFileSync(journal)), 20);
    const settings = { targets: [tree], own: [], scratch: root, purpose: "one", quarry, threads: 2 };
    const whole = await scan({ ...settings, journal });
    clearInterval(looking);
    const killed = seen.filter((it) => !it.includes("a-large")).at(-1) as Buffer;
    expect(linesOf(killed)).to.have.length.above(200);
    writeFileSync(join(root, "killed"), killed);
    const again = await scan({ ...settings, journal: join(root, "killed") });
    expect(again.resumed).to.be.above(200);
    expect({ ...again, resumed: 0 }).to.deep.equal(whole);
  });

  it("is not deceived by who writes another content of the same length into a file and sets its time back", async () => {
    put("a/a", noise("decoy", MODEL.length));
    await run();
    const setTime = (of: string, as: string): unknown => execFileSync("touch", ["-r", as, of]);
    setTime(join(root, "time"), join(tree, "a", "a"));
    writeFileSync(join(tree, "a", "a"), MODEL, { flag: "r+" });
    setTime(join(tree, "a", "a"), join(root, "time"));
    cutOff(join(root, "journal"));
    const again = await run();
    expect([found(again), again.resumed]).to.deep.equal([{ "a/a": "whole 1" }, 4]);
  });

  it("finds either half of a holding from 32 KiB on, and one with a header from 12 KiB on, wherever what is before it ends", async () => {
    const all: (readonly [string, string, Buffer])[] = [];
    for (const size of [12_288, 32_768, 60_000, 300_000])
      for (let i = 0; i < 12; i++) {
        const content = noise(`${size} ${i}`, size);
        put(`${size}-${i}-headed`, Buffer.concat([noise("header", 1 + 97 * i), content]));
        const halves = [content.subarray(0, size / 2), content.subarray(size / 2)];
        if (size >= 32_768) halves.forEach((half, n) => put(`${size}-${i}-half-${n}`, half));
        all.push([`M/facts/${size}/${i}`, `${size}-${i}`, content]);
      }
    const seeking = quarryOf(
      all.map(([holding, , content]) => wantedOf(holding, content, KEY)),
      KEY,
    );
    const scanned = await scan({ ...{ targets: [tree], own: [], scratch: root }, journal: join(root, "j"), purpose: "", quarry: seeking });
    const parts = scanned.found.map(({ object, holding, how }) => `${object.slice(tree.length + 1)} ${how} ${holding}`);
    expect(parts).to.have.members(
      all.flatMap(([holding, name, { length }]) =>
        ["headed", ...(length >= 32_768 ? ["half-0", "half-1"] : [])].map((it) => `${name}-${it} part ${holding}`),
      ),
    );
    expect(seeking.sought.map(({ bytes, certainty: { below } }) => `${bytes} ${below}`)).to.include.members([
      "12288 32768",
      "32768 undefined",
    ]);
  });

  it("still finds by sidecars that earlier versions made, together with its own, and says what is less certain by them", async () => {
    const [model, rows] = [noise("earlier", 60_000), ["2026-03-02,MU5102,北京", "2026-03-03,MU5103,扬州", "2026-03-01,MU5101,上海"]];
    const digests = [
      "0e80cae8e95557c5724a99e94902779e312f56342def451aec70f70616cb5e4a",
      "096a083dff5ec0057a432fdd07b04a4f4330b4c91f107194936469b43e767064",
    ];
    const seeking = quarryOf(
      [
        ...EARLIER.map((sidecar, i) => ({
          holding: `M/facts/${i}/0`,
          digest: digests[i] as string,
          sidecar: Buffer.from(sidecar, "base64"),
        })),
        wantedOf("M/facts/2/0", MODEL, KEY),
      ],
      KEY,
    );
    put("model", Buffer.concat([Buffer.from("before"), model]));
    put("rows.csv", `${rows.join("\n")}\n`);
    put("own", MODEL.subarray(100_000));
    const scanned = await scan({ ...{ targets: [tree], own: [], scratch: root }, journal: join(root, "j"), purpose: "", quarry: seeking });
    expect(found(scanned)).to.deep.equal({ model: "part 0", "rows.csv": "rows 1", own: "part 2" });
    expect(seeking.sought.map(({ certainty }) => certainty)).to.deep.equal([{ unsought: "parts-uncertain", below: 131_072 }, {}, {}]);
    const first = Buffer.from(
      Buffer.from(EARLIER[1] as string, "base64")
        .toString("latin1")
        .replace("prints-2", "prints-1"),
      "latin1",
    );
    const [sought] = quarryOf([{ holding: "M/facts/1/0", digest: digests[1] as string, sidecar: first }], KEY).sought;
    expect([sought?.rows, sought?.certainty]).to.deep.equal([0, { unsought: "without-rows" }]);
  });

  it("takes no sidecar but one that it makes, and none of another key", () => {
    const sidecar = sidecarOf(MODEL, KEY);
    expect(parseSidecar(sidecar)?.head.bytes).to.equal(MODEL.length);
    for (const wrong of [sidecar.subarray(1), sidecar.subarray(0, -1), Buffer.concat([sidecar, Buffer.alloc(16)])])
      expect(parseSidecar(wrong)).to.equal(undefined);
    const other = sidecarOf(MODEL, new FingerprintKey(Buffer.alloc(32, 8)));
    expect(() => quarryOf([{ holding: "M/facts/1/0", digest: "0".repeat(64), sidecar: other }], KEY)).to.throw("sidecar");
    const strongOf = (bytes: Buffer): string[] =>
      bytes
        .subarray(bytes.indexOf(10) + 1)
        .toString("latin1")
        .match(/.{16}/gs) ?? [];
    expect(strongOf(sidecar)).to.have.length.above(20);
    expect(strongOf(sidecar).filter((record) => strongOf(other).includes(record))).to.deep.equal([]);
    expect(new FingerprintIndex(tableOf(new Map())).mayHave(1, 0)).to.equal(false);
  });

  it("fingerprints rows without regard to their order", () => {
    const lines = TABLE.toString("utf8").trimEnd().split("\n");
    const rowsOf = (text: string): string => {
      const [part] = parseSidecar(sidecarOf(Buffer.from(text), KEY))!.parts;
      return part!.rows.toString("hex");
    };
    expect(rowsOf(`${[...lines].reverse().join("\n")}\n`)).to.equal(rowsOf(TABLE.toString("utf8")));
  });
});
