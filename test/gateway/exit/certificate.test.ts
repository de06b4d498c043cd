import { expect } from "chai";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { piece } from "../../../gateway/evidence/examine";
import {
  type ExitCertificate,
  type ExitStatement,
  type ExitStep,
  MAX_SCANS,
  parseExit,
  signExit,
} from "../../../gateway/evidence/exit-certificate";
import { parseStatement, verifyStatement } from "../../../gateway/evidence/exit-statement";
import { parseTrust, type TrustFile } from "../../../gateway/evidence/trust";
import { type ExitVerdict, verifyExit } from "../../../gateway/evidence/verify-exit";
import { openKeys } from "../../../gateway/keys";
import { AGENCY } from "../../chaincode/events/oversight";
import { AUTHORITY, AUTHORIZATION, DEVELOPER, example, METEOROLOGY, OPERATOR, STRANGER, TRANSPORT } from "../../chaincode/events/world";
import { type ExitFile, exitText } from "../evidence/exits";
import { codeOf } from "../evidence/ledger";
import { documents, inDirectory, suyuan } from "../../scripts/suyuan";
import { asking } from "../http/telling";
import { EXIT, Exiting } from "./leaving";
import { modulesOf, readQr } from "./qr-reader";

const CERTIFICATE = `/v1/exits/${EXIT}/certificate`;

const PERSONAL = "张三 手机 13812345678";

async function* pieces(text: string): AsyncGenerator<Uint8Array, void> {
  for (let i = 0; i < text.length; i += 1000) yield await Promise.resolve(Buffer.from(text.slice(i, i + 1000)));
}

interface State {
  readonly steps: readonly {
    readonly step: string;
    readonly state: string;
    readonly missing?: readonly string[];
    readonly by: readonly string[];
  }[];
  readonly outstanding: number;
}

