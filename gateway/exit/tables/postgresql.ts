/**
 * Tables of a PostgreSQL database. Whatever the connection does not say comes from the environment and the passfile as for PostgreSQL's own programs
 * (PGHOST, PGPASSWORD, PGPASSFILE and so on): a password has no other way in.
 */
import { Client, DatabaseError } from "pg";
import { type ErasableTables, type Row, type Sure, TablesError, type TablesErrorCode, type Unreached } from "./tables";

export interface Connection {
  /** Name, address, or folder of the server's socket. */
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly database?: string;
}

/** Milliseconds for whoever has a table open to be done with it. */
const PATIENCE = 3000;

/** Rows at a time, and bytes of a large object. */
const PAGE = 1000;
const OBJECT_PAGE = 256 * 1024;

/** The planner notes frequent values, and keeps them until its notes are written anew. Files of dropped tables go with a checkpoint. */
const AFTER = [
  ["vacuum full pg_catalog.pg_statistic", "planner-statistics"],
  ["checkpoint", "dropped-files"],
] as const;

/** Tables, materialised views, and what is partitioned by its parts. */
const KINDS = "'r', 'm'";

/** @throws TablesError `unreachable`, `not-allowed` */
export async function openPostgresql(connection: Connection): Promise<ErasableTables> {
  const client = new Client({ ...connection, application_name: "suyuan", lock_timeout: PATIENCE, connectionTimeoutMillis: 30_000 });
  // A connection that is lost shows at the next question.
  client.on("error", () => undefined);
  await ask(() => client.connect());
  try {
    // Rows that are kept from this user make reading fail, where they would be left out.
    await client.query("set row_security = off");
    const { rows } = await client.query<{ server_version: string }>("show server_version");
    return new PostgresqlTables(client, `PostgreSQL ${rows[0]?.server_version ?? ""}`);
  } catch (error) {
    await client.end();
    throw error;
  }
}

class PostgresqlTables implements ErasableTables {
  constructor(
    private readonly client: Client,
    readonly store: string,
  ) {}

  names(): Promise<readonly string[]> {
    return this.#named(KINDS);
  }

  foreign(): Promise<readonly string[]> {
    return this.#named("'f'");
  }

