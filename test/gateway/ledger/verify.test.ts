import { expect } from "chai";
import { createHash, X509Certificate } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Level } from "level";
import { decodeBlock, encodeBlock, encodeEndorsement, decodeEndorsement, type StoredBlock } from "../../../gateway/ledger/embedded/block";
import { readBlocks } from "../../../gateway/ledger/embedded/copy";
import { loadIdentities } from "../../../gateway/ledger/embedded/identity";
import { blockKey } from "../../../gateway/ledger/embedded/store";
import { type DifferenceCode, verifyStore } from "../../../gateway/ledger/embedded/verify";
import { codeOf } from "../../suites/ledger";
import { call, CHANGED, evaluate, FAULTY, inDirectory, NAME, openLedger, PROBE, verified } from "./embedded";

type Database = Level<Buffer, Buffer>;
const stateKey = (key: string): Buffer => Buffer.from(`s${key}`);

describe("verifying an embedded ledger's directory", function () {
  this.timeout(60_000);
  let base: string;
  let original: string;
  let height: number;
  /** The block that holds a transaction in conflict, and its position there. */
  let conflict: { block: number; position: number };

  before(async () => {
    base = await mkdtemp(join(tmpdir(), "suyuan-verify-"));
    original = join(base, "original");
    const ledger = await openLedger(original);
    await ledger.submit(call("put", "key", "value"));
    await ledger.submit(call("putComposite", "type", '["a","溯源"]', "composite"));
    await ledger.submit(call("announce", "event"));
    await ledger.submit(call("increment", "count"));
    await ledger.submit(call("put", "gone", "soon"));
    await ledger.submit(call("remove", "gone"));
    await Promise.allSettled(Array.from({ length: 5 }, () => ledger.submit(call("enrol", "members/", "one"))));
    await ledger.submit(call("increment", "count"));
    height = await ledger.height();
    for await (const block of ledger.blocks(0)) {
      const position = block.transactions.findIndex(({ valid }) => !valid);
      if (position >= 0) conflict = { block: block.number, position };
      if (block.number === height - 1) break;
    }
    await ledger.close();
  });
  after(() => rm(base, { recursive: true, force: true }));

  let copies = 0;
  async function copy(): Promise<string> {
    const directory = join(base, `copy-${++copies}`);
    await cp(original, directory, { recursive: true });
    return directory;
  }

  async function inDatabase(directory: string, work: (database: Database) => Promise<void>): Promise<void> {
    const database = new Level<Buffer, Buffer>(join(directory, "level"), { keyEncoding: "buffer", valueEncoding: "buffer" });
    await database.open();
    await work(database);
    await database.close();
  }

  /** Codes of what is found once the database has been changed so. */
  async function foundAfter(change: (database: Database, directory: string) => Promise<void>): Promise<DifferenceCode[]> {
    const directory = await copy();
    await inDatabase(directory, (database) => change(database, directory));
    return [...new Set((await verified(directory)).map(({ code }) => code))];
  }

  /** Changes one byte of a block where this part of it begins. */
  const flip = (number: number, part: (block: StoredBlock) => Uint8Array) =>
    foundAfter(async (database) => {
      const bytes = await database.get(blockKey(number));
      const view = part(decodeBlock(bytes));
      bytes[view.byteOffset - bytes.byteOffset]! ^= 1;
      await database.put(blockKey(number), bytes);
    });

  /** Rewrites the last block, signed by the node as if it were its own, and the head with it. */
  const resign = (number: number, change: (block: StoredBlock) => StoredBlock["transactions"]) =>
    foundAfter(async (database, directory) => {
      const { node } = await loadIdentities(join(directory, "identities"), NAME.mspId);
      const signer = { key: node.key, der: new X509Certificate(node.certificate).raw };
      let previous: Buffer | undefined;
      for (let i = number; i < height; i++) {
        const block = decodeBlock(await database.get(blockKey(i)));
        const transactions = i === number ? change(block) : block.transactions;
        const { bytes, hash } = encodeBlock(i, previous ?? block.previousHash, transactions, signer);
        await database.put(blockKey(i), bytes);
        previous = hash;
      }
      const head = Buffer.alloc(40);
      head.writeBigUInt64BE(BigInt(height));
      previous!.copy(head, 8);
      await writeFile(join(directory, "head"), head);
    });

  it("finds nothing in what the ledger wrote, changes nothing, and reports progress", async () => {
    const directory = await copy();
    const files = async (): Promise<unknown> => {
      const names = await readdir(directory, { recursive: true });
      const contents = names.filter((name) => !name.includes("LO")).map(async (name) => [name, await digestOf(join(directory, name))]);
      return Promise.all(contents);
    };
    const before = await files();
    const progress: number[][] = [];
    for await (const difference of verifyStore(directory, PROBE, (...at) => progress.push(at))) expect.fail(difference.code);
    expect(progress).to.deep.equal(Array.from({ length: height }, (_, i) => [i + 1, height]));
    expect(await files()).to.deep.equal(before);
    expect((await readdir(base)).filter((name) => name.includes(".copy-"))).to.deep.equal([]);
  });

  it("is refused while a process has the ledger open, which goes on undisturbed", () =>
    inDirectory(async (directory) => {
      const ledger = await openLedger(directory);
      expect(await codeOf(verified(directory))).to.equal("unavailable");
      await ledger.submit(call("put", "key", "value"));
      expect(await evaluate(ledger, "get", "key")).to.equal("value");
    }));

  it("can read the blocks of a closed ledger", async () => {
    const numbers: number[] = [];
    for await (const { number } of readBlocks(original)) numbers.push(number);
    expect(numbers).to.deep.equal(Array.from({ length: height }, (_, i) => i));
  });

  describe("finds a change of a block's", () => {
    const last = (view: Uint8Array): Uint8Array => view.subarray(-1);
    /** The version is a text of one letter. */
    const beforeVersion = (endorsement: Uint8Array): Uint8Array => endorsement.subarray(-6, -5);
    const parts: [name: string, part: (block: StoredBlock) => Uint8Array, code: DifferenceCode][] = [
      ["kind", ({ header }) => header, "block-malformed"],
      ["number", ({ header }) => header.subarray(15), "block-chain-broken"],
      ["previous hash", ({ header }) => header.subarray(16), "block-chain-broken"],
      ["data hash", ({ header }) => header.subarray(48), "block-data-wrong"],
      ["signer", ({ header }) => header.subarray(80), "block-signature-wrong"],
      ["certificate", ({ certificate }) => certificate.subarray(60), "block-signature-wrong"],
      ["certificate's own signature", ({ certificate }) => last(certificate), "block-signature-wrong"],
      ["signature", ({ signature }) => last(signature), "block-signature-wrong"],
      ["length of the signature", ({ signature }) => new Uint8Array(signature.buffer, signature.byteOffset - 1, 1), "block-malformed"],
      ["proposal's kind", ({ transactions }) => transactions[0]!.proposal, "block-malformed"],
      ["creator", ({ transactions }) => transactions[0]!.proposal.subarray(14), "transaction-forged"],
      ["digest of an argument", ({ transactions }) => last(transactions[0]!.proposal), "transaction-forged"],
      ["proposal's signature", ({ transactions }) => last(transactions[0]!.signature), "transaction-forged"],
      ["argument", ({ transactions }) => transactions[0]!.args[0]!, "transaction-forged"],
      ["endorsed height", ({ transactions }) => transactions[0]!.endorsement.subarray(7), "replay-differs"],
      ["written value", ({ transactions }) => beforeVersion(transactions[0]!.endorsement), "replay-differs"],
      ["written value, unsigned", ({ transactions }) => beforeVersion(transactions[0]!.endorsement), "block-data-wrong"],
      ["version of the contract", ({ transactions }) => last(transactions[0]!.endorsement), "block-data-wrong"],
      ["validity", ({ transactions }) => behind(transactions.at(-1)!.endorsement), "replay-differs"],
    ];
    for (const [name, part, code] of parts)
      it(`${name}: ${code}`, async () => {
        expect(await flip(0, part)).to.include(code);
      });

    it("signature into the other one that ECDSA allows: block-signature-wrong", async () => {
      const found = await foundAfter(async (database) => {
        const bytes = await database.get(blockKey(0));
        const { signature } = decodeBlock(bytes);
        const other = otherSignature(signature);
        const start = signature.byteOffset - bytes.byteOffset;
        const length = Buffer.alloc(4);
        length.writeUInt32BE(other.length);
        await database.put(
          blockKey(0),
          Buffer.concat([bytes.subarray(0, start - 4), length, other, bytes.subarray(start + signature.length)]),
        );
      });
      expect(found).to.deep.equal(["block-signature-wrong"]);
    });
  });

  describe("by a later version of the contract", () => {
    it("tells what that would judge otherwise from what was changed", async () => {
      const found = await verified(await copy(), CHANGED);
      expect(new Set(found.map(({ code, version }) => `${code} ${version}`))).to.deep.equal(new Set(["judged-by-another-version 1"]));
      expect(found).to.have.lengthOf(2); // the two that increment
    });

    it("finds what was changed, and everything that its own version judged wrongly", async () => {
      const directory = await copy();
      const ledger = await openLedger(directory, { contract: CHANGED });
      await ledger.submit(call("increment", "count"));
      await ledger.close();
      expect((await verified(directory, CHANGED)).map(({ code }) => code)).to.deep.equal(Array(2).fill("judged-by-another-version"));
      const codes = (await verified(directory, PROBE)).map(({ code, version }) => `${code} ${version}`);
      expect(codes).to.deep.equal(["judged-by-another-version 2"]);
      await inDatabase(directory, async (database) => {
        const bytes = await database.get(blockKey(3));
        const [one] = decodeBlock(bytes).transactions;
        bytes[one!.endorsement.byteOffset + 13 - bytes.byteOffset]! ^= 1;
        await database.put(blockKey(3), bytes);
      });
      expect((await verified(directory, CHANGED)).map(({ code }) => code)).to.include("block-data-wrong");
    });
  });

  it("finds nothing in a ledger of before versions were written down, by a contract that tells none", async () => {
    const ledger = await copy();
    await rm(ledger, { recursive: true });
    const written = await openLedger(ledger, { contract: FAULTY });
    await written.submit(call("put", "key", "value"));
    await written.close();
    expect(await verified(ledger, FAULTY)).to.deep.equal([]);
    expect((await verified(ledger, PROBE)).map(({ code }) => code)).to.deep.equal([]);
  });

  describe("finds what the node itself signed and should not have", () => {
    it("a result that the contract does not give", async () => {
      const found = await resign(3, ({ transactions: [one] }) => {
        const endorsement = decodeEndorsement(one!.endorsement);
        return [{ ...one!, endorsement: encodeEndorsement({ ...endorsement, result: Buffer.from("7") }) }];
      });
      expect(found).to.deep.equal(["replay-differs"]);
    });

    it("a transaction in conflict passed off as valid", async () => {
      const found = await resign(conflict.block, ({ transactions }) =>
        transactions.map((one, position) => (position === conflict.position ? { ...one, valid: true } : one)),
      );
      expect(found).to.include("replay-differs");
    });

    it("a valid transaction suppressed as one in conflict", async () => {
      const found = await resign(3, ({ transactions }) => transactions.map((one) => ({ ...one, valid: false })));
      expect(found).to.include("replay-differs");
    });

    it("a transaction that no member signed", async () => {
      const found = await resign(0, ({ transactions: [one] }) => [{ ...one!, args: [Buffer.from("key"), Buffer.from("other")] }]);
      expect(found).to.include("transaction-forged");
    });
  });

  describe("finds blocks", () => {
    const get = async (database: Database, number: number): Promise<Buffer> => await database.get(blockKey(number));

    it("dropped from the middle", async () => {
      expect(await foundAfter((database) => database.del(blockKey(2)))).to.deep.equal(["block-missing"]);
    });

    it("cut off at the end", async () => {
      expect(await foundAfter((database) => database.del(blockKey(height - 1)))).to.deep.equal(["block-missing"]);
    });

    it("exchanged", async () => {
      const found = await foundAfter(async (database) => {
        const [first, second] = [await get(database, 3), await get(database, 4)];
        await database.batch([
          { type: "put", key: blockKey(3), value: second },
          { type: "put", key: blockKey(4), value: first },
        ]);
      });
      expect(found).to.include("block-chain-broken");
    });

    it("repeated at the end", async () => {
      const found = await foundAfter(async (database) => database.put(blockKey(height), await get(database, height - 1)));
      expect(found).to.include("block-chain-broken");
    });

    it("that lie outside the chain", async () => {
      const found = await foundAfter(async (database) => {
        await database.put(blockKey(height + 7), await get(database, 0));
        await database.put(Buffer.alloc(9, 0xff).fill("b", 0, 1), await get(database, 0));
      });
      expect(found).to.deep.equal(["key-unexpected"]);
    });
  });

  describe("finds in the world state", () => {
    /** Differences when this key's stored bytes are changed so. */
    const change = async (key: string, into: (stored: Buffer) => Buffer | undefined): Promise<unknown> => {
      const directory = await copy();
      await inDatabase(directory, async (database) => {
        const stored = into((await database.has(stateKey(key))) ? await database.get(stateKey(key)) : Buffer.alloc(8));
        await (stored === undefined ? database.del(stateKey(key)) : database.put(stateKey(key), stored));
      });
      return (await verified(directory)).map((difference) => [difference.code, difference.key]);
    };
    const composite = "\u0000type\u0000a\u0000溯源\u0000";

    it("another value", async () => {
      expect(await change("key", (stored) => Buffer.concat([stored, Buffer.from("!")]))).to.deep.equal([["state-differs", "key"]]);
    });
    it("another version", async () => {
      const found = await change("key", (stored) => Buffer.concat([Buffer.alloc(7), Buffer.of(9), stored.subarray(8)]));
      expect(found).to.deep.equal([["state-differs", "key"]]);
    });
    it("a missing key", async () => {
      expect(await change(composite, () => undefined)).to.deep.equal([["state-differs", composite]]);
    });
    it("a key that nothing wrote", async () => {
      expect(await change("zzz", (stored) => stored)).to.deep.equal([["state-differs", "zzz"]]);
    });
  });

  describe("finds beside them", () => {
    const found = async (change: (directory: string) => Promise<void>): Promise<DifferenceCode[]> => {
      const directory = await copy();
      await change(directory);
      return (await verified(directory)).map(({ code }) => code);
    };

    it("a key that is nobody's", async () => {
      expect(await foundAfter((database) => database.put(Buffer.from("x"), Buffer.from("y")))).to.deep.equal(["key-unexpected"]);
    });

    it("another genesis record, or none", async () => {
      const other = await foundAfter(async (database) => {
        const genesis = (await database.get(Buffer.from("g"))).toString();
        await database.put(Buffer.from("g"), Buffer.from(genesis.replace(NAME.network, "other")));
      });
      expect(other).to.include.members(["block-chain-broken", "transaction-forged"]);
      expect(await foundAfter((database) => database.del(Buffer.from("g")))).to.deep.equal(["genesis-wrong"]);
    });

    it("another head, or none", async () => {
      const flipped = await found(async (directory) => {
        const head = await readFile(join(directory, "head"));
        head[20]! ^= 1;
        await writeFile(join(directory, "head"), head);
      });
      expect(flipped).to.deep.equal(["head-differs"]);
      expect(await found((directory) => rm(join(directory, "head")))).to.deep.equal(["head-differs"]);
    });

    it("keys and certificates that are not the ledger's", async () => {
      const exchange = (from: string, to: string) =>
        found((directory) => cp(join(directory, "identities", from), join(directory, "identities", to)));
      expect(await exchange("gateway.key", "node.key")).to.deep.equal(["identity-wrong"]);
      expect(await exchange("gateway.pem", "node.pem")).to.deep.equal(["identity-wrong"]);
      expect(await found((directory) => rm(join(directory, "identities", "gateway.pem")))).to.deep.equal(["identity-wrong"]);
    });

    it("a database that cannot be opened, which opening the ledger leaves as it is", async () => {
      const directory = await copy();
      await rm(join(directory, "level", "CURRENT"));
      const before = (await readdir(join(directory, "level"))).filter((name) => !name.startsWith("LO"));
      expect((await verified(directory)).map(({ code }) => code)).to.deep.equal(["store-unreadable"]);
      expect(await codeOf(openLedger(directory))).to.equal("unavailable");
      expect((await readdir(join(directory, "level"))).filter((name) => !name.startsWith("LO"))).to.deep.equal(before);
    });
  });

  describe("finds a changed byte in the database's files", () => {
    /** Everything in the database, as one digest. */
    async function contents(directory: string): Promise<string> {
      const hash = createHash("sha256");
      await inDatabase(directory, async (database) => {
        for await (const [key, value] of database.iterator()) hash.update(`${key.length} ${value.length} `).update(key).update(value);
      });
      return hash.digest("hex");
    }

    async function flipFile(path: string, position: number): Promise<void> {
      const bytes = await readFile(path);
      bytes[position]! ^= 0x10;
      await writeFile(path, bytes);
    }

    for (const kind of ["log", "table"] as const)
      it(`wherever it matters: ${kind}`, async () => {
        const source = await copy();
        if (kind === "table") await inDatabase(source, () => Promise.resolve()); // opening moves the log into a table
        const whole = await contents(await duplicate(source));
        const suffix = kind === "log" ? ".log" : ".ldb";
        const [file = ""] = (await readdir(join(source, "level"))).filter((name) => name.endsWith(suffix));
        const { size } = await stat(join(source, "level", file));
        let found = 0;
        const rounds = 24;
        for (let i = 0; i < rounds; i++) {
          const directory = await duplicate(source);
          const position = Math.floor(((i + Math.random()) * size) / rounds);
          await flipFile(join(directory, "level", file), position);
          const differences = await verified(directory);
          if (differences.length > 0) found++;
          else expect(await contents(directory), `${file} at ${position}`).to.equal(whole);
          await rm(directory, { recursive: true });
        }
        expect(found).to.be.greaterThan(rounds / 2);
      });

    it("and does not open a ledger whose log has lost a block", async () => {
      for (const text of ["soon", "members/"]) {
        const directory = await copy();
        const [file = ""] = (await readdir(join(directory, "level"))).filter((name) => name.endsWith(".log"));
        const path = join(directory, "level", file);
        await flipFile(path, (await readFile(path)).indexOf(text));
        expect(await codeOf(openLedger(directory)), text).to.equal("unavailable");
      }
    });

    async function duplicate(directory: string): Promise<string> {
      const to = join(base, `copy-${++copies}`);
      await cp(directory, to, { recursive: true });
      return to;
    }
  });
});

const digestOf = async (path: string): Promise<string> =>
  (await stat(path)).isDirectory()
    ? "directory"
    : createHash("sha256")
        .update(await readFile(path))
        .digest("hex");

/** The byte that follows this view in the same memory. */
const behind = (view: Uint8Array): Uint8Array => new Uint8Array(view.buffer, view.byteOffset + view.length, 1);

/** (r, n - s) for (r, s): equally valid in ECDSA. */
function otherSignature(der: Buffer): Buffer {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const rEnd = 4 + der[3]!;
  const s = BigInt(`0x${der.subarray(rEnd + 2).toString("hex")}`);
  const bytes = Buffer.from((order - s).toString(16).padStart(64, "0"), "hex");
  const other = bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
  const body = Buffer.concat([der.subarray(2, rEnd), Buffer.of(2, other.length), other]);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}
