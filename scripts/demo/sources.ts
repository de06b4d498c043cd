/** The open data files that stand in for the departments' data: real files of the npm package `vega-datasets`, 12 MB of them. */
import { dirname, join } from "node:path";

/**
 * What each file is and who made it, as the package's own `datapackage.json` says. The years differ:
 * flights are of January to March 2001, weather of 2012 to 2015. So weather enters the product as climate (what is usual
 * at that time of the year), never as the weather of the day of a flight.
 */
export const sources = {
  flights: { file: "flights-20k.json", publisher: "U.S. Bureau of Transportation Statistics, on-time performance, 2001" },
  delays: { file: "flights-200k.json", publisher: "U.S. Bureau of Transportation Statistics, on-time performance, 2001" },
  airports: { file: "airports.csv", publisher: "U.S. Data.gov, airports" },
  weather: { file: "weather.csv", publisher: "U.S. NOAA National Climatic Data Center, daily summaries, 2012-2015" },
} as const;

export type SourceName = keyof typeof sources;

/** Where the file lies on this machine. */
export function sourcePath(name: SourceName): string {
  // The package exports only its entry point, build/index.js; the data lies beside that folder.
  return join(dirname(require.resolve("vega-datasets")), "..", "data", sources[name].file);
}
