/** Every code of the rules by way of the HTTP API: what the tests of the vocabulary tell a ledger in memory, told to a real gateway. */
import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ruleClauses, TOLD_BY_GATEWAYS } from "../../chaincode/events/codes";
import { ROLES } from "../../chaincode/events/definition";
import { vocabulary } from "../../chaincode/events/vocabulary";
import { SuyuanClient } from "../../gateway/client";
import { readConfig } from "../../gateway/config";
import { issueToken } from "../../gateway/keys";
import { type Gateway, startGateway } from "../../gateway/main";
import type { Told } from "../chaincode/events/heard";
import { NOW, type Report } from "../chaincode/events/world";
import { SAMPLE } from "../sample";
import { covering, everythingTold, tell, toldByLedger } from "./stories";

/** Gateways at a time: each mostly waits for its next block. */
const AT_ONCE = 4;

class Replay {
  readonly #clients = new Map<string, SuyuanClient>();
  #events = 0;

  private constructor(
    private readonly data: string,
    private readonly gateway: Gateway,
    private readonly clock: { now: number },
  ) {}

  static async during(directory: string, work: (replay: Replay) => Promise<void>): Promise<void> {
    const data = mkdtempSync(join(directory, "gateway-"));
    const clock = { now: Date.parse(NOW) };
    const gateway = await startGateway(readConfig({ data, port: 0 }, {}), () => clock.now);
    try {
      await work(new Replay(data, gateway, clock));
    } finally {
      await gateway.stop();
      rmSync(data, { recursive: true });
    }
  }

  /** @returns the codes that the gateway said to it */
  async tell({ type, party, data, at = NOW, time = at }: Report): Promise<readonly string[]> {
    this.clock.now = Date.parse(at);
    const client = await this.#client(party);
    const { codes } = await tell(client, { id: `e-${this.#events++}`, source: "//test", type: `suyuan.${type}`, time, data });
    return toldByLedger(codes);
  }

  async #client(party: string): Promise<SuyuanClient> {
    let client = this.#clients.get(party);
    if (client === undefined) {
      const token = await issueToken(this.data, { party, roles: ROLES, seconds: 3600 });
      this.#clients.set(party, (client = new SuyuanClient({ url: this.gateway.url, token })));
    }
    return client;
  }
}

describe("the rules, by way of the HTTP API", function () {
  this.timeout(600_000);
  const directory = mkdtempSync(join(tmpdir(), "suyuan-rules-"));
  let all: readonly Told[] = [];
  before(() => (all = everythingTold(directory)));
  after(() => rmSync(directory, { recursive: true }));

  it("are each provoked by a report, or told by comparing", () => {
    const provoked = new Set(all.flat().flatMap(({ codes = [] }) => codes));
    const missing = [...ruleClauses.keys()].filter((code) => !provoked.has(code) && !TOLD_BY_GATEWAYS.has(code));
    expect(missing).to.deep.equal([]);
  });

  it("let an event of every type through", () => {
    const recorded = new Set(all.flat().flatMap(({ report, codes }) => (codes?.length === 0 ? [`suyuan.${report.type}`] : [])));
    expect([...vocabulary.keys()].filter((type) => !recorded.has(type))).to.deep.equal([]);
  });

  it("are kept and broken over HTTP as in memory", async () => {
    const chosen = covering(all, ({ report: { type }, codes = [] }) => ({ type, codes }));
    expect(chosen.length).to.be.above(10);
    const left = (SAMPLE ? chosen.filter((_, i) => i % 4 === 0) : chosen).values();
    const teller = async (): Promise<void> => {
      for (const told of left)
        await Replay.during(directory, async (replay) => {
          for (const { report, codes } of told) expect(await replay.tell(report), JSON.stringify(report)).to.deep.equal(codes);
        });
    };
    await Promise.all(Array.from({ length: AT_ONCE }, teller));
  });
});
