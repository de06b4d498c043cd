import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type ChaincodePackage, packageChaincode } from "../../network/deployment/package";
import { inDirectory } from "../scripts/suyuan";

const CHAINCODE = join(__dirname, "..", "..", "chaincode", "index.js");
const PLAIN = join(__dirname, "..", "..", "scripts", "package-chaincode.js");

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

  describe("for peers that build chaincode themselves", () => {
    /** Its code, unpacked. */
    async function plain(directory: string): Promise<{ said: string; bytes: Buffer; code: Buffer; folder: string }> {
      const file = join(directory, "plain.tgz");
      const said = execFileSync(process.execPath, [PLAIN, file], { encoding: "utf8", env: { LANG: "C" } });
      const bytes = await readFile(file);
      const code = contentOf(bytes, "code.tar.gz");
      execFileSync("tar", ["-xzf", "-", "-C", directory], { input: code });
      return { said, bytes, code, folder: join(directory, "src") };
    }

    it("is of Fabric's own type: a manifest and all code below src, the package's id said when it is written", () =>
      inDirectory(async (directory) => {
        const { said, bytes, code } = await plain(directory);
        const metadata = JSON.parse(contentOf(bytes, "metadata.json").toString("utf8")) as { readonly label: string };
        expect(metadata).to.deep.equal({ type: "node", path: "", label: metadata.label });
        expect(said).to.contain(`${metadata.label}:${createHash("sha256").update(bytes).digest("hex")}`);
        const paths = execFileSync("tar", ["-tzf", "-"], { input: code, encoding: "utf8" }).trim().split("\n");
        expect(paths).to.include.members(["src/package.json", "src/package-lock.json", "src/index.js", "src/contract.js"]);
        expect(paths.filter((path) => !path.startsWith("src/") || path.includes("node_modules"))).to.deep.equal([]);
      }));

    it("names its dependencies by exact versions, those of its dependencies in a lock that npm takes as whole", () =>
      inDirectory(async (directory) => {
        const { folder } = await plain(directory);
        const { dependencies } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as {
          dependencies: Record<string, string>;
        };
        for (const [name, version] of Object.entries(dependencies)) expect(version, name).to.match(/^\d+\.\d+\.\d+$/);
        const ci = ["ci", "--omit=dev", "--dry-run", "--offline", "--ignore-scripts", "--cache", join(directory, "no-cache")];
        expect(execFileSync("npm", ci, { cwd: folder, encoding: "utf8", stdio: "pipe" })).to.match(/added \d+ packages/);
      }));

    it("is loaded by Fabric's launcher: the contract beside Fabric's own, and how arguments cross", () =>
      inDirectory(async (directory) => {
        const { folder } = await plain(directory);
        await symlink(resolve("node_modules"), join(folder, "node_modules"));
        const load = `
          const { contracts, serializers } = require("fabric-shim/lib/contract-spi/bootstrap").getInfoFromContract(".");
          const Chaincode = require("fabric-shim/lib/contract-spi/chaincodefromcontract");
          const { contractImplementations } = new Chaincode(contracts, serializers);
          console.log(JSON.stringify(Object.keys(contractImplementations)), serializers.transaction);`;
        const said = execFileSync(process.execPath, ["-e", load], { cwd: folder, encoding: "utf8", stdio: "pipe" });
        expect(said.trim().split("\n").at(-1)).to.equal('["suyuan","org.hyperledger.fabric"] text');
      }));
  });
});
