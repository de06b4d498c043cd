/** Looks through one file and everything in it. Nothing is written, whatever names the entries of an archive have. */
import { type FileHandle, open } from "node:fs/promises";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { type Entry, fromBuffer, fromFd, type ZipFile } from "yauzl";
import { containerOf, HEAD_BYTES } from "./containers";
import { type Match, Matcher, type Quarry } from "./matcher";

/** Why something was not read. `symlink`, `special`: there is nothing in it to read. */
export type Unread =
  | "permission"
  | "unreadable"
  | "encrypted"
  | "compression-unknown"
  | "damaged"
  | "too-deep"
  | "expands-too-much"
  | "archive-too-large"
  | "rows-not-read"
  | "symlink"
  | "special"
  | "own-state";

export interface Looked {
  /** Pieces of content: the file, and what is in it. */
  readonly objects: number;
  readonly bytes: number;
  readonly found: readonly (Match & { readonly object: string })[];
  readonly unread: readonly { readonly object: string; readonly reason: Unread }[];
}

/** Bounds against archives made to exhaust who reads them. */
export const BOUNDS = {
  /** Archives within archives. */
  depth: 8,
  /** Bytes that come out of one file: so many, and so many times its size. */
  expanded: 256 * 1024 * 1024,
  ratio: 200,
  /** Of a zip within another archive, which is kept in memory, since its directory stands at its end. */
  zip: 64 * 1024 * 1024,
} as const;

const BLOCK = 1024 * 1024;

type Blocks = AsyncIterable<Buffer>;

class TooMuch extends Error {}

/** @param path as the file system has it. @param name as it is told. @param onBytes told of the file's own bytes as they are read */
export async function lookThrough(
  path: Buffer,
  name: string,
  quarry: Quarry,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<Looked> {
  const look = new Look(quarry);
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    const { size } = await file.stat();
    await look.file(file, name, size, onBytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    look.unread.push({ object: name, reason: code === "EACCES" || code === "EPERM" ? "permission" : "unreadable" });
  } finally {
    await file?.close();
  }
  return look;
}

class Look implements Looked {
  objects = 0;
  bytes = 0;
  readonly found: (Match & { object: string })[] = [];
  readonly unread: { object: string; reason: Unread }[] = [];
  /** Bytes that may still come out of the file. */
  #room = 0;

  constructor(private readonly quarry: Quarry) {}

  async file(file: FileHandle, name: string, size: number, onBytes: (bytes: number) => void): Promise<void> {
    this.#room = BOUNDS.expanded + BOUNDS.ratio * size;
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
    const kind = containerOf(head.subarray(0, bytesRead));
    // What an archive is unpacked from may be read later than the next block: it gets memory of its own.
    const blocks = readBlocks(file, size, kind === "gzip" || kind === "tar", onBytes);
    if (kind !== "zip") return this.#content(name, blocks, 0);
    const before = this.found.length;
    const own = await this.#match(name, blocks);
    await this.#within(name, 0, async () => {
      const zip = await opened<ZipFile>((done) => fromFd(file.fd, { autoClose: false, lazyEntries: true, decodeStrings: false }, done));
      await this.#zip(zip, name, 0);
    });
    this.#tell(name, own, before);
  }

  async #content(name: string, blocks: Blocks, depth: number): Promise<void> {
    const { head, all } = await peek(blocks);
    const kind = containerOf(head);
    const before = this.found.length;
    if (kind === "closed") this.unread.push({ object: name, reason: "compression-unknown" });
    if (kind === "sqlite") this.unread.push({ object: name, reason: "rows-not-read" });
    if (kind !== "gzip" && kind !== "tar" && kind !== "zip") {
      this.#tell(name, await this.#match(name, all), before);
      return;
    }
    this.objects++;
    const matcher = new Matcher(this.quarry);
    const seen = this.#through(matcher, all);
    await this.#within(name, depth, async () => {
      if (kind === "gzip") {
        const gunzip = createGunzip({ chunkSize: 256 * 1024 });
        await this.#fed(seen, gunzip, () => this.#content(`${name}!`, this.#counted(gunzip), depth + 1));
      } else if (kind === "tar") await this.#tar(seen, name, depth);
      else {
        const bytes = await gather(seen, BOUNDS.zip);
        if (bytes === undefined) this.unread.push({ object: name, reason: "archive-too-large" });
        else
          await this.#zip(
            await opened<ZipFile>((done) => fromBuffer(bytes, { lazyEntries: true, decodeStrings: false }, done)),
            name,
            depth,
          );
      }
    });
    // However unpacking ended, the archive itself is looked at to its end.
    await drain(seen);
    this.#tell(name, matcher.end(), before);
  }

  async #tar(blocks: Blocks, name: string, depth: number): Promise<void> {
    const tar = extract();
    await this.#fed(blocks, tar as unknown as Writable, async () => {
      for await (const entry of tar) {
        if (entry.header.type === "file" || entry.header.type === "contiguous-file")
          await this.#content(`${name}!/${printable(entry.header.name)}`, this.#counted(entry as unknown as Blocks), depth + 1);
        entry.resume();
      }
    });
  }

  async #zip(zip: ZipFile, name: string, depth: number): Promise<void> {
    const end = once(zip, "end").then(() => undefined);
    end.catch(() => undefined);
    for (;;) {
      const next = Promise.race([once(zip, "entry") as Promise<[Entry]>, end]);
      zip.readEntry();
      const [entry] = (await next) ?? [];
      if (entry === undefined) return;
      const object = `${name}!/${printable(entry.fileNameRaw.toString("utf8"))}`;
      if (entry.fileNameRaw.at(-1) === 0x2f && entry.uncompressedSize === 0) continue;
      if (entry.isEncrypted()) this.unread.push({ object, reason: "encrypted" });
      else if (!entry.canDecodeFileData()) this.unread.push({ object, reason: "compression-unknown" });
      else
        await this.#within(object, 0, async () => {
          const stream = await opened<Readable>((done) => zip.openReadStream(entry, done));
          await this.#content(object, this.#counted(stream as Blocks), depth + 1);
        });
    }
  }

  /** Feeds what unpacks while what comes out is looked at. */
  async #fed(blocks: Blocks, into: Writable, look: () => Promise<void>): Promise<void> {
    const gone = new Promise<void>((resolve) => into.once("close", resolve));
    into.on("error", () => undefined);
    const feed = async (): Promise<void> => {
      for await (const block of untilDestroyed(blocks, into))
        if (!into.write(block)) await Promise.race([once(into, "drain").catch(() => undefined), gone]);
      if (!into.destroyed) into.end();
    };
    const fed = feed();
    try {
      await look();
    } catch (error) {
      into.destroy();
      throw error;
    } finally {
      await fed;
    }
  }

  /** What goes wrong in an archive ends that archive alone, and is told. */
  async #within(object: string, depth: number, work: () => Promise<void>): Promise<void> {
    if (depth >= BOUNDS.depth) {
      this.unread.push({ object, reason: "too-deep" });
      return;
    }
    try {
      await work();
    } catch (error) {
      this.unread.push({ object, reason: error instanceof TooMuch ? "expands-too-much" : "damaged" });
    }
  }

  async #match(_: string, blocks: Blocks): Promise<readonly Match[]> {
    this.objects++;
    const matcher = new Matcher(this.quarry);
    await drain(this.#through(matcher, blocks));
    return matcher.end();
  }

  async *#through(matcher: Matcher, blocks: Blocks): AsyncGenerator<Buffer, void> {
    for await (const block of blocks) {
      this.bytes += block.length;
      matcher.write(block);
      yield block;
    }
  }

  async *#counted(blocks: Blocks): AsyncGenerator<Buffer, void> {
    for await (const block of blocks) {
      if ((this.#room -= block.length) < 0) throw new TooMuch();
      yield block;
    }
  }

  /** What was found within an archive is not told of the archive again. */
  #tell(object: string, matches: readonly Match[], before: number): void {
    const within = new Set(this.found.slice(before).map(({ holding }) => holding));
    for (const match of matches) if (match.how === "whole" || !within.has(match.holding)) this.found.push({ object, ...match });
  }
}

