/** clean: rows that cannot be what they claim to be are dropped; dates and units are made one. */
import type { SourceName } from "./sources";
import { type Processing, tool } from "./step";
import { readTable, type Row, writeTable } from "./table";

/** A row in its clean form, or undefined when it is malformed. */
type Rule = (row: Row) => Row | undefined;

/** Ours: delays outside of 3 hours early and 2 days late are errors of keying, not flights. */
const DELAY_MINUTES = { least: -180, most: 2880 };
/** The longest distance on the surface of the Earth. */
const DISTANCE_MILES = { least: 1, most: 12_450 };
const KILOMETRES_PER_MILE = 1.609344;

/** The clean form of each table. Times of day are local to the airport and carry no zone, because the sources give none. */
export const rules: Readonly<Record<SourceName, { readonly fields: readonly string[]; readonly rule: Rule }>> = {
  flights: {
    fields: ["departure", "delayMinutes", "distanceKm", "origin"],
    rule: (row) => {
      const [day = "", time = ""] = (row.date ?? "").split(" ");
      const date = calendarDay(day.replaceAll("/", "-"));
      if (date === undefined || !/^([01]\d|2[0-3]):[0-5]\d$/.test(time) || !/^[A-Z0-9]{3,4}$/.test(row.origin ?? "")) return undefined;
      return complete({ departure: `${date}T${time}`, ...measures(row), origin: row.origin });
    },
  },
  delays: {
    fields: ["time", "delayMinutes", "distanceKm"],
    rule: (row) => {
      const minutes = Math.round((number(row.time, 0, 24) ?? NaN) * 60);
      if (!(minutes < 24 * 60)) return undefined;
      return complete({ time: `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`, ...measures(row) });
    },
  },
  airports: {
    fields: ["iata", "city", "state", "latitude", "longitude"],
    rule: (row) =>
      complete({
        iata: /^[A-Z0-9]{3,4}$/.test(row.iata ?? "") ? row.iata : undefined,
        city: known(row.city),
        state: known(row.state),
        latitude: shown(number(row.latitude, -90, 90)),
        longitude: shown(number(row.longitude, -180, 180)),
      }),
  },
  weather: {
    fields: ["location", "date", "precipitationMm"],
    rule: (row) =>
      // 2,000 mm is beyond any day ever measured.
      complete({
        location: known(row.location),
        date: calendarDay(row.date ?? ""),
        precipitationMm: shown(number(row.precipitation, 0, 2000)),
      }),
  },
};

/** Cleans the raw copy of a source into `output`, rows in their order. */
export async function clean(source: SourceName, input: string, output: string): Promise<Processing> {
  const { fields, rule } = rules[source];
  const table = await readTable(input);
  const rows = table.rows.map(rule).filter((row) => row !== undefined);
  return {
    step: "clean",
    inputs: [table.file],
    output: await writeTable(output, fields, rows),
    tool: tool("clean"),
    parameters: { source, delayMinutes: DELAY_MINUTES, distanceMiles: DISTANCE_MILES, kilometresPerMile: KILOMETRES_PER_MILE },
    counts: { malformed: table.rows.length - rows.length },
  };
}

function measures(row: Row): { delayMinutes: string | undefined; distanceKm: string | undefined } {
  const delay = number(row.delay, DELAY_MINUTES.least, DELAY_MINUTES.most);
  const miles = number(row.distance, DISTANCE_MILES.least, DISTANCE_MILES.most);
  return {
    delayMinutes: Number.isInteger(delay) ? shown(delay) : undefined,
    distanceKm: miles === undefined ? undefined : shown(Math.round(miles * KILOMETRES_PER_MILE)),
  };
}

/** The row, when every cell of it could be made. */
function complete(cells: Readonly<Record<string, string | undefined>>): Row | undefined {
  const entries = Object.entries(cells).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return entries.length === Object.keys(cells).length ? Object.fromEntries(entries) : undefined;
}

/** A decimal number within bounds; `Number` alone would also take "", "0x1F" and " 7 ". */
function number(cell: string | undefined, least: number, most: number): number | undefined {
  if (cell === undefined || !/^-?\d+(\.\d+)?$/.test(cell)) return undefined;
  const value = Number(cell);
  return value >= least && value <= most ? value : undefined;
}

const shown = (value: number | undefined): string | undefined => (value === undefined ? undefined : String(value));

const known = (cell: string | undefined): string | undefined =>
  cell === undefined || ["", "NA"].includes(cell.trim()) ? undefined : cell.trim();

const twoDigits = (value: number): string => String(value).padStart(2, "0");

/** The day, when the calendar has it: 2001-02-30 is none. */
function calendarDay(day: string): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  const time = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(day) ? day : undefined;
}
