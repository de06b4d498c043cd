/** Whatever is done to a file of a stopped gateway, `fsck` finds it: a byte, a piece, the whole, or what it was before. */
import { expect } from "chai";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { example, OPERATOR } from "../chaincode/events/world";
import { Chance } from "../fuzz/chance";
import { eventOf, tell, tokenOf } from "../scripts/story";
import { documents, Served, suyuan } from "../scripts/suyuan";

/** What LevelDB and the gateway write for people, and what only keeps others out: nothing is read from it. */
const SILENT = /^(?:LOG|LOG\.old|LOCK|gateway\.log)$/;

describe("tampering with the files of a store", function () {
  this.timeout(600_000);
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
    const copy = join(directory, "copy");
    rmSync(copy, { recursive: true, force: true });
    cpSync(data, copy, { recursive: true });
    change(copy);
    const ran = await suyuan(["fsck", "--data", copy, "--json"]);
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
      for (const file of filesOf(data)) {
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
