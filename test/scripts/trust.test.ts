import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatTrust, parseTrust } from "../../gateway/evidence/trust";
import { documents, errorCode, inDirectory, suyuan } from "./suyuan";

const RECEIPT = join("test", "vectors", "network-receipt.json");
const TRUST = join("test", "vectors", "network-trust.json");

describe("suyuan trust", () => {
  it("puts files together, with which the receipt of a network is verified", async () => {
    await inDirectory(async (directory) => {
      const whole = parseTrust(readFileSync(TRUST));
      const [network, out] = [join(directory, "network.json"), join(directory, "trust.json")];
      writeFileSync(network, formatTrust({ ...whole, journals: [] }));
      expect((await suyuan(["trust", network, TRUST, "--out", out])).code).to.equal(0);
      const ran = await suyuan(["verify", RECEIPT, "--trust", out, "--json"]);
      expect(ran.code).to.equal(0);
      expect(documents(ran)).to.have.nested.property("[0].attestedBy.length", 3);
      expect((await suyuan(["verify", RECEIPT, "--trust", network])).code).to.equal(4);
    });
  });

  it("adds to the file that is there, says what, and leaves it as it was where it differs", async () => {
    await inDirectory(async (directory) => {
      const [out, other] = [join(directory, "trust.json"), join(directory, "other.json")];
      const whole = parseTrust(readFileSync(TRUST));
      writeFileSync(out, formatTrust({ ...whole, journals: [] }));
      const ran = await suyuan(["trust", TRUST, "--out", out]);
      expect([ran.code, parseTrust(readFileSync(out))]).to.deep.equal([0, whole]);
      for (const { key } of whole.journals.flatMap(({ keys }) => keys)) expect(ran.stderr).to.include(key);
      writeFileSync(other, formatTrust({ ...whole, journals: whole.journals.map((journal) => ({ ...journal, keys: [] })) }));
      const refused = await suyuan(["trust", other, "--out", out, "--json"]);
      expect([errorCode(refused), refused.code]).to.deep.equal(["trust-conflict", 4]);
      expect(parseTrust(readFileSync(out))).to.deep.equal(whole);
    });
  });

  it("refuses files that differ: 4", async () => {
    await inDirectory(async (directory) => {
      const other = join(directory, "other.json");
      const whole = parseTrust(readFileSync(TRUST));
      writeFileSync(other, formatTrust({ ...whole, journals: whole.journals.map((journal) => ({ ...journal, keys: [] })) }));
      const ran = await suyuan(["trust", TRUST, other, "--json"]);
      expect([errorCode(ran), ran.code]).to.deep.equal(["trust-conflict", 4]);
    });
  });

  it("of a network names every organisation's authority, from its public material", async () => {
    await inDirectory(async (directory) => {
      const [dir, out] = [join(directory, "network"), join(directory, "trust.json")];
      await suyuan(["network", "init", "--dir", dir]);
      expect((await suyuan(["network", "trust", "--dir", dir, "--out", out])).code).to.equal(0);
      const { networks, journals } = parseTrust(readFileSync(out));
      expect(networks[0]?.organisations.map(({ mspId }) => mspId)).to.deep.equal([
        "AuthorityMSP",
        "OperatorMSP",
        "DeveloperMSP",
        "SourceMSP",
      ]);
      expect(journals).to.deep.equal([]);
      // What it holds beside that stays: the next time it is written too.
      writeFileSync(
        out,
        formatTrust({ ...parseTrust(readFileSync(TRUST)), networks }).replaceAll(
          /"network":"[^"]*"/g,
          `"network":"${networks[0]!.network}"`,
        ),
      );
      expect((await suyuan(["network", "trust", "--dir", dir, "--out", out])).code).to.equal(0);
      expect(parseTrust(readFileSync(out)).journals).to.have.length.above(0);
    });
  }).timeout(30_000);
});
