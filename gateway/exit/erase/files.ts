/**
 * Erases files and folders of them: those that were looked at, each put aside, compared once more, overwritten once with zeros, and then removed. What else is in a
 * folder stays, and so does the folder then.
 *
 * What cannot be excluded: that who had a file open before, unseen (see `open-elsewhere`), writes into it after it was compared; and that somebody who may write
 * into the folder moves what is aside.
 */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { lstat, open, readdir, rmdir, unlink } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { identityOf, type OpenFiles, openFiles } from "../tables/open-elsewhere";
import { below, overwrite, type Path, syncFolder } from "../tables/wipe";
import { asideOf, forgetName, inFolder, isThere, ofAside, putAside, putBack } from "./aside";
import {
  type Erased,
  EraseError,
  type Eraser,
  type Listed,
  type Look,
  type NotReached,
  type OnBytes,
  type Sure,
  type Taker,
} from "./eraser";
import { filesBelow, sumLine } from "./file-list";
import type { Intent } from "./journal";
import type { Roots } from "./roots";

const SLASH = 0x2f;

const DONE: Erased = { method: "clear", unreached: ["medium", "names"] };

abstract class Erasing implements Eraser {
  readonly target: string;
  readonly where: { readonly path: string };

  /** @param path where it really is, as far as it is there */
  constructor(
    kind: string,
    protected readonly path: string,
    protected readonly roots: Roots,
  ) {
    this.target = `${kind} ${path}`;
    this.where = { path };
  }

  /** The folder that names of files start from. */
  protected abstract readonly base: string;
  /** @throws EraseError `special` where it is of another kind */
  protected abstract found(): Promise<readonly Buffer[]>;
  protected abstract digestOf(files: readonly Listed[]): string;
  /** Names of files that stand aside. */
  protected abstract asides(): Promise<readonly Buffer[]>;
  /** @returns whether more than the files that were listed is there */
  protected abstract close(): Promise<boolean>;

  async look(onBytes: OnBytes, taker?: Taker): Promise<Look | undefined> {
    if ((await this.roots.admit(this.path)) === undefined) return undefined;
    const files: Listed[] = [];
    let bytes = 0;
    for (const name of await this.found()) {
      const path = below(this.base, name);
      const { digest, size } = await readFile(path, path, onBytes, taker);
      files.push({ name: name.toString("latin1"), digest });
      bytes += size;
    }
    return { digests: [this.digestOf(files)], bytes, files };
  }

  async erase(look: Look, onBytes: OnBytes, sure: Sure): Promise<Erased> {
    if ((await this.roots.admit(this.path)) === undefined) throw new EraseError("changed", this.path);
    try {
      await this.#each(look.files, async (folder, name, { path, digest }) => {
        await putAside(folder, name);
        if ((await readFile(below(folder, asideOf(name)), path, onBytes)).digest !== digest)
          throw new EraseError("changed", path.toString());
      });
    } catch (error) {
      await this.restore();
      throw error;
    }
    await sure();
    return this.#overwrite(look.files, onBytes);
  }

  async resume(intent: Intent, onBytes: OnBytes): Promise<Erased | undefined> {
    await this.roots.admit(this.path);
    const asides = new Set((await this.asides()).map((name) => name.toString("latin1")));
    const away = (intent.files ?? []).filter(({ name }) => !asides.has(name));
    if (asides.size === 0 && away.length > 0) return undefined;
    if (away[0] !== undefined) throw new EraseError("changed", away[0].name);
    return this.#overwrite(intent.files, onBytes);
  }

  async restore(): Promise<void> {
    await this.roots.admit(this.path);
    const files = (await this.asides()).map((name) => ({ name: name.toString("latin1"), digest: "" }));
    await this.#each(files, putBack);
  }

  async remove(intent: Intent): Promise<readonly NotReached[]> {
    await this.roots.admit(this.path);
    const left: Listed[] = [];
    for (const file of intent.files ?? []) {
      const path = this.#pathOf(file);
      const at = path.lastIndexOf(SLASH);
      if (await isThere(below(path.subarray(0, at), asideOf(path.subarray(at + 1))))) left.push(file);
    }
    await this.#each(
      left,
      async (folder, name, { path }) => {
        const aside = below(folder, asideOf(name));
        // While it is aside the journal knows its name.
        await forgetName(folder, name);
        await unlink(aside);
        if (await isThere(aside)) throw new EraseError("remains", path.toString());
      },
      syncFolder,
    );
    return (await this.close()) ? ["others"] : [];
  }

  async #overwrite(files: readonly Listed[] | undefined, onBytes: OnBytes): Promise<Erased> {
    await this.#each(files, async (folder, name) => overwrite(below(folder, asideOf(name)), onBytes));
    return DONE;
  }

  #pathOf({ name }: Listed): Buffer {
    return below(this.base, Buffer.from(name, "latin1"));
  }

  /** Folder by folder. @param after done with each folder then. @throws EraseError `changed` where one is not there */
  async #each(
    files: readonly Listed[] = [],
    work: (folder: Buffer, name: Buffer, file: { readonly path: Buffer; readonly digest: string }) => Promise<void>,
    after: (folder: Buffer) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const folders = new Map<string, { readonly path: Buffer; readonly digest: string }[]>();
    for (const file of files) {
      const path = this.#pathOf(file);
      const folder = path.subarray(0, path.lastIndexOf(SLASH)).toString("latin1");
      const own = folders.get(folder) ?? [];
      own.push({ path, digest: file.digest });
      folders.set(folder, own);
    }
    for (const [folder, own] of folders)
      await inFolder(Buffer.from(folder, "latin1"), async (at) => {
        for (const one of own) await work(at, one.path.subarray(one.path.lastIndexOf(SLASH) + 1), one);
        await after(at);
      });
  }
}

