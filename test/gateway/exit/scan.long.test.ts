import { expect } from "chai";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DirectoryEraser } from "../../../gateway/exit/erase/files";
import { Roots } from "../../../gateway/exit/erase/roots";
import { FolderFingerprinter } from "../../../gateway/exit/scan/fingerprinter";
import { FingerprintKey } from "../../../gateway/exit/scan/fingerprint-key";
import { quarryOf } from "../../../gateway/exit/scan/quarry";
import { scan, type Scanned } from "../../../gateway/exit/scan/scan";
import { tarOf, zipOf } from "./archives";
import { cutOff } from "./cut-off";
import { type Cost, costOf, readAndHash } from "./read-and-hash";
import { wantedOf } from "./wanted";
import { SAMPLE } from "../../sample";

const MIB = 1024 * 1024;
/** MiB: ten GiB where the disk has room for a few such trees. */
const SIZE = SAMPLE
  ? 256
  : Math.min(10_240, Math.max(1024, 32 * Math.floor((statfsSync(tmpdir()).bavail * statfsSync(tmpdir()).bsize) / MIB / 8 / 32)));
const THREADS = availableParallelism();
const KEY = new FingerprintKey(Buffer.alloc(32, 3));

function csv(mebibytes: number, seed: string): Buffer {
  const lines: string[] = [];
  for (let i = 0, bytes = 0; bytes < mebibytes * MIB; i++) {
    const line = `2026-03-${1 + (i % 28)},${seed}${i},"上海, 虹桥",${(i * 7919) % 100_003},${(i * 31) % 977}\n`;
    bytes += Buffer.byteLength(line);
    lines.push(line);
  }
  return Buffer.from(lines.join(""));
}

/** No format begins with a zero; of ten thousand random beginnings one in seven times one does as a format would. */
function noise(length: number): Buffer {
  const bytes = randomBytes(length);
  bytes[0] = 0;
  return bytes;
}

/** Whether threads had the machine for themselves: others make both sides wait, not equally. */
const isQuiet = ({ cpu, wall }: Cost, threads: number): boolean => cpu > 0.9 * threads * wall;

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] as number;

