import { expect } from "chai";
import fc from "fast-check";
import { ANY, deidentify, tenDaysFrom } from "../../../scripts/demo/deidentify";
import { readTable, type Row, writeTable } from "../../../scripts/demo/table";
import { Workspace } from "./workspace";

const QUASI = ["origin", "tenDaysFrom", "dayPart", "distanceBand"];
const CLEAN = ["departure", "delayMinutes", "distanceKm", "origin"];

/** The size of the smallest class of rows that agree in all quasi-identifiers. */
const smallestClass = (rows: readonly Row[]): number => {
  const sizes: Record<string, number> = {};
  for (const row of rows) {
    const key = JSON.stringify(QUASI.map((name) => row[name]));
    sizes[key] = (sizes[key] ?? 0) + 1;
  }
  return Math.min(...Object.values(sizes));
};

describe("de-identification", () => {
  let work: Workspace;
  before(async () => {
    work = await Workspace.open();
  });
  after(() => work.close());

  const flight = fc
    .record({
      origin: fc.constantFrom("SEA", "JFK"),
      day: fc.integer({ min: 1, max: 28 }),
      hour: fc.integer({ min: 0, max: 23 }),
      km: fc.integer({ min: 100, max: 3000 }),
      delay: fc.integer({ min: -60, max: 600 }),
    })
    .map(({ origin, day, hour, km, delay }): Row => {
      const two = (n: number) => String(n).padStart(2, "0");
      return { departure: `2001-01-${two(day)}T${two(hour)}:37`, delayMinutes: String(delay), distanceKm: String(km), origin };
    });

  const deidentified = async (rows: readonly Row[], k: number) => {
    await writeTable(work.path("clean.csv"), CLEAN, rows);
    const step = await deidentify("flights", work.path("clean.csv"), work.path("out.csv"), k);
    return { step, ...(await readTable(step.output.path)) };
  };

  it("leaves no flight in a class smaller than k, and accounts for every row", async () => {
    let published = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(flight, { maxLength: 80 }), fc.integer({ min: 2, max: 6 }), async (rows, k) => {
        const { rows: out, step } = await deidentified(rows, k);
        expect(smallestClass(out)).to.be.at.least(k);
        expect(out.length + (step.counts.suppressed ?? NaN)).to.equal(rows.length);
        published += out.length;
      }),
      { numRuns: 100 },
    );
    expect(published, "the property was not about empty tables").to.be.above(0);
  });

  it("generalises the distance first, then the time of day, and suppresses only then", async () => {
    const at = (hour: string, distanceKm: string, origin = "SEA"): Row => ({
      departure: `2001-01-05T${hour}:15`,
      delayMinutes: "0",
      distanceKm,
      origin,
    });
    const short = [at("07", "200"), at("08", "300"), at("09", "400")];
    const longer = [at("07", "900"), at("07", "1000"), at("07", "2000")];
    const otherwise = [at("13", "200"), at("19", "200"), at("20", "900")];
    const alone = [at("07", "200", "JFK"), at("08", "200", "JFK")];
    const { rows, step } = await deidentified([...short, ...longer, ...otherwise, ...alone], 3);
    expect(rows.map((row) => `${row.origin} ${row.dayPart} ${row.distanceBand}`)).to.deep.equal([
      ...Array.from({ length: 3 }, () => `SEA ${ANY} ${ANY}`),
      ...Array.from({ length: 3 }, () => `SEA morning ${ANY}`),
      ...Array.from({ length: 3 }, () => "SEA morning short"),
    ]);
    expect(step.counts).to.deep.equal({ generalisedBy1: 3, generalisedBy2: 3, suppressed: 2 });
  });

  it("says nothing through the order of rows: any order in gives the same bytes out", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(flight, { minLength: 1, maxLength: 40 }), async (rows) => {
        const { file } = await deidentified(rows, 2);
        expect((await deidentified([...rows].reverse(), 2)).file.sha256).to.equal(file.sha256);
      }),
      { numRuns: 40 },
    );
  });

  it("drops the columns that it does not name, and coarsens delays, dates and coordinates", async () => {
    const rows = Array.from({ length: 5 }, () => ({
      departure: "2001-01-31T07:37",
      delayMinutes: "523",
      distanceKm: "999",
      origin: "SEA",
      passenger: "p",
    }));
    await writeTable(work.path("extra.csv"), [...CLEAN, "passenger"], rows);
    const flights = await deidentify("flights", work.path("extra.csv"), work.path("extra.out.csv"));
    const table = await readTable(flights.output.path);
    expect(table.fields).to.deep.equal([...QUASI, "delayMinutes"]);
    expect(table.rows[0]).to.deep.equal({
      origin: "SEA",
      tenDaysFrom: "2001-01-21",
      dayPart: "morning",
      distanceBand: "medium",
      delayMinutes: "240",
    });

    const place = "iata,city,state,latitude,longitude\n" + "SEA,Seattle,WA,47.44898,-122.3093\n".repeat(5);
    const airports = await deidentify("airports", await work.write("places.csv", place), work.path("places.out.csv"));
    expect((await readTable(airports.output.path)).rows[0]).to.include({ latitude: "47", longitude: "-123" });
  });

  it("knows the three ten-day periods of a month", () => {
    const days = ["2001-01-01", "2001-01-10", "2001-01-11", "2001-01-20", "2001-01-21", "2001-01-31T23:59"];
    expect(days.map(tenDaysFrom)).to.deep.equal(["2001-01-01", "2001-01-01", "2001-01-11", "2001-01-11", "2001-01-21", "2001-01-21"]);
  });
});
