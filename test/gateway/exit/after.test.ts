import { dayOf } from "../../../chaincode/events/time";
import { expect } from "chai";
import { readConfig } from "../../../gateway/config";
import type { ExitState } from "../../../gateway/exit/state";
import { startGateway } from "../../../gateway/main";
import { AGENCY, ASSESSOR } from "../../chaincode/events/oversight";
import { AUTHORITY, AUTHORIZATION, DEVELOPER, example, METEOROLOGY, OPERATOR, PRODUCT, TRANSPORT } from "../../chaincode/events/world";
import { asking } from "../http/telling";
import { EXIT, Exiting } from "./leaving";

const KEY = `/v1/authorizations/${AUTHORIZATION}/key`;
const DAY_MS = 86_400_000;

describe("while an exit is under way, and after it", function () {
  this.timeout(120_000);
  let exiting: Exiting;
  let now: () => number = Date.now;
  const answers = async (path: string, ...parties: readonly string[]): Promise<readonly string[]> =>
    Promise.all(
      parties.map(async (party) => {
        const { status, body } = await exiting.telling.get(path, asking(party));
        return status === 200 ? "200" : `${status} ${(body as { code: string }).code}`;
      }),
    );
  const told = [
    "/v1/exits",
    `/v1/exits/${EXIT}`,
    `/v1/exits/${EXIT}/inventory`,
    `/v1/holdings?authorization=${AUTHORIZATION}`,
    "/v1/duties",
  ];
  const notTold = [
    `/v1/trace/product/${PRODUCT}`,
    `/v1/subjects/authorization/${AUTHORIZATION}`,
    "/v1/stats",
    "/v1/search?q=yz",
    "/v1/watch",
  ];
  const duties = async (): Promise<readonly string[]> =>
    (await exiting.telling.json<{ duties: readonly { duty: string; subject: { id: string } }[] }>("/v1/duties?limit=1000")).duties
      .filter(({ subject }) => [EXIT, AUTHORIZATION].includes(subject.id))
      .map(({ duty }) => duty);

  before(async () => {
    exiting = await Exiting.start((data) => startGateway(readConfig({ data, port: 0 }, {}), () => now()));
    await exiting.telling.tell(example("party.registered", AUTHORITY, { code: ASSESSOR, name: "评估机构", roles: ["assessor"] }));
  });
  after(() => exiting.stop());

  it("gives an assessor the key of the fingerprints from when permissions are closed, and everybody else what they had", async () => {
    expect(await answers(KEY, OPERATOR, AGENCY, ASSESSOR, METEOROLOGY)).to.deep.equal([
      "200",
      "200",
      "403 key-withheld",
      "403 key-withheld",
    ]);
    await exiting.open();
    expect(await answers(KEY, OPERATOR, AGENCY, ASSESSOR, METEOROLOGY)).to.deep.equal(["200", "200", "200", "403 key-withheld"]);
  });

  it("tells the operator of its exit and nothing else, at once", async () => {
    for (const path of told) expect(await answers(path, OPERATOR), path).to.deep.equal(["200"]);
    for (const path of notTold) expect(await answers(path, OPERATOR), path).to.deep.equal(["403 permissions-closed"]);
    expect(await answers(`/v1/trace/product/${PRODUCT}`, AUTHORITY, AGENCY, DEVELOPER)).to.deep.equal(["200", "200", "200"]);
  });

  it("owes reconciling, then verifying, then certifying; and what was left to later: backups and logs", async () => {
    expect(await duties()).to.include.members(["exit-reconciling", "log-retention"]);
    const [first] = await exiting.outstanding();
    const backups = { state: "beyond-use", purged: dayOf(Date.now() + 30 * DAY_MS) };
    await exiting.telling.tell(example("holding.deleted", OPERATOR, { holding: first!.holding, digest: first!.declared.digest, backups }));
    await exiting.clear();
    await exiting.telling.tell(example("exit.reconciled", AUTHORITY));
    expect(await duties())
      .to.include.members(["exit-verifying", "backups"])
      .and.not.include("exit-reconciling");
    await exiting.telling.tell(example("exit.residue-scanned", AGENCY));
    await exiting.telling.tell(example("exit.verified", METEOROLOGY));
    expect(await duties())
      .to.include("exit-certifying")
      .and.not.include("exit-verifying");
    await exiting.telling.tell(example("exit.certified", AUTHORITY));
    expect(await duties())
      .to.include.members(["log-retention", "backups"])
      .and.not.include("exit-certifying");
  });

  it("gives nobody the key once it is certified", async () => {
    expect(await answers(KEY, OPERATOR, AGENCY, AUTHORITY, ASSESSOR)).to.deep.equal([
      "403 key-withheld",
      "403 key-withheld",
      "403 key-withheld",
      "403 key-withheld",
    ]);
  });

  it("gives it again to whoever has to look again: after a new freeze and after residue, until it is certified anew", async () => {
    const given = ["200", "200", "200"];
    const { count, root } = await exiting.inventory();
    await exiting.telling.tell(example("exit.inventory-frozen", AGENCY, { count, root }));
    expect(await answers(KEY, OPERATOR, AGENCY, ASSESSOR)).to.deep.equal(given);
    const certified = async () => {
      await exiting.verify();
      await exiting.telling.tell(example("exit.certified", AUTHORITY));
      expect(await answers(KEY, OPERATOR, AGENCY, ASSESSOR)).to.deep.equal(["403 key-withheld", "403 key-withheld", "403 key-withheld"]);
    };
    await certified();
    await exiting.telling.tell(example("exit.residue-scanned", ASSESSOR, { residues: 1 }));
    expect(await answers(KEY, OPERATOR, AGENCY, ASSESSOR)).to.deep.equal(given);
    await exiting.telling.tell(example("exit.residue-scanned", ASSESSOR));
    await certified();
  });

  it("records what the operator does afterwards, with what is wrong with it, and says that the certificate is superseded", async () => {
    expect(await exiting.telling.json<ExitState>(`/v1/exits/${EXIT}`)).not.to.have.property("superseded");
    for (const type of ["data.accessed", "data.pulled"] as const) {
      const { leafHash } = await exiting.telling.tell(example(type, OPERATOR));
      const { findings } = await exiting.telling.json<{ findings: { code: string }[] }>(`/v1/events/${leafHash}`);
      expect(
        findings.map(({ code }) => code),
        type,
      ).to.include("after-termination");
    }
    expect(await exiting.telling.json<ExitState>(`/v1/exits/${EXIT}`)).to.include({ outstanding: 1, superseded: true });
    // It has to be fingerprinted, and once it is gone looked for.
    const given = ["200", "200", "200"];
    expect(await answers(KEY, OPERATOR, AGENCY, ASSESSOR)).to.deep.equal(given);
    await exiting.clear();
    expect(await exiting.telling.json<ExitState>(`/v1/exits/${EXIT}`)).to.include({ outstanding: 0, superseded: true });
    expect(await answers(KEY, OPERATOR, AGENCY, ASSESSOR)).to.deep.equal(given);
  });

  it("is done with backups when who deleted says so", async () => {
    await exiting.telling.tell(example("holding.backups-purged", OPERATOR, { through: dayOf(Date.now() + 31 * DAY_MS) }));
    expect(await duties()).not.to.include("backups");
  });

  it("has its logs kept for six months, and then disposed of by an act", async () => {
    const logs = await exiting.telling.json<{ holdings: { holding: string }[] }>(
      `/v1/holdings?authorization=${AUTHORIZATION}&state=retained`,
    );
    const holdings = logs.holdings.map(({ holding }) => holding);
    expect(holdings).to.have.length.above(0);
    const disposal = example("exit.logs-disposed", OPERATOR, { holdings });
    expect(await exiting.telling.attempt(disposal)).to.deep.equal([409, "retention-not-over"]);
    now = () => Date.now() + 190 * DAY_MS;
    expect(await exiting.telling.attempt(example("exit.logs-disposed", TRANSPORT, { holdings }))).to.deep.equal([403, "role-not-allowed"]);
    await exiting.telling.tell(disposal);
    expect((await exiting.telling.json<ExitState>(`/v1/exits/${EXIT}`)).retained).to.equal(0);
  });
});
