import { expect } from "chai";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { EmbeddedLedger } from "../../../gateway/ledger/embedded/ledger";
import { codeOf } from "../../suites/ledger";
import { call, evaluate, FAULTY, inDirectory, openLedger, verified } from "./embedded";

describe("the embedded ledger, when something fails", () => {
  interface Outcome {
    /** What the transaction that failed answered, and one sent at once after it. */
    readonly code: string;
    readonly then: string;
    readonly stored: string;
    /** Transactions on the ledger after it went on by itself. */
    readonly blocks: readonly string[];
  }

  /** Lets a transaction fail and waits until the ledger goes on, which it does by itself. */
  async function after(transaction: string): Promise<Outcome> {
    let outcome: Outcome = { code: "", then: "", stored: "", blocks: [] };
    await inDirectory(async (directory) => {
      const ledger = await openLedger(directory, { contract: FAULTY });
      await ledger.submit(call("put", "before", "x"));
      expect(ledger.failure).to.equal(undefined);
      const code = await codeOf(ledger.submit(call(transaction, ...(transaction === "dieNow" ? [] : ["key"]))));
      expect(ledger.failure).to.be.a("string");
      const then = await codeOf(ledger.submit(call("put", "later", "x")));
      expect(await codeOf(ledger.height())).to.equal("unavailable");
      await goesOn(ledger);
      const stored = await evaluate(ledger, "get", "key");
      outcome = { code, then, stored, blocks: await transactionsOf(ledger) };
      expect(await codeOf(ledger.submit(call("put", "afterwards", "x")))).to.equal("no error");
      expect(await transactionsOf(ledger)).to.deep.equal([...outcome.blocks, "put"]);
      await ledger.close();
      expect(await verified(directory, FAULTY)).to.deep.equal([]);
    });
    return outcome;
  }

  const goesOn = async (ledger: EmbeddedLedger): Promise<void> => {
    while (ledger.failure !== undefined) await sleep(5);
  };

  async function transactionsOf(ledger: EmbeddedLedger): Promise<readonly string[]> {
    const height = await ledger.height();
    const found: string[] = [];
    for await (const { number, transactions } of ledger.blocks(0)) {
      found.push(...transactions.map((one) => one.transaction));
      if (number === height - 1) break;
    }
    return found;
  }

  it("does not know the outcome when its thread ends before the commit: nothing was stored", async () => {
    expect(await after("dieNow")).to.deep.equal({ code: "outcome-unknown", then: "unavailable", stored: "", blocks: ["put"] });
  });

  it("does not know the outcome when its thread ends after the commit: it is found in the blocks", async () => {
    const found = { code: "outcome-unknown", then: "unavailable", stored: "stored", blocks: ["put", "dieAfterCommit"] };
    expect(await after("dieAfterCommit")).to.deep.equal(found);
  });

  it("opens itself again after a failed write that stored nothing", async () => {
    expect(await after("failBeforeWrite")).to.deep.equal({ code: "outcome-unknown", then: "unavailable", stored: "", blocks: ["put"] });
  });

  it("opens itself again after a failed write that stored the block all the same", async () => {
    const found = { code: "outcome-unknown", then: "unavailable", stored: "stored", blocks: ["put", "failAfterWrite"] };
    expect(await after("failAfterWrite")).to.deep.equal(found);
  });

  for (const [transaction, held] of [
    ["failBeforeWrite", "nothing"],
    ["failAfterWrite", "the block"],
  ] as const) {
    it(`tells each of many at once what is known of it, when a write fails and ${held} was stored`, async () => {
      await inDirectory(async (directory) => {
        const ledger = await openLedger(directory, { contract: FAULTY });
        const keys = Array.from({ length: 30 }, (_, i) => `k${i}`);
        const sent = keys.map((key, i) => ledger.submit(i === 3 ? call(transaction, key) : call("put", key, "stored")));
        const codes = await Promise.all(sent.map(codeOf));
        expect(codes).to.include("outcome-unknown");
        await goesOn(ledger);
        for (const [i, key] of keys.entries()) {
          const stored = (await evaluate(ledger, "get", key)) === "stored";
          if (codes[i] === "no error") expect(stored, key).to.equal(true);
          else if (codes[i] === "outcome-unknown") expect(stored, key).to.equal(transaction === "failAfterWrite");
          else expect([codes[i], stored], key).to.deep.equal(["unavailable", false]);
        }
        await ledger.close();
        expect(await verified(directory, FAULTY)).to.deep.equal([]);
      });
    });
  }

  it("gives those who follow its blocks each one, across a failure, and none twice", async () => {
    await inDirectory(async (directory) => {
      const ledger = await openLedger(directory, { contract: FAULTY });
      const found: string[] = [];
      const following = (async () => {
        for await (const { transactions } of ledger.blocks(0)) {
          found.push(...transactions.map((one) => one.transaction));
          if (found.length === 3) return;
        }
      })();
      await ledger.submit(call("put", "a", "x"));
      await codeOf(ledger.submit(call("failAfterWrite", "b")));
      await goesOn(ledger);
      await ledger.submit(call("fill", "c", "1"));
      await following;
      expect(found).to.deep.equal(["put", "failAfterWrite", "fill"]);
    });
  });

  it("says what is the matter for as long as it cannot be opened again, and can be closed meanwhile", async () => {
    await inDirectory(async (directory) => {
      const ledger = await openLedger(directory, { contract: FAULTY });
      await ledger.submit(call("put", "before", "x"));
      await rename(join(directory, "identities"), join(directory, "elsewhere"));
      await codeOf(ledger.submit(call("failBeforeWrite", "key")));
      while (!/cannot be opened/.test(ledger.failure ?? "")) await sleep(5);
      expect(await codeOf(ledger.submit(call("put", "later", "x")))).to.equal("unavailable");
      await rename(join(directory, "elsewhere"), join(directory, "identities"));
      await goesOn(ledger);
      expect(await codeOf(ledger.submit(call("put", "later", "x")))).to.equal("no error");
      await rename(join(directory, "identities"), join(directory, "elsewhere"));
      await codeOf(ledger.submit(call("failBeforeWrite", "key")));
      await ledger.close();
      await rename(join(directory, "elsewhere"), join(directory, "identities"));
      expect(await verified(directory, FAULTY)).to.deep.equal([]);
    });
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
