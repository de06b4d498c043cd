import { expect } from "chai";
import { answerCall } from "../../../scripts/demo/call";
import { integrate, type Parts } from "../../../scripts/demo/integrate";
import { readTable } from "../../../scripts/demo/table";
import { codeOf, Workspace } from "./workspace";

/** Small enough to be worked out by hand. */
const TABLES = {
  flights: `origin,tenDaysFrom,dayPart,distanceBand,delayMinutes
SEA,2001-01-01,morning,short,10
SEA,2001-01-01,morning,short,20
SEA,2001-01-01,*,*,-5
SEA,2001-02-21,evening,long,0
LAX,2001-01-01,morning,long,30
QQQ,2001-01-01,morning,short,1
QQQ,2001-01-01,morning,short,2
`,
  delays: `dayPart,distanceBand,delayMinutes
morning,short,4
morning,short,8
morning,long,12
`,
  airports: `iata,city,state,latitude,longitude
SEA,Seattle,WA,47,-123
LAX,Los Angeles,CA,33,-119
`,
  weather: `location,date,precipitationMm
Seattle,2012-01-01,0.9
Seattle,2012-01-10,1
Seattle,2013-01-05,12
Seattle,2012-01-11,50
Seattle,2012-02-29,0
`,
};

describe("join and call", () => {
  let work: Workspace;
  let parts: Parts;
  before(async () => {
    work = await Workspace.open();
    const [flights, delays, airports, weather] = await Promise.all([
      work.write("flights.csv", TABLES.flights),
      work.write("delays.csv", TABLES.delays),
      work.write("airports.csv", TABLES.airports),
      work.write("weather.csv", TABLES.weather),
    ]);
    parts = { flights, delays, airports, weather };
    await integrate(parts, work.path("product.csv"));
  });
  after(() => work.close());

  it("joins each airport and period with the usual delay and the local climate", async () => {
    const { rows } = await readTable(work.path("product.csv"));
    const place = { origin: "SEA", city: "Seattle", state: "WA", latitude: "47", longitude: "-123" };
    expect(rows).to.deep.equal([
      {
        ...{ origin: "LAX", city: "Los Angeles", state: "CA", latitude: "33", longitude: "-119", tenDaysFrom: "2001-01-01" },
        ...{ flights: "1", meanDelay: "30", lateShare: "1", expectedDelay: "12", wetShare: "", climate: "" },
      },
      // Delays 10, 20, -5; usual are 6, 6 and, of all, 8; of three days in that period two had 1 mm or more.
      {
        ...place,
        tenDaysFrom: "2001-01-01",
        flights: "3",
        meanDelay: "8.33",
        lateShare: "0.33",
        expectedDelay: "6.67",
        wetShare: "0.67",
        climate: "wet",
      },
      // No evening flights to compare with: all of them. The one day of that period was dry.
      {
        ...place,
        tenDaysFrom: "2001-02-21",
        flights: "1",
        meanDelay: "0",
        lateShare: "0",
        expectedDelay: "8",
        wetShare: "0",
        climate: "dry",
      },
    ]);
  });

  it("leaves out and counts flights whose airport is unknown", async () => {
    const { counts } = await integrate(parts, work.path("again.csv"));
    expect(counts).to.deep.equal({ unknownAirport: 2, withoutStation: 1 });
  });

  it("needs delays to compare with", async () => {
    const delays = await work.write("none.csv", "dayPart,distanceBand,delayMinutes\n");
    expect(await codeOf(integrate({ ...parts, delays }, work.path("none.out.csv")))).to.equal("nothing-found");
  });

  it("a call weighs the periods by their flights and writes its answer", async () => {
    const { answer, output } = await answerCall(work.path("product.csv"), { origin: "SEA" }, work.path("answer.json"));
    const expected = { query: { origin: "SEA" }, flights: 4, meanDelay: 6.2, expectedDelay: 7, periods: ["2001-01-01", "2001-02-21"] };
    expect(answer).to.deep.equal(expected);
    expect(output.rows).to.equal(2);
  });

  it("a call may ask for one climate alone", async () => {
    const { answer } = await answerCall(work.path("product.csv"), { origin: "SEA", climate: "dry" }, work.path("answer.json"));
    expect(answer).to.include({ flights: 1, meanDelay: 0 });
  });

  it("a call that finds nothing, or is put to another table, fails with its code", async () => {
    const ask = (table: string, origin: string) => codeOf(answerCall(table, { origin, climate: "wet" }, work.path("answer.json")));
    expect(await ask(work.path("product.csv"), "LAX")).to.equal("nothing-found");
    expect(await ask(parts.flights, "SEA")).to.equal("table-malformed");
  });
});
