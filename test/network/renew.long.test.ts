/** A network over the years: certificates renewed while it works, identities that have ended refused, programs exchanged one organisation at a time. */
import { expect } from "chai";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { connect as dial } from "node:tls";
import { deflateRawSync } from "node:zlib";
import { encodeLine } from "../../chaincode/batch";
import { parseContractError } from "../../chaincode/errors";
import type { FabricConnection } from "../../gateway/ledger/fabric-connection";
import { FabricGatewayLedger } from "../../gateway/ledger/fabric-gateway";
import { type Call, LedgerError } from "../../gateway/ledger/port";
import { OrganisationFiles, type Pair, type Part, PARTS } from "../../network/directory";
import { Authority } from "../../network/identities/authority";
import { enrol } from "../../network/identities/enrolment";
import { issuedTo } from "../../network/identities/organisation";
import { PROGRAMS, Programs } from "../../network/processes/programs";
import { type Organisation, portOf } from "../../network/topology";
import { onFabricAtLength } from "../gateway/ledger/fabric-network";
import { documents, suyuan } from "../scripts/suyuan";
import { codeOf } from "../suites/ledger";
import { issueUntil } from "./ending";
import { Four } from "./four";
import { putIntoChannel } from "./revocations";

const TITLE = "a network over the years";
const DAY_MS = 24 * 3600_000;
const THREE_YEARS_MS = 3 * 365.25 * DAY_MS;
const SOURCE = "11990000MB1A000443";

const appending = (journal: string, size: number): Call => ({
  transaction: "append",
  args: [Buffer.from(journal), Buffer.from(String(size)), deflateRawSync(encodeLine(Buffer.from(`{"number":${size}}`), []))],
});

