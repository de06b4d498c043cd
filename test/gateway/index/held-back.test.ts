import { expect } from "chai";
import { rm } from "node:fs/promises";
import type { Appended } from "../../../chaincode/append";
import { ReadModel } from "../../../gateway/index/read-model";
import type { Block } from "../../../gateway/ledger/port";
import { newDirectory, project } from "./indexed";
import { accessed, FACTS, Story } from "./story";

const MINUTE = 60_000;

/** The same block, as if its transaction had been endorsed at another time. */
function endorsedAt(block: Block, time: string, change: object = {}): Block {
  const [transaction] = block.transactions;
  const appended = JSON.parse(Buffer.from(transaction!.result).toString()) as Appended;
  return {
    ...block,
    transactions: [{ ...transaction!, time, result: Buffer.from(JSON.stringify({ ...appended, time })), ...change }],
  };
}

describe("what was held back", () => {
  let blocks: readonly Block[];
  let latest: number;

  before(async () => {
    const story = await Story.world();
    await story.facts(accessed("res-a"));
    blocks = await story.blocks();
    await story.close();
    latest = Math.max(...blocks.slice(0, -1).flatMap(({ transactions }) => transactions.map(({ time }) => Date.parse(time))));
  });

  /** Findings of the last block's event, with that block as it is given. */
  async function codes(last: Block): Promise<readonly string[]> {
    const directory = await newDirectory();
    await project(directory, [...blocks.slice(0, -1), last]);
    const readModel = await ReadModel.open(directory);
    const event = await (await readModel.reader()).event({ journal: FACTS, index: 0 });
    await readModel.close();
    await rm(directory, { recursive: true });
    return event!.findings.map(({ code }) => code).filter((code) => code === "held-back");
  }

  const behind = (ms: number): string => new Date(latest - ms).toISOString();

  it("is a transaction whose time lies more than ten minutes behind an earlier block's", async () => {
    expect(await codes(endorsedAt(blocks.at(-1)!, behind(10 * MINUTE + 1)))).to.deep.equal(["held-back"]);
    expect(await codes(endorsedAt(blocks.at(-1)!, behind(10 * MINUTE)))).to.deep.equal([]);
  });

  it("is nothing that was taken over from another ledger, whose times are those of then", async () => {
    const [transaction] = blocks.at(-1)!.transactions;
    const args = [...transaction!.args.slice(0, 4), Buffer.from("tx-of-then")];
    const taken = endorsedAt(blocks.at(-1)!, behind(365 * 24 * 60 * MINUTE), { transaction: "import", args });
    expect(await codes(taken)).to.deep.equal([]);
  });
});
