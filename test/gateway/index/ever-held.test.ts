import { expect } from "chai";
import { rm } from "node:fs/promises";
import type { Fate } from "../../../gateway/index/holdings";
import { keys } from "../../../gateway/index/keys";
import { ReadModel } from "../../../gateway/index/read-model";
import { openStore, toJson } from "../../../gateway/index/store";
import { newDirectory, project } from "./indexed";
import { AUTHORITY, AUTHORIZATION, authorizationActs, type event, pulled, Story } from "./story";

const SECOND = "auth-2";

type Event = ReturnType<typeof event>;
const ofSecond = (one: Event): Event => ({ ...one, data: { ...one.data, authorization: SECOND } });

/** Up to 0.6.0 the ledger takes such an event: of a slot that is empty it does not tell whose holding stood there. */
describe("a holding that was struck under another authorization than its own", () => {
  it("is the other's neither in what was ever held nor in what was struck", async () => {
    const story = await Story.world();
    const directory = await newDirectory();
    try {
      await story.acts(...authorizationActs().map(ofSecond));
      const [own = "", others = ""] = await story.holdings(pulled("res-a", 1), ofSecond(pulled("res-a", 2)));
      const struck = { authorization: SECOND, holding: others, reason: "误登", evidence: { digest: "e".repeat(64) } };
      const { from } = await story.acts({ ...ofSecond(pulled("res-a", 0)), type: "suyuan.holding.struck", party: AUTHORITY, data: struck });
      await project(directory, await story.blocks());
      const store = await openStore(directory);
      const fates = await store.keys({ gt: keys.fate(SECOND, ""), lt: keys.fate(SECOND, "~") }).all();
      expect(fates).to.deep.equal([keys.fate(SECOND, others)]);
      const said = (await store.get(fates[0] ?? "")) ?? toJson([]);
      await store.put(keys.fate(AUTHORIZATION, others), said);
      expect((JSON.parse(said.toString()) as Fate[]).map(([state, , index]) => [state, index])).to.deep.equal([["struck", from]]);
      await store.close();
      const readModel = await ReadModel.open(directory);
      const reader = await readModel.reader();
      const ever = async (authorization: string) => (await reader.everHeld(authorization)).map(({ slot }) => slot.holding);
      const listed = async (authorization: string) =>
        (await reader.holdings(authorization, "struck", {}, 9)).holdings.map(({ holding }) => holding);
      expect([await ever(AUTHORIZATION), await listed(AUTHORIZATION)]).to.deep.equal([[own], []]);
      expect([await ever(SECOND), await listed(SECOND)]).to.deep.equal([[others], [others]]);
      await readModel.close();
    } finally {
      await story.close();
      await rm(directory, { recursive: true });
    }
  });
});
