/** Gateways of two organisations under load, while whatever can be killed is: nothing acknowledged is lost or doubled. */
import { expect } from "chai";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { inflate } from "../../chaincode/batch";
import { toHex } from "../../chaincode/proof/bytes";
import { leafHash } from "../../chaincode/proof/rfc6962";
import { FabricGatewayLedger } from "../../gateway/ledger/fabric-gateway";
import { issueToken } from "../../gateway/keys";
import type { Role } from "../../chaincode/events/definition";
import { KINDS } from "../../network/processes/services";
import { onFabric } from "../gateway/ledger/fabric-network";
import { Served } from "../scripts/suyuan";
import { Four } from "./four";
import examples from "../../chaincode/events/data.examples.json";
import { SAMPLE } from "../sample";

const TITLE = "gateways on a network under load";
const PARTIES = { authority: "11990000MB1A0001XD", operator: "91990000MA1A00024N", source: "11990000MB1A000443" } as const;
type Name = keyof typeof PARTIES;
const ROLES: Readonly<Record<Name, Role[]>> = { authority: ["authority"], operator: ["primary-operator", "platform"], source: ["source"] };
/** What each reports. What the ledger finds wrong with it matters here to nobody. */
const FACTS = { operator: "suyuan.data.accessed", source: "suyuan.data.supplied" } as const;
const REQUEST = 20;
const PAUSE_MS = 50;

interface Acknowledged {
  readonly journal: string;
  readonly index: number;
  readonly leafHash: string;
}

