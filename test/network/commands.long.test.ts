import "reflect-metadata";
/** What `suyuan network` answers without Fabric's programs, or with wrong ones. */
import { expect } from "chai";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { X509CertificateGenerator } from "@peculiar/x509";
import { webcrypto } from "node:crypto";
import { Network } from "../../network/network";
import { PROGRAMS } from "../../network/processes/programs";
import { documents, errorCode, inDirectory, suyuan } from "../scripts/suyuan";
import { declareOnFreePorts } from "./declared";

interface Told {
  readonly error: { readonly code: string; readonly message: string; readonly next: string };
}

/** Programs that say this version, and end at once with 1 when they are to do anything. */
async function fakePrograms(directory: string, version: string, says = "no such thing"): Promise<string> {
  const folder = join(directory, "bin");
  await mkdir(folder);
  for (const program of PROGRAMS) {
    const file = join(folder, program);
    await writeFile(file, `#!/bin/sh\n[ "$1" = version ] && echo " Version: ${version}" && exit 0\necho "${says}" >&2\nexit 1\n`);
    await chmod(file, 0o755);
  }
  return folder;
}

const init = (directory: string): Promise<Network> =>
  declareOnFreePorts(directory).then((topology) => Network.init(join(directory, "network"), topology));

describe("suyuan network", () => {
  it("makes a network's directory with what each organisation needs, once", () =>
    inDirectory(async (directory) => {
      const args = ["network", "init", "--dir", join(directory, "net"), "--topology", await declareOnFreePorts(directory), "--json"];
      const [made, again] = [await suyuan(args), await suyuan(args)];
      expect(documents(made)).to.deep.equal([
        { directory: join(directory, "net"), organisations: ["authority", "operator", "developer", "source"], bundles: false },
      ]);
      expect([errorCode(again), again.code]).to.deep.equal(["network-exists", 1]);
    }));

  it("takes no declaration that the contract would refuse once everything runs", () =>
    inDirectory(async (directory) => {
      const good = await readFile(await declareOnFreePorts(directory), "utf8");
      const file = join(directory, "wrong.yaml");
      for (const [right, wrong] of [
        ["roles: [source]", "roles: [sources]"],
        ["roles: [source]", "roles: [source, developer]"],
        ["11990000MB1A0001XD", "11990000MB1A0001XX"],
      ] as const) {
        expect(good).to.contain(right);
        await writeFile(file, good.replace(right, wrong));
        const ran = await suyuan(["network", "init", "--dir", join(directory, "net"), "--topology", file, "--json"]);
        expect([errorCode(ran), ran.code], wrong).to.deep.equal(["topology-invalid", 1]);
      }
    })).timeout(60_000);

  it("says of a file that it cannot be read, or that it is none", () =>
    inDirectory(async (directory) => {
      const { directory: dir } = await init(directory);
      const [missing, other] = [join(directory, "missing"), join(directory, "other")];
      await writeFile(other, "no such thing");
      const named: readonly (readonly [readonly string[], string])[] = [
        [["revoke", missing, "--org", "source"], "file-unreadable"],
        [["revoke", other, "--org", "source"], "certificate-unreadable"],
        [["restore", missing], "file-unreadable"],
        [["restore", other], "backup-unreadable"],
        [["change", "show", missing], "file-unreadable"],
        [["change", "show", other], "change-unreadable"],
        [["init", "--topology", missing], "file-unreadable"],
        [["init", "--topology", other], "topology-invalid"],
        [["backup", "--org", "source", "--out", join(directory, "out"), "--data", missing], "gateway-keys-missing"],
      ];
      for (const [args, code] of named) {
        const at = args[0] === "change" ? [] : ["--dir", args[0] === "init" ? join(directory, "net") : dir];
        const ran = await suyuan(["network", ...args, ...at, "--json"]);
        expect([errorCode(ran), ran.code], args.join(" ")).to.deep.equal([code, 1]);
      }
      expect(existsSync(join(directory, "out"))).to.equal(false);
    })).timeout(60_000);

  it("takes a backup for what it says, and nothing beside it", () =>
    inDirectory(async (directory) => {
      const { directory: dir } = await init(directory);
      const file = join(directory, "source.backup");
      expect((await suyuan(["network", "backup", "--dir", dir, "--org", "source", "--out", file])).code).to.equal(0);
      const backup = JSON.parse(gunzipSync(await readFile(file)).toString("utf8")) as { files: object; gateway: object };
      const content = { secret: false, base64: "" };
      const beside = [
        { files: { ...backup.files, "operator/ca/ca.key": content } },
        { files: { ...backup.files, "source/../operator/ca/ca.key": content } },
        { files: { ...backup.files, "../outside": content } },
        { files: { ...backup.files, "/tmp/outside": content } },
        { files: { ...backup.files, "source/\0": content } },
        { gateway: { "outbox/000001.log": content } },
      ];
      const put = join(directory, "put");
      for (const other of beside) {
        await writeFile(file, gzipSync(JSON.stringify({ ...backup, ...other })));
        const ran = await suyuan(["network", "restore", file, "--dir", put, "--data", join(directory, "data"), "--json"]);
        expect(errorCode(ran), JSON.stringify(Object.keys(other))).to.equal("backup-unreadable");
      }
      expect(existsSync(put)).to.equal(false);
      await writeFile(file, gzipSync(JSON.stringify(backup)));
      expect((await suyuan(["network", "restore", file, "--dir", put])).code).to.equal(0);
      expect((await readdir(put)).sort()).to.deep.equal(["channel", "public", "source", "topology.yaml"]);
    })).timeout(60_000);

  it("knows where there is no network", () =>
    inDirectory(async (directory) => {
      for (const command of ["up", "status", "logs", "down"]) {
        const ran = await suyuan(["network", command, "--dir", directory, "--json"]);
        expect([errorCode(ran), ran.code], command).to.deep.equal(["network-missing", 5]);
      }
    })).timeout(60_000);

  it("names the programs that are missing, their version, and where Fabric gives them", () =>
    inDirectory(async (directory) => {
      const { directory: dir } = await init(directory);
      const ran = await suyuan(["network", "up", "--dir", dir, "--json"], { env: { FABRIC_BIN: directory } });
      const [{ error }] = documents(ran) as [Told];
      expect([error.code, ran.code]).to.deep.equal(["binaries-missing", 5]);
      for (const program of PROGRAMS) expect(error.message).to.contain(program);
      expect(error.next).to.contain("3.1.5").and.to.contain("github.com/hyperledger/fabric/releases");
    }));

  it("does not start on a Fabric that cannot order in the declared way", () =>
    inDirectory(async (directory) => {
      const { directory: dir } = await init(directory);
      const ran = await suyuan(["network", "up", "--dir", dir, "--json"], { env: { FABRIC_BIN: await fakePrograms(directory, "v2.5.9") } });
      expect([errorCode(ran), ran.code]).to.deep.equal(["binary-version", 5]);
    }));

  it("says which command of Fabric failed, and what it said", () =>
    inDirectory(async (directory) => {
      const { directory: dir } = await init(directory);
      const FABRIC_BIN = await fakePrograms(directory, "v3.1.5", "\u001b[31mno such\u001b[0m thing");
      const ran = await suyuan(["network", "up", "--dir", dir, "--json"], { env: { FABRIC_BIN, PATH: process.env["PATH"] ?? "" } });
      const [{ error }] = documents(ran) as [Told];
      expect([error.code, ran.code]).to.deep.equal(["step-failed", 1]);
      expect(error.message).to.contain("configtxgen").and.to.contain("no such thing");
    }));

  it("says that the disk is full, whoever found it so", () =>
    inDirectory(async (directory) => {
      const { directory: dir } = await init(directory);
      const FABRIC_BIN = await fakePrograms(directory, "v3.1.5", "Error: write first.block: no space left on device");
      const ran = await suyuan(["network", "up", "--dir", dir, "--json"], { env: { FABRIC_BIN, PATH: process.env["PATH"] ?? "" } });
      expect([errorCode(ran), ran.code]).to.deep.equal(["disk-full", 1]);
    }));

  it("does not start with a certificate that has ended", () =>
    inDirectory(async (directory) => {
      const { directory: dir } = await init(directory);
      const keys = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
      const ended = await X509CertificateGenerator.createSelfSigned({
        keys,
        name: "CN=ended",
        notBefore: new Date("2020-01-01"),
        notAfter: new Date("2022-01-01"),
        signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
      });
      await writeFile(join(dir, "source", "gateway", "tls.pem"), ended.toString("pem"));
      const ran = await suyuan(["network", "up", "--dir", dir, "--json"]);
      const [{ error }] = documents(ran) as [Told];
      expect([error.code, ran.code]).to.deep.equal(["certificate-expired", 5]);
      expect(error.message)
        .to.contain(join("source", "gateway", "tls.pem"))
        .and.to.contain("2022-01-01");
    }));

  it("lets one at a time change a network, and does not wait for one that was killed", () =>
    inDirectory(async (directory) => {
      const { directory: dir } = await init(directory);
      const lock = join(dir, "operator", "lock");
      await symlink(String(process.pid), lock);
      const busy = await suyuan(["network", "down", "--dir", dir, "--json"]);
      expect([errorCode(busy), busy.code]).to.deep.equal(["network-busy", 5]);
      await rm(lock);
      await symlink("4194305", lock); // above what Linux gives out
      const free = await suyuan(["network", "down", "--dir", dir, "--json"]);
      expect([documents(free), free.code]).to.deep.equal([[{ stopped: 0 }], 0]);
    }));

  it("acts for the organisations that are in the directory, and says which these are", () =>
    inDirectory(async (directory) => {
      const { directory: dir } = await init(directory);
      await rm(join(dir, "source"), { recursive: true });
      const ran = await suyuan(["network", "status", "--dir", dir, "--org", "source", "--json"]);
      const [{ error }] = documents(ran) as [Told];
      expect([error.code, ran.code]).to.deep.equal(["organisation-not-here", 2]);
      expect(error.message).to.contain("authority, operator, developer");
    }));
});
