import { expect } from "chai";
import { setTimeout as sleep } from "node:timers/promises";
import { Assembled, entry, JOURNALS } from "../gateway/outbox/assembled";
import type { Fault } from "../gateway/outbox/faulty-ledger";
import { accessed } from "../gateway/running";

const ids = (entries: readonly { readonly id: string }[]): readonly string[] => entries.map(({ id }) => id);
const facts = (count: number): ReturnType<typeof entry>[] => Array.from({ length: count }, () => entry(accessed()));

describe("facts, while the ledger fails", function () {
  this.timeout(60_000);
  let gateway: Assembled;
  beforeEach(async () => (gateway = await Assembled.make()));
  afterEach(() => gateway.remove());

  /** Sends facts in groups until all faults have struck, and expects each on the ledger once, in the order of their indexes. */
  async function expectAnchoredOnce(size = 25): Promise<void> {
    const sent: string[] = [];
    for (let from = 0; from < 4 * size || gateway.ledger.faults.length > 0; from += size) {
      const entries = facts(size);
      const outcomes = await gateway.pipeline.outbox.accept(entries);
      expect(outcomes.map((outcome) => outcome.state === "accepted" && outcome.index)).to.deep.equal(entries.map((_, k) => from + k));
      sent.push(...ids(entries));
      await sleep(15);
    }
    await gateway.settled();
    expect(await gateway.ids(JOURNALS.facts)).to.deep.equal(sent);
  }

  const pairs: readonly [string, Fault, Fault][] = [
    ["does not answer: not stored, or stored", "lost", "unanswered"],
    ["cannot be reached, or was the first to store", "unavailable", "unanswered"],
    ["finds a conflict, or answers too late", "conflict", "unanswered"],
  ];
  for (const [name, first, second] of pairs) {
    it(`${name} (${first}, ${second}): each is anchored exactly once`, async () => {
      gateway.ledger.faults = [first, second, second, first];
      await expectAnchoredOnce();
    });
  }

  it("conflict after conflict: the batch is halved, and all of it arrives", async () => {
    const sent = facts(100);
    gateway.ledger.faults = ["conflict", "conflict", "conflict", "conflict"];
    await gateway.pipeline.outbox.accept(sent);
    await gateway.settled();
    expect(await gateway.ids(JOURNALS.facts)).to.deep.equal(ids(sent));
    // Four in vain, then one for each half.
    expect(gateway.ledger.submitted).to.equal(6);
  });

  it("an outage: facts are accepted all the same, and anchored when it ends", async () => {
    gateway.ledger.unreached = true;
    const sent = facts(200);
    for (let i = 0; i < sent.length; i += 20) {
      const outcomes = await gateway.pipeline.outbox.accept(sent.slice(i, i + 20));
      expect(outcomes.every(({ state }) => state === "accepted")).to.equal(true);
    }
    await sleep(200);
    expect(gateway.pipeline.anchorer.failures).to.be.greaterThan(0);
    expect(gateway.pipeline.outbox.level.facts).to.equal(200);
    gateway.ledger.unreached = false;
    await gateway.settled();
    expect(await gateway.ids(JOURNALS.facts)).to.deep.equal(ids(sent));
    expect(gateway.pipeline.anchorer.failures).to.equal(0);
  });

  it("an outage across a restart: what was accepted before and after is anchored once, in order", async () => {
    const before = facts(30);
    await gateway.pipeline.outbox.accept(before);
    await gateway.settled();
    gateway.ledger.unreached = true;
    const during = facts(30);
    await gateway.pipeline.outbox.accept(during);
    gateway = await gateway.reopened({ unreached: true });
    const after = facts(30);
    const outcomes = await gateway.pipeline.outbox.accept(after);
    expect(outcomes[0]).to.include({ state: "accepted", index: 60 });
    gateway.ledger.unreached = false;
    await gateway.settled();
    expect(await gateway.ids(JOURNALS.facts)).to.deep.equal(ids([...before, ...during, ...after]));
  });

  it("stored, but the process ended before it knew: the next one does not send it again", async () => {
    gateway.ledger.faults = ["unanswered"];
    const sent = facts(10);
    await gateway.pipeline.outbox.accept(sent);
    while (gateway.ledger.faults.length > 0) await sleep(2);
    gateway = await gateway.reopened();
    await gateway.settled();
    expect(await gateway.ids(JOURNALS.facts)).to.deep.equal(ids(sent));
  });

  it("the outbox at its bound: 503 for what is new, nothing lost, and room again once it is anchored", async () => {
    gateway = await gateway.reopened({ outboxBytes: 100_000 });
    gateway.ledger.unreached = true;
    const sent: string[] = [];
    for (;;) {
      const entries = facts(20);
      const outcomes = await gateway.pipeline.outbox.accept(entries);
      if (outcomes.every((outcome) => outcome.state === "refused" && outcome.reason === "outbox-full")) break;
      expect(outcomes.every(({ state }) => state === "accepted")).to.equal(true);
      sent.push(...ids(entries));
    }
    expect(gateway.pipeline.outbox.level.bytes).to.be.within(80_000, 100_000);
    gateway.ledger.unreached = false;
    await gateway.settled();
    expect(await gateway.ids(JOURNALS.facts)).to.deep.equal(sent);
    while (gateway.pipeline.outbox.level.bytes > 0) await sleep(5);
    expect((await gateway.pipeline.outbox.accept(facts(20))).every(({ state }) => state === "accepted")).to.equal(true);
  });
});
