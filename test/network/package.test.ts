import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ChaincodePackage, packageChaincode } from "../../network/deployment/package";
import { inDirectory } from "../scripts/suyuan";

const CHAINCODE = join(__dirname, "..", "..", "chaincode", "index.js");

/** What the system's own tar makes of it. */
const contentOf = (archive: Uint8Array, path: string): Buffer => execFileSync("tar", ["-xzOf", "-", path], { input: archive });

/** A program of two files and one that it does not need. */
async function program(directory: string, imported: string): Promise<ChaincodePackage> {
  await mkdir(join(directory, "events"), { recursive: true });
  await writeFile(join(directory, "index.js"), 'require("./events"); require("node:fs");');
  await writeFile(join(directory, "events", "index.js"), imported);
  await writeFile(join(directory, "other.js"), "");
  return packageChaincode(join(directory, "index.js"), "sample_1");
}

describe("chaincode package", () => {
  it("holds the code that the entry needs, and nothing else", () =>
    inDirectory(async (directory) => {
      const { files, main } = await program(directory, "1");
      expect([...files.keys()].sort()).to.deep.equal(["events/index.js", "index.js"]);
      expect(main).to.equal("index.js");
    }));

  it("is the same for the same code wherever it lies, and another for another", () =>
    inDirectory(async (directory) => {
      const [one, moved, other] = [
        await program(join(directory, "one"), "1"),
        await program(join(directory, "moved"), "1"),
        await program(join(directory, "other"), "2"),
      ];
      expect(moved.id).to.equal(one.id);
      expect(other.id).not.to.equal(one.id);
    }));

  it("is what Fabric unpacks: label and type, the code in an archive of its own, its digest in its name", async () => {
    const { id, bytes, main } = await packageChaincode(CHAINCODE, "suyuan_1");
    expect(id).to.equal(`suyuan_1:${createHash("sha256").update(bytes).digest("hex")}`);
    expect(JSON.parse(contentOf(bytes, "metadata.json").toString("utf8"))).to.deep.equal({ type: "suyuan-service", label: "suyuan_1" });
    const code = contentOf(bytes, "code.tar.gz");
    expect(JSON.parse(contentOf(code, "chaincode.json").toString("utf8"))).to.deep.equal({ main });
    expect(contentOf(code, main).toString("utf8")).to.contain("require(");
  });

  it("takes nothing of the gateway along", async () => {
    const { files } = await packageChaincode(CHAINCODE, "suyuan_1");
    expect([...files.keys()]).to.include("contract.js");
    expect([...files.keys()].filter((path) => path.startsWith(".."))).to.deep.equal([]);
  });
});
