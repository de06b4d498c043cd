/** `suyuan serve`: a gateway, until it is told to stop. */
import { constants } from "node:fs";
import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError, type Config, type GivenConfig, readConfig } from "../gateway/config";
import { isInUse } from "../gateway/database-copy";
import { ConnectionError } from "../gateway/ledger/fabric-connection";
import { LedgerError } from "../gateway/ledger/port";
import { type Gateway, startGateway } from "../gateway/main";
import { Exit, Failure, reasonOf, systemCode } from "./failure";
import type { Output } from "./output";
import { text } from "./texts";

/**
 * Prints `ready URL` once it answers; stops on SIGTERM or SIGINT, at once on a second one.
 * @returns exit code. @throws Failure `config-invalid`, `connection-unreadable`, `connection-malformed`, `connection-of-another`, and those of {@link startToldGateway}
 */
export async function serve(given: GivenConfig, output: Output): Promise<number> {
  const told = new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => resolve());
  });
  // What can be said to nobody any more, because that disk is full too, stops nothing.
  process.stderr.on("error", () => undefined);
  const config = configFrom(given);
  const gateway = await during("serve.starting", output, () => startToldGateway(config));
  output.document({ ready: gateway.url });
  output.line(`ready ${gateway.url}`);
  if (process.stderr.isTTY) output.note(text("serve.hint", { data: given.data }));
  await told;
  await during("serve.stopping", output, () => gateway.stop());
  return Exit.done;
}

function configFrom(given: GivenConfig): Config {
  try {
    return readConfig(given);
  } catch (error) {
    if (error instanceof ConnectionError)
      throw new Failure(error.code, { file: error.file, organisation: given.org ?? "", reason: reasonOf(error.cause) }, { cause: error });
    if (error instanceof ConfigError) {
      const { setting: name, value } = error;
      // Of --network and --org, each needs the other.
      throw value === ""
        ? new Failure("option-missing", { name, command: "serve" }, { cause: error })
        : new Failure("config-invalid", { name, value }, { cause: error });
    }
    throw error;
  }
}

/**
 * A gateway, or why there is none in words for people.
 * @throws Failure `port-in-use`, `port-not-allowed`, `directory-locked`, `directory-not-writable`, `ledger-damaged`, `network-unreachable`
 */
export async function startToldGateway(config: Config, now?: () => number): Promise<Gateway> {
  const { data: directory, port, connection } = config;
  try {
    return await startGateway(config, now);
  } catch (cause) {
    const reason = reasonOf(cause);
    const code = systemCode(cause);
    if (code === "EADDRINUSE") throw new Failure("port-in-use", { port }, { cause });
    if (code === "EACCES" && (cause as NodeJS.ErrnoException).syscall === "listen")
      throw new Failure("port-not-allowed", { port }, { cause });
    // A database says in words of its own that it may not write, and to the ledger that looks like damage.
    const refused = await unwritable(directory);
    if (refused !== undefined)
      throw new Failure("directory-not-writable", { directory: refused.path ?? directory, reason: reasonOf(refused) }, { cause });
    for (const database of [join("ledger", "level"), "outbox"])
      if (await isInUse(join(directory, database)).catch(() => false)) throw new Failure("directory-locked", { directory }, { cause });
    if (code !== undefined && NOT_WRITABLE.has(code)) throw new Failure("directory-not-writable", { directory, reason }, { cause });
    if (cause instanceof LedgerError && connection !== undefined)
      throw new Failure("network-unreachable", { network: connection.network, reason }, { cause });
    if (cause instanceof LedgerError) throw new Failure("ledger-damaged", { directory, reason }, { cause });
    throw cause;
  }
}

/** What the operating system says of the first thing in a directory that this process may not read and write. */
async function unwritable(directory: string): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      const refused = entry.isDirectory() ? await unwritable(path) : undefined;
      if (refused !== undefined) return refused;
      await access(path, constants.R_OK | constants.W_OK);
    }
    return undefined;
  } catch (error) {
    const refused = error as NodeJS.ErrnoException;
    return MAY_NOT.has(refused.code ?? "") ? refused : undefined;
  }
}

const MAY_NOT: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS"]);
const NOT_WRITABLE: ReadonlySet<string> = new Set([...MAY_NOT, "ENOTDIR", "EEXIST", "ENOENT"]);

async function during<T>(key: "serve.starting" | "serve.stopping", output: Output, work: () => Promise<T>): Promise<T> {
  const progress = output.progress(() => text(key));
  try {
    return await work();
  } finally {
    progress.end();
  }
}
