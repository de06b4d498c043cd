/** The real `suyuan`, as a process of its own. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const CLI = join(__dirname, "..", "..", "scripts", "cli.js");

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
  /** Of another user, where the tests are run by one whom no right is denied. */
  readonly uid?: number | undefined;
}

/** An environment in which nothing of the caller's decides. */
const environment = (env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({ PATH: process.env["PATH"], LANG: "C", ...env });

export function suyuan(args: readonly string[], { env, input, uid }: RunOptions = {}): Promise<Ran> {
  const child = spawn(process.execPath, [CLI, ...args], { env: environment(env), ...(uid === undefined ? {} : { uid }) });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.on("error", () => undefined); // the command need not read all of it
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** What a command says with `--json`: one value a line. */
export const documents = ({ stdout }: Ran): unknown[] =>
  stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);

export const errorCode = (ran: Ran): string | undefined => (documents(ran).at(-1) as { error?: { code: string } } | undefined)?.error?.code;

/** A directory that is there while `work` runs. */
export async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "suyuan-cli-"));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** `suyuan serve`, until it is stopped. */
export class Served {
  private constructor(
    readonly url: string,
    readonly data: string,
    private readonly child: ChildProcess,
  ) {}

  /** @param stderr a file's descriptor, or that of the tests. @param more arguments of its own */
  static async start(
    data: string,
    env: Readonly<Record<string, string>> = {},
    stderr: number | "inherit" = "inherit",
    more: readonly string[] = [],
  ): Promise<Served> {
    // A write beyond a limit of the file's size fails like one to a full disk, rather than ending the process.
    const args = ["-c", `trap "" XFSZ; exec "$0" "$@"`, process.execPath, CLI, "serve", "--data", data, "--port", "0", ...more];
    const child = spawn("/bin/sh", args, {
      env: environment(env),
      stdio: ["ignore", "pipe", stderr],
    });
    if (child.stdout === null) throw new Error("no pipe");
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /^ready (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1];
      if (url !== undefined) return new Served(url, data, child);
    }
    throw new Error("the gateway did not start");
  }

  /** From now on the disk takes nothing, or again all. */
  fillDisk(full: boolean): void {
    execFileSync("prlimit", [`--pid=${this.child.pid}`, `--fsize=${full ? 1 : "unlimited"}:unlimited`]);
  }

  /** @returns its exit code */
  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const gone = new Promise<number | null>((resolve) => this.child.once("close", resolve));
    this.child.kill(signal);
    return gone;
  }
}
