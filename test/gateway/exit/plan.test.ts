/** What comes next in an exit, by whom and until when, on a real gateway, as who reads it is told: also what is wrong, and what is to be done about it. */
import { expect } from "chai";
import type { AuthorityActs } from "../../../gateway/exit/authority-acts";
import type { ExitState } from "../../../gateway/exit/state";
import { certificateDigest } from "../../../gateway/evidence/exit-certificate";
import { addDays, dayOf } from "../../../chaincode/events/time";
import { creditCode } from "../../../scripts/bench/mix";
import { suyuan } from "../../scripts/suyuan";
import { AGENCY, ASSESSOR } from "../../chaincode/events/oversight";
import { AUTHORITY, AUTHORIZATION, DEVELOPER, example, METEOROLOGY, OPERATOR, SCENARIO } from "../../chaincode/events/world";
import { asking } from "../http/telling";
import { EXIT, Exiting } from "./leaving";

/** A platform that no operator runs. */
const PLATFORM = creditCode(71);

/** Longer than all logs must be kept. */
const KEPT_UNTIL = addDays(dayOf(Date.now()), 400);

type State = ExitState & AuthorityActs;
interface Duty {
  readonly duty: string;
  readonly subject: { readonly id: string };
  readonly role: string;
  readonly party?: string;
  readonly due: string;
  readonly from?: string;
}

