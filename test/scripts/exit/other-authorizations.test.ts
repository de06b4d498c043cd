/** What an operator has besides what ends, of which the exit knows nothing: the same data under another authorization, and what was transferred. */
import { expect } from "chai";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Outcome } from "../../../gateway/exit/erase/outcome";
import type { ScanReport } from "../../../gateway/exit/scan/report";
import { AGENCY } from "../../chaincode/events/oversight";
import {
  AUTHORITY,
  AUTHORIZATION,
  DEVELOPER,
  example,
  OPERATOR,
  type Report,
  SCENARIO,
  story,
  STRANGER,
} from "../../chaincode/events/world";
import { creditCode } from "../../../scripts/bench/mix";
import { ending, EXIT, Exiting } from "../../gateway/exit/leaving";
import { type Asking, asking } from "../../gateway/http/telling";
import { documents, type Ran, suyuan } from "../suyuan";

/** Another operator, of which the one that leaves will be a part. */
const JOINED = creditCode(9);
const sha256 = (content: string): string => createHash("sha256").update(content).digest("hex");
const rows = (name: string): string => Array.from({ length: 500 }, (_, i) => `${name},${i}\n`).join("");

/** The same report, for another authorization and scenario. */
const of = (report: Report, number: string, operator = OPERATOR): Report =>
  JSON.parse(
    JSON.stringify(report)
      .replaceAll(AUTHORIZATION, `yz-auth-${number}`)
      .replaceAll(SCENARIO, `yz-scenario-${number}`)
      .replaceAll(OPERATOR, operator),
  ) as Report;

