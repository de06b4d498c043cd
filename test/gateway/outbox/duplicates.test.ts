import { expect } from "chai";
import { AUTHORITY } from "../../chaincode/events/world";
import { accessed, creditCode, registered } from "../running";
import type { Admitted } from "../../../gateway/http/admission";
import type { Outcome } from "../../../gateway/outbox/entry";
import { Assembled, entry, JOURNALS } from "./assembled";

const SOURCE = "//platform.example/access";

describe("events that are sent again", function () {
  this.timeout(60_000);
  let gateway: Assembled;
  const accept = (...entries: Admitted[]): Promise<readonly Outcome[]> => gateway.pipeline.outbox.accept(entries);
  const record = (...entries: Admitted[]): Promise<readonly Outcome[]> => gateway.pipeline.acts.record(entries);
  const counts = async (): Promise<readonly number[]> => {
    await gateway.settled();
    return [(await gateway.ids(JOURNALS.facts)).length, (await gateway.ids(JOURNALS.acts)).length];
  };
  beforeEach(async () => (gateway = await Assembled.make()));
  afterEach(() => gateway.remove());

  describe("facts get the first answer, promise and all", () => {
    /** The same event, taken in at another time. */
    const event = accessed();
    let hours = 0;
    const again = (): Admitted => entry(event, undefined, new Date(Date.now() + 3600_000 * hours++));

    it("in the same request", async () => {
      const outcomes = await accept(again(), entry(accessed()), again(), again());
      expect(outcomes.map((outcome) => outcome.state === "accepted" && outcome.index)).to.deep.equal([0, 1, 0, 0]);
      expect(outcomes[2]).to.deep.equal(outcomes[0]);
      expect(await counts()).to.deep.equal([2, 0]);
    });

    it("in requests that come together", async () => {
      const [[one], [two]] = await Promise.all([accept(again()), accept(again())]);
      expect(one).to.include({ state: "accepted", index: 0 });
      expect(two).to.deep.equal(one);
      expect(await counts()).to.deep.equal([1, 0]);
    });

    it("while they wait, when they are on the ledger, and from another process years later", async () => {
      gateway.ledger.unreached = true;
      const others = Array.from({ length: 6 }, () => entry(accessed()));
      const first = await accept(...others.slice(0, 3), again(), ...others.slice(3));
      expect(await accept(...others, again())).to.deep.equal([...first.slice(0, 3), ...first.slice(4), first[3]]);
      gateway = await gateway.reopened({ unreached: true });
      expect(await accept(again())).to.deep.equal([first[3]]);
      gateway.ledger.unreached = false;
      await gateway.settled();
      expect(await accept(again(), entry(accessed())))
        .to.have.nested.property("[0]")
        .that.deep.equals(first[3]);
      while (gateway.pipeline.outbox.level.bytes > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(await accept(again(), others[5]!)).to.deep.equal([first[3], first[6]]);
      gateway = await gateway.reopened();
      expect(await accept(again(), others[0]!)).to.deep.equal([first[3], first[0]]);
      expect(await counts()).to.deep.equal([8, 0]);
    });
  });

  it("a fact with other content is recorded, and each content then gets its own first answer", async () => {
    const [one, other] = [accessed({ id: "same" }), accessed({ id: "same" }, { rows: 7 })].map((event) => entry(event));
    const [first] = await accept(one!);
    const [second] = await accept(other!);
    expect(second).to.include({ state: "accepted", index: 1 });
    expect(await accept(one!, other!, one!)).to.deep.equal([first, second, first]);
    expect(await counts()).to.deep.equal([2, 0]);
    expect(await accept(one!, other!)).to.deep.equal([first, second]);
    gateway = await gateway.reopened();
    expect(await accept(other!, one!)).to.deep.equal([second, first]);
  });

  it("both contents in one request", async () => {
    const [one, other] = [accessed({ id: "same" }), accessed({ id: "same" }, { rows: 7 })].map((event) => entry(event));
    const outcomes = await accept(one!, other!, one!, other!);
    expect(outcomes.map((outcome) => outcome.state === "accepted" && outcome.index)).to.deep.equal([0, 1, 0, 1]);
  });

  it("acts get the first answer: together, afterwards, and from another process", async () => {
    const event = registered(creditCode(1), "source");
    const again = (): Admitted => entry(event, AUTHORITY);
    const [[one, two], [three]] = await Promise.all([record(again(), again()), record(again())]);
    expect(one).to.include({ state: "anchored", index: 0 });
    expect([two, three]).to.deep.equal([one, one]);
    expect(await record(again())).to.deep.equal([one]);
    await gateway.settled();
    expect(await record(again())).to.deep.equal([one]);
    gateway = await gateway.reopened();
    expect(await record(again())).to.deep.equal([one]);
    expect(await counts()).to.deep.equal([0, 1]);
  });

  it("an act with other content is refused, wherever the first one is", async () => {
    const change = { id: "same" };
    const [one, other] = [1, 2].map((number) => entry(registered(creditCode(number), "source", change), AUTHORITY));
    const conflict = { state: "refused", reason: "conflicting-report" };
    expect((await record(one!, other!))[1]).to.deep.equal(conflict);
    expect(await record(other!)).to.deep.equal([conflict]);
    await gateway.settled();
    expect(await record(other!)).to.deep.equal([conflict]);
    expect(await counts()).to.deep.equal([0, 1]);
  });

  it("a fact and an act under one source and id: the fact is recorded, the act refused", async () => {
    const change = { source: SOURCE, id: "both" };
    const act = entry(registered(creditCode(1), "source", change), AUTHORITY);
    await accept(entry(accessed(change)));
    expect(await record(act)).to.deep.equal([{ state: "refused", reason: "conflicting-report" }]);
    const other = { ...change, id: "both-2" };
    await record(entry(registered(creditCode(2), "source", other), AUTHORITY));
    expect((await accept(entry(accessed(other))))[0]).to.include({ state: "accepted" });
  });

  it("a refused act is nothing that was sent before", async () => {
    const change = { id: "retried" };
    const wrong = entry(registered("91990000MA1A00024X", "source", change), AUTHORITY);
    expect((await record(wrong))[0]).to.include({ reason: "rule" });
    expect((await record(wrong))[0]).to.include({ reason: "rule" });
    expect((await record(entry(registered(creditCode(3), "source", change), AUTHORITY)))[0]).to.include({ state: "anchored" });
  });
});
