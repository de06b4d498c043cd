import { expect } from "chai";
import { type Ran, documents, suyuan } from "../suyuan";

interface Said {
  readonly type?: string;
  readonly residues?: number;
  readonly verified?: boolean;
  readonly countersigned?: string;
  readonly claims?: readonly { readonly claim: string; readonly true: boolean }[];
}

describe("suyuan demo", function () {
  this.timeout(120_000);
  let ran: Ran;
  let said: readonly Said[];
  before(async () => {
    ran = await suyuan(["demo", "--json"]);
    said = documents(ran) as readonly Said[];
  });

  it("sees everything that it claims", () => {
    expect(ran.code, ran.stderr).to.equal(0);
    expect(said.at(-1)?.claims?.map((claim) => claim.true)).to.deep.equal([true, true, true, true, true, true]);
  });

  it("ends with the exit: the copy is found and removed, then it is verified, and the certificate is checked offline", () => {
    const what = said.flatMap(({ type, residues, verified }) => {
      if (type?.startsWith("suyuan.exit.") === true) return [type.slice("suyuan.exit.".length)];
      if (residues !== undefined) return [`${residues} found`];
      return verified === undefined ? [] : [verified ? "good" : "bad"];
    });
    expect(what.slice(what.indexOf("opened"))).to.deep.equal([
      ...["opened", "permissions-closed", "inventory-frozen", "transfer-explained", "reconciled"],
      ...["1 found", "0 found", "announced", "verified", "certified", "completion-announced", "good"],
    ]);
    expect(said.findLast(({ verified }) => verified === true)?.countersigned).to.match(/^SuyuanMSP\/acts\/\d+$/);
  });
});
