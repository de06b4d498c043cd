/** Leaving on the real contract and a real ledger, at any size: what must hold of an exit, tried against it. */
import { expect } from "chai";
import { examples } from "./events/world";
import { ContractError } from "../../chaincode/errors";
import type { HoldingsCount } from "../../chaincode/events/definition";
import type { Appended } from "../../chaincode/append";
import type { HoldingsPage } from "../../chaincode/proof/holdings-page";
import { type Inventory, inventoryOf, type InventoryPart } from "../../chaincode/proof/inventory";
import { splitKey } from "../../chaincode/state";
import { LedgerError } from "../../gateway/ledger/port";
import { AUTHORITY, AUTHORIZATION, creditCode, DEVELOPER, Mix, type MixEvent, OPERATOR, sourceOf } from "../../scripts/bench/mix";
import { encodeLine } from "../../chaincode/batch";
import { ACTS, batchOf, FACTS, leafOf, OnLedger } from "./on-ledger";

const AGENCY = creditCode(900);
const ASSESSOR = creditCode(901);
const SOURCE = sourceOf(0);

const SCENARIO = "scn-00";
/** Holdings that one event declares, and events in a batch of deletions. */
const [A_TIME, A_BATCH] = [100, 8000];

let count = 0;
const event = (type: string, party: string, data: object): MixEvent => ({
  specversion: "1.0",
  id: `leaving-${count++}`,
  source: "https://platform.example.cn/leaving",
  type: `suyuan.${type}`,
  time: new Date().toISOString(),
  party,
  data: data as MixEvent["data"],
});

const digest = (n: number): string => n.toString(16).padStart(64, "0");

/** A holding as it was declared: its number is its digest too. */
interface Held {
  readonly name: string;
  readonly slot: number;
  readonly n: number;
}

type Step = "opened" | "permissions-closed" | "inventory-frozen" | "reconciled" | "residue-scanned" | "verified" | "certified";
const BY: Readonly<Record<Step, string>> = {
  opened: AGENCY,
  "permissions-closed": AGENCY,
  "inventory-frozen": AGENCY,
  reconciled: AUTHORITY,
  "residue-scanned": ASSESSOR,
  verified: SOURCE,
  certified: AUTHORITY,
};

class Leaver {
  #held = 0;

  private constructor(
    readonly on: OnLedger,
    readonly ending: object,
  ) {}

  /** An operator with its authorization in force. @param ending what an exit ends: a part, or all */
  static async open(ending: object): Promise<Leaver> {
    const on = await OnLedger.open();
    await on.init();
    for (const stage of new Mix("leaving").acts())
      for (let i = 0; i < stage.length; i += 400) await on.append(ACTS, stage.slice(i, i + 400));
    const party = (code: string, role: string) => event("party.registered", AUTHORITY, { code, name: "主体", roles: [role] });
    await on.append(ACTS, [party(AGENCY, "implementing-agency"), party(ASSESSOR, "assessor")]);
    return new Leaver(on, ending);
  }

  close(): Promise<void> {
    return this.on.close();
  }

  /** Its ground comes about, and it goes as far as its closed permissions. */
  async leave(...ground: readonly MixEvent[]): Promise<void> {
    for (const act of ground) await this.on.append(ACTS, [act]);
    await this.take("opened", "permissions-closed");
  }

  /** Of an operator that holds nothing, unless {@link freeze} says otherwise. */
  act(step: Step, change: object = {}, party = BY[step]): MixEvent {
    const named = { exit: "exit-1", authorization: AUTHORIZATION };
    const { valid } = examples[`suyuan.exit.${step}`];
    return event(`exit.${step}`, party, {
      ...valid,
      ...named,
      ...(step === "opened" ? this.ending : {}),
      ...(step === "inventory-frozen" ? inventoryOf([]) : {}),
      ...change,
    });
  }

  async take(...steps: readonly Step[]): Promise<void> {
    for (const step of steps) expect(await this.codes(this.act(step)), step).to.deep.equal([]);
  }

  async freeze(): Promise<void> {
    const { outstanding, retained } = await this.left();
    const inventory = await this.inventory();
    expect(inventory.count).to.equal(outstanding + retained);
    const more = { ...inventory, count: inventory.count + 1 };
    expect(await this.codes(this.act("inventory-frozen", more))).to.deep.equal(["holding-mismatch"]);
    expect(await this.codes(this.act("inventory-frozen", inventory))).to.deep.equal([]);
  }