describe("an exit of an operator that has another authorization, and has handed data to a successor", function () {
  this.timeout(120_000);
  let exiting: Exiting;
  let folder: string;
  let data: string;

  const pulled = (place: string, content: string): Report => {
    const holding = { digest: sha256(content), bytes: content.length, rows: 500, form: "raw", place, platform: "on" };
    return example("data.pulled", OPERATOR, { holding });
  };
  const tell = async (report: Report, by?: Asking): Promise<string> => {
    const { journal, index } = await exiting.telling.tell(report, by);
    return `${journal}/${index}/0`;
  };
  const run = async (by: Asking, ...args: string[]): Promise<Ran> =>
    suyuan(["exit", ...args], {
      env: { SUYUAN_URL: exiting.telling.url, SUYUAN_TOKEN: await exiting.telling.token(by), SUYUAN_LANG: "en" },
    });

  before(async () => {
    exiting = await Exiting.start();
    folder = mkdtempSync(join(tmpdir(), "suyuan-others-"));
    data = join(folder, "data");
    mkdirSync(join(data, "raw"), { recursive: true });
    await tell(example("party.registered", AUTHORITY, { code: JOINED, name: "合并后主体", roles: ["primary-operator", "platform"] }));
    for (const report of story.filter(({ type }) => /^(?:authorization|scenario|developer)\./.test(type))) {
      await tell(of(report, "2"));
      if (report.type.startsWith("developer.")) continue;
      for (const [number, operator] of [
        ["3", STRANGER],
        ["4", JOINED],
      ] as const) {
        const its = of(report, number, operator);
        await tell(its, its.party === operator ? asking(operator, "primary-operator") : undefined);
      }
    }
    for (const name of ["own", "shared", "theirs"]) writeFileSync(join(data, "raw", name), rows(name));
    for (const name of ["raw/own", "raw/shared", "joined"]) await tell(pulled(name, rows(name.replace("raw/", ""))));
    await tell(of(pulled("joined", rows("joined")), "4", JOINED), asking(JOINED, "primary-operator"));
    await tell(of(pulled("raw/shared", rows("shared")), "2"));
    const holding = await tell(pulled("raw/theirs", rows("theirs")));
    await exiting.open();
    const transfer = { holding, digest: sha256(rows("theirs")), to: STRANGER, scenario: "yz-scenario-3" };
    await tell(example("holding.transferred", AUTHORITY, transfer));
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await exiting.stop();
  });

  const places = (): string => {
    const file = join(folder, "places.yaml");
    writeFileSync(file, `executor: x\nroots: [${data}]\nparties: [${OPERATOR}]\nplaces: [{place: raw/, file: ${data}/raw/}]\n`);
    return file;
  };
  const erase = (by: Asking, ...more: string[]): Promise<Ran> =>
    run(by, "erase", EXIT, "--places", places(), "--state", join(folder, "erase"), ...more);
  const results = (ran: Ran): Readonly<Record<string, string>> =>
    Object.fromEntries(
      (documents(ran).slice(0, -1) as Outcome[])
        .filter(({ place }) => place.startsWith("raw/"))
        .map(({ place, result, code }) => [place, code === undefined ? result : `${result} ${code}`]),
    );
  const scan = (by: Asking, ...more: string[]): Promise<Ran> =>
    run(by, "scan", data, "--authorization", AUTHORIZATION, "--exit", EXIT, "--state", join(folder, "scan"), ...more);

  it("erases what it alone has, and neither what the other authorization holds nor what is the successor's", async () => {
    for (const by of [OPERATOR, AGENCY].map((party) => asking(party)))
      expect(results(await erase(by, "--dry-run", "--json")), by.party).to.deep.equal({
        "raw/own": "would-erase",
        "raw/shared": "refused goes-on",
        "raw/theirs": "settled",
      });
    expect(results(await erase(asking(OPERATOR), "--json"))).to.deep.equal({
      "raw/own": "erased",
      "raw/shared": "refused goes-on",
      "raw/theirs": "settled",
    });
    expect(["own", "shared", "theirs"].filter((name) => existsSync(join(data, "raw", name)))).to.deep.equal(["shared", "theirs"]);
  });

  it("finds them where they lie, and takes neither for residue", async () => {
    await exiting.clear();
    for (const by of [OPERATOR, AGENCY].map((party) => asking(party))) {
      const report = documents(await scan(by, "--json")).at(-1) as ScanReport;
      const names = (found: ScanReport["found"]): string[] => found.map(({ object }) => object.slice(data.length + 1));
      expect([report.residues, names(report.found)], by.party).to.deep.equal([0, []]);
      expect([names(report.transferred), names(report.goesOn)]).to.deep.equal([["raw/theirs"], ["raw/shared"]]);
    }
    const shown = await scan(asking(OPERATOR));
    expect(shown.stdout)
      .to.include("transferred to a successor")
      .and.include("held by what goes on")
      .and.include("(declared at raw/shared)");
    writeFileSync(join(data, "raw", "copy"), rows("shared"));
    const report = documents(await scan(asking(OPERATOR), "--json")).at(-1) as ScanReport;
    expect(report.residues, "one more than the other authorization has").to.equal(1);
    rmSync(join(data, "raw", "copy"));
  });

  it("says what is not known, to a developer that leaves: what it and others have elsewhere", async () => {
    const exit = "yz-exit-developer";
    await tell(of(example("developer.revoked", OPERATOR, { developer: DEVELOPER }), "2"));
    await tell(of(example("exit.opened", AGENCY, { exit, leaving: "developer", developer: DEVELOPER, scenario: SCENARIO }), "2"));
    await tell(of(example("exit.permissions-closed", AGENCY, { exit }), "2"));
    const { count, root } = await exiting.inventory(exit);
    await tell(of(example("exit.inventory-frozen", AGENCY, { exit, count, root }), "2"));
    const dryRun = [exit, "--places", places(), "--state", join(folder, "developers"), "--dry-run"];
    expect((await run(asking(DEVELOPER), "erase", ...dryRun)).stderr).to.include("other authorizations is not known");
    expect(documents(await run(asking(DEVELOPER), "erase", ...dryRun, "--json")).at(-1)).to.include({ othersUnknown: true });
    expect((await run(asking(OPERATOR), "erase", ...dryRun)).stderr).not.to.include("not known");
  });

  it("knows them where the operator has left both, and where it has become part of another that holds them", async () => {
    for (const report of ending) await tell(of(report, "2"));
    for (const step of ["exit.opened", "exit.permissions-closed"] as const)
      await tell(of(example(step, AGENCY, { exit: "yz-exit-2" }), "2"));
    writeFileSync(join(data, "raw", "joined"), rows("joined"));
    const lying = async (by: Asking): Promise<readonly [residues: number, ...goesOn: string[]]> => {
      const { residues, goesOn } = documents(await scan(by, "--json")).at(-1) as ScanReport;
      return [residues, ...goesOn.map(({ object }) => object.slice(data.length + 1))];
    };
    expect(await lying(asking(OPERATOR))).to.deep.equal([1, "raw/shared"]);
    expect(await lying(asking(AGENCY))).to.deep.equal([1, "raw/shared"]);
    await tell(example("party.merged", AUTHORITY, { code: JOINED, former: [OPERATOR] }));
    expect(await lying(asking(AGENCY))).to.deep.equal([0, "raw/joined", "raw/shared"]);
  });
});
