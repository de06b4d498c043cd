import { expect } from "chai";
import { clean } from "../../../scripts/demo/clean";
import { pull } from "../../../scripts/demo/pull";
import { readTable } from "../../../scripts/demo/table";
import { codeOf, Workspace } from "./workspace";

describe("pull and clean", () => {
  let work: Workspace;
  before(async () => {
    work = await Workspace.open();
  });
  after(() => work.close());

  const cleaned = async (source: "flights" | "delays" | "airports" | "weather", content: string) => {
    const step = await clean(source, await work.write(`${source}.csv`, content), work.path(`${source}.clean.csv`));
    return { rows: (await readTable(step.output.path)).rows, malformed: step.counts.malformed };
  };

  it("a pull copies the named fields and nothing of the others", async () => {
    const from = await work.write("source.json", '[{"date":"2001/01/01 00:47","delay":66,"origin":"DTW","destination":"XYZ"}]');
    const step = await pull("flights", ["date", "delay"], work.path("raw.csv"), from);
    expect((await readTable(step.output.path)).rows).to.deep.equal([{ date: "2001/01/01 00:47", delay: "66" }]);
  });

  it("a pull of a field that the source does not have is refused", async () => {
    expect(await codeOf(pull("weather", ["location", "humidity"], work.path("none.csv")))).to.equal("field-unknown");
  });

  it("flights: one form of date, kilometres; impossible days, times, delays and airports are dropped", async () => {
    const good = "2001/02/28 23:59,-7,100,SEA";
    const bad = [
      "2001/02/29 10:00,0,100,SEA",
      "2001/02/28 24:00,0,100,SEA",
      "2001-02-28T10:00,0,100,SEA",
      "2001/02/28 10:00,,100,SEA",
      "2001/02/28 10:00,0x10,100,SEA",
      "2001/02/28 10:00,1.5,100,SEA",
      "2001/02/28 10:00,99999,100,SEA",
      "2001/02/28 10:00,0,0,SEA",
      "2001/02/28 10:00,0,100,sea",
      "2001/02/28 10:00,0,100",
    ];
    const { rows, malformed } = await cleaned("flights", ["date,delay,distance,origin", ...bad, good, ""].join("\n"));
    expect(rows).to.deep.equal([{ departure: "2001-02-28T23:59", delayMinutes: "-7", distanceKm: "161", origin: "SEA" }]);
    expect(malformed).to.equal(bad.length);
  });

  it("delays: decimal hours become hours and minutes", async () => {
    const { rows, malformed } = await cleaned("delays", "delay,distance,time\n5,1000,23.983333333333334\n5,1000,0\n5,1000,24\n5,1000,\n");
    expect(rows.map((row) => row.time)).to.deep.equal(["23:59", "00:00"]);
    expect(malformed).to.equal(2);
  });

  it("airports: without a city, or off the globe, they are dropped", async () => {
    const content = "iata,city,state,latitude,longitude\nCLD,NA,NA,33.1,-117.2\nAAA,Here,ZZ,91,0\nSEA,Seattle,WA,47.4,-122.3\n";
    const { rows, malformed } = await cleaned("airports", content);
    expect(rows).to.deep.equal([{ iata: "SEA", city: "Seattle", state: "WA", latitude: "47.4", longitude: "-122.3" }]);
    expect(malformed).to.equal(2);
  });

  it("weather: days that the calendar has, rain that can be", async () => {
    const { rows, malformed } = await cleaned(
      "weather",
      "location,date,precipitation\nSeattle,2012-02-29,0.80\nSeattle,2013-02-29,1\nSeattle,2012-03-01,-1\n,2012-03-02,1\n",
    );
    expect(rows).to.deep.equal([{ location: "Seattle", date: "2012-02-29", precipitationMm: "0.8" }]);
    expect(malformed).to.equal(3);
  });
});
