/** Erases a table, whatever store it is in. */
import { createHash } from "node:crypto";
import { access } from "node:fs/promises";
import { csvRow } from "../../csv";
import { changeLevel, readLevel } from "../tables/level";
import { type Connection, openPostgresql } from "../tables/postgresql";
import { finishReplacing } from "../tables/replace";
import { changeSqlite, readSqlite } from "../tables/sqlite";
import { type ErasableTables, type Tables, WHOLE } from "../tables/tables";
import { type Erased, EraseError, type Eraser, type Look, type OnBytes, type Sure, type Taker } from "./eraser";
import type { Intent } from "./journal";
import type { Roots } from "./roots";

/** How to get at a store. */
export interface Store {
  /** Undefined where there is none. */
  read(): Promise<Tables | undefined>;
  change(): Promise<ErasableTables | undefined>;
  finish?(): Promise<void>;
}

export class TableEraser implements Eraser {
  readonly alone = true;
  readonly target: string;
  readonly where: { readonly path: string; readonly table?: string };

  /** @param at file, folder or server */
  constructor(
    kind: string,
    at: string,
    private readonly store: Store,
    private readonly table: string,
  ) {
    const isWhole = table === WHOLE;
    this.target = isWhole ? `${kind} ${at}` : `${kind} ${at} ${table}`;
    this.where = isWhole ? { path: at } : { path: at, table };
  }

  /** Its digests are those of the file that one gets who writes it as CSV. */
  async look(onBytes: OnBytes, taker?: Taker): Promise<Look | undefined> {
    const tables = await this.store.read();
    try {
      if (tables === undefined || !(await tables.names()).includes(this.table)) return undefined;
      return await csvDigests(tables, this.table, onBytes, taker);
    } finally {
      await tables?.close();
    }
  }

  async restore(): Promise<void> {
    await this.store.finish?.();
  }

  async erase(look: Look, onBytes: OnBytes, sure: Sure): Promise<Erased> {
    const erased = await this.#changing(async (tables) => {
      // Nobody else is in it now, and somebody may have been.
      const isThere = (await tables.names()).includes(this.table);
      const now = isThere ? await csvDigests(tables, this.table, onBytes) : undefined;
      if (now?.digests[0] !== look.digests[0]) throw new EraseError("changed", this.target);
      return this.#erased(tables, sure);
    });
    if (erased === undefined) throw new EraseError("changed", this.target);
    return erased;
  }

  async resume({ marks }: Intent, _: OnBytes, sure: Sure): Promise<Erased | undefined> {
    await this.restore();
    return this.#changing(async (tables) => {
      for (const mark of marks) if (await tables.hasErased(mark)) return this.#erased(tables, sure);
      return undefined;
    });
  }

  async #erased(tables: ErasableTables, sure: Sure): Promise<Erased> {
    return { method: "clear", store: tables.store, unreached: [...(await tables.erase(this.table, sure)), "medium"] };
  }

  /** @returns undefined where there is no store */
  async #changing<T>(work: (tables: ErasableTables) => Promise<T>): Promise<T | undefined> {
    const tables = await this.store.change();
    try {
      return tables && (await work(tables));
    } finally {
      await tables?.close();
    }
  }
}

/** @param scratch folder for what readers need */
export function sqliteStore(file: string, roots: Roots, scratch: string): Store {
  return {
    read: async () => ((await roots.admit(file)) === undefined ? undefined : readSqlite(file, scratch)),
    change: async () => ((await roots.admit(file)) === undefined ? undefined : changeSqlite(file)),
    finish: () => finished(file, roots),
  };
}

/** A folder without a database in it is none. */
export function levelStore(directory: string, roots: Roots, scratch: string): Store {
  const isThere = async (): Promise<boolean> =>
    (await roots.admit(directory)) !== undefined &&
    access(`${directory}/CURRENT`).then(
      () => true,
      () => false,
    );
  return {
    read: async () => ((await isThere()) ? readLevel(directory, scratch) : undefined),
    change: async () => ((await isThere()) ? changeLevel(directory) : undefined),
    finish: () => finished(directory, roots),
  };
}

async function finished(path: string, roots: Roots): Promise<void> {
  await roots.admit(path);
  await finishReplacing(path);
}

export const postgresqlStore = (connection: Connection): Store => ({
  read: () => openPostgresql(connection),
  change: () => openPostgresql(connection),
});

/** That are taken at once. */
const ROWS = 256;

/** Nothing for null; with and without a header, lines ended by LF and by CRLF; in the order of the store. */
async function csvDigests(tables: Tables, table: string, onBytes: OnBytes, taker?: Taker): Promise<Look | undefined> {
  const columns = await tables.columns(table);
  const forms = ["\n", "\r\n"].flatMap((end) => [true, false].map((hasHeader) => ({ end, hasHeader, hash: createHash("sha256") })));
  const header = csvRow(columns);
  for (const { end, hasHeader, hash } of forms) if (hasHeader) hash.update(header + end);
  let [bytes, rows] = [Buffer.byteLength(header) + 1, 0];
  let untaken = [header];
  for await (const row of tables.rows(table)) {
    const cells = new Map(row);
    const line = csvRow(columns.map((column) => cells.get(column) ?? ""));
    for (const { end, hash } of forms) hash.update(line + end);
    const length = Buffer.byteLength(line) + 1;
    bytes += length;
    rows++;
    onBytes(length);
    if (taker === undefined || untaken.push(line) < ROWS) continue;
    taker.write(Buffer.from(`${untaken.join("\n")}\n`));
    untaken = [];
  }
  if (untaken.length > 0) taker?.write(Buffer.from(`${untaken.join("\n")}\n`));
  // Of LevelDB the whole is always there.
  if (table === WHOLE && rows === 0) return undefined;
  return { digests: forms.map(({ hash }) => hash.digest("hex")), bytes };
}
