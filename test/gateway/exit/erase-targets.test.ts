/** What an erasure may touch and what it claims, on real files: whose holdings, what is kept, what came in between, and what an earlier run has left. */
import { expect } from "chai";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Database } from "node-sqlite3-wasm";
import { EraseError, type Eraser } from "../../../gateway/exit/erase/eraser";
import { Erasure } from "../../../gateway/exit/erase/erasure";
import { type DeletionEvent, Journal } from "../../../gateway/exit/erase/journal";
import type { Item } from "../../../gateway/exit/erase/outcome";
import { parsePlaces, PlaceIndex } from "../../../gateway/exit/erase/places";
import { Roots } from "../../../gateway/exit/erase/roots";
import { eraserOf } from "../../../scripts/exit/places";
import { DEVELOPER, OPERATOR } from "../../chaincode/events/world";

const sha256 = (content: string | Buffer): string => createHash("sha256").update(content).digest("hex");
const listOf = (files: Readonly<Record<string, string>>): string =>
  sha256(Object.entries(files).map(([name, content]) => `${sha256(content)}  ./${name}\n`).join("")); // prettier-ignore

class Stopped extends Error {}

describe("an erasure", () => {
  let at: string;
  let data: string;
  let sent: DeletionEvent[];
  beforeEach(() => {
    at = mkdtempSync(join(tmpdir(), "suyuan-erase-"));
    data = join(at, "data");
    for (const folder of [data, join(at, "state"), join(at, "scratch")]) mkdirSync(folder);
    sent = [];
  });
  afterEach(() => rmSync(at, { recursive: true }));

  const write = (files: Readonly<Record<string, string>>): void => {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(data, name)), { recursive: true });
      writeFileSync(join(data, name), content);
    }
  };
  const isThere = (name: string): boolean => existsSync(join(data, name));

  const item = (number: number, place: string, digest: string, more: Partial<Item> = {}): Item => ({
    ...{ holding: `M/facts/${number}/0`, digest, place, party: OPERATOR, form: "raw", state: "outstanding" },
    ...more,
  });
  const kept: Partial<Item> = { state: "retained", until: "2099-01-01" };

  interface Run {
    readonly parties?: readonly string[];
    /** The erasers as they are, or otherwise. */
    readonly using?: (eraser: Eraser) => Eraser;
    readonly dry?: true;
  }

  /** @param places its lines @returns of each holding what became of it, with the code */
  async function run(places: readonly string[], items: readonly Item[], { parties, using = (it) => it, dry }: Run = {}): Promise<string[]> {
    const read = parsePlaces(`executor: x\nroots: [${data}]\nplaces:\n${places.map((place) => `  - ${place}\n`).join("")}`);
    const roots = await Roots.of([data], [join(at, "state")]);
    const erasure = new Erasure({
      ...{ authorization: "A", places: read, index: new PlaceIndex(read.places), version: "1", onProgress: () => undefined },
      parties: parties ?? [OPERATOR],
      eraserOf: (place) => using(eraserOf(place, roots, join(at, "scratch"))),
      send: (events) => Promise.resolve(events.map((event) => (sent.push(event), {}))),
    });
    const journal = Journal.open(join(at, "state"), "e");
    try {
      const outcomes = await (dry ? erasure.look(items, journal) : erasure.run(items, journal));
      return outcomes.map(({ result, code }) => (code === undefined ? result : `${result} ${code}`));
    } finally {
      journal.close();
    }
  }

  describe("takes the word of the parties that it is told", () => {
    const content = "a file of the operator's own";
    const place = (): string => `{place: store/, file: ${data}/}`;
    const declared = (): Item => item(1, "store/lib/LICENSE", sha256(content), { party: DEVELOPER });

    it("and leaves what another has declared to lie where something of that content lies", async () => {
      write({ "lib/LICENSE": content });
      expect(await run([place()], [declared()], { dry: true })).to.deep.equal(["refused foreign"]);
      expect(await run([place()], [declared()])).to.deep.equal(["refused foreign"]);
      expect([isThere("lib/LICENSE"), sent]).to.deep.equal([true, []]);
      expect(await run([place()], [declared()], { parties: [OPERATOR, DEVELOPER] })).to.deep.equal(["erased"]);
      expect(isThere("lib/LICENSE")).to.equal(false);
    });

    it("and erases its own where another has declared the same file", async () => {
      write({ "lib/LICENSE": content });
      const own = item(2, "store/lib/LICENSE", sha256(content));
      expect(await run([place()], [declared(), own])).to.deep.equal(["refused foreign", "erased"]);
      expect(sent.map(({ data: { holding } }) => holding)).to.deep.equal([own.holding]);
    });
  });

  describe("spares what is kept", () => {
    const [files, folder] = [{ "access.log": "log\n", "data.csv": "a,b\n1,2\n" }, (): string => `{place: app, directory: ${data}/app}`];
    const log = (more: Partial<Item>): Item => item(1, "log", sha256("log\n"), { form: "log", ...more });
    const whole = item(2, "app", listOf(files));
    beforeEach(() => write({ "app/access.log": files["access.log"], "app/data.csv": files["data.csv"] }));

    it("a folder with a retained log in it, by whatever way the log is named", async () => {
      symlinkSync(join(data, "app"), join(data, "alias"));
      for (const name of ["app", "alias"]) {
        const places = [folder(), `{place: log, file: ${data}/${name}/access.log}`];
        expect(await run(places, [log(kept), whole])).to.deep.equal(["settled", "refused kept"]);
        expect(await run([...places].reverse(), [whole, log(kept)])).to.deep.equal(["refused kept", "settled"]);
      }
      expect(readdirSync(join(data, "app"))).to.deep.equal(["access.log", "data.csv"]);
    });

    it("a folder with a log in it that is not yet retained, whoever declared it", async () => {
      for (const party of [OPERATOR, DEVELOPER]) {
        const [of] = await run([folder(), `{place: log, file: ${data}/app/access.log}`], [whole, log({ party })]);
        expect(of).to.equal("refused kept");
      }
      expect(isThere("app/access.log")).to.equal(true);
    });

    it("a file that another holding keeps, though one is outstanding of the very same content and place", async () => {
      const place = `{place: app/, file: ${data}/app/}`;
      const twins = [item(1, "app/data.csv", sha256(files["data.csv"]), kept), item(2, "app/data.csv", sha256(files["data.csv"]))];
      expect(await run([place], twins)).to.deep.equal(["settled", "refused kept"]);
      expect(isThere("app/data.csv")).to.equal(true);
    });

    it("a file in a folder that is kept", async () => {
      const places = [folder(), `{place: data, file: ${data}/app/data.csv}`];
      expect(await run(places, [{ ...whole, ...kept }, item(3, "data", sha256(files["data.csv"]))])).to.deep.equal([
        "settled",
        "refused kept",
      ]);
    });

    it("the database of a table that is kept; not its other tables", async () => {
      const database = new Database(join(data, "work.db"));
      database.exec("create table people(name text); create table visits(name text)");
      database.close();
      const [table, file] = [`sqlite: ${data}/work.db, table`, `{place: database, file: ${data}/work.db}`];
      const places = [`{place: people, ${table}: people}`, `{place: visits, ${table}: visits}`, file];
      const items = [
        item(1, "people", sha256("name\n"), kept),
        item(2, "visits", sha256("name\n")),
        item(3, "database", sha256(readFileSync(join(data, "work.db")))),
      ];
      expect(await run(places, items)).to.deep.equal(["settled", "erased", "refused kept"]);
      expect(isThere("work.db")).to.equal(true);
    });

    it("what may be a holding that is kept and has no place: a file, and a folder with one like it", async () => {
      const places = [folder(), `{place: other, file: ${data}/other}`];
      write({ other: "log\n" });
      const items = [log(kept), whole, item(3, "other", sha256("log\n"))];
      expect(await run(places, items)).to.deep.equal(["settled", "refused kept", "refused kept"]);
      const placed = [...places, `{holding: M/facts/1/0, file: ${data}/kept/access.log}`];
      expect(await run(placed, items)).to.deep.equal(["settled", "erased", "erased"]);
    });

    it("nothing because of an empty log that has no place: there is nothing to keep of it", async () => {
      write({ "app/empty": "", empty: "" });
      const empty = log({ digest: sha256(""), place: "somewhere" });
      const items = [empty, item(2, "app", listOf({ ...files, empty: "" })), item(3, "empty", sha256(""))];
      expect(await run([folder(), `{place: empty, file: ${data}/empty}`], items)).to.deep.equal(["uncovered", "erased", "erased"]);
    });

    it("and nothing more: what was kept once and is gone stands in nobody's way", async () => {
      const places = [folder(), `{place: log, file: ${data}/app/access.log}`];
      expect(await run(places, [log({ state: "logs-disposed" }), whole])).to.deep.equal(["settled", "erased"]);
    });
  });

  it("spares what the authority has transferred: at its place, within a folder, or of a content of which nobody has said where it lies", async () => {
    write({ "raw/theirs": "the successor's", "raw/own": "own" });
    const theirs = item(1, "raw/theirs", sha256("the successor's"), { state: "transferred" });
    const whole = item(2, "raw", listOf({ own: "own", theirs: "the successor's" }));
    const twin = item(3, "raw/theirs", sha256("the successor's"));
    const [folder, files] = [`{place: raw, directory: ${data}/raw}`, `{place: raw/, file: ${data}/raw/}`];
    expect(await run([files, folder], [theirs, whole])).to.deep.equal(["settled", "refused kept"]);
    expect(await run([folder], [theirs, whole])).to.deep.equal(["settled", "refused kept"]);
    expect(await run([files], [theirs, twin])).to.deep.equal(["settled", "refused kept"]);
    expect([isThere("raw/theirs"), isThere("raw/own"), sent]).to.deep.equal([true, true, []]);
  });

  describe("spares what goes on", () => {
    const goesOn: Partial<Item> = { goesOn: true };
    const content = "held by two";
    const own = item(1, "one/a", sha256(content));
    const theirs = (place: string, more: Partial<Item> = {}): Item =>
      item(2, place, sha256(content), { ...goesOn, party: DEVELOPER, ...more });
    const places = (): string[] => [`{place: one/, file: ${data}/one/}`];
    beforeEach(() => write({ "one/a": content }));

    it("at the same place, or wherever it lies while nobody has said where, and tells nothing of it", async () => {
      for (const place of ["one/a", "two/a"]) expect(await run(places(), [own, theirs(place)]), place).to.deep.equal(["refused goes-on"]);
      expect(await run(places(), [own, theirs("one/a", { state: "retained", until: "2099-01-01" })])).to.deep.equal(["refused kept"]);
      expect([isThere("one/a"), sent]).to.deep.equal([true, []]);
      expect(await run([...places(), `{place: two/, file: ${data}/two/}`], [own, theirs("two/a")])).to.deep.equal(["erased"]);
    });

    it("in the same folder, or around it", async () => {
      const whole = item(3, "one", listOf({ a: content }));
      const both = [...places(), `{place: one, directory: ${data}/one}`];
      expect(await run(both, [whole, theirs("one/a")])).to.deep.equal(["refused goes-on"]);
      expect(await run(both, [own, { ...whole, ...goesOn }])).to.deep.equal(["refused goes-on"]);
    });

    it("and not what it had once", async () => {
      expect(await run(places(), [own, theirs("one/a", { state: "deleted" })])).to.deep.equal(["erased"]);
    });
  });

  it("erases no folder in which others name something: that goes first", async () => {
    write({ "app/a": "1", "app/b": "2" });
    const places = [`{place: app, directory: ${data}/app}`, `{place: a, file: ${data}/app/a}`];
    for (const party of [OPERATOR, DEVELOPER])
      expect((await run(places, [item(1, "app", listOf({ a: "1", b: "2" })), item(2, "a", "0".repeat(64), { party })]))[0]).to.equal(
        "refused overlaps",
      );
    expect(readdirSync(join(data, "app"))).to.deep.equal(["a", "b"]);
  });

  describe("of a folder", () => {
    const files = { a: "1", "deep/b": "2" };
    const whole = item(1, "app", listOf(files));
    const place = (): string => `{place: app, directory: ${data}/app}`;
    beforeEach(() => write({ "app/a": "1", "app/deep/b": "2" }));

    it("takes what was looked at and leaves what came since, with its folder, and says so", async () => {
      const using = (eraser: Eraser): Eraser => {
        const look = eraser.look.bind(eraser);
        return Object.assign(eraser, {
          look: async (onBytes: () => void) => {
            const found = await look(onBytes);
            write({ "app/deep/new.txt": "somebody's" });
            return found;
          },
        });
      };
      expect(await run([place()], [whole], { using })).to.deep.equal(["erased"]);
      expect(readdirSync(join(data, "app"), { recursive: true }).sort()).to.deep.equal(["deep", "deep/new.txt"]);
      expect(sent[0]?.data["standard"]).to.equal("NIST SP 800-88 (terms); not reached: medium, names, others");
    });

    it("goes on where it was stopped, and leaves new work there, under old names too", async () => {
      await stopped(place(), whole, "overwriting");
      expect(readdirSync(join(data, "app"))).to.deep.equal(["a.suyuan-erasing", "deep"]);
      write({ "app/a": "new work", "app/new.txt": "somebody's" });
      expect(await run([place()], [whole])).to.deep.equal(["erased"]);
      expect(readdirSync(join(data, "app"))).to.deep.equal(["a", "new.txt"]);
      expect(readFileSync(join(data, "app", "a"), "utf8")).to.equal("new work");
    });

    it("claims nothing where somebody has moved a part of it away", async () => {
      await stopped(place(), whole, "overwriting");
      renameSync(join(data, "app/deep/b.suyuan-erasing"), join(data, "b"));
      expect(await run([place()], [whole])).to.deep.equal(["failed changed"]);
      expect(sent).to.deep.equal([]);
    });
  });

  /**
   * What an erasure leaves that is killed: when files are aside · when it is sure of that · when what cannot be undone is done · when it was about to go on from there, or had · when that is on record · when nothing
   * is left of it
   */
  async function stopped(
    place: string,
    one: Item,
    when: "aside" | "overwriting" | "done" | "again" | "resumed" | "gone" | "removed",
  ): Promise<void> {
    const stop = (): never => {
      throw new Stopped();
    };
    const using = (eraser: Eraser): Eraser => {
      const [erase, resume, remove] = [eraser.erase.bind(eraser), eraser.resume?.bind(eraser), eraser.remove?.bind(eraser)];
      const until: Record<typeof when, Partial<Eraser>> = {
        aside: { erase: (look, onBytes) => erase(look, onBytes, stop), restore: () => Promise.resolve() },
        overwriting: { erase: (look, onBytes, sure) => erase(look, onBytes, (mark) => sure(mark).then(stop)) },
        done: { erase: (look, onBytes, sure) => erase(look, onBytes, sure).then(stop) },
        again: { resume: async (intent, onBytes, sure) => resume?.(intent, onBytes, (mark) => sure(mark).then(stop)) },
        resumed: { resume: async (intent, onBytes, sure) => resume?.(intent, onBytes, sure).then(stop) },
        gone: { remove: stop },
        removed: { remove: async (intent) => remove?.(intent).then(stop) ?? stop() },
      };
      return Object.assign(eraser, until[when]);
    };
    await run([place], [one], { using });
    sent = [];
  }

  describe("that was stopped", () => {
    const place = (): string => `{place: p, file: ${data}/f}`;
    const one = item(1, "p", sha256("raw"));
    beforeEach(() => write({ f: "raw" }));

    it("is told beforehand to have erased what it did, and to have only the report to make", async () => {
      await stopped(place(), one, "overwriting");
      expect(await run([place()], [one], { dry: true })).to.deep.equal(["would-erase"]);
      await stopped(place(), one, "gone");
      expect(await run([place()], [one], { dry: true })).to.deep.equal(["would-report"]);
      expect(await run([place()], [one])).to.deep.equal(["erased"]);
    });

    for (const when of ["aside", "overwriting", "done", "gone", "removed"] as const)
      it(`(${when}) goes on and reports, once`, async () => {
        await stopped(place(), one, when);
        expect(readdirSync(data)).to.deep.equal(when === "removed" ? [] : ["f.suyuan-erasing"]);
        expect(await run([place()], [one])).to.deep.equal(["erased"]);
        expect([readdirSync(data), sent.length]).to.deep.equal([[], 1]);
        expect(await run([place()], [one])).to.deep.equal(["erased"]);
        expect(sent).to.have.length(1);
      });

    it("in a version that did not write for which holdings it was: looks anew, erases what is there, and claims nothing that is not", async () => {
      const journal = join(dirname(data), "state", "journal.ndjson");
      const lines = [{ exit: "e" }, { intent: `file ${data}/f`, digests: [sha256("raw")], identity: "1:2" }];
      writeFileSync(journal, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
      expect(await run([place()], [one])).to.deep.equal(["erased"]);
      writeFileSync(journal, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
      expect(await run([place()], [one])).to.deep.equal(["missing"]);
      expect(sent).to.have.length(1);
    });

    it("goes on under names that are too long to be put aside as they are, and leaves nothing of them", async () => {
      const [long, other] = ["数".repeat(85), "b".repeat(255)];
      const files = { [`app/${long}`]: "1", [`app/deep/${other}`]: "2", "app/deep/plain": "3" };
      const folder = `{place: app, directory: ${data}/app}`;
      const whole = item(1, "app", listOf({ [`deep/${other}`]: "2", "deep/plain": "3", [long]: "1" }));
      const [file, single] = [`{place: p, file: ${data}/${other}}`, item(2, "p", sha256("4"))];
      for (const when of ["aside", "overwriting", "done", "gone", "removed"] as const)
        for (const [at, declared] of [
          [folder, whole],
          [file, single],
        ] as const) {
          rmSync(join(dirname(data), "state", "journal.ndjson"), { force: true });
          rmSync(join(data, "f"), { force: true });
          write(at === folder ? files : { [other]: "4" });
          await stopped(at, declared, when);
          expect(readdirSync(data, { recursive: true }).join().includes(other), when).to.equal(false);
          expect(await run([at], [declared]), when).to.deep.equal(["erased"]);
          expect([readdirSync(data), sent.length], when).to.deep.equal([[], 1]);
        }
    });

    it("claims nothing that somebody has moved before it was overwritten", async () => {
      for (const when of ["aside", "overwriting"] as const) {
        await stopped(place(), one, when);
        renameSync(join(data, "f.suyuan-erasing"), join(data, "moved"));
        expect(await run([place()], [one]), when).to.deep.equal(["missing"]);
        expect([readFileSync(join(data, "moved"), "utf8"), sent]).to.deep.equal(["raw", []]);
        write({ f: "raw" });
      }
    });

    it("erases nothing that has come to the place since, and reports what it had erased", async () => {
      await stopped(place(), one, "gone");
      write({ f: "somebody's" });
      expect(await run([place()], [one])).to.deep.equal(["erased"]);
      expect([readdirSync(data), readFileSync(join(data, "f"), "utf8")]).to.deep.equal([["f"], "somebody's"]);
    });

    it("claims no table that somebody has renamed", async () => {
      const table = (sql: string): void => {
        const database = new Database(join(data, "work.db"));
        database.exec(sql);
        database.close();
      };
      table("create table people(name text); insert into people values ('somebody')");
      const [at, declared] = [`{place: t, sqlite: ${data}/work.db, table: people}`, item(1, "t", sha256("name\nsomebody\n"))];
      await stopped(at, declared, "overwriting");
      table("alter table people rename to others");
      expect(await run([at], [declared])).to.deep.equal(["missing"]);
      table("alter table others rename to people");
      await stopped(at, declared, "done");
      await stopped(at, declared, "again");
      await stopped(at, declared, "resumed");
      expect(await run([at], [declared])).to.deep.equal(["erased"]);
    });
  });

  it("erases no rows that came after the table was looked at", async () => {
    const database = (): Database => new Database(join(data, "work.db"));
    const made = database();
    made.exec("create table people(name text)");
    made.close();
    const using = (eraser: Eraser): Eraser => {
      const look = eraser.look.bind(eraser);
      return Object.assign(eraser, {
        look: async (onBytes: () => void) => {
          const found = await look(onBytes);
          const changed = database();
          changed.exec("insert into people values ('new')");
          changed.close();
          return found;
        },
      });
    };
    const place = `{place: t, sqlite: ${data}/work.db, table: people}`;
    expect(await run([place], [item(1, "t", sha256("name\n"))], { using })).to.deep.equal(["refused changed"]);
    const left = database();
    expect(left.all("select name from people")).to.deep.equal([{ name: "new" }]);
    left.close();
  });

  it("claims nothing of what was in use when it came, and is gone when it comes again: somebody has moved it", async () => {
    write({ f: "raw" });
    const [place, one] = [`{place: p, file: ${data}/f}`, item(1, "p", sha256("raw"))];
    const using = (eraser: Eraser): Eraser => Object.assign(eraser, { erase: () => Promise.reject(new EraseError("in-use", "f")) });
    expect(await run([place], [one], { using })).to.deep.equal(["refused in-use"]);
    rmSync(join(data, "f"));
    expect(await run([place], [one])).to.deep.equal(["missing"]);
    expect(sent).to.deep.equal([]);
  });
});
