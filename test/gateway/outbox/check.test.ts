import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Level } from "level";
import { generateSignerKey, type SignerKey } from "../../../gateway/evidence/note-key";
import { promiseGroup, signPromise } from "../../../gateway/evidence/promise";
import { checkOutbox, type OutboxDifference } from "../../../gateway/outbox/check";
import { LineWriter } from "../../../gateway/outbox/lines";
import { OutboxStore } from "../../../gateway/outbox/store";

const JOURNAL = "TestMSP/facts";
const leaf = (index: number): string => JSON.stringify({ id: `fact-${index}`, text: "目".repeat(index % 5) });
/** Sizes of the groups: 30 facts, the first ten in three of them. */
const GROUPS = [1, 3, 6, 20];
const ALL = 30;

describe("checking the outbox against the ledger", () => {
  let directory: string;
  let key: SignerKey;

  before(async () => ({ key } = await generateSignerKey("test.example/facts")));

  beforeEach(async () => {
    directory = join(mkdtempSync(join(tmpdir(), "suyuan-check-")), "outbox");
    const store = await OutboxStore.open(directory);
    const writer = new LineWriter();
    let from = 0;
    for (const size of GROUPS) {
      const entries = Array.from({ length: size }, (_, i) => ({
        source: "s",
        id: String(from + i),
        leaf: leaf(from + i),
        names: i === 0 ? ["TestMSP/facts/0/0"] : [],
      }));
      const { bytes, hashes } = writer.encode(entries);
      const terms = { journal: JOURNAL, from, size, root: promiseGroup(hashes).root, deadline: "2026-01-01T00:00:00Z", iat: 1 };
      await store.put({ from, size, jws: await signPromise(terms, key) }, bytes);
      from += size;
    }
    await store.close();
  });
  afterEach(() => rmSync(dirname(directory), { recursive: true, force: true }));

  /** @param anchored how many of the facts are on the ledger */
  async function check(anchored: number, ledger: (index: number) => string = leaf): Promise<OutboxDifference[]> {
    async function* leaves(): AsyncGenerator<Uint8Array> {
      for (let index = 0; index < anchored; index++) yield await Promise.resolve(Buffer.from(ledger(index)));
    }
    const found: OutboxDifference[] = [];
    for await (const difference of checkOutbox(directory, { journal: JOURNAL, leaves: leaves(), keys: [key.verifier] }))
      found.push(difference);
    return found;
  }

  async function change(work: (store: Level<string, Buffer>) => Promise<unknown>): Promise<void> {
    const store = new Level<string, Buffer>(directory, { valueEncoding: "buffer" });
    await store.open();
    await work(store);
    await store.close();
  }

  const place = (index: number): string => index.toString().padStart(16, "0");
  const brief = (found: readonly OutboxDifference[]): string[] => found.map(({ code, index, count }) => `${code} ${index}+${count}`);
  const dropUpTo = (index: number) => change((store) => store.clear({ gte: "group/", lt: `group/${place(index)}` }));

  it("finds nothing where each promised fact is on the ledger, or waits, or both", async () => {
    for (const anchored of [0, 4, 7, ALL]) expect(await check(anchored), String(anchored)).to.deep.equal([]);
    await dropUpTo(4);
    for (const anchored of [4, 7, ALL]) expect(await check(anchored), String(anchored)).to.deep.equal([]);
    await change((store) => store.clear({ gte: "group/", lt: "group0" }));
    expect(await check(ALL)).to.deep.equal([]);
  });

  it("finds acknowledged facts that are nowhere", async () => {
    await dropUpTo(10);
    expect(brief(await check(4))).to.deep.equal(["fact-lost 4+6"]);
    await change((store) => store.clear({ gte: "group/", lt: "group0" }));
    expect(brief(await check(25))).to.deep.equal(["fact-lost 25+5"]);
  });

  it("finds a fact that is another on the ledger, or was another when it was promised", async () => {
    const forged = (index: number): string => (index === 12 ? leaf(13) : leaf(index));
    expect(brief(await check(20, forged))).to.deep.equal(["fact-differs 12+1", "promise-wrong 10+20"]);
    await dropUpTo(ALL);
    expect(brief(await check(ALL, forged))).to.deep.equal(["promise-wrong 10+20"]);
  });

  it("finds a changed byte of a waiting fact", async () => {
    await change(async (store) => {
      const lines = await store.get(`group/${place(4)}`);
      lines[3]! ^= 1;
      await store.put(`group/${place(4)}`, lines);
    });
    expect(brief(await check(0))).to.deep.equal(["promise-wrong 4+6"]);
  });

  it("finds facts without a promise, and promises that are none", async () => {
    await change(async (store) => {
      await store.del(`promise/${place(4)}`);
      await store.put(`promise/${place(10)}`, Buffer.from("{}"));
    });
    expect(brief(await check(ALL))).to.deep.equal(["promise-wrong 10+undefined", "promise-missing 4+26"]);
  });

  it("finds promises of another key, or for other facts", async () => {
    const { key: other } = await generateSignerKey("test.example/facts");
    const group = promiseGroup([]);
    await change(async (store) => {
      const terms = { journal: JOURNAL, from: 4, size: 6, root: group.root, deadline: "2026-01-01T00:00:00Z", iat: 1 };
      await store.put(`promise/${place(4)}`, Buffer.from(JSON.stringify({ size: 6, jws: await signPromise(terms, other) })));
      const first = JSON.parse((await store.get(`promise/${place(0)}`)).toString()) as { jws: string };
      await store.put(`promise/${place(1)}`, Buffer.from(JSON.stringify({ size: 3, jws: first.jws })));
    });
    const found = await check(ALL);
    expect(brief(found)).to.deep.equal(["promise-wrong 1+3", "promise-wrong 4+6"]);
    expect(found.map(({ detail }) => detail)).to.deep.equal(["promise-differs", "key-not-in-trust"]);
  });

  it("finds promises that overlap", async () => {
    await change(async (store) => store.put(`promise/${place(2)}`, await store.get(`promise/${place(1)}`)));
    expect(brief(await check(ALL))).to.deep.equal(["promise-wrong 2+3"]);
  });

  it("finds groups that cannot be read, and records that are not the outbox's", async () => {
    await change(async (store) => {
      await store.put(`group/${place(10)}`, Buffer.from("no line"));
      await store.put("other", Buffer.of());
    });
    expect((await check(10)).map(({ code }) => code)).to.deep.equal(["outbox-key-unexpected", "group-malformed", "fact-lost"]);
  });

  it("tells a database that cannot be read", async () => {
    rmSync(join(directory, "CURRENT"));
    expect((await check(ALL)).map(({ code }) => code)).to.deep.equal(["outbox-unreadable"]);
  });
});
