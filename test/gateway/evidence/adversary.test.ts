/** Whoever changes evidence is caught, and by the code that says what he did. */
import { expect } from "chai";
import { EvidenceError } from "../../../gateway/evidence/errors";
import { ATTACKS, type Kind } from "./attacks";
import { outcomeOf } from "./examined";
import { kinds } from "./kinds";
import { codeOf, world } from "./ledger";

describe("an adversary", function () {
  this.timeout(300_000);
  let all: readonly Kind[];
  before(async () => (all = await kinds(await world())));

  // The rows are made of keys, which there are only later: so a test for each attack, not for each row.
  const forAll = async (check: (kind: Kind) => Promise<void>): Promise<void> => {
    for (const kind of all) await check(kind);
  };

  it("has good files to begin with", () =>
    forAll(async ({ name, good, verify }) => {
      expect(await codeOf(() => verify(Buffer.from(good))), name).to.equal(undefined);
    }));

  it("is told the same at the one entrance, which knows each kind by itself", () =>
    forAll(async ({ name, good, beside, attacks }) => {
      if (beside === undefined) return;
      const outcome = (file: string): Promise<string> => outcomeOf(file, beside.trust, beside);
      expect(await outcome(good), name).to.be.oneOf(["verified", "kept"]);
      for (const attack of ATTACKS) {
        const attacked = attacks[attack];
        if (!("none" in attacked)) expect(await outcome(attacked[0]), `${name}: ${attack}`).to.equal(attacked[1]);
      }
    }));

  for (const attack of ATTACKS)
    it(`is caught: ${attack}`, () =>
      forAll(async ({ name, good, verify, attacks }) => {
        const attacked = attacks[attack];
        if ("none" in attacked) return;
        const [file, code] = attacked;
        expect(file, name).not.to.equal(good);
        expect(await codeOf(() => verify(Buffer.from(file))), name).to.equal(code);
      }));

  it("is caught: truncate, to any length", () =>
    forAll(async ({ name, good, verify, malformed, lesser }) => {
      const file = Buffer.from(good);
      for (let length = 0; length < file.length; length += length < 100 ? 1 : 1 + Math.floor(file.length / 400)) {
        if (file.subarray(0, length).equals(Buffer.from(lesser ?? good))) continue;
        const code = await codeOf(() => verify(file.subarray(0, length)));
        expect(malformed, `${name} at ${length}: ${code}`).to.include(code);
      }
    }));

  it("is caught: bytes before and behind, the file twice", () =>
    forAll(async ({ name, good, verify, malformed, continues }) => {
      for (const file of [
        `${good} `,
        `${good}\n\n`,
        `${good}\0`,
        `${good}{}`,
        ` ${good}`,
        `\ufeff${good}`,
        ...(continues === true ? [] : [good + good]),
      ]) {
        // A promise, and a trust file, are no bundles: they may be laid out as anyone likes.
        const isSpace = file.trim() === good.trim() && !file.startsWith("\ufeff");
        if (isSpace && (name === "promise" || name === "trust file")) continue;
        const code = await codeOf(() => verify(Buffer.from(file)));
        expect(code, `${name} ${JSON.stringify(file.slice(0, 5))}…${JSON.stringify(file.slice(-5))}`).to.not.equal(undefined);
        if (name !== "checkpoint") expect(malformed, name).to.include(code);
      }
    }));

  it("is caught: huge, in time that does not grow with it", () =>
    forAll(async ({ name, good, verify, huge }) => {
      const started = performance.now();
      for (const filler of [" ", "[", "9", "A", "\n"]) {
        const file = Buffer.concat([Buffer.from(good), Buffer.alloc(8 * 1024 * 1024, filler)]);
        expect(await codeOf(() => verify(file)), name).to.equal(huge);
      }
      expect(performance.now() - started, name).to.be.lessThan(2000);
    }));

  it("is caught: any byte changed, of every good file", () =>
    forAll(async ({ name, good, verify, everyByteCounts }) => {
      if (!everyByteCounts) return;
      const file = Buffer.from(good);
      // Of what is long, a part: all of it, and every bit, in the long test.
      for (let i = 0; i < file.length; i += 1 + Math.floor(file.length / 400)) {
        const changed = Buffer.from(file);
        changed[i]! ^= 1 << (i % 7);
        const code = await codeOf(() => verify(changed));
        expect(code, `${name}, byte ${i}: ${changed.subarray(Math.max(0, i - 20), i + 20).toString()}`).to.be.a("string");
      }
    }));

  it("is told nothing but a code, whatever the file is", () =>
    forAll(async ({ name, verify }) => {
      for (const file of [
        "",
        "\0",
        "{",
        "[]",
        "null",
        '{"format":null}',
        '{"__proto__":{}}',
        "\ud800",
        "<html>",
        "PK\u0003\u0004",
        "9".repeat(400),
      ]) {
        const error: unknown = await verify(Buffer.from(file)).catch((error: unknown) => error);
        expect(error, `${name} ${JSON.stringify(file)}`).to.be.instanceOf(EvidenceError);
      }
    }));
});
