/** A ledger kept by one party, taken over by four: what is reproduced, who has to say so, and what is refused. */
import { expect } from "chai";
import { rm } from "node:fs/promises";
import type { Appended } from "../../chaincode/append";
import { ContractError } from "../../chaincode/errors";
import { type Role, ROLES } from "../../chaincode/events/definition";
import { splitKey } from "../../chaincode/state";
import type { Manifest } from "../../chaincode/takeover";
import { openStore } from "../../gateway/index/store";
import { View } from "../../gateway/index/view";
import { historyOf, manifestOf, type PastTransaction } from "../../gateway/ledger/embedded/history";
import { AUTHORITY, event, OPERATOR, processed, pulled, released, SOURCE, Story } from "../gateway/index/story";
import type { Block } from "../../gateway/ledger/port";
import { newDirectory, project } from "../gateway/index/indexed";
import { Channel } from "./channel";
import { batchOf, leafOf } from "./on-ledger";
import { encodeLine } from "../../chaincode/batch";

const ORGANISATIONS: Readonly<Record<string, readonly Role[]>> = {
  OperatorMSP: ["primary-operator", "platform"],
  DeveloperMSP: ["developer"],
  SourceMSP: ["source"],
};
const HOSTS = { AuthorityMSP: ROLES.filter((role) => !Object.values(ORGANISATIONS).flat().includes(role)), ...ORGANISATIONS };

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (error) {
    if (error instanceof ContractError) return error.code;
    throw error;
  }
}

