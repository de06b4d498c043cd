/** Whoever is first may call the contract's first transaction: what it fixes is looked at before anybody relies on it. */
import { expect } from "chai";
import { FabricGatewayLedger } from "../../gateway/ledger/fabric-gateway";
import { genesisOf } from "../../network/topology";
import { onFabricAtLength } from "../gateway/ledger/fabric-network";
import { errorCode, suyuan } from "../scripts/suyuan";
import { CHAINCODE, Four } from "./four";

const TITLE = "a channel on which another was first";

onFabricAtLength(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(180_000);
    const four = new Four();
    before(async () => {
      await four.make();
      await four.init();
      await four.network.up({ ...CHAINCODE, init: false }, () => undefined);
    });
    after(() => four.remove());

    it("is refused by each organisation: the operator has given itself the authority's roles", async () => {
      const ledger = new FabricGatewayLedger(four.connectionOf("operator"));
      try {
        const { authority, hosts } = genesisOf(four.network.topology) as { authority: object; hosts: Record<string, readonly string[]> };
        const taken = { ...hosts, AuthorityMSP: [], OperatorMSP: [...(hosts["AuthorityMSP"] ?? []), ...(hosts["OperatorMSP"] ?? [])] };
        const args = [Buffer.from(JSON.stringify({ hosts: taken, authority }))];
        await ledger.submit({ transaction: "init", args });
      } finally {
        await ledger.close();
      }
      for (const org of ["authority", "source"]) {
        const ran = await suyuan(["network", "up", "--dir", four.network.directory, "--org", org, "--json"]);
        expect([errorCode(ran), ran.code], org).to.deep.equal(["founded-otherwise", 4]);
      }
    });
  });
});
