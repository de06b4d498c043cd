/** Whatever is done to a file of a stopped gateway, `fsck` finds it: a byte, a piece, the whole, or what it was before. */
import { expect } from "chai";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { checkFiles } from "../../gateway/database-files";
import { checkKeys } from "../../gateway/key-check";
import { example, OPERATOR } from "../chaincode/events/world";
import { Chance } from "../fuzz/chance";
import { eventOf, tell, tokenOf } from "../scripts/story";
import { documents, Served, suyuan } from "../scripts/suyuan";
import { SAMPLE } from "../sample";

/** What LevelDB and the gateway write for people, and what only keeps others out: nothing is read from it. */
const SILENT = /^(?:LOG|LOG\.old|LOCK|gateway\.log)$/;

/** Where they lie in a gateway's directory. */
const DATABASES = [join("ledger", "level"), "outbox", "index"];

describe("tampering with the files of a store", function () {
  this.timeout(2_400_000);
  const chance = new Chance(20_260_101);
  let directory: string;
  let data: string;
  /** The same gateway's data, of earlier. */
  let early: string;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "suyuan-tampering-"));
    data = join(directory, "data");
    early = join(directory, "early");
    let served = await Served.start(data);
    await tell(served);
    await served.stop();
    // What was in logs is in tables after a start.
    served = await Served.start(data);
    await served.stop();
    cpSync(data, early, { recursive: true });
    served = await Served.start(data);
    const body = JSON.stringify([1, 2, 3].map((i) => eventOf(`more-${i}`, example("data.accessed", OPERATOR))));
    const authorization = `Bearer ${await tokenOf(OPERATOR, served)}`;
    const response = await fetch(`${served.url}/v1/events`, {
      method: "POST",
      body,
      headers: { authorization, "content-type": "application/json" },
    });
    expect(await response.text()).to.include('"accepted"');
    await served.stop();
  });
  after(() => rmSync(directory, { recursive: true }));

  const filesOf = (root: string): string[] =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !SILENT.test(entry.name))
      .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1));

  /** What fsck says of the data after a change: its exit code and codes. */
  async function told(change: (copy: string) => void): Promise<{ readonly code: number | null; readonly codes: readonly string[] }> {
    const copy = mkdtempSync(join(directory, "copy-"));
    cpSync(data, copy, { recursive: true });
    change(copy);
    const ran = await suyuan(["fsck", "--data", copy, "--json"]);
    rmSync(copy, { recursive: true });
    expect(ran.stderr).not.to.match(/^\s+at /m);
    return { code: ran.code, codes: documents(ran).flatMap((one) => (one as { code?: string }).code ?? []) };
  }

  const changes: Readonly<Record<string, (bytes: Buffer) => Buffer | undefined>> = {
    "a bit": (bytes) => {
      bytes[chance.below(bytes.length)]! ^= 1 << chance.below(8);
      return bytes;
    },
    "a piece overwritten": (bytes) => {
      const from = chance.below(bytes.length);
      return bytes.fill(bytes[from]! ^ 0xa5, from, Math.min(from + 100, bytes.length));
    },
    cut: (bytes) => bytes.subarray(0, chance.below(bytes.length)),
    // Not so little that a log looks as if its last record had been cut off by a crash: of such a one nothing is read.
    "something behind": (bytes) => Buffer.concat([bytes, Buffer.from("\x01\x02\x03\x04\x05\x00\x01tampered")]),
    "two halves exchanged": (bytes) => Buffer.concat([bytes.subarray(bytes.length >> 1), bytes.subarray(0, bytes.length >> 1)]),
    gone: () => undefined,
  };

  it("is not claimed of what was not touched", async () => {
    expect(await told(() => undefined)).to.deep.equal({ code: 0, codes: [] });
  });

  for (const [name, change] of Object.entries(changes)) {
    it(`shows: ${name}`, async () => {
      for (const [number, file] of filesOf(data).entries()) {
        // A sixth of the files, another one for each kind of change.
        if (SAMPLE && (number + name.length) % 6 !== 0) continue;
        const bytes = readFileSync(join(data, file));
        if (bytes.length === 0) continue;
        for (let i = 0; i < (name === "a bit" ? 3 : 1); i++) {
          const changed = change(Buffer.from(bytes));
          if (changed?.equals(bytes) === true) continue;
          const { code, codes } = await told((copy) => {
            if (changed === undefined) rmSync(join(copy, file));
            else writeFileSync(join(copy, file), changed);
          });
          // A read model that ends early is as after a crash: told, and gone on from.
          if (file.startsWith("index/") && code === 0) expect(codes, `${file}: ${name}`).to.deep.equal(["index-behind"]);
          else expect([code, codes.length > 0], `${file}: ${name}`).to.deep.equal([4, true]);
        }
      }
    });
  }

  /** So many bytes are hashed of one file in all: of a larger one, not every byte is changed. */
  const BUDGET = (SAMPLE ? 20 : 400) * 1024 * 1024;

  it("shows any byte of a database's files", async () => {
    const silent: { readonly file: string; readonly at: number; readonly bit: number }[] = [];
    for (const database of DATABASES) {
      const alone = join(directory, "alone");
      for (const name of readdirSync(join(data, database)).filter((name) => !SILENT.test(name))) {
        rmSync(alone, { recursive: true, force: true });
        cpSync(join(data, database), alone, { recursive: true });
        // The checksums of one file are the same whatever the others hold; that they are there is looked at.
        for (const other of readdirSync(alone))
          if (other !== name) writeFileSync(join(alone, other), other === "CURRENT" ? readFileSync(join(alone, other)) : "");
        for (const other of readdirSync(alone)) if (other.endsWith(".ldb") && other !== name) rmSync(join(alone, other));
        const bytes = readFileSync(join(data, database, name));
        const step = Math.max(1, Math.ceil(bytes.length ** 2 / BUDGET));
        for (let at = chance.below(Math.min(step, bytes.length)); at < bytes.length; at += step) {
          const bit = 1 << chance.below(8);
          const changed = Buffer.from(bytes);
          changed[at]! ^= bit;
          writeFileSync(join(alone, name), changed);
          let found = 0;
          for await (const difference of checkFiles(alone)) found += basename(difference.file) === name ? 1 : 0;
          if (found === 0) silent.push({ file: join(database, name), at, bit });
        }
      }
    }
    // A log whose last record now claims to be longer looks as if its end had been cut off by a crash: what it held is missing then.
    expect(silent.filter(({ file }) => !file.endsWith(".log") && !basename(file).startsWith("MANIFEST"))).to.deep.equal([]);
    for (const { file, at, bit } of SAMPLE ? silent.slice(0, 3) : silent) {
      const { code, codes } = await told((copy) => {
        const bytes = readFileSync(join(copy, file));
        bytes[at]! ^= bit;
        writeFileSync(join(copy, file), bytes);
      });
      if (file.startsWith("index/") && code === 0) expect(codes, `${file} ${at}`).to.deep.equal(["index-behind"]);
      else expect([code, codes.length > 0], `${file} ${at}`).to.deep.equal([4, true]);
    }
  });

  it("shows any byte of keys, certificates, names and the trust file", async () => {
    const small = filesOf(data).filter((file) => !DATABASES.some((database) => file.startsWith(database)) && file !== "ledger/head");
    const copy = join(directory, "keys-copy");
    cpSync(data, copy, { recursive: true });
    const silent: (readonly [file: string, changed: Buffer])[] = [];
    for (const file of small) {
      const bytes = readFileSync(join(data, file));
      for (let at = chance.below(SAMPLE ? 100 : 3); at < bytes.length; at += SAMPLE ? 200 : 3) {
        const changed = Buffer.from(bytes);
        changed[at]! ^= 1 << chance.below(8);
        writeFileSync(join(copy, file), changed);
        let found = 0;
        for await (const difference of checkKeys(copy)) found += difference.detail === "" ? 0 : 1;
        if (found === 0) silent.push([file, changed]);
      }
      writeFileSync(join(copy, file), bytes);
    }
    for await (const difference of checkKeys(copy)) expect(difference).to.equal(undefined);
    // What signs is right all the same: that a certificate is another is seen by the ledger that names it.
    expect(silent.filter(([file]) => !file.endsWith(".pem")).map(([file]) => file)).to.deep.equal([]);
    for (const [file, changed] of SAMPLE ? silent.slice(0, 5) : silent) {
      const { code, codes } = await told((copy) => writeFileSync(join(copy, file), changed));
      expect([code, codes.length > 0], file).to.deep.equal([4, true]);
    }
  });

  it("shows any byte of the head, or holds by what it still bounds", async () => {
    const height = readFileSync(join(data, "ledger", "head")).readBigUInt64BE();
    for (let at = 0; at < 40; at += SAMPLE ? 7 : 1) {
      const { code, codes } = await told((copy) => {
        const bytes = readFileSync(join(copy, "ledger", "head"));
        bytes[at]! ^= 1 << chance.below(8);
        writeFileSync(join(copy, "ledger", "head"), bytes);
        // A smaller height with its own block's hash would be a good, older head; with another's it is not.
        expect(bytes.readBigUInt64BE() !== height || at >= 8).to.equal(true);
      });
      expect([code, codes.length > 0], `head ${at}`).to.deep.equal([4, true]);
    }
  });

  it("shows two files in each other's places", async () => {
    const all = filesOf(data).filter((file) => readFileSync(join(data, file)).length > 0);
    const pairs = all.flatMap((one, i) => all.slice(i + 1).map((other) => [one, other] as const));
    const different = pairs.filter(([one, other]) => !readFileSync(join(data, one)).equals(readFileSync(join(data, other))));
    // Of one kind, all; of two kinds it is no surprise.
    const alike = different.filter(([one, other]) => extname(one) === extname(other));
    const chosen = SAMPLE
      ? Array.from({ length: 5 }, () => chance.pick(alike))
      : [...alike, ...Array.from({ length: 20 }, () => chance.pick(different))];
    for (const [one, other] of chosen) {
      const { code, codes } = await told((copy) => {
        const [first, second] = [readFileSync(join(copy, one)), readFileSync(join(copy, other))];
        writeFileSync(join(copy, one), second);
        writeFileSync(join(copy, other), first);
      });
      const isIndex = [one, other].every((file) => file.startsWith("index/"));
      if (isIndex && code === 0) expect(codes, `${one} and ${other}`).to.deep.equal(["index-behind"]);
      else expect([code, codes.length > 0], `${one} and ${other}`).to.deep.equal([4, true]);
    }
  });

  it("shows what is put beside, unless nothing reads it", async () => {
    for (const database of DATABASES) {
      const names = readdirSync(join(data, database));
      for (const name of names.filter((name) => /\.(?:log|ldb)$/.test(name))) {
        const { code, codes } = await told((copy) => cpSync(join(copy, database, name), join(copy, database, `900000${extname(name)}`)));
        // A log is read again after the others: it says nothing that is not there, or is overtaken by what came later. A table that no manifest names is not read.
        expect([code, codes], `${database}/${name}`).to.deep.equal([0, []]);
      }
      const foreign = DATABASES.find((other) => other !== database)!;
      const log = readdirSync(join(data, foreign)).find((name) => name.endsWith(".log"))!;
      const { code, codes } = await told((copy) => cpSync(join(copy, foreign, log), join(copy, database, "900000.log")));
      if (readFileSync(join(data, foreign, log)).length > 0)
        expect([code, codes.length > 0], `${foreign} in ${database}`).to.deep.equal([4, true]);
    }
  });

  it("shows each store put back to an earlier moment, the others being of now", async () => {
    for (const [part, ...stores] of [
      ["ledger", "ledger"],
      ["head", "ledger/head"],
      ["blocks", "ledger/level"],
      ["keys", "keys/issuer.jwks.json"],
    ] as const) {
      const back = (copy: string): void => {
        for (const store of stores) {
          rmSync(join(copy, store), { recursive: true });
          cpSync(join(early, store), join(copy, store), { recursive: true });
        }
      };
      const { code, codes } = await told(back);
      if (part === "keys")
        expect(code, part).to.equal(0); // it is the same
      else if (part === "head")
        expect([code, codes], part).to.deep.equal([0, []]); // the head is a lower bound
      else expect([code, codes.length > 0], part).to.deep.equal([4, true]);
    }
    const index = await told((copy) => {
      rmSync(join(copy, "index"), { recursive: true });
      cpSync(join(early, "index"), join(copy, "index"), { recursive: true });
    });
    expect(index).to.deep.equal({ code: 0, codes: ["index-behind"] });
  });

  it("knows every file there is", () => {
    expect(new Set(filesOf(data).map((file) => basename(file).replace(/\d+/, "N")))).to.deep.equal(
      new Set([
        ...["N.log", "N.ldb", "CURRENT", "MANIFEST-N"],
        ...["acts.key", "facts.key", "issuer.jwks.json", "issuer.key.json", "withholding.key"],
        ...["head", "ca.key", "ca.pem", "gateway.key", "gateway.pem", "node.key", "node.pem", "network", "trust.json"],
      ]),
    );
  });
});
