import { expect } from "chai";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AUTHORITY, DEVELOPER, example, OPERATOR, type Report, SCENARIO, TRANSPORT } from "../../chaincode/events/world";
import type { ExitVerdict } from "../../../gateway/evidence/verify-exit";
import { documents, inDirectory, Served, suyuan } from "../../scripts/suyuan";
import { asking } from "../http/telling";
import { EXIT, Exiting } from "./leaving";

const HOLDINGS = 100_000;
const A_TIME = 100;
const ISSUED_MS = 10_000;
const CHECKED_MS = 3_000;
/** While it is made, a platform service waits for its promise no longer than this: 99 of 100 times. */
const INTAKE_MS = 250;

const digest = (n: number): string => n.toString(16).padStart(64, "0");

const declarations = (of: string): readonly Report[] =>
  Array.from({ length: HOLDINGS / A_TIME }, (_, i) =>
    example("data.processed", OPERATOR, {
      scenario: SCENARIO,
      inputs: [of],
      holdings: Array.from({ length: A_TIME }, (_, j) => ({
        ...{ digest: digest(i * A_TIME + j), bytes: 1024, rows: 10, form: "intermediate", platform: "on" },
        place: `授权运营平台对象存储 work/${i}/${j}.parquet`,
      })),
    }),
  );

/** A gateway in a process of its own, with its store on a disk: what is timed is what somebody waits for who asks it. */
describe(`an exit with ${HOLDINGS.toLocaleString("en")} holdings`, function () {
  this.timeout(900_000);
  let exiting: Exiting;
  const token = () => exiting.telling.token(asking(AUTHORITY));

  before(async () => {
    exiting = await Exiting.start((data) => Served.start(data));
    const [raw] = await exiting.outstanding();
    const declared = await exiting.telling.tellAll(declarations(raw!.holding));
    await exiting.open();
    const held = declared.flatMap(({ journal, index }, i) =>
      Array.from({ length: A_TIME }, (_, j) => ({ holding: `${journal}/${index}/${j}`, digest: digest(i * A_TIME + j) })),
    );
    await exiting.telling.tellAll(held.map((one) => example("holding.deleted", OPERATOR, one)));
    await exiting.clear();
    await exiting.verify();
  });
  after(() => exiting.stop());

  it(`is certified within ${ISSUED_MS / 1000} s, and checked offline within ${CHECKED_MS / 1000} s`, () =>
    inDirectory(async (directory) => {
      const out = join(directory, "certificate.ndjson");
      const env = { SUYUAN_URL: exiting.telling.url, SUYUAN_TOKEN: await token(), SUYUAN_TRUST: join(exiting.telling.data, "trust.json") };
      const latencies: number[] = [];
      const stop = new AbortController();
      const measuring = intake(latencies, stop.signal);
      const begun = performance.now();
      const certified = await suyuan(["exit", "certify", EXIT, "--out", out, "--json"], { env });
      const issuing = performance.now() - begun;
      stop.abort();
      await measuring;
      expect(certified.code, certified.stdout).to.equal(0);

      const from = performance.now();
      const verified = await suyuan(["verify", out, "--json"], { env });
      const checking = performance.now() - from;
      expect(verified.code, verified.stdout).to.equal(0);
      expect((documents(verified)[0] as { items: number }).items).to.be.above(HOLDINGS);

      const [size, items] = [(await stat(out)).size, (await stat(join(directory, "certificate.items.ndjson"))).size];
      const jws = (await readFile(out)).indexOf("\n");
      latencies.sort((a, b) => a - b);
      const late = latencies[Math.floor(latencies.length * 0.99)] ?? 0;
      process.stdout.write(
        `      certified in ${issuing.toFixed(0)} ms, checked in ${checking.toFixed(0)} ms; certificate ${size} bytes (signed ${jws}), items ${items}; ` +
          `intake meanwhile: ${latencies.length} events, half within ${(latencies[latencies.length >> 1] ?? 0).toFixed(0)} ms, 99 of 100 within ${late.toFixed(0)} ms, all within ${(latencies.at(-1) ?? 0).toFixed(0)} ms\n`,
      );
      expect(issuing).to.be.below(ISSUED_MS);
      expect(checking).to.be.below(CHECKED_MS);
      expect(size).to.be.below(256 * 1024);
      expect(latencies.length).to.be.above(20);
      expect(late).to.be.below(INTAKE_MS);
    }));

  it("is shown to the one source of them all, as fast and no longer", () =>
    inDirectory(async (directory) => {
      const out = join(directory, "part.ndjson");
      const env = { SUYUAN_URL: exiting.telling.url, SUYUAN_TOKEN: await token(), SUYUAN_TRUST: join(exiting.telling.data, "trust.json") };
      const begun = performance.now();
      const shown = await suyuan(["exit", "certify", EXIT, "--source", TRANSPORT, "--out", out, "--json"], { env });
      const issuing = performance.now() - begun;
      expect(shown.code, shown.stdout).to.equal(0);
      const from = performance.now();
      const verified = await suyuan(["verify", out, "--json"], { env });
      const checking = performance.now() - from;
      expect(verified.code, verified.stdout).to.equal(0);
      const { items, source } = documents(verified)[0] as ExitVerdict;
      const { size } = await stat(join(directory, "part.items.ndjson"));
      process.stdout.write(
        `      part of ${items} given in ${issuing.toFixed(0)} ms, checked in ${checking.toFixed(0)} ms, ${size} bytes\n`,
      );
      expect(source).to.equal(TRANSPORT);
      expect(items).to.be.above(HOLDINGS);
      expect(issuing).to.be.below(ISSUED_MS);
      expect(checking).to.be.below(CHECKED_MS);
    }));

  /** One event after the other, as a platform service sends them. */
  async function intake(latencies: number[], signal: AbortSignal): Promise<void> {
    const fact = example("data.accessed", OPERATOR);
    while (!signal.aborted) {
      const begun = performance.now();
      const [status] = await exiting.telling.attempt(fact);
      expect(status).to.equal(202);
      latencies.push(performance.now() - begun);
      await sleep(10);
    }
  }
});

