import { expect } from "chai";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { piece } from "../../../gateway/evidence/examine";
import { type ExitCertificate, type ExitStatement, parseExit, signExit } from "../../../gateway/evidence/exit-certificate";
import { itemsBeside } from "../../../gateway/evidence/exit-items";
import { demandParticulars } from "../../../gateway/evidence/exit-particulars";
import { residualOf } from "../../../gateway/evidence/exit-residual";
import { parseTrust, type TrustFile } from "../../../gateway/evidence/trust";
import { type ExitVerdict, verifyExit } from "../../../gateway/evidence/verify-exit";
import { openKeys } from "../../../gateway/keys";
import { AGENCY } from "../../chaincode/events/oversight";
import { AUTHORITY, example, FLIGHTS, METEOROLOGY, OPERATOR, STRANGER, TRANSPORT } from "../../chaincode/events/world";
import { errorCode, inDirectory, suyuan } from "../../scripts/suyuan";
import { type ExitFile, exitText } from "../evidence/exits";
import { codeOf } from "../evidence/ledger";
import { asking } from "../http/telling";
import { endedScenario, EXIT, Exiting, PART_EXIT } from "./leaving";

/** Of the successor. */
const own = { authorization: "yz-authorization-successor", scenario: "yz-scenario-successor" };
const RECORD = "4".repeat(64);
const KEY = { name: "kms-transport-7", record: { digest: RECORD } };
const officer = { post: "处室负责人", person: "5".repeat(64) };