export class FileEraser extends Erasing {
  protected readonly base: string;

  constructor(path: string, roots: Roots) {
    super("file", path, roots);
    this.base = dirname(path);
  }

  protected async found(): Promise<readonly Buffer[]> {
    if (!(await lstat(this.path)).isFile()) throw new EraseError("special", this.path);
    return [Buffer.from(basename(this.path))];
  }

  protected digestOf([file]: readonly Listed[]): string {
    return file?.digest ?? "";
  }

  protected async asides(): Promise<readonly Buffer[]> {
    const name = Buffer.from(basename(this.path));
    return (await isThere(below(this.base, asideOf(name)))) ? [name] : [];
  }

  protected close(): Promise<boolean> {
    return isThere(this.path);
  }
}

/**
 * Its digest is that of the list of its files, as `sha256sum` writes it for all of them in the order of their names' bytes:
 * `(cd DIR && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) | sha256sum`.
 */
export class DirectoryEraser extends Erasing {
  protected readonly base: string;

  constructor(path: string, roots: Roots) {
    super("directory", path, roots);
    this.base = path;
  }

  protected async found(): Promise<readonly Buffer[]> {
    if (!(await lstat(this.path)).isDirectory()) throw new EraseError("special", this.path);
    return (await filesBelow(this.path)).map(({ name }) => name.subarray("./".length));
  }

  protected digestOf(files: readonly Listed[]): string {
    const list = createHash("sha256");
    for (const { name, digest } of files) list.update(sumLine(digest, Buffer.from(`./${name}`, "latin1")));
    return list.digest("hex");
  }

  protected async asides(): Promise<readonly Buffer[]> {
    if (!(await isThere(this.path))) return [];
    const names: Buffer[] = [];
    for (const { path, name } of await filesBelow(this.path)) {
      const [at, own] = [path.lastIndexOf(SLASH) + 1, name.lastIndexOf(SLASH) + 1];
      const was = await ofAside(path.subarray(0, at), path.subarray(at));
      if (was !== undefined) names.push(Buffer.concat([name.subarray("./".length, own), was]));
    }
    return names;
  }

  protected async close(): Promise<boolean> {
    return isThere(this.path).then((is) => is && removeEmpty(this.path));
  }
}

/** An empty folder has nothing of anybody's. @returns whether it is still there */
async function removeEmpty(folder: Path): Promise<boolean> {
  for (const entry of await readdir(folder, { withFileTypes: true, encoding: "buffer" }))
    if (entry.isDirectory()) await removeEmpty(below(folder, entry.name));
  return rmdir(folder).then(
    () => false,
    () => true,
  );
}

/** @param path by which it is known. @throws EraseError `special`, `linked`, `in-use` */
async function readFile(
  file: Path,
  path: Path,
  onBytes: OnBytes,
  taker?: Taker,
): Promise<{ readonly digest: string; readonly size: number }> {
  // Not to wait for who writes into a pipe.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const is = await handle.stat();
    if (!is.isFile()) throw new EraseError("special", path.toString());
    if (is.nlink > 1) throw new EraseError("linked", path.toString());
    await demandFree(identityOf(is), path);
    const hash = createHash("sha256");
    for await (const block of handle.createReadStream({ highWaterMark: 1024 * 1024, autoClose: false })) {
      hash.update(block as Buffer);
      taker?.write(block as Buffer);
      onBytes((block as Buffer).length);
    }
    taker?.endFile?.();
    return { digest: hash.digest("hex"), size: is.size };
  } finally {
    await handle.close();
  }
}

/** Looking through all processes costs more than erasing a small file: what was seen holds for so many milliseconds. */
const SEEN_MS = 1000;
let seen: { readonly at: number; readonly files: Promise<OpenFiles> } | undefined;

async function demandFree(identity: string, file: Path): Promise<void> {
  const isOpen = async (ms: number): Promise<boolean> => {
    if (seen === undefined || performance.now() - seen.at > ms) seen = { at: performance.now(), files: openFiles() };
    return (await seen.files).has(identity);
  };
  // It may have been closed since, and numbers of files are used again.
  if ((await isOpen(SEEN_MS)) && (await isOpen(0))) throw new EraseError("in-use", file.toString());
}
