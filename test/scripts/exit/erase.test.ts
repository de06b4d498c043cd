/** The real command, on real files and tables, against a real gateway with a frozen inventory. */
import { expect } from "chai";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Level } from "level";
import { Database } from "node-sqlite3-wasm";
import type { Outcome } from "../../../gateway/exit/erase/outcome";
import { AGENCY } from "../../chaincode/events/oversight";
import { AUTHORIZATION, example, OPERATOR } from "../../chaincode/events/world";
import { ending, Exiting, EXIT } from "../../gateway/exit/leaving";
import { asking } from "../../gateway/http/telling";
import { documents, errorCode, type Ran, suyuan } from "../suyuan";

interface Recorded {
  readonly event: {
    readonly type: string;
    readonly data: { readonly holding: string; readonly standard: string; readonly toolVersion: string };
  };
  readonly findings: readonly unknown[];
}

const sha256 = (content: string | Buffer): string => createHash("sha256").update(content).digest("hex");

describe("suyuan exit erase", function () {
  this.timeout(120_000);
  let exiting: Exiting;
  let folder: string;
  let data: string;
  let environment: Record<string, string>;
  const names = new Map<string, string>();

  const declare = async (place: string, digest: string, platform = "on"): Promise<void> => {
    const holding = { digest, bytes: 1, rows: 1, form: "raw", place, platform };
    const { journal, index } = await exiting.telling.tell(example("data.pulled", OPERATOR, { holding }));
    names.set(place, `${journal}/${index}/0`);
  };

  before(async () => {
    exiting = await Exiting.start();
    folder = mkdtempSync(join(tmpdir(), "suyuan-erase-"));
    data = join(folder, "data");
    mkdirSync(join(data, "raw", "deep"), { recursive: true });
    environment = { SUYUAN_URL: exiting.telling.url, SUYUAN_TOKEN: await exiting.telling.token(asking(OPERATOR)) };

    for (const name of ["a.csv", "deep/b.csv", "changed.csv", "gone.csv"]) await declare(`raw/${name}`, sha256(`content of ${name}`));
    for (const name of ["a.csv", "deep/b.csv"]) writeFileSync(join(data, "raw", name), `content of ${name}`);
    writeFileSync(join(data, "raw", "changed.csv"), "something else by now");
    const database = new Database(join(data, "work.db"));
    database.exec("create table people(name text, age integer); insert into people values ('the one we know', 41), ('x, y', null)");
    database.close();
    await declare("work/people", sha256('name,age\r\nthe one we know,41\r\n"x, y",\r\n'));
    const level = new Level(join(data, "cache"));
    await level.sublevel("flights").put("MU1", "cached for long");
    await level.sublevel("other").put("k", "stays here");
    await level.close();
    await declare("cache/flights", sha256("key,value\nMU1,cached for long\n"));
    await declare("vault", sha256("a key"));
    writeFileSync(join(data, "laptop"), "off the platform");
    await declare("laptop", sha256("off the platform"), "off");
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await exiting.stop();
  });

  const places = (text: string): string => {
    const file = join(folder, "places.yaml");
    writeFileSync(file, `executor: data security officer\nroots: [${data}]\n${text}`);
    return file;
  };
  const all = (more = ""): string =>
    places(`places:
  - place: raw/
    file: ${join(data, "raw")}/
  - place: work/people
    sqlite: ${join(data, "work.db")}
    table: people
  - place: cache/flights
    level: ${join(data, "cache")}
    table: flights
  - place: vault
    key: {name: key-2026-7, record: ${join(folder, "destroyed.txt")}}
${more}`);
  const run = (...args: string[]): Promise<Ran> =>
    suyuan(["exit", "erase", EXIT, "--state", join(folder, "state"), ...args], { env: environment });
  const outcomes = (ran: Ran): Readonly<Record<string, Outcome>> =>
    Object.fromEntries((documents(ran).slice(0, -1) as Outcome[]).map((outcome) => [outcome.place, outcome]));
  const results = (ran: Ran): Readonly<Record<string, string>> =>
    Object.fromEntries(
      Object.entries(outcomes(ran)).map(([place, { result, code, problem }]) => [place, [result, code ?? problem].join(" ").trim()]),
    );

  it("touches nothing before the inventory is frozen: what is gone before is in no inventory", async () => {
    for (const report of [...ending, example("exit.opened", AGENCY), example("exit.permissions-closed", AGENCY)])
      await exiting.telling.tell(report);
    const ran = await run("--places", all(), "--json");
    expect([ran.code, errorCode(ran)], ran.stderr).to.deep.equal([3, "exit-not-frozen"]);
    expect(existsSync(join(data, "raw/a.csv"))).to.equal(true);
    const { count, root } = await exiting.inventory();
    await exiting.telling.tell(example("exit.inventory-frozen", AGENCY, { count, root }));
  });

  it("says beforehand what it would do, and changes nothing", async () => {
    const before = readFileSync(join(data, "work.db"));
    const ran = await run("--places", all(), "--dry-run", "--json");
    expect(ran.code, ran.stdout + ran.stderr).to.equal(1);
    expect(results(ran)).to.include({
      "raw/a.csv": "would-erase",
      "raw/deep/b.csv": "would-erase",
      "raw/changed.csv": "differs",
      "raw/gone.csv": "missing",
      "work/people": "would-erase",
      "cache/flights": "would-erase",
      vault: "refused record-missing",
    });
    expect(outcomes(ran)["raw/changed.csv"]?.found).to.equal(sha256("something else by now"));
    expect([
      readFileSync(join(data, "work.db")).equals(before),
      existsSync(join(data, "raw/a.csv")),
      existsSync(join(folder, "state")),
    ]).to.deep.equal([true, true, false]);
  });

  it("says in both languages that it changed nothing, what would be left then, and that logs have to be kept", async () => {
    for (const [language, left, logs] of [
      ["en", /Nothing was erased. \d+ holdings would still be outstanding afterwards/, "have them retained (holding.retained)"],
      ["zh", /本次未删除任何数据。正式运行后仍将有 \d+ 件未清/, "日志应当保留：请办理 holding.retained"],
    ] as const) {
      const args = ["exit", "erase", EXIT, "--state", join(folder, "state"), "--places", all(), "--dry-run"];
      const { stdout } = await suyuan(args, { env: { ...environment, SUYUAN_LANG: language } });
      expect(stdout).to.match(left).and.include(logs);
    }
  });

  it("would erase just what has the digest that exit digest prints", async () => {
    const ran = await suyuan(["exit", "digest", "--places", all(), "--json"]);
    const told = documents(ran) as { readonly place: string; readonly digest?: string }[];
    expect(ran.code).to.equal(1);
    expect(Object.fromEntries(told.map(({ place, digest }) => [place, digest]))).to.include({
      "raw/a.csv": sha256("content of a.csv"),
      "raw/deep/b.csv": sha256("content of deep/b.csv"),
      "raw/changed.csv": sha256("something else by now"),
      "work/people": sha256('name,age\nthe one we know,41\n"x, y",\n'),
      "cache/flights": sha256("key,value\nMU1,cached for long\n"),
    });
  });

  it("erases what is as it was declared, lists the rest, and the ledger has each deletion", async () => {
    writeFileSync(join(folder, "destroyed.txt"), "2026-11-28 key-2026-7 destroyed, all copies");
    const ran = await run("--places", all(), "--json");
    expect(ran.code, ran.stderr).to.equal(1);
    expect(results(ran)).to.include({
      "raw/a.csv": "erased",
      "raw/deep/b.csv": "erased",
      "raw/changed.csv": "differs",
      "raw/gone.csv": "missing",
      "work/people": "erased",
      "cache/flights": "erased",
      vault: "erased",
    });
    expect(Object.values(results(ran))).to.include("uncovered");
    expect([existsSync(join(data, "raw/a.csv")), existsSync(join(data, "raw/changed.csv"))]).to.deep.equal([false, true]);
    expect(readFileSync(join(data, "work.db")).includes("the one we know")).to.equal(false);
    const page = await exiting.telling.json<{ holdings: { declared: { place: string } }[] }>(
      `/v1/holdings?authorization=${AUTHORIZATION}&state=deleted&limit=100`,
    );
    expect(page.holdings.map(({ declared }) => declared.place)).to.have.members([
      "raw/a.csv",
      "raw/deep/b.csv",
      "work/people",
      "cache/flights",
      "vault",
    ]);
  });

  it("erases what differs only where the places file says so of that very holding", async () => {
    const ran = await run(
      "--places",
      all(
        `  - holding: ${names.get("raw/changed.csv") ?? ""}\n    file: ${join(data, "raw/changed.csv")}\n    differs: rewritten each night\n`,
      ),
      "--json",
    );
    expect(results(ran)["raw/changed.csv"]).to.equal("erased");
    expect(existsSync(join(data, "raw/changed.csv"))).to.equal(false);
  });

  it("leaves logs, which are kept by law, unless one is named", async () => {
    const log = (await exiting.inventory()).items.find(({ form, state }) => form === "log" && state === "outstanding");
    const place = "授权运营平台对象存储 log/deidentify.log";
    const content = "not as declared";
    writeFileSync(join(data, "log"), content);
    const kept = await run("--places", all(`  - place: ${place}\n    file: ${join(data, "log")}\n`), "--json");
    expect(results(kept)[place]).to.equal("refused log");
    const named = await run("--places", all(`  - holding: ${log?.holding ?? ""}\n    file: ${join(data, "log")}\n`), "--dry-run", "--json");
    expect(results(named)[place]).to.equal("differs");
    expect(existsSync(join(data, "log"))).to.equal(true);
  });

  it("says which of its places no holding is at, and what is left, in both languages", async () => {
    const file = all(`  - place: nobody/was/here\n    file: ${join(data, "raw", "x")}\n`);
    for (const [language, unused, left] of [
      ["en", "no holding of the inventory is at nobody/was/here", "6 holdings are still outstanding."],
      ["zh", "清单中没有位于 nobody/was/here 的留存数据", "未清 6 件。"],
    ] as const) {
      const args = ["exit", "erase", EXIT, "--state", join(folder, "state"), "--places", file];
      const shown = await suyuan(args, { env: { ...environment, SUYUAN_LANG: language } });
      expect([shown.stderr.trim(), shown.stdout.trim().split("\n").at(-1)]).to.deep.equal([unused, left]);
    }
  });

  it("leaves what another party has declared, unless the places file names that party", async () => {
    const [place, token] = [`places: [{place: laptop, file: ${join(data, "laptop")}}]`, await exiting.telling.token(asking(AGENCY))];
    const ran = await suyuan(["exit", "erase", EXIT, "--places", places(place), "--dry-run", "--json"], {
      env: { ...environment, SUYUAN_TOKEN: token },
    });
    expect(results(ran)["laptop"]).to.equal("refused foreign");
    const named = await suyuan(["exit", "erase", EXIT, "--places", places(`parties: [${OPERATOR}]\n${place}`), "--dry-run", "--json"], {
      env: { ...environment, SUYUAN_TOKEN: token },
    });
    expect(results(named)["laptop"]).to.equal("would-erase");
  });

  it("reports again, by who may, what the ledger did not count", async () => {
    const file = places(`parties: [${OPERATOR}]\nplaces: [{place: laptop, file: ${join(data, "laptop")}}]`);
    const args = ["exit", "erase", EXIT, "--state", join(folder, "state"), "--places", file, "--json"];
    const agency = await exiting.telling.token(asking(AGENCY));
    const vain = await suyuan(args, { env: { ...environment, SUYUAN_TOKEN: agency } });
    expect(results(vain)["laptop"]).to.equal("unrecorded not-your-event");
    const counted = await suyuan(args, { env: environment });
    expect(results(counted)["laptop"]).to.equal("erased");
  });

  it("has reported each once, however often it is run", async () => {
    await run("--places", all(), "--json");
    const history = await exiting.telling.json<{ events: Recorded[] }>(`/v1/subjects/authorization/${AUTHORIZATION}/events?limit=1000`);
    const events = history.events.filter(({ event }) => event.type === "suyuan.holding.deleted");
    const reported = events.filter(({ findings }) => findings.length === 0).map(({ event }) => event.data.holding);
    expect(reported).to.have.length(7);
    expect(new Set(reported).size).to.equal(7);
    expect(events).to.have.length(8); // One of them in vain.
    const of = (place: string) => events.find(({ event }) => event.data.holding === names.get(place))?.event.data;
    expect(of("work/people")?.toolVersion).to.match(/SQLite \d/);
    expect(of("work/people")?.standard).to.equal("NIST SP 800-88 (terms); not reached: freed-blocks, medium");
    expect(of("raw/changed.csv")?.standard).to.equal("NIST SP 800-88 (terms); not reached: medium, names; not as declared");
  });
});