async function* readBlocks(file: FileHandle, size: number, fresh: boolean, onBytes: (bytes: number) => void): AsyncGenerator<Buffer, void> {
  const length = Math.max(1, Math.min(BLOCK, size));
  let block = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < size;) {
    const { bytesRead } = await file.read(block, 0, length, at);
    if (bytesRead === 0) return;
    yield block.subarray(0, bytesRead);
    if (fresh) block = Buffer.allocUnsafeSlow(length);
    at += bytesRead;
    onBytes(bytesRead);
  }
}

/** The beginning, and all of it. */
async function peek(blocks: Blocks): Promise<{ readonly head: Buffer; readonly all: Blocks }> {
  const source = blocks[Symbol.asyncIterator]();
  const first = await source.next();
  let head = first.done === true ? Buffer.alloc(0) : first.value;
  while (head.length < HEAD_BYTES) {
    const next = await source.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  async function* all(): AsyncGenerator<Buffer, void> {
    if (head.length > 0) yield head;
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
  }
  return { head, all: all() };
}

/** Takes blocks by hand, since leaving a loop would close the generator of which the rest is still wanted. */
async function* untilDestroyed(blocks: Blocks, into: Writable): AsyncGenerator<Buffer, void> {
  const source = blocks[Symbol.asyncIterator]();
  for (let next = await source.next(); next.done !== true; next = await source.next()) {
    if (into.destroyed) return;
    yield next.value;
  }
}

async function drain(blocks: Blocks): Promise<void> {
  const source = blocks[Symbol.asyncIterator]();
  while ((await source.next()).done !== true);
}

async function gather(blocks: Blocks, most: number): Promise<Buffer | undefined> {
  const kept: Buffer[] = [];
  let length = 0;
  const source = blocks[Symbol.asyncIterator]();
  for (let next = await source.next(); next.done !== true; next = await source.next()) {
    if ((length += next.value.length) > most) return undefined;
    kept.push(next.value);
  }
  return Buffer.concat(kept);
}

const opened = <T>(open: (done: (error: Error | null, it: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => open((error, it) => (error === null ? resolve(it) : reject(error))));

/** A name for people: nothing in it moves a terminal's cursor. */
export const printable = (name: string): string =>
  name.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`);
