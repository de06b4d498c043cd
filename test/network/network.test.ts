/** The network for real: peers, orderers and chaincode of four organisations as processes of this machine. */
import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FabricGatewayLedger } from "../../gateway/ledger/fabric-gateway";
import { OrganisationFiles } from "../../network/directory";
import { STEPS } from "../../network/network";
import type { Kind } from "../../network/processes/services";
import { portOf } from "../../network/topology";
import { onFabric } from "../gateway/ledger/fabric-network";
import { documents, inDirectory, Served, suyuan } from "../scripts/suyuan";
import { Four } from "./four";

const TITLE = "a network of four organisations";
onFabric(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(120_000);
    const four = new Four();
    const { up, pid, height, connectionOf } = four;
    before(() => four.make());
    after(() => four.remove());

    it("comes from nothing to a committed transaction on all four", async () => {
      await four.init();
      expect(await up()).to.deep.equal(STEPS);
      const blocks = await height();
      // The channel's own, four approvals and a commit of the chaincode, the contract's first transaction; approvals may share a block.
      expect(blocks).to.be.within(4, 7);
    });

    it("says of every process that it runs, as its own peer and orderer tell it", async () => {
      const states = await four.network.status();
      const leader = states[0]?.leader;
      expect(four.network.topology.organisations.map(({ name }) => name)).to.include(leader);
      for (const state of states) {
        expect(state.running, state.organisation).to.deep.equal({ orderer: true, chaincode: true, peer: true });
        expect(state.orderer?.status, state.organisation).to.equal("active");
        expect(state.daysLeft, state.organisation).to.be.within(729, 731);
        expect(state.leader, state.organisation).to.equal(leader);
        expect(state.chaincode, state.organisation).to.match(/^1\+[0-9a-f]{16}$/);
        expect(state.disk.used, state.organisation).to.be.above(0);
      }
    });

    it("tells how far the clock of each organisation is from this machine's: here it is the same one", async () => {
      const clocks = await four.network.clocks();
      expect(Object.keys(clocks)).to.have.members(four.network.topology.organisations.map(({ name }) => name));
      for (const [name, ms] of Object.entries(clocks)) expect(Math.abs(ms), name).to.be.below(1000);
    });

    it("is up already: nothing is started, installed or written again", async () => {
      const before = await Promise.all([height(), pid("authority", "peer"), pid("source", "chaincode")]);
      await up();
      expect(await Promise.all([height(), pid("authority", "peer"), pid("source", "chaincode")])).to.deep.equal(before);
    });

    it("lets each organisation's gateway ask its own peer, and gives all the same answer, endorsed by at least three", async () => {
      for (const { name } of four.network.topology.organisations) {
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

    it("has figures of every process, the organisation's gateway included, in one list for Prometheus", () =>
      inDirectory(async (data) => {
        const operator = four.network.topology.organisations[1]!;
        const own = new OrganisationFiles(four.network.directory, operator);
        const more = ["--port", String(portOf(operator, "gateway")), "--network", own.connection, "--org", operator.name];
        const gateway = await Served.start(join(data, "gateway"), {}, "inherit", more);
        try {
          const list = JSON.parse(await readFile(own.scrape, "utf8")) as { targets: string[]; labels: Record<string, string> }[];
          expect(list.map(({ labels }) => labels["process"])).to.have.members(["peer", "orderer", "chaincode", "gateway"]);
          const asked = list.map(async ({ targets: [target], labels }) => {
            const answer = await fetch(`http://${target ?? ""}/metrics`);
            expect(answer.status, target).to.equal(200);
            return [labels["process"], await answer.text()] as const;
          });
          const figures = new Map(await Promise.all(asked));
          expect(figures.get("peer")).to.match(/^ledger_blockchain_height\{channel="suyuan"\} \d+$/m);
          expect(figures.get("orderer")).to.match(/^consensus_BFT_leader_id\{channel="suyuan"\} \d+$/m);
          expect(figures.get("gateway")).to.match(/^suyuan_outbox_facts 0$/m);
          expect(figures.get("chaincode")).to.match(
            /^suyuan_chaincode_transaction_seconds_count\{transaction="journals",outcome="done"\} [1-9]/m,
          );
        } finally {
          await gateway.stop();
        }
      }));

    for (const kind of ["peer", "chaincode"] as const) {
      it(`takes a killed ${kind} back, with all that it had`, async () => {
        const blocks = await height();
        process.kill(await pid("developer", kind), "SIGKILL");
        const ran = await suyuan(["network", "status", "--dir", four.network.directory, "--json"]);
        expect(ran.code, ran.stdout).to.equal(5);
        const told = documents(ran) as ({ organisation: string; running: Record<Kind, boolean> } | { clocks: Record<string, number> })[];
        const states = told.flatMap((one) => ("running" in one ? [one] : []));
        expect(told.at(-1)).to.have.nested.property("clocks.authority");
        expect(told.at(-1)).to.not.have.nested.property("clocks.developer");
        const stopped = states.filter(({ running }) => !Object.values(running).every(Boolean)).map(({ organisation }) => organisation);
        expect(stopped).to.deep.equal(["developer"]);
        await up();
        expect(await height()).to.equal(blocks);
      });
    }
  });
});
