import { expect } from "chai";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { OrganisationFiles } from "../../network/directory";
import { clocksOf, diskOf, leaderOf } from "../../network/service/condition";
import { PORTS, readTopology } from "../../network/topology";
import { inDirectory } from "../scripts/suyuan";

const TOPOLOGY = join("network", "topology.yaml");

describe("the clocks of a network's organisations", () => {
  const asked = (answers: Readonly<Record<string, () => Promise<string>>>) => ({
    ask: (mspId: string) => answers[mspId]?.() ?? Promise.reject(new Error("no answer")),
  });
  const ahead = (ms: number) => () => Promise.resolve(JSON.stringify({ time: new Date(Date.now() + ms).toISOString() }));

  it("are told as their distance from this machine's, of those that answer", async () => {
    const clocks = await clocksOf(await readTopology(TOPOLOGY), asked({ AuthorityMSP: ahead(0), OperatorMSP: ahead(-240_000) }));
    expect(Object.keys(clocks)).to.have.members(["authority", "operator"]);
    expect(clocks["authority"]).to.be.closeTo(0, 50);
    expect(clocks["operator"]).to.be.closeTo(-240_000, 50);
  });

  it("are not told of a chaincode that has no say in it, or says something else", async () => {
    const clocks = await clocksOf(
      await readTopology(TOPOLOGY),
      asked({
        AuthorityMSP: () => Promise.resolve("{}"),
        SourceMSP: () => Promise.resolve("?"),
        OperatorMSP: () => Promise.resolve("null"),
      }),
    );
    expect(clocks).to.deep.equal({});
  });
});

describe("the orderer that leads", () => {
  it("is told by the figures of one's own; where these do not come, or not whole, nobody is", async () => {
    const topology = await readTopology(TOPOLOGY);
    const { port, server } = await new Promise<{ port: number; server: Server }>((resolve) => {
      const opened = createServer((_, response) => {
        response.write(`consensus_BFT_leader_id{channel="${topology.channel}"} 2\n`);
        if (whole) response.end();
      });
      opened.listen(0, "127.0.0.1", () => resolve({ port: (opened.address() as AddressInfo).port, server: opened }));
    });
    let whole = true;
    const asked = { ...topology.organisations[0]!, port: port - PORTS.ordererOperations };
    try {
      expect(await leaderOf(topology, asked)).to.equal(topology.organisations[1]!.name);
      whole = false;
      expect(await leaderOf(topology, asked)).to.equal(undefined);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    expect(await leaderOf(topology, asked)).to.equal(undefined);
  }).timeout(10_000);
});

describe("the disk of an organisation", () => {
  it("lasts as long as its ledgers take to fill it, going on as since the beginning; nobody knows on the first day", () =>
    inDirectory(async (directory) => {
      const [organisation] = (await readTopology(TOPOLOGY)).organisations;
      const own = new OrganisationFiles(directory, organisation!);
      for (const kind of ["peer", "orderer"] as const) {
        await mkdir(own.node(kind).ledger, { recursive: true });
        await writeFile(join(own.node(kind).ledger, "blockfile_000000"), Buffer.alloc(5_000_000));
      }
      await writeFile(own.connection, "{}");
      const first = await diskOf(directory, organisation!);
      expect(first.used).to.equal(10_000_000);
      expect(first).not.to.have.property("days");
      const later = await diskOf(directory, organisation!, Date.now() + 10 * 24 * 3600_000);
      // A million bytes a day.
      expect(later.days).to.be.closeTo(later.free / 1e6, 1 + later.free / 1e8);
    }));
});
