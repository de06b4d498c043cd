/** What a network of four organisations lives through: processes killed while it works, and while it starts. */
import { expect } from "chai";
import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { deflateRawSync } from "node:zlib";
import { encodeLine } from "../../chaincode/batch";
import { FabricGatewayLedger } from "../../gateway/ledger/fabric-gateway";
import { STEPS, type Step } from "../../network/network";
import { onFabric } from "../gateway/ledger/fabric-network";
import { Four } from "./four";

const TITLE = "a network whose processes are killed";
const CLI = join(__dirname, "..", "..", "scripts", "cli.js");

onFabric(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(300_000);
    const four = new Four();
    const { up, pid, height, connectionOf } = four;
    before(async () => {
      await four.make();
      await four.init();
      await up();
    });
    after(() => four.remove());

    it("goes on without any one orderer, the leader too, as long as the one before is back", async () => {
      const ledger = new FabricGatewayLedger(connectionOf("operator"));
      const journal = Buffer.from("OperatorMSP/facts");
      try {
        for (const [size, { name }] of four.network.topology.organisations.entries()) {
          process.kill(await pid(name, "orderer"), "SIGKILL");
          // Whatever the line says: it is recorded, with what is wrong with it.
          const batch = deflateRawSync(encodeLine(Buffer.from(`{"without":"${name}"}`), []));
          await ledger.submit({ transaction: "append", args: [journal, Buffer.from(String(size)), batch] });
          await up();
        }
        const head: unknown = JSON.parse(Buffer.from(await ledger.evaluate({ transaction: "head", args: [journal] })).toString("utf8"));
        expect(head).to.include({ size: 4 });
      } finally {
        await ledger.close();
      }
    });

    it("finishes a start that was killed half-way, wherever it was", async () => {
      for (const step of ["start", "install"] satisfies Step[]) {
        await four.network.down();
        await rm(four.network.directory, { recursive: true });
        await four.init();
        await killedAfter(step, four.network.directory);
        await up();
        expect(
          (await four.network.status()).map(({ orderer }) => orderer?.status),
          step,
        ).to.deep.equal(Array(4).fill("active"));
        expect(await height(), step).to.be.within(4, 8);
      }
    });
  });
});

/** Runs `up` as a process of its own and kills it once it has done a step. */
async function killedAfter(step: Step, directory: string): Promise<void> {
  const child = spawn(process.execPath, [CLI, "network", "up", "--dir", directory], { stdio: ["ignore", "pipe", "ignore"] });
  const gone = new Promise((resolve) => child.once("close", resolve));
  let done = STEPS.indexOf(step) + 1;
  for await (const _ of createInterface({ input: child.stdout })) if (--done === 0) child.kill("SIGKILL");
  await gone;
  expect(child.signalCode).to.equal("SIGKILL");
}
