/**
 * The copy of one journal, as any file server can serve it: `checkpoint`, `tile/<level>/<number>`, `tile/entries/<number>` (C2SP tlog-tiles), and `head`, which adds
 * the ledger's word. Files are there whole or not at all; what is not reached by `head` does not count.
 */
import { mkdir, open, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { NodeSource } from "../../chaincode/proof/rfc6962";
import { HASH_BYTES } from "../../chaincode/proof/sha256";
import { MAX_ENTRY_BYTES, type Tile, tileOf, tilePath, TILE_WIDTH } from "../../chaincode/proof/tile";
import { writeDurably } from "../../gateway/durable-file";
import { MAX_LINE } from "../../gateway/evidence/event-stream";
import { type HeadFile, parseHeadFile } from "../../gateway/evidence/journal-export";
import { MAX_NOTE } from "../../gateway/evidence/note";
import { Failure, reasonOf } from "../failure";
import { isMissing, readWithin } from "../journals/bounded-file";
import { withNodes } from "../journals/nodes";

/** Under this name a file is written before it takes its place: whatever a crash leaves half done lies here. */
const DRAFT = "writing";

export class MirrorFiles {
  /** @param directory of this journal alone */
  constructor(readonly directory: string) {}

  /** What has been copied and verified; undefined where there is nothing yet. @throws EvidenceError `stream-malformed`; Failure `mirror-damaged` */
  async head(): Promise<HeadFile | undefined> {
    const bytes = await this.#read("head", MAX_LINE);
    return bytes && parseHeadFile(bytes.toString("utf8"));
  }

  /** The checkpoint with the cosignatures that it bears here. @throws Failure `mirror-damaged` */
  async checkpoint(): Promise<string | undefined> {
    return (await this.#read("checkpoint", 4 * MAX_NOTE))?.toString("utf8");
  }

  /** What is made of the nodes of the tree of the copy, by the hash tiles that are here: as good as these are. @throws Failure `mirror-damaged` where one is missing or cut */
  async nodes<T>(size: number, work: (nodes: NodeSource) => T): Promise<T> {
    const hashes = async (tile: Tile): Promise<Uint8Array> => (await this.tile(tile)) ?? new Uint8Array();
    return withNodes(size, hashes, work).catch((error: unknown) => {
      throw error instanceof RangeError ? this.#damaged(error) : error;
    });
  }

  /** @returns undefined where it is not here. @throws Failure `mirror-damaged` where it is longer than any can be */
  async tile(tile: Tile): Promise<Buffer | undefined> {
    return this.#read(tilePath(tile), tile.width * (tile.level === "entries" ? 2 + MAX_ENTRY_BYTES : HASH_BYTES));
  }

  async writeTile(tile: Tile, bytes: Uint8Array): Promise<void> {
    await this.#write(tilePath(tile), bytes);
  }

  async removeTile(tile: Tile): Promise<void> {
    await rm(join(this.directory, tilePath(tile)), { force: true });
  }

  /** Of every size that the tile had before it was whole. */
  async removePartial(tile: Tile): Promise<void> {
    await rm(join(this.directory, `${tilePath({ ...tile, width: TILE_WIDTH })}.p`), { recursive: true, force: true });
  }

  /** From now on this is what has been copied. The checkpoint keeps the cosignatures that it bears, as long as it is the same. */
  async writeHead(head: string): Promise<void> {
    await this.#write("head", head);
    const { checkpoint } = parseHeadFile(head);
    if (checkpoint !== undefined && (await this.checkpoint())?.startsWith(checkpoint) !== true) await this.writeCheckpoint(checkpoint);
  }

  async writeCheckpoint(checkpoint: string): Promise<void> {
    await this.#write("checkpoint", checkpoint);
  }

  /** What contradicts the copy, for whoever is to see both. @returns the file */
  async keepContradiction(name: `${number}.${"head" | "latest" | "proof"}`, content: string | Uint8Array): Promise<string> {
    await this.#write(`contradiction-${name}`, content);
    return join(this.directory, `contradiction-${name}`);
  }

  async #write(name: string, content: string | Uint8Array): Promise<void> {
    const file = join(this.directory, name);
    await makeDirectory(dirname(file));
    await writeDurably(file, content, join(this.directory, DRAFT));
  }

  async #read(name: string, most: number): Promise<Buffer | undefined> {
    const file = join(this.directory, name);
    const bytes = await readWithin(most, file).catch((error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    });
    if (bytes === undefined) throw this.#damaged(new RangeError(`${name} is too long, or no file`));
    return bytes ?? undefined;
  }

  #damaged(cause: Error): Failure {
    return new Failure("mirror-damaged", { directory: this.directory, reason: reasonOf(cause) }, { cause });
  }
}

/** Durably: a file is no more there than the directory that it lies in. */
export async function makeDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = resolve(directory); made.length >= resolve(first).length; made = dirname(made)) {
    const parent = await open(dirname(made), "r");
    try {
      await parent.sync();
    } finally {
      await parent.close();
    }
  }
}

/** The last tiles of a tree, those that a larger tree has otherwise; a level after the other, bundles of entries first. */
export function partialTiles(size: number): readonly Tile[] {
  const tiles: Tile[] = [];
  const add = (level: Tile["level"], nodes: number): void => {
    const tile = tileOf(size, level, Math.floor(nodes / TILE_WIDTH));
    if (tile !== undefined && tile.width < TILE_WIDTH) tiles.push(tile);
  };
  add("entries", size);
  for (let level = 0, nodes = size; nodes > 0; level++, nodes = Math.floor(nodes / TILE_WIDTH)) add(level, nodes);
  return tiles;
}
