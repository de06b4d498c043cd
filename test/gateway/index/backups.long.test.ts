import { expect } from "chai";
import { rm } from "node:fs/promises";
import type { Exit } from "../../../chaincode/events/exit-record";
import { dayOf } from "../../../chaincode/events/time";
import { DEVELOPER } from "../../../scripts/bench/mix";
import { Access } from "../../../gateway/index/access";
import { keys } from "../../../gateway/index/keys";
import { openDuties } from "../../../gateway/index/open-duties";
import { openStore, toJson } from "../../../gateway/index/store";
import { View } from "../../../gateway/index/view";
import { newDirectory, project } from "./indexed";
import { AUTHORIZATION, deleted, digest, event, OPERATOR, processed, pulled, released, Story } from "./story";

const PRODUCT = "prd-1";
const day = (offset: number): string => dayOf(Date.now() + offset * 86_400_000);

type Event = ReturnType<typeof event>;
type Owed = readonly (readonly [party: string | undefined, due: string, exit: string | undefined])[];
type Exits = Readonly<Record<string, Partial<Exit> & { readonly frozen: number }>>;

/** Of raw data and what a product was made of, both deleted, whose backups go in ten days. */
describe("backups that are to go", function () {
  this.timeout(60_000);

  /** @param then what is reported afterwards. @param of what of the deletions is otherwise. @returns what is owed, with these exits */
  async function owed(exits: Exits, then: readonly Event[] = [], of: object = {}): Promise<Owed> {
    const story = await Story.world();
    const directory = await newDirectory();
    try {
      const [raw = ""] = await story.holdings(pulled("res-a", 1));
      const [made = ""] = await story.holdings(processed("clean", [raw], [2]));
      await story.acts(released(PRODUCT, "v1", [made]));
      const gone = (holding: string, n: number): Event => {
        const it = deleted(holding, n);
        return { ...it, data: { ...it.data, backups: { state: "beyond-use", purged: day(10) }, ...of } };
      };
      await story.facts(gone(raw, 1), gone(made, 2));
      for (const one of then) await story.facts(one);
      await project(directory, await story.blocks());
      const store = await openStore(directory);
      for (const [id, { frozen, ...more }] of Object.entries(exits)) {
        const steps = { "inventory-frozen": [{ at: frozen, act: "TestMSP/acts/0", party: OPERATOR }] };
        const record: Exit = { authorization: AUTHORIZATION, leaving: "operator", since: 0, hands: [], steps, ...more };
        await store.put(keys.record("exit", id), toJson(record));
      }
      const duties = await openDuties(store, await View.latest(store), new Access(store), { duty: "backups" }, Date.now() + 60_000);
      await store.close();
      return duties.map(({ party, due, part }) => [party, due, part] as const);
    } finally {
      await story.close();
      await rm(directory, { recursive: true });
    }
  }

  const purged = (more: object = {}, party = OPERATOR): Event =>
    event(
      "holding.backups-purged",
      { authorization: AUTHORIZATION, through: day(10), tool: "t", executor: "e", record: { digest: digest(1) }, ...more },
      { party },
    );
  const owe = (...exits: readonly (string | undefined)[]): Owed => exits.map((exit) => [OPERATOR, day(10), exit]);
  const whole: Exits = { "exit-o": { frozen: 0 } };
  const both: Exits = { ...whole, "exit-p": { frozen: 0, leaving: "product", product: PRODUCT } };

  it("outside of any exit are reported by who deleted, who need name none", async () => {
    expect(await owed({})).to.deep.equal(owe(undefined));
    expect(await owed({}, [purged()])).to.deep.equal([]);
    expect(await owed({}, [purged({ exit: "unheard-of" })])).to.deep.equal(owe(undefined));
    expect(await owed({ "exit-o": { frozen: Date.now() + 30_000 } }, [purged()]), "gone before it was frozen").to.deep.equal([]);
  });

  it("are owed to every exit whose certificate tells of them, by a report that names it", async () => {
    expect(await owed(both)).to.deep.equal(owe("exit-o", "exit-p"));
    expect(await owed(both, [purged(), purged({ exit: "unheard-of" })])).to.deep.equal(owe("exit-o", "exit-p"));
    expect(await owed(both, [purged({ exit: "exit-p" })])).to.deep.equal(owe("exit-o"));
    expect(await owed(both, [purged({ exit: "exit-p" }), purged({ exit: "exit-o" })])).to.deep.equal([]);
    const { "exit-p": product } = both;
    expect(await owed({ "exit-p": product! }, [purged({ exit: "exit-p" })]), "the raw data is of none").to.deep.equal([]);
    expect(await owed({ "exit-p": product! }, [purged()])).to.deep.equal(owe("exit-p"));
    const other = { "exit-q": { ...product!, product: "product-b" } };
    expect(await owed(other), "of another product").to.deep.equal(owe(undefined));
  });

  it("may be reported by whose hands the deletion named, and by nobody else", async () => {
    const theirs = purged({ exit: "exit-o" }, DEVELOPER);
    expect(await owed(whole, [theirs])).to.deep.equal(owe("exit-o"));
    expect(await owed(whole, [theirs], { executorParty: DEVELOPER })).to.deep.equal([]);
    expect(await owed(whole, [purged({ exit: "exit-o", through: day(9) }, DEVELOPER)], { executorParty: DEVELOPER })).to.deep.equal(
      owe("exit-o"),
    );
  });
});
