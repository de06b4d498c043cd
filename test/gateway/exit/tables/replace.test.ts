/** A file in another's place: whatever it was stopped in, what stands there is whole, and nothing is beside it. */
import { expect } from "chai";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { draftOf, finishReplacing, replace } from "../../../../gateway/exit/tables/replace";
import { TablesError } from "../../../../gateway/exit/tables/tables";

describe("replacing a file", () => {
  let folder: string;
  let at: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "suyuan-replace-"));
    at = join(folder, "data");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const there = (files: Readonly<Record<string, string>>): void => {
    for (const [name, content] of Object.entries(files)) writeFileSync(`${at}${name}`, content);
  };
  const found = (): unknown =>
    Object.fromEntries(readdirSync(folder).map((name) => [name.slice(4), readFileSync(join(folder, name), "utf8")]));

  it("leaves the new one alone", async () => {
    there({ "": "old" });
    writeFileSync(draftOf(at), "new");
    await replace(at);
    expect(found()).to.deep.equal({ "": "new" });
  });

  for (const [when, files, left] of [
    ["while the new one is made", { "": "old", ".suyuan-draft": "ne" }, "old"],
    ["when the new one is whole", { "": "old", ".suyuan-new": "new" }, "new"],
    ["between the old one and the new one", { ".suyuan-new": "new", ".suyuan-old": "old" }, "new"],
    ["while the old one is wiped", { "": "new", ".suyuan-old": "\0\0d" }, "new"],
    ["before or after it all", { "": "old" }, "old"],
  ] as const)
    it(`is finished or undone where it was stopped ${when}`, async () => {
      there(files);
      await finishReplacing(at);
      expect(found()).to.deep.equal({ "": left });
    });

  it("touches nothing that somebody has put there meanwhile", async () => {
    const files = { "": "somebody's", ".suyuan-new": "new", ".suyuan-old": "old" };
    there(files);
    const error = await finishReplacing(at).catch((error: unknown) => error);
    expect((error as TablesError).code).to.equal("in-use");
    expect(found()).to.deep.equal(files);
  });
});