/** Everything that a certificate tells beside counts and steps, of one exit that has it all. */
describe("what the certificate of an exit tells of it", function () {
  this.timeout(120_000);
  let exiting: Exiting;
  let trust: TrustFile;
  let verdict: ExitVerdict;
  /** Before it was certified. */
  let it_: ExitFile;
  let items: string;
  const tell = (...report: Parameters<typeof example>) => exiting.telling.tell(example(...report));
  const verify = (file: ExitFile): Promise<ExitVerdict> => verifyExit(piece(Buffer.from(exitText(file))), piece(Buffer.from(items)), trust);

  before(async () => {
    exiting = await Exiting.start();
    trust = parseTrust(await readFile(join(exiting.telling.data, "trust.json")));
    await tell("authorization.decided", AUTHORITY, { authorization: own.authorization, operator: STRANGER });
    await tell("authorization.signed", AUTHORITY, { authorization: own.authorization });
    await exiting.telling.tell(example("scenario.submitted", STRANGER, own), asking(STRANGER, "primary-operator"));
    await tell("scenario.consented", METEOROLOGY, { scenario: own.scenario });
    await tell("scenario.consented", TRANSPORT, { scenario: own.scenario, resource: FLIGHTS });
    await tell("scenario.approved", AUTHORITY, { scenario: own.scenario });
    for (const report of endedScenario.slice(1)) await exiting.telling.tell(report);
    await exiting.open();
    const late = await tell("data.processed", OPERATOR, {
      holdings: [1, 2].map((n) => ({
        digest: String(n).repeat(64),
        bytes: 1,
        rows: 1,
        form: "intermediate",
        place: "平台",
        platform: "on",
      })),
    });
    const [first, second, third, ...others] = await exiting.outstanding();
    const of = ({ holding, declared }: NonNullable<typeof first>) => ({ holding, digest: declared.digest });
    await tell("holding.deleted", OPERATOR, { ...of(first!), method: "cryptographic-erase", key: KEY });
    await tell("holding.retained", AUTHORITY, { ...of(second!), basis: "statute", statute: "档案法第二十五条" });
    await tell("holding.transferred", AUTHORITY, { ...of(third!), to: STRANGER, scenario: own.scenario });
    await tell("holding.struck", AUTHORITY, { holding: `${late.journal}/${late.index}/0` });
    for (const one of others)
      if (one.holding !== `${late.journal}/${late.index}/0`)
        await tell("holding.deleted", OPERATOR, { ...of(one), executorParty: TRANSPORT });
    await tell("exit.residue-scanned", AGENCY, { scanned: 20_018, residues: 6 });
    await tell("exit.residue-scanned", AGENCY, { scanned: 1, residues: 0 });
    await tell("exit.reconciled", AUTHORITY, { transfers: 3, explained: 1 });
    await tell("exit.verified", METEOROLOGY);
    const read = async (path = "") => (await exiting.certificate(EXIT, path)).text;
    const lines = async (): Promise<ExitFile> => {
      const [line = "", ...history] = (await read()).trimEnd().split("\n");
      return { jws: parseExit(Buffer.from(line)), history };
    };
    items = await read("/items");
    it_ = await lines();
    const { digest } = await verify(it_);
    await tell("exit.certified", AUTHORITY, { certificate: { digest }, officer });
    verdict = await verify(await lines());
  });
  after(() => exiting.stop());

  it("is why it came: the reason of its opening, and the termination with its ground", () => {
    const { trigger, agreement } = verdict.certificate;
    expect(trigger?.reason).to.equal("协议终止，办理退出");
    expect(trigger?.rests).to.deep.include({ type: "suyuan.authorization.terminated", ground: "early-exit", party: AUTHORITY });
    expect(trigger?.rests?.reason).to.equal((example("authorization.exit-applied", OPERATOR).data as { reason: string }).reason);
    expect(agreement?.digest).to.equal(
      (example("authorization.signed", AUTHORITY).data as { agreement: { digest: string } }).agreement.digest,
    );
  });

  it("is when data was deleted, which keys are gone by whose record, and how transfers were reconciled", () => {
    const { deletions, keys, reconciliation, timeline } = verdict.certificate;
    const atOf = (step: string): string => timeline.find((one) => one.step === step)!.at;
    expect(deletions!.first.at >= atOf("inventory-frozen") && deletions!.last.at <= atOf("verified")).to.equal(true);
    expect(deletions!.first.at < deletions!.last.at).to.equal(true);
    expect(keys).to.deep.equal([{ key: KEY.name, record: RECORD, items: 1 }]);
    expect(reconciliation).to.deep.equal({ transfers: 3, explained: 1 });
  });

  it("is with whom lies what is retained, who carried out what, and whose names these are", () => {
    const { handlings } = verdict.certificate;
    expect(handlings.find(({ state }) => state === "retained")).to.deep.include({ party: AUTHORITY, custodian: OPERATOR });
    for (const code of [OPERATOR, AUTHORITY, AGENCY, TRANSPORT, STRANGER]) expect(verdict.names[code], code).to.be.a("string");
  });

  it("is that residue was found before, and looked for since in less", () => {
    expect(verdict.certificate.residual).to.include.members(["residue-found-before", "looked-less-since"]);
  });

  it("is when, by whom and by which officer it was certified, off the history", () => {
    const { act, party, officer: by, happened } = verdict.countersignature!;
    expect([act, party, by]).to.deep.equal([verdict.countersigned, AUTHORITY, officer]);
    expect(Date.parse(happened)).to.be.above(Date.parse(verdict.certificate.timeline.at(-1)!.happened!) - 1);
  });

  const signed = async (change: Partial<ExitCertificate>, leave: readonly (keyof ExitCertificate)[] = []): Promise<ExitFile> => {
    const { network } = trust.journals[0]!;
    const keys = await openKeys(join(exiting.telling.data, "keys"), { facts: `${network}/facts`, acts: `${network}/acts` });
    const payload = JSON.parse(Buffer.from(it_.jws.split(".")[1]!, "base64url").toString("utf8")) as ExitStatement;
    const all = { ...payload.certificate, ...change };
    const told = Object.fromEntries(Object.entries(all).filter(([name]) => !leave.includes(name as never))) as unknown as ExitCertificate;
    const certificate = { ...told, residual: change.residual ?? residualOf(told) };
    return { jws: await signExit({ ...payload, certificate }, keys.acts), history: it_.history };
  };
  it("is not believed where a gateway signs anything else than the events and the items say", async () => {
    const { trigger, deletions, keys, reconciliation, handlings, residual } = verdict.certificate;
    const refused = async (change: Partial<ExitCertificate>): Promise<string | undefined> =>
      codeOf(async () => verify(await signed(change)));
    expect(await refused({ basis: "六" }), "nothing of this").to.equal(undefined);
    expect(await refused({ trigger: { ...trigger!, reason: "其他" } })).to.equal("exit-acts-differ");
    expect(await refused({ trigger: { rests: trigger!.rests! } })).to.equal("exit-acts-differ");
    expect(await refused({ reconciliation: { ...reconciliation!, explained: 3 } })).to.equal("exit-acts-differ");
    expect(await refused({ residual: residual.filter((code) => code !== "looked-less-since") })).to.equal("exit-acts-differ");
    const { first, last } = deletions!;
    for (const change of [
      { deletions: { first: last, last } },
      { deletions: { first, last: { ...last, at: "2020-01-01T00:00:00.000Z" } } },
      { keys: [{ ...keys![0]!, record: "0".repeat(64) }] },
      { keys: [{ ...keys![0]!, items: 2 }] },
      { keys: [] },
      { handlings: handlings.map((one) => (one.custodian === undefined ? one : { ...one, custodian: AUTHORITY })) },
    ])
      expect(await refused(change), JSON.stringify(change)).to.equal("exit-items-differ");
  });

  it("goes on to be verified where an older version made it, which told none of that", async () => {
    const older = await signed({}, ["trigger", "reconciliation", "deletions", "keys"]);
    expect((await verify(older)).certificate.trigger).to.equal(undefined);
  });

  it("is not left out as if an older version had made it, where the ledger says that it runs a contract whose certificates tell it", async () => {
    const { certificate } = verdict;
    const { reconciliation: _, ...older } = certificate;
    const refused = (of: Partial<ExitCertificate>, isCertified: boolean, version?: string) =>
      codeOf(() => demandParticulars(of, isCertified, version));
    for (const version of ["0.7.0", "0.7.0-1", "0.7.1", "0.10.0", "1.0.0"]) {
      expect(await refused(older, false, version), version).to.equal("exit-particulars-missing");
      expect(await refused(older, true, version), "as the authority certified it").to.equal(undefined);
      expect(await refused(certificate, false, version)).to.equal(undefined);
    }
    for (const version of [undefined, "0.5.0", "0.6.10", "1"]) expect(await refused(older, false, version), version).to.equal(undefined);
  });

  it("is told on the command line and written as a page, with numbers that add up", async () => {
    const env = {
      ...{ SUYUAN_URL: exiting.telling.url, SUYUAN_TOKEN: await exiting.telling.token(asking(AUTHORITY)), SUYUAN_LANG: "zh" },
      SUYUAN_TRUST: join(exiting.telling.data, "trust.json"),
    };
    await inDirectory(async (directory) => {
      const [out, page] = [join(directory, "certificate.ndjson"), join(directory, "certificate.html")];
      // The page would take the place of what it is of.
      for (const same of [out, itemsBeside(out), `${out}.part`, join(directory, "..", basename(directory), "certificate.ndjson")]) {
        const refused = await suyuan(["exit", "certify", EXIT, "--out", out, "--page", same, "--json"], { env });
        expect([refused.code, errorCode(refused)], same).to.deep.equal([2, "page-is-certificate"]);
      }
      expect(await readdir(directory)).to.deep.equal([]);
      const certified = await suyuan(["exit", "certify", EXIT, "--out", out, "--page", page], { env });
      expect([certified.code, certified.stderr]).to.deep.equal([0, ""]);
      const html = await readFile(page, "utf8");
      for (const said of [KEY.name, RECORD, officer.post, "单方账本", "少于报告残留时的 20018 项", "3 批，其中经说明 1 批", verdict.digest])
        expect(html, said).to.include(said);
      const told = await suyuan(["verify", out], { env });
      expect(told.code, told.stdout).to.equal(0);
      for (const said of [
        "一级主体退出授权",
        "申请提前终止并经实施机构审核同意",
        officer.post,
        "账本应答时间",
        "+08:00",
        "报告 6 件；此后未再发现，一次最多检测 1 项",
      ])
        expect(told.stdout).to.include(said);
      const [, total, frozen, late, became = ""] = /共 (\d+) 件（冻结的清单 (\d+)，冻结后另增 (\d+)）：([^；]*)/.exec(told.stdout) ?? [];
      const sum = Array.from(became.matchAll(/\d+/g), ([found]) => Number(found)).reduce((a, b) => a + b);
      expect([Number(frozen) + Number(late), sum, Number(late)]).to.deep.equal([Number(total), Number(total), 2]);
      const part = join(directory, "part.ndjson");
      await suyuan(["exit", "certify", EXIT, "--out", part, "--source", TRANSPORT], { env });
      expect((await suyuan(["verify", part], { env })).stdout).to.match(new RegExp(`数源单位.*${TRANSPORT}`));
      expect((await suyuan(["exit", "certify", EXIT, "--statement", "--page", page], { env })).code).to.equal(2);
    });
  });

  it("is what ended, where that is a part", async () => {
    const [line = "", ...history] = (await exiting.certificate(PART_EXIT)).text.trimEnd().split("\n");
    const { certificate } = await verifyExit(
      piece(Buffer.from(exitText({ jws: parseExit(Buffer.from(line)), history }))),
      undefined,
      trust,
    );
    expect(certificate.trigger?.rests).to.deep.include({ type: "suyuan.scenario.closed", party: OPERATOR });
    expect(certificate.deletions).to.equal(undefined);
  });
});
