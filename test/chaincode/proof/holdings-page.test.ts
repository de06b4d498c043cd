import { expect } from "chai";
import fc from "fast-check";
import { canonicalText } from "../../../chaincode/proof/canonical";
import {
  attributeHolding,
  clearHolding,
  declareHolding,
  emptyPage,
  FORMS,
  type Holding,
  outstanding,
  PAGE_SLOTS,
  pageFrom,
  pageOf,
  retainHolding,
  strikeHolding,
  type HoldingsPage,
} from "../../../chaincode/proof/holdings-page";

const name = (slot: number): string => `OperatorMSP/facts/${1000 + slot}/0`;
const digest = (slot: number): string => slot.toString(16).padStart(64, "0");
const what = (slot: number): Holding => ({ digest: digest(slot), form: "raw", party: "91990000MA1A00024N", scenario: "s" });
const page = (from: number, to: number): HoldingsPage => {
  let page = emptyPage;
  for (let slot = from; slot < to; slot++) page = declareHolding(page, slot, name(slot), what(slot));
  return page;
};

describe("page of holdings", () => {
  it("counts what was declared and not yet removed", () => {
    const declared = page(0, 3);
    expect(outstanding(declared)).to.equal(3);
    expect(outstanding(clearHolding(declared, 3, 1, name(1), digest(1)) as HoldingsPage)).to.equal(2);
  });

  it("has nothing left once every slot is cleared", () => {
    let left = page(128, 192);
    for (let slot = 128; slot < 192; slot++) left = clearHolding(left, 192, slot, name(slot), digest(slot)) as HoldingsPage;
    expect(left).to.deep.equal(emptyPage);
  });

  it("clears only by its own number, name and digest", () => {
    const taken = page(0, 3);
    expect(clearHolding(taken, 3, 1, name(1), digest(2))).to.equal("holding-different");
    expect(clearHolding(taken, 3, 1, name(2), digest(2))).to.equal("holding-unknown");
    expect(clearHolding(taken, 3, 3, name(3), digest(3))).to.equal("holding-unknown");
    expect(outstanding(taken)).to.equal(3);
  });

  it("clears once", () => {
    const cleared = clearHolding(page(0, 3), 3, 1, name(1), digest(1)) as HoldingsPage;
    expect(clearHolding(cleared, 3, 1, name(1), digest(1))).to.equal("holding-cleared");
    expect(retainHolding(cleared, 3, 1, name(1), digest(1), "2026-01-01")).to.equal("holding-cleared");
    expect(strikeHolding(cleared, 3, 1, name(1))).to.equal("holding-cleared");
  });

  it("says once of which product a holding is", () => {
    const of = attributeHolding(page(0, 3), 3, 1, name(1), "x") as HoldingsPage;
    expect(of.map(({ product }) => product)).to.deep.equal([undefined, "x", undefined]);
    expect(attributeHolding(of, 3, 1, name(1), "y")).to.equal(of);
    expect(attributeHolding(of, 3, 1, name(2), "x")).to.equal("holding-unknown");
    expect(pageFrom(JSON.parse(JSON.stringify(of)))).to.deep.equal(of);
  });

  it("does not count what is lawfully retained, until that is cleared in its turn", () => {
    const retained = retainHolding(page(0, 3), 3, 1, name(1), digest(1), "2026-01-01") as HoldingsPage;
    expect(outstanding(retained)).to.equal(2);
    expect(retained[1]).to.deep.equal({ slot: 1, holding: name(1), ...what(1), until: "2026-01-01" });
    expect((retainHolding(retained, 3, 1, name(1), digest(1), "2027-01-01") as HoldingsPage)[1]?.until).to.equal("2027-01-01");
    expect(retainHolding(retained, 3, 1, name(1), digest(2), "2026-01-01")).to.equal("holding-different");
    expect(clearHolding(retained, 3, 1, name(1), digest(1))).to.have.length(2);
  });

  it("strikes by name alone, since the digest may be the mistake", () => {
    expect(strikeHolding(page(0, 3), 3, 1, name(1))).to.have.length(2);
    expect(strikeHolding(page(0, 3), 3, 1, name(2))).to.equal("holding-unknown");
  });

  it("gives each slot once, in order, on its own page", () => {
    expect(PAGE_SLOTS).to.equal(64);
    expect([0, 63, 64, 127].map(pageOf)).to.deep.equal([0, 0, 1, 1]);
    expect(() => declareHolding(page(0, 3), 2, name(2), what(2))).to.throw(RangeError);
    expect(() => declareHolding(page(0, 64), 64, name(64), what(64))).to.throw(RangeError);
    expect(declareHolding(clearHolding(page(0, 1), 1, 0, name(0), digest(0)) as HoldingsPage, 1, name(1), what(1))).to.have.length(1);
  });

  it("never loses a holding to junk: whatever is declared and cleared around it, it stays", () => {
    fc.assert(
      fc.property(fc.nat(63), fc.array(fc.nat(63)), (kept, cleared) => {
        let left = page(0, 64);
        for (const slot of cleared) {
          if (slot === kept) continue;
          const next = clearHolding(left, 64, slot, name(slot), digest(slot));
          if (typeof next !== "string") left = next;
        }
        expect(left.filter(({ holding }) => holding === name(kept))).to.have.length(1);
        expect(outstanding(left)).to.equal(64 - new Set(cleared.filter((slot) => slot !== kept)).size);
      }),
    );
  });

  it("is the same after it was stored", () => {
    const stored = canonicalText(retainHolding(page(64, 70), 70, 65, name(65), digest(65), "2026-01-01"));
    expect(canonicalText(pageFrom(JSON.parse(stored)))).to.equal(stored);
    expect(pageFrom([])).to.deep.equal(emptyPage);
  });

  it("says of everything held in which form, by whose word and for what it is, and is read back so", () => {
    const id = fc.stringMatching(/^[a-z0-9]{1,12}$/);
    const maybe = <T>(field: string, value: fc.Arbitrary<T>) => fc.option(value.map((it) => ({ [field]: it }))).map((it) => it ?? {});
    const held = fc
      .tuple(fc.constantFrom(...FORMS), id, maybe("scenario", id), maybe("product", id), maybe("off", fc.constant(true)))
      .map(([form, party, ...parts]): Holding => Object.assign({ digest: digest(1), form, party }, ...parts) as Holding);
    fc.assert(
      fc.property(fc.array(held, { maxLength: 64 }), (all) => {
        const stored = all.reduce((page, one, slot) => declareHolding(page, slot, name(slot), one), emptyPage);
        expect(pageFrom(JSON.parse(canonicalText(stored)))).to.deep.equal(stored);
        expect(stored.map(({ slot: _, holding: __, ...one }) => one)).to.deep.equal(all);
      }),
    );
  });

  it("is read from no state that it would not write", () => {
    const [a, b] = page(62, 64) as [HoldingsPage[0], HoldingsPage[0]];
    const bad: unknown[] = [
      null,
      {},
      [7],
      [b, a],
      [a, a],
      [b, { ...a, slot: 64 }],
      [{ ...a, slot: -1 }],
      [{ ...a, slot: "62" }],
      [{ ...a, holding: "x" }],
      [{ ...a, digest: "AB" }],
      [{ ...a, until: 7 }],
      [{ ...a, form: "paper" }],
      [{ ...a, form: undefined }],
      [{ ...a, party: "" }],
      [{ ...a, party: undefined }],
      [{ ...a, scenario: 7 }],
      [{ ...a, product: "" }],
      [{ ...a, off: false }],
      [{ ...a, more: 1 }],
      [{ slot: 1 }],
    ];
    for (const state of bad) expect(pageFrom(state), JSON.stringify(state)).to.equal(undefined);
  });
});