  async #named(kinds: string): Promise<readonly string[]> {
    const { rows } = await ask(() =>
      this.client.query<{ name: string }>(
        `select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in (${kinds}) and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`,
      ),
    );
    return rows.map(({ name }) => name).sort();
  }

  async *objects(): AsyncIterable<readonly [string, AsyncIterable<Buffer>]> {
    const { rows } = await ask(() => this.client.query<{ oid: string }>("select oid::text from pg_largeobject_metadata order by oid"));
    for (const { oid } of rows) yield [`large object ${oid}`, this.#object(oid)];
  }

  async *#object(oid: string): AsyncIterable<Buffer> {
    for (let at = 0; ; at += OBJECT_PAGE) {
      const { rows } = await ask(() =>
        this.client.query<{ bytes: Buffer }>("select lo_get($1::oid, $2::bigint, $3::int) as bytes", [oid, at, OBJECT_PAGE]),
      );
      const bytes = rows[0]?.bytes ?? Buffer.alloc(0);
      if (bytes.length > 0) yield bytes;
      if (bytes.length < OBJECT_PAGE) return;
    }
  }

  async columns(table: string): Promise<readonly string[]> {
    return (await this.#columns(table)).map(({ name }) => name);
  }

  /** With the expression that writes each as the server writes it for people. */
  async #columns(table: string): Promise<readonly { readonly name: string; readonly cell: string }[]> {
    await this.#demandTable(table);
    const { rows } = await ask(() =>
      this.client.query<{ name: string; quoted: string; bytes: boolean }>(
        `select attname as name, quote_ident(attname) as quoted, atttypid = 'bytea'::regtype as bytes
         from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
        [table],
      ),
    );
    return rows.map(({ name, quoted, bytes }) => ({
      name,
      cell: bytes ? `encode(${quoted}, 'hex')` : `case when ${quoted} is not null then format('%s', ${quoted}) end`,
    }));
  }

  async *rows(table: string): AsyncIterable<Row> {
    const columns = await this.#columns(table);
    const cells = columns.map(({ cell }) => cell).join(", ");
    await ask(() => this.client.query("begin transaction isolation level repeatable read read only"));
    try {
      await ask(() => this.client.query("set local synchronize_seqscans = off")); // In the order in which they lie.
      await ask(() => this.client.query(`declare suyuan_rows no scroll cursor for select ${cells} from only ${table}`));
      for (;;) {
        const page = await ask(() => this.client.query<(string | null)[]>({ text: `fetch ${PAGE} from suyuan_rows`, rowMode: "array" }));
        for (const row of page.rows)
          yield columns.flatMap(({ name }, i) => (row[i] === null || row[i] === undefined ? [] : [[name, row[i]] as const]));
        if (page.rows.length < PAGE) return;
      }
    } finally {
      await ask(() => this.client.query("rollback"));
    }
  }

  async erase(table: string, sure?: Sure): Promise<readonly Unreached[]> {
    if ((await this.names()).includes(table)) {
      const { rows } = await ask(() =>
        this.client.query<{ relkind: string }>("select relkind from pg_class where oid = $1::regclass", [table]),
      );
      await ask(() => this.client.query("begin"));
      try {
        await ask(() => this.client.query(`drop ${rows[0]?.relkind === "m" ? "materialized view" : "table"} ${table} restrict`));
        const { rows: own } = await ask(() => this.client.query<{ id: string }>("select txid_current()::text id"));
        await sure?.(own[0]?.id ?? "");
        await ask(() => this.client.query("commit"));
      } catch (error) {
        await this.client.query("rollback").catch(() => undefined);
        throw error;
      }
    }
    const left: Unreached[] = [];
    for (const [step, unreached] of AFTER) if (!(await this.#mayDo(step))) left.push(unreached);
    if ((await this.names()).includes(table)) throw new TablesError("remains", table);
    return [...left, "freed-blocks", "write-ahead-log", "replicas"];
  }

  /** The server remembers for as long as it may be asked; what it has forgotten is not known to have come about. */
  async hasErased(mark: string): Promise<boolean> {
    const { rows } = await ask(() => this.client.query<{ status: string | null }>("select txid_status($1::bigint) status", [mark]));
    return rows[0]?.status === "committed";
  }

  /** Only administrators may, and only when nobody is in the way. Some steps are refused with a warning. */
  async #mayDo(step: string): Promise<boolean> {
    let isWarned = false;
    const onNotice = (): void => {
      isWarned = true;
    };
    this.client.on("notice", onNotice);
    try {
      await this.client.query(step);
      return !isWarned;
    } catch (error) {
      if (error instanceof DatabaseError && ["42501", "55P03"].includes(error.code ?? "")) return false;
      return await ask(() => Promise.reject(error as Error));
    } finally {
      this.client.off("notice", onNotice);
    }
  }

  close(): Promise<void> {
    return this.client.end();
  }

  /** A name goes into commands only if the catalogue itself has written it so. */
  async #demandTable(table: string): Promise<void> {
    if (!(await this.names()).includes(table)) throw new TablesError("table-unknown", table);
  }
}

/** By SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const CODES: Readonly<Record<string, TablesErrorCode>> = {
  "2BP01": "depended-on",
  "42501": "not-allowed",
  "28000": "not-allowed",
  "28P01": "not-allowed",
  "3D000": "unreachable",
  "42P01": "table-unknown",
  "55P03": "in-use",
  XX001: "damaged",
  XX002: "damaged",
};

/** Its own errors in our words: without `detail`, which may hold values of rows. */
async function ask<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DatabaseError) throw new TablesError(CODES[error.code ?? ""] ?? "unreachable", error.message, { cause: error });
    if (error instanceof Error) throw new TablesError("unreachable", error.message, { cause: error });
    throw error;
  }
}
