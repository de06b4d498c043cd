/** Whoever serves journals may lie in any way: each lie is told by its code, within bounds of memory and time, and leaves the copy as it was. */
import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { encodeBundle } from "../../../chaincode/proof/tile";
import { EvidenceError } from "../../../gateway/evidence/errors";
import { parseTrust, type TrustFile } from "../../../gateway/evidence/trust";
import { Failure } from "../../../scripts/failure";
import { Journals } from "../../../scripts/journals";
import { copySource, gatewaySource, type Source } from "../../../scripts/journals/source";
import { copyJournal } from "../../../scripts/mirror/copy";
import { MirrorFiles } from "../../../scripts/mirror/files";
import { AUTHORITY } from "../../chaincode/events/world";
import { callProduct, tell, tokenOf } from "../story";
import { errorCode, Served, suyuan } from "../suyuan";
import { FileServer, type Lie } from "./file-server";

const FACTS = "SuyuanMSP/facts";
const MIB = 1024 * 1024;
/** What the sockets of both sides hold, beyond what was read. */
const ON_THE_WAY = 8 * MIB;

describe("a copy of what lies", function () {
  this.timeout(120_000);
  let directory: string;
  /** An honest copy, and the same of earlier. */
  let good: string;
  let early: string;
  /** Of the same keeper, as long as the good one, and another history from the early one on. */
  let fork: string;
  let trust: TrustFile;
  let trustFile: string;
  let server: FileServer;
  let copies = 0;
  /** What the ledger said, beside each copy, of how far the journal reaches. */
  const latest = new Map<string, string>();

  async function mirrored(data: string, name: string, told?: string): Promise<string> {
    const served = await Served.start(data);
    try {
      if (told === undefined) await tell(served);
      else await callProduct(served, 600, told);
      const out = join(directory, name);
      const to = ["--url", served.url, "--token", await tokenOf(AUTHORITY, served)];
      const ran = await suyuan(["mirror", "--out", out, "--trust", join(data, "trust.json"), ...to, "--json"]);
      if (ran.code !== 0) throw new Error(ran.stdout);
      latest.set(name, await (await fetch(`${served.url}/v1/journals/SuyuanMSP%2Ffacts/latest`)).text());
      return out;
    } finally {
      await served.stop();
    }
  }

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "suyuan-hostile-"));
    const [data, other] = [join(directory, "data"), join(directory, "other")];
    early = await mirrored(data, "early");
    cpSync(data, other, { recursive: true });
    good = await mirrored(data, "good", "one");
    fork = await mirrored(other, "fork", "other");
    trustFile = join(data, "trust.json");
    trust = parseTrust(readFileSync(trustFile));
    server = await FileServer.start(good);
  });
  beforeEach(() => {
    server.directory = good;
    server.lie = () => false;
    server.sent = 0;
  });
  after(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  const newCopy = (of?: string): string => {
    const copy = join(directory, `copy-${copies++}`);
    if (of !== undefined) cpSync(of, copy, { recursive: true });
    return copy;
  };
  const codeOf = (error: unknown): string => {
    if (error instanceof Failure || error instanceof EvidenceError) return error.code;
    throw error;
  };

  /** How copying ends, code by code; the copy must be as it was. */
  async function ended(source: Source, copy = newCopy()): Promise<string> {
    const files = new MirrorFiles(join(copy, FACTS));
    const before = await files.head();
    const outcome = await copyJournal({ journal: FACTS, journals: new Journals(source), files, trust, onLeaves: () => undefined }).then(
      () => "copied",
      codeOf,
    );
    if (outcome !== "copied") expect(await files.head(), "the copy's head").to.deep.equal(before);
    return outcome;
  }
  const contradictions = (copy: string): readonly string[] =>
    readdirSync(join(copy, FACTS))
      .filter((name) => name.startsWith("contradiction-"))
      .map((name) => name.replace(/\d+/, "N"));
  const fromServer = (patience?: number): Source => copySource(server.url, patience);
  const asGateway = (patience?: number): Source => gatewaySource({ url: new URL(server.url), token: "none" }, patience);
  const listed = (source: Source): Promise<string> => new Journals(source).names().then(() => "listed", codeOf);

  /** Lies about one file, all others being as they are. */
  const about =
    (wanted: RegExp, lie: Lie): Lie =>
    (file, ...rest) =>
      wanted.test(file) && lie(file, ...rest);
  const instead =
    (bytes: Uint8Array | string): Lie =>
    (_, response) => {
      response.end(bytes);
      return true;
    };
  const HEAD = /facts\/head$/;
  const ENTRIES = /facts\/tile\/entries\/000$/;
  const HASHES = /facts\/tile\/0\//;

  it("is made where nothing is a lie", async () => {
    for (const source of [fromServer(), asGateway()]) {
      expect(await ended(source)).to.equal("copied");
      expect(await ended(source, newCopy(early))).to.equal("copied");
    }
  });

  it("shows another history, and what proves it; a tree that is no tree proves nothing", async () => {
    server.directory = fork;
    for (const source of [fromServer(), asGateway()]) {
      const copy = newCopy(good);
      expect(await ended(source, copy)).to.equal("mirror-forked");
      expect(contradictions(copy)).to.deep.equal(["contradiction-N.head", "contradiction-N.proof"]);
      for (const change of [(bytes: Buffer) => bytes.fill(0), (bytes: Buffer) => bytes.subarray(1)]) {
        server.lie = about(HASHES, (file, response) => response.end(change(readFileSync(join(fork, file)))) === response);
        const shorter = newCopy(early);
        expect(await ended(source, shorter)).to.equal("source-wrong");
        expect(contradictions(shorter)).to.deep.equal([]);
      }
      server.lie = () => false;
    }
  });

  it("shows a journal that has become shorter, and does not take an older word for it", async () => {
    server.directory = early;
    expect(await ended(fromServer(), newCopy(good))).to.equal("mirror-behind");
    // Its word of before, given out again; that the journal is as long as the copy; and what is no word of it.
    for (const name of ["early", "good"]) {
      server.lie = about(/facts\/latest$/, instead(latest.get(name)!));
      expect(await ended(asGateway(), newCopy(good)), name).to.equal("mirror-behind");
    }
    server.lie = about(/facts\/latest$/, instead(` ${latest.get("early")!}`));
    expect(await ended(asGateway(), newCopy(good))).to.equal("latest-malformed");
  });

  it("knows a head of another journal, of nobody, and what is none", async () => {
    for (const head of [
      readFileSync(join(good, "SuyuanMSP", "acts", "head")),
      "",
      "{}\n",
      `${"[".repeat(1e6)}\n`,
      Buffer.alloc(1000, 0xff),
    ]) {
      server.lie = about(HEAD, instead(head));
      for (const source of [fromServer(), asGateway()])
        expect(await ended(source)).to.be.oneOf(["attestation-differs", "stream-malformed"]);
    }
    const head = readFileSync(join(good, FACTS, "head"), "utf8");
    server.lie = about(HEAD, instead(head.replace(/"size":(\d)/, '"size":9$1')));
    expect(await ended(fromServer())).to.be.oneOf(["checkpoint-differs", "attestation-differs"]);
  });

  it("knows records that are not the ones, however many and long they are", async () => {
    const bundles: readonly Uint8Array[] = [
      encodeBundle(Array.from({ length: 256 }, () => Buffer.from("{}"))),
      encodeBundle(Array.from({ length: 256 }, () => Buffer.alloc(65_535, 0x20))),
      encodeBundle(Array.from({ length: 255 }, () => Buffer.from("{}"))),
      encodeBundle(Array.from({ length: 257 }, () => Buffer.from("{}"))),
      readFileSync(join(good, FACTS, "tile", "entries", "000")).subarray(0, -1),
      Buffer.alloc(0),
      Buffer.alloc(MIB, 0xff),
    ];
    for (const bundle of bundles) {
      server.lie = about(ENTRIES, instead(bundle));
      const copy = newCopy();
      expect(await ended(fromServer(), copy)).to.equal("mirror-leaves-differ");
      // Nothing of it stays: an honest source makes it whole.
      server.lie = () => false;
      expect(await ended(fromServer(), copy)).to.equal("copied");
    }
    server.lie = about(ENTRIES, (_, response) => {
      response.writeHead(404).end();
      return true;
    });
    expect(await ended(fromServer())).to.equal("source-lacks");
  });

  for (const [what, file, most] of [
    ["a head", HEAD, MIB],
    ["a bundle", ENTRIES, 17 * MIB],
    ["a tile", HASHES, 8192],
  ] as const) {
    it(`reads no more of ${what} than it may have`, async () => {
      for (const source of [fromServer(), asGateway()]) {
        server.sent = 0;
        server.lie = about(file, (_, response) => server.endless(response, Buffer.alloc(64 * 1024, 0x20)));
        expect(await ended(source, newCopy(file === HASHES ? early : undefined))).to.equal("source-too-large");
        expect(server.sent).to.be.below(most + ON_THE_WAY);
      }
    });
  }

  it("reads no more of what unpacks to more", async () => {
    const bomb = gzipSync(Buffer.alloc(256 * MIB));
    server.lie = about(ENTRIES, (_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
      return true;
    });
    const before = process.memoryUsage().arrayBuffers;
    expect(await ended(fromServer())).to.equal("source-too-large");
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(128 * MIB);
  });

  it("does not wait for ever: not for a first byte, not for the last", async () => {
    const lies: readonly Lie[] = [() => true, (_, response) => server.endless(response, Buffer.from(" "), 50)];
    for (const lie of lies) {
      server.lie = about(ENTRIES, lie);
      for (const source of [fromServer(500), asGateway(500)]) {
        const started = performance.now();
        expect(await ended(source)).to.equal("source-too-slow");
        expect(performance.now() - started).to.be.below(10_000);
      }
    }
  });

  it("knows a body that is longer or shorter than it was said to be", async () => {
    const bytes = readFileSync(join(good, FACTS, "tile", "entries", "000"));
    const said =
      (length: number): Lie =>
      (_, response) => {
        response.socket?.end(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`), bytes]));
        return true;
      };
    server.lie = about(ENTRIES, said(bytes.length + 100));
    expect(await ended(fromServer())).to.equal("source-unreachable");
    expect(await ended(asGateway())).to.equal("gateway-unreachable");
    server.lie = about(ENTRIES, said(bytes.length - 100));
    for (const source of [fromServer(), asGateway()]) expect(await ended(source)).to.equal("mirror-leaves-differ");
    server.lie = about(ENTRIES, (_, response) => {
      response.socket?.end("this is not HTTP\r\n\r\n");
      return true;
    });
    expect(await ended(fromServer())).to.equal("source-unreachable");
  });

  it("goes nowhere else because it is told to", async () => {
    const elsewhere = await FileServer.start(good);
    try {
      server.lie = about(HEAD, (file, response) => {
        response.writeHead(302, { location: `${elsewhere.url}/${file}` }).end();
        return true;
      });
      expect(await ended(fromServer())).to.equal("source-unreachable");
      expect(await ended(asGateway())).to.equal("not-a-gateway");
      expect(elsewhere.asked).to.deep.equal([]);
    } finally {
      await elsewhere.stop();
    }
  });

  it("takes no name of a journal that is a way out of its directory", async () => {
    const names = [
      "../../outside",
      "..",
      "/etc/passwd",
      "SuyuanMSP/../../outside",
      "SuyuanMSP/facts/..",
      "a\0b/c",
      "%2e%2e/outside",
      7,
      null,
    ];
    for (const journal of names) {
      server.lie = about(/^journals$/, instead(JSON.stringify({ journals: [{ journal }] })));
      for (const source of [fromServer(), asGateway()]) expect(await listed(source), String(journal)).to.equal("source-wrong");
    }
    for (const list of ["", "[]", "null", '{"journals":7}', '{"journals":[7]}', "[".repeat(1e6), "{".repeat(1e5)]) {
      server.lie = about(/^journals$/, instead(list));
      expect(await listed(fromServer()), list.slice(0, 20)).to.equal("source-wrong");
    }
    server.lie = about(/^journals$/, (_, response) => server.endless(response, Buffer.alloc(64 * 1024, 0x20)));
    expect(await listed(fromServer())).to.equal("source-too-large");
  });

  it("reads files of a directory, and neither devices, pipes nor what a link leads to unless it is the record", async () => {
    const lie = (replace: (file: string) => void): Promise<string> => {
      const hostile = newCopy(good);
      const file = join(hostile, FACTS, "tile", "entries", "000");
      rmSync(file);
      replace(file);
      return ended(copySource(hostile));
    };
    expect(await lie((file) => symlinkSync("/etc/passwd", file))).to.equal("mirror-leaves-differ");
    expect(await lie((file) => symlinkSync("/dev/zero", file))).to.equal("source-too-large");
    expect(await lie((file) => symlinkSync(file, file))).to.equal("source-unreachable");
    expect(await lie((file) => void execFileSync("mkfifo", [file]))).to.equal("source-too-large");
    expect(await lie((file) => mkdirSync(file))).to.equal("source-too-large");
    expect(await lie((file) => execFileSync("truncate", ["-s", "1T", file]))).to.equal("source-too-large");
    expect(await lie((file) => symlinkSync(join(good, FACTS, "tile", "entries", "000"), file))).to.equal("copied");
  });

  it("verifies the directory of a stranger within the same bounds", async () => {
    const files: readonly (readonly [string, string])[] = [
      ["tile/entries/000", "/dev/zero"],
      ["tile/0/000", "/dev/zero"],
      ["head", "/dev/zero"],
      ["tile/entries/000", "/etc/passwd"],
    ];
    for (const [name, target] of files) {
      const hostile = newCopy(good);
      rmSync(join(hostile, FACTS, name));
      symlinkSync(target, join(hostile, FACTS, name));
      const ran = await suyuan(["verify", join(hostile, FACTS), "--trust", trustFile, "--json"]);
      expect([errorCode(ran), ran.code], name).to.deep.equal(["mirror-damaged", 4]);
    }
  });

  it("says each in words, without a trace of its code, and shows no terminal what it would obey", async () => {
    const words = { title: "\u001b[2Jnone", detail: "\u001b]0;title\u0007 and \u202ereversed", next: "\u009b31m" };
    const problem = { type: "x", code: "odd\u001b[1m", status: 400, zh: words, en: words };
    for (const [body, code] of [
      [JSON.stringify(problem), "gateway-refused"],
      ["{", "not-a-gateway"],
      ['{"code":7}', "not-a-gateway"],
      ["null", "not-a-gateway"],
      [" ".repeat(MIB), "not-a-gateway"],
    ] as const) {
      server.lie = (_, response) => {
        response.writeHead(400, { "content-type": "application/problem+json" }).end(body);
        return true;
      };
      const args = ["mirror", "--url", server.url, "--token", "none", "--out", newCopy(), "--trust", trustFile];
      expect(errorCode(await suyuan([...args, "--json"]))).to.equal(code);
      const { stdout, stderr } = await suyuan(args);
      expect(stdout + stderr).not.to.match(/^\s+at /m);
      // eslint-disable-next-line no-control-regex -- these are what must not be there
      expect(stdout + stderr).not.to.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
  });

  it("goes on with the other journals where one is a lie", async () => {
    server.lie = about(ENTRIES, instead("lies"));
    const out = newCopy();
    const ran = await suyuan(["mirror", "--from", server.url, "--out", out, "--trust", trustFile, "--json"]);
    expect([errorCode(ran), ran.code]).to.deep.equal(["mirror-leaves-differ", 4]);
    expect(JSON.parse(readFileSync(join(out, "journals"), "utf8"))).to.deep.equal({ journals: [{ journal: "SuyuanMSP/acts" }] });
    writeFileSync(join(out, "journals"), "lies");
    server.lie = () => false;
    expect((await suyuan(["mirror", "--from", server.url, "--out", out, "--trust", trustFile, "--json"])).code).to.equal(0);
    expect(readFileSync(join(out, "journals"), "utf8")).to.equal(readFileSync(join(good, "journals"), "utf8"));
  });
});
