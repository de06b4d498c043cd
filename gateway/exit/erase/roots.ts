/** Below which folders anything may be erased. What lies elsewhere is refused, by whatever name or link it was reached. */
import { lstat, readFile, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, resolve, sep } from "node:path";
import { EraseError } from "./eraser";

export class Roots {
  private constructor(
    private readonly roots: readonly string[],
    private readonly own: readonly string[],
  ) {}

  /**
   * @param own files and folders that are never erased: the erasure's own
   * @throws EraseError `outside-roots` with the root that cannot be one: no folder, `/`, the home folder or what it lies in
   */
  static async of(roots: readonly string[], own: readonly string[]): Promise<Roots> {
    const found: string[] = [];
    for (const root of roots) {
      const real = await realpath(root).catch(() => undefined);
      const isFolder = real !== undefined && (await stat(real)).isDirectory();
      if (!isFolder || isIn(await realpath(homedir()), real)) throw new EraseError("outside-roots", root);
      found.push(real);
    }
    return new Roots(found, await Promise.all(own.map((path) => realpath(path))));
  }

  /**
   * Whether it may be erased, as things are now.
   * @returns where it really is; undefined where nothing is there
   * @throws EraseError `outside-roots`, `symlink`, `mount-point`, `own-files`
   */
  async admit(path: string): Promise<string | undefined> {
    const wanted = resolve(path);
    const parent = await realpath(dirname(wanted)).catch(() => undefined);
    // Where even the folder is missing, the name alone says whether it would lie below a root.
    const real = parent === undefined ? wanted : join(parent, basename(wanted));
    if (!this.roots.some((root) => real !== root && isIn(real, root))) throw new EraseError("outside-roots", path);
    if (this.own.some((own) => isIn(own, real) || isIn(real, own))) throw new EraseError("own-files", path);
    const is = await lstat(real).catch(() => undefined);
    if (parent === undefined || is === undefined) return undefined;
    if (is.isSymbolicLink()) throw new EraseError("symlink", path);
    if (is.dev !== (await stat(parent)).dev || (await mountPoints()).some((point) => isIn(point, real)))
      throw new EraseError("mount-point", path);
    return real;
  }
}

/** Whether a path is a folder or lies in it. */
export const isIn = (path: string, folder: string): boolean => path === folder || path.startsWith(folder === sep ? folder : folder + sep);

/** None where the system does not tell. Format: proc(5), `/proc/pid/mountinfo` */
async function mountPoints(): Promise<readonly string[]> {
  const text = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
  return text
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((point) => point !== "")
    .map((point) => point.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))));
}
