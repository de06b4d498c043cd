import { expect } from "chai";
import { documents, suyuan } from "../suyuan";

interface Told {
  readonly type: string;
  readonly outcome: { readonly refused: boolean; readonly codes: readonly string[] };
}

describe("suyuan demo --story city", function () {
  this.timeout(180_000);

  it("plays an authorisation to its renewal and another one to its end, and everything comes out as the rules say", async () => {
    const ran = await suyuan(["demo", "--story", "city", "--json"]);
    expect(ran.code, ran.stdout.slice(-2000)).to.equal(0);
    const told = documents(ran);
    const [last, events] = [told.at(-1), told.slice(0, -1) as Told[]];
    expect(last).to.deep.include({ surprises: [] });
    const recorded = (type: string) => events.filter((event) => event.type === `suyuan.${type}` && !event.outcome.refused).length;
    for (const [type, times] of [
      ["announcement.published", 2],
      ["authorization.signed", 2],
      ["authorization.renewed", 1],
      ["authorization.terminated", 1],
      ["exit.certified", 1],
    ] as const)
      expect(recorded(type), type).to.equal(times);
    const refused = new Set(events.filter(({ outcome }) => outcome.refused).flatMap(({ outcome }) => outcome.codes));
    expect(refused.size, [...refused].join(" ")).to.be.above(20);
  });
});
