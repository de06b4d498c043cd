import { expect } from "chai";
import { fork } from "node:child_process";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { serialize } from "node:v8";
import { keys } from "../../../gateway/index/keys";
import { everyList, LAYOUT } from "../../../gateway/index/lists";
import { type ProjectorState, Projector } from "../../../gateway/index/projector";
import { ReadModel } from "../../../gateway/index/read-model";
import { openStore, toJson } from "../../../gateway/index/store";
import { type Block, LedgerError } from "../../../gateway/ledger/port";
import { contents, newDirectory, project } from "./indexed";
import { RecordedLedger } from "./recorded-ledger";
import { ACTS, called, FACTS, processed, pulled, Story } from "./story";

const fail = (error: unknown): never => {
  throw error;
};

describe("the projector", () => {
  let directory: string;
  /** Undone in the opposite order, also after a failure. */
  let undo: (() => Promise<unknown>)[];
  beforeEach(async () => {
    directory = await newDirectory();
    undo = [() => rm(directory, { recursive: true, force: true })];
  });
  afterEach(async () => {
    for (const close of undo.reverse()) await close();
  });

  it("shows what the ledger holds once it has started, and then each block as it is committed", async () => {
    const story = await Story.world();
    undo.push(() => story.close());
    await story.facts(called("prd-1"), called("prd-1"));
    const states: ProjectorState[] = [];
    const projector = await Projector.start({
      directory,
      ledger: story.on.ledger,
      onProjected: (state) => states.push(state),
      onError: fail,
    });
    undo.push(() => projector.stop());
    const readModel = await ReadModel.open(directory);
    undo.push(() => readModel.close());
    const size = async (journal: string): Promise<number | undefined> => (await (await readModel.reader()).head(journal))?.size;
    expect(projector.state.sizes[FACTS]).to.equal(2);
    expect(await size(FACTS)).to.equal(2);

    await story.facts(called("prd-1"));
    const height = await story.on.ledger.height();
    while (projector.state.height < height) await sleep(5);
    expect(await size(FACTS)).to.equal(3);
    expect(await readModel.height()).to.equal(height);
    expect(states.map((state) => state.height)).to.deep.equal([...states.map((state) => state.height)].sort((a, b) => a - b));
    expect(states.at(-1)).to.deep.equal({ height, sizes: { [ACTS]: await size(ACTS), [FACTS]: 3 } });
  });

  it("goes on from where it stopped, and builds again what another ledger made", async () => {
    const [one, other] = await Promise.all([
      blocksOf((story) => story.facts(called("prd-1"), called("prd-1"))),
      blocksOf((story) => story.facts(called("prd-1"))),
    ]);
    const run = async (blocks: readonly Block[]): Promise<{ heights: number[]; found: Map<string, string> }> => {
      const heights: number[] = [];
      const onProjected = ({ height }: ProjectorState): void => void heights.push(height);
      const projector = await Projector.start({ directory, ledger: new RecordedLedger(blocks), onProjected, onError: fail });
      await projector.stop();
      return { heights, found: await contents(directory) };
    };
    await run(one.slice(0, 4));
    const { heights } = await run(one);
    expect(Math.min(...heights)).to.equal(4);
    expect((await run(other)).found).to.deep.equal(await rebuilt(other));
    expect((await run(other.slice(0, 3))).found, "a ledger that is shorter").to.deep.equal(await rebuilt(other.slice(0, 3)));
  });

  it("builds again what another version made, whose lists were others", async () => {
    const blocks = await blocksOf((story) => story.facts(called("prd-1")));
    await project(directory, blocks);
    const store = await openStore(directory);
    const checkpoint = JSON.parse(String(await store.get(keys.checkpoint))) as { layout: string };
    expect(checkpoint.layout).to.equal(LAYOUT);
    const [first] = everyList;
    await store.put(keys.checkpoint, toJson({ ...checkpoint, layout: LAYOUT.replace(`, ${first!.name}`, "") }));
    await store.put("of that version", toJson(1));
    await store.close();
    const projector = await Projector.start({ directory, ledger: new RecordedLedger(blocks), onProjected: () => undefined, onError: fail });
    await projector.stop();
    expect(await contents(directory)).to.deep.equal(await rebuilt(blocks));
  });

  it("starts with what it has while the ledger cannot be reached, and goes on when it can", async () => {
    const blocks = await blocksOf((story) => story.facts(called("prd-1")));
    await project(directory, blocks.slice(0, 3));
    const ledger = new RecordedLedger(blocks);
    ledger.unavailable = true;
    const errors: unknown[] = [];
    const projector = await Projector.start({ directory, ledger, onProjected: () => undefined, onError: (error) => errors.push(error) });
    undo.push(() => projector.stop());
    expect(projector.state.height).to.equal(3);
    expect(errors).to.satisfy((all: unknown[]) => all.length > 0 && all.every((error) => error instanceof LedgerError));
    ledger.unavailable = false;
    while (projector.state.height < blocks.length) await sleep(20);
  });

  it("does not start on blocks that contradict themselves", async () => {
    const blocks = await blocksOf((story) => story.facts(called("prd-1")));
    const last = blocks.at(-1) as Block;
    const [transaction] = last.transactions;
    const result = Buffer.from(
      Buffer.from(transaction!.result)
        .toString()
        .replace(/"root":"..../, '"root":"0000'),
    );
    const ledger = new RecordedLedger([...blocks.slice(0, -1), { ...last, transactions: [{ ...transaction!, result }] }]);
    const started = Projector.start({ directory, ledger, onProjected: () => undefined, onError: fail });
    expect(await started.catch((error: unknown) => error)).to.be.instanceOf(Error);
    expect(await contents(directory)).to.deep.equal(await rebuilt(blocks.slice(0, -1)));
  });

  it("leaves nothing out and does nothing twice, however often its process is killed", async () => {
    const blocks = await blocksOf(async (story) => {
      const [holding = ""] = await story.holdings(pulled("res-a", 1));
      for (let block = 0; block < 120; block++) {
        await story.facts(...Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? processed("clean", [holding], [i]) : called("prd-1"))));
      }
    });
    const file = join(directory, "blocks");
    await writeFile(file, serialize(blocks));
    const index = join(directory, "index");
    let kills = 0;
    while (await killedOnItsWay(index, file)) kills++;
    expect(kills).to.be.greaterThan(3);
    expect(await contents(index)).to.deep.equal(await rebuilt(blocks));
  }).timeout(60_000);
});

/** Lets a process project, and kills it after some blocks. @returns whether it was killed before it had done */
async function killedOnItsWay(index: string, file: string): Promise<boolean> {
  const child = fork(require.resolve("./projecting-process"), [index, file], { silent: true });
  const exited = once(child, "exit");
  const blocks = 1 + Math.random() * 25;
  let heights = 0;
  for await (const text of child.stdout!) {
    heights += String(text).split("\n").length - 1;
    if (heights > blocks) child.kill("SIGKILL");
  }
  await exited;
  return child.signalCode === "SIGKILL";
}

async function blocksOf(tell: (story: Story) => Promise<unknown>): Promise<Block[]> {
  const story = await Story.world();
  try {
    await tell(story);
    return await story.blocks();
  } finally {
    await story.close();
  }
}

async function rebuilt(blocks: readonly Block[]): Promise<Map<string, string>> {
  const directory = await newDirectory();
  await project(directory, blocks);
  const found = await contents(directory);
  await rm(directory, { recursive: true });
  return found;
}
