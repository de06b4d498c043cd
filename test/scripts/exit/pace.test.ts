import { expect } from "chai";
import { Pace } from "../../../scripts/exit/pace";

describe("how long a scan still takes", () => {
  let now = 0;
  const pace = (): Pace => {
    now = 0;
    return new Pace(1000, () => now);
  };

  it("is told by the pace of what it reads itself, and not by what an earlier run had read", () => {
    const it = pace();
    now = 60_000;
    it.add({ bytes: 300, resumed: 300 });
    expect(it.shown).to.deep.equal({ percent: 30, left: "…" });
    now = 64_000;
    it.add({ bytes: 400, resumed: 300 });
    expect(it.shown).to.deep.equal({ percent: 40, left: "0:24" });
  });

  it("is not told at once, and in hours where it takes so long", () => {
    const it = pace();
    now = 1000;
    it.add({ bytes: 1, resumed: 0 });
    expect(it.shown).to.deep.equal({ percent: 0, left: "…" });
    now = 5000;
    expect(it.shown).to.deep.equal({ percent: 0, left: "1:23:15" });
  });
});