describe("the exit of an operator", function () {
  this.timeout(120_000);
  let exiting: Exiting;
  let trust: TrustFile;

  const steps = async (state: string): Promise<readonly string[]> =>
    (await exiting.telling.json<State>(`/v1/exits/${EXIT}`)).steps.flatMap((step) => (step.state === state ? [step.step] : []));
  const text = async (path: string, accept: string): Promise<string> => {
    const { telling } = exiting;
    const headers = { accept, authorization: `Bearer ${await telling.token(asking(AUTHORITY))}` };
    const response = await fetch(telling.url + path, { headers });
    expect(response.status, path).to.equal(200);
    return response.text();
  };
  const file = async (path = CERTIFICATE): Promise<ExitFile> => {
    const [first = "", ...history] = (await text(path, "application/x-ndjson")).trimEnd().split("\n");
    return { jws: parseExit(Buffer.from(first)), history };
  };
  const items = (): Promise<string> => text(`${CERTIFICATE}/items`, "application/x-ndjson");
  const verify = (it: ExitFile, lines?: string): Promise<ExitVerdict> =>
    verifyExit(piece(Buffer.from(exitText(it))), lines === undefined ? undefined : pieces(lines), trust);
  const statement = async () =>
    verifyStatement(parseStatement(Buffer.from(await text(`/v1/exits/${EXIT}/statement`, "application/json"))), trust);

  before(async () => {
    exiting = await Exiting.start();
    trust = parseTrust(await readFile(join(exiting.telling.data, "trust.json")));
    const { holding } = example("data.pulled", OPERATOR).data as { readonly holding: object };
    await exiting.telling.tell(example("data.pulled", OPERATOR, { holding: { ...holding, digest: "9".repeat(64), place: PERSONAL } }));
    await exiting.open();
  });
  after(() => exiting.stop());

  it("tells what is done, what can be done next by whom, and what is missing for the rest", async () => {
    expect(await steps("done")).to.deep.equal(["opened", "permissions-closed", "inventory-frozen"]);
    expect(await steps("next")).to.deep.equal(["announced", "reconciled", "handed-over", "accounted-for"]);
    const { steps: all, outstanding } = await exiting.telling.json<State>(`/v1/exits/${EXIT}`);
    expect(all.find(({ step }) => step === "verified")).to.deep.include({
      missing: ["reconciled", "residue-scanned", "holdings-outstanding"],
      by: ["source", "assessor"],
    });
    expect(outstanding)
      .to.equal((await exiting.inventory()).count)
      .and.above(0);
    expect((await statement()).outstanding).to.equal(outstanding);
  });

  it("is not certified before it is verified", async () => {
    const { status, body } = await exiting.telling.get(CERTIFICATE);
    expect([status, (body as { code: string }).code]).to.deep.equal([409, "exit-not-verified"]);
  });

  it("is certified once it is verified, and anyone can check that offline", async () => {
    const personal = (await exiting.outstanding()).find(({ declared }) => declared.digest === "9".repeat(64))!;
    const media = { make: PERSONAL, serial: "1" };
    const destroyed = { holding: personal.holding, digest: "9".repeat(64), method: "destroy", media };
    await exiting.telling.tell(example("holding.deleted", OPERATOR, destroyed));
    await exiting.clear();
    await exiting.telling.tell(example("exit.residue-scanned", AGENCY, { tool: PERSONAL }));
    await exiting.telling.tell(example("exit.residue-scanned", DEVELOPER, { residues: 3 }));
    expect(await statement()).to.include({ outstanding: 0, authorization: AUTHORIZATION });
    await exiting.verify();
    const [certificate, lines] = [await file(), await items()];
    const verdict = await verify(certificate, lines);
    const { counts, inventory, timeline, origins, residual, scans } = verdict.certificate;
    expect(verdict.proven).to.include.members([
      "inventory-on-ledger",
      "nothing-outstanding",
      "items-of-inventory",
      "every-record-of-subject",
    ]);
    expect(verdict.notProven).to.include.members(["data-erased", "countersigned", "no-unrecorded-copy"]);
    expect(counts.deleted + counts.retained).to.equal(inventory.count);
    expect(counts.outstanding).to.equal(0);
    expect(timeline.map(({ step }) => step)).to.include.members([
      "opened",
      "permissions-closed",
      "inventory-frozen",
      "residue-scanned",
      "verified",
    ]);
    expect(origins.map(({ source }) => source)).to.include(TRANSPORT);
    expect(residual).to.include.members(["unrecorded-copies", "word-of-executor"]);
    expect(lines.trimEnd().split("\n")).to.have.length(inventory.count);
    // What was withheld for personal information is empty.
    expect(scans.map(({ tool }) => tool === "")).to.deep.equal([true, false]);
    expect(lines).to.include('"place":""').and.include('"media":" 1"').and.not.include("withheld");
    // Of what strangers to the exit scanned it says that there is such: anybody could fill it with that.
    expect(scans.map(({ party }) => party)).to.deep.equal([AGENCY, AGENCY]);
    expect(verdict.certificate.strangersScans).to.equal(1);
    expect(residual).to.include("scans-objected");
    expect((await verify(certificate)).notProven).to.include("items-whole");
  });

  it("is the same certificate whenever it is made, and the authority's act is the countersignature", async () => {
    const before = await verify(await file());
    const certify = () => exiting.telling.tell(example("exit.certified", AUTHORITY, { certificate: { digest: before.digest } }));
    const { journal, index } = await certify();
    const taken = { event: `${journal}/${index}`, subjectKind: "exit", subject: EXIT };
    await exiting.telling.tell(example("correction.annulled", AUTHORITY, taken));
    expect((await verify(await file())).notProven).to.include("countersigned");
    await certify();
    const after = await verify(await file());
    expect(after.digest).to.equal(before.digest);
    expect(after.countersigned).to.match(/^SuyuanMSP\/acts\/\d+$/);
    expect(after.notProven).not.to.include("countersigned");
  });

  it("is a page to read and print, which runs nothing and loads nothing", async () => {
    const { telling } = exiting;
    const headers = { accept: "text/html", authorization: `Bearer ${await telling.token(asking(AUTHORITY))}` };
    const response = await fetch(telling.url + CERTIFICATE, { headers });
    const page = await response.text();
    expect(response.headers.get("content-type")).to.equal("text/html; charset=utf-8");
    expect(response.headers.get("content-security-policy")).to.match(/^default-src 'none'; style-src 'sha256-[^ ]+';/);
    const { certificate, digest, countersigned } = await verify(await file());
    expect(readQr(modulesOf(page)), "to whom was asked, where no public address is set").to.equal(`${telling.url}/verify#${digest}`);
    for (const said of [
      certificate.number,
      certificate.inventory.root,
      digest,
      countersigned!,
      "退出数据清除核验证明",
      "Certificate of exit",
      "<svg",
    ])
      expect(page).to.include(said);
    expect(page).not.to.match(/<script|<link|<img|style="/);
  });

  it("is planned, certified and checked on the command line", async () => {
    const { telling } = exiting;
    const trusted = join(telling.data, "trust.json");
    const run = async (...args: readonly string[]) =>
      suyuan([...args, "--json"], {
        env: { SUYUAN_URL: telling.url, SUYUAN_TOKEN: await telling.token(asking(AUTHORITY)), SUYUAN_TRUST: trusted },
      });
    await inDirectory(async (directory) => {
      const out = join(directory, "certificate.ndjson");
      const plan = await run("exit", "plan", EXIT);
      expect(documents(plan)[0]).to.deep.include({ exit: EXIT, outstanding: 0 });
      const certified = await run("exit", "certify", EXIT, "--out", out);
      expect(certified.code, certified.stderr).to.equal(0);
      const verified = await run("verify", out);
      expect(verified.code, verified.stdout).to.equal(0);
      expect((documents(verified)[0] as ExitVerdict).proven).to.include("items-of-inventory");
      const beside = join(directory, "certificate.items.ndjson");
      await writeFile(beside, (await readFile(beside, "utf8")).replace('"state":"deleted"', '"state":"struck"'));
      const altered = await run("verify", out);
      expect([altered.code, (documents(altered)[0] as { failed: { code: string } }).failed.code]).to.deep.equal([4, "exit-items-differ"]);
      const stated = await run("exit", "certify", EXIT, "--statement", "--out", join(directory, "statement.json"));
      expect(stated.code, stated.stderr).to.equal(0);
      expect((await run("verify", join(directory, "statement.json"))).code).to.equal(0);
    });
    const words = await suyuan(["exit", "plan", EXIT], {
      env: { SUYUAN_URL: telling.url, SUYUAN_TOKEN: await telling.token(asking(AUTHORITY)), SUYUAN_LANG: "zh" },
    });
    expect(words.stdout).to.include("未清 0 件").and.include("核验");
  });

  it("is shown to one source alone, its own part with proof and nothing else", async () => {
    const of = (source: string) => `/items?source=${source}`;
    const certificate = await file(`${CERTIFICATE}?source=${TRANSPORT}`);
    const part = await text(`${CERTIFICATE}${of(TRANSPORT)}`, "application/x-ndjson");
    const verdict = await verify(certificate, part);
    expect(verdict.items).to.equal(verdict.certificate.origins.find(({ source }) => source === TRANSPORT)?.expected);
    expect(verdict.proven).to.include("items-of-source").and.not.include("items-of-inventory");
    expect(verdict.notProven).to.include("items-whole");
    const status = async (path: string, source: string) => (await exiting.certificate(EXIT, path, asking(source, "source"))).status;
    for (const path of [`?source=${TRANSPORT}`, of(TRANSPORT)]) expect(await status(path, TRANSPORT), path).to.equal(200);
    for (const path of ["", "/items", `?source=${METEOROLOGY}`, of(METEOROLOGY)]) expect(await status(path, TRANSPORT), path).to.equal(404);
    for (const path of [`?source=${STRANGER}`, of(STRANGER)]) expect(await status(path, STRANGER), path).to.equal(404);
    const lines = part.trimEnd().split("\n");
    const own = lines.filter((line) => !/^\{"(cut|format)"/.test(line));
    for (const forged of [
      part.replace('"state":"deleted"', '"state":"retained"'),
      part.replace(TRANSPORT, METEOROLOGY),
      // One of its own, cut out like another's.
      `${lines.filter((line) => line !== own.at(-1)).join("\n")}\n`,
    ])
      expect(await codeOf(() => verify(certificate, forged))).to.equal("exit-items-differ");
  });

  it("says how it was verified, by whose word, and by whose clock each step has its time", async () => {
    const { certificate, notProven } = await verify(await file());
    expect(certificate.verification).to.deep.include({ party: METEOROLOGY, extent: "sample", holdings: 2 });
    expect(certificate.residual).to.include("verified-by-sample");
    const verified = certificate.timeline.find(({ step }) => step === "verified")!;
    expect(verified.officer?.post).to.equal("清除核验负责人");
    expect(Date.parse(verified.taken!)).to.be.within(Date.parse(verified.happened!), Date.parse(verified.at));
    expect(notProven).to.include("step-times");
  });

  it("is not believed where a gateway signs anything else than the events say", async () => {
    const it_ = await file();
    const { network } = trust.journals[0]!;
    const keys = await openKeys(join(exiting.telling.data, "keys"), { facts: `${network}/facts`, acts: `${network}/acts` });
    const payload = JSON.parse(Buffer.from(it_.jws.split(".")[1]!, "base64url").toString("utf8")) as ExitStatement;
    const { certificate } = payload;
    const { verification, timeline, scans, inventory } = certificate;
    const signed = async (change: Partial<ExitCertificate>): Promise<string | undefined> => {
      const jws = await signExit({ ...payload, certificate: { ...certificate, ...change } }, keys.acts);
      return codeOf(() => verify({ ...it_, jws }));
    };
    const last = timeline.at(-1)!;
    const step = (change: Partial<ExitStep>) => signed({ timeline: [...timeline.slice(0, -1), { ...last, ...change }] });
    expect(await signed({ number: certificate.number }), "as it is").to.equal(undefined);
    for (const change of [
      { extent: "full" },
      { holdings: 3 },
      { party: TRANSPORT },
      { report: "0".repeat(64) },
      { notExecutor: "0".repeat(64) },
    ] as const)
      expect(await signed({ verification: { ...verification, ...change } }), JSON.stringify(change)).to.equal("exit-acts-differ");
    for (const change of [
      { party: TRANSPORT },
      { happened: "2026-01-01T00:00:00Z" },
      { taken: "2026-01-01T00:00:00Z" },
      { officer: { post: "他人", person: "0".repeat(64) } },
      { act: timeline[0]!.act },
    ])
      expect(await step(change), JSON.stringify(change)).to.equal("exit-acts-differ");
    expect(await signed({ timeline: timeline.slice(1) }), "a step left out").to.equal("exit-acts-differ");
    expect(await signed({ scans: [{ ...scans[0]!, residues: 1 }, ...scans.slice(1)] }), "another scan").to.equal("exit-acts-differ");
    expect(await signed({ scans: scans.slice(1) }), "the scan that counts left out").to.equal("exit-acts-differ");
    expect(await signed({ scans: [] }), "all left out").to.equal("exit-acts-differ");
    for (const change of [{ leaving: "product" }, { agency: TRANSPORT }, { number: EXIT }, { residual: ["unrecorded-copies"] }] as const)
      expect(await signed(change), JSON.stringify(change)).to.equal("exit-acts-differ");
    expect(await signed({ inventory: { ...inventory, count: 1 } })).to.equal("exit-inventory-differs");
  });

  it("fails where an item is left out, added, moved or altered", async () => {
    const [certificate, lines] = [await file(), (await items()).trimEnd().split("\n")];
    const [first = "", second = "", ...rest] = lines;
    const attempts = [
      lines.slice(1),
      [...lines, first],
      [second, first, ...rest],
      [first.replace(/"digest":"./, (found) => `${found.slice(0, -1)}${found.endsWith("0") ? "1" : "0"}`), second, ...rest],
      [first.replace(/"place":"/, '"place":"x'), second, ...rest],
      [` ${first}`, second, ...rest],
    ];
    for (const attempt of attempts)
      expect(await codeOf(() => verify(certificate, `${attempt.join("\n")}\n`)), attempt[0]).to.equal("exit-items-differ");
  });

  it("fails for another history, another key, another signature, and once the inventory is frozen anew", async () => {
    const certificate = await file();
    expect(await codeOf(() => verify({ ...certificate, history: certificate.history.slice(0, -1) }))).to.equal("events-missing");
    const other = Buffer.from(await text(`/v1/subjects/authorization/${AUTHORIZATION}/events`, "application/x-ndjson")).toString("utf8");
    expect(await codeOf(() => verify({ ...certificate, history: other.trimEnd().split("\n") }))).to.equal("exit-history-differs");
    const [header = "", payload = "", signature = ""] = certificate.jws.split(".");
    const said = Buffer.from(payload, "base64url").toString("utf8").replace('"outstanding":0', '"outstanding":1');
    const changed = [header, Buffer.from(said).toString("base64url"), signature].join(".");
    expect(await codeOf(() => verify({ ...certificate, jws: changed }))).to.equal("exit-signature-wrong");
    const nobody = { ...trust, journals: [] };
    expect(await codeOf(() => verifyExit(piece(Buffer.from(exitText(certificate))), undefined, nobody))).to.equal("exit-key-unknown");

    const { items } = await exiting.inventory();
    const kept = items.filter(({ state }) => state === "retained").length;
    const { count, root } = await exiting.inventory();
    expect(count).to.equal(kept);
    await exiting.telling.tell(example("exit.inventory-frozen", AGENCY, { count, root }));
    expect((await exiting.telling.get(CERTIFICATE)).status).to.equal(409);
    const history = (await text(`/v1/subjects/exit/${EXIT}/events`, "application/x-ndjson")).trimEnd().split("\n");
    expect(await codeOf(() => verify({ ...certificate, history }))).to.equal("exit-superseded");
  });

  it("names the newest of too many scans and the one that counts, and says that there may be more", async () => {
    await exiting.telling.tellAll(Array.from({ length: MAX_SCANS }, (_, i) => example("exit.residue-scanned", AGENCY, { scanned: i })));
    await exiting.verify();
    const { certificate } = await verify(await file());
    expect(certificate.scans).to.have.length(MAX_SCANS);
    expect(certificate.scans[0]!.scanned).to.equal(1);
    expect(certificate.residual).to.include("older-scans");
  });

  it("is certified however much strangers and who leaves report", async () => {
    const { count, root } = await exiting.inventory();
    await exiting.telling.tell(example("exit.inventory-frozen", AGENCY, { count, root }));
    await exiting.telling.tell(example("exit.reconciled", AUTHORITY));
    await exiting.telling.tell(example("exit.residue-scanned", AGENCY));
    const [long, before] = ["长".repeat(500), new Date(Date.now() - 3_600_000).toISOString()];
    await exiting.telling.tellAll([
      ...Array.from({ length: 2 * MAX_SCANS }, (_, i) => example("exit.residue-scanned", DEVELOPER, { tool: long, residues: i })),
      // From before the freeze: none of them counts, and they are newer than the one that does.
      ...Array.from({ length: 2 * MAX_SCANS }, () => ({ ...example("exit.residue-scanned", OPERATOR, { tool: long }), time: before })),
    ]);
    await exiting.telling.tell(example("exit.verified", METEOROLOGY));
    const { certificate } = await verify(await file(), await items());
    expect(certificate.scans).to.have.length(MAX_SCANS);
    expect(certificate.strangersScans).to.be.at.least(2 * MAX_SCANS);
  });
});
