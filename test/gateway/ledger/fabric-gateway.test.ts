import { expect } from "chai";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseContractError } from "../../../chaincode/errors";
import { SuyuanClient } from "../../../gateway/client";
import { readConfig } from "../../../gateway/config";
import { parseReceipt } from "../../../gateway/evidence/receipt";
import { parseTrust } from "../../../gateway/evidence/trust";
import { issueToken } from "../../../gateway/keys";
import { ConnectionError, readConnection } from "../../../gateway/ledger/fabric-connection";
import { FabricGatewayLedger } from "../../../gateway/ledger/fabric-gateway";
import { LedgerError } from "../../../gateway/ledger/port";
import { type Gateway, startGateway } from "../../../gateway/main";
import { codeOf } from "../../suites/ledger";
import { type FabricNetwork, onFabric, startNetwork } from "./fabric-network";

const TITLE = "gateways on a Fabric network";
const AUTHORITY = "11990000MB1A0001XD";
const SOURCE = "11990000MB1A000443";

const call = (transaction: string, ...args: string[]): { transaction: string; args: Uint8Array[] } => ({
  transaction,
  args: args.map((argument) => Buffer.from(argument)),
});

/** The contract's own code, where it was the contract that refused. */
async function refusalOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
  } catch (error) {
    if (error instanceof LedgerError && error.code === "refused") return parseContractError(error.message)?.code;
    throw error;
  }
  return "not refused";
}

onFabric(TITLE, () =>
  describe(TITLE, () => {
    let network: FabricNetwork;
    let ledger: FabricGatewayLedger;
    let directory: string;

    before(async function () {
      const entry = require.resolve("../../../chaincode/index");
      network = await startNetwork(this, "suyuan", { entry, init: true, read: { transaction: "journals" } });
      ledger = new FabricGatewayLedger(network.connection("operator"));
      directory = await mkdtemp(join(tmpdir(), "suyuan-gateways-"));
    });
    after(async function () {
      this.timeout(60_000);
      await (ledger as FabricGatewayLedger | undefined)?.close();
      await (network as FabricNetwork | undefined)?.stop();
      await rm(directory, { recursive: true, force: true });
    });

    const start = (organisation: string): Promise<Gateway> =>
      startGateway(
        readConfig({ data: join(directory, organisation), port: 0, network: network.connectionFile(organisation), org: organisation }, {}),
      );

    it("serve each organisation from its own peer: what one records, another's shows", async () => {
      const [authority, source] = await Promise.all([start("authority"), start("source")]);
      try {
        const token = (organisation: string, party: string, role: "authority" | "source"): Promise<string> =>
          issueToken(join(directory, organisation), { party, roles: [role], seconds: 600 });
        const ofAuthority = new SuyuanClient({ url: authority.url, token: await token("authority", AUTHORITY, "authority") });
        const ofSource = new SuyuanClient({ url: source.url, token: await token("source", SOURCE, "source") });
        const registered = await ofAuthority.record({
          source: "https://example.cn/authority",
          type: "suyuan.party.registered",
          data: { code: SOURCE, name: "市交通运输局", roles: ["source"] },
        });
        expect([registered.state, registered.journal]).to.deep.equal(["anchored", "AuthorityMSP/acts"]);
        await ofSource.waitAnchored(registered.leafHash!);
        const catalogued = await ofSource.record({
          source: "https://example.cn/source",
          type: "suyuan.resource.catalogued",
          data: { resource: "roads", name: "路网", fields: ["id"], sensitivity: "open", frequency: "daily", format: "CSV" },
        });
        expect([catalogued.state, catalogued.journal]).to.deep.equal(["anchored", "SourceMSP/acts"]);
        await ofAuthority.waitAnchored(catalogued.leafHash!);
        const receipt = await ofSource.receipt(catalogued.leafHash!);
        expect(receipt.length).to.be.below(20_000);
        expect(parseReceipt(receipt).attestation.kind).to.equal("endorsements");
        const checkpoint = await fetch(new URL("/v1/journals/SourceMSP%2Facts/checkpoint", source.url));
        expect((await checkpoint.text()).split("\n").slice(0, 2)).to.deep.equal(["four-party.suyuan/SourceMSP/acts", "1"]);
      } finally {
        await Promise.all([authority.stop(), source.stop()]);
      }
      const origins = async (organisation: string): Promise<string[]> =>
        parseTrust(await readFile(join(directory, organisation, "trust.json"))).journals.map(({ origin }) => origin);
      expect(await origins("authority")).to.have.members(["four-party.suyuan/AuthorityMSP/facts", "four-party.suyuan/AuthorityMSP/acts"]);
      expect(await origins("source")).to.have.members(["four-party.suyuan/SourceMSP/facts", "four-party.suyuan/SourceMSP/acts"]);
    });

    it("keep their directory for their own ledger", async () => {
      const data = join(directory, "source");
      expect(await codeOf(startGateway(readConfig({ data, port: 0 }, {})))).to.equal("unavailable");
    });

    it("are named by their own connection file", () => {
      const reading = (file: string, organisation: string) => (): unknown => readConnection(file, organisation);
      const file = network.connectionFile("source");
      expect(reading(file, "operator")).to.throw(ConnectionError).with.property("code", "connection-of-another");
      expect(reading(`${file}.gone`, "source"))
        .to.throw(ConnectionError)
        .with.property("code", "connection-unreadable");
      expect(reading(join("network", "topology.yaml"), "source"))
        .to.throw(ConnectionError)
        .with.property("code", "connection-malformed");
    });

    it("cannot append to another organisation's journal", async () => {
      expect(await refusalOf(ledger.submit(call("append", "AuthorityMSP/facts", "0", "x")))).to.equal("not-your-journal");
    });

    it("cannot append by a name that readers of blocks do not look for", async () => {
      expect(await refusalOf(ledger.submit(call("suyuan:append", "OperatorMSP/facts", "0", "x")))).to.equal("arguments-malformed");
    });

    it("cannot begin the ledger again", async () => {
      expect(await refusalOf(ledger.submit(call("init", "{}")))).to.equal("already-initialised");
    });

    it("are told what the contract refuses an attestation of", async () => {
      expect(await refusalOf(ledger.attest(call("root", "OperatorMSP/facts", "7")))).to.equal("root-unknown");
    });

    it("say that the ledger is unavailable while their peer is not there", async () => {
      const connection = network.connection("operator");
      const [own, ...others] = connection.peers;
      const peers = [{ ...own!, address: "127.0.0.1:1" }, ...others];
      const alone = new FabricGatewayLedger({ ...connection, peers });
      for (const work of [alone.height(), alone.submit(call("journals")), alone.evaluate(call("journals")), alone.attest(call("journals"))])
        expect(await codeOf(work)).to.equal("unavailable");
      await alone.close();
    });

    it("go on without one organisation's peer, and are attested by the three others", async () => {
      await network.stopNode("developer", "peer");
      const { result } = await ledger.submit(call("journals"));
      const attestation = await ledger.attest(call("journals"));
      expect(attestation.kind).to.equal("endorsements");
      expect(Buffer.from(result).toString()).to.equal(Buffer.from(await ledger.evaluate(call("journals"))).toString());
    });
  }),
);
