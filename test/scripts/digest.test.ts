import { expect } from "chai";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { documents, errorCode, inDirectory, suyuan } from "./suyuan";

const document = Buffer.from("协议\u0000 signed\n");
const salt = "ab".repeat(32);
const expected = createHash("sha256").update(Buffer.from(salt, "hex")).update(document).digest("hex");

describe("suyuan digest", () => {
  it("is SHA-256 over salt and bytes", async () => {
    await inDirectory(async (directory) => {
      const file = join(directory, "agreement.pdf");
      writeFileSync(file, document);
      const ran = await suyuan(["digest", file, "--salt", salt, "--json"]);
      expect(documents(ran)).to.deep.equal([{ digest: expected, salt, bytes: document.length }]);
      expect(ran.code).to.equal(0);
    });
  });

  it("reads standard input, and takes a new salt each time", async () => {
    const [one, other] = await Promise.all([0, 1].map(() => suyuan(["digest", "-", "--json"], { input: document })));
    const [first] = documents(one!) as [{ digest: string; salt: string }];
    const [second] = documents(other!) as [{ salt: string }];
    expect(first.salt)
      .to.match(/^[0-9a-f]{64}$/)
      .and.not.to.equal(second.salt);
    expect(first.digest).to.equal(createHash("sha256").update(Buffer.from(first.salt, "hex")).update(document).digest("hex"));
  });

  it("checks a digest: 0 where it is the document's, 4 where it is not", async () => {
    const same = await suyuan(["digest", "-", "--salt", salt, "--check", expected], { input: document });
    const changed = await suyuan(["digest", "-", "--salt", salt, "--check", expected, "--json"], {
      input: Buffer.concat([document, document]),
    });
    expect(same.code).to.equal(0);
    expect(changed.code).to.equal(4);
    expect(documents(changed)).to.have.nested.property("[0].matches", false);
  });

  it("takes nothing for a salt or a digest that is none", async () => {
    const short = await suyuan(["digest", "-", "--salt", "ab", "--json"], { input: document });
    const noSalt = await suyuan(["digest", "-", "--check", expected, "--json"], { input: document });
    expect([short.code, errorCode(short)]).to.deep.equal([2, "value-invalid"]);
    expect([noSalt.code, errorCode(noSalt)]).to.deep.equal([2, "option-missing"]);
  });

  it("says that a file cannot be read", async () => {
    const ran = await suyuan(["digest", "/nowhere/at-all.pdf", "--json"]);
    expect([ran.code, errorCode(ran)]).to.deep.equal([1, "file-unreadable"]);
  });
});
