import { expect } from "chai";
import fc from "fast-check";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { readTable, writeTable } from "../../../scripts/demo/table";
import { codeOf, Workspace } from "./workspace";

describe("a table in a file", () => {
  let work: Workspace;
  before(async () => {
    work = await Workspace.open();
  });
  after(() => work.close());

  it("is read from CSV with quotes, CRLF and a byte order mark", async () => {
    const path = await work.write("a.csv", '\uFEFFiata,name\r\n53A,"Dr. C.P. Savage, Sr."\r\n00M,"The ""old"" one"\r\n');
    const { fields, rows, file } = await readTable(path);
    expect(fields).to.deep.equal(["iata", "name"]);
    expect(rows).to.deep.equal([
      { iata: "53A", name: "Dr. C.P. Savage, Sr." },
      { iata: "00M", name: 'The "old" one' },
    ]);
    expect(file.rows).to.equal(2);
  });

  it("keeps a line of the wrong length as an empty row, so that it is counted", async () => {
    const { rows } = await readTable(await work.write("b.csv", "a,b\n1,2\n3\n4,5,6\n7,8"));
    expect(rows).to.deep.equal([{ a: "1", b: "2" }, {}, {}, { a: "7", b: "8" }]);
  });

  it("is read from JSON, numbers as they are written", async () => {
    const path = await work.write("c.json", '[{"time":23.983333333333334,"delay":-3},{"delay":null},7]');
    expect((await readTable(path)).rows).to.deep.equal([{ time: "23.983333333333334", delay: "-3" }, { delay: "" }, {}]);
  });

  it("is refused when the file as a whole is no table", async () => {
    for (const [name, content] of Object.entries({
      "d.csv": 'a,b\n1,x"y\n',
      "e.csv": "",
      "f.json": "[{",
      "g.json": "{}",
      "h.csv": 'a\n"open\n',
    }))
      expect(await codeOf(readTable(await work.write(name, content))), name).to.equal("table-malformed");
  });

  it("reads back what was written, whatever the cells hold", async () => {
    const cell = fc.string({ unit: fc.constantFrom("a", "7", ",", '"', "\n", "\r", " ", "旬") });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ x: cell, y: cell }), { maxLength: 8 }), async (rows) => {
        await writeTable(work.path("i.csv"), ["x", "y"], rows);
        expect((await readTable(work.path("i.csv"))).rows).to.deep.equal(rows.map((row) => ({ ...row })));
      }),
      { numRuns: 60 },
    );
  });

  it("is described by the digest and the size of its exact bytes", async () => {
    const file = await writeTable(work.path("j.csv"), ["a"], [{ a: "旬" }]);
    const bytes = await readFile(file.path);
    expect(file).to.deep.equal({
      path: work.path("j.csv"),
      sha256: createHash("sha256").update(bytes).digest("hex"),
      bytes: bytes.length,
      rows: 1,
    });
  });
});
