/** LevelDB folders as `level` writes them. */
import { expect } from "chai";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Level } from "level";
import { changeLevel, readLevel } from "../../../../gateway/exit/tables/level";
import { WHOLE } from "../../../../gateway/exit/tables/tables";
import { codeOf, rowsOf, type StoreUnderTest, tablesSuite } from "../../../suites/tables";
import { filesIn } from "./folder";

const folder = mkdtempSync(join(tmpdir(), "suyuan-level-"));
after(() => rmSync(folder, { recursive: true }));
let count = 0;
function place(): { readonly at: string; readonly scratch: string } {
  const [at, scratch] = [join(folder, String(count++)), join(folder, String(count++))];
  mkdirSync(scratch);
  return { at, scratch };
}

async function using(at: string, work: (database: Level) => Promise<unknown>): Promise<void> {
  const database = new Level(at);
  await database.open();
  await work(database);
  await database.close();
}

tablesSuite("LevelDB", () => {
  const { at, scratch } = place();
  return Promise.resolve<StoreUnderTest>({
    make: (table, rows) =>
      using(at, (database) => database.sublevel(table).batch(rows.map(([key, value]) => ({ type: "put", key, value })))),
    remove: (table, key) => using(at, (database) => database.sublevel(table).del(key)),
    nameOf: (table) => table,
    read: () => readLevel(at, scratch),
    change: () => changeLevel(at),
    files: () => filesIn(at),
    scratch: () => Promise.resolve(readdirSync(scratch)),
    end: () => Promise.resolve(),
  });
});

describe("LevelDB folders", () => {
  it("have sublevels within sublevels, and entries outside of them", async () => {
    const { at, scratch } = place();
    await using(at, async (database) => {
      await database.sublevel("a").put("k", "in a");
      await database.sublevel("a").sublevel("b").put("k", "in b of a");
      await database.put("z", "outside");
    });
    const tables = await readLevel(at, scratch);
    expect(await tables.names()).to.deep.equal([WHOLE, "a"]);
    expect(await rowsOf(tables, "a!!b")).to.deep.equal([
      [
        ["key", "k"],
        ["value", "in b of a"],
      ],
    ]);
    expect(await rowsOf(tables, "a")).to.have.length(2);
    expect(await rowsOf(tables, WHOLE)).to.have.length(3);
    await tables.close();
    const changed = await changeLevel(at);
    await changed.erase("a!!b");
    expect(await rowsOf(changed, "a")).to.deep.equal([
      [
        ["key", "k"],
        ["value", "in a"],
      ],
    ]);
    await changed.erase(WHOLE);
    expect(await rowsOf(changed, WHOLE)).to.deep.equal([]);
    await changed.close();
  });

  it("write bytes that are no text in hex", async () => {
    const { at, scratch } = place();
    await using(at, (database) =>
      database.put<Buffer, Buffer>(Buffer.from([0xff]), Buffer.from([1, 0xfe]), { keyEncoding: "buffer", valueEncoding: "buffer" }),
    );
    const tables = await readLevel(at, scratch);
    expect(await rowsOf(tables, WHOLE)).to.deep.equal([
      [
        ["key", "ff"],
        ["value", "01fe"],
      ],
    ]);
    await tables.close();
  });

  it("are not changed while they are open, and say when there is none", async () => {
    const { at, scratch } = place();
    await using(at, async (database) => {
      await database.put("a", "b");
      expect(await codeOf(changeLevel(at))).to.equal("in-use");
    });
    await (await changeLevel(at)).close();
    expect(await codeOf(changeLevel(scratch))).to.equal("unreachable");
    expect(await codeOf(readLevel(join(scratch, "missing"), scratch))).to.equal("unreachable");
    expect(readdirSync(scratch)).to.deep.equal([]);
  });
});