describe("taking over the history of another ledger", () => {
  let source: Story;
  let manifest: Manifest;
  let past: readonly PastTransaction[];
  let channel: Channel;

  before(async () => {
    source = await Story.world();
    const [first = ""] = await source.holdings(pulled("res-a", 1), pulled("res-b", 2, { party: SOURCE }), pulled("unheard-of", 3));
    const [second = ""] = await source.holdings(processed("clean", [first], [4]));
    await source.acts(released("prd-1", "v1", [second]));
    const blocks = await source.blocks();
    manifest = await manifestOf({ network: "old.example", certificate: "PEM" }, blocks);
    past = [];
    for await (const one of historyOf(blocks)) past = [...past, one];
  });
  after(() => source.close());
  beforeEach(async () => {
    channel = await Channel.open();
    await channel.submit("AuthorityMSP/gateway", "init", [JSON.stringify({ hosts: HOSTS, authority: { code: AUTHORITY, name: "局" } })]);
  });
  afterEach(() => channel.close());

  const admit = (as: string, admitted: object = manifest) => channel.submit(as, "admit", [JSON.stringify(admitted)]);
  const admitAll = async (admitted: object = manifest): Promise<void> => {
    for (const mspId of ["AuthorityMSP", "DeveloperMSP", "SourceMSP"]) await admit(`${mspId}/admin`, admitted);
  };
  const take = ({ call }: PastTransaction) => channel.submit("OperatorMSP/gateway", "import", call.args);
  const append = (mspId: string, from: number, ...events: readonly Parameters<typeof leafOf>[0][]) =>
    channel.submit(`${mspId}/gateway`, "append", [
      `${mspId}/facts`,
      String(from),
      batchOf(events.map((event) => encodeLine(leafOf(event), []))),
    ]) as Promise<Appended>;

  it("makes every root and finding again, byte for byte, at the times of then", async () => {
    await admitAll();
    for (const one of past) expect(await take(one)).to.deep.equal(one.appended);
    expect(
      past.flatMap(({ appended }) => appended.findings),
      "the story has findings",
    ).not.to.be.empty;
    expect(await channel.submit("SourceMSP/gateway", "history", [])).to.deep.equal({
      admitted: ["AuthorityMSP", "DeveloperMSP", "SourceMSP"],
      manifest,
      transactions: past.length,
      chain: manifest.chain,
    });
  });

  it("leaves the same state, but that each party is its own organisation's from then on", async () => {
    await admitAll();
    for (const one of past) await take(one);
    const there = await source.state();
    const here = await channel.state();
    const own = (key: string): boolean => !["genesis", "admission", "takeover"].includes(splitKey(key)[0]!);
    expect([...here.keys()].filter(own)).to.deep.equal([...there.keys()].filter(own));
    for (const [key, value] of here) {
      const [type, table, id] = splitKey(key);
      if (type !== "table" || table !== "party") own(key) && expect(value, key).to.deep.equal(there.get(key));
      else expect((value as { host: string }).host, key).to.equal(hostOf(id!));
    }
  });

  const hostOf = (party: string): string =>
    party === AUTHORITY ? "AuthorityMSP" : party === OPERATOR ? "OperatorMSP" : party === SOURCE ? "SourceMSP" : "DeveloperMSP";

  it("shows what was known when, as the ledger it comes from did", async () => {
    await admitAll();
    for (const one of past) await take(one);
    const sizes = async (blocks: readonly Block[]): Promise<unknown> => {
      const directory = await newDirectory();
      try {
        await project(directory, blocks);
        const store = await openStore(directory);
        const views = await Promise.all(past.map(({ appended }) => View.asOf(store, Date.parse(appended.time))));
        await store.close();
        return views.map(({ journals }) => journals);
      } finally {
        await rm(directory, { recursive: true });
      }
    };
    expect(await sizes(channel.blocks)).to.deep.equal(await sizes(await source.blocks()));
  });

  it("goes on in the journals of the organisations, and in the old ones never again", async () => {
    await admitAll();
    for (const one of past.slice(0, -1)) await take(one);
    expect(await codeOf(append("OperatorMSP", 0, pulled("res-a", 9)))).to.equal("history-open");
    await take(past.at(-1)!);
    expect((await append("OperatorMSP", 0, pulled("res-a", 9))).findings).to.deep.equal([]);
    const quarantined = await append("SourceMSP", 0, pulled("res-a", 9));
    expect(quarantined.findings).to.deep.equal([[0, [{ code: "quarantined" }]]]);
    expect(await codeOf(take(past.at(-1)!))).to.equal("history-not-admitted");
    const { call } = past[0]!;
    expect(await codeOf(channel.submit("OperatorMSP/gateway", "append", call.args.slice(0, 3)))).to.equal("not-your-journal");
  });

  it("needs the administrators of more than half of the organisations, who admit the very same", async () => {
    expect(await codeOf(take(past[0]!))).to.equal("history-not-admitted");
    expect(await codeOf(admit("OperatorMSP/gateway"))).to.equal("not-an-administrator");
    expect(await codeOf(admit("StrangerMSP/admin"))).to.equal("not-an-administrator");
    await admit("AuthorityMSP/admin");
    await admit("AuthorityMSP/admin");
    await admit("DeveloperMSP/admin", { ...manifest, transactions: manifest.transactions + 1 });
    await admit("SourceMSP/admin");
    expect(await codeOf(take(past[0]!))).to.equal("history-not-admitted");
    expect(await admit("DeveloperMSP/admin")).to.deep.equal({ admitted: ["AuthorityMSP", "DeveloperMSP", "SourceMSP"] });
    expect(await codeOf(channel.submit("OperatorMSP/admin", "import", past[0]!.call.args))).to.equal("not-your-journal");
    await take(past[0]!);
    expect(await codeOf(admit("OperatorMSP/admin"))).to.equal("channel-not-empty");
  });

  it("is for channels on which nobody has appended anything", async () => {
    await append("OperatorMSP", 0, pulled("res-a", 1));
    expect(await codeOf(admit("AuthorityMSP/admin"))).to.equal("channel-not-empty");
  });

  it("ends only with the history that was admitted: not with one that was dated, named, cut or ordered otherwise", async () => {
    const admitted = { ...manifest, transactions: 2 };
    const [first, second] = past as readonly [PastTransaction, PastTransaction, ...PastTransaction[]];
    await admitAll(admitted);
    await take(first);
    expect(await codeOf(take(second)), "the manifest tells of more").to.equal("history-differs");
    expect(await codeOf(take(past[2]!)), "left out").to.equal("not-next");
  });

  it("takes no other time or id for that of then", async () => {
    const [first] = past as readonly [PastTransaction];
    const one = await manifestOf({ network: "old.example", certificate: "PEM" }, (await source.blocks()).slice(0, 2));
    expect(one.transactions).to.equal(1);
    await admitAll(one);
    const [journal, from, batch, time, id] = first.call.args as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const submit = (...args: Uint8Array[]) => codeOf(channel.submit("OperatorMSP/gateway", "import", args));
    expect(await submit(journal, from, batch, Buffer.from("2020-01-01T00:00:00.000Z"), id)).to.equal("history-differs");
    expect(await submit(journal, from, batch, Buffer.from("2020-01-01"), id)).to.equal("arguments-malformed");
    expect(await submit(journal, from, batch, time, Buffer.from("0"))).to.equal("history-differs");
    expect(await submit(journal, from, batch, time, id)).to.equal("none");
  });

  it("takes nobody over whose roles are those of several organisations", async () => {
    const both = await Story.open();
    try {
      const data = { code: OPERATOR, name: "公司", roles: ["primary-operator", "source"] };
      await both.acts(event("party.registered", data, { party: AUTHORITY }));
      const blocks = await both.blocks();
      await admitAll(await manifestOf({ network: "old.example", certificate: "PEM" }, blocks));
      for await (const one of historyOf(blocks)) expect(await codeOf(take(one))).to.equal("history-unfit");
    } finally {
      await both.close();
    }
  });

  it("fits a channel with the same authority, on which each party's roles are one organisation's, and no member's name", async () => {
    const unfit = { ...manifest, genesis: { ...manifest.genesis, authority: { code: OPERATOR, name: "公司" } } };
    expect(await codeOf(admit("AuthorityMSP/admin", unfit))).to.equal("history-unfit");
    const member = { ...manifest, genesis: { ...manifest.genesis, hosts: { SourceMSP: ROLES } } };
    expect(await codeOf(admit("AuthorityMSP/admin", member))).to.equal("history-unfit");
    expect(await codeOf(admit("AuthorityMSP/admin", { ...manifest, more: 1 }))).to.equal("arguments-malformed");
  });
});
