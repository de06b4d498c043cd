import { expect } from "chai";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Level } from "level";
import { DatabaseInUse } from "../../../gateway/database-copy";
import { checkIndex, type IndexDifference } from "../../../gateway/index/check";
import { readEntries } from "../../../gateway/index/entries";
import { keys } from "../../../gateway/index/keys";
import { Projection } from "../../../gateway/index/projection";
import { openStore } from "../../../gateway/index/store";
import type { Block } from "../../../gateway/ledger/port";
import { Mix } from "../../../scripts/bench/mix";
import { ACTS, FACTS, OnLedger } from "../../chaincode/on-ledger";

/** What a real ledger has after a small world was built on it and some facts flowed. */
async function blocksOfWorld(): Promise<Block[]> {
  const on = await OnLedger.open();
  try {
    await on.init();
    const mix = new Mix("check");
    for (const stage of mix.acts()) await on.append(ACTS, stage);
    const pulls = mix.basePulls();
    await on.append(FACTS, pulls);
    const holdings = pulls.map((_, i) => `${FACTS}/${i}/0`);
    for (let batch = 0; batch < 4; batch++)
      await on.append(
        FACTS,
        Array.from({ length: 150 }, () => mix.fact(holdings)),
      );
    const height = await on.ledger.height();
    const blocks: Block[] = [];
    for await (const block of on.ledger.blocks(0)) {
      blocks.push(block);
      if (blocks.length === height) break;
    }
    return blocks;
  } finally {
    await on.close();
  }
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

describe("checking the read model against the ledger", () => {
  let blocks: Block[];
  let directory: string;

  before(async function () {
    this.timeout(30_000);
    blocks = await blocksOfWorld();
  });

  beforeEach(async () => {
    directory = join(mkdtempSync(join(tmpdir(), "suyuan-check-")), "index");
    const store = await openStore(directory);
    const projection = await Projection.open(store);
    for (const block of blocks) await projection.project(block);
    await store.close();
  });
  afterEach(() => rmSync(dirname(directory), { recursive: true, force: true }));

  async function check(from: readonly Block[] = blocks): Promise<IndexDifference[]> {
    const found: IndexDifference[] = [];
    for await (const difference of checkIndex(directory, { blocks: each(from) })) found.push(difference);
    return found;
  }

  async function change(work: (store: Level<string, Buffer>) => Promise<unknown>): Promise<void> {
    const store = new Level<string, Buffer>(directory, { valueEncoding: "buffer" });
    await store.open();
    await work(store);
    await store.close();
  }

  it("finds nothing in one that was left alone, and leaves it alone", async () => {
    const before = readdirSync(directory).sort();
    expect(await check()).to.deep.equal([]);
    expect(readdirSync(dirname(directory))).to.deep.equal(["index"]);
    expect(
      readdirSync(directory)
        .filter((name) => !name.startsWith("LOG"))
        .sort(),
    ).to.deep.equal(before.filter((name) => !name.startsWith("LOG")));
  });

  it("finds nothing wrong in one that lacks the last blocks, and tells it: the gateway goes on from there", async () => {
    const found = await check([...blocks, { number: blocks.length, transactions: [] }]);
    expect(found.map(({ code }) => code)).to.deep.equal(["index-behind"]);
  });

  it("finds one changed byte in a record of any kind, one record too few and one too many", async () => {
    const kinds = new Map<string, string>();
    await change(async (store) => {
      for await (const key of store.keys()) kinds.set(key.split("\0")[0]!, key);
    });
    kinds.delete("checkpoint");
    expect(kinds.size).to.be.greaterThan(12);
    await change(async (store) => {
      for (const [kind, key] of kinds) {
        const value = await store.get(key);
        if (value.length > 0) value[value.length - 1]! ^= 1;
        await store.put(key, value.length > 0 ? value : Buffer.of(1)); // what is but a key has no content
        await store.put(`${kind}\0zz`, Buffer.of(1));
      }
    });
    const codes = (await check()).map(({ key, detail }) => `${key!.split(" ")[0]} ${detail}`);
    expect(codes).to.have.members([...kinds.keys()].flatMap((kind) => [`${kind} it is another`, `${kind} no block makes it`]));

    await change(async (store) => {
      for (const [kind, key] of kinds)
        await store.batch([
          { type: "del", key },
          { type: "del", key: `${kind}\0zz` },
        ]);
    });
    expect((await check()).map(({ key, detail }) => `${key!.split(" ")[0]} ${detail}`)).to.have.members(
      [...kinds.keys()].map((kind) => `${kind} it is missing`),
    );
  }).timeout(20_000);

  it("says which event, hash or finding it is", async () => {
    await change(async (store) => {
      const key = keys.entries(1, 3);
      const [event] = await readEntries(store, [{ journal: 1, index: 49 }]);
      const chunk = await store.get(key);
      chunk[chunk.indexOf(event!.leaf) + 20]! ^= 1;
      await store.put(key, chunk);
      const tile = await store.get(keys.tile(1, 0, 1));
      tile[5]! ^= 1;
      await store.put(keys.tile(1, 0, 1), tile);
    });
    const [leaf, tile, ...others] = await check();
    expect(leaf).to.include({ code: "leaf-differs", journal: FACTS, index: 49, count: 1 });
    expect(tile).to.include({ code: "tile-differs", journal: FACTS, index: 256, count: 256 });
    expect(others).to.deep.equal([]);
  });

  it("tells one that shows what the ledger has not", async () => {
    expect(await check(blocks.slice(0, -1))).to.have.nested.property("[0].code", "index-ahead");
  });

  it("tells blocks that do not make their roots", async () => {
    const forged = blocks.map((block) => ({
      ...block,
      transactions: block.transactions.map((transaction) => ({
        ...transaction,
        result: Buffer.from(
          Buffer.from(transaction.result)
            .toString()
            .replace(/"root":"../, '"root":"zz'),
        ),
      })),
    }));
    expect((await check(forged)).map(({ code }) => code)).to.deep.equal(["blocks-contradict"]);
  });

  it("tells a database that cannot be read from one that is in use", async () => {
    await change(async (store) => {
      await store.del("checkpoint");
    });
    expect((await check()).map(({ code }) => code)).to.deep.equal(["index-unreadable"]);
    rmSync(join(directory, "CURRENT"));
    expect((await check()).map(({ code }) => code)).to.deep.equal(["index-unreadable"]);
    const other = new Level(directory);
    await other.open();
    try {
      const error: unknown = await check().catch((caught: unknown) => caught);
      expect(error).to.be.instanceOf(DatabaseInUse);
    } finally {
      await other.close();
    }
  });
});
