/** What is erased and what is refused, on real files: links, mounts, other users' names, and the places file. */
import { expect } from "chai";
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EraseError, type Eraser } from "../../../gateway/exit/erase/eraser";
import { Erasure, type Item } from "../../../gateway/exit/erase/erasure";
import { DirectoryEraser, FileEraser } from "../../../gateway/exit/erase/files";
import { type DeletionEvent, Journal, JournalError } from "../../../gateway/exit/erase/journal";
import { KeyRecord } from "../../../gateway/exit/erase/key-record";
import { parsePlaces, PlaceIndex, PlacesError } from "../../../gateway/exit/erase/places";
import { Roots } from "../../../gateway/exit/erase/roots";

const sha256 = (content: string | Buffer): string => createHash("sha256").update(content).digest("hex");
const nothing = (): void => undefined;

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof EraseError) return error.code;
    throw error;
  }
  return "no error";
}

describe("erasing files", () => {
  let at: string;
  let root: string;
  let roots: Roots;
  beforeEach(async () => {
    at = mkdtempSync(join(tmpdir(), "suyuan-erase-"));
    root = join(at, "root");
    mkdirSync(join(root, "sub"), { recursive: true });
    mkdirSync(join(at, "outside"));
    mkdirSync(join(root, "state"));
    writeFileSync(join(at, "outside", "precious"), "not yours");
    roots = await Roots.of([root], [join(root, "state")]);
  });
  afterEach(() => rmSync(at, { recursive: true }));

  const file = (...names: string[]): FileEraser => new FileEraser(join(root, ...names), roots);
  const directory = (...names: string[]): DirectoryEraser => new DirectoryEraser(join(root, ...names), roots);

  it("overwrites a file before it removes it, and tells that this is a clear", async () => {
    writeFileSync(join(root, "a"), "content");
    const open = openSync(join(root, "a"), "r");
    const look = await file("a").look(nothing);
    expect([look?.digests, look?.bytes]).to.deep.equal([[sha256("content")], 7]);
    expect(await file("a").erase(nothing)).to.deep.equal({ method: "clear", unreached: ["medium", "names"] });
    const left = Buffer.alloc(7, 1);
    expect(readSync(open, left, 0, 7, 0)).to.equal(7);
    closeSync(open);
    expect(left).to.deep.equal(Buffer.alloc(7));
    expect(existsSync(join(root, "a"))).to.equal(false);
    expect(await file("a").look(nothing)).to.equal(undefined);
  });

  it("erases a folder whose digest is what sha256sum makes of it, and none of what its links lead to", async () => {
    mkdirSync(join(root, "sub", "deeper"));
    for (const [name, content] of [
      ["b", "2"],
      ["a b", "1"],
      ["deeper/c", ""],
      ["back\\slash", "3"],
      ["new\nline", "4"],
      ["数据", "5"],
    ] as const)
      writeFileSync(join(root, "sub", name), content);
    symlinkSync(join(at, "outside"), join(root, "sub", "link"));
    const tool = '(cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) | sha256sum';
    const expected = execFileSync("/bin/sh", ["-c", tool, "sh", join(root, "sub")], { encoding: "utf8" }).slice(0, 64);
    expect((await directory("sub").look(nothing))?.digests).to.deep.equal([expected]);
    await directory("sub").erase(nothing);
    expect(existsSync(join(root, "sub"))).to.equal(false);
    expect(readFileSync(join(at, "outside", "precious"), "utf8")).to.equal("not yours");
  });

  it("refuses what does not lie below a root, by whatever name", async () => {
    symlinkSync(join(at, "outside"), join(root, "way-out"));
    symlinkSync(join(at, "outside", "precious"), join(root, "link"));
    for (const path of [
      join(at, "outside", "precious"),
      join(root, "way-out", "precious"),
      join(root, "sub", "..", "..", "outside", "precious"),
      root,
      at,
      "/",
      "/etc/passwd",
    ])
      expect(await codeOf(new FileEraser(path, roots).erase(nothing)), path).to.equal("outside-roots");
    expect(await codeOf(new FileEraser(`${root}-sibling`, roots).erase(nothing))).to.equal("outside-roots");
    expect(await codeOf(file("link").erase(nothing))).to.equal("symlink");
    expect(await codeOf(directory("way-out").erase(nothing))).to.equal("symlink");
    expect(readFileSync(join(at, "outside", "precious"), "utf8")).to.equal("not yours");
  });

  it("refuses roots that hold everything or everything of the user's", async () => {
    for (const wrong of ["/", homedir(), dirname(homedir()), join(at, "missing"), join(at, "outside", "precious")])
      expect(await codeOf(Roots.of([wrong], [])), wrong).to.equal("outside-roots");
    symlinkSync("/", join(at, "disk"));
    expect(await codeOf(Roots.of([join(at, "disk")], []))).to.equal("outside-roots");
  });

  it("refuses files that somebody else needs: other names, other processes", async () => {
    writeFileSync(join(root, "shared"), "content");
    linkSync(join(root, "shared"), join(at, "outside", "other-name"));
    writeFileSync(join(root, "sub", "open"), "content");
    expect(await codeOf(file("shared").look(nothing))).to.equal("linked");
    const child = spawn("/bin/sh", ["-c", 'exec 3< "$1"; echo open; read line', "sh", join(root, "sub", "open")], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      await once(child.stdout, "data");
      await sleep(1100); // What was seen of other processes holds for a second.
      expect(await codeOf(file("sub", "open").erase(nothing))).to.equal("in-use");
      expect(await codeOf(directory("sub").erase(nothing))).to.equal("in-use");
    } finally {
      child.kill();
    }
    expect([readFileSync(join(at, "outside", "other-name"), "utf8"), readFileSync(join(root, "sub", "open"), "utf8")]).to.deep.equal([
      "content",
      "content",
    ]);
  });

  it("erases no content that came after the one that it has compared", async () => {
    writeFileSync(join(root, "a"), "as declared");
    const eraser = file("a");
    await eraser.look(nothing);
    writeFileSync(join(root, "a"), "newer words");
    expect(await codeOf(eraser.erase(nothing))).to.equal("changed");
    expect(readFileSync(join(root, "a"), "utf8")).to.equal("newer words");
  });

  it("refuses its own files, and what is of another kind", async () => {
    writeFileSync(join(root, "state", "journal"), "");
    writeFileSync(join(root, "a"), "");
    expect(await codeOf(file("state", "journal").erase(nothing))).to.equal("own-files");
    expect(await codeOf(directory("state").erase(nothing))).to.equal("own-files");
    expect(await codeOf(file("sub").erase(nothing))).to.equal("special");
    expect(await codeOf(directory("a").erase(nothing))).to.equal("special");
    execFileSync("mkfifo", [join(root, "pipe")]);
    expect(await codeOf(file("pipe").look(nothing))).to.equal("special");
  });

  it("refuses a folder in which another file system is mounted", function () {
    mkdirSync(join(root, "sub", "mounted"));
    // A name space of its own, so that nothing is left mounted; where the system does not allow that, it cannot be tried.
    const script = `const { Roots } = require(${JSON.stringify(require.resolve("../../../gateway/exit/erase/roots"))});
      Roots.of([process.argv[1]], []).then(async (roots) => {
        for (const name of ["sub", "sub/mounted", "other"]) await roots.admit(process.argv[1] + "/" + name).then(() => console.log("ok"), (error) => console.log(error.code));
      });`;
    const mount = `mount -t tmpfs none "$1/sub/mounted" && exec "$0" -e "$2" "$1"`;
    let said: string;
    try {
      said = execFileSync("unshare", ["-rm", "/bin/sh", "-c", mount, process.execPath, root, script], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
    } catch {
      return this.skip();
    }
    expect(said.trim().split("\n")).to.deep.equal(["mount-point", "mount-point", "ok"]);
  });

  it("takes a key for destroyed where the key store's record names it", async () => {
    const record = join(at, "record");
    const key = new KeyRecord("key-7", record);
    expect(await codeOf(key.erase())).to.equal("record-missing");
    writeFileSync(record, "");
    expect(await codeOf(key.erase())).to.equal("record-missing");
    writeFileSync(record, "key-8 destroyed");
    expect(await codeOf(key.erase())).to.equal("record-silent");
    writeFileSync(record, "key-7 destroyed");
    expect(await key.erase()).to.deep.equal({
      method: "cryptographic-erase",
      key: { name: "key-7", record: { digest: sha256("key-7 destroyed") } },
      unreached: ["ciphertext"],
    });
  });
});

describe("an erasure", () => {
  let at: string;
  beforeEach(() => (at = mkdtempSync(join(tmpdir(), "suyuan-erase-"))));
  afterEach(() => rmSync(at, { recursive: true }));

  const item: Item = { holding: "M/facts/1/0", digest: sha256("content"), place: "a", form: "raw", state: "outstanding" };

  /** One holding, erased by an eraser that fails as it is told. */
  async function run(
    fails: EraseError | undefined,
    there: boolean,
    ...sent: DeletionEvent[]
  ): Promise<readonly [string | undefined, readonly string[]]> {
    const places = parsePlaces("executor: x\nplaces: [{place: a, file: /a}]");
    const eraser: Eraser = {
      target: "file /a",
      look: () => Promise.resolve(there ? { digests: [sha256("content")], bytes: 7, identity: "1" } : undefined),
      erase: () => (fails === undefined ? Promise.resolve({ method: "clear", unreached: [] }) : Promise.reject(fails)),
    };
    const erasure = new Erasure({
      ...{ authorization: "A", places, index: new PlaceIndex(places.places), version: "1", eraserOf: () => eraser, onProgress: nothing },
      send: (events) => Promise.resolve(events.map((event) => (sent.push(event), {}))),
    });
    const journal = Journal.open(at, "e");
    try {
      const [outcome] = await erasure.run([item], journal);
      return [outcome?.result, sent.map(({ id }) => id)];
    } finally {
      journal.close();
    }
  }

  it("claims nothing of what was in use when it came, and is gone when it comes again: somebody has moved it", async () => {
    expect(await run(new EraseError("in-use", "/a"), true)).to.deep.equal(["refused", []]);
    expect(await run(undefined, false)).to.deep.equal(["missing", []]);
  });

  it("finishes and reports what it was stopped in", async () => {
    expect(await run(new EraseError("unreadable", "/a"), true)).to.deep.equal(["failed", []]);
    expect(await run(undefined, false)).to.deep.equal(["erased", ["deleted/M/facts/1/0"]]);
    expect(await run(undefined, false)).to.deep.equal(["erased", []]);
  });
});

describe("a places file", () => {
  const wrong = (text: string): readonly [string, number] => {
    try {
      parsePlaces(text);
    } catch (error) {
      if (error instanceof PlacesError) return [error.code, error.line];
      throw error;
    }
    return ["right", 0];
  };
  const one = (place: string): string => `executor: somebody\nroots: [/data]\nplaces:\n  - ${place}\n`;

  it("is YAML or JSON, and tells on which line it is wrong", () => {
    expect(wrong('{"executor": "x",\n "places": [\n {"place": "a", "file": "/a"}]}')[0]).to.equal("right");
    expect(wrong("executor: x\nplaces:\n  - place: a\n    file: [\n")).to.deep.equal(["not-yaml", 5]);
    expect(wrong("executor: x\n")).to.deep.equal(["member-missing", 1]);
    expect(wrong("executor: x\nplaces: []\nmethod: purge\n")).to.deep.equal(["member-unknown", 3]);
    expect(wrong("executor: x\nplaces:\n- place: a\n  file: /a\n- place: b\n  fiel: /b\n")).to.deep.equal(["member-unknown", 6]);
    expect(wrong("executor: x\nplaces:\n- place: a\n  file: 7\n")).to.deep.equal(["value-wrong", 4]);
    expect(wrong('{"executor": "x",\n "places": [\n {"place": "a",\n "file": 7}]}')).to.deep.equal(["value-wrong", 4]);
    expect(wrong("executor: x\nroots:\n  - /a\n  - b\nplaces: []\n")).to.deep.equal(["not-absolute", 4]);
  });

  it("says nothing that the report of a deletion could not say: else it would be refused when all is gone", () => {
    const head = (more: string): string => `executor: somebody\n${more}\nplaces:\n  - {place: a, file: /a}\n`;
    expect(wrong(head("executorParty: 91990000MA1A00024N"))[0]).to.equal("right");
    expect(wrong(head("executorParty: 91990000MA1A00024M"))).to.deep.equal(["value-wrong", 2]);
    expect(wrong(head("executorParty: 91990000MA1A0002IO"))).to.deep.equal(["value-wrong", 2]);
    expect(wrong(head("backups: {state: purged, purged: 2027-02-28}"))[0]).to.equal("right");
    expect(wrong(head("backups: {state: purged, purged: 2027-02-29}"))).to.deep.equal(["value-wrong", 2]);
    expect(wrong(head("backups: {state: beyond-use}"))).to.deep.equal(["member-missing", 2]);
    expect(wrong(`executor: ${"x".repeat(501)}\nplaces: []\n`)).to.deep.equal(["value-wrong", 1]);
    expect(wrong(one("{place: a, key: {name: key-1, record: /r}}"))[0]).to.equal("right");
    expect(wrong(one("{place: a, key: {name: the key, record: /r}}"))).to.deep.equal(["value-wrong", 4]);
  });

  it("is as the README shows one", () => {
    const [, shown = ""] = /```yaml\n(executor: [^]*?)```/.exec(readFileSync("README.md", "utf8")) ?? [];
    const { places, backups } = parsePlaces(shown);
    expect([places.length, backups?.purged]).to.deep.equal([7, "2027-03-31"]);
  });

  it("has no room for secrets, and does not repeat them", () => {
    const postgresql = (more: string): string => one(`{place: a, table: public.t, postgresql: {host: h, ${more}}}`);
    expect(wrong(postgresql("database: d"))[0]).to.equal("right");
    for (const more of ["password: geheim", "pgpassword: geheim", "database: 'postgres://u:geheim@h/d'"]) {
      expect(() => parsePlaces(postgresql(more)), more).to.throw(PlacesError);
      expect(() => parsePlaces(postgresql(more)), more).not.to.throw(/geheim/);
    }
    expect(wrong(postgresql("password: geheim"))[0]).to.equal("secret");
    expect(wrong(one("{place: a, table: t, postgresql: {host: 'u:geheim@h'}}"))[0]).to.equal("value-wrong");
  });

  it("says one thing of one place", () => {
    expect(wrong(one("{place: a}"))).to.deep.equal(["kind", 4]);
    expect(wrong(one("{place: a, file: /a, directory: /a}"))).to.deep.equal(["kind", 4]);
    expect(wrong(one("{file: /a}"))).to.deep.equal(["selector", 4]);
    expect(wrong(one("{place: a, holding: M/facts/1/0, file: /a}"))).to.deep.equal(["selector", 4]);
    expect(wrong(one("{place: a, file: /a, differs: because}"))).to.deep.equal(["differs", 4]);
    expect(wrong(one("{place: a, sqlite: /a}"))).to.deep.equal(["table-missing", 4]);
    expect(wrong(one("{place: a, file: /a, table: t}"))).to.deep.equal(["table-excess", 4]);
    expect(wrong(one("{place: a, file: /a/}"))).to.deep.equal(["below", 4]);
    expect(wrong(one("{place: a, file: a}"))).to.deep.equal(["not-absolute", 4]);
    expect(wrong(`${one("{place: a, file: /a}")}  - {place: a, file: /b}\n`)).to.deep.equal(["twice", 5]);
  });

  it("finds a holding by its name, its place, or the nearest place above it; what was declared leads nowhere but down", () => {
    const index = new PlaceIndex(
      parsePlaces(`executor: x
places:
  - {place: raw/, file: /data/raw/}
  - {place: raw/deep/, file: /elsewhere/}
  - {place: raw/one, file: /data/one}
  - {holding: M/facts/1/0, file: /data/named}
  - {place: nobody, file: /data/nobody}`).places,
    );
    const at = (holding: string, place: string): string | undefined => index.find(holding, place)?.file;
    expect(at("M/facts/1/0", "raw/one")).to.equal("/data/named");
    expect(at("M/facts/2/0", "raw/one")).to.equal("/data/one");
    expect(at("M/facts/3/0", "raw/two/three")).to.equal("/data/raw/two/three");
    expect(at("M/facts/4/0", "raw/deep/x")).to.equal("/elsewhere/x");
    for (const place of ["raw/../../etc/passwd", "raw/./x", "raw//x", "raw/", "raw/deep/", "other", ""])
      expect(at("M/facts/5/0", place), place).to.equal(undefined);
    expect(index.unused().map(({ place }) => place)).to.deep.equal(["nobody"]);
  });
});

describe("an erasure's journal", () => {
  let at: string;
  beforeEach(() => (at = mkdtempSync(join(tmpdir(), "suyuan-erase-"))));
  afterEach(() => rmSync(at, { recursive: true }));

  it("goes on after a line that was cut off", () => {
    const first = Journal.open(at, "e");
    first.add([{ intent: "file /a", digests: ["d"] }]);
    first.close();
    const path = join(at, "journal.ndjson");
    writeFileSync(path, `${readFileSync(path, "utf8")}{"gone":"file /a","a`);
    const second = Journal.open(at, "e");
    expect([second.intents.size, second.gone.size]).to.deep.equal([1, 0]);
    second.add([{ gone: "file /a", at: "t", method: "clear", unreached: [] }]);
    second.close();
    const third = Journal.open(at, "e");
    expect(third.gone.get("file /a")?.at).to.equal("t");
    third.close();
  });

  it("is of one exit, and of one process at a time; who was killed holds nothing", async () => {
    Journal.open(at, "e").close();
    expect(() => Journal.open(at, "other")).to.throw(JournalError, "of-another");
    const child = spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)"]);
    const gone = once(child, "exit");
    try {
      symlinkSync(String(child.pid), join(at, "lock"));
      expect(() => Journal.open(at, "e")).to.throw(JournalError, "in-use");
    } finally {
      child.kill("SIGKILL");
    }
    await gone;
    Journal.open(at, "e").close();
  });
});
