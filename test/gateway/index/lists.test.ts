import { expect } from "chai";
import { everyList, everyTally, LAYOUT, type Told } from "../../../gateway/index/lists";

const NOTHING: Told = { type: undefined, party: undefined, subjects: [], used: [], made: [], codes: [], corrects: [], counts: false };

/** Names of the lists that an event stands in, besides that of all events. */
const listsOf = (told: Partial<Told>): string[] => {
  const [all, ...names] = everyList.flatMap((list) =>
    list.holding({ ...NOTHING, ...told }).map((key) => list.of(key).replaceAll("\0", " ").trim()),
  );
  expect(all).to.equal("all");
  return names;
};

/** Where it counts, and as what. */
const countsOf = (told: Partial<Told>): string[] =>
  everyTally.flatMap((tally) => {
    const it = { ...NOTHING, ...told };
    return tally.holding(it).flatMap((key) => tally.as(it).map((as) => `${tally.of(key).replaceAll("\0", " ").trim()}: ${as}`));
  });

const resource = { kind: "resource", id: "r" };
const holding = { kind: "holding", id: "M/f/0/0" };
const product = { kind: "product", id: "p" };

describe("the lists of the read model", () => {
  it("have a name each, all of them part of the layout, so that a new one is not missed", () => {
    const names = [...everyList, ...everyTally].map(({ name }) => name);
    expect(names).to.have.length(new Set(names).size);
    expect(LAYOUT.split(", ").slice(1)).to.deep.equal(names);
  });

  it("hold an event under what it is about, and under the data that it made something of", () => {
    expect(listsOf({ subjects: [resource], used: [resource], made: [holding] })).to.deep.equal(["history resource r", "used resource r"]);
    expect(listsOf({ used: [holding], made: [product, holding] })).to.deep.equal([`used holding ${holding.id}`, "made product p"]);
  });

  it("hold no use that made nothing: that is counted, once for a source and id", () => {
    expect(listsOf({ used: [product] })).to.deep.equal([]);
    const call = { type: "call", used: [product], counts: true };
    expect(countsOf(call)).to.deep.equal(["types: call", "uses product p: call"]);
    expect(countsOf({ ...call, counts: false })).to.deep.equal([]);
  });

  it("hold a finding by code, by party and by subject", () => {
    const found = { codes: ["a", "b"], subjects: [resource], party: "P" };
    expect(listsOf(found).filter((name) => name.startsWith("findings"))).to.deep.equal([
      "findings",
      "findings of code a",
      "findings of code b",
      "findings of party P",
      "findings of subject resource r",
    ]);
    expect(countsOf(found)).to.deep.equal(["codes: a", "codes: b", "codes of party P: a", "codes of party P: b"]);
  });

  it("hold what was said of an event under its place, and facts that somebody waits for under what they are about", () => {
    expect(listsOf({ corrects: ["M/f/3"] })).to.deep.equal(["corrections M/f/3"]);
    expect(listsOf({ type: "suyuan.asset.checked", subjects: [{ kind: "asset", id: "a" }] })).to.deep.equal([
      "history asset a",
      "followed suyuan.asset.checked asset a",
    ]);
  });

  it("say of an event that could not be judged that there is one, and nothing of whom it names", () => {
    expect(listsOf({ codes: ["quarantined"] })).to.deep.equal(["findings", "findings of code quarantined"]);
  });
});
