/** The residue scan of what was made to hide something from it, or to stop it: it says what it did not read, and goes on. */
import { expect } from "chai";
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { lookThrough } from "../../../gateway/exit/scan/file";
import { FingerprintKey } from "../../../gateway/exit/scan/fingerprint-key";
import { type Looked, LISTED_OF_ONE } from "../../../gateway/exit/scan/looked";
import { Quarry, quarryOf } from "../../../gateway/exit/scan/quarry";
import { scan, type Scanned } from "../../../gateway/exit/scan/scan";
import { walk } from "../../../gateway/exit/scan/walk";
import { tarOf, zipOf } from "./archives";
import { cutOff } from "./cut-off";
import { noise, wantedOf } from "./wanted";

const MIB = 1024 * 1024;
const KEY = new FingerprintKey(Buffer.alloc(32, 5));
const MODEL = noise("model", 640_000);
const TABLE = Buffer.from(Array.from({ length: 500 }, (_, i) => `row ${i} of a table,${i}\n`).join(""));
const quarry = quarryOf([wantedOf("M/facts/1/0", MODEL, KEY)], KEY);

/** The header of a tar's entry. */
function tarHeader(name: string, size: number, type: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(name);
  header.write("0000644\0", 100);
  header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  header.write("        ", 148);
  header.write(`${type}ustar\0`, 156);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

describe("the residue scan of hostile trees", function () {
  this.timeout(60_000);
  let root: string;
  let tree: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "suyuan-scan-"));
    tree = join(root, "tree");
    mkdirSync(tree);
    mkdirSync(join(root, "scratch"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const put = (name: string, content: Buffer | string): void => writeFileSync(join(tree, name), content);
  const run = (of = quarry): Promise<Scanned> =>
    scan({ targets: [tree], own: [], scratch: join(root, "scratch"), journal: join(root, "journal"), purpose: "", quarry: of });
  const unread = ({ unread }: Pick<Looked, "unread">): Record<string, string> =>
    Object.fromEntries(unread.map(({ object, reason }) => [object.slice(tree.length + 1), reason]));
  const found = ({ found }: Looked | Scanned): readonly string[] =>
    found
      .flatMap((it) => ("matches" in it ? it.matches.map(({ how }) => ({ object: it.object, how })) : it))
      .map(({ object, how }) => `${object.slice(tree.length + 1)} ${how}`);

  it("neither follows links nor waits for pipes and sockets, in loops or not", async () => {
    mkdirSync(join(tree, "a"));
    symlinkSync("..", join(tree, "a", "loop"));
    symlinkSync("itself", join(tree, "itself"));
    execFileSync("mkfifo", [join(tree, "pipe")]);
    const server = createServer().listen(join(tree, "socket"));
    await once(server, "listening");
    put("z", MODEL);
    const scanned = await run();
    server.close();
    expect(unread(scanned)).to.deep.equal({ "a/loop": "symlink", itself: "symlink", pipe: "special", socket: "special" });
    expect(found(scanned)).to.deep.equal(["z whole"]);
  });

  it("says what changed or vanished while it was read, and what it saw of it", async () => {
    const size = 4 * MIB;
    const during = async (name: string, act: (path: string) => void): Promise<Looked> => {
      put(name, Buffer.concat([MODEL, Buffer.alloc(size)]));
      let isDone = false;
      return lookThrough(Buffer.from(join(tree, name)), join(tree, name), quarry, root, () => {
        if (!isDone) act(join(tree, name));
        isDone = true;
      });
    };
    const grown = await during("grown", (path) => appendFileSync(path, "x"));
    expect([unread(grown), found(grown)]).to.deep.equal([{ grown: "changed" }, ["grown part"]]);
    const cut = await during("cut", (path) => truncateSync(path, 300 * 1024));
    expect([unread(cut), found(cut)]).to.deep.equal([{ cut: "changed" }, ["cut part"]]);
    // What was unlinked is still there for who has it open.
    const gone = await during("gone", unlinkSync);
    expect(found(gone)).to.deep.equal(["gone part"]);
  });

  it("says what became something else between being listed and being read", async () => {
    for (const [name, become] of [
      ["missing", () => undefined],
      ["pipe", (path: string) => execFileSync("mkfifo", [path])],
      ["link", (path: string) => symlinkSync("/etc/hostname", path)],
      ["directory", (path: string) => mkdirSync(path)],
    ] as const) {
      put(name, "x");
      const [walked] = [...walk([join(tree, name)])];
      unlinkSync(join(tree, name));
      become(join(tree, name));
      const looked = await lookThrough(walked?.path ?? Buffer.alloc(0), join(tree, name), quarry, root);
      expect(unread(looked), name).to.deep.equal({ [name]: "changed" });
    }
  });

  it("says for what it has no permission", async function () {
    if (process.getuid?.() === 0) {
      // The administrator may read anything: somebody else scans.
      const nobody = { uid: 65_534, gid: 65_534 };
      const isAble = await new Promise((resolve) =>
        spawn(process.execPath, ["-e", `fs.readFileSync(${JSON.stringify(__filename)})`], nobody).once("exit", (code) =>
          resolve(code === 0),
        ),
      );
      if (isAble !== true) this.skip();
      put("secret", MODEL);
      mkdirSync(join(tree, "closed"));
      put("open", MODEL);
      chmodSync(join(tree, "secret"), 0o600);
      chmodSync(join(tree, "closed"), 0o700);
      for (const it of [root, tree, join(root, "scratch")]) chmodSync(it, 0o777);
      const script = `
        const { scan } = require(${JSON.stringify(require.resolve("../../../gateway/exit/scan/scan"))});
        const { quarryOf } = require(${JSON.stringify(require.resolve("../../../gateway/exit/scan/quarry"))});
        const { FingerprintKey } = require(${JSON.stringify(require.resolve("../../../gateway/exit/scan/fingerprint-key"))});
        const [root, digest] = process.argv.slice(1);
        scan({ targets: [root + "/tree"], own: [], scratch: root + "/scratch", journal: root + "/journal", purpose: "",
          quarry: quarryOf([{ holding: "M/facts/1/0", digest }], new FingerprintKey(Buffer.alloc(32))) })
          .then((scanned) => console.log(JSON.stringify(scanned)));`;
      const digest = createHash("sha256").update(MODEL).digest("hex");
      const said = execFileSync(process.execPath, ["-e", script, root, digest], { ...nobody, encoding: "utf8" });
      const scanned = JSON.parse(said) as Scanned;
      expect(unread(scanned)).to.deep.equal({ closed: "permission", secret: "permission" });
      expect(found(scanned)).to.deep.equal(["open whole"]);
      return;
    }
    put("secret", MODEL);
    chmodSync(join(tree, "secret"), 0);
    expect(unread(await run())).to.deep.equal({ secret: "permission" });
  });

  it("takes any names, and tells none that moves a cursor or fills a screen", async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.of(0xff, 0xfe, 0x80)]), MODEL);
    put("\u001b[2J\u202e", MODEL);
    put("长".repeat(85), MODEL);
    put("inner.zip", await zipOf({ [`${"deep/".repeat(8000)}x`]: MODEL }));
    const scanned = await run();
    expect(scanned.unread).to.deep.equal([]);
    const names = found(scanned);
    expect(names).to.have.length(4);
    expect(names).to.include("\\u{1b}[2J\\u{202e} whole");
    expect(Math.max(...names.map(({ length }) => length))).to.be.below(1100);
    // What an earlier run found is known again by these names too.
    cutOff(join(root, "journal"));
    expect((await run()).resumed).to.equal(4);
  });

  it("bounds what an archive says of its entries, and how many it lists", async () => {
    const said = Buffer.alloc(8 * MIB, "a");
    const long = Buffer.concat([tarHeader("x", said.length, "x"), said, tarHeader("y", MODEL.length, "0"), MODEL, Buffer.alloc(1024)]);
    put("said.tar.gz", gzipSync(long));
    const many = await zipOf(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`e${i}`, Buffer.from(`entry ${i}`)])));
    // Each entry says that it is encrypted, in its own header and in the directory.
    for (let at = many.indexOf("PK\x01\x02"); at !== -1; at = many.indexOf("PK\x01\x02", at + 4)) many[at + 8] = (many[at + 8] ?? 0) | 1;
    put("many.zip", many);
    put("then", MODEL);
    const scanned = await run();
    expect(scanned.notRead).to.deep.equal({ damaged: 1, encrypted: 5000 });
    expect(scanned.unread).to.have.length(1 + LISTED_OF_ONE);
    // What is said of the entry could not be read, all that stands in the archive was.
    expect(found(scanned)).to.deep.equal(["said.tar.gz! part", "then whole"]);
  });

  it("ends what never ends: many compressed in one, one entry told of many times, each in the next", async () => {
    const member = gzipSync(Buffer.alloc(4 * MIB), { level: 9 });
    put("endless.gz", Buffer.concat(Array.from({ length: 600 }, () => member)));
    const one = await zipOf({ bomb: Buffer.alloc(8 * MIB) });
    // The directory names the one entry again and again.
    const [directory, end] = [one.indexOf("PK\x01\x02"), one.indexOf("PK\x05\x06")];
    const tail = Buffer.from(one.subarray(end));
    const count = 400;
    tail.writeUInt16LE(count, 8);
    tail.writeUInt16LE(count, 10);
    tail.writeUInt32LE(count * (end - directory), 12);
    put(
      "again.zip",
      Buffer.concat([one.subarray(0, directory), ...Array.from({ length: count }, () => one.subarray(directory, end)), tail]),
    );
    put("then", MODEL);
    const scanned = await run();
    expect(scanned.notRead["expands-too-much"]).to.be.above(1);
    expect(new Set(scanned.unread.map(({ object }) => object.slice(tree.length + 1).split("!")[0]))).to.deep.equal(
      new Set(["again.zip", "endless.gz"]),
    );
    expect(found(scanned)).to.deep.equal(["then whole"]);
  });

  it("says of every format that it knows and does not read that it was not read, also within archives", async () => {
    const heads: Readonly<Record<string, string>> = {
      ...{ bz2: "425a683931", xz: "fd377a585a0000", zst: "28b52ffd04", lz4: "04224d1864", "7z": "377abcaf271c", rar: "526172211a0701" },
      ...{ parquet: "50415231", orc: "4f5243", avro: "4f626a01", doc: "d0cf11e0a1b11ae1", pack: "5041434b00000002", squashfs: "68737173" },
    };
    const entries: Record<string, Buffer> = {};
    for (const [name, hex] of Object.entries(heads)) {
      put(`x.${name}`, Buffer.concat([Buffer.from(hex, "hex"), MODEL.subarray(0, 3000)]));
      entries[`in.${name}`] = readFileSync(join(tree, `x.${name}`));
    }
    put("salted", "Salted__ and so on");
    put("entries.tar", await tarOf(entries));
    const names = Object.keys(heads);
    expect(unread(await run())).to.deep.equal({
      ...Object.fromEntries(names.map((name) => [`entries.tar!/in.${name}`, "compression-unknown"])),
      ...Object.fromEntries(names.map((name) => [`x.${name}`, "compression-unknown"])),
      salted: "encrypted",
    });
  });

  describe("where one thing stands behind another", () => {
    /** A zip's offsets as they are when so many bytes come before it. */
    function moved(zip: Buffer, by: number): Buffer {
      const bytes = Buffer.from(zip);
      const end = bytes.lastIndexOf("PK\x05\x06");
      bytes.writeUInt32LE(bytes.readUInt32LE(end + 16) + by, end + 16);
      for (let at = bytes.indexOf("PK\x01\x02"); at !== -1; at = bytes.indexOf("PK\x01\x02", at + 4))
        bytes.writeUInt32LE(bytes.readUInt32LE(at + 42) + by, at + 42);
      return bytes;
    }
    const shell = Buffer.from("#!/bin/sh\nexit 0\n");
    const program = Buffer.concat([Buffer.from("MZ"), noise("program", 30_000)]);
    /** What is packed says nothing to who does not unpack it. */
    const copy = Buffer.from(noise("packed", 100_000).toString("base64"));
    const seeking = quarryOf(
      [copy, TABLE].map((content, i) => wantedOf(`M/facts/${i}/0`, content, KEY)),
      KEY,
    );
    const gzip = gzipSync(copy);
    let [zip, other]: readonly Buffer[] = [];
    before(async () => {
      [zip, other] = [await zipOf({ copy }), await zipOf({ other: noise("other", 1000) })];
    });
    const all = (...parts: readonly (Buffer | undefined)[]): Buffer => Buffer.concat(parts.map((part) => part ?? Buffer.alloc(0)));

    it("looks into archives that begin later", async () => {
      const tar = await tarOf({ table: TABLE, copy });
      put("extracting", all(shell, zip));
      put("extracting-moved", all(program, moved(all(zip), program.length)));
      put("two", all(zip, moved(all(other), all(zip).length)));
      put("two-unmoved", all(zip, other));
      put("install.sh", all(shell, gzip));
      put("install.exe", all(program, gzip));
      put("later.tar", all(Buffer.of(0), tar));
      put("outer.tar", await tarOf({ "install.exe": all(program, gzip) }));
      const scanned = await run(seeking);
      expect(unread(scanned)).to.deep.equal({});
      expect(found(scanned)).to.have.members([
        ...["extracting!/copy", "extracting-moved!/copy", "two!/copy", "two-unmoved!/copy"].map((it) => `${it} whole`),
        ...["install.sh!", "install.exe!", "later.tar!/table", "later.tar!/copy", "outer.tar!/install.exe!"].map((it) => `${it} whole`),
      ]);
    });

    it("says where it did not: behind an archive, between its entries, before what it could not unpack", async () => {
      const [first, directory] = [all(zip).indexOf("PK\x01\x02"), all(zip).lastIndexOf("PK\x05\x06")];
      const gap = all(all(zip).subarray(0, first), gzip, all(zip).subarray(first));
      gap.writeUInt32LE(first + gzip.length, gzip.length + directory + 16);
      // A directory of nothing that says to begin where the other one does.
      const nothing = Buffer.alloc(22);
      nothing.write("PK\x05\x06");
      nothing.writeUInt32LE(all(zip).length, 16);
      put("gzip-behind-gzip", all(gzipSync("nothing"), Buffer.of(0), gzip));
      put("large-behind-gzip", all(gzipSync("nothing"), Buffer.alloc(600_000), Buffer.of(1)));
      put("behind-zlib", all(deflateSync("nothing"), gzip));
      put("gzip-behind-zip", all(other, gzipSync(copy.subarray(0, 30_000))));
      put("between-entries", gap);
      put("in.tar", await tarOf({ extracting: all(shell, zip) }));
      put("filled-up", all(gzipSync("nothing"), Buffer.alloc(100_000)));
      put("under-nothing", all(zip, nothing));
      const scanned = await run(seeking);
      expect(unread(scanned)).to.deep.equal({
        "gzip-behind-gzip": "archive-displaced",
        "large-behind-gzip": "archive-displaced",
        "behind-zlib": "archive-displaced",
        "gzip-behind-zip": "archive-displaced",
        "between-entries": "archive-displaced",
        "in.tar!/extracting": "archive-displaced",
      });
      expect(found(scanned)).to.deep.equal(["between-entries!/copy whole", "under-nothing!/copy whole"]);
    });

    it("does not go on for ever from one to the next", async () => {
      const nothing = Buffer.alloc(22);
      nothing.write("PK\x05\x06");
      put("many", Buffer.concat(Array.from({ length: 50_000 }, () => nothing)));
      expect(unread(await run())).to.deep.equal({ many: "archive-displaced" });
    });
  });

  it("reads office files, which are zip, and says that it does not read the rows of their sheets", async () => {
    const table = Array.from({ length: 50 }, (_, i) => `row ${i} of a table,${i}\n`).join("");
    put(
      "book.xlsx",
      await zipOf({
        "xl/workbook.xml": Buffer.from("<workbook/>"),
        "xl/worksheets/sheet1.xml": Buffer.from("<sheet/>"),
        "xl/media/table.csv": Buffer.from(table),
      }),
    );
    const scanned = await run(quarryOf([wantedOf("M/facts/1/0", Buffer.from(table), KEY)], KEY));
    expect(found(scanned)).to.deep.equal(["book.xlsx!/xl/media/table.csv whole"]);
    expect(unread(scanned)).to.deep.equal({ "book.xlsx!/xl/worksheets/sheet1.xml": "rows-not-read" });
  });

  it("reads what zlib compressed, as objects of git, and takes nothing else for it", async () => {
    put("object", deflateSync(Buffer.concat([Buffer.from("blob 640000\0"), MODEL])));
    put("not", Buffer.concat([Buffer.from("789c", "hex"), MODEL.subarray(0, 5000)]));
    const scanned = await run();
    expect(found(scanned)).to.deep.equal(["object! part"]);
    expect(unread(scanned)).to.deep.equal({});
  });

  it("goes on where a thread ends over a file, and says which it was", async () => {
    for (let i = 0; i < 5; i++) put(`f${i}`, "x");
    const broken = Object.create(quarry, { data: { value: { ...quarry.data, key: new Uint8Array(3) } } }) as Quarry;
    expect((await run(broken)).notRead).to.deep.equal({ unreadable: 5 });
  });
});
