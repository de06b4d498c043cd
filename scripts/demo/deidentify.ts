/**
 * de-identify: what could single out one flight, and so the people on it, or one spot on the map, is coarsened or dropped.
 *
 * The method, for each table: only the columns named here go on, each coarsened as it says; then k-anonymity over the quasi-identifiers
 * (what an outsider may know of a flight: airport, time, distance). A row whose class has fewer than k rows loses its generalisable
 * quasi-identifiers one after the other, last first, to `*`; a row that still stands in too small a class is suppressed. Rows are
 * sorted by their content in the end, because the order of the source is the order of the clock.
 */
import type { SourceName } from "./sources";
import { type Processing, tool } from "./step";
import { grouped, readTable, type Row, writeTable } from "./table";

/** The least size of a class; ours. */
export const K = 5;

/** In place of a value that was generalised away. */
export const ANY = "*";

export type Sensitive = Exclude<SourceName, "weather">;

interface Method {
  /** The columns of the output: from which column each is made, and how. Columns that are not named are dropped. */
  readonly columns: Readonly<Record<string, { readonly from: string; readonly how: string; readonly value: (cell: string) => string }>>;
  /** Quasi-identifiers that stay as they are or cost the row. */
  readonly fixed: readonly string[];
  /** Quasi-identifiers that may become `*`, the last one first. */
  readonly generalisable: readonly string[];
}

const kept = (from: string) => ({ from, how: "kept", value: (cell: string) => cell });
const dayPart = (hour: number): string => (hour < 6 ? "night" : hour < 12 ? "morning" : hour < 18 ? "afternoon" : "evening");
const distanceBand = {
  from: "distanceKm",
  how: "short under 800 km, medium under 1,600 km, long",
  value: (cell: string) => (Number(cell) < 800 ? "short" : Number(cell) < 1600 ? "medium" : "long"),
};
const delay = {
  from: "delayMinutes",
  how: "to 5 minutes, at most 240",
  value: (cell: string) => String(Math.min(Math.round(Number(cell) / 5) * 5, 240)),
};
const gridCell = (from: string) => ({
  from,
  how: "south-west corner of its cell of one degree",
  value: (cell: string) => String(Math.floor(Number(cell))),
});

export const methods: Readonly<Record<Sensitive, Method>> = {
  flights: {
    columns: {
      origin: kept("origin"),
      tenDaysFrom: { from: "departure", how: "to the first day of its ten days (旬)", value: tenDaysFrom },
      dayPart: { from: "departure", how: "to six hours", value: (cell) => dayPart(Number(cell.slice(11, 13))) },
      distanceBand,
      delayMinutes: delay,
    },
    fixed: ["origin", "tenDaysFrom"],
    generalisable: ["dayPart", "distanceBand"],
  },
  delays: {
    columns: {
      dayPart: { from: "time", how: "to six hours", value: (cell) => dayPart(Number(cell.slice(0, 2))) },
      distanceBand,
      delayMinutes: delay,
    },
    fixed: [],
    generalisable: ["dayPart", "distanceBand"],
  },
  // Airports are no persons: their exact position is coarsened, there is no class to hide in.
  airports: {
    columns: {
      iata: kept("iata"),
      city: kept("city"),
      state: kept("state"),
      latitude: gridCell("latitude"),
      longitude: gridCell("longitude"),
    },
    fixed: [],
    generalisable: [],
  },
};

/** De-identifies a clean table into `output`. `counts`: rows generalised by one, by two columns, and suppressed. */
export async function deidentify(source: Sensitive, input: string, output: string, k = K): Promise<Processing> {
  const { columns, fixed, generalisable } = methods[source];
  const table = await readTable(input);
  const coarse = table.rows.map((row) =>
    Object.fromEntries(Object.entries(columns).map(([name, { from, value }]) => [name, value(row[from] ?? "")])),
  );
  const { rows, counts } = anonymise(coarse, fixed, generalisable, k);
  const fields = Object.keys(columns);
  return {
    step: "desensitise",
    inputs: [table.file],
    output: await writeTable(output, fields, sorted(rows, fields)),
    tool: tool("desensitise"),
    parameters: {
      source,
      k,
      columns: Object.fromEntries(Object.entries(columns).map(([name, { from, how }]) => [name, { from, how }])),
      quasiIdentifiers: { fixed, generalisable },
    },
    counts,
  };
}

/** Rows of which each shares its quasi-identifiers with at least k - 1 others. */
function anonymise(all: readonly Row[], fixed: readonly string[], generalisable: readonly string[], k: number) {
  let rows: Row[] = [];
  const counts: Record<string, number> = {};
  let rest = all;
  for (let lost = 0; lost <= generalisable.length; lost++) {
    const stars = Object.fromEntries(generalisable.slice(generalisable.length - lost).map((name) => [name, ANY]));
    const starred = rest.map((row): Row => ({ ...row, ...stars }));
    const classes = [...grouped(starred, (row) => [...fixed, ...generalisable].map((name) => row[name]).join("\0")).values()];
    const large = classes.filter((members) => members.length >= k).flat();
    rows = rows.concat(large);
    if (lost > 0) counts[`generalisedBy${lost}`] = large.length;
    rest = classes.filter((members) => members.length < k).flat();
  }
  return { rows, counts: { ...counts, suppressed: rest.length } };
}

function sorted(rows: readonly Row[], fields: readonly string[]): readonly Row[] {
  const keyed = rows.map((row) => ({ row, key: fields.map((name) => row[name]).join("\0") }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ row }) => row);
}

/** The first day of the ten-day period (旬) of a date: of the 1st, 11th or 21st; the last one runs to the month's end. */
export function tenDaysFrom(date: string): string {
  const day = Number(date.slice(8, 10));
  return `${date.slice(0, 7)}-${day <= 10 ? "01" : day <= 20 ? "11" : "21"}`;
}
