import { expect } from "chai";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { disclosed as disclosedBy } from "../../../gateway/index/disclosure";
import { keys } from "../../../gateway/index/keys";
import { openStore, toJson } from "../../../gateway/index/store";
import { View } from "../../../gateway/index/view";
import { AUTHORITY, AUTHORIZATION, example, OPERATOR, PRODUCT, story } from "../../chaincode/events/world";
import { Telling } from "./telling";

interface Disclosure {
  readonly authorizations: readonly { readonly products: readonly { readonly id: string }[] }[];
}

describe("what is disclosed", function () {
  this.timeout(60_000);
  let telling: Telling;
  after(() => telling.stop());

  const disclosed = async (): Promise<Disclosure> => (await (await fetch(`${telling.url}/v1/disclosure`)).json()) as Disclosure;

  it("to everyone: who is authorised for what and how long, and the products that are released", async () => {
    telling = await Telling.start(story.slice(0, 1));
    expect((await disclosed()).authorizations).to.deep.equal([]);
    const signing = story.findIndex(({ type }) => type === "authorization.signed");
    for (const report of story.slice(1, signing)) await telling.tell(report);
    expect((await disclosed()).authorizations, "decided and not signed").to.deep.equal([]);
    for (const report of story.slice(signing)) await telling.tell(report);
    const decided = example("authorization.decided", AUTHORITY).data as { readonly scope: string };
    const [one, ...others] = (await disclosed()).authorizations;
    expect(others).to.deep.equal([]);
    expect(one).to.deep.include({ authorization: AUTHORIZATION, operator: { id: OPERATOR, name: "主体" }, scope: decided.scope });
    expect(one).to.have.keys("authorization", "operator", "scope", "from", "until", "products");
    expect(one?.products.map(({ id }) => id)).to.deep.equal([PRODUCT]);
  });

  it("no product that was withdrawn", async () => {
    await telling.tell({ type: "product.withdrawn", party: OPERATOR, data: { product: PRODUCT, reason: "停止服务" } });
    expect((await disclosed()).authorizations[0]?.products).to.deep.equal([]);
  });

  it("the last agreement that was not annulled", async () => {
    const directory = await mkdtemp(join(tmpdir(), "suyuan-disclosure-"));
    const store = await openStore(directory);
    const day = (text: string): number => Date.parse(`${text}T00:00:00+08:00`);
    const agreed = (n: number, from: string, until: string) => ({ from: day(from), until: day(until), act: `M/acts/${n}` });
    const mark = (n: number, more: object = {}) => ({ at: 1, act: `M/acts/${n}`, ...more });
    const until = async (...renewed: readonly object[]): Promise<string | undefined> => {
      const steps = { signed: [mark(0)], renewed };
      const agreements = [agreed(0, "2026-01-01", "2029-01-01"), agreed(1, "2029-01-01", "2034-01-01")];
      await store.put(keys.record("authorization", "a"), toJson({ operator: OPERATOR, agreements, steps }));
      return (await disclosedBy(store, await View.latest(store), Date.now()))[0]?.until;
    };
    try {
      expect(await until(mark(1))).to.equal("2033-12-31");
      expect(await until(mark(1, { annulled: 2 }))).to.equal("2028-12-31");
    } finally {
      await store.close();
      await rm(directory, { recursive: true });
    }
  });
});
