import { expect } from "chai";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Level } from "level";
import { AUTHORITY } from "../chaincode/events/world";
import { tell, tokenOf } from "./story";
import { documents, Served, suyuan } from "./suyuan";

describe("suyuan fsck --repair", function () {
  this.timeout(120_000);
  let directory: string;
  let data: string;
  let leafHash: string;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "suyuan-repair-"));
    data = join(directory, "data");
    const served = await Served.start(data);
    leafHash = (await tell(served)).at(-1)!.leafHash;
    await served.stop();
  });
  after(() => rmSync(directory, { recursive: true }));

  interface Repaired {
    readonly code: number | null;
    readonly repaired: readonly string[];
    readonly unrepaired: readonly string[];
    readonly copy: string;
  }

  async function repaired(change: (copy: string) => void | Promise<void>): Promise<Repaired> {
    const copy = mkdtempSync(join(directory, "copy-"));
    cpSync(data, copy, { recursive: true });
    await change(copy);
    const ran = await suyuan(["fsck", "--data", copy, "--repair", "--json"]);
    const told = documents(ran) as { repaired?: string; unrepaired?: string }[];
    const names = (name: "repaired" | "unrepaired"): string[] => told.flatMap((one) => one[name] ?? []);
    return { code: ran.code, repaired: names("repaired"), unrepaired: names("unrepaired"), copy };
  }

  const damage = (file: string): void => {
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(file, bytes);
  };
  const logOf = (database: string): string =>
    join(
      database,
      readdirSync(database).find((name) => name.endsWith(".log"))!,
    );

  /** The gateway runs on it, and answers with a receipt. */
  async function expectServing(copy: string): Promise<void> {
    const served = await Served.start(copy);
    try {
      const response = await fetch(`${served.url}/v1/receipts/${leafHash}`, {
        headers: { authorization: `Bearer ${await tokenOf(AUTHORITY, served)}` },
      });
      expect(response.status).to.equal(200);
    } finally {
      await served.stop();
    }
  }

  it("changes nothing where nothing is wrong", async () => {
    expect(await repaired(() => undefined)).to.deep.include({ code: 0, repaired: [], unrepaired: [] });
  });

  it("makes the read model again, and keeps the old one beside it", async () => {
    const { copy, ...outcome } = await repaired((copy) => damage(logOf(join(copy, "index"))));
    expect(outcome).to.deep.equal({ code: 0, repaired: ["index"], unrepaired: [] });
    expect(readdirSync(copy).filter((name) => name.startsWith("index."))).to.have.length(1);
    await expectServing(copy);
  });

  it("makes the world state again from what the blocks say was written", async () => {
    const { copy, ...outcome } = await repaired(async (copy) => {
      const level = new Level<string, Buffer>(join(copy, "ledger", "level"), { valueEncoding: "buffer" });
      const keys = await level.keys({ gte: "s", lt: "t" }).all();
      await level.del(keys[3]!);
      await level.put(keys[5]!, Buffer.from("invented, longer than eight bytes"));
      await level.put("sa key of nobody", Buffer.from("more than eight bytes"));
      await level.close();
    });
    expect(outcome).to.deep.equal({ code: 0, repaired: ["state"], unrepaired: [] });
    await expectServing(copy);
  });

  it("writes the trust file again", async () => {
    const { copy, ...outcome } = await repaired((copy) => rmSync(join(copy, "trust.json")));
    expect(outcome).to.deep.equal({ code: 0, repaired: ["trust"], unrepaired: [] });
    expect(readFileSync(join(copy, "trust.json"), "utf8")).to.equal(readFileSync(join(data, "trust.json"), "utf8"));
  });

  it("says what it cannot make: the ledger, the outbox, keys", async () => {
    const ledger = await repaired((copy) => {
      damage(logOf(join(copy, "ledger", "level")));
      damage(logOf(join(copy, "index")));
    });
    expect([ledger.code, ledger.repaired]).to.deep.equal([4, []]);
    expect(ledger.unrepaired).to.include("ledger");
    const outbox = await repaired((copy) => damage(logOf(join(copy, "outbox"))));
    expect(outbox).to.deep.include({ code: 4, repaired: [], unrepaired: ["outbox"] });
    const keys = await repaired((copy) => rmSync(join(copy, "keys", "facts.key")));
    expect(keys).to.deep.include({ code: 4, repaired: [], unrepaired: ["keys"] });
  });

  it("repairs what it can where not all can be", async () => {
    const both = await repaired((copy) => {
      damage(logOf(join(copy, "outbox")));
      damage(logOf(join(copy, "index")));
    });
    expect(both).to.deep.include({ code: 4, repaired: ["index"], unrepaired: ["outbox"] });
  });
});
