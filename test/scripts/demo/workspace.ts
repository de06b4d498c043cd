/** A directory of its own for each test file, gone afterwards. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class Workspace {
  private constructor(readonly directory: string) {}

  static async open(): Promise<Workspace> {
    return new Workspace(await mkdtemp(join(tmpdir(), "suyuan-demo-")));
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  async write(name: string, content: string): Promise<string> {
    await writeFile(this.path(name), content);
    return this.path(name);
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}

/** The code of the error that the promise fails with. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return "no error";
}
