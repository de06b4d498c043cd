import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "../../suites/ledger";
import { call, evaluate, FAULTY, inDirectory, NAME, openLedger, PROBE } from "./embedded";

describe("the embedded ledger", () => {
  it("keeps its private keys to its owner", () =>
    inDirectory(async (directory) => {
      await (await openLedger(directory)).close();
      const mode = async (...path: string[]): Promise<number> => (await stat(join(directory, ...path))).mode & 0o777;
      const keys = (await readdir(join(directory, "identities"))).filter((name) => name.endsWith(".key"));
      expect(keys.sort()).to.deep.equal(["ca.key", "gateway.key", "node.key"]);
      for (const key of keys) expect(await mode("identities", key)).to.equal(0o600);
      expect(await mode()).to.equal(0o700);
    }));

  it("gives its gateway a certificate as Fabric CA would: unit, subject key id, attributes in an extension that is not critical", () =>
    inDirectory(async (directory) => {
      const ledger = await openLedger(directory, { attributes: { role: "gateway", party: "91110000600037341L" } });
      const { certificate } = JSON.parse(await evaluate(ledger, "whoami")) as { certificate: string };
      const parsed = new x509.X509Certificate(certificate);
      const attributes = parsed.getExtension("1.2.3.4.5.6.7.8.1");
      expect(attributes?.critical).to.be.false;
      expect(JSON.parse(Buffer.from(attributes!.value).toString())).to.deep.equal({
        attrs: { "hf.EnrollmentID": "gateway", "hf.Type": "client", role: "gateway", party: "91110000600037341L" },
      });
      expect(parsed.getExtension(x509.SubjectKeyIdentifierExtension)).to.not.be.null;
      expect(parsed.subject).to.include("OU=client");
      expect(new X509Certificate(certificate).verify(new X509Certificate(ledger.authorities[0]!.certificate).publicKey)).to.be.true;
    }));

  it("signs attestations with a node's certificate that its authority issued", () =>
    inDirectory(async (directory) => {
      const ledger = await openLedger(directory);
      const { certificate } = await ledger.attest(call("get", "key"));
      const node = new X509Certificate(certificate);
      expect(node.subject).to.include("OU=peer");
      expect(node.verify(new X509Certificate(ledger.authorities[0]!.certificate).publicKey)).to.be.true;
    }));

  it("dates transactions and attestations with the clock it is given", () =>
    inDirectory(async (directory) => {
      const time = "2025-01-31T23:59:59.999Z";
      const ledger = await openLedger(directory, { clock: () => new Date(time) });
      const { result } = await ledger.submit(call("stamp", "key"));
      expect((JSON.parse(Buffer.from(result).toString()) as { time: string }).time).to.equal(time);
      const { statement } = await ledger.attest(call("get", "key"));
      expect((JSON.parse(statement) as { time: string }).time).to.equal(time);
    }));

  it("refuses an empty key, as Fabric does with one of its state databases and does not with the other", () =>
    inDirectory(async (directory) => {
      const ledger = await openLedger(directory);
      expect(await codeOf(ledger.submit(call("put", "", "value")))).to.equal("refused");
    }));

  it("belongs to one process at a time", () =>
    inDirectory(async (directory) => {
      const ledger = await openLedger(directory);
      expect(await codeOf(openLedger(directory))).to.equal("unavailable");
      const script = `require(${JSON.stringify(join(__dirname, "embedded.js"))}).openLedger(${JSON.stringify(directory)})
        .then(() => process.exit(0), (error) => { process.stdout.write(error.code); process.exit(7); })`;
      const other = spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
      expect([other.status, other.stdout]).to.deep.equal([7, "unavailable"]);
      expect(await codeOf(ledger.submit(call("put", "key", "value")))).to.equal("no error");
    }));

  it("is not opened under another name, nor with a contract that cannot be loaded", () =>
    inDirectory(async (directory) => {
      await (await openLedger(directory)).close();
      for (const key of Object.keys(NAME)) expect(await codeOf(openLedger(directory, { [key]: "other" })), key).to.equal("unavailable");
      for (const contract of ["/nowhere/contract.js", join(__dirname, "embedded.js")])
        expect(await codeOf(openLedger(directory, { contract })), contract).to.equal("unavailable");
      await (await openLedger(directory)).close();
    }));

  it("puts what waits while a block is written into the next one", () =>
    inDirectory(async (directory) => {
      const ledger = await openLedger(directory);
      const committed = await Promise.all(Array.from({ length: 100 }, (_, i) => ledger.submit(call("put", `key ${i}`, "x"))));
      expect(new Set(committed.map(({ block }) => block)).size).to.be.lessThan(50);
      expect(await ledger.height()).to.equal(Math.max(...committed.map(({ block }) => block)) + 1);
    }));

  it("keeps blocks small when much waits", () =>
    inDirectory(async (directory) => {
      const ledger = await openLedger(directory);
      const argument = new Uint8Array(1_000_000);
      await Promise.all(Array.from({ length: 24 }, () => ledger.submit({ transaction: "digest", args: [argument] })));
      for await (const { number, transactions } of ledger.blocks(0)) {
        expect(transactions.length).to.be.at.most(9);
        if (number === (await ledger.height()) - 1) break;
      }
    }));

  it("does not hold up the thread that calls it", () =>
    inDirectory(async (directory) => {
      const ledger = await openLedger(directory, { contract: FAULTY });
      let longest = 0;
      let last = performance.now();
      const timer = setInterval(() => {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }, 5);
      await ledger.submit(call("busy", "600"));
      clearInterval(timer);
      expect(longest).to.be.lessThan(400);
    }));

  it("ends a query at 100,000 results, as Fabric does", () =>
    inDirectory(async (directory) => {
      const ledger = await openLedger(directory, { contract: FAULTY });
      for (const prefix of ["a", "b"]) await ledger.submit(call("fill", prefix, "50000"));
      expect(await evaluate(ledger, "count", "")).to.equal("100000");
      await ledger.submit(call("put", "c", "x"));
      expect(await evaluate(ledger, "count", "")).to.equal("100000");
    })).timeout(60_000);

  it("counts only what a query has fetched as read", () =>
    inDirectory(async (directory) => {
      const ledger = await openLedger(directory, { contract: FAULTY });
      await ledger.submit(call("fill", "k", "300"));
      const race = async (written: string): Promise<string[]> => {
        const settled = await Promise.all([
          codeOf(ledger.submit(call("put", written, "new"))),
          codeOf(ledger.submit(call("first", "k", "t"))),
        ]);
        return settled;
      };
      expect(await race("k0000250")).to.deep.equal(["no error", "no error"]); // beyond the hundred that a peer sends at first
      expect(await race("k0000050")).to.deep.equal(["no error", "conflict"]);
      expect(await race("k00000505")).to.deep.equal(["no error", "conflict"]); // a phantom
    }));

  it("prints nothing and takes over nothing in the thread that uses it", () =>
    inDirectory((directory) => {
      const script = `
        const { openLedger, call } = require(${JSON.stringify(join(__dirname, "embedded.js"))});
        openLedger(${JSON.stringify(directory)}, { contract: ${JSON.stringify(PROBE)} }).then(async (ledger) => {
          await ledger.evaluate(call("unknown")).catch(() => undefined);
          await ledger.close();
          process.exitCode = process.listenerCount("unhandledRejection");
        });`;
      const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
      expect([status, stdout, stderr]).to.deep.equal([0, "", ""]);
      return Promise.resolve();
    }));
});
