import { expect } from "chai";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { createPublicKey, verify } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyConsistency } from "../../../chaincode/proof/rfc6962";
import { decodeBundle, encodeBundle } from "../../../chaincode/proof/tile";
import { readCheckpoint } from "../../../gateway/evidence/checkpoint";
import { parseVerifierKey } from "../../../gateway/evidence/note-key";
import { parseTrust } from "../../../gateway/evidence/trust";
import { MirrorFiles } from "../../../scripts/mirror/files";
import { Witness } from "../../../scripts/mirror/witness";
import { AUTHORITY, DEVELOPER, OPERATOR } from "../../chaincode/events/world";
import { callProduct, PRODUCT, tell, tokenOf } from "../story";
import { documents, errorCode, type Ran, Served, suyuan } from "../suyuan";

const FACTS = join("SuyuanMSP", "facts");

interface Verdict {
  readonly verified: boolean;
  readonly events?: number;
  readonly size?: number;
  readonly proven?: readonly string[];
  readonly cosigned?: readonly { readonly witness: string }[];
  readonly failed?: { readonly code: string; readonly line?: number };
}

describe("a copy of the journals", function () {
  this.timeout(120_000);
  let directory: string;
  /** As the gateway's data was before more was told. */
  let early: string;
  let served: Served;
  let mirrors = 0;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "suyuan-mirror-"));
    const data = join(directory, "data");
    served = await Served.start(data);
    await tell(served);
    await served.stop();
    early = join(directory, "early");
    cpSync(data, early, { recursive: true });
    served = await Served.start(data);
    await callProduct(served, 600);
  });
  after(async () => {
    await served.stop();
    rmSync(directory, { recursive: true });
  });

  const newMirror = (): string => join(directory, `mirror-${mirrors++}`);
  const trust = (): string => join(served.data, "trust.json");
  const to = async (gateway: Served, party = AUTHORITY): Promise<string[]> => [
    ...["--url", gateway.url, "--token", await tokenOf(party, gateway)],
  ];
  const mirror = async (out: string, more: readonly string[] = [], gateway = served): Promise<Ran> =>
    suyuan(["mirror", "--out", out, "--trust", trust(), ...(await to(gateway)), ...more, "--json"]);
  const verifying = async (files: readonly string[], trusted = trust()): Promise<Verdict[]> =>
    documents(await suyuan(["verify", ...files, "--trust", trusted, "--json"])) as Verdict[];

  it("is the journals leaf by leaf, in the layout of tlog-tiles, and verifies offline", async () => {
    const out = newMirror();
    const ran = await mirror(out);
    expect(ran.code, ran.stdout + ran.stderr).to.equal(0);
    const copied = documents(ran) as { journal: string; from: number; size: number }[];
    expect(copied.map(({ journal, from }) => [journal, from])).to.deep.equal([
      ["SuyuanMSP/acts", 0],
      ["SuyuanMSP/facts", 0],
    ]);
    const { size } = copied[1]!;
    expect(size).to.be.greaterThan(600);
    const facts = join(out, FACTS);
    const checkpoint = readFileSync(join(facts, "checkpoint"), "utf8");
    expect(readCheckpoint(checkpoint).size).to.equal(size);
    const files = readdirSync(join(facts, "tile"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const rest = size % 256;
    expect(files.map(({ parentPath, name }) => join(parentPath, name).slice(facts.length + 6)).sort()).to.deep.equal(
      ["0/000", "0/001", `0/002.p/${rest}`, "1/000.p/2", "entries/000", "entries/001", `entries/002.p/${rest}`].sort(),
    );
    for (const path of ["tile/0/001", `tile/0/002.p/${rest}`, "tile/1/000.p/2"]) {
      const response = await fetch(`${served.url}/v1/journals/SuyuanMSP%2Ffacts/${path}`);
      expect(Buffer.from(await response.arrayBuffer()).equals(readFileSync(join(facts, path))), path).to.equal(true);
    }
    const verdicts = await verifying([facts, join(facts, "head"), join(facts, "checkpoint")]);
    expect(verdicts.map(({ verified }) => verified)).to.deep.equal([true, true, true]);
    expect(verdicts[0]).to.deep.include({
      events: size,
      proven: ["records-in-journals", "every-record-of-journal", "head-signed-by-journal", "head-attested-by-node"],
    });
    expect(verdicts[2]?.proven).to.deep.equal(["head-signed-by-journal"]);
  });

  it("goes on where it ended, and does away with what was partial once the whole is there", async () => {
    const out = newMirror();
    const older = await Served.start(early);
    try {
      expect((await mirror(out, [], older)).code).to.equal(0);
    } finally {
      await older.stop();
    }
    const before = readCheckpoint(readFileSync(join(out, FACTS, "checkpoint"), "utf8")).size;
    const ran = await mirror(out);
    expect(documents(ran)[1]).to.include({ journal: "SuyuanMSP/facts", from: before });
    expect(existsSync(join(out, FACTS, "tile", "0", "000.p", String(before)))).to.equal(false);
    expect(existsSync(join(out, FACTS, "tile", "entries", "000.p", String(before)))).to.equal(false);
    expect((await verifying([join(out, FACTS)]))[0]?.verified).to.equal(true);
    const again = documents(await mirror(out)) as { from: number; size: number }[];
    expect(again.every(({ from, size }) => from === size)).to.equal(true);
  });

  it("survives being killed at any moment", async () => {
    const out = newMirror();
    const args = ["mirror", "--out", out, "--trust", trust(), ...(await to(served))];
    const cli = join(__dirname, "..", "..", "..", "scripts", "cli.js");
    for (let i = 0; i < 5; i++) {
      const child = spawn(process.execPath, [cli, ...args], { stdio: "ignore" });
      const ended = new Promise((resolve) => child.once("close", resolve));
      setTimeout(() => child.kill("SIGKILL"), 150 + 60 * i);
      await ended;
    }
    expect((await mirror(out)).code).to.equal(0);
    expect((await verifying([join(out, FACTS)]))[0]?.verified).to.equal(true);
  });

  it("takes what an interruption has left only if it is right", async () => {
    const out = newMirror();
    mkdirSync(join(out, FACTS, "tile", "entries"), { recursive: true });
    const wrong = encodeBundle(Array.from({ length: 256 }, (_, i) => Buffer.from(`{"n":${i}}`)));
    writeFileSync(join(out, FACTS, "tile", "entries", "001"), wrong);
    const ran = await mirror(out, ["--journal", "SuyuanMSP/facts"]);
    expect([errorCode(ran), ran.code]).to.deep.equal(["mirror-leaves-differ", 4]);
    expect(existsSync(join(out, FACTS, "head"))).to.equal(false);
    expect((await mirror(out)).code).to.equal(0);
  });

  it("shows any changed file of it", async () => {
    const out = newMirror();
    await mirror(out);
    const facts = join(out, FACTS);
    const files = readdirSync(facts, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const { parentPath, name } of files) {
      const file = join(parentPath, name);
      const good = readFileSync(file);
      const bad = Buffer.from(good);
      bad[Math.floor((bad.length * 3) / 5)]! ^= 1;
      writeFileSync(file, bad);
      const told =
        name === "checkpoint" ? await verifying([file]) : documents(await suyuan(["verify", facts, "--trust", trust(), "--json"]));
      expect(JSON.stringify(told), file).to.match(/"verified":false|mirror-damaged/);
      writeFileSync(file, good);
    }
    // Two entries exchanged, and a bundle cut.
    const bundle = join(facts, "tile", "entries", "000");
    const [first, second, ...others] = decodeBundle(readFileSync(bundle), 256)!;
    writeFileSync(bundle, encodeBundle([second!, first!, ...others]));
    expect(errorCode(await suyuan(["verify", facts, "--trust", trust(), "--json"]))).to.equal("mirror-damaged");
    writeFileSync(bundle, "");
    expect(errorCode(await suyuan(["verify", facts, "--trust", trust(), "--json"]))).to.equal("mirror-damaged");
    rmSync(join(facts, "tile", "0", "001"));
    expect(errorCode(await suyuan(["verify", facts, "--trust", trust(), "--json"]))).to.equal("mirror-damaged");
    // What it goes on from has to be right at once.
    rmSync(join(facts, "tile", "1"), { recursive: true });
    expect(errorCode(await mirror(out))).to.equal("mirror-damaged");
  });

  it("is refused to who does not see everything", async () => {
    const ran = await suyuan(["mirror", "--out", newMirror(), "--trust", trust(), ...(await to(served, OPERATOR)), "--json"]);
    expect([errorCode(ran), ran.code]).to.deep.equal(["not-found", 1]);
  });

  it("shows a rollback and a fork, and keeps what proves it", async () => {
    const out = newMirror();
    expect((await mirror(out)).code).to.equal(0);
    const head = readFileSync(join(out, FACTS, "head"), "utf8");
    const other = join(directory, "other");
    cpSync(early, other, { recursive: true });
    let gateway = await Served.start(other);
    try {
      const back = await mirror(out, ["--journal", "SuyuanMSP/facts"], gateway);
      expect([errorCode(back), back.code]).to.deep.equal(["mirror-rolled-back", 4]);
      // The same keeper, the same keys, another history.
      await callProduct(gateway, 700, "another");
      await new Promise((resolve) => setTimeout(resolve, 2100)); // so long a head is given out again
      const forked = await mirror(out, ["--journal", "SuyuanMSP/facts"], gateway);
      expect([errorCode(forked), forked.code]).to.deep.equal(["mirror-forked", 4]);
    } finally {
      await gateway.stop();
    }
    expect(readFileSync(join(out, FACTS, "head"), "utf8"), "the copy stays").to.equal(head);
    // All are the keeper's word.
    const kept = readdirSync(join(out, FACTS)).filter((name) => /^contradiction-\d+\.(?:head|latest)$/.test(name));
    const verdicts = await verifying(["head", ...kept].map((name) => join(out, FACTS, name)));
    expect(verdicts.map(({ verified }) => verified)).to.deep.equal([true, true, true]);
    // And that the later one does not continue the earlier one needs nobody's.
    const [name] = readdirSync(join(out, FACTS)).filter((name) => name.endsWith(".proof"));
    const proof = JSON.parse(readFileSync(join(out, FACTS, name!), "utf8")) as { from: number; to: number; root: string; path: string[] };
    const rootIn = (file: string): Buffer =>
      Buffer.from(readCheckpoint((JSON.parse(readFileSync(join(out, FACTS, file), "utf8")) as { checkpoint: string }).checkpoint).root);
    const [mine, theirs, later] = [rootIn("head"), Buffer.from(proof.root, "hex"), rootIn(`contradiction-${proof.to}.head`)];
    const path = proof.path.map((hash) => Buffer.from(hash, "base64"));
    expect(verifyConsistency(proof.from, theirs, proof.to, later, path)).to.equal(true);
    expect(verifyConsistency(proof.from, mine, proof.to, later, path)).to.equal(false);
    expect(theirs.equals(mine)).to.equal(false);

    // A ledger that nobody named.
    gateway = await Served.start(join(directory, "stranger"));
    try {
      await tell(gateway);
      const ran = await mirror(newMirror(), [], gateway);
      expect([errorCode(ran), ran.code]).to.deep.equal(["mirror-not-vouched", 4]);
    } finally {
      await gateway.stop();
    }
  });

  describe("with a witness", () => {
    const key = (): string => join(directory, "witness.key");
    const signing = (): readonly string[] => ["--cosign", key(), "--name", "witness.example/audit"];
    let out: string;
    before(() => (out = newMirror()));

    it("is cosigned, by whom the trust file then names", async () => {
      const ran = await mirror(out, signing());
      expect(ran.code, ran.stdout).to.equal(0);
      const checkpoint = join(out, FACTS, "checkpoint");
      expect((await verifying([checkpoint]))[0]?.failed?.code).to.equal("witness-unknown");
      const both = join(directory, "both.json");
      expect((await suyuan(["trust", trust(), `${key()}.trust.json`, "--out", both])).code).to.equal(0);
      const [verdict] = await verifying([checkpoint], both);
      expect(verdict).to.deep.include({ verified: true, proven: ["head-signed-by-journal", "head-cosigned"] });
      expect(verdict?.cosigned?.map(({ witness }) => witness)).to.deep.equal(["witness.example/audit"]);
      expect(statSync(key()).mode & 0o777).to.equal(0o600);
    });

    it("signs as C2SP has it: the time, then the checkpoint's text", () => {
      const { note } = readCheckpoint(readFileSync(join(out, FACTS, "checkpoint"), "utf8"));
      const [witness] = parseTrust(readFileSync(`${key()}.trust.json`)).witnesses!;
      const { publicKey, id } = parseVerifierKey(witness!.key, "cosignature")!;
      const { signature } = note.signatures.find((line) => line.id === id)!;
      const time = Buffer.from(signature).readBigUInt64BE(0);
      expect(Math.abs(Number(time) - Date.now() / 1000)).to.be.lessThan(120);
      const message = Buffer.from(`cosignature/v1\ntime ${time}\n${note.text}`);
      const x = Buffer.from(publicKey).toString("base64url");
      const verifier = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
      expect(verify(null, message, verifier, signature.subarray(8))).to.equal(true);
    });

    it("does not verify with any byte of the checkpoint changed, nor once its key is no longer good", async () => {
      const both = parseTrust(readFileSync(join(directory, "both.json")));
      const { verifyCheckpointFile } = await import("../../../gateway/evidence/verify-checkpoint.js");
      const good = readFileSync(join(out, FACTS, "checkpoint"));
      const outcome = async (file: Buffer, trust = both): Promise<string> =>
        verifyCheckpointFile(file, trust).then(
          () => "verified",
          (error: unknown) => (error as { code: string }).code,
        );
      expect(await outcome(good)).to.equal("verified");
      for (let at = 0; at < good.length; at++) {
        const bad = Buffer.from(good);
        bad[at]! ^= 1;
        expect(await outcome(bad), `byte ${at}`).not.to.equal("verified");
      }
      const line = good.toString("utf8").trimEnd().split("\n").at(-1)!;
      expect(await outcome(Buffer.concat([good, Buffer.from(`${line}\n`)]))).to.equal("checkpoint-malformed");
      const [witness] = both.witnesses!;
      const until = (validUntil: string): typeof both => ({ ...both, witnesses: [{ ...witness!, validUntil }] });
      expect(await outcome(good, until("2026-01-01T00:00:00Z"))).to.equal("witness-not-valid");
      expect(await outcome(good, until("2999-01-01T00:00:00Z"))).to.equal("verified");
    });

    it("does not sign a fork, even with a new copy", async () => {
      const other = await Served.start(join(directory, "other"));
      try {
        const fresh = newMirror();
        const ran = await mirror(fresh, signing(), other);
        expect([errorCode(ran), ran.code]).to.deep.equal(["witness-refuses", 4]);
        expect(readFileSync(join(fresh, FACTS, "checkpoint"), "utf8")).not.to.include("witness.example");
      } finally {
        await other.stop();
      }
    });

    it("does not sign what it could not note; what it noted and did not sign, it signs later", async () => {
      const files = new MirrorFiles(join(newMirror(), FACTS));
      cpSync(join(out, FACTS), files.directory, { recursive: true });
      const unsigned = readFileSync(join(files.directory, "checkpoint"), "utf8").replace(/— witness\.example.*\n/, "");
      await files.writeCheckpoint(unsigned);
      const second = join(directory, "second.key");
      const failing = await Witness.open(second, "second.example/audit");
      await failing.close();
      expect(await failing.sign(files).catch((error: unknown) => error)).to.be.instanceOf(Error);
      expect(await files.checkpoint(), "failed and not noted").to.equal(unsigned);

      const witness = await Witness.open(second, undefined);
      try {
        mkdirSync(join(files.directory, "writing"));
        expect(await witness.sign(files).catch((error: unknown) => error)).to.be.instanceOf(Error);
        expect(await files.checkpoint(), "failed but noted").to.equal(unsigned);
        rmdirSync(join(files.directory, "writing"));
        await witness.sign(files);
        expect(await files.checkpoint()).to.include("second.example/audit");
      } finally {
        await witness.close();
      }
    });

    it("does not sign without its memory, without a name, or twice at once", async () => {
      const third = join(directory, "third.key");
      const nameless = await mirror(out, ["--cosign", third]);
      expect([errorCode(nameless), nameless.code]).to.deep.equal(["witness-nameless", 2]);
      const witness = await Witness.open(key(), undefined);
      const locked = await mirror(out, signing());
      await witness.close();
      expect([errorCode(locked), locked.code]).to.deep.equal(["mirror-busy", 5]);
      cpSync(key(), third);
      const forgetful = await mirror(out, ["--cosign", third]);
      expect([errorCode(forgetful), forgetful.code]).to.deep.equal(["witness-memory-missing", 1]);
    });
  });

  describe("suyuan export", () => {
    const exporting = async (args: readonly string[], party = AUTHORITY): Promise<Ran> =>
      suyuan(["export", ...args, ...(await to(served, party))]);

    it("writes whole journals, which verify offline, and shows what was done to them", async () => {
      const file = join(directory, "all.ndjson");
      const ran = await exporting(["--out", file, "--json"]);
      expect(ran.code, ran.stdout).to.equal(0);
      const verdicts = await verifying([file]);
      expect(verdicts).to.have.length(2);
      const total = verdicts.reduce((sum, { events }) => sum + events!, 0);
      expect(documents(ran)).to.deep.equal([{ file, events: total }]);
      const lines = readFileSync(file, "utf8").trimEnd().split("\n");
      expect(lines).to.have.length(total + 2);
      const second = lines.findLastIndex((line) => line.includes('"format":'));
      const outcome = async (changed: readonly string[]): Promise<string | undefined> => {
        const other = join(directory, "changed.ndjson");
        writeFileSync(other, changed.map((line) => `${line}\n`).join(""));
        return (await verifying([other])).at(-1)?.failed?.code;
      };
      const n = second + 300;
      expect(await outcome(lines.toSpliced(n, 1))).to.equal("events-missing");
      expect(await outcome(lines.toSpliced(-1, 1))).to.equal("events-missing");
      expect(await outcome(lines.toSpliced(n, 0, lines[n]!))).to.equal("events-out-of-order");
      expect(await outcome([...lines, lines.at(-1)!])).to.equal("events-excess");
      const [one, two] = [JSON.parse(lines[n]!) as { index: number; leaf: string }, JSON.parse(lines[n + 1]!) as { leaf: string }];
      expect(await outcome(lines.toSpliced(n, 1, JSON.stringify({ index: one.index, leaf: two.leaf })))).to.equal("events-differ");
      expect(await outcome(lines.toSpliced(n, 1, lines[n]!.replace('":', '": ')))).to.equal("stream-malformed");
    });

    it("writes the history of a subject, and the events alone", async () => {
      const history = await exporting(["product", PRODUCT]);
      const [verdict] = documents(await suyuan(["verify", "-", "--trust", trust(), "--json"], { input: history.stdout })) as Verdict[];
      expect(verdict?.verified).to.equal(true);
      expect(verdict?.events).to.be.greaterThan(600);
      const events = await exporting(["product", PRODUCT, "--format", "events"]);
      const types = documents(events).map((event) => (event as { type: string }).type);
      expect(types).to.have.length(verdict!.events!);
      expect(types).to.include.members(["suyuan.product.registered", "suyuan.product.called"]);
    });

    it("says whose it is not, and what is missing", async () => {
      const none = await exporting(["product", PRODUCT, "--json"], OPERATOR);
      expect(none.code).to.equal(0); // the operator's own
      const others = await exporting(["--json"], DEVELOPER);
      expect([errorCode(others), others.code]).to.deep.equal(["not-found", 1]);
      const half = await exporting(["product", "--json"]);
      expect([errorCode(half), half.code]).to.deep.equal(["argument-missing", 2]);
      const nowhere = await exporting(["product", PRODUCT, "--out", join(directory, "no", "where"), "--json"]);
      expect([errorCode(nowhere), nowhere.code]).to.deep.equal(["file-unwritable", 1]);
    });
  });
});
