import { expect } from "chai";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { answerCall } from "../../../scripts/demo/call";
import { K } from "../../../scripts/demo/deidentify";
import { pipeline } from "../../../scripts/demo/pipeline";
import { sourcePath } from "../../../scripts/demo/sources";
import { type Step, VERSION } from "../../../scripts/demo/step";
import { call, resources } from "../../../scripts/demo/story";
import { Workspace } from "./workspace";

interface Flight {
  readonly date: string;
  readonly delay: number;
  readonly origin: string;
}

/** Cells without the pipeline's own reader: these files need no quotes, except names that the product does not hold. */
const cells = (path: string): string[][] =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));

const run = async (directory: string): Promise<Step[]> => {
  await mkdir(directory);
  const steps: Step[] = [];
  for await (const step of pipeline(resources, directory)) steps.push(step);
  return steps;
};

describe("the pipeline over the real files", () => {
  let work: Workspace;
  let steps: Step[];
  before(async () => {
    work = await Workspace.open();
    steps = await run(work.path("first"));
  });
  after(() => work.close());

  const output = (name: string) => steps.map((step) => step.output.path).find((path) => path.endsWith(name))!;

  it("gives the same bytes in every step of a second run", async () => {
    const digests = (all: readonly Step[]) => all.map((step) => step.output.sha256);
    expect(digests(await run(work.path("second")))).to.deep.equal(digests(steps));
  });

  it("gives the bytes that belong to its version", () => {
    // Another digest is another product: then VERSION changes with it.
    expect([VERSION, steps.at(-1)!.output.sha256]).to.deep.equal([
      "1.0.0",
      "944bf0e0ec5f070f7781033b11794ec5d65c6b7db77985de3cd545101a28461a",
    ]);
  });

  it("reports digest and size of every file as they are on disk", () => {
    for (const { inputs, output } of steps)
      for (const file of [...inputs, output]) {
        const bytes = readFileSync(file.path);
        expect(file.sha256, file.path).to.equal(createHash("sha256").update(bytes).digest("hex"));
        expect(file.bytes, file.path).to.equal(bytes.length);
      }
  });

  it("is one chain: each step uses a source file or what an earlier step made", () => {
    const known = new Map(
      Object.keys(resources)
        .map((name) => sourcePath(name as keyof typeof resources))
        .map((path) => [path, ""]),
    );
    for (const step of steps) {
      for (const input of step.inputs) {
        const made = step.step === "pull" ? "" : input.sha256;
        expect(known.get(input.path), `${step.step} ${input.path}`).to.equal(made);
      }
      known.set(step.output.path, step.output.sha256);
    }
  });

  it("pulls every row of every source, about ten megabytes, and only the demanded fields", () => {
    const pulls = steps.filter((step) => step.step === "pull");
    expect(pulls.reduce((sum, { inputs }) => sum + inputs[0]!.bytes, 0)).to.be.above(10_000_000);
    for (const { source, inputs, output } of pulls) {
      expect(output.rows).to.equal(inputs[0]!.rows);
      expect(readFileSync(output.path, "utf8").split("\n", 1)[0]).to.equal(resources[source].demanded.join(","));
    }
  });

  it("drops the rows that are malformed in the real data: 12 airports without a city", () => {
    const cleaned = steps.filter((step) => step.step === "clean").map((step) => [step.parameters.source, step.counts.malformed]);
    expect(Object.fromEntries(cleaned)).to.deep.equal({ flights: 0, delays: 0, airports: 12, weather: 0 });
  });

  it("leaves no real flight in a class smaller than k", () => {
    const sizes = new Map<string, number>();
    for (const row of cells(output("flights.deidentified.csv"))) {
      const key = row.slice(0, 4).join();
      sizes.set(key, (sizes.get(key) ?? 0) + 1);
    }
    expect(Math.min(...sizes.values())).to.be.at.least(K);
  });

  it("lets no time of day, no exact distance and no exact coordinate into anything after de-identification", () => {
    for (const name of ["flights.deidentified.csv", "delays.deidentified.csv", "airports.deidentified.csv", "product.csv"]) {
      const text = readFileSync(output(name), "utf8");
      expect(text, name).not.to.match(/\d:\d\d/);
      expect(text, name).not.to.match(/\d\.\d{3,}/);
      expect(text.split("\n", 1)[0], name).not.to.match(/distanceKm|departure|destination|time\b/);
      expect(text.match(/\d{4}-\d\d-(?!01\b|11\b|21\b)\d\d/), name).to.equal(null);
    }
  });

  it("joins the right flights: counts and means agree with the source file, computed another way", () => {
    const source = JSON.parse(readFileSync(sourcePath("flights"), "utf8")) as Flight[];
    const product = cells(output("product.csv"));
    const suppressed = steps.find((step) => step.step === "desensitise" && step.parameters.source === "flights")!.counts.suppressed!;
    expect(product.reduce((sum, row) => sum + Number(row[6]), 0)).to.equal(source.length - suppressed);

    let complete = 0;
    for (const [origin, , , , , from, flights, meanDelay] of product) {
      const same = source.filter(({ origin: at, date }) => {
        const day = Number(date.slice(8, 10));
        const start = day > 20 ? "21" : day > 10 ? "11" : "01";
        return at === origin && `${date.slice(0, 7).replace("/", "-")}-${start}` === from;
      });
      expect(same.length).to.be.at.least(Number(flights));
      if (same.length !== Number(flights)) continue;
      complete++;
      const mean = same.reduce((sum, { delay }) => sum + Math.min(Math.round(delay / 5) * 5, 240), 0) / same.length;
      expect(Number(meanDelay), `${String(origin)} ${String(from)}`).to.be.closeTo(mean, 0.006);
    }
    expect(complete, "periods in which nothing was suppressed").to.be.above(100);
  });

  it("takes the climate from the weather file, computed another way", () => {
    const weather = readFileSync(sourcePath("weather"), "utf8").split("\n");
    const days = weather
      .filter((line) => /^New York,\d{4}-02-0\d|^New York,\d{4}-02-10/.test(line))
      .map((line) => Number(line.split(",")[2]));
    const jfk = cells(output("product.csv")).find((row) => row[0] === "JFK" && row[5] === "2001-02-01")!;
    expect(days).to.have.length(40);
    expect(Number(jfk[10])).to.equal(Math.round((days.filter((mm) => mm >= 1).length / 40) * 100) / 100);
    expect(jfk[11]).to.equal("dry");
  });

  it("makes a product that answers the story's call", async () => {
    const { answer } = await answerCall(output("product.csv"), call.query, work.path("answer.json"));
    const rows = cells(output("product.csv")).filter((row) => row[0] === "SEA" && row[11] === "wet");
    expect(answer.flights).to.equal(rows.reduce((sum, row) => sum + Number(row[6]), 0));
    expect(answer.periods).to.deep.equal(rows.map((row) => row[5]));
    expect(answer.meanDelay).to.be.above(answer.expectedDelay);
  });
});