  /** As anybody makes it who reads the blocks: from what they wrote to the pages. */
  async inventory(part?: InventoryPart): Promise<Inventory> {
    const pages = new Map<string, HoldingsPage>();
    const { ledger } = this.on;
    const height = await ledger.height();
    for await (const { number, transactions } of ledger.blocks(0)) {
      for (const { writes, valid } of transactions)
        for (const { key, value } of valid ? writes : []) {
          const [kind, authorization] = splitKey(key);
          if (kind !== "page" || authorization !== AUTHORIZATION) continue;
          pages.set(key, value === undefined ? [] : (JSON.parse(Buffer.from(value).toString("utf8")) as HoldingsPage));
        }
      if (number + 1 === height) break;
    }
    return inventoryOf([...pages.values()].flat(), part);
  }

  /** What the ledger says to an event: refused, or found. */
  async codes(one: MixEvent, slots: readonly number[] = []): Promise<readonly string[]> {
    const isFact = /holding\.deleted|residue-scanned|data\./.test(one.type);
    try {
      const appended = await this.on.append(isFact ? FACTS : ACTS, [one], { [one.id]: slots });
      return appended.findings.flatMap(([, breaches]) => breaches.map(({ code }) => code));
    } catch (error) {
      if (!(error instanceof ContractError) || error.code !== "acts-refused") throw error;
      return (error.details.lines ?? []).flatMap(([, breaches]) => breaches.map(({ code }) => code));
    }
  }

