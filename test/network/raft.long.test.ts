/** A network as before Fabric 2.4: ordered by Raft, its peers without a gateway service, so that each gateway asks every node itself. */
import { expect } from "chai";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SuyuanClient } from "../../gateway/client";
import { parseReceipt } from "../../gateway/evidence/receipt";
import { issueToken } from "../../gateway/keys";
import { FabricNetworkLedger } from "../../gateway/ledger/fabric-network";
import { type Committed, LedgerError } from "../../gateway/ledger/port";
import type { Kind } from "../../network/processes/services";
import { type Organisation, portOf } from "../../network/topology";
import { onFabricAtLength } from "../gateway/ledger/fabric-network";
import { Served } from "../scripts/suyuan";
import { codeOf } from "../suites/ledger";
import { Four } from "./four";

const TITLE = "a network ordered by Raft, without gateway service";
const AUTHORITY = "11990000MB1A0001XD";
const BRING_UP_SECONDS = 20;
/** A leader that says nothing is replaced within four seconds; an orderer that is gone is given up within three. */
const NEW_LEADER_SECONDS = 15;

const READ = { transaction: "journals", args: [] };

onFabricAtLength(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(120_000);
    const four = new Four();
    let ledger: FabricNetworkLedger;
    before(() => four.make("before-2.4"));
    after(async () => {
      await (ledger as FabricNetworkLedger | undefined)?.close();
      await four.remove();
    });

    const kill = async (organisation: string, kind: Kind, signal: NodeJS.Signals = "SIGKILL"): Promise<boolean> =>
      process.kill(await four.pid(organisation, kind), signal);
    const organisations = (): readonly Organisation[] => four.network.topology.organisations;

    /** Once one is elected: its own metrics say so. */
    async function leader(): Promise<string> {
      for (;;) {
        for (const one of organisations()) {
          const metrics = await fetch(`http://127.0.0.1:${portOf(one, "ordererOperations")}/metrics`);
          if (/^consensus_etcdraft_is_leader\{.*\} 1$/m.test(await metrics.text())) return one.name;
        }
        await sleep(100);
      }
    }

    /** As the outbox does: again, where that is safe. */
    async function submitted(): Promise<Committed> {
      for (;;) {
        try {
          return await ledger.submit(READ);
        } catch (error) {
          if (!(error instanceof LedgerError) || error.code !== "unavailable") throw error;
          await sleep(100);
        }
      }
    }

    it(`comes from nothing to a committed transaction on all four in under ${BRING_UP_SECONDS} s`, async () => {
      const began = performance.now();
      await four.init();
      await four.up();
      await four.height();
      expect((performance.now() - began) / 1000).to.be.below(BRING_UP_SECONDS);
      ledger = await FabricNetworkLedger.open(four.connectionOf("operator"));
      expect((await submitted()).block).to.equal((await ledger.height()) - 1);
    });

    it("lets a gateway give a receipt of what was sent to it, and end", async () => {
      const data = await mkdtemp(join(tmpdir(), "suyuan-raft-"));
      const connection = join(four.network.directory, "authority", "connection.json");
      const served = await Served.start(data, {}, "inherit", ["--network", connection, "--org", "authority"]);
      try {
        const token = await issueToken(data, { party: AUTHORITY, roles: ["authority"], seconds: 600 });
        const client = new SuyuanClient({ url: served.url, token });
        const { state, leafHash } = await client.record({
          source: "https://example.cn/authority",
          type: "suyuan.party.registered",
          data: { code: "11990000MB1A000443", name: "市交通运输局", roles: ["source"] },
        });
        expect(state).to.equal("anchored");
        await client.waitAnchored(leafHash!);
        const { attestation } = parseReceipt(await client.receipt(leafHash!));
        expect(attestation.kind === "endorsements" && attestation.endorsements).to.have.length(3);
      } finally {
        expect(await served.stop()).to.equal(0);
        await rm(data, { recursive: true });
      }
    });

    it(`goes on within ${NEW_LEADER_SECONDS} s after the loss of the orderer that leads`, async () => {
      const led = await leader();
      const began = performance.now();
      await kill(led, "orderer");
      await submitted();
      expect((performance.now() - began) / 1000).to.be.below(NEW_LEADER_SECONDS);
      await four.up();
      await four.height();
    });

    it("goes on while another organisation's peer hangs", async () => {
      await kill("developer", "peer", "SIGSTOP");
      try {
        const began = performance.now();
        for (let i = 0; i < 3; i++) await ledger.submit(READ);
        expect((await ledger.attest(READ)).kind).to.equal("endorsements");
        expect((performance.now() - began) / 1000).to.be.below(5);
      } finally {
        await kill("developer", "peer", "SIGCONT");
      }
      await four.height();
    });

    it("goes on without another organisation's peer, and is attested by the three others", async () => {
      await kill("developer", "peer");
      await ledger.submit(READ);
      const attestation = await ledger.attest(READ);
      expect(attestation.kind === "endorsements" && attestation.endorsements).to.have.length(3);
    });

    it("takes nothing for the chaincode's word that a peer says when its chaincode is gone", async () => {
      await kill("operator", "chaincode");
      expect(await codeOf(ledger.evaluate(READ))).to.equal("unavailable");
      expect(await codeOf(ledger.submit(READ))).to.equal("unavailable");
    });

    it("is unavailable without the own peer, and there again with it, for the same gateway", async () => {
      const followed = codeOf(
        (async () => {
          for await (const { number } of ledger.blocks(0)) if (number === 0) await kill("operator", "peer");
        })(),
      );
      expect(await followed).to.equal("unavailable");
      for (const work of [() => ledger.height(), () => ledger.submit(READ), () => ledger.attest(READ)])
        expect(await codeOf(work())).to.equal("unavailable");
      await four.up();
      const { block } = await submitted();
      expect(await ledger.height()).to.equal(block + 1);
    });

    it("takes nothing while all orderers are gone, and all again once they are back", async () => {
      for (const { name } of organisations()) await kill(name, "orderer");
      // What an orderer was about to take when it was killed, nobody knows.
      const codes = [await codeOf(ledger.submit(READ)), await codeOf(ledger.submit(READ))];
      expect(codes[0]).to.be.oneOf(["unavailable", "outcome-unknown"]);
      expect(codes[1]).to.equal("unavailable");
      await four.up();
      await submitted();
    });
  });
});
