import { expect } from "chai";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromBase64, toBase64 } from "../../chaincode/proof/bytes";
import { formatReceipt, type Receipt } from "../../gateway/evidence/receipt";
import { formatTrust } from "../../gateway/evidence/trust";
import { receiptFor, world, type World } from "../gateway/evidence/ledger";
import { documents, errorCode, inDirectory, suyuan } from "./suyuan";

interface Told {
  readonly file: string;
  readonly verified: boolean;
  readonly index?: number;
  readonly proven?: readonly string[];
  readonly notProven?: readonly string[];
  readonly failed?: { readonly code: string };
}

const told = (ran: Awaited<ReturnType<typeof suyuan>>): Told[] => documents(ran) as Told[];

describe("suyuan verify", () => {
  let given: World;
  before(async () => (given = await world()));

  /** Receipts as files beside a trust file. */
  async function withFiles<T>(receipts: Readonly<Record<string, string>>, work: (directory: string) => Promise<T>): Promise<T> {
    return inDirectory((directory) => {
      writeFileSync(join(directory, "trust.json"), formatTrust(given.trust));
      for (const [name, content] of Object.entries(receipts)) writeFileSync(join(directory, name), content);
      return work(directory);
    });
  }

  it("says what a receipt proves and what it does not, with nothing but the trust file", async () => {
    const receipt = formatReceipt(await receiptFor(4, given));
    await withFiles({ "receipt.json": receipt }, async (directory) => {
      const file = join(directory, "receipt.json");
      const ran = await suyuan(["verify", file, "--trust", join(directory, "trust.json"), "--json"]);
      const [one] = told(ran);
      expect(ran.code).to.equal(0);
      expect(one).to.include({ file, verified: true, index: 4 });
      expect(one?.proven).to.deep.equal(["record-in-journal", "head-signed-by-journal", "head-attested-by-node"]);
      expect(one?.notProven).to.include("several-parties");
    });
  });

  it("finds the trust file in the gateway's data directory, and reads standard input", async () => {
    await withFiles({}, async (directory) => {
      const ran = await suyuan(["verify", "-", "--json"], {
        input: formatReceipt(await receiptFor(0, given)),
        env: { SUYUAN_DATA: directory },
      });
      expect(ran.code).to.equal(0);
      expect(told(ran)).to.have.nested.property("[0].verified", true);
    });
  });

  it("names the step that failed, for each file, and answers 4", async () => {
    const good = await receiptFor(3, given);
    const leaf = fromBase64(good.leaf)!;
    leaf[0]! ^= 1;
    const files: Record<string, Receipt> = {
      "good.json": good,
      "changed.json": { ...good, leaf: toBase64(leaf) },
      "moved.json": { ...good, index: 2 },
      "unsigned.json": { ...good, checkpoint: good.checkpoint.replace(/.(?=.{8}=*\n$)/, (letter) => (letter === "A" ? "B" : "A")) },
      "stranger.json": await receiptFor(3, { ...(await world()), leaves: given.leaves, root: given.root }),
    };
    const written = Object.fromEntries(Object.entries(files).map(([name, receipt]) => [name, formatReceipt(receipt)]));
    await withFiles({ ...written, "none.json": "{}" }, async (directory) => {
      const names = [...Object.keys(files), "none.json"].map((name) => join(directory, name));
      const ran = await suyuan(["verify", ...names, "--data", directory, "--json"]);
      expect(ran.code).to.equal(4);
      expect(told(ran).map(({ verified, failed }) => (verified ? "verified" : failed?.code))).to.deep.equal([
        "verified",
        "inclusion-wrong",
        "inclusion-wrong",
        "checkpoint-signature-wrong",
        "certificate-untrusted",
        "receipt-malformed",
      ]);
    });
  });

  it("fails, rather than judges, without a trust file or a receipt", async () => {
    await withFiles({ "empty.json": "{}" }, async (directory) => {
      const trust = join(directory, "trust.json");
      const none = await suyuan(["verify", "-", "--trust", join(directory, "nowhere.json"), "--json"], { input: "{}" });
      const other = await suyuan(["verify", "-", "--trust", join(directory, "empty.json"), "--json"], { input: "{}" });
      const missing = await suyuan(["verify", join(directory, "nowhere.json"), "--trust", trust, "--json"]);
      expect([none.code, errorCode(none)]).to.deep.equal([1, "trust-unreadable"]);
      expect([other.code, errorCode(other)]).to.deep.equal([1, "trust-malformed"]);
      expect([missing.code, errorCode(missing)]).to.deep.equal([1, "file-unreadable"]);
    });
  });
});
