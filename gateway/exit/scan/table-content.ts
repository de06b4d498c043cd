/** Looks through the tables of a store: rows, and cells that may be or contain what a holding was. */
import { type Tables, TablesError, type TablesErrorCode, WHOLE } from "../tables/tables";
import { Look } from "./content";
import { type Looked, type Unread } from "./looked";
import { Matcher } from "./matcher";
import type { Quarry } from "./quarry";

const REASONS: Readonly<Partial<Record<TablesErrorCode, Unread>>> = {
  "in-use": "in-use",
  interrupted: "in-use",
  "not-allowed": "permission",
  damaged: "damaged",
};

/** @param name of the store, as it is told. What is told of its tables are their names, and never what is in them. */
export async function lookThroughTables(open: () => Promise<Tables>, name: string, quarry: Quarry): Promise<Looked> {
  const look = new Look(quarry);
  try {
    const tables = await open();
    try {
      for (const table of await tables.names()) await lookThroughTable(tables, table, `${name}!/${table}`, quarry, look);
      for (const table of (await tables.foreign?.()) ?? []) look.tally.miss(`${name}!/${table}`, "rows-not-read");
      if (await tables.hasDeleted?.()) look.tally.miss(name, "rows-deleted");
      for await (const [object, content] of tables.objects?.() ?? []) {
        const told = `${name}!/${object}`;
        await look.object(told, content).catch((error: unknown) => look.tally.miss(told, reasonOf(error)));
      }
    } finally {
      await tables.close();
    }
  } catch (error) {
    look.tally.miss(name, reasonOf(error));
  }
  return look.tally.looked;
}

async function lookThroughTable(tables: Tables, table: string, object: string, quarry: Quarry, look: Look): Promise<void> {
  const matcher = new Matcher(quarry, 0);
  const { tally } = look;
  try {
    for await (const row of tables.rows(table)) {
      const cells = row.map(([, text]) => text);
      matcher.row(cells);
      // Of LevelDB, what else is in a sublevel's row is read there.
      if (table === WHOLE && cells[0]?.startsWith(WHOLE) === true) continue;
      for (const cell of cells) {
        tally.bytes += cell.length;
        if (cell.startsWith("{")) matcher.row(membersOf(cell));
        for (const content of contentsOf(cell)) if (!(await look.cell(object, content))) matcher.cell(content);
      }
    }
  } catch (error) {
    tally.miss(object, reasonOf(error));
  }
  tally.objects++;
  tally.tell(object, matcher.end());
}

/** Characters of a cell below which it is no file. */
const LEAST_CELL = 32;

/** What stands in one cell, which may be a file of its own: as text, or in hex where it is bytes. */
function contentsOf(cell: string): readonly Buffer[] {
  if (cell.length < LEAST_CELL) return [];
  const isHex = cell.length % 2 === 0 && /^[0-9a-f]+$/.test(cell);
  return [Buffer.from(cell), ...(isHex ? [Buffer.from(cell, "hex")] : [])];
}

/** What stands in a JSON object, which is how rows are kept where there are no columns. */
function membersOf(text: string): readonly string[] {
  try {
    const members = Object.values(JSON.parse(text) as object);
    return members.flatMap((it: unknown) =>
      typeof it === "string" || typeof it === "number" || typeof it === "boolean" ? [String(it)] : [],
    );
  } catch {
    return [];
  }
}

/** A store may also fail in ways that its adapter does not know. */
const reasonOf = (error: unknown): Unread => (error instanceof TablesError && REASONS[error.code]) || "unreadable";