onFabricAtLength(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(300_000);
    const four = new Four();
    before(async () => {
      await four.make();
      await four.init();
      await four.up();
    });
    after(() => four.remove());

    const organisation = (name: string): Organisation => four.network.topology.organisations.find((one) => one.name === name)!;
    let recorded = 0;

    async function withLedger<T>(connection: FabricConnection, work: (ledger: FabricGatewayLedger) => Promise<T>): Promise<T> {
      const ledger = new FabricGatewayLedger(connection);
      try {
        return await work(ledger);
      } finally {
        await ledger.close();
      }
    }

    /** What its gateway does: its own identity and TLS certificate, as they now lie in its files. */
    async function records(name: string, journal: string, size: number): Promise<void> {
      await withLedger(four.connectionOf(name), (ledger) => ledger.submit(appending(journal, size)));
    }

    const shown = (name: string, listener: "peer" | "orderer" | "chaincode"): Promise<string> =>
      new Promise((resolve, reject) => {
        const { host } = organisation(name);
        const socket = dial({ host, port: portOf(organisation(name), listener), rejectUnauthorized: false }, () => {
          resolve(new X509Certificate(socket.getPeerCertificate().raw).serialNumber);
          socket.destroy();
        });
        socket.once("error", reject);
      });

    const serialOf = async (part: Part, name: string, index = 1): Promise<string> => {
      const issued = issuedTo(part, four.network.directory, four.network.topology, organisation(name))[index]!;
      return new X509Certificate(await readFile(issued.files.certificate)).serialNumber;
    };

    for (const part of PARTS) {
      it(`has the certificates of an organisation's ${part} renewed while it works`, async () => {
        const ran = await suyuan(["network", "renew", "--dir", four.network.directory, "--org", "operator", part, "--json"]);
        expect([ran.code, documents(ran).length], ran.stdout).to.deep.equal([0, 1]);
        if (part === "peer" || part === "orderer") expect(await shown("operator", part)).to.equal(await serialOf(part, "operator"));
        if (part === "chaincode") expect(await shown("operator", part)).to.equal(await serialOf(part, "operator", 0));
        await records("operator", "OperatorMSP/facts", recorded);
        await records("source", "SourceMSP/facts", recorded++);
        const states = await four.network.status();
        expect(states.map(({ orderer }) => orderer?.status)).to.deep.equal(Array(4).fill("active"));
      });
    }

    it("has its orderers renewed one after the other, and goes on ordering with any three of them", async () => {
      for (const name of ["authority", "developer", "source"])
        expect(
          (await suyuan(["network", "renew", "--dir", four.network.directory, "--org", name, "orderer", "--json"])).code,
          name,
        ).to.equal(0);
      for (const { name } of four.network.topology.organisations)
        expect(await shown(name, "orderer"), name).to.equal(await serialOf("orderer", name));
      await records("operator", "OperatorMSP/facts", recorded);
      await records("source", "SourceMSP/facts", recorded++);
      await four.height();
    });

    it("is up with a certificate that ends within 60 days, and says whose, until it is renewed", async () => {
      const up = async (): Promise<unknown> => {
        const [done] = documents(await suyuan(["network", "up", "--org", "operator", "--dir", four.network.directory, "--json"]));
        return (done as { warnings: { code: string; organisation: string; days: number }[] }).warnings.map(
          ({ code, organisation, days }) => [code, organisation, days],
        );
      };
      const own = new OrganisationFiles(four.network.directory, organisation("operator"));
      await issueUntil(own, own.gateway.identity, new Date(Date.now() + 30.5 * DAY_MS));
      expect(await up()).to.deep.equal([["certificate-ends-soon", "operator", 30]]);
      const ran = await suyuan(["network", "renew", "--dir", four.network.directory, "--org", "operator", "--json"]);
      expect((documents(ran) as { part: string }[]).map(({ part }) => part)).to.deep.equal(["gateway"]);
      expect(await up()).to.deep.equal([]);
    });

    /** The source's connection with another identity, and the TLS certificate that belongs to it. */
    const speakingAs = async (identity: Pair, tls: Pair): Promise<FabricConnection> => ({
      ...four.connectionOf("source"),
      identity: { certificate: await readFile(identity.certificate, "utf8"), key: createPrivateKey(await readFile(identity.key)) },
      tls: { certificate: await readFile(tls.certificate, "utf8"), key: await readFile(tls.key, "utf8") },
    });
    const journals = { transaction: "journals", args: [] };

    it("lets an enrolled party ask its organisation's peer, and record nothing itself", async () => {
      const { identity, tls } = await enrol(four.network.directory, four.network.topology, organisation("source"), SOURCE, "source");
      await withLedger(await speakingAs(identity, tls), async (ledger) => {
        expect(JSON.parse(Buffer.from(await ledger.evaluate(journals)).toString("utf8"))).to.be.an("array");
        const refused = await ledger.submit(appending("SourceMSP/facts", recorded)).catch((error: unknown) => error as LedgerError);
        expect(refused).to.be.instanceOf(LedgerError).with.property("code", "refused");
        expect(parseContractError((refused as LedgerError).message)?.code).to.equal("not-your-journal");
      });
    });

    it("refuses an identity that has ended, though its own organisation issued it, and takes one that has not", async () => {
      const own = new OrganisationFiles(four.network.directory, organisation("source"));
      const { identity, tls } = own.party(SOURCE, "source");
      const until = async (time: number): Promise<FabricConnection> => {
        await issueUntil(own, identity, new Date(time));
        return speakingAs(identity, tls);
      };
      const ended = await until(Date.now() - 1000);
      expect(await codeOf(withLedger(ended, (ledger) => ledger.evaluate(journals)))).to.equal("unavailable");
      expect(await codeOf(withLedger(ended, (ledger) => ledger.submit(journals)))).to.equal("unavailable");
      expect(await codeOf(withLedger(await until(Date.now() + DAY_MS), (ledger) => ledger.submit(journals)))).to.equal("no error");
    });

    it("refuses a revoked identity from when its organisation's list stands in the channel, with the word of that organisation alone", async () => {
      const source = organisation("source");
      const { identity, tls } = new OrganisationFiles(four.network.directory, source).party(SOURCE, "source");
      const revoked = await speakingAs(identity, tls);
      const ran = await suyuan(["network", "revoke", identity.certificate, "--dir", four.network.directory, "--org", "source", "--json"]);
      expect(ran.code).to.equal(0);
      expect(await codeOf(withLedger(revoked, (ledger) => ledger.submit(journals))), "the channel does not know yet").to.equal("no error");
      const before = await four.height();
      await putIntoChannel(four.network, source);
      while ((await four.height()) === before);
      expect(await codeOf(withLedger(revoked, (ledger) => ledger.evaluate(journals)))).to.equal("unavailable");
      expect(await codeOf(withLedger(revoked, (ledger) => ledger.submit(journals)))).to.equal("unavailable");
      await withLedger(four.connectionOf("source"), (ledger) => ledger.submit(journals));
    });

    it("refuses a connection whose certificate has ended", async () => {
      const own = new OrganisationFiles(four.network.directory, organisation("source"));
      const { identity, tls } = own.party(SOURCE, "source");
      await (await Authority.load(own.authority("tlsca"), () => Date.now() - THREE_YEARS_MS)).issue(tls, "ended", { tls: [] });
      expect(await codeOf(withLedger(await speakingAs(identity, tls), (ledger) => ledger.evaluate(journals)))).to.equal("unavailable");
    });

    it("has its programs exchanged one organisation at a time, and goes on with the others meanwhile", async () => {
      const programs = await Programs.find("bft");
      const folder = join(four.network.directory, "..", "release");
      await mkdir(folder);
      for (const program of PROGRAMS) await symlink(programs.file(program), join(folder, program));
      const of = (...args: string[]) => ["network", ...args, "--dir", four.network.directory, "--json"];
      for (const { name } of four.network.topology.organisations) {
        expect(documents(await suyuan(of("down", "--org", name))), name).to.deep.equal([{ stopped: 3 }]);
        const [other, journal] =
          name === "operator" ? (["source", "SourceMSP/facts"] as const) : (["operator", "OperatorMSP/facts"] as const);
        const head = await withLedger(four.connectionOf(other), (ledger) =>
          ledger.evaluate({ transaction: "head", args: [Buffer.from(journal)] }),
        );
        await records(other, journal, (JSON.parse(Buffer.from(head).toString("utf8")) as { size: number }).size);
        const env = { FABRIC_BIN: folder, PATH: process.env["PATH"] ?? "" };
        expect((await suyuan(of("up", "--org", name), { env })).code, name).to.equal(0);
        for (const kind of ["peer", "orderer"] as const) {
          const [program] = (await readFile(`/proc/${await four.pid(name, kind)}/cmdline`, "utf8")).split("\0");
          expect(program, `${name}/${kind}`).to.equal(join(folder, kind));
        }
      }
      await four.height();
    });
  });
});
