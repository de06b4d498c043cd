/** pull: the demanded fields of a department's file, and no others, as a raw copy in the working directory. */
import { type SourceName, sourcePath } from "./sources";
import { type Pull, tool } from "./step";
import { PipelineError, readTable, writeTable } from "./table";

/**
 * Copies `fields` of a source to `output`, cells as they stand. It does what it is told, as a real interface would: whether the fields lie
 * within the approved scenario is for the ledger to find.
 * @throws {PipelineError} `field-unknown` when the source has no such field.
 */
export async function pull(source: SourceName, fields: readonly string[], output: string, from = sourcePath(source)): Promise<Pull> {
  const table = await readTable(from);
  const unknown = fields.filter((name) => !table.fields.includes(name));
  if (unknown.length > 0) throw new PipelineError("field-unknown", `${source} has no ${unknown.join(", ")}`);
  return {
    step: "pull",
    source,
    fields,
    inputs: [table.file],
    output: await writeTable(output, fields, table.rows),
    tool: tool("pull"),
    parameters: { source, fields },
    counts: {},
  };
}
