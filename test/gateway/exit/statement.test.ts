import { expect } from "chai";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StatementVerdict } from "../../../gateway/evidence/exit-statement";
import { localTime } from "../../../gateway/local-time";
import { ASSESSOR } from "../../chaincode/events/oversight";
import { AUTHORITY, example, OPERATOR } from "../../chaincode/events/world";
import { documents, inDirectory, suyuan } from "../../scripts/suyuan";
import { asking } from "../http/telling";
import { EXIT, Exiting } from "./leaving";

describe("the ledger's word on what is still held of an exit", function () {
  this.timeout(120_000);
  let exiting: Exiting;
  before(async () => {
    exiting = await Exiting.start();
    await exiting.telling.tell(example("party.registered", AUTHORITY, { code: ASSESSOR, name: "评估机构", roles: ["assessor"] }));
    await exiting.open();
    await exiting.clear();
  });
  after(() => exiting.stop());

  interface Stated {
    readonly code: number | null;
    readonly words: string;
    readonly verdict: StatementVerdict;
    readonly verified: string;
  }
  /** Fetched by one command, and checked by another. @param change to what was fetched */
  const stated = (change: (file: string) => string = (file) => file): Promise<Stated> =>
    inDirectory(async (directory) => {
      const env = {
        SUYUAN_URL: exiting.telling.url,
        SUYUAN_TOKEN: await exiting.telling.token(asking(AUTHORITY)),
        SUYUAN_TRUST: join(exiting.telling.data, "trust.json"),
        SUYUAN_LANG: "zh",
      };
      const out = join(directory, "statement.json");
      const { code, stdout, stderr } = await suyuan(["exit", "certify", EXIT, "--statement", "--out", out], { env });
      await writeFile(out, change(await readFile(out, "utf8")));
      const [verdict] = documents(await suyuan(["verify", out, "--json"], { env })) as [StatementVerdict];
      return { code, words: stdout + stderr, verdict, verified: (await suyuan(["verify", out], { env })).stdout };
    });

  it("is that nothing is outstanding, before anybody has verified it and after", async () => {
    const { code, words, verdict } = await stated();
    expect([code, verdict.outstanding, verdict.verification, verdict.residue]).to.deep.equal([0, 0, undefined, undefined]);
    expect(words).to.include("已清");
    await exiting.verify();
    expect((await stated()).verdict.verification).to.equal("stands");
  });

  it("is not so while residue stands: it says who found it and when, and that the verification has ended", async () => {
    await exiting.telling.tell(example("exit.residue-scanned", ASSESSOR, { residues: 2 }));
    const { code, words, verdict, verified } = await stated();
    expect([code, verdict.outstanding, verdict.verification, verdict.residue?.by]).to.deep.equal([4, 0, "ended", [ASSESSOR]]);
    for (const text of [words, verified])
      expect(text).to.include(ASSESSOR).and.include(localTime(verdict.residue!.at)).and.include("已失效");
    expect(words).not.to.include("已清");
    expect(verdict.notProven).to.include("residue-and-verification");
  });

  it("cannot have that cut out: it is signed with the rest", async () => {
    const cut = (file: string): string => {
      const { residue, verification, ...others } = JSON.parse(file) as Record<string, unknown>;
      expect([residue, verification]).not.to.include(undefined);
      return JSON.stringify(others);
    };
    expect((await stated(cut)).verdict)
      .to.deep.include({ verified: false })
      .and.nested.include({ "failed.code": "attestation-differs" });
  });

  it("is so again once an examiner finds none, of a verification that has ended", async () => {
    await exiting.telling.tell(example("exit.residue-scanned", ASSESSOR));
    const { code, words, verdict } = await stated();
    expect([code, verdict.verification, verdict.residue]).to.deep.equal([0, "ended", undefined]);
    expect(words).to.include("已清").and.include("核验已失效");
  });

  it("is of a verification that has ended, too, where something was declared and deleted since", async () => {
    await exiting.verify();
    expect((await stated()).verdict.verification).to.equal("stands");
    await exiting.telling.tell(example("data.pulled", OPERATOR));
    expect((await stated()).verdict).to.include({ outstanding: 1, verification: "ended" });
    await exiting.clear();
    expect((await stated()).verdict).to.include({ outstanding: 0, verification: "ended" });
  });
});
