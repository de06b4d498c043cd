import { expect } from "chai";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { Level } from "level";
import { checkFiles, type FileDifference } from "../../gateway/database-files";

describe("the files of a database", () => {
  let directory: string;

  /** With tables, compressed and not, a log that goes over several of its blocks, and what was overwritten and deleted. */
  before(async () => {
    directory = join(mkdtempSync(join(tmpdir(), "suyuan-files-")), "database");
    for (const [compression, writeBufferSize] of [
      [true, 64 * 1024],
      [false, 64 * 1024],
      [true, 4 * 1024 * 1024],
    ] as const) {
      const level = new Level<string, string>(directory, { compression, writeBufferSize });
      await level.open();
      for (let i = 0; i < 40; i++) {
        const value = Array.from({ length: 600 }, (_, n) => (n * i * 7919).toString(36)).join(" ");
        await level.put(`key/${i % 30}`, value);
        await level.batch([{ type: "put", key: `other/${i}/${"long".repeat(40)}`, value: "" }]);
      }
      await level.del("key/3");
      await level.close();
    }
  });
  after(() => rmSync(dirname(directory), { recursive: true }));

  async function check(): Promise<FileDifference[]> {
    const found: FileDifference[] = [];
    for await (const difference of checkFiles(directory)) found.push(difference);
    return found;
  }

  const files = (): string[] =>
    readdirSync(directory)
      .filter((name) => !name.startsWith("LO"))
      .map((name) => join(directory, name));

  it("are whole when LevelDB has written them", async () => {
    expect(files().filter((name) => name.endsWith(".ldb")).length).to.be.greaterThan(1);
    expect(files().some((name) => name.endsWith(".log") && readFileSync(name).length > 65_536)).to.equal(true);
    expect(await check()).to.deep.equal([]);
  });

  it("are whole with a table that LevelDB was closed in the middle of: no manifest names it", async () => {
    const [table = ""] = files().filter((name) => name.endsWith(".ldb"));
    const unfinished = join(directory, "999999.ldb");
    writeFileSync(unfinished, readFileSync(table).subarray(0, 1000));
    expect(await check()).to.deep.equal([]);
    const [manifest = ""] = files().filter((name) => name.includes("MANIFEST"));
    const whole = readFileSync(manifest);
    truncateSync(manifest, 0);
    expect((await check()).map(({ file }) => file)).to.include(unfinished);
    writeFileSync(manifest, whole);
    rmSync(unfinished);
  });

  it("show any changed bit, of any of them", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files()),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.nat(7),
        async (file, place, bit) => {
          const bytes = readFileSync(file);
          const at = Math.floor(place * bytes.length);
          const changed = Buffer.from(bytes);
          changed[at]! ^= 1 << bit;
          writeFileSync(file, changed);
          try {
            const [found, ...others] = await check();
            expect(found).to.include({ code: "file-damaged", file });
            expect(found?.at).to.be.at.most(at);
            expect(others).to.deep.equal([]);
          } finally {
            writeFileSync(file, bytes);
          }
        },
      ),
      { numRuns: 300 },
    );
  }).timeout(60_000);

  it("show a table that was cut or lengthened", async () => {
    const table = files().find((name) => name.endsWith(".ldb"))!;
    const bytes = readFileSync(table);
    for (const changed of [
      bytes.subarray(0, -1),
      bytes.subarray(0, 40),
      bytes.subarray(1),
      Buffer.concat([bytes, Buffer.of(0)]),
      Buffer.alloc(0),
    ]) {
      writeFileSync(table, changed);
      expect((await check()).map(({ file }) => file)).to.deep.equal([table]);
    }
    writeFileSync(table, bytes);
  });

  it("may end in the middle of a record of the log: so a process ends that is killed", async () => {
    const log = files().find((name) => name.endsWith(".log"))!;
    const bytes = readFileSync(log);
    truncateSync(log, bytes.length - 3);
    expect(await check()).to.deep.equal([]);
    writeFileSync(log, Buffer.concat([bytes, Buffer.alloc(100)]));
    expect(await check()).to.deep.equal([]);
    writeFileSync(log, bytes);
  });
});
