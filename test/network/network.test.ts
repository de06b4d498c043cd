/** The network for real: peers, orderers and chaincode of four organisations as processes of this machine. */
import { expect } from "chai";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { deflateRawSync } from "node:zlib";
import { encodeLine } from "../../chaincode/batch";
import { readConnection } from "../../gateway/ledger/fabric-connection";
import { FabricGatewayLedger } from "../../gateway/ledger/fabric-gateway";
import { OrganisationFiles } from "../../network/directory";
import { type Chaincode, Network, STEPS, type Step } from "../../network/network";
import type { Kind } from "../../network/processes/services";
import { portOf } from "../../network/topology";
import { onFabric } from "../gateway/ledger/fabric-network";
import { documents, errorCode, suyuan } from "../scripts/suyuan";
import { declareOnFreePorts } from "./declared";

const TITLE = "a network of four organisations";
const CLI = join(__dirname, "..", "..", "scripts", "cli.js");
const CHAINCODE: Chaincode = {
  entry: join(__dirname, "..", "..", "chaincode", "index.js"),
  version: "1",
  init: true,
  read: { transaction: "journals" },
};
/** From nothing to a committed transaction that all four hold. */
const BAR_SECONDS = 20;

onFabric(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(120_000);
    let base: string;
    let network: Network;
    before(async () => {
      base = await mkdtemp(join(tmpdir(), "suyuan-four-"));
    });
    after(async () => {
      await network.down();
      await rm(base, { recursive: true, force: true });
    });

    const up = async (): Promise<readonly Step[]> => {
      const steps: Step[] = [];
      await network.up(CHAINCODE, (step) => steps.push(step));
      return steps;
    };
    const pid = async (organisation: string, kind: Kind): Promise<number> => {
      const run = new OrganisationFiles(network.directory, { name: organisation }).run(kind);
      return (JSON.parse(await readFile(run, "utf8")) as { pid: number }).pid;
    };
    const connectionOf = (organisation: string): ReturnType<typeof readConnection> =>
      readConnection(join(network.directory, organisation, "connection.json"), organisation);
    /** Once all say the same. */
    const height = async (): Promise<number> => {
      for (;;) {
        const heights = (await network.status()).flatMap((state) => [state.height, state.orderer?.height]);
        const [first] = heights;
        if (first !== undefined && heights.every((other) => other === first)) return first;
      }
    };

    it(`comes from nothing to a committed transaction on all four in under ${BAR_SECONDS} s`, async () => {
      const began = performance.now();
      network = await Network.init(join(base, "network"), await declareOnFreePorts(base));
      expect(await up()).to.deep.equal(STEPS);
      const blocks = await height();
      const seconds = (performance.now() - began) / 1000;
      // The channel's own, four approvals and a commit of the chaincode, the contract's first transaction; approvals may share a block.
      expect(blocks).to.be.within(4, 7);
      expect(seconds).to.be.below(BAR_SECONDS);
    });

    it("says of every process that it runs, as its own peer and orderer tell it", async () => {
      for (const state of await network.status()) {
        expect(state.running, state.organisation).to.deep.equal({ orderer: true, chaincode: true, peer: true });
        expect(state.orderer?.status, state.organisation).to.equal("active");
        expect(state.daysLeft, state.organisation).to.be.within(729, 731);
      }
    });

    it("is up already: nothing is started, installed or written again", async () => {
      const before = await Promise.all([height(), pid("authority", "peer"), pid("source", "chaincode")]);
      await up();
      expect(await Promise.all([height(), pid("authority", "peer"), pid("source", "chaincode")])).to.deep.equal(before);
    });

    it("lets each organisation's gateway ask its own peer, and gives all the same answer, endorsed by at least three", async () => {
      for (const { name } of network.topology.organisations) {
        const ledger = new FabricGatewayLedger(connectionOf(name));
        try {
          expect(Buffer.from(await ledger.evaluate({ transaction: "journals", args: [] })).toString("utf8")).to.equal("[]");
          const attestation = await ledger.attest({ transaction: "journals", args: [] });
          expect(attestation.kind === "endorsements" && attestation.endorsements.length, name).to.be.at.least(3);
        } finally {
          await ledger.close();
        }
      }
    });

    it("fixes its roles once: nobody calls the contract's first transaction again", async () => {
      const ledger = new FabricGatewayLedger(connectionOf("operator"));
      const blocks = await height();
      try {
        const args = [Buffer.from(JSON.stringify({ hosts: { OperatorMSP: ["authority"] }, authority: { code: "x", name: "x" } }))];
        const refused = await ledger.submit({ transaction: "init", args }).then(
          () => "committed",
          (error: unknown) => (error as { code: string }).code,
        );
        expect(refused).to.equal("refused");
      } finally {
        await ledger.close();
      }
      expect(await height()).to.equal(blocks);
    });

    for (const kind of ["peer", "orderer", "chaincode"] as const) {
      it(`takes a killed ${kind} back, with all that it had`, async () => {
        const blocks = await height();
        process.kill(await pid("developer", kind), "SIGKILL");
        const ran = await suyuan(["network", "status", "--dir", network.directory, "--json"]);
        expect(ran.code).to.equal(5);
        const states = documents(ran) as { organisation: string; running: Record<Kind, boolean> }[];
        const stopped = states.filter(({ running }) => !Object.values(running).every(Boolean)).map(({ organisation }) => organisation);
        expect(stopped).to.deep.equal(["developer"]);
        await up();
        expect(await height()).to.equal(blocks);
      });
    }

    it("goes on without any one orderer, the leader too, as long as the one before is back", async () => {
      const ledger = new FabricGatewayLedger(connectionOf("operator"));
      const journal = Buffer.from("OperatorMSP/facts");
      try {
        for (const [size, { name }] of network.topology.organisations.entries()) {
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
      expect(await network.down()).to.equal(12);
      expect((await network.status()).map(({ height: answered }) => answered)).to.deep.equal([undefined, undefined, undefined, undefined]);
      await up();
      expect(await height()).to.equal(blocks);
    });

    it("says which port another program has taken, and which process needs it", async () => {
      await network.down();
      const operator = network.topology.organisations[1]!;
      const port = portOf(operator, "ordererAdmin");
      const taken = await new Promise<Server>((resolve) => {
        const server = createServer().listen(port, operator.host, () => {
          resolve(server);
        });
      });
      const ran = await suyuan(["network", "up", "--dir", network.directory, "--json"]);
      await new Promise((resolve) => taken.close(resolve));
      expect([errorCode(ran), ran.code]).to.deep.equal(["network-port-in-use", 5]);
      const [{ error }] = documents(ran) as [{ error: { message: string } }];
      expect(error.message).to.contain(String(port)).and.to.contain("operator/orderer");
    });

    it("finishes a start that was killed half-way, wherever it was", async () => {
      for (const step of ["start", "install"] satisfies Step[]) {
        await network.down();
        await rm(network.directory, { recursive: true });
        network = await Network.init(join(base, "network"), join(base, "topology.yaml"));
        await killedAfter(step, network.directory);
        await up();
        expect(
          (await network.status()).map(({ orderer }) => orderer?.status),
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
