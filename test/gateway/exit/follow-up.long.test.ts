import { dayOf } from "../../../chaincode/events/time";
import { expect } from "chai";
import { join } from "node:path";
import type { ExitVerdict } from "../../../gateway/evidence/verify-exit";
import { AGENCY } from "../../chaincode/events/oversight";
import { AUTHORITY, AUTHORIZATION, example, OPERATOR } from "../../chaincode/events/world";
import { documents, inDirectory, suyuan } from "../../scripts/suyuan";
import { asking } from "../http/telling";
import { EXIT, Exiting } from "./leaving";

const DAY_MS = 86_400_000;
const day = (offset: number): string => dayOf(Date.now() + offset * DAY_MS);
const [DUE, THROUGH] = [day(30), day(31)];

describe("the certificate of an exit whose backups were beyond use", function () {
  this.timeout(120_000);
  let exiting: Exiting;
  before(async () => {
    exiting = await Exiting.start();
    await exiting.open();
    const [first] = await exiting.outstanding();
    const { holding, declared } = first!;
    const backups = { state: "beyond-use", purged: DUE };
    await exiting.telling.tell(example("holding.deleted", OPERATOR, { holding, digest: declared.digest, backups }));
    await exiting.clear();
    await exiting.verify();
  });
  after(() => exiting.stop());

  const env = async () => ({
    SUYUAN_URL: exiting.telling.url,
    SUYUAN_TOKEN: await exiting.telling.token(asking(AUTHORITY)),
    SUYUAN_TRUST: join(exiting.telling.data, "trust.json"),
  });
  /** Fetched by one command, and checked by another. */
  const certified = (): Promise<ExitVerdict> =>
    inDirectory(async (directory) => {
      const out = join(directory, "certificate.ndjson");
      const { code, stdout } = await suyuan(["exit", "certify", EXIT, "--out", out, "--json"], { env: await env() });
      expect(code, stdout).to.equal(0);
      return documents(await suyuan(["verify", out, "--json"], { env: await env() }))[0] as ExitVerdict;
    });
  const purged = (change: object = {}, party = OPERATOR) =>
    exiting.telling.tell(example("holding.backups-purged", party, { through: THROUGH, ...change }));
  const page = async (): Promise<string> => {
    const { SUYUAN_TOKEN } = await env();
    const headers = { accept: "text/html", authorization: `Bearer ${SUYUAN_TOKEN}` };
    return (await fetch(`${exiting.telling.url}/v1/exits/${EXIT}/certificate`, { headers })).text();
  };
  const isOwed = async (): Promise<boolean> => {
    const { duties } = await exiting.telling.json<{ duties: readonly { duty: string; subject: { id: string } }[] }>(
      "/v1/duties?limit=1000",
    );
    return duties.some(({ duty, subject }) => duty === "backups" && subject.id === AUTHORIZATION);
  };

  it("says by whom they are to be purged until when, and that it is not proven that they were", async () => {
    const { backups, notProven, certificate } = await certified();
    expect(backups).to.deep.equal([{ party: OPERATOR, due: DUE }]);
    expect(notProven).to.include("backups-purged");
    expect(certificate.residual).to.include("backups-beyond-use");
    expect(await page())
      .to.include(DUE)
      .and.include("尚未上报");
    expect(await isOwed()).to.equal(true);
  });

  it("says no more when another reports it, or not as far as was promised, or for no exit or another, or takes the report back: nor is the duty done", async () => {
    await purged({}, AGENCY);
    await purged({ through: day(29) });
    const whole = example("holding.backups-purged", OPERATOR, { through: THROUGH });
    const { exit: _, ...ofNone } = whole.data as Readonly<Record<string, unknown>>;
    await exiting.telling.tell({ ...whole, data: ofNone });
    await purged({ exit: "unheard-of" });
    expect(await isOwed()).to.equal(true);
    const { journal, index } = await purged();
    const voided = { event: `${journal}/${index}`, subjectKind: "exit", subject: EXIT };
    const signature = { digest: "a".repeat(64) };
    await exiting.telling.tell(example("correction.countersigned", AGENCY, { ...voided, document: signature }));
    const countersigned = { party: AGENCY, signature };
    await exiting.telling.tell(example("correction.voided", OPERATOR, { ...voided, countersigned }));
    expect((await certified()).backups).to.deep.equal([{ party: OPERATOR, due: DUE }]);
    expect(await page()).to.include("尚未上报");
    expect(await isOwed()).to.equal(true);
  });

  it("is the follow-up of itself once who deleted reports the final purge: the same certificate, and the duty is done", async () => {
    const first = await certified();
    const { journal, index } = await purged();
    const follow = await certified();
    const report = `${journal}/${index}`;
    expect(follow.backups).to.deep.equal([{ party: OPERATOR, due: DUE, purged: report }]);
    expect(follow.proven).to.include("backups-purged");
    expect(follow.notProven).not.to.include("backups-purged");
    expect([follow.digest, follow.certificate.number]).to.deep.equal([first.digest, first.certificate.number]);
    expect(await page())
      .to.include(report)
      .and.not.include("尚未上报");
    expect(await isOwed()).to.equal(false);
  });

  it("tells of that report however many others report the same after it", async () => {
    const { backups } = await certified();
    const others = example("holding.backups-purged", AGENCY, { through: THROUGH });
    await exiting.telling.tellAll(Array.from({ length: 501 }, () => others));
    expect(await page())
      .to.include(backups[0]?.purged)
      .and.not.include("尚未上报");
    expect((await certified()).backups).to.deep.equal(backups);
  });
});
