/** Servers under test: real processes, on directories of their own that go when they do. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { AUTHORITY, type MixEvent, rolesOf } from "./mix";

const CLI = join(__dirname, "..", "cli.js");

export interface Result {
  readonly state: string;
  readonly leafHash: string;
  readonly journal: string;
  readonly index: number;
  readonly problem?: unknown;
}

export class Server {
  readonly #tokens = new Map<string, string>();

  private constructor(
    readonly url: URL,
    readonly directory: string,
    private readonly child: ChildProcess,
  ) {}

  static bare(): Promise<Server> {
    return Server.#start((directory) => [join(__dirname, "bare.js"), directory]);
  }

  /** A gateway: on the embedded ledger, unless further arguments of `suyuan serve` say otherwise. */
  static gateway(...more: readonly string[]): Promise<Server> {
    return Server.#start((directory) => [CLI, "serve", "--data", directory, "--port", "0", ...more]);
  }

  static async #start(args: (directory: string) => string[]): Promise<Server> {
    const directory = mkdtempSync(join(tmpdir(), "suyuan-bench-"));
    const env = { ...process.env, SUYUAN_AUTHORITY: AUTHORITY };
    const child = spawn(process.execPath, args(directory), { stdio: ["ignore", "pipe", "inherit"], env });
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /^ready (http:\S+)$/.exec(line)?.[1];
      if (url !== undefined) return new Server(new URL("/v1/events", url), directory, child);
    }
    throw new Error("the server did not start");
  }

  /** A bearer token of the gateway's development issuer for a party of the mix. */
  token(party: string): string {
    const known = this.#tokens.get(party);
    if (known !== undefined) return known;
    const roles = rolesOf(party).flatMap((role) => ["--role", role]);
    const args = [CLI, "token", "--data", this.directory, "--party", party, ...roles, "--ttl", "8h"];
    const token = execFileSync(process.execPath, args, { encoding: "utf8" }).trim();
    this.#tokens.set(party, token);
    return token;
  }

  /** Resident memory of the process, MiB: all of it, or without the pages of files that are mapped, of which the database's tables are most. */
  memory(part: "VmRSS" | "RssAnon" = "VmRSS"): number {
    return residentMebibytes(this.child.pid ?? 0, part);
  }

  cpuSeconds(): number {
    return cpuSeconds(this.child.pid ?? 0);
  }

  async get(path: string): Promise<unknown> {
    const response = await fetch(new URL(path, this.url), { headers: { authorization: `Bearer ${this.token(AUTHORITY)}` } });
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** Sends events of one party; answers one result an event. */
  async post(events: readonly MixEvent[]): Promise<readonly Result[]> {
    const response = await fetch(this.url, {
      method: "POST",
      headers: { authorization: `Bearer ${this.token(events[0]?.party ?? "")}`, "content-type": "application/json" },
      body: JSON.stringify(events),
    });
    if (!response.ok) throw new Error(`POST: ${response.status} ${await response.text()}`);
    return (await response.json()) as Result[];
  }

  /** Ends the process; its directory stays. @returns its exit code */
  async end(): Promise<number | null> {
    const gone = new Promise<number | null>((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    return gone;
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Of a process: proc(5), `status`. */
export function residentMebibytes(pid: number, part: "VmRSS" | "RssAnon" = "VmRSS"): number {
  const line = new RegExp(`^${part}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(line) / 1024;
}

/** Of processor that a process has used, all its threads together: proc(5), fields 14 and 15 in hundredths. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number) as [number, number];
  return (user + system) / 100;
}
