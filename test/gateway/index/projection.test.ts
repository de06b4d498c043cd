import { expect } from "chai";
import * as fc from "fast-check";
import { rm } from "node:fs/promises";
import type { Block } from "../../../gateway/ledger/port";
import { contents, newDirectory, project } from "./indexed";
import { accessed, called, deleted, event, FACTS, processed, pulled, released, Story } from "./story";

/** Blocks of every kind of content: some of one event, some of hundreds, so that chunks and tiles end anywhere. */
async function blocksOfStory(): Promise<Block[]> {
  const story = await Story.world();
  try {
    const [first = "", second = ""] = await story.holdings(pulled("res-a", 1), pulled("res-b", 2));
    const [joined = ""] = await story.holdings(processed("integrate", [first, second], [3]));
    await story.acts(released("prd-1", "v1", [joined]));
    for (const size of [1, 7, 240, 1, 16, 15, 300, 2]) {
      await story.facts(...Array.from({ length: size }, (_, i) => (i % 3 === 0 ? accessed("res-a") : called("prd-1"))));
    }
    const twice = called("prd-1");
    await story.facts(twice, pulled("res-c", 4), event("no.such", {}));
    await story.facts({ ...twice, data: { ...twice.data, rows: 99 } }, deleted(first, 1), deleted(second, 7));
    await story.append(FACTS, [Buffer.from("no json"), Buffer.from('{"source":5}')]);
    return await story.blocks();
  } finally {
    await story.close();
  }
}

describe("the projection", () => {
  let blocks: Block[];
  let inOneGo: Map<string, string>;

  before(async function () {
    this.timeout(60_000);
    blocks = await blocksOfStory();
    const directory = await newDirectory();
    await project(directory, blocks);
    inOneGo = await contents(directory);
    await rm(directory, { recursive: true });
  });

  it("writes the same whatever the restarts in between", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(blocks.length), { maxLength: 8 }), async (restarts) => {
        const directory = await newDirectory();
        const ends = [...restarts.sort((a, b) => a - b), blocks.length];
        let start = 0;
        for (const end of ends) {
          await project(directory, blocks.slice(start, end));
          start = end;
        }
        const found = await contents(directory);
        await rm(directory, { recursive: true });
        expect([...found.keys()]).to.deep.equal([...inOneGo.keys()]);
        for (const [key, value] of inOneGo) expect(found.get(key), key.replaceAll("\0", " ")).to.equal(value);
      }),
      { numRuns: 12 },
    );
  }).timeout(60_000);

  it("refuses a block that is not next", async () => {
    const directory = await newDirectory();
    const error: unknown = await project(directory, [blocks[1] as Block]).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(Error);
    expect(await contents(directory)).to.have.property("size", 0);
    await rm(directory, { recursive: true });
  });

  it("refuses a batch that does not make the root that the ledger states, and writes nothing of its block", async () => {
    const directory = await newDirectory();
    await project(directory, blocks.slice(0, 3));
    const before = await contents(directory);
    const [transaction] = (blocks[3] as Block).transactions;
    const result = Buffer.from(
      Buffer.from(transaction!.result)
        .toString()
        .replace(/"root":"..../, '"root":"0000'),
    );
    const forged: Block = { number: 3, transactions: [{ ...transaction!, result }] };
    const error: unknown = await project(directory, [forged]).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(Error);
    expect(await contents(directory)).to.deep.equal(before);
    await rm(directory, { recursive: true });
  });

  it("passes over transactions that are invalid", async () => {
    const directory = await newDirectory();
    const invalid = blocks.map((block) => ({
      ...block,
      transactions: [
        ...block.transactions,
        ...block.transactions.map((transaction) => ({ ...transaction, valid: false, transactionId: "x" })),
      ],
    }));
    await project(directory, invalid);
    const found = await contents(directory);
    found.delete("checkpoint");
    expect(found).to.deep.equal(new Map([...inOneGo].filter(([key]) => key !== "checkpoint")));
    await rm(directory, { recursive: true });
  });
});
