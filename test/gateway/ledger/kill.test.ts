import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { evaluate, inDirectory, openLedger, verified } from "./embedded";

/** Runs the committer and kills it so long after its first acknowledgement. @returns the counts it was acknowledged */
async function killedAfter(directory: string, milliseconds: number): Promise<Map<string, number>> {
  const child = spawn(process.execPath, [join(__dirname, "committer.js"), directory], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await once(child.stdout, "data");
  setTimeout(() => child.kill("SIGKILL"), milliseconds);
  await once(child, "close");
  expect(child.signalCode).to.equal("SIGKILL");
  const lines = output.split("\n").slice(0, -1);
  return new Map(lines.map((line) => line.split(" ")).map(([key = "", count]) => [key, Number(count)]));
}

describe("the embedded ledger, killed with SIGKILL while it commits", function () {
  this.timeout(60_000);

  it("keeps all it acknowledged, nothing by halves, round after round", async () => {
    await inDirectory(async (directory) => {
      for (const milliseconds of [1, 20, 60, 110, 170, 240]) {
        const acknowledged = await killedAfter(directory, milliseconds + Math.random() * 10);
        const ledger = await openLedger(directory);
        expect(acknowledged.size).to.be.greaterThan(0);
        for (const [key, count] of acknowledged) {
          const stored = Number(await evaluate(ledger, "get", key));
          expect(stored - count, key).to.be.oneOf([0, 1]); // one may have been committed and not yet acknowledged
        }
        await ledger.close();
      }
      expect(await verified(directory)).to.deep.equal([]);
    });
  });
});
