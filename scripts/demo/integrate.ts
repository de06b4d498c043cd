/** join: flights with their airports, with what is usual for such flights, and with the climate of the place and the time of the year. */
import { ANY, tenDaysFrom } from "./deidentify";
import { type Processing, tool } from "./step";
import { grouped, PipelineError, readTable, type Row, writeTable } from "./table";

/** The inputs' paths: three de-identified tables and the clean weather. */
export interface Parts {
  readonly flights: string;
  readonly delays: string;
  readonly airports: string;
  readonly weather: string;
}

export type Climate = "dry" | "mixed" | "wet";

/** Ours: a wet day has 1 mm or more; a period is wet when 45 % of its days over the years were, dry when under 25 %; a flight is late from 15 minutes. */
const LIMITS = { wetDayMm: 1, wetFrom: 0.45, dryUnder: 0.25, lateMinutes: 15 };

/**
 * The product: a row for each airport and ten-day period. `flights`; `meanDelay` in minutes; `lateShare` of the flights;
 * `expectedDelay`, the mean of all flights in the country at the same time of day and distance; where the airport's city has a weather station `wetShare`, the
 * share of wet days in this period of the year, and `climate`; else both are empty.
 */
export const PRODUCT_FIELDS = [
  ...["origin", "city", "state", "latitude", "longitude", "tenDaysFrom"],
  ...["flights", "meanDelay", "lateShare", "expectedDelay", "wetShare", "climate"],
];

/**
 * Joins into `output`. `counts`: flights whose airport is unknown, which are left out, and rows without a weather station.
 * @throws {PipelineError} `nothing-found` when there are no delays to compare with.
 */
export async function integrate(parts: Parts, output: string): Promise<Processing> {
  const flights = await readTable(parts.flights);
  const delays = await readTable(parts.delays);
  const airports = await readTable(parts.airports);
  const weather = await readTable(parts.weather);

  const usual = usualDelays(delays.rows);
  const wet = wetShares(weather.rows);
  const airport = new Map(airports.rows.map((row) => [row.iata, row]));
  const rows: Row[] = [];
  let unknownAirport = 0;
  for (const [key, members] of grouped(flights.rows, (row) => `${row.origin} ${row.tenDaysFrom}`)) {
    const [origin = "", from = ""] = key.split(" ");
    const at = airport.get(origin);
    if (at === undefined) unknownAirport += members.length;
    else rows.push(productRow(at, from, members, usual, wet.get(`${at.city} ${from.slice(5)}`)));
  }
  rows.sort((a, b) => (rowKey(a) < rowKey(b) ? -1 : 1));
  return {
    step: "integrate",
    inputs: [flights.file, delays.file, airports.file, weather.file],
    output: await writeTable(output, PRODUCT_FIELDS, rows),
    tool: tool("integrate"),
    parameters: LIMITS,
    counts: { unknownAirport, withoutStation: rows.filter((row) => row.climate === "").length },
  };
}

const rowKey = (row: Row): string => `${row.origin} ${row.tenDaysFrom}`;

function productRow(
  airport: Row,
  from: string,
  flights: readonly Row[],
  usual: (flight: Row) => number,
  wetShare: number | undefined,
): Row {
  const delays = flights.map((row) => Number(row.delayMinutes));
  return {
    origin: airport.iata ?? "",
    city: airport.city ?? "",
    state: airport.state ?? "",
    latitude: airport.latitude ?? "",
    longitude: airport.longitude ?? "",
    tenDaysFrom: from,
    flights: String(flights.length),
    meanDelay: decimal(mean(delays)),
    lateShare: decimal(mean(delays.map((delay) => (delay >= LIMITS.lateMinutes ? 1 : 0)))),
    expectedDelay: decimal(mean(flights.map(usual))),
    wetShare: wetShare === undefined ? "" : decimal(wetShare),
    climate: wetShare === undefined ? "" : climateOf(wetShare),
  };
}

const climateOf = (wetShare: number): Climate => (wetShare >= LIMITS.wetFrom ? "wet" : wetShare < LIMITS.dryUnder ? "dry" : "mixed");

/** The usual delay of a flight: the mean by time of day and distance, each of which may be generalised to `*`; of all where there is none. */
function usualDelays(delays: readonly Row[]): (flight: Row) => number {
  if (delays.length === 0) throw new PipelineError("nothing-found", "there are no delays to compare with");
  const totals = new Map<string, { sum: number; count: number }>();
  for (const { dayPart = ANY, distanceBand = ANY, delayMinutes } of delays) {
    // Sets, so that a row that is generalised itself counts once.
    for (const part of new Set([dayPart, ANY])) {
      for (const band of new Set([distanceBand, ANY])) {
        const total = totals.get(`${part} ${band}`) ?? { sum: 0, count: 0 };
        totals.set(`${part} ${band}`, { sum: total.sum + Number(delayMinutes), count: total.count + 1 });
      }
    }
  }
  const overall = mean(delays.map((row) => Number(row.delayMinutes)));
  return ({ dayPart = ANY, distanceBand = ANY }) => {
    const total = totals.get(`${dayPart} ${distanceBand}`);
    return total === undefined ? overall : total.sum / total.count;
  };
}

/** The share of wet days by city and ten-day period of the year, over all years: `Seattle 01-01`. */
function wetShares(weather: readonly Row[]): Map<string, number> {
  const groups = grouped(weather, (row) => `${row.location} ${tenDaysFrom(row.date ?? "").slice(5)}`);
  return new Map(
    [...groups].map(([key, days]) => [key, mean(days.map((day) => (Number(day.precipitationMm) >= LIMITS.wetDayMm ? 1 : 0)))]),
  );
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Two decimals; through a number, so that there is no "-0". */
const decimal = (value: number): string => String(Math.round(value * 100) / 100);
