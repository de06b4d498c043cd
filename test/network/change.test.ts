/** A change file comes from others: whatever is none is said to be none. */
import { expect } from "chai";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Change, readChange, writeChange } from "../../network/change/change";
import { NetworkError } from "../../network/errors";
import { inDirectory } from "../scripts/suyuan";

const list = "-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n";
const change: Change = {
  version: 1,
  network: "four-party.suyuan",
  channel: "suyuan",
  base: 3,
  organisation: "source",
  content: { kind: "revocation", list },
  signatures: [{ organisation: "source", header: "AAAA", signature: "AAAA" }],
};

const codeOf = (file: string): Promise<string> =>
  readChange(file).then(
    () => "read",
    (error: unknown) => (error instanceof NetworkError ? error.code : "another error"),
  );

describe("a change file", () => {
  it("is read as it was written", () =>
    inDirectory(async (directory) => {
      const file = join(directory, "change.json");
      await writeChange(file, change);
      expect(await readChange(file)).to.deep.equal(change);
    }));

  const none: Readonly<Record<string, string>> = {
    "no JSON": "{",
    "another version": JSON.stringify({ ...change, version: 2 }),
    "something beside it": JSON.stringify({ ...change, note: "harmless" }),
    "an unknown kind": JSON.stringify({ ...change, content: { kind: "policy" } }),
    "a list that is no PEM": JSON.stringify({ ...change, content: { kind: "revocation", list: "list" } }),
    "a negative base": JSON.stringify({ ...change, base: -1 }),
    "no signatures": JSON.stringify({ ...change, signatures: undefined }),
    "more than a megabyte": JSON.stringify(change) + " ".repeat(1024 * 1024),
  };
  for (const [what, text] of Object.entries(none))
    it(`is refused: ${what}`, () =>
      inDirectory(async (directory) => {
        const file = join(directory, "change.json");
        await writeFile(file, text);
        expect(await codeOf(file)).to.equal("change-unreadable");
      }));

  it("is refused where there is none", () =>
    inDirectory(async (directory) => {
      expect(await codeOf(join(directory, "change.json"))).to.equal("change-unreadable");
    }));
});
