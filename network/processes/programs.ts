/** Fabric's own programs: where they are found, whether they are new enough, and how a command of theirs is run to its end. */
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { NetworkError } from "../errors";
import type { Topology } from "../topology";

/** All that a network needs of a Fabric release's `bin/`. */
export const PROGRAMS = ["peer", "orderer", "configtxgen", "osnadmin"] as const;
export type Program = (typeof PROGRAMS)[number];

/** The release this is made for, and the oldest that will do: 3.0 orders in the same way, but its peers take the state's keys one at a time. */
export const RELEASE = "3.1.5";
const OLDEST = { bft: "3.1", raft: "2.5" } as const;

/** Where each program is: in `FABRIC_BIN` if that is set, else on PATH. */
export class Programs {
  private constructor(private readonly files: Readonly<Record<Program, string>>) {}

  /** @throws NetworkError `binaries-missing`, `binary-version` */
  static async find(ordering: Topology["ordering"], environment: NodeJS.ProcessEnv = process.env): Promise<Programs> {
    const folders = environment["FABRIC_BIN"] ? [environment["FABRIC_BIN"]] : (environment["PATH"] ?? "").split(delimiter);
    const found = await Promise.all(PROGRAMS.map(async (program) => [program, await firstOf(folders, program)] as const));
    const missing = found.filter(([, file]) => file === undefined).map(([program]) => program);
    if (missing.length > 0) throw new NetworkError("binaries-missing", { names: missing.join(", "), version: RELEASE });
    const programs = new Programs(Object.fromEntries(found) as Record<Program, string>);
    // Where there is `peer` and `orderer`, the others came in the same archive.
    await Promise.all((["peer", "orderer"] as const).map((program) => programs.#checkVersion(program, OLDEST[ordering])));
    return programs;
  }

  file(program: Program): string {
    return this.files[program];
  }

  /** @returns what it wrote to stdout. @throws NetworkError `step-failed` with the last thing it said */
  async run(program: Program, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
    try {
      const { stdout } = await promisify(execFile)(this.files[program], args, {
        env: { ...process.env, ...environment },
        maxBuffer: 16 * 1024 * 1024,
        timeout: 60_000,
      });
      return stdout;
    } catch (cause) {
      const {
        stderr = "",
        stdout = "",
        message,
      } = cause as { readonly stderr?: string; readonly stdout?: string; readonly message: string };
      const step = [program, ...args.filter((arg) => !arg.startsWith("-")).slice(0, 3)].join(" ");
      throw new NetworkError("step-failed", { step, reason: lastLine(stderr) ?? lastLine(stdout) ?? message }, { cause });
    }
  }

  async #checkVersion(program: "peer" | "orderer", oldest: string): Promise<void> {
    const version = /Version: v?(\d+\.\d+\S*)/.exec(await this.run(program, ["version"]))?.[1] ?? "?";
    const [major = 0, minor = 0] = version.split(".").map(Number);
    const [needed = 0, atLeast = 0] = oldest.split(".").map(Number);
    if (major > needed || (major === needed && minor >= atLeast)) return;
    throw new NetworkError("binary-version", { file: this.files[program], version, needed: oldest });
  }
}

async function firstOf(folders: readonly string[], program: string): Promise<string | undefined> {
  for (const folder of folders) {
    const file = join(folder, program);
    const usable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return file;
  }
  return undefined;
}

const lastLine = (output: string): string | undefined => stripVTControlCharacters(output).trim().split("\n").at(-1) || undefined;
