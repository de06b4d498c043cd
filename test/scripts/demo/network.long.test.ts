import { expect } from "chai";
import { onFabric } from "../../gateway/ledger/fabric-network";
import { documents, suyuan } from "../suyuan";

const TITLE = "suyuan demo --network";

onFabric(TITLE, () =>
  describe(TITLE, () => {
    it("brings up four organisations, tells the story on them up to the exit, sees them agree, and leaves nothing running", async function () {
      this.timeout(180_000);
      const ran = await suyuan(["demo", "--network", "--json"]);
      expect(ran.code, ran.stderr).to.equal(0);
      const { claims } = documents(ran).at(-1) as { claims: { claim: string; true: boolean }[] };
      expect(claims.map((claim) => claim.true)).to.deep.equal([true, true, true, true, true]);
    });
  }),
);
