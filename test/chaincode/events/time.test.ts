import Ajv from "ajv";
import addFormats from "ajv-formats";
import { expect } from "chai";
import fc from "fast-check";
import { addYears, covers, endOfDay, instantExists, startOfDay } from "../../../chaincode/events/time";

const HOUR = 3600_000;
const day = fc
  .date({ min: new Date("1900-01-01"), max: new Date("2200-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

describe("a time of an event", () => {
  const FORM = /^\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
  const dateTime = addFormats(new Ajv()).compile({ type: "string", format: "date-time" });
  // Looking for leap seconds, ajv-formats lets an hour 24 and a minute 60 pass.
  const known = (text: string): boolean => dateTime(text) && text.slice(11, 13) < "24" && text.slice(14, 16) < "60";
  const same = (text: string): void => {
    expect(FORM.test(text), text).to.equal(true);
    expect(instantExists(text), text).to.equal(known(text));
  };

  it("exists exactly where calendar and clock have it", () => {
    fc.assert(fc.property(fc.stringMatching(FORM), same), { numRuns: 1000 });
    const two = (most: number): fc.Arbitrary<string> => fc.nat({ max: most }).map((n) => String(n).padStart(2, "0"));
    const near = fc.tuple(two(99), two(99), two(13), two(32), two(24), two(60), two(24), two(60));
    fc.assert(
      fc.property(near, ([century, year, month, day, h, m, zh, zm]) => same(`${century}${year}-${month}-${day}T${h}:${m}:59+${zh}:${zm}`)),
      { numRuns: 3000 },
    );
    for (const year of ["0000", "1900", "2000", "2026", "2028", "2100", "2400"])
      for (const day of ["28", "29", "30"]) same(`${year}-02-${day}T00:00:00Z`);
  });
});

describe("a day in China", () => {
  it("begins at 16:00 UTC of the day before and lasts 24 hours", () => {
    expect(new Date(startOfDay("2026-03-02")).toISOString()).to.equal("2026-03-01T16:00:00.000Z");
    expect(new Date(endOfDay("2026-03-02")).toISOString()).to.equal("2026-03-02T16:00:00.000Z");
    fc.assert(fc.property(day, (it) => endOfDay(it) - startOfDay(it) === 24 * HOUR));
  });
});

describe("some years later", () => {
  it("is the corresponding day, else the month's end", () => {
    expect(addYears("2026-03-02", 5)).to.equal("2031-03-02");
    expect(addYears("2028-02-29", 5)).to.equal("2033-02-28");
    expect(addYears("2028-02-29", 4)).to.equal("2032-02-29");
    expect(addYears("2027-02-28", 5)).to.equal("2032-02-28");
    expect(addYears("2026-12-31", 1)).to.equal("2027-12-31");
    expect(addYears("2096-02-29", 4), "2100 is no leap year").to.equal("2100-02-28");
  });

  it("keeps month and day, or is the last of February", () => {
    fc.assert(
      fc.property(day, fc.nat(50), (from, years) => {
        const to = addYears(from, years);
        expect(Number(to.slice(0, 4))).to.equal(Number(from.slice(0, 4)) + years);
        if (from.endsWith("02-29") && to.slice(5) !== "02-29") {
          expect(to.slice(5)).to.equal("02-28");
          expect(startOfDay(to) + 24 * HOUR, "the next day is March").to.equal(startOfDay(`${to.slice(0, 4)}-03-01`));
        } else expect(to.slice(5)).to.equal(from.slice(5));
      }),
    );
  });

  it("keeps the order of days", () => {
    fc.assert(
      fc.property(day, day, fc.nat(50), (a, b, years) => {
        const [first, last] = a <= b ? [a, b] : [b, a];
        expect(addYears(first, years) <= addYears(last, years)).to.equal(true);
      }),
    );
  });
});

describe("a span", () => {
  it("covers its first instant and not its last", () => {
    expect(covers({ from: 10, until: 20 }, 9)).to.equal(false);
    expect(covers({ from: 10, until: 20 }, 10)).to.equal(true);
    expect(covers({ from: 10, until: 20 }, 19)).to.equal(true);
    expect(covers({ from: 10, until: 20 }, 20)).to.equal(false);
    expect(covers({ from: 10 }, Number.MAX_SAFE_INTEGER)).to.equal(true);
    expect(covers({ from: 10, until: 10 }, 10)).to.equal(false);
  });
});
