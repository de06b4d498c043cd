/** Looks through content and everything in it. Nothing is written, whatever names the entries of an archive have. */
import { readSync } from "node:fs";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { createGunzip, createInflate } from "node:zlib";
import { extract } from "tar-stream";
import { type Entry, fromBuffer, fromFd, type ZipFile } from "yauzl";
import { type Blocks, drain, gather, peek, readBlocks, untilDestroyed } from "./blocks";
import { containerOf, HEAD_BYTES, isSheet } from "./containers";
import { printable, reasonOf, Tally } from "./looked";
import { type Match, Matcher } from "./matcher";
import type { Quarry } from "./quarry";

/** Bounds against archives made to exhaust who reads them. */
export const BOUNDS = {
  /** Archives within archives. */
  depth: 8,
  /** Bytes that come out of one file: so many, and so many times its size. */
  expanded: 256 * 1024 * 1024,
  ratio: 200,
  /** Of a zip within another archive, which is kept in memory, since its directory stands at its end. */
  zip: 64 * 1024 * 1024,
  /** Objects that are listed of one file. */
  listed: 1000,
} as const;

class TooMuch extends Error {}

/** Of one file: what is found in it and in what is in that. */
export class Look {
  readonly tally = new Tally(BOUNDS.listed);
  /** Bytes that may still come out of the file. */
  #room = 0;

  constructor(
    private readonly quarry: Quarry,
    private readonly onBytes: (bytes: number) => void,
  ) {}

  async file(file: number, name: string, size: number): Promise<ReturnType<typeof containerOf>> {
    this.#room = BOUNDS.expanded + BOUNDS.ratio * size;
    const head = Buffer.alloc(HEAD_BYTES);
    const kind = containerOf(head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0)));
    // What an archive is unpacked from may be read later than the next block.
    if (kind === "gzip" || kind === "zlib" || kind === "tar") {
      await this.#content(name, this.#read(file, size, true), 0, size);
      return kind;
    }
    this.#missClosed(name, kind);
    const before = this.tally.found.length;
    const own = this.#whole(file, name, size);
    if (kind === "zip")
      await this.#within(name, 0, async () => {
        const zip = await opened<ZipFile>((done) => fromFd(file, { autoClose: false, lazyEntries: true, decodeStrings: false }, done));
        await this.#zip(zip, name, 0);
      });
    this.#tell(name, own, before);
    return kind;
  }

  /** All of a file's own bytes; what was found before an error is told too. */
  #whole(file: number, name: string, size: number): readonly Match[] {
    const matcher = this.#matcher(size);
    try {
      for (const block of readBlocks(file, size)) {
        matcher.write(block);
        this.tally.bytes += block.length;
        this.onBytes(block.length);
      }
    } catch (error) {
      this.tally.miss(name, reasonOf(error));
    }
    return matcher.end();
  }

  async *#read(file: number, size: number, fresh: boolean): AsyncGenerator<Buffer, void> {
    for (const block of readBlocks(file, size, fresh)) {
      yield block;
      this.onBytes(block.length);
      await Promise.resolve();
    }
  }

  /** @param length where it is known */
  async #content(name: string, blocks: Blocks, depth: number, length?: number): Promise<void> {
    const { head, all } = await peek(blocks, HEAD_BYTES);
    const kind = containerOf(head);
    const before = this.tally.found.length;
    this.#missClosed(name, kind);
    if (kind === "sqlite") this.tally.miss(name, "rows-not-read");
    const matcher = this.#matcher(length);
    const seen = this.#through(matcher, all);
    if (kind === "gzip" || kind === "zlib" || kind === "tar" || kind === "zip")
      await this.#within(name, depth, async () => {
        if (kind === "gzip" || kind === "zlib") {
          const unpack = (kind === "gzip" ? createGunzip : createInflate)({ chunkSize: 256 * 1024 });
          await this.#fed(seen, unpack, () => this.#content(`${name}!`, this.#counted(unpack), depth + 1));
        } else if (kind === "tar") await this.#tar(seen, name, depth);
        else {
          const bytes = await gather(seen, BOUNDS.zip);
          if (bytes === undefined) {
            this.tally.miss(name, "archive-too-large");
            return;
          }
          const zip = await opened<ZipFile>((done) => fromBuffer(bytes, { lazyEntries: true, decodeStrings: false }, done));
          await this.#zip(zip, name, depth);
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
        if (entry.header.type === "file" || entry.header.size > 0) {
          const object = `${name}!/${printable(entry.header.name)}`;
          await this.#content(object, this.#counted(entry as unknown as Blocks), depth + 1, entry.header.size);
        }
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
      const inner = entry.fileNameRaw.toString("utf8");
      const object = `${name}!/${printable(inner)}`;
      if (entry.fileNameRaw.at(-1) === 0x2f && entry.uncompressedSize === 0) continue;
      if (isSheet(inner) && this.quarry.hasRows) this.tally.miss(object, "rows-not-read");
      if (entry.isEncrypted()) this.tally.miss(object, "encrypted");
      else if (!entry.canDecodeFileData()) this.tally.miss(object, "compression-unknown");
      else
        await this.#within(object, 0, async () => {
          const stream = await opened<Readable>((done) => zip.openReadStream(entry, done));
          await this.#content(object, this.#counted(stream as Blocks), depth + 1, entry.uncompressedSize);
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
    const fed = feed().catch((error: unknown) => {
      into.destroy();
      throw error;
    });
    fed.catch(() => undefined);
    try {
      await look();
    } catch (error) {
      into.destroy();
      await fed;
      throw error;
    }
    await fed;
  }

  /** What goes wrong in an archive ends that archive alone, and is told. */
  async #within(object: string, depth: number, work: () => Promise<void>): Promise<void> {
    if (depth >= BOUNDS.depth) {
      this.tally.miss(object, "too-deep");
      return;
    }
    try {
      await work();
    } catch (error) {
      this.tally.miss(object, error instanceof TooMuch ? "expands-too-much" : "damaged");
    }
  }

  #missClosed(name: string, kind: ReturnType<typeof containerOf>): void {
    if (kind === "closed") this.tally.miss(name, "compression-unknown");
    if (kind === "encrypted") this.tally.miss(name, "encrypted");
  }

  #matcher(length: number | undefined): Matcher {
    this.tally.objects++;
    return new Matcher(this.quarry, length);
  }

  async *#through(matcher: Matcher, blocks: Blocks): AsyncGenerator<Buffer, void> {
    for await (const block of blocks) {
      this.tally.bytes += block.length;
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
    const within = new Set(this.tally.found.slice(before).map(({ holding }) => holding));
    this.tally.tell(
      object,
      matches.filter(({ how, holding }) => how === "whole" || !within.has(holding)),
    );
  }
}

const opened = <T>(open: (done: (error: Error | null, it: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => open((error, it) => (error === null ? resolve(it) : reject(error))));
