/** Blocks name the version of the rules that judged them: what a version judges, it judges alike for ever. */
import { expect } from "chai";
import { createHash } from "node:crypto";
import { encodeLine } from "../../chaincode/batch";
import { ContractError } from "../../chaincode/errors";
import { ROLES } from "../../chaincode/events/definition";
import { version as packaged } from "../../chaincode/package.json";
import { canonical, canonicalText } from "../../chaincode/proof/canonical";
import { Chaincode } from "../../gateway/ledger/embedded/chaincode";
import { Channel } from "./channel";
import { AUTHORITY, NOW, OPERATOR, type Report, story } from "./events/world";
import { batchOf } from "./on-ledger";

/** Of all that the contract says of the story in `events/world.ts`, and of the same once more, and of the state that is left: SHA-256, by version. */
const JUDGED: Readonly<Record<string, string>> = {
  "0.2.0": "43234895f9c545814657bc885381119fa32ba05704294347178e639a0b815f2b",
  "0.3.0": "4357db8d4ee4fb813a10e1e10b43105ec4f91609a3f5577509a2ea5b0dab9aaf",
};

const version = new Chaincode(require.resolve("../../chaincode/contract"), "AnyMSP").version ?? "";

async function judged(): Promise<string> {
  const channel = await Channel.open();
  const hash = createHash("sha256");
  const time = Date.parse(NOW);
  const submit = async (transaction: string, ...args: (string | Uint8Array)[]): Promise<unknown> => {
    try {
      const answer = await channel.submit("SuyuanMSP/gateway", transaction, args, { time });
      hash.update(canonicalText(answer));
      return answer;
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      hash.update(error.message);
      return undefined;
    }
  };
  try {
    await submit("init", JSON.stringify({ hosts: { SuyuanMSP: ROLES }, authority: { code: AUTHORITY, name: "局" } }));
    let size = 0;
    const tell = async ({ type, party, data }: Report, id: number): Promise<void> => {
      const attributes = { specversion: "1.0", id: `e-${id}`, source: "//test", type: `suyuan.${type}`, time: NOW, recordedtime: NOW };
      const line = encodeLine(canonical({ ...attributes, party, data }), []);
      const answer = await submit("append", "SuyuanMSP/facts", String(size), batchOf([line]));
      size = (answer as { size: number } | undefined)?.size ?? size;
    };
    for (const [id, report] of story.entries()) await tell(report, id);
    // Most acts cannot be done twice, and nobody does another's.
    for (const [id, report] of story.entries()) await tell({ ...report, party: id % 2 === 0 ? report.party : OPERATOR }, 1000 + id);
    for (const [key, value] of await channel.state()) hash.update(`${key}\n${canonicalText(value)}\n`);
    return hash.digest("hex");
  } finally {
    await channel.close();
  }
}

describe("the version of the contract", () => {
  it("is that of its package", () => expect(version).to.equal(packaged));

  it("is another as soon as anything is judged otherwise", async () => {
    const digest = await judged();
    expect(await judged(), "judged twice").to.equal(digest);
    expect(JUDGED[version], `raise the version in contract.ts and package.json, and note here that it judges ${digest}`).to.equal(digest);
  });
});
