/** Erases files and folders: overwritten once with zeros, then removed. */
import { createHash } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { identityOf, type OpenFiles, openFiles } from "../tables/open-elsewhere";
import { below, type Path, syncFolderOf, wipe } from "../tables/wipe";
import { type Erased, EraseError, type Eraser, type Look, type OnBytes } from "./eraser";
import type { Roots } from "./roots";

const DONE: Erased = { method: "clear", unreached: ["medium", "names"] };

export class FileEraser implements Eraser {
  readonly target: string;
  /** As it was looked at. */
  #content: string | undefined;

  constructor(
    private readonly path: string,
    private readonly roots: Roots,
  ) {
    this.target = `file ${path}`;
  }

  async look(onBytes: OnBytes): Promise<Look | undefined> {
    const real = await this.#admitted();
    if (real === undefined) return undefined;
    const [is, digest] = [await lstat(real), await digestOf(real, onBytes)];
    this.#content = contentOf(is);
    return { digests: [digest], bytes: is.size, identity: versionOf(is) };
  }

  async erase(onBytes: OnBytes): Promise<Erased> {
    const real = await this.#admitted();
    if (real === undefined) return DONE;
    if (this.#content !== undefined && contentOf(await lstat(real)) !== this.#content) throw new EraseError("changed", this.path);
    await remove(real, onBytes);
    return DONE;
  }

  async #admitted(): Promise<string | undefined> {
    const real = await this.roots.admit(this.path);
    if (real === undefined) return undefined;
    if (!(await lstat(real)).isFile()) throw new EraseError("special", this.path);
    await demandFree(real);
    return real;
  }
}

/**
 * Its digest is that of the list of its files, as `sha256sum` writes it for all of them in the order of their names' bytes:
 * `(cd DIR && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) | sha256sum`.
 */
export class DirectoryEraser implements Eraser {
  readonly target: string;

  constructor(
    private readonly path: string,
    private readonly roots: Roots,
  ) {
    this.target = `directory ${path}`;
  }

  async look(onBytes: OnBytes): Promise<Look | undefined> {
    const real = await this.#admitted();
    if (real === undefined) return undefined;
    const list = createHash("sha256");
    let bytes = 0;
    for (const { path, name } of await filesBelow(real)) {
      await demandFree(path);
      bytes += (await lstat(path)).size;
      list.update(sumLine(await digestOf(path, onBytes), name));
    }
    return { digests: [list.digest("hex")], bytes, identity: versionOf(await lstat(real)) };
  }

  async erase(onBytes: OnBytes): Promise<Erased> {
    const real = await this.#admitted();
    if (real === undefined) return DONE;
    for (const { path } of await filesBelow(real)) await demandFree(path);
    await remove(real, onBytes);
    return DONE;
  }

  async #admitted(): Promise<string | undefined> {
    const real = await this.roots.admit(this.path);
    if (real !== undefined && !(await lstat(real)).isDirectory()) throw new EraseError("special", this.path);
    return real;
  }
}

/** Numbers of files are used again: when it was made tells one from its successor. */
const versionOf = (is: Stats): string => `${identityOf(is)} ${is.birthtimeMs}`;

/** Which content it has, without reading it. */
const contentOf = (is: Stats): string => `${versionOf(is)} ${is.size} ${is.mtimeMs}`;

export interface Found {
  readonly path: Buffer;
  /** From the folder on: `./a/b` */
  readonly name: Buffer;
}

/** In the order of their names' bytes. Links are no files. */
export async function filesBelow(folder: Path, name: Buffer = Buffer.from(".")): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true, encoding: "buffer" })) {
    const [path, own] = [below(folder, entry.name), below(name, entry.name)];
    if (entry.isDirectory()) for (const it of await filesBelow(path, own)) found.push(it);
    else if (entry.isFile()) found.push({ path, name: own });
  }
  return found.sort((a, b) => a.name.compare(b.name));
}

/** As `sha256sum` writes it. */
export function sumLine(digest: string, name: Buffer): Buffer {
  const text = name.toString("latin1");
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return Buffer.from(`${escaped === text ? "" : "\\"}${digest}  ${escaped}\n`, "latin1");
}

async function digestOf(file: Path, onBytes: OnBytes): Promise<string> {
  const hash = createHash("sha256");
  for await (const block of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
    hash.update(block as Buffer);
    onBytes((block as Buffer).length);
  }
  return hash.digest("hex");
}

/** Looking through all processes costs more than erasing a small file: what was seen holds for so many milliseconds. */
const SEEN_MS = 1000;
let seen: { readonly at: number; readonly files: Promise<OpenFiles> } | undefined;

/** @throws EraseError `linked`, `in-use` */
async function demandFree(file: Path): Promise<void> {
  const is = await lstat(file);
  if (is.nlink > 1) throw new EraseError("linked", file.toString());
  if (seen === undefined || performance.now() - seen.at > SEEN_MS) seen = { at: performance.now(), files: openFiles() };
  if ((await seen.files).has(identityOf(is))) throw new EraseError("in-use", file.toString());
}

async function remove(path: string, onBytes: OnBytes): Promise<void> {
  await wipe(path, onBytes);
  await syncFolderOf(path);
  if ((await lstat(path).catch(() => undefined)) !== undefined) throw new EraseError("remains", path);
}
