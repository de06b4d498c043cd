/** A call of the product: one question, one answer, computed from the released table. */
import { type Climate, PRODUCT_FIELDS } from "./integrate";
import { type Call, tool } from "./step";
import { PipelineError, readTable, writeText } from "./table";

/** Delay from this airport, in the ten-day periods of this climate, or in all periods. */
export interface Query {
  readonly origin: string;
  readonly climate?: Climate;
}

/** Delays in minutes, means over all flights that the periods hold; `periods` lists their first days. */
export interface Answer {
  readonly query: Query;
  readonly flights: number;
  readonly meanDelay: number;
  readonly expectedDelay: number;
  readonly periods: readonly string[];
}

/**
 * Answers from the product and writes the answer, as it goes to the caller, to `output` (JSON).
 * @throws {PipelineError} `table-malformed` when this is no such product; `nothing-found` when no period fits.
 */
export async function answerCall(product: string, query: Query, output: string): Promise<Call & { readonly answer: Answer }> {
  const table = await readTable(product);
  const missing = PRODUCT_FIELDS.filter((name) => !table.fields.includes(name));
  if (missing.length > 0) throw new PipelineError("table-malformed", `${product} has no ${missing.join(", ")}`);

  const rows = table.rows.filter((row) => row.origin === query.origin && (query.climate ?? row.climate) === row.climate);
  if (rows.length === 0) throw new PipelineError("nothing-found", `the product has no such period for ${query.origin}`);

  const flights = rows.reduce((sum, row) => sum + Number(row.flights), 0);
  const overFlights = (name: "meanDelay" | "expectedDelay") =>
    Math.round((rows.reduce((sum, row) => sum + Number(row[name]) * Number(row.flights), 0) / flights) * 10) / 10;
  const answer: Answer = {
    query,
    flights,
    meanDelay: overFlights("meanDelay"),
    expectedDelay: overFlights("expectedDelay"),
    periods: rows.map((row) => row.tenDaysFrom ?? ""),
  };
  return {
    step: "call",
    inputs: [table.file],
    output: await writeText(output, `${JSON.stringify(answer, null, 2)}\n`, rows.length),
    tool: tool("call"),
    parameters: { ...query },
    counts: {},
    answer,
  };
}
