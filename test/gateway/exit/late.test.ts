/** What is declared after an exit was verified, on a real gateway: what is done of it, and what of it is certified. */
import { expect } from "chai";
import { AUTHORITY, AUTHORIZATION, example, METEOROLOGY, OPERATOR } from "../../chaincode/events/world";
import { AGENCY } from "../../chaincode/events/oversight";
import { asking } from "../http/telling";
import { EXIT, Exiting } from "./leaving";

interface State {
  readonly steps: readonly { readonly step: string; readonly state: string; readonly missing?: readonly string[] }[];
  readonly superseded?: true;
}

describe("what is pulled and deleted once an exit is verified", () => {
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

  it("is listed as soon as it was acknowledged: a scan looks for what is listed when it begins", async () => {
    for (let n = 0; n < 3; n++) {
      const before = (await exiting.outstanding()).length;
      expect(await exiting.telling.attempt(example("data.pulled", OPERATOR))).to.deep.equal([202]);
      const held = await exiting.outstanding();
      expect(held).to.have.length(before + 1);
    }
    await exiting.clear();
    await exiting.telling.tell(example("exit.residue-scanned", AGENCY));
    await exiting.telling.tell(example("exit.verified", METEOROLOGY));
  });

  it("is scanned for and verified before there is a certificate", async () => {
    expect([await step("certified"), await certificate()]).to.deep.equal([["next"], 200]);
    await late();
    expect(await step("residue-scanned")).to.deep.equal(["next"]);
    expect(await step("verified")).to.deep.equal(["waiting", "residue-scanned"]);
    expect(await step("certified")).to.deep.equal(["waiting", "verified"]);
    expect(await certificate()).to.equal(409);
    expect(await exiting.telling.attempt(example("exit.certified", AUTHORITY))).to.deep.equal([409, "step-out-of-order"]);
    await exiting.telling.tell(example("exit.residue-scanned", AGENCY));
    await exiting.telling.tell(example("exit.verified", METEOROLOGY));
    expect([await step("certified"), await certificate()]).to.deep.equal([["next"], 200]);
  });

  it("supersedes the certificate that there was", async () => {
    await exiting.telling.tell(example("exit.certified", AUTHORITY));
    expect(await state()).to.not.have.property("superseded");
    await late();
    expect(await state()).to.have.property("superseded", true);
    expect(await certificate(), "which is still to be had").to.equal(200);
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
});
