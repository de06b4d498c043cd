/** What a network of four organisations lives through: processes killed while it works, and while it starts. */
import { expect } from "chai";
import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import { deflateRawSync } from "node:zlib";
import { encodeLine } from "../../chaincode/batch";
import { FabricGatewayLedger } from "../../gateway/ledger/fabric-gateway";
import { STEPS, type Step } from "../../network/network";
import { portOf } from "../../network/topology";
import { onFabricAtLength } from "../gateway/ledger/fabric-network";
import { documents, errorCode, suyuan } from "../scripts/suyuan";
import { Four } from "./four";

const TITLE = "a network whose processes are killed";
const CLI = join(__dirname, "..", "..", "scripts", "cli.js");

/** On two cores that do nothing else: `npm test` does. */
const BRING_UP_SECONDS = 20;

onFabricAtLength(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(300_000);
    const four = new Four();
    const { up, pid, height, connectionOf } = four;
    before(() => four.make());
    after(() => four.remove());

    it(`comes from nothing to a committed transaction on all four in under ${BRING_UP_SECONDS} s`, async () => {
      const began = performance.now();
      await four.init();
      await up();
      await height();
      expect((performance.now() - began) / 1000).to.be.below(BRING_UP_SECONDS);
    });

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

    it("stops, and comes up again with the same ledger", async () => {
      const blocks = await height();
      expect(await four.network.down()).to.equal(12);
      expect((await four.network.status()).map(({ height: answered }) => answered)).to.deep.equal([
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
      await up();
      expect(await height()).to.equal(blocks);
    });

    it("says which port another program has taken, and which process needs it", async () => {
      await four.network.down();
      const operator = four.network.topology.organisations[1]!;
      const port = portOf(operator, "ordererAdmin");
      const taken = await new Promise<Server>((resolve) => {
        const server = createServer().listen(port, operator.host, () => {
          resolve(server);
        });
      });
      const ran = await suyuan(["network", "up", "--dir", four.network.directory, "--json"]);
      await new Promise((resolve) => taken.close(resolve));
      expect([errorCode(ran), ran.code]).to.deep.equal(["network-port-in-use", 5]);
      const [{ error }] = documents(ran) as [{ error: { message: string } }];
      expect(error.message).to.contain(String(port)).and.to.contain("operator/orderer");
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
