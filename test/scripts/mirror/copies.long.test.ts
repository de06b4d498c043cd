/** Copies of copies: from any file server, from a directory; one process at a time; killed at any moment. */
import { expect } from "chai";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Level } from "level";
import { toBase64 } from "../../../chaincode/proof/bytes";
import { canonicalText } from "../../../chaincode/proof/canonical";
import { CompactRange } from "../../../chaincode/proof/compact-range";
import { leafHash } from "../../../chaincode/proof/rfc6962";
import { encodeBundle, type Tile, tilePath } from "../../../chaincode/proof/tile";
import { readCheckpoint } from "../../../gateway/evidence/checkpoint";
import { Copies } from "../../../scripts/mirror/copies";
import { mirrored } from "../../../scripts/mirror/stream";
import { Tiles } from "../../../scripts/mirror/tiles";
import { AUTHORITY } from "../../chaincode/events/world";
import { callProduct, PRODUCT, tell, tokenOf } from "../story";
import { documents, errorCode, type Ran, Served, suyuan } from "../suyuan";
import { FileServer } from "./file-server";

const CLI = join(__dirname, "..", "..", "..", "scripts", "cli.js");
const FACTS = join("SuyuanMSP", "facts");
const WITNESS = "witness.example/copies";

describe("a copy of a copy", function () {
  this.timeout(120_000);
  let directory: string;
  let served: Served;
  let files: FileServer;
  /** The copy of a gateway's journals that the others are made of. */
  let first: string;
  let others = 0;

  const trust = (): string => join(served.data, "trust.json");
  const to = async (): Promise<string[]> => ["--url", served.url, "--token", await tokenOf(AUTHORITY, served)];
  const mirror = (out: string, more: readonly string[]): Promise<Ran> =>
    suyuan(["mirror", "--out", out, "--trust", trust(), ...more, "--json"]);
  const newCopy = (): string => join(directory, `copy-${others++}`);
  /** A head is given out again for so long. */
  const grown = async (count: number, name: string): Promise<void> => {
    await callProduct(served, count, name);
    await sleep(2100);
  };
  /** Of the journal of facts. */
  const sizeOf = (copy: string): number => readCheckpoint(readFileSync(join(copy, FACTS, "checkpoint"), "utf8")).size;
  const filesOf = (copy: string): readonly string[] =>
    (readdirSync(copy, { recursive: true }) as string[]).filter((name) => !name.startsWith(".lock")).sort();

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "suyuan-copies-"));
    served = await Served.start(join(directory, "data"));
    await tell(served);
    await callProduct(served, 300);
    first = newCopy();
    const ran = await mirror(first, await to());
    expect(ran.code, ran.stdout).to.equal(0);
    files = await FileServer.start(first);
  });
  after(async () => {
    await files.stop();
    await served.stop();
    rmSync(directory, { recursive: true });
  });

  for (const [place, at] of [
    ["a directory", () => first],
    ["a plain file server", () => files.url],
    ["a file server with a path, and a slash behind it", () => `${files.url}/v1/journals/`],
  ] as const) {
    it(`is made of ${place}, without a token, and is the same`, async () => {
      // A list is not in every layout, so that journals can be named.
      const named = place.includes("path") ? ["SuyuanMSP/acts", "SuyuanMSP/facts"].flatMap((name) => ["--journal", name]) : [];
      const copy = newCopy();
      const ran = await mirror(copy, ["--from", at(), ...named]);
      expect(ran.code, ran.stdout).to.equal(0);
      expect(filesOf(copy)).to.deep.equal(filesOf(first));
      for (const name of filesOf(first).filter((name) => statSync(join(first, name)).isFile() && name.includes("/tile/")))
        expect(readFileSync(join(copy, name)).equals(readFileSync(join(first, name))), name).to.equal(true);
      expect((await suyuan(["verify", join(copy, FACTS), "--trust", trust(), "--json"])).code).to.equal(0);
    });
  }

  it("sends nobody's token to a file server, and the password that its address has", async () => {
    const shown: (string | undefined)[] = [];
    files.lie = (_, _response, { headers }) => {
      shown.push(headers.authorization);
      return false;
    };
    try {
      const address = files.url.replace("http://", "http://reader:p%40ss@");
      const env = { SUYUAN_TOKEN: await tokenOf(AUTHORITY, served) };
      for (const from of [files.url, address])
        expect((await suyuan(["mirror", "--from", from, "--out", newCopy(), "--trust", trust(), "--json"], { env })).code).to.equal(0);
    } finally {
      files.lie = () => false;
    }
    expect(new Set(shown)).to.deep.equal(new Set([undefined, `Basic ${Buffer.from("reader:p@ss").toString("base64")}`]));
  });

  it("exports whole journals, which verify as a gateway's do", async () => {
    const [mine, theirs] = [join(directory, "copy.ndjson"), join(directory, "gateway.ndjson")];
    for (const [file, from] of [
      [mine, ["--from", files.url]],
      [theirs, await to()],
    ] as const)
      expect((await suyuan(["export", ...from, "--out", file, "--json"])).code).to.equal(0);
    expect((await suyuan(["verify", mine, "--trust", trust(), "--json"])).code).to.equal(0);
    const events = (file: string): string[] =>
      readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => !line.includes('"format":'));
    expect(events(mine)).to.deep.equal(events(theirs));
    // A history is the gateway's to give.
    const history = await suyuan(["export", "product", PRODUCT, "--from", first, "--json"]);
    expect([errorCode(history), history.code]).to.deep.equal(["arguments-excess", 2]);
  });

  it("goes on as what it copies does, whose older readers still find what their checkpoint needs", async () => {
    const [second, published] = [newCopy(), newCopy()];
    expect((await mirror(second, ["--from", first])).code).to.equal(0);
    cpSync(first, published, { recursive: true });
    const before = sizeOf(published);
    await grown(20, "few");
    expect((await mirror(published, await to())).code).to.equal(0);
    expect(sizeOf(published)).to.be.greaterThan(before);
    // Partial tiles of every checkpoint that was, as long as the whole tile is not there.
    const last = Math.floor(before / 256);
    for (const kind of ["0", "entries"])
      for (const size of [before, sizeOf(published)])
        expect(existsSync(join(published, FACTS, "tile", kind, `00${last}.p`, String(size % 256))), `${kind} ${size}`).to.equal(true);
    await grown(256, "many");
    expect((await mirror(published, await to())).code).to.equal(0);
    for (const kind of ["0", "entries"]) expect(existsSync(join(published, FACTS, "tile", kind, `00${last}.p`))).to.equal(false);
    // One that has an older head in hand is given the whole in place of the part.
    cpSync(join(first, FACTS, "head"), join(published, FACTS, "head"));
    const copy = newCopy();
    const ran = await mirror(copy, ["--from", published, "--journal", "SuyuanMSP/facts"]);
    expect(ran.code, ran.stdout).to.equal(0);
    expect(sizeOf(copy)).to.equal(before);
    rmSync(published, { recursive: true });
  });

  it("is not begun of one that is older: that is no rollback, and the copy stays", async () => {
    const copy = newCopy();
    expect((await mirror(copy, await to())).code).to.equal(0);
    const head = readFileSync(join(copy, FACTS, "head"));
    const ran = await mirror(copy, ["--from", files.url]);
    expect([errorCode(ran), ran.code], ran.stdout).to.deep.equal(["mirror-behind", 5]);
    expect(readFileSync(join(copy, FACTS, "head")).equals(head)).to.equal(true);
    expect(readdirSync(join(copy, FACTS)).filter((name) => name.startsWith("contradiction"))).to.deep.equal([]);
  });

  it("says what is not there", async () => {
    const empty = newCopy();
    mkdirSync(empty);
    const cases: readonly (readonly [string, string, number])[] = [
      [empty, "source-lacks", 1],
      [join(empty, "nowhere"), "source-lacks", 1],
      ["http://127.0.0.1:1/", "source-unreachable", 5],
    ];
    for (const [from, code, exit] of cases) {
      const ran = await mirror(newCopy(), ["--from", from]);
      expect([errorCode(ran), ran.code], from).to.deep.equal([code, exit]);
    }
    const nobody = await suyuan(["mirror", "--out", newCopy(), "--trust", trust(), "--json"]);
    expect([errorCode(nobody), nobody.code]).to.deep.equal(["option-missing", 2]);
    const named = await mirror(newCopy(), ["--from", first, "--journal", "../elsewhere"]);
    expect([errorCode(named), named.code]).to.deep.equal(["value-invalid", 2]);
  });

  it("is written by one process at a time", async () => {
    const copy = newCopy();
    const held = await Copies.open(copy);
    const ran = await mirror(copy, ["--from", first]);
    await held.close();
    expect([errorCode(ran), ran.code]).to.deep.equal(["mirror-busy", 5]);
    expect(filesOf(copy)).to.deep.equal([]);
    // Whoever comes second, nobody spoils anything.
    const both = await Promise.all([mirror(copy, ["--from", first]), mirror(copy, ["--from", first])]);
    for (const one of both) if (one.code !== 0) expect(errorCode(one)).to.equal("mirror-busy");
    expect(both.some(({ code }) => code === 0)).to.equal(true);
    expect((await suyuan(["verify", join(copy, FACTS), "--trust", trust(), "--json"])).code).to.equal(0);
  });

  it("counts no file that was half written", async () => {
    const copy = newCopy();
    expect((await mirror(copy, ["--from", first])).code).to.equal(0);
    writeFileSync(join(copy, FACTS, "writing"), readFileSync(join(copy, FACTS, "head")).subarray(0, 100));
    expect((await mirror(copy, await to())).code).to.equal(0);
    expect(existsSync(join(copy, FACTS, "writing"))).to.equal(false);
    expect((await suyuan(["verify", join(copy, FACTS), "--trust", trust(), "--json"])).code).to.equal(0);
  });

  describe("that was damaged", () => {
    const filesBelow = (copy: string): readonly string[] =>
      filesOf(copy).filter((name) => statSync(join(copy, name)).isFile() && name.startsWith(FACTS));
    const spoil = (file: string): void => {
      const bytes = readFileSync(file);
      bytes[Math.floor(bytes.length / 2)]! ^= 1;
      writeFileSync(file, bytes);
    };
    const repair = (copy: string, from: string): Promise<Ran> => mirror(copy, ["--from", from, "--repair", "--journal", "SuyuanMSP/facts"]);
    /** That it is what it was. */
    const expectWhole = async (copy: string): Promise<void> => {
      expect((await suyuan(["verify", join(copy, FACTS), "--trust", trust(), "--json"])).code).to.equal(0);
      for (const name of filesBelow(first))
        expect(readFileSync(join(copy, name)).equals(readFileSync(join(first, name))), name).to.equal(true);
    };

    it("is made whole again, each file of it, by itself where its records are left and else by another", async () => {
      const tiles = filesBelow(first).filter((name) => name.includes("/tile/"));
      expect(tiles.length).to.be.at.least(5);
      for (const name of tiles) {
        const copy = newCopy();
        cpSync(first, copy, { recursive: true });
        for (const damage of [spoil, (file: string) => rmSync(file), (file: string) => writeFileSync(file, "")]) {
          damage(join(copy, name));
          const lone = newCopy();
          mkdirSync(lone);
          if (name.includes("entries")) expect(errorCode(await repair(copy, lone)), name).to.equal("source-lacks");
          const ran = await repair(copy, first);
          expect(ran.code, ran.stdout).to.equal(0);
          expect((documents(ran)[0] as { repaired: number }).repaired, name).to.equal(1);
        }
        await expectWhole(copy);
      }
    });

    it("is made whole again where all of it but the head is gone, and not by what lies", async () => {
      const copy = newCopy();
      cpSync(first, copy, { recursive: true });
      rmSync(join(copy, FACTS, "tile"), { recursive: true });
      files.lie = (file, response) => file.includes("entries/000") && response.end(encodeBundle([Buffer.from("{}")])) === response;
      try {
        const ran = await repair(copy, files.url);
        expect([errorCode(ran), ran.code]).to.deep.equal(["mirror-damaged", 4]);
        expect(existsSync(join(copy, FACTS, "tile"))).to.equal(false);
      } finally {
        files.lie = () => false;
      }
      expect((await repair(copy, files.url)).code).to.equal(0);
      await expectWhole(copy);
    });

    it("shows each tile of a tree of three levels, though most of them make no root by themselves", async () => {
      const copy = newCopy();
      const size = 256 * 256 + 300;
      const [range, made] = [CompactRange.empty(), new Tiles()];
      const write = (tile: Tile, bytes: Uint8Array): void => {
        const file = join(copy, FACTS, tilePath(tile));
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, bytes);
      };
      for (let from = 0; from < size; from += 256) {
        const leaves = Array.from({ length: Math.min(256, size - from) }, (_, i) => Buffer.from(String(from + i)));
        for (const leaf of leaves) range.append(leafHash(leaf), (level, _, hash) => made.add(level, hash));
        write({ level: "entries", index: from / 256, width: leaves.length }, encodeBundle(leaves));
        for (const [tile, bytes] of made.full()) write(tile, bytes);
      }
      for (const [tile, bytes] of made.rest()) write(tile, bytes);
      const head = JSON.parse(readFileSync(join(first, FACTS, "head"), "utf8")) as { checkpoint: string };
      const checkpoint = head.checkpoint.replace(/^(.*\n)\d+\n.*\n/, `$1${size}\n${toBase64(range.root())}\n`);
      writeFileSync(join(copy, FACTS, "head"), `${canonicalText({ ...head, checkpoint, size })}\n`);
      const read = async (): Promise<number | string> => {
        let lines = 0;
        try {
          for await (const line of mirrored(join(copy, FACTS))) lines += line.length > 0 ? 1 : 0;
        } catch (error) {
          return (error as { code: string }).code;
        }
        return lines;
      };
      expect(await read()).to.equal(1 + size);
      for (const path of ["tile/0/100", "tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1", "tile/entries/256"]) {
        spoil(join(copy, FACTS, path));
        expect(await read(), path).to.equal("mirror-damaged");
        spoil(join(copy, FACTS, path));
      }
      expect(await read()).to.equal(1 + size);
    });

    it("is no more than damaged where its head is", async () => {
      const copy = newCopy();
      cpSync(first, copy, { recursive: true });
      spoil(join(copy, FACTS, "head"));
      expect((await repair(copy, first)).code).to.equal(4);
    });
  });

  it("is cosigned only as far as is noted, whenever its process is killed, and goes on", async () => {
    const [copy, key] = [newCopy(), join(directory, "witness.key")];
    const signing = ["--cosign", key, "--name", WITNESS];
    const args = ["mirror", "--out", copy, "--trust", trust(), ...(await to()), ...signing];
    /** What is noted of the journal of facts, and up to where its checkpoint bears the witness's signature. */
    const state = async (): Promise<{ readonly noted: number; readonly signed: number }> => {
      const file = join(copy, FACTS, "checkpoint");
      const checkpoint = existsSync(file) ? readCheckpoint(readFileSync(file, "utf8")) : undefined;
      const isSigned = checkpoint?.note.signatures.some(({ name }) => name === WITNESS) === true;
      if (!existsSync(`${key}.signed`)) return { noted: -1, signed: isSigned ? checkpoint.size : -1 };
      const memory = new Level<string, { size: number }>(`${key}.signed`, { valueEncoding: "json" });
      const notes = await memory.iterator().all();
      await memory.close();
      const noted = notes.filter(([origin]) => origin.endsWith("facts")).map(([, { size }]) => size);
      return { noted: Math.max(-1, ...noted), signed: isSigned ? checkpoint.size : -1 };
    };
    for (let i = 0; i < 10; i++) {
      await callProduct(served, 30, `grown-${i}`);
      const child: ChildProcess = spawn(process.execPath, [CLI, ...args], { stdio: ["ignore", "pipe", "ignore"] });
      const ended = once(child, "close");
      // From its first word on things happen fast: killed at moments around it, and at any other.
      if (i % 2 === 0) child.stdout?.once("data", () => setTimeout(() => child.kill("SIGKILL"), i));
      else setTimeout(() => child.kill("SIGKILL"), 200 + 120 * i);
      await ended;
      const { noted, signed } = await state();
      expect(signed, `after kill ${i}`).to.be.at.most(noted);
    }
    const ran = await mirror(copy, [...(await to()), ...signing]);
    expect(ran.code, ran.stdout).to.equal(0);
    const { noted, signed } = await state();
    expect([signed, sizeOf(copy)]).to.deep.equal([noted, noted]);
    const both = join(directory, "both.json");
    expect((await suyuan(["trust", trust(), `${key}.trust.json`, "--out", both])).code).to.equal(0);
    const verdicts = documents(await suyuan(["verify", join(copy, FACTS, "checkpoint"), join(copy, FACTS), "--trust", both, "--json"]));
    expect(verdicts.map((verdict) => (verdict as { verified: boolean }).verified)).to.deep.equal([true, true]);
  });
});
