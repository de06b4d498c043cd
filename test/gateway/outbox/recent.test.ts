import { expect } from "chai";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { keyOf, Recent } from "../../../gateway/outbox/recent";
import { Spans } from "../../../gateway/outbox/spans";
import { decodeLines, LineWriter } from "../../../gateway/outbox/lines";

describe("pairs that the read model does not show yet", () => {
  it("are remembered at all their indexes until the last of them is projected", () => {
    const recent = new Recent();
    recent.add("s a", 0);
    recent.add("s b", 1);
    recent.add("s a", 2);
    recent.add("s c", 3);
    expect([recent.of("s a"), recent.of("s b"), recent.of("s d")]).to.deep.equal([[0, 2], [1], []]);
    recent.projected(2);
    expect([recent.of("s a"), recent.of("s b"), recent.of("s c")]).to.deep.equal([[0, 2], [], [3]]);
    recent.projected(4);
    expect(recent.size).to.equal(0);
  });

  it("that were not stored after all are taken back", () => {
    const recent = new Recent();
    recent.add("s a", 0);
    recent.add("s a", 1);
    recent.remove("s a", 1);
    expect(recent.of("s a")).to.deep.equal([0]);
    recent.remove("s a", 0);
    expect(recent.of("s a")).to.deep.equal([]);
  });

  it("of different events are never the same", () => {
    const part = fc.stringMatching(/^[\x21-\x7e]{1,8}$/);
    fc.assert(
      fc.property(part, part, part, part, (source, id, otherSource, otherId) => {
        fc.pre(source !== otherSource || id !== otherId);
        expect(keyOf({ source, id })).to.not.equal(keyOf({ source: otherSource, id: otherId }));
      }),
    );
  });
});

describe("what memory knows of the outbox", () => {
  const hash = (index: number): Buffer => createHash("sha256").update(String(index)).digest();

  it("finds every leaf by its hash, counts bytes, and lets go of what is projected as a whole", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(sizes, fc.double({ min: 0, max: 1, noNaN: true }), (groups, share) => {
        const spans = new Spans();
        let end = 0;
        for (const size of groups) {
          spans.add(end, Buffer.concat(Array.from({ length: size }, (_, i) => hash(end + i))), 10 * size);
          end += size;
        }
        expect(spans.bytes).to.equal(10 * end);
        const projected = Math.floor(share * end);
        const gone = spans.takeBelow(projected) ?? 0;
        expect(gone).to.be.at.most(projected);
        expect(spans.bytes).to.equal(10 * (end - gone));
        for (const index of [0, gone - 1, gone, projected, end - 1].filter((it) => it >= 0 && it < end)) {
          expect(spans.find(hash(index))).to.equal(index < gone ? undefined : index);
        }
        expect(spans.find(hash(end))).to.equal(undefined);
        expect(spans.takeBelow(end)).to.equal(gone === end ? undefined : end);
        expect(spans.bytes).to.equal(0);
      }),
      { numRuns: 30 },
    );
  });

  it("does not mistake the end of one hash and the beginning of the next for a hash", () => {
    const spans = new Spans();
    const two = Buffer.concat([hash(1), hash(2)]);
    spans.add(0, two, 1);
    expect(spans.find(two.subarray(16, 48))).to.equal(undefined);
  });
});

describe("waiting events as lines", () => {
  it("are read back as they were written", () => {
    const leaf = fc.dictionary(fc.string(), fc.string({ unit: "binary" })).map((it) => JSON.stringify(it));
    const names = fc.array(fc.stringMatching(/^M\/f\/\d{1,3}\/\d$/), { maxLength: 3 });
    const writer = new LineWriter();
    fc.assert(
      fc.property(fc.array(fc.record({ source: fc.constant("s"), id: fc.constant("i"), leaf, names }), { minLength: 1 }), (entries) => {
        const { bytes, hashes } = writer.encode(entries);
        const lines = [...decodeLines(Buffer.from(bytes))];
        expect(lines.map((line) => ({ leaf: line.leaf.toString("utf8"), names: line.names }))).to.deep.equal(
          entries.map(({ leaf, names }) => ({ leaf: leaf.toWellFormed(), names })),
        );
        expect(Buffer.concat(lines.map((line) => line.bytes)).equals(bytes)).to.equal(true);
        expect(hashes.map((it) => Buffer.from(it).toString("hex"))).to.deep.equal(
          lines.map((line) => createHash("sha256").update(Buffer.of(0)).update(line.leaf).digest("hex")),
        );
      }),
    );
  });
});
