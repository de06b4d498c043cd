import { expect } from "chai";
import type { Admitted } from "../../../gateway/http/admission";
import { AUTHORITY, example, OPERATOR } from "../../chaincode/events/world";
import { accessed } from "../running";
import { Assembled, entry, JOURNALS } from "./assembled";

const { authorization, holding } = example("data.pulled", OPERATOR).data as { authorization: string; holding: { digest: string } };

const pulled = (): Admitted => entry(accessed({ type: "suyuan.data.pulled", data: example("data.pulled", OPERATOR).data }));
const deleted = (name: string): Admitted => {
  const data = { authorization, holding: name, digest: holding.digest, method: "purge", tool: "shred", executor: "数据管理岗" };
  return entry(accessed({ type: "suyuan.holding.deleted", data }));
};
const struck = (name: string): Admitted => {
  const data = { authorization, holding: name, reason: "误报", evidence: { digest: holding.digest } };
  return entry(accessed({ type: "suyuan.holding.struck", data }), AUTHORITY);
};

describe("slots beside the leaves: the contract finds the holdings that an event names", function () {
  this.timeout(60_000);
  let gateway: Assembled;
  const name = (index: number): string => `${JOURNALS.facts}/${index}/0`;
  const accept = (...entries: Admitted[]): Promise<unknown> => gateway.pipeline.outbox.accept(entries);
  /** Whether the fact at an index was told that its holding is not there. */
  async function missed(index: number): Promise<boolean> {
    await gateway.settled();
    return (await gateway.findings(JOURNALS.facts, index)).some(({ code }) => code === "holding-mismatch");
  }
  beforeEach(async () => {
    gateway = await Assembled.make();
    await gateway.authoriseOperator();
  });
  afterEach(() => gateway.remove());

  it("declared in the same request", async () => {
    await accept(pulled(), deleted(name(0)));
    expect(await missed(1)).to.equal(false);
  });

  it("declared moments before", async () => {
    await accept(pulled());
    await accept(deleted(name(0)));
    expect(await missed(1)).to.equal(false);
  });

  it("declared in a transaction whose answer was lost", async () => {
    gateway.ledger.faults = ["unanswered"];
    await accept(pulled());
    while (gateway.ledger.faults.length > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await accept(deleted(name(0)));
    expect(await missed(1)).to.equal(false);
  });

  it("declared before the gateway was started again, on the ledger or not yet", async () => {
    await accept(pulled());
    await gateway.settled();
    gateway.ledger.unreached = true;
    await accept(pulled());
    gateway = await gateway.reopened({ unreached: true });
    await accept(deleted(name(0)), deleted(name(1)));
    gateway.ledger.unreached = false;
    expect([await missed(2), await missed(3)]).to.deep.equal([false, false]);
  });

  it("by an act, of a holding that is accepted and not on the ledger yet: the act waits for it", async () => {
    await accept(pulled());
    const [outcome] = await gateway.pipeline.acts.record([struck(name(0))]);
    expect(outcome).to.include({ state: "anchored" });
  });

  it("never declared: nobody waits, and the contract says so", async () => {
    await accept(deleted(name(7)), deleted("OtherMSP/facts/0/0"), deleted(`${JOURNALS.acts}/0/0`), deleted(`${JOURNALS.acts}/9/0`));
    for (let index = 0; index < 4; index++) expect(await missed(index)).to.equal(true);
    const [outcome] = await gateway.pipeline.acts.record([struck(name(99))]);
    expect(outcome).to.have.nested.property("breaches[0].code", "holding-mismatch");
  });
});
