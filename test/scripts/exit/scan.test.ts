import { expect } from "chai";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { UNSOUGHT } from "../../../gateway/exit/scan/certainty";
import { UNREAD } from "../../../gateway/exit/scan/looked";
import { readReport, reportDigest, type ScanReport } from "../../../gateway/exit/scan/report";
import { AUTHORIZATION, example, OPERATOR } from "../../chaincode/events/world";
import { EXIT, Exiting } from "../../gateway/exit/leaving";
import { asking, type Telling } from "../../gateway/http/telling";
import { documents, errorCode, inDirectory, type Ran, suyuan } from "../suyuan";

interface Made {
  readonly digest: string;
  readonly bytes: number;
  readonly fingerprints: string;
  readonly sidecar: string;
}

type Said = ScanReport & { readonly report: string; readonly digest: string; readonly resumed: number };

describe("suyuan exit scan", function () {
  this.timeout(120_000);
  let exiting: Exiting;
  let telling: Telling;
  let environment: Record<string, string>;
  const model = randomBytes(400_000);

  before(async () => {
    exiting = await Exiting.start();
    ({ telling } = exiting);
    environment = { SUYUAN_URL: telling.url, SUYUAN_TOKEN: await telling.token(asking(OPERATOR)) };
  });
  after(() => exiting.stop());

  const run = (...args: string[]): Promise<Ran> => suyuan(["exit", ...args], { env: environment });
  const said = (ran: Ran): Said => documents(ran).at(-1) as Said;

  it("finds what was declared, signs it, and tells the ledger its digest", () =>
    inDirectory(async (directory) => {
      const [held, tree, sidecars, state] = ["held.bin", "tree", "sidecars", "state"].map((name) => join(directory, name)) as [
        string,
        string,
        string,
        string,
      ];
      writeFileSync(held, model);
      const made = documents(await run("fingerprint", held, "--authorization", AUTHORIZATION, "--out", sidecars, "--json"))[0] as Made;
      expect(made.digest).to.equal(createHash("sha256").update(model).digest("hex"));
      expect(made.fingerprints).to.equal(createHash("sha256").update(readFileSync(made.sidecar)).digest("hex"));
      const declared = {
        digest: made.digest,
        bytes: made.bytes,
        rows: 1,
        form: "raw",
        place: "raw/held.bin",
        platform: "on",
        fingerprints: made.fingerprints,
      };
      const { journal, index } = await telling.tell(example("data.pulled", OPERATOR, { holding: declared }));

      mkdirSync(tree);
      writeFileSync(join(tree, "clean"), randomBytes(100_000));
      const arguments_ = ["scan", tree, "--authorization", AUTHORIZATION, "--sidecars", sidecars, "--state", state];
      const clean = await run(...arguments_, "--json");
      // Others' holdings, of which there are no sidecars, are not looked for in full, and so it is told.
      const others = said(clean).holdings - 1;
      expect([clean.code, said(clean).residues, said(clean).notRead]).to.deep.equal([1, 0, { "without-fingerprints": others }]);
      expect(said(clean).unread.map(({ object }) => object)).not.to.include(`${journal}/${index}/0`);

      writeFileSync(join(tree, "closed.7z"), Buffer.from("377abcaf271c", "hex"));
      writeFileSync(join(tree, "part.gz"), gzipSync(Buffer.concat([Buffer.from("header"), model.subarray(0, 300_000)])));
      const unknown = await run(...arguments_, "--exit", EXIT, "--json");
      expect([unknown.code, errorCode(unknown)]).to.deep.equal([1, "exit-unknown"]);
      expect(unknown.stderr, "before anything is looked through").to.equal("");
      await exiting.open();
      const other = await run("scan", tree, "--authorization", "another", "--state", state, "--exit", EXIT, "--json");
      expect([other.code, errorCode(other)]).to.deep.equal([2, "exit-of-another"]);
      const found = await run(...arguments_, "--exit", EXIT, "--json");
      const report = said(found);
      expect([found.code, report.residues]).to.deep.equal([4, 1]);
      expect(report.found.map(({ object, holding, how }) => [object, holding, how])).to.deep.equal([
        [join(tree, "part.gz!"), `${journal}/${index}/0`, "part"],
      ]);
      const jws = readFileSync(report.report, "utf8");
      expect((await readReport(jws)).found).to.deep.equal(report.found);
      expect(reportDigest(jws)).to.equal(report.digest);
      await readReport(`${jws.slice(0, -5)}AAAAA`).then(
        () => expect.fail(),
        (error: unknown) => expect(String(error)).to.include("signature"),
      );
      const events = await telling.json<{
        events: { event: { data: { residues: number; unread: number; report: { digest: string } } } }[];
      }>(`/v1/events?source=urn%3Asuyuan%3Aexit-scan&id=residue-scan-${report.digest}`, asking(OPERATOR));
      expect(events.events.map(({ event: { data } }) => [data.residues, data.unread, data.report.digest])).to.deep.equal([
        [1, 1 + others, report.digest],
      ]);

      const shown = await suyuan(["exit", ...arguments_], { env: { ...environment, SUYUAN_LANG: "zh" } });
      expect(shown.stdout).to.include("在 1 个对象中发现残留").and.include("未读取（不支持其格式或压缩方式）：1");

      // Another sidecar than the one that was declared would hide things.
      writeFileSync(made.sidecar, Buffer.concat([readFileSync(made.sidecar), Buffer.alloc(1)]));
      const wrong = await run(...arguments_, "--json");
      expect([wrong.code, errorCode(wrong)]).to.deep.equal([1, "sidecar-wrong"]);
    }));

  it("leaves its event to be sent later where the gateway is gone by the end: it is not to be done again for that", () =>
    inDirectory(async (directory) => {
      const [tree, state] = [join(directory, "tree"), join(directory, "state")];
      mkdirSync(tree);
      writeFileSync(join(tree, "clean"), randomBytes(1000));
      // A gateway that lets itself be asked, and hangs up when it is told something.
      const between = createServer((asked, answer) => {
        if (asked.method === "POST") asked.socket.destroy();
        else
          void fetch(new URL(asked.url ?? "", telling.url), { headers: { authorization: asked.headers.authorization ?? "" } }).then(
            async (got) => answer.writeHead(got.status, { "content-type": got.headers.get("content-type") ?? "" }).end(await got.text()),
          );
      }).listen(0, "127.0.0.1");
      await once(between, "listening");
      try {
        const env = { ...environment, SUYUAN_URL: `http://127.0.0.1:${(between.address() as AddressInfo).port}` };
        const ran = await suyuan(["exit", "scan", tree, "--authorization", AUTHORIZATION, "--state", state, "--exit", EXIT], { env });
        const [, file = ""] = /suyuan submit (\S+)/.exec(ran.stderr) ?? [];
        expect([ran.code, file.startsWith(state)], ran.stderr).to.deep.equal([5, true]);
        const sent = documents(await suyuan(["submit", file, "--json"], { env: environment })) as { state: string }[];
        expect(sent.map((one) => one.state)).to.deep.equal(["accepted"]);
      } finally {
        between.close();
      }
    }));

  it("says by its exit code that something could not be read", () =>
    inDirectory(async (directory) => {
      writeFileSync(join(directory, "cut.gz"), gzipSync(randomBytes(50_000)).subarray(0, 20_000));
      const ran = await run("scan", directory, "--authorization", AUTHORIZATION, "--state", join(directory, "state"), "--json");
      const { notRead, holdings } = said(ran);
      expect([ran.code, notRead]).to.deep.equal([1, { damaged: 1, "own-state": 1, "without-fingerprints": holdings }]);
    }));

  it("says that there was nothing to read, and of how large holdings parts are not found for certain", () =>
    inDirectory(async (directory) => {
      const [held, tree, sidecars, state] = ["held", "tree", "sidecars", "state"].map((name) => join(directory, name)) as [
        string,
        string,
        string,
        string,
      ];
      mkdirSync(tree);
      for (const size of [12_000, 20_000, 40_000]) {
        writeFileSync(held, randomBytes(size));
        const made = documents(await run("fingerprint", held, "--authorization", AUTHORIZATION, "--out", sidecars, "--json"))[0] as Made;
        const { digest, bytes, fingerprints } = made;
        const holding = { digest, bytes, rows: 1, form: "raw", place: `raw/${size}`, platform: "on", fingerprints };
        await telling.tell(example("data.pulled", OPERATOR, { holding }));
      }
      const ran = await run("scan", tree, "--authorization", AUTHORIZATION, "--sidecars", sidecars, "--state", state, "--json");
      const { notRead, partsUncertain, objects } = said(ran);
      expect([ran.code, objects, notRead["nothing-read"], notRead["parts-uncertain"]]).to.deep.equal([1, 0, 1, 2]);
      expect(partsUncertain).to.deep.equal([
        { below: 12_288, holdings: 1 },
        { below: 32_768, holdings: 1 },
      ]);
      const shown = await suyuan(["exit", "scan", tree, "--authorization", AUTHORIZATION, "--sidecars", sidecars, "--state", state], {
        env: { ...environment, SUYUAN_LANG: "en" },
      });
      expect(shown.stdout)
        .to.include("smaller than 12288 bytes: 1")
        .and.include("smaller than 32768 bytes: 1")
        .and.include("nothing to read");
    }));

  it("takes no password in a command line, and says at once that a database cannot be reached", async () => {
    const scan = (url: string): Promise<Ran> => run("scan", "--postgresql", url, "--authorization", AUTHORIZATION, "--json");
    for (const url of [
      "postgresql://reader:secret@localhost/work",
      "postgresql://localhost/work?password=secret",
      "mysql://localhost/work",
    ]) {
      const ran = await scan(url);
      expect([ran.code, errorCode(ran)], url).to.deep.equal([2, "database-address-wrong"]);
      expect(ran.stdout + ran.stderr).not.to.include("secret");
    }
    const ran = await scan("postgresql://reader@127.0.0.1:1/work");
    expect([ran.code, errorCode(ran)]).to.deep.equal([5, "database-unreachable"]);
    const nothing = await run("scan", "--authorization", AUTHORIZATION, "--json");
    expect([nothing.code, errorCode(nothing)]).to.deep.equal([2, "argument-missing"]);
  });

  it("has words for whatever was not read or not looked for, and says the same in both languages", () => {
    const texts = JSON.parse(readFileSync(join(__dirname, "..", "..", "..", "scripts", "texts.json"), "utf8")) as Record<string, object>;
    for (const reason of [...UNREAD, ...UNSOUGHT, "nothing-read"])
      expect(texts[`exit.scan.reason.${reason}`], reason).to.have.keys("en", "zh");
  });

  it("is one at a time with the same state", () =>
    inDirectory(async (directory) => {
      const lock = join(directory, "lock");
      const scan = (): Promise<Ran> => run("scan", directory, "--authorization", AUTHORIZATION, "--state", directory, "--json");
      symlinkSync(String(process.pid), lock);
      const held = await scan();
      expect([held.code, errorCode(held)]).to.deep.equal([5, "state-in-use"]);
      // Nobody is process 4,194,305: numbers end before.
      rmSync(lock);
      symlinkSync("4194305", lock);
      expect(errorCode(await scan())).to.equal(undefined);
      expect(existsSync(lock)).to.equal(false);
    }));

  it("killed at any point, goes on and says the same", () =>
    inDirectory(async (directory) => {
      const [tree, state] = [join(directory, "tree"), join(directory, "state")];
      mkdirSync(tree);
      for (let i = 0; i < 60; i++) writeFileSync(join(tree, `f${i}`), randomBytes(2_000_000));
      const journal = join(state, "journal.ndjson");
      const args = ["scan", tree, "--authorization", AUTHORIZATION, "--state", state, "--json"];
      let kills = 0;
      for (const size of [2000, 4000, 6000]) {
        const child: ChildProcess = spawn(process.execPath, [join(__dirname, "..", "..", "..", "scripts", "cli.js"), "exit", ...args], {
          env: { PATH: process.env["PATH"], ...environment },
          stdio: "ignore",
        });
        const gone = once(child, "exit");
        while (child.exitCode === null && (!existsSync(journal) || statSync(journal).size < size)) await sleep(1);
        kills += child.kill("SIGKILL") ? 1 : 0;
        await gone;
      }
      const ran = await run(...args);
      expect(kills).to.be.at.least(1);
      expect(said(ran).resumed).to.be.above(5);
      rmSync(state, { recursive: true });
      const afresh = await run(...args);
      const { files, objects, bytes, residues } = said(afresh);
      expect([said(ran).files, said(ran).objects, said(ran).bytes, said(ran).residues]).to.deep.equal([files, objects, bytes, residues]);
      expect(files).to.equal(readdirSync(tree).length);
    }));
});
