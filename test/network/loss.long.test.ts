/** The whole machine of one organisation lost: back from its backup, with the ledger from the others. And its processes as units of systemd. */
import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { encodeLine } from "../../chaincode/batch";
import { FabricGatewayLedger } from "../../gateway/ledger/fabric-gateway";
import type { Call } from "../../gateway/ledger/port";
import { KINDS } from "../../network/processes/services";
import { onFabricAtLength } from "../gateway/ledger/fabric-network";
import { errorCode, type Ran, suyuan } from "../scripts/suyuan";
import { Four } from "./four";

const TITLE = "the loss of an organisation's machine";

const appending = (journal: string, size: number): Call => ({
  transaction: "append",
  args: [Buffer.from(journal), Buffer.from(String(size)), deflateRawSync(encodeLine(Buffer.from(`{"number":${size}}`), []))],
});

onFabricAtLength(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(300_000);
    const four = new Four();
    const env = { PATH: process.env["PATH"] ?? "", FABRIC_BIN: process.env["FABRIC_BIN"] ?? "" };
    const network = (...args: string[]): Promise<Ran> => suyuan(["network", ...args, "--dir", four.network.directory, "--json"], { env });
    const file = (name: string): string => join(four.network.directory, "..", name);
    const append = async (organisation: string, size: number): Promise<void> => {
      const ledger = new FabricGatewayLedger(four.connectionOf(organisation));
      try {
        await ledger.submit(appending(`${organisation.charAt(0).toUpperCase()}${organisation.slice(1)}MSP/facts`, size));
      } finally {
        await ledger.close();
      }
    };
    before(async () => {
      await four.make();
      await four.init();
      await four.up();
      await append("source", 0);
    });
    after(() => four.remove());

    it("is run by units that systemd takes", async () => {
      const made = await network("units", "--org", "source", "--data", file("data"), "--user", "root", "--out", file("units"));
      expect(made.code, made.stdout).to.equal(0);
      const names = await readdir(file("units"));
      const kinds = [...KINDS, "gateway"].map((kind) => `suyuan-source-${kind}.service`);
      expect(names).to.have.members([...kinds, "suyuan-source.target"]);
      for (const name of kinds) {
        const unit = await readFile(join(file("units"), name), "utf8");
        expect(unit, name)
          .to.match(/^Restart=always$/m)
          .and.to.match(/^ExecStart="?\//m)
          .and.not.to.contain("undefined");
      }
      try {
        execFileSync("systemd-analyze", ["verify", ...names.map((name) => join(file("units"), name))], { stdio: "pipe" });
      } catch (error) {
        const { code, stderr } = error as { readonly code?: string; readonly stderr?: Buffer };
        if (code !== "ENOENT") throw new Error(stderr?.toString("utf8"), { cause: error });
      }
    });

    it("is got over: keys from the backup, the ledger from the others, which go on meanwhile", async () => {
      const { directory } = four.network;
      const saved = await network("backup", "--org", "source", "--out", file("source.backup"));
      expect(saved.code, saved.stdout).to.equal(0);
      expect((await stat(file("source.backup"))).mode & 0o777).to.equal(0o600);

      for (const kind of KINDS) process.kill(await four.pid("source", kind), "SIGKILL");
      await rm(join(directory, "source"), { recursive: true });
      await append("operator", 0);
      await append("operator", 1);

      const began = performance.now();
      const back = await network("restore", file("source.backup"));
      expect(back.code, back.stdout).to.equal(0);
      await four.up();
      await four.height();
      process.stdout.write(`      back, with all that the others have, after ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
      await append("source", 1);
      await append("operator", 2);
    });

    it("leaves what is there as it is, and takes no other file", async () => {
      expect(errorCode(await network("restore", file("source.backup")))).to.equal("restore-occupied");
      await writeFile(file("other"), "no backup");
      expect(errorCode(await network("restore", file("other")))).to.equal("backup-unreadable");
    });
  });
});
