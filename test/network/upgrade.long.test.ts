/** Another version of the chaincode on a running network: the ledger stays, and what it holds stays checkable. */
import { expect } from "chai";
import { deflateRawSync } from "node:zlib";
import { encodeLine } from "../../chaincode/batch";
import { FabricGatewayLedger } from "../../gateway/ledger/fabric-gateway";
import type { Call } from "../../gateway/ledger/port";
import { CHAINCODE } from "../../scripts/network/lifecycle";
import { onFabric } from "../gateway/ledger/fabric-network";
import { documents, suyuan } from "../scripts/suyuan";
import { Four } from "./four";

const TITLE = "an upgrade of the chaincode";
const JOURNAL = "OperatorMSP/facts";

const appending = (size: number): Call => ({
  transaction: "append",
  args: [Buffer.from(JOURNAL), Buffer.from(String(size)), deflateRawSync(encodeLine(Buffer.from(`{"number":${size}}`), []))],
});
const reading = (transaction: string, ...args: string[]): Call => ({ transaction, args: args.map((arg) => Buffer.from(arg)) });

onFabric(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(300_000);
    const four = new Four();
    let ledger: FabricGatewayLedger;
    let root = "";
    before(async () => {
      await four.make();
      await four.init();
      await four.up();
      ledger = new FabricGatewayLedger(four.connectionOf("operator"));
      await ledger.submit(appending(0));
      root = Buffer.from(await ledger.evaluate(reading("root", JOURNAL, "1"))).toString("utf8");
    });
    after(async () => {
      await ledger.close();
      await four.remove();
    });

    it("is not what up does: it replaces nothing, and what runs goes on", async () => {
      const differing = { ...CHAINCODE, version: "other" };
      await four.network.up(differing, () => undefined);
      await ledger.submit(appending(1));
    });

    it("changes over in seconds, with the ledger as it was, and old roots attested anew", async () => {
      const ran = await suyuan(["network", "upgrade", "--dir", four.network.directory, "--json"], {
        env: { PATH: process.env["PATH"] ?? "" },
      });
      expect(ran.code, ran.stdout).to.equal(0);
      const [{ seconds }] = documents(ran) as [{ seconds: number }];
      process.stdout.write(`      changed over in ${seconds} s\n`);
      expect(Buffer.from(await ledger.evaluate(reading("root", JOURNAL, "1"))).toString("utf8")).to.equal(root);
      const attestation = await ledger.attest(reading("root", JOURNAL, "1"));
      expect(attestation.kind === "endorsements" && attestation.endorsements.length).to.be.at.least(3);
      await ledger.submit(appending(2));
    });

    it("is named by what was recorded after it, as its predecessor is by what was before", async () => {
      const versions: (string | undefined)[] = [];
      const height = await ledger.height();
      for await (const block of ledger.blocks(0)) {
        for (const { transaction, version } of block.transactions) if (transaction === "append") versions.push(version?.split("+")[0]);
        if (block.number === height - 1) break;
      }
      expect(versions).to.deep.equal(["1", "1", CHAINCODE.version]);
    });

    it("is done already for whoever calls it again", async () => {
      const before = await four.height();
      const ran = await suyuan(["network", "upgrade", "--dir", four.network.directory, "--org", "source", "--json"], {
        env: { PATH: process.env["PATH"] ?? "" },
      });
      expect(ran.code, ran.stdout).to.equal(0);
      expect(await four.height()).to.equal(before);
    });
  });
});
