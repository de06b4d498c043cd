/** What one scenario leaves, of an authorization that goes on: what others still hold of the same is neither residue nor erased. */
import { expect } from "chai";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Outcome } from "../../../gateway/exit/erase/outcome";
import type { ScanReport } from "../../../gateway/exit/scan/report";
import type { ExitState } from "../../../gateway/exit/state";
import { AGENCY } from "../../chaincode/events/oversight";
import { AUTHORIZATION, example, OPERATOR } from "../../chaincode/events/world";
import { Exiting } from "../../gateway/exit/leaving";
import { asking } from "../../gateway/http/telling";
import { documents, type Ran, suyuan } from "../suyuan";

const EXIT = "yz-exit-one";
const ENDED = { scenario: "yz-scenario-one" };
const sha256 = (content: string): string => createHash("sha256").update(content).digest("hex");

describe("a scenario that ends while others go on", function () {
  this.timeout(120_000);
  let exiting: Exiting;
  let folder: string;
  let data: string;
  let environment: Record<string, string>;
  const names = new Map<string, string>();

  const declare = async (place: string, content: string, more: object = {}): Promise<void> => {
    const holding = { digest: sha256(content), bytes: content.length, rows: 1, form: "raw", place, platform: "on" };
    const { journal, index } = await exiting.telling.tell(example("data.pulled", OPERATOR, { ...more, holding }));
    names.set(place, `${journal}/${index}/0`);
  };
  const write = (name: string, content: string): void => {
    mkdirSync(join(data, name, ".."), { recursive: true });
    writeFileSync(join(data, name), content);
  };

  before(async () => {
    exiting = await Exiting.start();
    const { telling } = exiting;
    folder = mkdtempSync(join(tmpdir(), "suyuan-parts-"));
    data = join(folder, "data");
    environment = { SUYUAN_URL: telling.url, SUYUAN_TOKEN: await telling.token(asking(OPERATOR)), SUYUAN_LANG: "en" };
    await telling.tell(example("scenario.submitted", OPERATOR, ENDED));
    // Under what ends; and of the same content, or in the same folder, under what goes on.
    for (const name of ["own", "shared", "twin"]) await declare(`one/${name}`, `content of ${name}`, ENDED);
    await declare("one/folder", `${sha256("mine")}  ./mine\n${sha256("theirs")}  ./theirs\n`, ENDED);
    for (const name of ["shared", "twin"]) await declare(`two/${name}`, `content of ${name}`);
    await declare("two/theirs", "theirs");
    await declare("two/only", "of the other alone");
    for (const name of ["own", "shared", "twin"]) write(`one/${name}`, `content of ${name}`);
    for (const name of ["mine", "theirs"]) write(`one/folder/${name}`, name);
    write("two/twin", "content of twin");
    write("two/only", "of the other alone");
    const exit = { exit: EXIT };
    await telling.tell(example("scenario.closed", OPERATOR, ENDED));
    await telling.tell(example("exit.opened", AGENCY, { ...exit, ...ENDED, leaving: "scenario" }));
    await telling.tell(example("exit.permissions-closed", AGENCY, exit));
    const { count, root } = await exiting.inventory(EXIT);
    expect(count).to.equal(4);
    await telling.tell(example("exit.inventory-frozen", AGENCY, { ...exit, count, root }));
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await exiting.stop();
  });

  const run = (...args: string[]): Promise<Ran> => suyuan(["exit", ...args], { env: environment });
  const scan = (...more: string[]): Promise<Ran> =>
    run("scan", data, "--authorization", AUTHORIZATION, "--exit", EXIT, "--state", join(folder, "scan"), ...more);
  const named = (of: ScanReport["found"]): string[] =>
    of.map(({ object, holding }) => `${object.slice(data.length + 1)} ${[...names].find(([, it]) => it === holding)?.[0] ?? ""}`);
  const state = (): Promise<ExitState> => exiting.telling.json<ExitState>(`/v1/exits/${EXIT}`);

  async function erase(places: string): Promise<Readonly<Record<string, string>>> {
    const file = join(folder, "places.yaml");
    writeFileSync(file, `executor: x\nroots: [${data}]\nplaces:\n${places}`);
    const ran = await run("erase", EXIT, "--places", file, "--state", join(folder, "erase"), "--json");
    expect(ran.stderr).to.equal("");
    const outcomes = documents(ran).slice(0, -1) as Outcome[];
    return Object.fromEntries(outcomes.map(({ place, result, code }) => [place, code === undefined ? result : `${result} ${code}`]));
  }
  const own = (): string => `  - {place: one/, file: ${data}/one/}\n  - {place: one/folder, directory: ${data}/one/folder}\n`;
  const others = (): string =>
    `  - {place: two/, file: ${data}/two/}\n  - {holding: ${names.get("two/theirs") ?? ""}, file: ${data}/one/folder/theirs}\n`;

  it("is found by its exit alone, and what goes on is told apart", async () => {
    const { ends } = await state();
    expect(ends).to.deep.equal({ scenario: ENDED.scenario });
    const report = documents(await scan("--json")).at(-1) as ScanReport;
    // Two copies of the twin, of which one may be there; of what is shared one, which may.
    expect([report.holdings, report.residues]).to.deep.equal([4, 2]);
    expect(named(report.found)).to.deep.equal(["one/own one/own", "two/twin one/twin"]);
    expect(named(report.goesOn)).to.deep.equal([
      "one/folder/theirs two/theirs",
      "one/shared two/shared",
      "one/twin two/twin",
      "two/only two/only",
    ]);
    const shown = await scan();
    expect(shown.stdout).to.include("held by what goes on").and.include("(declared at two/shared)").and.include("1 of the same content");
  });

  it("erases nothing of which it is not known that what goes on has it elsewhere", async () => {
    expect(await erase(own())).to.deep.equal({
      "one/own": "erased",
      "one/shared": "refused goes-on",
      "one/twin": "refused goes-on",
      "one/folder": "refused goes-on",
    });
    expect([existsSync(join(data, "one/own")), existsSync(join(data, "one/shared"))]).to.deep.equal([false, true]);
  });

  it("erases what is its own once the places of the others are known; not the file and the folder that they share", async () => {
    const shared = `  - {holding: ${names.get("two/shared") ?? ""}, file: ${data}/one/shared}\n`;
    expect(await erase(own() + others() + shared)).to.deep.equal({
      "one/own": "settled",
      "one/shared": "refused goes-on",
      "one/twin": "erased",
      "one/folder": "refused goes-on",
    });
    expect([existsSync(join(data, "one/twin")), readFileSync(join(data, "two/twin"), "utf8")]).to.deep.equal([false, "content of twin"]);
    // Each gets a copy of its own.
    write("two/shared", "content of shared");
    write("two/theirs", "theirs");
    const apart = `  - {place: two/, file: ${data}/two/}\n`;
    expect(await erase(own() + apart)).to.deep.equal({
      "one/own": "settled",
      "one/shared": "erased",
      "one/twin": "settled",
      "one/folder": "erased",
    });
    expect([existsSync(join(data, "one/folder")), existsSync(join(data, "two/shared"))]).to.deep.equal([false, true]);
  });

  it("is not told to the ledger where nothing was read, which would count for nothing", async () => {
    const nothing = join(folder, "nothing");
    mkdirSync(nothing);
    const args = ["scan", nothing, "--authorization", AUTHORIZATION, "--exit", EXIT, "--state", join(folder, "other")];
    const told = async (): Promise<number> => {
      const { events } = await exiting.telling.json<{ events: { event: { type: string } }[] }>(
        `/v1/subjects/exit/${EXIT}/events?limit=100`,
      );
      return events.filter(({ event }) => event.type === "suyuan.exit.residue-scanned").length;
    };
    const before = await told();
    for (const name of ["", "empty"]) {
      if (name !== "") writeFileSync(join(nothing, name), "");
      const ran = await run(...args);
      expect([ran.code, ran.stdout.includes("the ledger is not told")], ran.stdout).to.deep.equal([1, true]);
    }
    await sleep(500);
    expect([before, await told()]).to.deep.equal([2, 2]);
  });

  it("is scanned for once more where something was accounted for since, and so it is told", async () => {
    const ran = await scan();
    expect([ran.code, ran.stdout.includes("does not count it")], ran.stdout).to.deep.equal([1, false]);
    const step = async () => (await state()).steps.find((one) => one.step === "residue-scanned");
    expect(await step()).to.include({ state: "done" });
    await declare("one/late", "declared late", ENDED);
    await exiting.telling.tell(example("holding.deleted", OPERATOR, { holding: names.get("one/late"), digest: sha256("declared late") }));
    expect(await step())
      .to.include({ state: "next" })
      .and.to.have.property("outdated");
    const plan = await run("plan", EXIT);
    expect(plan.stdout).to.match(/>.*to be done again: at \d{4}-/);
    expect([(await scan()).stdout.includes("does not count it"), (await step())?.state]).to.deep.equal([false, "done"]);

    // What is accounted for while it looks.
    await declare("one/later", "declared later", ENDED);
    for (let i = 0; i < 100; i++) write(`two/large/${i}`, randomBytes(1_500_000).toString("latin1"));
    const [large, journal] = [scan(), join(folder, "scan", "journal.ndjson")];
    const size = statSync(journal).size;
    while (statSync(journal).size <= size) await sleep(1);
    await exiting.telling.tell(example("holding.deleted", OPERATOR, { holding: names.get("one/later"), digest: sha256("declared later") }));
    const late = await large;
    expect(late.stdout).to.match(/does not count it: at \d{4}-.* something was accounted for, and this scan began at \d{4}-/);
    expect(await step()).to.include({ state: "next" });
  });

  it("is not clean by its own word where others found something, and so it is told", async () => {
    await exiting.telling.tell(example("exit.residue-scanned", AGENCY, { exit: EXIT, residues: 1 }));
    expect((await scan()).stdout).to.include(`does not count it yet. See with suyuan exit plan ${EXIT}`);
  });
});