describe("the plan of an exit", function () {
  this.timeout(120_000);
  let exiting: Exiting;
  const { tell } = { tell: (...given: Parameters<Exiting["telling"]["tell"]>) => exiting.telling.tell(...given) };
  const state = () => exiting.telling.json<State>(`/v1/exits/${EXIT}`);
  const step = async (name: string) => (await state()).steps.find((one) => one.step === name);
  /** Steps that are in such a state, or have to be done again. */
  const steps = async (wanted: string) =>
    (await state()).steps.filter(({ state, again }) => (wanted === "again" ? again === true : state === wanted)).map((one) => one.step);
  const duty = async (name: string, exit = EXIT) =>
    (await exiting.telling.json<{ duties: readonly Duty[] }>("/v1/duties?limit=1000")).duties.find(
      ({ duty, subject }) => duty === name && subject.id === exit,
    );
  const words = async (language: "zh" | "en", exit = EXIT): Promise<string> => {
    const env = { SUYUAN_URL: exiting.telling.url, SUYUAN_TOKEN: await exiting.telling.token(asking(AUTHORITY)), SUYUAN_LANG: language };
    return (await suyuan(["exit", "plan", exit], { env })).stdout;
  };
  const certify = async () => {
    const { certificate } = JSON.parse(Buffer.from(await payload(), "base64url").toString("utf8")) as {
      certificate: Parameters<typeof certificateDigest>[0];
    };
    const digest = certificateDigest(certificate);
    await tell(example("exit.certified", AUTHORITY, { certificate: { digest } }));
    return digest;
  };
  const payload = async (): Promise<string> => /"[\w-]+\.([\w-]+)\.[\w-]+"/.exec((await exiting.certificate()).text)![1]!;

  before(async () => {
    exiting = await Exiting.start();
    await tell(example("party.registered", AUTHORITY, { code: ASSESSOR, name: "评估机构", roles: ["assessor"] }));
    await tell(example("party.registered", AUTHORITY, { code: PLATFORM, name: "平台", roles: ["platform"] }));
    await exiting.open();
  });
  after(() => exiting.stop());

  it("has deletion come before the scan, which would not count while anything is outstanding", async () => {
    expect(await step("accounted-for")).to.include({ state: "next" });
    expect(await step("residue-scanned")).to.deep.include({ state: "waiting", missing: ["holdings-outstanding"] });
    expect(await words("zh")).to.match(/> 删除或者依法保留 +未清 4 件/);
    expect(await words("en")).to.match(/> Deletion or lawful retention +4 outstanding/);
    const { holding, declared } = (await exiting.outstanding()).find(({ declared }) => declared.form === "log")!;
    await tell(example("holding.retained", OPERATOR, { holding, digest: declared.digest, until: KEPT_UNTIL }));
    await exiting.clear();
    expect([(await step("accounted-for"))?.state, (await step("residue-scanned"))?.state]).to.deep.equal(["done", "next"]);
  });

  it("offers steps to those who can take them", async () => {
    for (const name of ["residue-scanned", "handed-over", "logs-disposed"])
      expect((await step(name))?.by, name).not.to.include("developer");
    expect((await step("residue-scanned"))?.by).to.include.members(["primary-operator", "implementing-agency", "assessor"]);
    const key = `/v1/authorizations/${AUTHORIZATION}/key`;
    expect((await exiting.telling.get(key, asking(PLATFORM, "platform"))).status, "which has no key").to.equal(404);
    expect((await step("residue-scanned"))?.by).not.to.include("platform");
  });

  it("is told to who may take a step, and nothing else of the exit is", async () => {
    for (const by of [asking(METEOROLOGY), asking(PLATFORM, "platform")]) {
      const { status, body } = await exiting.telling.get(`/v1/exits/${EXIT}`, by);
      expect([status, (body as State).exit], by.party).to.deep.equal([200, EXIT]);
      const { body: all } = await exiting.telling.get("/v1/exits", by);
      expect((all as { exits: readonly State[] }).exits.map(({ exit }) => exit)).to.deep.equal([EXIT]);
      for (const path of ["inventory", "statement", "certificate"])
        expect((await exiting.telling.get(`/v1/exits/${EXIT}/${path}`, by)).status, path).to.equal(404);
      expect((await exiting.telling.get(`/v1/subjects/exit/${EXIT}`, by)).status).to.equal(404);
      const held = await exiting.telling.get(`/v1/holdings?authorization=${AUTHORIZATION}&state=deleted`, asking(PLATFORM, "platform"));
      expect((held.body as { holdings: readonly unknown[] }).holdings).to.deep.equal([]);
    }
    // What an operator or a developer runs besides gives it no part in others' exits, whatever its token says.
    for (const roles of [["developer"], ["developer", "platform"], ["platform"]] as const)
      expect((await exiting.telling.get(`/v1/exits/${EXIT}`, asking(DEVELOPER, ...roles))).status, roles.join()).to.equal(404);
  });

  it("says from which day on logs may go, as long as they are kept, and has that wait until then", async () => {
    const { from = "", due = "", missing, state } = (await step("logs-disposed"))!;
    expect([state, missing]).to.deep.equal(["waiting", ["retention-not-over"]]);
    expect([from, due > from]).to.deep.equal([addDays(KEPT_UNTIL, 1), true]);
    expect((await duty("log-retention"))?.from).to.equal(from);
    expect(await words("zh")).to.include(`${from} 起方可办理`);
    expect(await words("en")).to.include(`not before ${from}`);
  });

  it("says that the authority certified another digest, until it certifies the one that there is", async () => {
    await exiting.verify();
    await tell(example("exit.certified", AUTHORITY));
    const { certified } = await state();
    expect(certified?.named).to.match(/^[0-9a-f]{64}$/);
    expect(await words("zh")).to.include(`以摘要 ${certified?.made} 重新办理 exit.certified`);
    expect(await words("en")).to.include(`exit.certified with digest ${certified?.made}`);
    expect(await certify()).to.equal(certified?.made);
    expect(await state()).not.to.have.property("certified");
    await tell(example("exit.completion-announced", AGENCY));
    expect(await steps("again")).to.deep.equal([]);
    expect(await words("en")).not.to.include("!");
  });

  it("shows none of the steps as done that hold no longer, and says what to do first", async () => {
    const again = ["residue-scanned", "verified", "certified", "completion-announced"];
    await tell(example("data.pulled", OPERATOR));
    expect(await steps("again")).to.deep.equal(again);
    expect(await steps("done")).not.to.include.members(again);
    expect(await words("zh")).to.include("此前的证明已不反映现状（未清 1 件）");
    expect(await words("en")).to.include("The certificate no longer says how things stand: outstanding: 1");
    expect(await duty("exit-verifying"), "while nobody can").to.equal(undefined);
    await exiting.clear();
    expect(await steps("again")).to.deep.equal(again);
    expect((await step("residue-scanned"))?.state).to.equal("next");
  });

  it("has the transfers told that are unmatched, until they are explained", async () => {
    expect(await state()).to.include({ unmatched: 1 });
    expect(await words("zh")).to.include("供数对账已记录完成，但仍有 1 批供数");
    const { transfers } = await exiting.telling.json<{ transfers: readonly { transfer: string; finding?: object }[] }>(
      `/v1/reconciliation?authorization=${AUTHORIZATION}&limit=1000`,
    );
    const { transfer } = transfers.find(({ finding }) => finding !== undefined)!;
    const explain = async () => {
      const { journal, index } = await tell(example("exit.transfer-explained", AUTHORITY, { transfer }));
      return `${journal}/${index}`;
    };
    const withdrawn = { event: await explain(), subjectKind: "exit", subject: EXIT, reason: "误报" };
    expect(await state()).not.to.have.property("unmatched");
    await tell(example("correction.withdrawn", AUTHORITY, withdrawn));
    expect(await state(), "the explanation was withdrawn").to.include({ unmatched: 1 });
    await explain();
    expect(await state()).not.to.have.property("unmatched");
  });

  it("owes again what ended, as it was owed the first time", async () => {
    const today = (await duty("exit-verifying"))?.due;
    expect(today, "since it was accounted for")
      .to.equal((await step("verified"))?.due)
      .and.match(/^\d{4}-\d\d-\d\d$/);
    await tell(example("exit.residue-scanned", AGENCY));
    await tell(example("exit.verified", METEOROLOGY));
    expect(await duty("exit-verifying")).to.equal(undefined);
    expect((await duty("exit-certifying"))?.due)
      .to.equal((await step("certified"))?.due)
      .and.not.equal(undefined);
    await certify();
    expect(await duty("exit-certifying")).to.equal(undefined);
    expect(await steps("again"), "it told of the certificate before").to.deep.equal(["completion-announced"]);
  });

  it("says who found residue and who has to look again, until they have", async () => {
    await tell(example("exit.residue-scanned", ASSESSOR, { residues: 2 }));
    await tell(example("exit.residue-scanned", AGENCY));
    const { residue, names } = await state();
    expect([residue?.by, names[ASSESSOR]]).to.deep.equal([[ASSESSOR], "评估机构"]);
    expect((await step("residue-scanned"))?.state, "whatever the agency found").to.equal("next");
    expect(await words("zh"))
      .to.include("评估机构发现残留")
      .and.include("再由评估机构重新检测");
    expect(await words("en"))
      .to.include("Residue was found by 评估机构")
      .and.include("A clean scan of anybody else is recorded and changes nothing");
    expect((await duty("exit-verifying"))?.due)
      .to.equal((await step("verified"))?.due)
      .and.not.equal(undefined);
    expect(await duty("exit-certifying"), "of what is not verified").to.equal(undefined);
    await tell(example("exit.residue-scanned", ASSESSOR));
    expect(await state()).not.to.have.property("residue");
    expect((await step("residue-scanned"))?.state).to.equal("done");
  });

  it("names a developer as who disposes of its own logs", async () => {
    const part = { exit: "yz-exit-developer", leaving: "developer", developer: DEVELOPER, scenario: SCENARIO };
    await tell(example("exit.opened", AGENCY, part));
    expect(await duty("log-retention", part.exit)).to.include({ party: DEVELOPER, role: "developer" });
    expect(await duty("log-retention")).to.include({ party: OPERATOR, role: "primary-operator" });
    const { steps } = await exiting.telling.json<State>(`/v1/exits/${part.exit}`);
    expect(steps.find((one) => one.step === "logs-disposed")?.by).to.include("developer");
    expect(steps.find((one) => one.step === "residue-scanned")?.by, "who is not given the key").not.to.include("developer");
    expect(await words("zh", part.exit)).to.include(`应用场景 ${SCENARIO}`);
  });
});
