/** Blocks name the version of the rules that judged them: what a version judges, it judges alike for ever. */
import { expect } from "chai";
import { createHash } from "node:crypto";
import type { Appended } from "../../chaincode/append";
import { encodeLine } from "../../chaincode/batch";
import { ContractError } from "../../chaincode/errors";
import { REMARKS } from "../../chaincode/events/codes";
import { ROLES } from "../../chaincode/events/definition";
import { vocabulary } from "../../chaincode/events/vocabulary";
import { version as packaged } from "../../chaincode/package.json";
import { canonical, canonicalText } from "../../chaincode/proof/canonical";
import { Chaincode } from "../../gateway/ledger/embedded/chaincode";
import { Channel } from "./channel";
import { AUTHORITY, NOW, OPERATOR, type Report, story } from "./events/world";
import { batchOf } from "./on-ledger";

/** Of all that the contract says of the story in `events/world.ts`, and of the same once more, and of the state that is left: SHA-256, by version. */
const JUDGED: Readonly<Record<string, string>> = {
  "0.4.0": "cc67123fb1f05f2438104d9b003b20c996dd6dd4dd3f21a4ade878a4081a69ca",
  "0.5.0": "30d2fce91afc4a5ee8c5e53a6c654ec0d501a3691ec6d7e4da21285148a58c73",
  "0.6.0": "d48f19e7e454cc56aaff3c2775e42306bbe678adb1f980ce8c52595580e9c43d",
  "0.7.0": "662780957e10be697d82a008578bff706fcf9e3d209c1261be76bc03cfde92c3",
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
    const sizes = { facts: 0, acts: 0 };
    const known = new Map<string, number>();
    const recordedtime = new Date(time).toISOString();
    const tell = async ({ type, party, data }: Report, id: number): Promise<Appended | undefined> => {
      const attributes = { specversion: "1.0", id: `e-${id}`, source: "//test", type: `suyuan.${type}`, time: NOW, recordedtime };
      const told = vocabulary.get(attributes.type);
      const name = told?.kind === "fact" ? "facts" : "acts";
      const slots = told?.names(data)?.holdings.map((holding) => known.get(holding)) ?? [];
      const line = encodeLine(canonical({ ...attributes, party, data }), slots);
      const answer = (await submit("append", `SuyuanMSP/${name}`, String(sizes[name]), batchOf([line]))) as Appended | undefined;
      sizes[name] = answer?.size ?? sizes[name];
      for (const [index, taken] of answer?.declared ?? [])
        taken.forEach((slot, ordinal) => known.set(`SuyuanMSP/${name}/${index}/${ordinal}`, slot));
      return answer;
    };
    for (const [id, report] of story.entries()) {
      const findings = (await tell(report, id))?.findings.flatMap(([, breaches]) => breaches.filter(({ code }) => !REMARKS.has(code)));
      expect(findings, report.type).to.deep.equal([]);
    }
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
