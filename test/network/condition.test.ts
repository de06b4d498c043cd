import { expect } from "chai";
import { clocksOf } from "../../network/service/condition";
import { readTopology } from "../../network/topology";
import { join } from "node:path";

const TOPOLOGY = join("network", "topology.yaml");

describe("the clocks of a network's organisations", () => {
  const asked = (answers: Readonly<Record<string, () => Promise<string>>>) => ({
    ask: (mspId: string) => answers[mspId]?.() ?? Promise.reject(new Error("no answer")),
  });
  const ahead = (ms: number) => () => Promise.resolve(JSON.stringify({ time: new Date(Date.now() + ms).toISOString() }));

  it("are told as their distance from this machine's, of those that answer", async () => {
    const clocks = await clocksOf(await readTopology(TOPOLOGY), asked({ AuthorityMSP: ahead(0), OperatorMSP: ahead(-240_000) }));
    expect(Object.keys(clocks)).to.have.members(["authority", "operator"]);
    expect(clocks["authority"]).to.be.closeTo(0, 50);
    expect(clocks["operator"]).to.be.closeTo(-240_000, 50);
  });

  it("are not told of a chaincode that has no say in it, or says something else", async () => {
    const clocks = await clocksOf(
      await readTopology(TOPOLOGY),
      asked({
        AuthorityMSP: () => Promise.resolve("{}"),
        SourceMSP: () => Promise.resolve("?"),
        OperatorMSP: () => Promise.resolve("null"),
      }),
    );
    expect(clocks).to.deep.equal({});
  });
});
