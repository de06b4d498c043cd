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
  readdirSync,
  readFileSync,
  renameSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EraseError, type Eraser, type Erased } from "../../../gateway/exit/erase/eraser";
import { DirectoryEraser, FileEraser } from "../../../gateway/exit/erase/files";
import { Journal, JournalError, type Intent } from "../../../gateway/exit/erase/journal";
import { KeyRecord } from "../../../gateway/exit/erase/key-record";
import { parsePlaces, PlaceIndex, PlacesError } from "../../../gateway/exit/erase/places";
import { Roots } from "../../../gateway/exit/erase/roots";
import { DEVELOPER, OPERATOR } from "../../chaincode/events/world";

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

/** As an erasure has it done. @param between what happens after it was looked at */
async function erase(eraser: Eraser, between: () => void = nothing): Promise<Erased | undefined> {
  const look = await eraser.look(nothing);
  between();
  if (look === undefined) return undefined;
  let intent: Intent | undefined;
  const erased = await eraser.erase(look, nothing, () => {
    intent = { intent: eraser.target, holdings: [], marks: [], ...look };
    return Promise.resolve();
  });
  const others = intent === undefined ? [] : ((await eraser.remove?.(intent)) ?? []);
  return { ...erased, unreached: [...erased.unreached, ...others] };
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
    expect(await erase(file("a"))).to.deep.equal({ method: "clear", unreached: ["medium", "names"] });
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
    const tool = '(cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) | sha256sum';
    const expected = execFileSync("/bin/sh", ["-c", tool, "sh", join(root, "sub")], { encoding: "utf8" }).slice(0, 64);
    expect((await directory("sub").look(nothing))?.digests).to.deep.equal([expected]);
    mkdirSync(join(root, "sub", "empty"));
    expect((await erase(directory("sub")))?.unreached).to.deep.equal(["medium", "names"]);
    expect(existsSync(join(root, "sub"))).to.equal(false);
  });

  it("leaves links in a folder, which no digest tells of, and what they lead to", async () => {
    writeFileSync(join(root, "sub", "a"), "content");
    symlinkSync(join(at, "outside"), join(root, "sub", "link"));
    expect((await erase(directory("sub")))?.unreached).to.deep.equal(["medium", "names", "others"]);
    expect(readdirSync(join(root, "sub"))).to.deep.equal(["link"]);
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
      expect(await codeOf(erase(new FileEraser(path, roots))), path).to.equal("outside-roots");
    expect(await codeOf(erase(new FileEraser(`${root}-sibling`, roots)))).to.equal("outside-roots");
    expect(await codeOf(erase(file("link")))).to.equal("symlink");
    expect(await codeOf(erase(directory("way-out")))).to.equal("symlink");
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
      expect(await codeOf(erase(file("sub", "open")))).to.equal("in-use");
      expect(await codeOf(erase(directory("sub")))).to.equal("in-use");
    } finally {
      child.kill();
    }
    expect([readFileSync(join(at, "outside", "other-name"), "utf8"), readFileSync(join(root, "sub", "open"), "utf8")]).to.deep.equal([
      "content",
      "content",
    ]);
  });

  it("erases no content that came after the one that it has compared, and leaves all as it was", async () => {
    for (const change of [
      () => writeFileSync(join(root, "sub", "a"), "newer words"),
      () => renameSync(join(root, "newer"), join(root, "sub", "a")),
    ]) {
      writeFileSync(join(root, "sub", "a"), "as declared");
      writeFileSync(join(root, "sub", "b"), "unchanged");
      writeFileSync(join(root, "newer"), "newer words");
      expect(await codeOf(erase(file("sub", "a"), change))).to.equal("changed");
      writeFileSync(join(root, "sub", "a"), "as declared");
      writeFileSync(join(root, "newer"), "newer words");
      expect(await codeOf(erase(directory("sub"), change))).to.equal("changed");
      expect(readdirSync(join(root, "sub"))).to.deep.equal(["a", "b"]);
      expect([readFileSync(join(root, "sub", "a"), "utf8"), readFileSync(join(root, "sub", "b"), "utf8")]).to.deep.equal([
        "newer words",
        "unchanged",
      ]);
    }
  });

  it("claims nothing of a folder of which a part is moved away after it has compared it", async () => {
    mkdirSync(join(root, "sub", "deep"));
    for (const name of ["sub/a", "sub/deep/b"]) writeFileSync(join(root, name), "content");
    const away = (): void => renameSync(join(root, "sub", "deep"), join(at, "moved"));
    expect(await codeOf(erase(directory("sub"), away))).to.equal("changed");
    expect([readdirSync(join(root, "sub")), readdirSync(join(at, "moved"))]).to.deep.equal([["a"], ["b"]]);
  });

  it("leaves what comes under the name of a file that it is erasing", async () => {
    writeFileSync(join(root, "a"), "as declared");
    const look = await file("a").look(nothing);
    const intent = { intent: "file", holdings: [], marks: [], digests: [], files: look?.files ?? [] };
    // Sure: from here on the name is anybody's.
    if (look !== undefined) await file("a").erase(look, nothing, () => writeFile(join(root, "a"), "newer words"));
    expect(await file("a").remove(intent)).to.deep.equal(["others"]);
    expect(readdirSync(root)).to.have.members(["a", "state", "sub"]);
    expect(readFileSync(join(root, "a"), "utf8")).to.equal("newer words");
  });

  it("follows no link that has come in the place of a folder, though an equal file lies there", async () => {
    for (const folder of [join(root, "sub"), join(at, "outside")]) {
      mkdirSync(join(folder, "deep", "er"), { recursive: true });
      writeFileSync(join(folder, "deep", "er", "a"), "content");
    }
    for (const swapped of ["deep/er", "deep"]) {
      const swap = (): void => {
        renameSync(join(root, "sub", swapped), join(at, "moved"));
        symlinkSync(join(at, "outside", swapped), join(root, "sub", swapped));
      };
      expect(await codeOf(erase(directory("sub"), swap)), swapped).to.equal("changed");
      expect(readdirSync(join(at, "outside", "deep", "er"))).to.deep.equal(["a"]);
      rmSync(join(root, "sub", swapped));
      renameSync(join(at, "moved"), join(root, "sub", swapped));
    }
    expect((await erase(directory("sub")))?.unreached).not.to.include("others");
  });

  it("puts back what a run had aside that was stopped before it was sure; not over what has come meanwhile", async () => {
    writeFileSync(join(root, "a.suyuan-erasing"), "content");
    linkSync(join(root, "a.suyuan-erasing"), join(root, "a")); // Stopped while it was putting it back.
    await file("a").restore();
    expect([readFileSync(join(root, "a"), "utf8"), existsSync(join(root, "a.suyuan-erasing"))]).to.deep.equal(["content", false]);
    renameSync(join(root, "a"), join(root, "a.suyuan-erasing"));
    writeFileSync(join(root, "a"), "newer words");
    expect(await codeOf(file("a").restore())).to.equal("aside");
    expect(await codeOf(erase(file("a")))).to.equal("aside");
    expect(readFileSync(join(root, "a"), "utf8")).to.equal("newer words");
    expect(readFileSync(join(root, "a.suyuan-erasing"), "utf8")).to.equal("content");
  });

  it("puts back under its name what was aside under a short one, and takes no link's word for another name", async () => {
    const long = "c".repeat(250);
    writeFileSync(join(root, "sub", long), "content");
    // Stopped once all is aside.
    const look = await directory("sub").look(nothing);
    const eraser = Object.assign(directory("sub"), { restore: () => Promise.resolve() });
    const stopped = eraser.erase(look ?? { digests: [], bytes: 0 }, nothing, () => Promise.reject(new EraseError("changed", "stop")));
    expect(await codeOf(stopped)).to.equal("changed");
    expect(readdirSync(join(root, "sub")))
      .to.have.length(2)
      .and.not.to.include(long);
    await directory("sub").restore();
    expect(readdirSync(join(root, "sub"))).to.deep.equal([long]);

    const name = "../".repeat(85);
    writeFileSync(join(root, "sub", `${sha256(name)}.suyuan-erasing`), "another's");
    symlinkSync(name, join(root, "sub", `${sha256(name)}.suyuan-name`));
    await directory("sub").restore();
    expect(readdirSync(join(root, "sub"))).to.have.members([long, sha256(name), `${sha256(name)}.suyuan-name`]);
  });

  it("refuses its own files, and what is of another kind", async () => {
    writeFileSync(join(root, "state", "journal"), "");
    writeFileSync(join(root, "a"), "");
    expect(await codeOf(erase(file("state", "journal")))).to.equal("own-files");
    expect(await codeOf(erase(directory("state")))).to.equal("own-files");
    expect(await codeOf(erase(file("sub")))).to.equal("special");
    expect(await codeOf(erase(directory("a")))).to.equal("special");
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
    expect(await codeOf(key.look())).to.equal("record-missing");
    writeFileSync(record, "");
    expect(await codeOf(key.look())).to.equal("record-missing");
    for (const other of ["key-8", "key-70", "key-7-old", "my-key-7", "monkey-7", "key-7.1", "key-7/versions/2"]) {
      writeFileSync(record, `${other} destroyed`);
      expect(await codeOf(key.look()), other).to.equal("record-silent");
    }
    for (const said of ["id:key-7.", "密钥key-7已销毁", '{"id":"key-7"}', "keys/key-7\n"]) {
      writeFileSync(record, said);
      expect(await codeOf(key.look()), said).to.equal("no error");
    }
    writeFileSync(record, "key-7 destroyed");
    expect(await erase(key)).to.deep.equal({
      method: "cryptographic-erase",
      key: { name: "key-7", record: { digest: sha256("key-7 destroyed") } },
      unreached: ["ciphertext"],
    });
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

  it("names the parties whose declarations are taken by their credit codes", () => {
    const parties = (...codes: string[]): string => `executor: x\nparties: [${codes.join(", ")}]\nplaces: []\n`;
    expect(wrong(parties(OPERATOR, DEVELOPER))[0]).to.equal("right");
    expect(wrong(parties())).to.deep.equal(["value-wrong", 2]);
    expect(wrong(parties(OPERATOR, "somebody"))).to.deep.equal(["value-wrong", 2]);
    expect(wrong(parties(OPERATOR.replace(/.$/, (last) => (last === "0" ? "1" : "0"))))).to.deep.equal(["value-wrong", 2]);
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
    first.add([{ intent: "file /a", digests: ["d"], holdings: ["M/facts/1/0"], marks: [] }]);
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

  it("reads what earlier versions wrote: one mark, and of the first nothing that it does not prove", () => {
    const lines = [
      { exit: "e" },
      { intent: "file /first", digests: ["d"], identity: "1:2" },
      { intent: "sqlite /b t", digests: ["d"], holdings: ["M/facts/2/0"], mark: "m" },
      { intent: "file /c", digests: ["d"], holdings: ["M/facts/3/0"] },
    ];
    writeFileSync(join(at, "journal.ndjson"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const journal = Journal.open(at, "e");
    const known = [...journal.intents].map(([target, { holdings, marks }]) => [target, holdings, marks]);
    journal.close();
    expect(known).to.deep.equal([
      ["sqlite /b t", ["M/facts/2/0"], ["m"]],
      ["file /c", ["M/facts/3/0"], []],
    ]);
    expect([...Journal.peek(at, "e").intents.keys()]).to.deep.equal(["sqlite /b t", "file /c"]);
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
