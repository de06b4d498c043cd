import { expect } from "chai";
import { setTimeout as sleep } from "node:timers/promises";
import type { Admitted } from "../../gateway/http/admission";
import type { Outcome } from "../../gateway/outbox/entry";
import { AUTHORITY } from "../chaincode/events/world";
import { Assembled, entry, JOURNALS } from "../gateway/outbox/assembled";
import type { Fault } from "../gateway/outbox/faulty-ledger";
import { creditCode, registered } from "../gateway/running";

let parties = 0;
const act = (change: Readonly<Record<string, unknown>> = {}): Admitted =>
  entry(registered(creditCode(parties++), "source", change), AUTHORITY);
const acts = (count: number): Admitted[] => Array.from({ length: count }, () => act());
const ids = (entries: readonly { readonly id: string }[]): readonly string[] => entries.map(({ id }) => id);
const states = (outcomes: readonly Outcome[]): readonly string[] => outcomes.map((it) => (it.state === "refused" ? it.reason : it.state));

describe("acts, while the ledger fails", function () {
  this.timeout(60_000);
  let gateway: Assembled;
  const record = (...entries: Admitted[]): Promise<readonly Outcome[]> => gateway.pipeline.acts.record(entries);
  beforeEach(async () => (gateway = await Assembled.make({ patience: 400 })));
  afterEach(() => gateway.remove());

  it("the ledger is out of reach: 503 with nothing stored, and the same act is free to be sent again", async () => {
    gateway.ledger.unreached = true;
    const sent = acts(3);
    expect(states(await record(...sent))).to.deep.equal(Array(3).fill("ledger-unavailable"));
    expect(await gateway.ids(JOURNALS.acts)).to.deep.equal([]);
    gateway.ledger.unreached = false;
    expect(states(await record(...sent))).to.deep.equal(Array(3).fill("anchored"));
    expect(await gateway.ids(JOURNALS.acts)).to.deep.equal(ids(sent));
  });

  const faults: readonly [string, Fault[]][] = [
    ["an answer is lost, the act was not stored", ["lost"]],
    ["an answer is lost, the act was stored", ["unanswered"]],
    ["one after the other", ["lost", "unanswered"]],
    ["it cannot be reached after an answer was lost and the act not stored", ["lost", "unavailable"]],
    ["a conflict", ["conflict"]],
    ["a conflict after an answer was lost", ["lost", "conflict"]],
  ];
  for (const [name, list] of faults) {
    it(`${name} (${list.join(", ")}): each is recorded exactly once and answered`, async () => {
      gateway = await gateway.reopened({ patience: 10_000 });
      for (let round = 0; round < 2; round++) {
        gateway.ledger.faults = [...list];
        const sent = acts(4);
        const outcomes = await record(...sent);
        expect(outcomes).to.deep.equal(
          outcomes.map((outcome, i) => ({ ...outcome, state: "anchored", journal: JOURNALS.acts, index: 4 * round + i })),
        );
        expect((await gateway.ids(JOURNALS.acts)).slice(4 * round)).to.deep.equal(ids(sent));
      }
    });
  }

  it("conflict after conflict: the acts are halved until they pass", async () => {
    gateway = await gateway.reopened({ patience: 10_000 });
    gateway.ledger.faults = Array<Fault>(3).fill("conflict");
    const sent = acts(4);
    expect(states(await record(...sent))).to.deep.equal(Array(4).fill("anchored"));
    expect(gateway.ledger.submitted).to.equal(5);
    expect(await gateway.ids(JOURNALS.acts)).to.deep.equal(ids(sent));
  });

  it("one act alone is tried longer, and told in the end that others keep changing what it rests on: nothing is recorded", async () => {
    gateway = await gateway.reopened({ patience: 30_000 });
    gateway.ledger.faults = Array<Fault>(5).fill("conflict");
    const [late, never] = [act(), act()];
    expect(states(await record(late))).to.deep.equal(["anchored"]);
    gateway.ledger.faults = Array<Fault>(6).fill("conflict");
    expect(states(await record(never))).to.deep.equal(["ledger-busy"]);
    expect(gateway.ledger.faults).to.deep.equal([]);
    expect(await gateway.ids(JOURNALS.acts)).to.deep.equal(ids([late]));
  });

  it("unknown for longer than the sender waits: pending, and sending it again settles it", async () => {
    await record(act());
    gateway.ledger.faults = ["unanswered"];
    const sent = act();
    const answer = record(sent);
    while (gateway.ledger.faults.length > 0) await sleep(1);
    gateway.ledger.unreached = true;
    const [pending] = await answer;
    expect(pending).to.include({ state: "pending", journal: JOURNALS.acts }).and.not.have.property("index");
    gateway.ledger.unreached = false;
    let [settled] = await record(sent);
    while (settled?.state === "pending") [settled] = await record(sent);
    expect(settled).to.include({ state: "anchored", index: 1 });
    expect((await gateway.ids(JOURNALS.acts)).slice(1)).to.deep.equal([sent.id]);
  });

  it("the queue outlasts the sender's patience: what was never sent is refused, and not recorded afterwards", async () => {
    await record(act());
    let open: () => void = () => undefined;
    gateway.ledger.gate = new Promise((resolve) => (open = resolve));
    const [first, second] = [act(), act()];
    const [one, two] = [record(first), record(second)];
    expect(states(await one)).to.deep.equal(["pending"]);
    expect(states(await two)).to.deep.equal(["ledger-unavailable"]);
    open();
    await gateway.settled();
    await sleep(50);
    expect((await gateway.ids(JOURNALS.acts)).slice(1)).to.deep.equal([first.id]);
  });

  it("the gateway stops while it does not know: sent again to the next one, the act counts once", async () => {
    gateway.ledger.faults = ["unanswered"];
    const sent = act();
    const answer = record(sent);
    while (gateway.ledger.faults.length > 0) await sleep(1);
    gateway.ledger.unreached = true;
    await sleep(20);
    gateway = await gateway.reopened();
    expect(states(await answer)).to.deep.equal(["pending"]);
    expect((await record(sent))[0]).to.include({ state: "anchored", index: 0 });
    expect(await gateway.ids(JOURNALS.acts)).to.deep.equal([sent.id]);
  });

  it("refused acts answer with their rules, the rest is recorded in one go more", async () => {
    const [first, second, third] = [act(), act(), act()];
    const invalid = entry(registered("91990000MA1A00024X", "source"), AUTHORITY);
    const outcomes = await record(first, invalid, second, third);
    expect(states(outcomes)).to.deep.equal(["anchored", "rule", "anchored", "anchored"]);
    expect(outcomes[1]).to.have.nested.property("breaches[0].code", "credit-code-invalid");
    expect(gateway.ledger.submitted).to.equal(2);
    expect(await gateway.ids(JOURNALS.acts)).to.deep.equal(ids([first, second, third]));
  });

  it("an act may rest on one before it in the same request", async () => {
    const code = creditCode(parties++);
    const twice = [registered(code, "source"), registered(code, "source")].map((event) => entry(event, AUTHORITY));
    expect(states(await record(...twice))).to.deep.equal(["anchored", "rule"]);
  });
});
