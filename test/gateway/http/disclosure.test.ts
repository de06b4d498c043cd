import { expect } from "chai";
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
});