const SCANS = 22_000;
const LONG = 64 * 1024 * 1024;

/** Nobody else makes a certificate impossible by reporting much: its history is as long as it is, and is read line by line. */
describe("an exit of which strangers reported more than 64 MiB", function () {
  this.timeout(600_000);
  let exiting: Exiting;
  before(async () => {
    exiting = await Exiting.start((data) => Served.start(data));
    await exiting.open();
    await exiting.telling.tellAll(
      Array.from({ length: SCANS }, () => example("exit.residue-scanned", DEVELOPER, { residues: 1, tool: "长".repeat(500) })),
    );
    await exiting.clear();
    await exiting.verify();
  });
  after(() => exiting.stop());

  it("is certified and checked all the same, in little memory", () =>
    inDirectory(async (directory) => {
      const out = join(directory, "certificate.ndjson");
      const env = {
        SUYUAN_URL: exiting.telling.url,
        SUYUAN_TOKEN: await exiting.telling.token(asking(AUTHORITY)),
        SUYUAN_TRUST: join(exiting.telling.data, "trust.json"),
        NODE_OPTIONS: "--max-old-space-size=64",
      };
      const begun = performance.now();
      const certified = await suyuan(["exit", "certify", EXIT, "--out", out, "--json"], { env });
      const issuing = performance.now() - begun;
      expect(certified.code, certified.stdout).to.equal(0);
      const from = performance.now();
      const verified = await suyuan(["verify", out, "--json"], { env });
      const checking = performance.now() - from;
      expect(verified.code, verified.stdout).to.equal(0);
      const { certificate } = documents(verified)[0] as ExitVerdict;
      const { size } = await stat(out);
      process.stdout.write(`      certified in ${issuing.toFixed(0)} ms, checked in ${checking.toFixed(0)} ms, ${size} bytes\n`);
      expect([certificate.scans.length, certificate.strangersScans]).to.deep.equal([1, SCANS]);
      expect(size).to.be.above(LONG);
    }));
});
