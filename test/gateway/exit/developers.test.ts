import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { OfDevelopers } from "../../../gateway/exit/developers";
import type { ExitState } from "../../../gateway/exit/state";
import type { ExitVerdict } from "../../../gateway/evidence/verify-exit";
import { AGENCY } from "../../chaincode/events/oversight";
import { AUTHORITY, DEVELOPER, example, METEOROLOGY, OPERATOR, SCENARIO } from "../../chaincode/events/world";
import { documents, inDirectory, suyuan } from "../../scripts/suyuan";
import { asking } from "../http/telling";
import { EXIT, Exiting } from "./leaving";

/** In their operator's exit, which they may not look into, and which nothing ends that they do after it was verified. */
describe("what developers have of what an operator's exit ends", function () {
  this.timeout(120_000);
  let exiting: Exiting;
  before(async () => {
    exiting = await Exiting.start();
  });
  after(() => exiting.stop());

  const tell = (...report: Parameters<typeof example>) => exiting.telling.tell(example(...report));
  const held = (digit: string) => ({
    ...{ digest: digit.repeat(64), bytes: 1, rows: 1, form: "raw", place: "平台", platform: "on" },
  });
  const copied = async (digit: string): Promise<string> => {
    const { journal, index } = await tell("data.copied", DEVELOPER, { holdings: [held(digit)] });
    return `${journal}/${index}/0`;
  };
  const remove = (holding: string, digit: string) => tell("holding.deleted", OPERATOR, { holding, digest: digit.repeat(64) });
  const state = () => exiting.telling.json<ExitState & OfDevelopers>(`/v1/exits/${EXIT}`);
  const env = async (language: "zh" | "en") => ({
    ...{ SUYUAN_URL: exiting.telling.url, SUYUAN_TOKEN: await exiting.telling.token(asking(AUTHORITY)), SUYUAN_LANG: language },
    SUYUAN_TRUST: join(exiting.telling.data, "trust.json"),
  });
  const plan = async (language: "zh" | "en"): Promise<string> =>
    (await suyuan(["exit", "plan", EXIT], { env: await env(language) })).stdout;

  it("is told, and that an exit of its own is to be opened for each, until there is one", async () => {
    const own = await copied("c");
    await exiting.open();
    const of = { party: DEVELOPER, scenario: SCENARIO, outstanding: 1 };
    const [told, ...others] = (await state()).ofDevelopers ?? [];
    expect(told).to.deep.include(of).and.not.have.property("exit");
    expect(others).to.deep.equal([]);
    const opening = `exit.opened, leaving developer, developer ${DEVELOPER}, scenario ${SCENARIO}`;
    expect(await plan("en")).to.include(opening);
    expect(await plan("zh")).to.include(`exit.opened，leaving 为 developer，developer 为 ${DEVELOPER}，scenario 为 ${SCENARIO}`);
    const exit = "yz-exit-developer";
    await tell("exit.opened", AGENCY, { exit, leaving: "developer", developer: DEVELOPER, scenario: SCENARIO });
    expect((await state()).ofDevelopers?.[0]).to.deep.include({ ...of, exit });
    expect(await plan("en"))
      .to.include(`suyuan exit plan ${exit}`)
      .and.not.include(opening);
    const { status } = await exiting.telling.get(`/v1/exits/${exit}`, asking(DEVELOPER, "developer"));
    expect(status, "to look into").to.equal(200);
    await remove(own, "c");
    expect(await state()).not.to.have.property("ofDevelopers");
    const { body } = await exiting.telling.get(`/v1/exits/${EXIT}`, asking(METEOROLOGY));
    expect(body, "to who sees nothing of what is held").not.to.have.any.keys("ofDevelopers", "developersSince");
  });

  it("says how much of it came and went since the verification, which holds all the same", async () => {
    await exiting.clear();
    await exiting.verify();
    expect(await state()).not.to.have.property("developersSince");
    await remove(await copied("e"), "e");
    const { developersSince, steps } = await state();
    expect(developersSince).to.equal(1);
    expect(steps.find(({ step }) => step === "verified")?.state).to.equal("done");
    expect(await plan("en")).to.include("holdings that developers declared late were deleted or retained: 1");
    expect(await plan("zh")).to.include("二级主体另有 1 件后登记的留存数据");
    await inDirectory(async (directory) => {
      const [out, page] = [join(directory, "certificate.ndjson"), join(directory, "certificate.html")];
      const { code, stderr } = await suyuan(["exit", "certify", EXIT, "--out", out, "--page", page], { env: await env("en") });
      expect(code, stderr).to.equal(0);
      expect(stderr).to.include("developers deleted or retained 1 holdings");
      const verdict = documents(await suyuan(["verify", out, "--json"], { env: await env("en") }))[0] as ExitVerdict;
      expect(verdict.byDevelopers).to.equal(1);
      expect(verdict).not.to.have.property("since");
      expect(verdict.proven).to.include("nothing-outstanding");
      expect((await suyuan(["verify", out], { env: await env("zh") })).stdout).to.include("1 件后登记的留存数据");
      expect(await readFile(page, "utf8")).to.include("二级主体另有 1 件后登记的留存数据");
    });
  });

  it("is told no more once it was frozen, scanned and verified anew", async () => {
    const { count, root } = await exiting.inventory();
    await tell("exit.inventory-frozen", AGENCY, { count, root });
    await exiting.verify();
    expect(await state()).not.to.have.property("developersSince");
  });
});