  /** Holdings of intermediate results, as many to an event as there may be. */
  async declare(many: number, change: object = {}, party = OPERATOR): Promise<readonly Held[]> {
    const all: Held[] = [];
    const events: MixEvent[] = [];
    for (let left = many; left > 0; left -= A_TIME) {
      const holdings = Array.from({ length: Math.min(left, A_TIME) }, () => ({
        ...{ digest: digest(this.#held++), bytes: 1, rows: 1 },
        ...{ form: "intermediate", place: "平台", platform: "on" },
      }));
      events.push(
        event("data.processed", party, {
          ...{ authorization: AUTHORIZATION, scenario: SCENARIO, step: "compute", tool: "t", inputs: ["TestMSP/facts/0/0"], holdings },
          ...change,
        }),
      );
    }
    let n = this.#held - many;
    for (let i = 0; i < events.length; i += 200) {
      const { declared } = await this.on.append(FACTS, events.slice(i, i + 200));
      for (const [index, slots] of declared)
        slots.forEach((slot, ordinal) => all.push({ name: `${FACTS}/${index}/${ordinal}`, slot, n: n++ }));
    }
    return all;
  }

  deletion({ name, n }: Held, change: object = {}, party = OPERATOR): MixEvent {
    const evidence = { method: "purge", standard: "NIST SP 800-88", tool: "t", toolVersion: "1", executor: "e" };
    return event("holding.deleted", party, { authorization: AUTHORIZATION, holding: name, digest: digest(n), ...evidence, ...change });
  }

  async delete(held: readonly Held[]): Promise<void> {
    for (let i = 0; i < held.length; i += A_BATCH) {
      const some = held.slice(i, i + A_BATCH).map((one) => [this.deletion(one), one.slot] as const);
      const slots = Object.fromEntries(some.map(([{ id }, slot]) => [id, [slot]]));
      const { findings } = await this.on.append(
        FACTS,
        some.map(([one]) => one),
        slots,
      );
      expect(findings).to.deep.equal([]);
    }
  }

  /** All at once, by the authority. */
  strike(held: readonly Held[]): Promise<readonly string[]> {
    const { holding: _, ...reasoned } = examples["suyuan.holding.struck"].valid;
    const named = { authorization: AUTHORIZATION, holdings: held.map(({ name }) => name) };
    return this.codes(
      event("holding.struck", AUTHORITY, { ...reasoned, ...named }),
      held.map(({ slot }) => slot),
    );
  }

  /** Whether of the transactions that appended last to two journals the first was the earlier. */
  async isBefore(first: string, second: string): Promise<boolean> {
    const order: string[] = [];
    const height = await this.on.ledger.height();
    for await (const { number, transactions } of this.on.ledger.blocks(Math.max(0, height - 2))) {
      for (const { valid, args } of transactions) if (valid) order.push(Buffer.from(args[0] ?? []).toString("utf8"));
      if (number + 1 === height) break;
    }
    return order.lastIndexOf(first) < order.lastIndexOf(second);
  }

  async left(): Promise<HoldingsCount> {
    const counts = (await this.on.read("outstanding", AUTHORIZATION, "")) as HoldingsCount[];
    return counts.reduce((sum, one) => ({
      outstanding: sum.outstanding + one.outstanding,
      retained: sum.retained + one.retained,
      logs: sum.logs + one.logs,
    }));
  }
}

const ended = (): readonly MixEvent[] => {
  const valid = (name: "exit-applied" | "exit-agreed" | "terminated") => examples[`suyuan.authorization.${name}`].valid;
  const act = (name: Parameters<typeof valid>[0], party: string, change: object = {}) =>
    event(`authorization.${name}`, party, { ...valid(name), authorization: AUTHORIZATION, ...change });
  return [act("exit-applied", OPERATOR), act("exit-agreed", AGENCY), act("terminated", AUTHORITY, { ground: "early-exit" })];
};

/** @param many holdings, one of which is forgotten. @param junk declared and deleted around one that is kept */
export function leaving(many: number, junk: number): void {
  describe(`an exit on the ledger, of ${many.toLocaleString("en")} holdings`, () => {
    let it_: Leaver;
    let held: readonly Held[];
    before(async () => {
      it_ = await Leaver.open({ leaving: "operator" });
      held = await it_.declare(many);
      await it_.leave(...ended());
      await it_.freeze();
      await it_.take("reconciled");
    });
    after(() => it_.close());
    /** Scanned for all that is gone by now. */
    const verified = async (): Promise<readonly string[]> => {
      await it_.take("residue-scanned");
      return it_.codes(it_.act("verified"));
    };
    const forgotten = () => held[Math.floor(many / 2)]!;

    it("is not verified while one intermediate is forgotten", async () => {
      await it_.delete(held.filter((one) => one !== forgotten()));
      expect((await it_.left()).outstanding).to.equal(1);
      expect(await verified()).to.deep.equal(["holdings-outstanding"]);
    });

    it("nor when another one is deleted twice instead, or by the forgotten one's slot", async () => {
      const again = held[0]!;
      expect(await it_.codes(it_.deletion(again), [again.slot])).to.deep.equal(["holding-mismatch"]);
      expect(await it_.codes(it_.deletion(again), [forgotten().slot])).to.deep.equal(["holding-mismatch"]);
      expect(await it_.codes(it_.deletion(forgotten()), [again.slot])).to.deep.equal(["holding-mismatch"]);
      expect(await verified()).to.deep.equal(["holdings-outstanding"]);
    });

    it("nor by a deletion that names the wrong digest", async () => {
      const wrong = it_.deletion(forgotten(), { digest: digest(many * 10) });
      expect(await it_.codes(wrong, [forgotten().slot])).to.deep.equal(["holding-mismatch"]);
      expect(await verified()).to.deep.equal(["holdings-outstanding"]);
    });

    it(`nor by ${junk.toLocaleString("en")} junk holdings that are declared and deleted around it`, async () => {
      const LOT = 50_000;
      for (let left = junk; left > 0; left -= LOT) await it_.delete(await it_.declare(Math.min(left, LOT)));
      expect((await it_.left()).outstanding).to.equal(1);
      expect(await verified()).to.deep.equal(["holdings-outstanding"]);
    });

    it("nor by others' word that it is gone", async () => {
      expect(await it_.codes(it_.deletion(forgotten(), {}, DEVELOPER), [forgotten().slot])).to.deep.equal(["not-your-event"]);
      expect(await verified()).to.deep.equal(["holdings-outstanding"]);
    });

    it("nor when something was pulled late, though all else is gone, until it is gone too and scanned for; nor is it certified then", async () => {
      expect(await it_.codes(it_.deletion(forgotten(), { executorParty: ASSESSOR }), [forgotten().slot])).to.deep.equal([]);
      const [late] = await it_.declare(1);
      expect(await verified()).to.deep.equal(["holdings-outstanding"]);
      await it_.delete([late!]);
      expect(await it_.codes(it_.act("verified")), "scanned before").to.deep.equal(["step-out-of-order"]);
      await it_.take("residue-scanned", "verified");
      const [later] = await it_.declare(1);
      expect(await it_.codes(it_.act("certified"))).to.deep.equal(["holdings-outstanding"]);
      await it_.delete([later!]);
      expect(await it_.codes(it_.act("certified")), "verified before").to.deep.equal(["step-out-of-order"]);
      expect(await it_.codes(it_.act("verified")), "scanned before").to.deep.equal(["step-out-of-order"]);
      await it_.take("residue-scanned", "verified");
    });

    it("asks for nothing anew where what came late is struck", async () => {
      const late = await it_.declare(250);
      expect(await it_.codes(it_.act("certified"))).to.deep.equal(["holdings-outstanding"]);
      expect(await it_.strike(late)).to.deep.equal([]);
    });

    it("is not verified by who deleted", async () => {
      expect(await it_.codes(it_.act("verified", {}, ASSESSOR))).to.deep.equal(["same-hands"]);
    });

    it("is certified once nothing is left", async () => {
      expect((await it_.left()).outstanding).to.equal(0);
      await it_.take("certified");
    });
  });

  describe("two gateways that race: one verifies, one pulls", () => {
    it("never verify what is there by then, whichever comes first", async () => {
      const it_ = await Leaver.open({ leaving: "operator" });
      await it_.leave(...ended());
      await it_.take("inventory-frozen");
      await it_.take("reconciled");
      const seen = new Set<string>();
      for (let round = 0; round < 20; round++) {
        await it_.take("residue-scanned");
        const sizes = async (journal: string) => ((await it_.on.read("head", journal)) as { size: number }).size;
        const [acts, facts] = [await sizes(ACTS), await sizes(FACTS)];
        const pull = event("data.processed", OPERATOR, {
          ...{ authorization: AUTHORIZATION, scenario: SCENARIO, step: "compute", tool: "t", inputs: ["TestMSP/facts/0/0"] },
          holdings: [{ digest: digest(1), bytes: 1, rows: 1, form: "cache", place: "平台", platform: "on" }],
        });
        const submit = (journal: string, from: number, one: MixEvent) => () =>
          it_.on.ledger.submit({
            transaction: "append",
            args: [journal, String(from), batchOf([encodeLine(leafOf(one), [])])].map((arg) => Buffer.from(arg)),
          });
        const both = [submit(ACTS, acts, it_.act("verified")), submit(FACTS, facts, pull)];
        const [first, second] = round % 2 === 0 ? both : both.reverse();
        const outcomes = await Promise.allSettled([first!(), second!()]);
        const [verification, pulled] = round % 2 === 0 ? outcomes : outcomes.reverse();
        const codes = [verification, pulled].map((outcome) =>
          outcome?.status === "rejected" ? ((outcome.reason as LedgerError).code as string) : "done",
        );
        seen.add(codes[0] ?? "");
        if (verification?.status === "fulfilled" && pulled?.status === "fulfilled") expect(await it_.isBefore(ACTS, FACTS)).to.equal(true);
        else expect(codes[0] === "done" ? codes[1] : codes[0]).to.be.oneOf(["conflict", "refused"]);
        if (pulled?.status === "fulfilled") {
          const { declared } = JSON.parse(Buffer.from(pulled.value.result).toString("utf8")) as Appended;
          const [index = 0, slots = []] = declared[0] ?? [];
          it_.on.follow(FACTS, facts + 1);
          const held = { name: `${FACTS}/${index}/0`, slot: slots[0] ?? 0, n: 1 };
          await it_.delete([held]);
        }
        if (verification?.status === "fulfilled") it_.on.follow(ACTS, acts + 1);
      }
      expect([...seen]).to.include("done");
      await it_.close();
    });
  });

  describe("the exit of a part on the ledger", () => {
    const PARTS = {
      scenario: {
        ending: { leaving: "scenario", scenario: SCENARIO },
        ground: event("scenario.closed", OPERATOR, closing("scenario.closed")),
      },
      developer: {
        ending: { leaving: "developer", scenario: SCENARIO, developer: DEVELOPER },
        ground: event("developer.revoked", OPERATOR, { ...closing("developer.revoked"), developer: DEVELOPER }),
      },
    } as const;
    for (const [name, { ending, ground }] of Object.entries(PARTS))
      it(`asks nothing of what else the authorization has: ${name}`, async () => {
        const it_ = await Leaver.open(ending);
        const mine = await it_.declare(150, {}, name === "developer" ? DEVELOPER : OPERATOR);
        const elsewhere = name === "developer" ? await it_.declare(70) : await it_.declare(70, { scenario: "scn-01" });
        await it_.leave(ground);
        const its = await it_.inventory({ scenario: SCENARIO, parties: name === "developer" ? [DEVELOPER] : undefined });
        expect(its.count).to.equal(150);
        expect(await it_.codes(it_.act("inventory-frozen", await it_.inventory()))).to.deep.equal(["holding-mismatch"]);
        expect(await it_.codes(it_.act("inventory-frozen", its))).to.deep.equal([]);
        await it_.delete(mine.slice(1));
        await it_.take("reconciled", "residue-scanned");
        expect(await it_.codes(it_.act("verified"))).to.deep.equal(["holdings-outstanding"]);
        await it_.delete(mine.slice(0, 1));
        await it_.take("residue-scanned", "verified");
        await it_.delete(elsewhere.slice(0, 1));
        await it_.take("certified");
        expect((await it_.left()).outstanding, "which is dealt with as ever").to.equal(elsewhere.length - 1);
        const counts = (await it_.on.read("part", AUTHORIZATION, "scenario", SCENARIO, "")) as readonly { readonly parties: object }[];
        const own = counts.map(({ parties }) => parties);
        expect(own).to.deep.equal(name === "developer" ? [{ [OPERATOR]: { outstanding: 69, retained: 0, logs: 0 } }] : []);
        await it_.close();
      });
  });
}

function closing(type: "scenario.closed" | "developer.revoked"): object {
  return { ...examples[`suyuan.${type}`].valid, scenario: SCENARIO };
}
