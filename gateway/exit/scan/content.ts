/** Looks through content and everything in it. Nothing is written, whatever names the entries of an archive have. */
import { readSync } from "node:fs";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { createGunzip, createInflate } from "node:zlib";
import { extract } from "tar-stream";
import type { ZipFile } from "yauzl";
import { BLOCK, type Blocks, blocksOf, drain, Edge, gather, peek, readBlocks, skip, Untaken, untilDestroyed } from "./blocks";
import { Buffers } from "./buffers";
import { containerOf, displacedOf, EDGE_BYTES, endsAsTable, HEAD_BYTES, isSheet, type Kind } from "./containers";
import { JUDGED, LISTED_OF_ONE, type Piece, printable, reasonOf, Tally, type Unread } from "./looked";
import { isCopy, type Match } from "./match";
import { Matcher } from "./matcher";
import type { Quarry } from "./quarry";
import { type Bytes, entriesOf, Extent, hasContent, inFile, inMemory, lastZip, opened, type Place } from "./zip";

/** Bounds against archives made to exhaust who reads them. */
export const BOUNDS = {
  /** Archives within archives. */
  depth: 8,
  /** Bytes that come out of one file: so many, and so many times its size. */
  expanded: 256 * 1024 * 1024,
  ratio: 200,
  /** Of a zip within another archive, which is kept in memory, since its directory stands at its end. */
  zip: 64 * 1024 * 1024,
  /** Zips one behind the other. */
  zips: 64,
} as const;

const fileBlocks = new Buffers(BLOCK);

class TooMuch extends Error {}

/** Why what looks so is not read. */
const NOT_READ: Readonly<Partial<Record<Kind, Unread>>> = {
  ...{ closed: "compression-unknown", encrypted: "encrypted", rows: "rows-not-read", sqlite: "rows-not-read" },
};

const holdingsIn = ({ matches, within = [] }: Piece): readonly string[] => [
  ...matches.map(({ holding }) => holding),
  ...within.flatMap(holdingsIn),
];

/** Of one file, or of what is in the tables of one store: what is found in it and in what is in that. */
export class Look {
  readonly tally = new Tally(JUDGED, LISTED_OF_ONE);
  /** Bytes that may still come out of the file. */
  #room = 0;

  /** @param onBytes told of a file's own bytes */
  constructor(
    private readonly quarry: Quarry,
    private readonly onBytes: (bytes: number) => void = () => undefined,
  ) {}

  /** @param isOfDatabase it is read as a part of one. @returns whether it is a database itself, which is read elsewhere */
  async file(file: number, name: string, size: number, isOfDatabase = false): Promise<boolean> {
    this.#room = BOUNDS.expanded + BOUNDS.ratio * size;
    const block = fileBlocks.take();
    try {
      return await this.#file(file, name, size, isOfDatabase, block);
    } finally {
      fileBlocks.give(block);
    }
  }

