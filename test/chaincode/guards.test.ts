/** What the contract takes from nobody, whoever they are. */
import { expect } from "chai";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContractError, parseContractError } from "../../chaincode/errors";
import { ROLES } from "../../chaincode/events/definition";
import { EmbeddedLedger } from "../../gateway/ledger/embedded/ledger";
import { AUTHORITY } from "../../scripts/bench/mix";
import { Channel } from "./channel";
import { batchOf } from "./on-ledger";

const GENESIS = JSON.stringify({ hosts: { AMSP: ROLES }, authority: { code: AUTHORITY, name: "局" } });
/** When the clock of `clocked-contract.ts` has stopped; that is loaded in the thread of the ledger only. */
const NOON = Date.parse("2026-07-01T12:00:00+08:00");
const LINE = batchOf([Buffer.from("{}\n")]);

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (error) {
    const refusal = error instanceof ContractError ? error : parseContractError((error as Error).message);
    if (refusal === undefined) throw error;
    return refusal.code;
  }
}

describe("the contract, called through another chaincode", () => {
  let channel: Channel;
  beforeEach(async () => {
    channel = await Channel.open();
    await channel.submit("AMSP/gateway", "init", [GENESIS]);
  });
  afterEach(() => channel.close());

  it("appends nothing: no reader would look for it there", async () => {
    const append = (chaincode: string) => channel.submit("AMSP/gateway", "append", ["AMSP/facts", "0", LINE], { chaincode });
    expect(await codeOf(append("other"))).to.equal("called-by-another");
    expect(await append("suyuan")).to.include({ size: 1 });
  });
});

describe("the contract with the clock of an endorser", () => {
  let directory: string;
  let ledger: EmbeddedLedger;
  let now = 0;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "suyuan-clocked-"));
    ledger = await EmbeddedLedger.open({
      directory,
      network: "test.example",
      channel: "suyuan",
      chaincode: "suyuan",
      mspId: "AMSP",
      contract: require.resolve("./clocked-contract"),
      clock: () => new Date(now),
    });
  });
  after(async () => {
    await ledger.close();
    await rm(directory, { recursive: true });
  });

  it("takes no transaction dated over five minutes from it, to write or to read", async () => {
    const init = { transaction: "init", args: [Buffer.from(GENESIS)] };
    for (const minutes of [-5.01, 5.01, 60 * 24 * 365]) {
      now = NOON + minutes * 60_000;
      expect(await codeOf(ledger.submit(init)), `${minutes}`).to.equal("clock-differs");
    }
    now = NOON - 5 * 60_000;
    await ledger.submit(init);
    now = NOON + 5 * 60_000;
    await ledger.evaluate({ transaction: "journals", args: [] });
    now += 1;
    expect(await codeOf(ledger.attest({ transaction: "journals", args: [] }))).to.equal("clock-differs");
  });

  it("tells what time it is, however far from the asker's", async () => {
    now = NOON + 24 * 3600_000;
    const told = await ledger.evaluate({ transaction: "clock", args: [] });
    expect(JSON.parse(Buffer.from(told).toString("utf8"))).to.deep.equal({ time: "2026-07-01T04:00:00.000Z" });
  });
});
