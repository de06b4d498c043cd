/** Tables of whatever store: read to compare them with what was declared and to find what was left behind, and erased when an authorization ends. */

/** A row's cells in the table's order of columns, each as the store itself writes it as text. What is null has no cell; bytes are in lower-case hex. */
export type Row = readonly (readonly [column: string, text: string])[];

export interface Tables {
  /** What it is, with its version, as evidence of a deletion names it: `SQLite 3.53.4`. */
  readonly store: string;
  /** Sorted. Of PostgreSQL `schema.table`, quoted where SQL must; of LevelDB {@link WHOLE}, and parts of it: the sublevels that are not within others. */
  names(): Promise<readonly string[]>;
  /** Names of a table's columns in their order. @throws as rows do */
  columns(table: string): Promise<readonly string[]>;
  /**
   * In bounded memory, in no order that anybody may rely on.
   * @throws TablesError `table-unknown`, and those of the store
   */
  rows(table: string): AsyncIterable<Row>;
  /** What it has besides that is content, under a name: large objects. */
  objects?(): AsyncIterable<readonly [name: string, content: AsyncIterable<Buffer>]>;
  /** Whether its files still have rows that were deleted. */
  hasDeleted?(): Promise<boolean>;
  /** Tables that it names and has elsewhere. */
  foreign?(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Opened to be changed. */
export interface ErasableTables extends Tables {
  /**
   * Removes the table with its rows and whatever the store itself keeps of them, as far as it can, and looks whether they are gone.
   * A table that is not there is erased; an erasure that was interrupted is done by erasing again.
   * @param sure told, before what cannot be undone, the mark by which {@link hasErased} knows it
   * @returns what it cannot reach
   * @throws TablesError `depended-on`, `remains`, and those of the store
   */
  erase(table: string, sure?: Sure): Promise<readonly Unreached[]>;
  /** Whether what this mark was told of came about: a table may be missing because somebody else has moved it. */
  hasErased(mark: string): Promise<boolean>;
}

export type Sure = (mark: string) => Promise<void>;

/** Of LevelDB: everything in it, sublevels included. No sublevel is called so; one within another is `outer!!inner`. */
export const WHOLE = "!";

/**
 * What may still have the bytes when the store has not.
 * `freed-blocks`: blocks that the store gave back to the file system · `write-ahead-log`: the server's own log and its archive · `replicas`: standby servers,
 * subscribers and backups of the server · `planner-statistics`: values that the planner noted; `dropped-files`: until the next checkpoint; both are reached where
 * the user is an administrator of the server
 */
export type Unreached = "freed-blocks" | "write-ahead-log" | "replicas" | "planner-statistics" | "dropped-files";

/**
 * `in-use`: another process has it open · `interrupted`: a transaction was, and the store's own program must undo it · `linked`: the file has other names · `unreachable`: no such file, folder or server, or it lets nobody in · `not-allowed` · `damaged`: not what the store writes ·
 * `table-unknown` · `depended-on`: other tables or views need it · `remains`: rows are still in its files after erasing
 */
export type TablesErrorCode =
  "in-use" | "interrupted" | "linked" | "unreachable" | "not-allowed" | "damaged" | "table-unknown" | "depended-on" | "remains";

/** Its message is for people and tells no content of rows. */
export class TablesError extends Error {
  override readonly name = "TablesError";
  constructor(
    readonly code: TablesErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
