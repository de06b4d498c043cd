import { expect } from "chai";
import type { EmbeddedLedger } from "../../../gateway/ledger/embedded/ledger";
import { codeOf } from "../../suites/ledger";
import { call, evaluate, FAULTY, inDirectory, openLedger, verified } from "./embedded";

describe("the embedded ledger, when something fails", () => {
  /** Lets a transaction fail, opens the ledger again and says what became of it. */
  async function after(transaction: string): Promise<{ code: string; then: string; stored: string; blocks: string[] }> {
    let outcome = { code: "", then: "", stored: "", blocks: [] as string[] };
    await inDirectory(async (directory) => {
      const open = (): Promise<EmbeddedLedger> => openLedger(directory, { contract: FAULTY });
      const ledger = await open();
      await ledger.submit(call("put", "before", "x"));
      const code = await codeOf(ledger.submit(call(transaction, ...(transaction === "dieNow" ? [] : ["key"]))));
      const then = await codeOf(ledger.submit(call("put", "later", "x")));
      await ledger.close();
      const again = await open();
      const blocks: string[] = [];
      for await (const block of again.blocks(0)) {
        blocks.push(...block.transactions.map((one) => one.transaction));
        if (block.number === (await again.height()) - 1) break;
      }
      outcome = { code, then, stored: await evaluate(again, "get", "key"), blocks };
      expect(await codeOf(again.submit(call("put", "afterwards", "x")))).to.equal("no error");
      await again.close();
      expect(await verified(directory, FAULTY)).to.deep.equal([]);
    });
    return outcome;
  }

  it("does not know the outcome when its thread ends before the commit: nothing was stored", async () => {
    expect(await after("dieNow")).to.deep.equal({ code: "outcome-unknown", then: "unavailable", stored: "", blocks: ["put"] });
  });

  it("does not know the outcome when its thread ends after the commit: it is found in the blocks", async () => {
    const found = { code: "outcome-unknown", then: "unavailable", stored: "stored", blocks: ["put", "dieAfterCommit"] };
    expect(await after("dieAfterCommit")).to.deep.equal(found);
  });

  it("stops after a failed write that stored nothing", async () => {
    expect(await after("failBeforeWrite")).to.deep.equal({ code: "outcome-unknown", then: "unavailable", stored: "", blocks: ["put"] });
  });

  it("stops after a failed write that stored the block all the same", async () => {
    const found = { code: "outcome-unknown", then: "unavailable", stored: "stored", blocks: ["put", "failAfterWrite"] };
    expect(await after("failAfterWrite")).to.deep.equal(found);
  });

  it("ends, rather than going on half broken, after a mistake that nothing catches", async () => {
    await inDirectory(async (directory) => {
      const ledger = await openLedger(directory, { contract: FAULTY });
      await codeOf(ledger.submit(call("mistake", "key")));
      let code = "no error";
      for (let i = 0; i < 100 && code === "no error"; i++) code = await codeOf(ledger.evaluate(call("get", "key")));
      expect(code).to.equal("unavailable");
    });
  });
});