describe("the residue scan of a large tree", function () {
  this.timeout(3_600_000);
  let root: string;
  let tree: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), "suyuan-scan-"));
    tree = join(root, "tree");
    mkdirSync(tree);
    for (let i = 0; i < SIZE / 32; i++) writeFileSync(join(tree, `b${i}`), noise(20 * MIB));
    for (let i = 0; i < SIZE / 64; i++) writeFileSync(join(tree, `t${i}.csv`), csv(16, `T${i}-`));
    for (let i = 0; i < SIZE; i++) writeFileSync(join(tree, `s${i}`), noise(128 * 1024));
  });
  after(() => rmSync(root, { recursive: true }));

  it(`finds what is there in ${SIZE} MiB, in less than twice the time of reading and hashing them, within bounded memory`, async () => {
    const [model, table] = [randomBytes(64 * MIB), csv(8, "MU")];
    const wanted = [model, table].map((content, i) => wantedOf(`M/facts/${i}/0`, content, KEY));
    const [quarry, withoutRows] = [quarryOf(wanted, KEY), quarryOf(wanted.slice(0, 1), KEY)];
    let turn = 0;
    const run = (threads: number, of = quarry): Promise<Scanned> =>
      scan({ targets: [tree], own: [], scratch: root, journal: join(root, `journal-${turn++}`), purpose: "", quarry: of, threads });
    const clean = async (threads: number, of = quarry): Promise<void> => {
      const { found, notRead } = await run(threads, of);
      expect([found, notRead]).to.deep.equal([[], {}]);
    };

    const rates: number[] = [];
    const worked: number[] = [];
    let peak = 0;
    const report = (what: string, threads: number, { wall, cpu }: Cost): void => {
      const rate = ((SIZE * MIB) / 1e6 / wall).toFixed(0).padStart(5);
      process.stdout.write(
        `    ${what.padEnd(24)} ${threads} threads ${wall.toFixed(2).padStart(6)} s, ${rate} MB/s, processors ${cpu.toFixed(2).padStart(6)} s\n`,
      );
    };
    await readAndHash(tree, THREADS);
    for (let round = 0; round < (SAMPLE ? 1 : 3); round++)
      for (const threads of new Set([1, THREADS])) {
        const bound = await costOf(() => readAndHash(tree, threads));
        report("reading and hashing", threads, bound);
        const scanning = await costOf(() => clean(threads));
        report("scan", threads, scanning);
        if (round === 0) report("scan without tables", threads, await costOf(() => clean(threads, withoutRows)));
        peak = Math.max(peak, process.memoryUsage.rss());
        worked.push(bound.cpu / scanning.cpu);
        if (isQuiet(bound, threads) && isQuiet(scanning, threads)) rates.push(bound.wall / scanning.wall);
      }
    const shares = (all: readonly number[]): string => all.map((share) => share.toFixed(2)).join(", ");
    process.stdout.write(
      `    of the bound: by the clock, where nothing else ran, ${shares(rates)}; by processors ${shares(worked)}; memory ${Math.round(peak / MIB)} MiB\n`,
    );
    if (!SAMPLE) {
      expect(median(worked)).to.be.above(0.5);
      if (rates.length > 0) expect(median(rates)).to.be.above(0.5);
      expect(peak).to.be.below(1024 * MIB);
    }

    const other = table.toString("utf8").trimEnd().split("\n").reverse().join("\n");
    const put = (name: string, content: Buffer | string): void => writeFileSync(join(tree, name), content);
    put("b0.copy", model);
    put("z-exact", model);
    put("z-half", model.subarray(0, 32 * MIB));
    put("z-header", Buffer.concat([randomBytes(777), model]));
    put("z-nested.zip", await zipOf({ "a/inner.tar.gz": gzipSync(await tarOf({ "b/model": model }), { level: 1 }) }));
    put("z-rows.csv", other);
    put("z-rows.tsv.gz", gzipSync(other.replaceAll(",", "\t").replaceAll('"上海\t 虹桥"', "上海, 虹桥")));
    put("z-tail.csv", `${csv(64, "Q").toString("utf8")}${other.slice(0, MIB)}`);
    const { found } = await run(THREADS);
    expect(found.map(({ object, how }) => [object.slice(tree.length + 1), how])).to.deep.equal([
      ["b0.copy", "whole"],
      ["z-exact", "whole"],
      ["z-half", "part"],
      ["z-header", "part"],
      ["z-nested.zip!/a/inner.tar.gz!!/b/model", "whole"],
      ["z-rows.csv", "rows"],
      ["z-rows.tsv.gz!", "rows"],
      ["z-tail.csv", "rows"],
    ]);
  });

  it("looks through a hundred thousand small files, and again at once", async () => {
    const many = join(root, "many");
    const count = SAMPLE ? 2000 : 100_000;
    const secret = randomBytes(3000);
    for (let i = 0; i < count; i++) {
      if (i % 1000 === 0) mkdirSync(join(many, `d${i / 1000}`), { recursive: true });
      writeFileSync(join(many, `d${Math.floor(i / 1000)}`, `f${i}`), i === count / 2 ? secret : randomBytes(500 + (i % 3000)));
    }
    // As many holdings as an exit may have, each with a digest of its own.
    const others = Array.from({ length: count }, (_, i) => ({
      holding: `M/facts/${i + 1}/0`,
      digest: createHash("sha256").update(`${i}`).digest("hex"),
    }));
    const quarry = quarryOf([wantedOf("M/facts/0/0", secret, KEY), ...others], KEY);
    const run = (): Promise<Scanned> =>
      scan({ targets: [many], own: [], scratch: root, journal: join(root, "journal-many"), purpose: "", quarry });
    const bound = await costOf(() => readAndHash(many, THREADS));
    let scanned: Scanned | undefined;
    const cost = await costOf(async () => (scanned = await run()));
    expect(scanned?.found.map(({ object, how }) => [object, how])).to.deep.equal([
      [join(many, `d${Math.floor(count / 2000)}`, `f${count / 2}`), "whole"],
    ]);
    cutOff(join(root, "journal-many"));
    const again = await costOf(async () => (scanned = await run()));
    expect([scanned?.files, scanned?.resumed, scanned?.residues]).to.deep.equal([count, count, 1]);
    const memory = Math.round(process.memoryUsage.rss() / MIB);
    process.stdout.write(
      `    ${count} files: reading and hashing ${bound.wall.toFixed(2)} s, scan ${cost.wall.toFixed(2)} s, of an earlier run's journal ${again.wall.toFixed(2)} s; memory ${memory} MiB\n`,
    );
    expect(memory).to.be.below(1024);
  });

  it("finds each file of a folder of twenty thousand, and takes them for what is retained, within bounded memory", async () => {
    const [folder, count] = [join(root, "folder"), SAMPLE ? 12_000 : 20_000];
    for (let i = 0; i < count; i++) {
      if (i % 1000 === 0) mkdirSync(join(folder, `d${i / 1000}`), { recursive: true });
      writeFileSync(join(folder, `d${Math.floor(i / 1000)}`, `f${i}`), randomBytes(500 + (i % 3000)));
    }
    const maker = new FolderFingerprinter(KEY);
    const look = await new DirectoryEraser(folder, await Roots.of([root], [])).look(() => undefined, maker);
    const { head, bytes } = maker.end(look?.digests[0] as string);
    expect(head.files).to.equal(count);
    const run = (kept?: "retained"): Promise<Scanned> => {
      const quarry = quarryOf([{ holding: "M/facts/0/0", digest: head.digest, sidecar: bytes, ...(kept && { kept }) }], KEY);
      return scan({ targets: [folder], own: [], scratch: root, journal: join(root, "journal-folder"), purpose: "", quarry });
    };
    const [gone, retained] = [await run(), await run("retained")];
    expect([gone.residues, retained.residues, retained.found.length]).to.deep.equal([count, 0, count]);
    const memory = Math.round(process.memoryUsage.rss() / MIB);
    process.stdout.write(`    a folder of ${count} files: sidecar ${Math.round(bytes.length / 1024)} KiB; memory ${memory} MiB\n`);
    expect(memory).to.be.below(1024);
  });
});
