/** A trace as a table (RFC 4180): a line for each thing that an event used or generated. */
import { csvCell } from "../csv";
import type { Trace } from "../index/trace";

const COLUMNS = [
  "journal",
  "index",
  "type",
  "activity",
  "time",
  "recorded",
  "party",
  "findings",
  "decisions",
  "role",
  "kind",
  "id",
  "name",
  "version",
  "form",
  "rows",
  "bytes",
  "digest",
  "state",
  "hole",
] as const;
type Row = Partial<Record<(typeof COLUMNS)[number], unknown>>;

export function traceCsv({ entities, activities, edges, acts }: Trace): string {
  const rows = edges.map((edge): Row => {
    const [entity, activity] = [entities[edge.entity], activities[edge.activity]];
    return {
      ...activity,
      findings: activity?.findings.map(({ code }) => code).join(" "),
      decisions: activity?.decisions.map((act) => `${acts[act]?.journal ?? ""}/${acts[act]?.index ?? ""}`).join(" "),
      role: edge.role,
      kind: entity?.kind,
      id: entity?.id,
      name: entity?.name,
      ...entity?.declared,
      ...edge.as,
      state: typeof entity?.state === "string" ? entity.state : undefined,
      hole: entity?.hole ?? edge.finding,
    };
  });
  const lines = rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(","));
  return [COLUMNS.join(","), ...lines, ""].join("\r\n");
}

function cell(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return "";
  // A spreadsheet would take it for a formula.
  return csvCell(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value);
}