onFabric(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(300_000);
    const four = new Four();
    const { up, pid } = four;
    const gateways = new Map<Name, Served>();
    const acknowledged: Acknowledged[] = [];
    let stopped = false;
    let senders: Promise<void>[] = [];
    let base = "";

    const start = async (name: Name): Promise<void> => {
      const more = ["--network", join(four.network.directory, name, "connection.json"), "--org", name];
      gateways.set(name, await Served.start(join(base, `data-${name}`), {}, "inherit", more));
    };
    const gateway = (name: Name): Served => gateways.get(name) as Served;
    const tokens = new Map<Name, string>();
    const call = async (name: Name, path: string, body?: unknown): Promise<Response> => {
      const token = tokens.get(name) ?? (await issueToken(gateway(name).data, { party: PARTIES[name], roles: ROLES[name], seconds: 3600 }));
      tokens.set(name, token);
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
      return fetch(new URL(path, gateway(name).url), { headers, ...sent });
    };
    const event = (name: Name, type: string, data: object): object => ({
      specversion: "1.0",
      id: randomUUID(),
      source: "https://platform.example.cn/load",
      type,
      party: PARTIES[name],
      time: new Date().toISOString(),
      data,
    });
    const record = async (name: Name, act: object): Promise<void> => {
      for (;;) {
        const [result] = (await (await call(name, "/v1/events", [act])).json()) as [{ state: string }];
        if (result.state === "anchored") return;
        if (result.state !== "pending") throw new Error(JSON.stringify(result));
      }
    };
    const ready = async (name: Name): Promise<{ ledger: string; reason?: string; outbox: { facts: number } }> =>
      (await (await call(name, "/readyz")).json()) as never;

    /** Sends the same again until it is acknowledged, whatever happens to the gateway. */
    async function send(name: keyof typeof FACTS): Promise<void> {
      while (!stopped) {
        const facts = Array.from({ length: REQUEST }, () => event(name, FACTS[name], examples[FACTS[name]].valid));
        for (let open = true; open;) {
          try {
            const answer = await call(name, "/v1/events", facts);
            const results = answer.ok ? ((await answer.json()) as (Acknowledged & { state: string })[]) : [];
            open = results.length !== REQUEST || results.some(({ state }) => state !== "accepted" && state !== "anchored");
            if (!open) acknowledged.push(...results);
          } catch (error) {
            if (!(error instanceof TypeError)) throw error; // what fetch says of a gateway that is gone
          }
          await pause(PAUSE_MS);
        }
      }
    }

    /** Leaf hashes of every journal, by index, as the organisation's own peer has them. */
    async function leaves(organisation: string): Promise<ReadonlyMap<string, readonly string[]>> {
      const ledger = new FabricGatewayLedger(four.connectionOf(organisation));
      const journals = new Map<string, string[]>();
      try {
        const height = await ledger.height();
        for await (const block of ledger.blocks(0)) {
          for (const { valid, transaction, args } of block.transactions) {
            if (!valid || transaction !== "append") continue;
            const name = Buffer.from(args[0] as Uint8Array).toString("utf8");
            const journal = journals.get(name) ?? [];
            journals.set(name, journal);
            for (const { leaf } of inflate(args[2] as Uint8Array)) journal.push(toHex(leafHash(leaf)));
          }
          if (block.number === height - 1) break;
        }
      } finally {
        await ledger.close();
      }
      return journals;
    }

    const drained = async (): Promise<void> => {
      for (const name of ["operator", "source"] as const) while ((await ready(name)).outbox.facts > 0) await pause(200);
    };

    before(async () => {
      await four.make();
      await four.init();
      await up();
      base = join(four.network.directory, "..");
      for (const name of Object.keys(PARTIES) as Name[]) await start(name);
      for (const name of ["operator", "source"] as const)
        await record("authority", event("authority", "suyuan.party.registered", { code: PARTIES[name], name, roles: ROLES[name] }));
      senders = (["operator", "source"] as const).map(send);
    });
    after(async () => {
      stopped = true;
      await Promise.allSettled(senders);
      await Promise.all([...gateways.values()].map((one) => one.stop()));
      await four.remove();
    });

    for (const kind of KINDS) {
      for (const organisation of SAMPLE ? ["operator"] : ["operator", "developer"]) {
        it(`goes on without the ${kind} of ${organisation === "operator" ? "who sends" : "another"}, and takes it back`, async () => {
          process.kill(await pid(organisation, kind), "SIGKILL");
          const before = acknowledged.length;
          await pause(3000);
          expect(acknowledged.length).to.be.above(before);
          await up();
          // All that was acknowledged by now gets to the ledger.
          const journals = acknowledged.slice(-1);
          for (const { journal, index } of journals) {
            const name = journal.startsWith("Operator") ? "operator" : "source";
            const text = async (): Promise<string> => (await call(name, "/metrics")).text();
            const projected = new RegExp(`^suyuan_journal_projected\\{journal="${journal}"\\} (\\d+)$`, "m");
            while (Number(projected.exec(await text())?.[1] ?? 0) <= index) await pause(200);
          }
        });
      }
    }

    it("goes on after its gateway is killed, from where that was", async () => {
      await gateway("operator").stop("SIGKILL");
      await pause(1000);
      await start("operator");
      const before = acknowledged.length;
      while (acknowledged.length < before + 10 * REQUEST) await pause(100);
    });

    it("starts and takes facts while its own peer is down, and says why they stay", async () => {
      process.kill(await pid("operator", "peer"), "SIGKILL");
      await gateway("operator").stop("SIGKILL");
      await start("operator");
      const before = acknowledged.filter(({ journal }) => journal === "OperatorMSP/facts").length;
      while (acknowledged.filter(({ journal }) => journal === "OperatorMSP/facts").length < before + 10 * REQUEST) await pause(100);
      expect(await ready("operator")).to.include({ ledger: "failing", reason: "unavailable" });
      await up();
      while ((await ready("operator")).ledger !== "reached") await pause(200);
    });

    it("takes facts with two orderers gone, refuses acts, answers queries, says why; and drains by itself when they are back", async () => {
      for (const organisation of ["developer", "source"]) process.kill(await pid(organisation, "orderer"), "SIGKILL");
      const before = acknowledged.length;
      while (acknowledged.length < before + 20 * REQUEST) await pause(100);
      while ((await ready("operator")).ledger !== "failing") await pause(500);
      expect((await ready("operator")).reason).to.be.oneOf(["unavailable", "outcome-unknown"]);
      expect(await (await call("operator", "/metrics")).text()).to.match(
        /suyuan_ledger_trouble\{reason="(unavailable|outcome-unknown)"\} 1/,
      );
      const act = event("authority", "suyuan.party.registered", { code: "91990000MA1A00032H", name: "二级主体", roles: ["developer"] });
      const [result] = (await (await call("authority", "/v1/events", [act])).json()) as [{ state: string; problem?: { code: string } }];
      // Handed to the orderers, nobody can say that it will not come about.
      expect(result.state === "pending" || result.problem?.code === "ledger-unavailable", JSON.stringify(result)).to.equal(true);
      expect((await call("operator", "/v1/journals")).status).to.equal(200);
      const back = performance.now();
      await up();
      while ((await ready("operator")).ledger !== "reached") await pause(200);
      process.stdout.write(`      anchors again ${((performance.now() - back) / 1000).toFixed(1)} s after the orderers' return began\n`);
    });

    it("has lost and doubled nothing: every organisation's ledger holds each acknowledged event at its index, once", async () => {
      stopped = true;
      await Promise.all(senders);
      await drained();
      const all = await Promise.all(four.network.topology.organisations.map(({ name }) => leaves(name)));
      process.stdout.write(`      ${acknowledged.length} events were acknowledged\n`);
      for (const journals of all) {
        for (const { journal, index, leafHash: hash } of acknowledged) expect(journals.get(journal)?.[index]).to.equal(hash);
        for (const [journal, hashes] of journals) expect(new Set(hashes).size, journal).to.equal(hashes.length);
        for (const name of ["OperatorMSP/facts", "SourceMSP/facts"])
          expect(journals.get(name)?.length).to.equal(acknowledged.filter(({ journal }) => journal === name).length);
      }
    });
  });
});
