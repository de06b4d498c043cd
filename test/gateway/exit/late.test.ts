/** What is declared after an exit was verified, on a real gateway: what is done of it, and what of it is certified. */
import { expect } from "chai";
import { join } from "node:path";
import verdictLabels from "../../../gateway/evidence/verdict.labels.json";
import type { ExitVerdict } from "../../../gateway/evidence/verify-exit";
import { AUTHORITY, AUTHORIZATION, example, METEOROLOGY, OPERATOR } from "../../chaincode/events/world";
import { AGENCY } from "../../chaincode/events/oversight";
import { documents, inDirectory, suyuan } from "../../scripts/suyuan";
import { asking } from "../http/telling";
import { EXIT, Exiting } from "./leaving";

interface State {
  readonly steps: readonly { readonly step: string; readonly state: string; readonly missing?: readonly string[] }[];
  readonly superseded?: true;
}

describe("what is pulled and deleted once an exit is verified", function () {
  this.timeout(120_000);
  let exiting: Exiting;
  before(async () => {
    exiting = await Exiting.start();
    await exiting.open();
    await exiting.clear();
    await exiting.verify();
  });
  after(() => exiting.stop());

  const state = () => exiting.telling.json<State>(`/v1/exits/${EXIT}`);
  const step = async (name: string) => {
    const { state: how, missing } = (await state()).steps.find((one) => one.step === name)!;
    return [how, ...(missing ?? [])];
  };
  const certificate = async (): Promise<number> => {
    const { telling } = exiting;
    const authorization = `Bearer ${await telling.token(asking(AUTHORITY))}`;
    const answer = await fetch(`${telling.url}/v1/exits/${EXIT}/certificate`, { headers: { authorization } });
    await answer.arrayBuffer();
    return answer.status;
  };
  /** Pulled, and gone. @returns its name */
  async function late(): Promise<string> {
    await exiting.telling.tell(example("data.pulled", OPERATOR));
    const [{ holding, declared }] = (await exiting.outstanding()) as [Awaited<ReturnType<Exiting["outstanding"]>>[number]];
    await exiting.telling.tell(example("holding.deleted", OPERATOR, { holding, digest: declared.digest }));
    return holding;
  }
  const statesOf = async (holding: string) =>
    (await exiting.inventory()).items.filter((item) => item.holding === holding).map((item) => item.state);
  const names = async (state: string) => {
    const path = `/v1/holdings?authorization=${AUTHORIZATION}&state=${state}&limit=1000`;
    return (await exiting.telling.json<{ holdings: readonly { readonly holding: string }[] }>(path)).holdings.map(({ holding }) => holding);
  };

  it("is scanned for and verified before there is a certificate", async () => {
    expect([await step("certified"), await certificate()]).to.deep.equal([["next"], 200]);
    await late();
    expect(await step("residue-scanned")).to.deep.equal(["next"]);
    expect(await step("verified")).to.deep.equal(["waiting", "residue-scanned"]);
    expect(await step("certified")).to.deep.equal(["waiting", "residue-scanned", "verified"]);
    expect(await certificate()).to.equal(409);
    expect(await exiting.telling.attempt(example("exit.certified", AUTHORITY))).to.deep.equal([409, "step-out-of-order"]);
    await exiting.telling.tell(example("exit.residue-scanned", AGENCY));
    await exiting.telling.tell(example("exit.verified", METEOROLOGY));
    expect([await step("certified"), await certificate()]).to.deep.equal([["next"], 200]);
  });

  it("supersedes the certificate that there was", async () => {
    const { digest } = (await certified()).verdict;
    await exiting.telling.tell(example("exit.certified", AUTHORITY, { certificate: { digest } }));
    expect(await state()).to.not.have.property("superseded");
    await late();
    expect(await state()).to.have.property("superseded", true);
    expect(await certificate(), "which is still to be had").to.equal(200);
  });

  /** What the command wrote, read by another. */
  const certified = (): Promise<{ readonly code: number | null; readonly verdict: ExitVerdict; readonly text: string }> =>
    inDirectory(async (directory) => {
      const env = {
        SUYUAN_URL: exiting.telling.url,
        SUYUAN_TOKEN: await exiting.telling.token(asking(AUTHORITY)),
        SUYUAN_TRUST: join(exiting.telling.data, "trust.json"),
        SUYUAN_LANG: "en",
      };
      const out = join(directory, "certificate.ndjson");
      const { code } = await suyuan(["exit", "certify", EXIT, "--out", out, "--json"], { env });
      const verified = await suyuan(["verify", out, "--json"], { env });
      expect(verified.code, verified.stderr).to.equal(0);
      return { code, verdict: documents(verified)[0] as ExitVerdict, text: (await suyuan(["verify", out], { env })).stdout };
    });
  const page = async (): Promise<string> => {
    const headers = { accept: "text/html", authorization: `Bearer ${await exiting.telling.token(asking(AUTHORITY))}` };
    return (await fetch(`${exiting.telling.url}/v1/exits/${EXIT}/certificate`, { headers })).text();
  };

  it("is told by that certificate, wherever it is read, beside what the authority countersigned", async () => {
    const { code, verdict, text } = await certified();
    expect(code, "as for what is not verified").to.equal(4);
    expect(verdict.since).to.deep.equal({ outstanding: 0, accountedFor: 1 });
    expect(verdict).to.have.property("countersigned");
    expect(verdict.proven).not.to.include("nothing-outstanding");
    expect(verdict.notProven).to.include("still-so");
    expect(text).to.include(verdictLabels.superseded.en).and.include("0 outstanding and 1 accounted for");
    expect(await page()).to.include("本证明已不反映现状");
    await exiting.telling.tell(example("data.pulled", OPERATOR));
    expect((await certified()).verdict.since).to.deep.equal({ outstanding: 1, accountedFor: 1 });
    const [{ holding, declared }] = (await exiting.outstanding()) as [Awaited<ReturnType<Exiting["outstanding"]>>[number]];
    await exiting.telling.tell(example("holding.deleted", OPERATOR, { holding, digest: declared.digest }));
  });

  it("is all in the next certificate, with what was frozen, once it is scanned for, verified and certified without freezing anew", async () => {
    const { items } = await exiting.inventory();
    const late = items.filter((item) => item.late === true);
    expect(late.map(({ state }) => state)).to.deep.equal(["deleted", "deleted", "deleted"]);
    await exiting.telling.tell(example("exit.residue-scanned", AGENCY));
    await exiting.telling.tell(example("exit.verified", METEOROLOGY));
    const { code, verdict } = await certified();
    expect([code, verdict.since, verdict.countersigned]).to.deep.equal([0, undefined, undefined]);
    expect(verdict.proven).to.include("nothing-outstanding");
    const { counts, inventory } = verdict.certificate;
    expect(counts.deleted + counts.retained).to.equal(inventory.count + late.length);
    expect(counts.deleted, "the frozen ones too").to.be.above(late.length);
    await exiting.telling.tell(example("exit.certified", AUTHORITY, { certificate: { digest: verdict.digest } }));
    expect(await state()).to.not.have.property("superseded");
    const { code: ended, verdict: countersigned } = await certified();
    expect([ended, countersigned.digest]).to.deep.equal([0, verdict.digest]);
    expect(countersigned).to.have.property("countersigned");
  });

  it("is looked for no more where it was a mistake and is struck, though it was deleted before", async () => {
    const holding = await late();
    expect(await names("deleted")).to.include(holding);
    const { holding: _, ...struck } = example("holding.struck", AUTHORITY).data as { readonly holding: string };
    await exiting.telling.tell({ ...example("holding.struck", AUTHORITY), data: { ...struck, holdings: [holding] } });
    expect(await statesOf(holding)).to.deep.equal(["struck"]);
    expect(await names("deleted")).to.not.include(holding);
    expect(await names("struck")).to.include(holding);
  });

  it("is listed as soon as it was acknowledged: a scan looks for what is listed when it begins", async () => {
    for (let n = 0; n < 3; n++) {
      const before = (await exiting.outstanding()).length;
      expect(await exiting.telling.attempt(example("data.pulled", OPERATOR))).to.deep.equal([202]);
      expect(await exiting.outstanding()).to.have.length(before + 1);
    }
  });
});