  /** @param block for the beginning, or for all of it */
  async #file(file: number, name: string, size: number, isOfDatabase: boolean, block: Buffer): Promise<boolean> {
    const head = block.subarray(0, readSync(file, block, 0, size > BLOCK ? EDGE_BYTES : size, 0));
    const isAll = head.length === size;
    const bytes = isAll ? inMemory(head) : inFile(file, size);
    const kind = containerOf(head);
    const displaced = kind === undefined ? displacedOf(head)?.kind : undefined;
    // What an archive is unpacked from may be read later than the next block.
    if ([kind, displaced].some((it) => it === "gzip" || it === "zlib" || it === "tar")) {
      await this.#content(name, this.#read(file, size, true), 0, size);
      return false;
    }
    if (kind !== "sqlite" && !isOfDatabase) this.#missBy(name, kind ?? displaced, isAll ? head : bytes.read(size - 8, 8));
    const before = this.tally.found.length;
    const own = this.#whole(isAll ? [head] : readBlocks(file, size), name, size);
    await this.#zips(name, bytes, kind === "zip", 0);
    this.#tell(name, own, before);
    return kind === "sqlite";
  }

  /** What stands in a cell of a table. @returns whether it is an archive, or something else that is known */
  async cell(name: string, content: Buffer): Promise<boolean> {
    if (containerOf(content) === undefined) return false;
    this.#room = BOUNDS.expanded + BOUNDS.ratio * content.length;
    await this.#content(name, blocksOf([content]), 0, content.length);
    return true;
  }

  /** Content that is in no file. */
  async object(name: string, blocks: Blocks): Promise<void> {
    this.#room = BOUNDS.expanded;
    await this.#content(name, blocks, 0);
  }

  /** All of a file's own bytes; what was found before an error is told too. */
  #whole(blocks: Iterable<Buffer>, name: string, size: number): readonly Match[] {
    const matcher = this.#matcher(size);
    try {
      for (const block of blocks) {
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
    const own = containerOf(head);
    const { kind, at } = own === undefined ? (displacedOf(head) ?? { kind: own, at: 0 }) : { kind: own, at: 0 };
    const before = this.tally.found.length;
    const [matcher, edge] = [this.#matcher(length), new Edge(EDGE_BYTES)];
    const seen = this.#through(matcher, edge, all);
    if (kind === "gzip" || kind === "zlib" || kind === "tar" || kind === "zip")
      await this.#within(name, depth, async () => {
        if (kind === "gzip" || kind === "zlib") await this.#unzipped(skip(seen, at), name, kind, depth);
        else if (kind === "tar") await this.#tar(skip(seen, at), name, depth);
        else {
          const bytes = await gather(seen, BOUNDS.zip);
          if (bytes === undefined) this.tally.miss(name, "archive-too-large");
          else await this.#zips(name, inMemory(bytes), true, depth);
        }
      });
    // However unpacking ended, the archive itself is looked at to its end.
    await drain(seen);
    this.#missBy(name, kind, edge.bytes);
    const isUnpacked = kind !== undefined && NOT_READ[kind] === undefined;
    if (!isUnpacked && lastZip(inMemory(edge.bytes), edge.bytes.length, edge.at) !== undefined) this.tally.miss(name, "archive-displaced");
    this.#tell(name, matcher.end(), before);
  }

  async #unzipped(blocks: Blocks, name: string, kind: "gzip" | "zlib", depth: number): Promise<void> {
    const unpack = (kind === "gzip" ? createGunzip : createInflate)({ chunkSize: 256 * 1024 });
    const untaken = new Untaken(() => unpack.bytesWritten);
    await this.#fed(untaken.through(blocks), unpack, async () => {
      await this.#content(`${name}!`, this.#counted(unpack), depth + 1);
      unpack.destroy();
    });
    // What fills up behind it is zero.
    let isMore = untaken.rest.some((byte) => byte !== 0);
    for await (const block of blocks) isMore ||= block.some((byte) => byte !== 0);
    if (isMore) this.tally.miss(name, "archive-displaced");
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

  /** One behind the other, each with something before it or not. @param isZip what there is begins as one */
  async #zips(name: string, bytes: Bytes, isZip: boolean, depth: number): Promise<void> {
    let before = bytes.size;
    for (let count = 0; before > 0; count++) {
      const place: Place | undefined = count < BOUNDS.zips ? lastZip(bytes, before) : undefined;
      if (place === undefined) {
        if (isZip) this.tally.miss(name, count === 0 ? "damaged" : "archive-displaced");
        return;
      }
      let isAll = !hasContent(bytes, place.end, before);
      before = 0;
      await this.#within(name, depth, async () => {
        const zip = await bytes.open(place.start, place.end);
        const extent = await this.#zip(zip, name, depth);
        before = extent.startIn(place);
        isAll &&= !extent.hasGap(bytes, place);
      });
      if (!isAll) this.tally.miss(name, "archive-displaced");
    }
  }

  async #zip(zip: ZipFile, name: string, depth: number): Promise<Extent> {
    const extent = new Extent();
    for await (const entry of entriesOf(zip)) {
      extent.add(entry);
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
    return extent;
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

  #missBy(name: string, kind: Kind | undefined, tail: Buffer): void {
    const reason = kind === undefined && endsAsTable(tail) ? "rows-not-read" : kind && NOT_READ[kind];
    if (reason !== undefined) this.tally.miss(name, reason);
  }

  #matcher(length: number | undefined): Matcher {
    this.tally.objects++;
    return new Matcher(this.quarry, length);
  }

  async *#through(matcher: Matcher, edge: Edge, blocks: Blocks): AsyncGenerator<Buffer, void> {
    for await (const block of blocks) {
      this.tally.bytes += block.length;
      matcher.write(block);
      edge.add(block);
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
    const within = new Set(this.tally.found.slice(before).flatMap(holdingsIn));
    this.tally.tell(
      object,
      matches.filter(({ how, holding }) => isCopy(how) || !within.has(holding)),
      before,
    );
  }
}
