/** What is not what its declaration calls it, on a real gateway: the inventory that it computes is the one that the ledger freezes. */
import { expect } from "chai";
import { AUTHORIZATION, example, OPERATOR } from "../../chaincode/events/world";
import { Exiting } from "./leaving";

describe("a raw copy that is declared as a log", () => {
  let exiting: Exiting;
  before(async () => (exiting = await Exiting.start()));
  after(() => exiting.stop());

  it("is listed and frozen as the raw data that it is, cleared or not", async () => {
    const { telling } = exiting;
    const raw = (await exiting.outstanding()).find(({ declared }) => declared.form === "raw")!;
    const log = { digest: raw.declared.digest, bytes: 1, rows: 1, form: "log", place: "平台 log/raw.log", platform: "on" };
    const copy = example("data.copied", OPERATOR, { inputs: [raw.holding], holdings: [log, { ...log, form: "cache" }] });
    await telling.tell(copy);
    await telling.tell(copy);
    const held = await exiting.outstanding();
    const copies = held.filter(({ declared }) => declared.digest === log.digest && declared.form !== "cache");
    expect(copies.map(({ declared }) => declared.form)).to.deep.equal(["raw", "raw", "raw"]);
    const list = await telling.json<{ holdings: readonly unknown[] }>(`/v1/holdings?authorization=${AUTHORIZATION}&form=raw`);
    expect(list.holdings).to.have.length(copies.length);
    await exiting.open();
    const { holding } = copies.at(-1)!;
    await telling.tell(example("holding.deleted", OPERATOR, { holding, digest: log.digest }));
    const items = (await exiting.inventory()).items.filter(({ digest, form }) => digest === log.digest && form !== "cache");
    expect(items.map(({ form, state }) => `${form} ${state}`).sort()).to.deep.equal(["raw deleted", "raw outstanding", "raw outstanding"]);
  });
});
