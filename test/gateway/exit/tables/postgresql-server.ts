/** A real PostgreSQL server with data of its own, reached through a socket in its folder alone. */
import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import type { Connection } from "../../../../gateway/exit/tables/postgresql";

const DEBIAN = "/usr/lib/postgresql";

export interface Server {
  readonly connection: Required<Connection>;
  /** Its data. */
  readonly folder: string;
  readonly ask: (sql: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>;
  readonly end: () => Promise<void>;
}

/** @returns undefined where its programs are not installed */
export async function startPostgresql(): Promise<Server | undefined> {
  const programs = programsAt();
  if (programs === undefined) return undefined;
  // Short: the path of a socket has at most 107 bytes.
  const folder = mkdtempSync(join(tmpdir(), "suyuan-pg-"));
  // The server does not run as root.
  const isRoot = process.getuid?.() === 0;
  const id = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  const who = isRoot ? { uid: id("-u"), gid: id("-g") } : {};
  if (who.uid !== undefined) chownSync(folder, who.uid, who.gid);
  const run = (program: string, ...args: readonly string[]): void => {
    execFileSync(join(programs, program), args, {
      ...who,
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
      env: { PATH: process.env["PATH"], LC_ALL: "C" },
    });
  };
  const data = join(folder, "data");
  run("initdb", "-D", data, "-U", "suyuan", "-A", "trust", "-E", "UTF8", "--no-sync");
  run(
    "pg_ctl",
    "-D",
    data,
    "-w",
    "-l",
    join(folder, "log"),
    "-o",
    `-c listen_addresses= -c unix_socket_directories=${folder} -c fsync=off`,
    "start",
  );
  const connection = { host: folder, port: 5432, user: "suyuan", database: "postgres" };
  const client = new Client(connection);
  await client.connect();
  return {
    connection,
    folder: data,
    ask: async (sql, values = []) => (await client.query<Record<string, unknown>>(sql, [...values])).rows,
    end: async () => {
      await client.end();
      run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop");
      rmSync(folder, { recursive: true });
    },
  };
}

function programsAt(): string | undefined {
  const onPath = spawnSync("/bin/sh", ["-c", "command -v initdb"], { encoding: "utf8" }).stdout.trim();
  const folders = [join(onPath, ".."), ...(existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, "bin")) : [])];
  return folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "pg_ctl")));
}
