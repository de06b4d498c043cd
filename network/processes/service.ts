/** One process of the network: started apart from whoever starts it, known by its id and the moment it began, its words in a file. */
import { spawn } from "node:child_process";
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { write } from "../directory";
import { NetworkError } from "../errors";

export interface ServiceOptions {
  /** For people: `operator/orderer`, say. */
  readonly name: string;
  readonly log: string;
  /** Where its id is kept while it runs. */
  readonly run: string;
  readonly listens: readonly Address[];
  /** Where it may listen too: free before it starts, not waited for. */
  readonly besides: readonly Address[];
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What it is started with. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly directory: string;
  /** Beside that of whoever starts it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What `run` holds. */
interface Running {
  readonly pid: number;
  /** In whatever unit the system counts; together with the id it names a process for good. */
  readonly began: string;
}

const READY_SECONDS = 30;
const STOP_SECONDS = 10;
const LOOK_MS = 50;
/** A machine that is not there does not even refuse. */
const CONNECT_MS = 2000;

export class Service {
  constructor(private readonly options: ServiceOptions) {}

  /** The id of its process, if it runs. */
  async pid(): Promise<number | undefined> {
    const known = await readFile(this.options.run, "utf8").catch(() => undefined);
    if (known === undefined) return undefined;
    const { pid, began } = JSON.parse(known) as Running;
    return (await beginning(pid)) === began ? pid : undefined;
  }

  /**
   * Starts it unless it runs; resolves once it listens.
   * @throws NetworkError `network-port-in-use`, `process-ended`, `process-silent`
   */
  async start({ file, args, directory, environment }: Launch): Promise<void> {
    const { name, log, run, listens, besides } = this.options;
    if ((await this.pid()) === undefined) {
      for (const { host, port } of [...listens, ...besides]) {
        if (!(await isFree(host, port))) throw new NetworkError("network-port-in-use", { process: name, address: host, port });
      }
      await mkdir(dirname(log), { recursive: true });
      const words = await open(log, "a");
      try {
        const child = spawn(file, args, {
          cwd: directory,
          env: { ...process.env, ...environment },
          detached: true,
          stdio: ["ignore", words.fd, words.fd],
        });
        await new Promise((resolve, reject) => {
          child.once("spawn", resolve);
          child.once("error", reject);
        });
        child.unref();
        const pid = child.pid as number;
        const began = await beginning(pid);
        if (began !== undefined) await write(run, JSON.stringify({ pid, began } satisfies Running));
      } finally {
        await words.close();
      }
    }
    await this.#ready();
  }

  /** Whether it answers wherever it should, whoever started it. */
  async listens(): Promise<boolean> {
    return (await Promise.all(this.options.listens.map(({ host, port }) => answers(host, port)))).every(Boolean);
  }

  /** Asks it to end, and after a while makes it. @returns whether it ran */
  async stop(): Promise<boolean> {
    const pid = await this.pid();
    if (pid !== undefined) {
      signal(pid, "SIGTERM");
      if (!(await this.#gone(STOP_SECONDS))) {
        signal(pid, "SIGKILL");
        await this.#gone(STOP_SECONDS);
      }
    }
    await rm(this.options.run, { force: true });
    return pid !== undefined;
  }

  async #ready(): Promise<void> {
    const { name, log } = this.options;
    for (const deadline = Date.now() + READY_SECONDS * 1000; ;) {
      if ((await this.pid()) === undefined) throw new NetworkError("process-ended", { process: name, log, reason: await lastWords(log) });
      if (await this.listens()) return;
      if (Date.now() > deadline) throw new NetworkError("process-silent", { process: name, log, seconds: READY_SECONDS });
      await pause(LOOK_MS);
    }
  }

  async #gone(seconds: number): Promise<boolean> {
    for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline;) {
      if ((await this.pid()) === undefined) return true;
      await pause(LOOK_MS);
    }
    return false;
  }
}

/** When a living process began; ids are given out again. Where the system does not say, that it lives must do. */
async function beginning(pid: number): Promise<string | undefined> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return undefined;
    throw error;
  }
  if (process.platform !== "linux") return "unknown";
  // proc(5): after the name in brackets come state (field 3) and, as field 22, the start time. A zombie has ended.
  const fields = await readFile(`/proc/${pid}/stat`, "utf8").then(
    (stat) => stat.slice(stat.lastIndexOf(")") + 2).split(" "),
    () => [],
  );
  return fields[0] === "Z" ? undefined : fields[19];
}

function signal(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It has ended in the meantime.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

const isFree = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });

/** Whether somebody listens there. */
export const answers = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const done = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once("connect", () => {
      done(true);
    });
    for (const event of ["error", "timeout"]) {
      socket.once(event, () => {
        done(false);
      });
    }
  });

/** The last line that says something, without the colours. */
async function lastWords(log: string): Promise<string> {
  const said = await readFile(log, "utf8").catch(() => "");
  return stripVTControlCharacters(said).trim().split("\n").at(-1) ?? "";
}
