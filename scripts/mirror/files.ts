/**
 * The copy of one journal, as any file server can serve it: `checkpoint`, `tile/<level>/<number>`, `tile/entries/<number>` (C2SP tlog-tiles), and `head`, which adds
 * the ledger's word. Files are there whole or not at all; what is not reached by `head` does not count.
 */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { nodesFromTiles, type Tile, tileOf, tilePath, TILE_WIDTH } from "../../chaincode/proof/tile";
import { CompactRange } from "../../chaincode/proof/compact-range";
import { toHex } from "../../chaincode/proof/bytes";
import { writeDurably } from "../../gateway/durable-file";
import { type HeadFile, parseHeadFile } from "../../gateway/evidence/journal-export";

export class MirrorFiles {
  /** @param directory of this journal alone */
  constructor(readonly directory: string) {}

  /** What has been copied and verified; undefined where there is nothing yet. @throws EvidenceError `stream-malformed` */
  async head(): Promise<HeadFile | undefined> {
    const text = await this.#text("head");
    return text === undefined ? undefined : parseHeadFile(text);
  }

  /** The checkpoint with the cosignatures that it bears here. */
  checkpoint(): Promise<string | undefined> {
    return this.#text("checkpoint");
  }

  /**
   * The tree of the first so many leaves, by the hash tiles that are here.
   * @param whole leaves of the copy
   * @throws RangeError, Error where one is missing or cut
   */
  range(whole: number, size = whole): CompactRange {
    const node = nodesFromTiles(whole, (tile) => readFileSync(this.#path(tile)));
    const peaks: string[] = [];
    let before = 0;
    for (let level = Math.floor(Math.log2(Math.max(size, 1))); level >= 0; level--) {
      const width = 2 ** level;
      if (Math.floor(size / width) % 2 === 0) continue;
      peaks.push(toHex(node(level, before / width)));
      before += width;
    }
    const range = CompactRange.from({ size, peaks });
    if (range === undefined) throw new RangeError("a tile is missing or cut");
    return range;
  }

  /** @returns undefined where it is not here */
  async tile(tile: Tile): Promise<Buffer | undefined> {
    return existsSync(this.#path(tile)) ? readFile(this.#path(tile)) : undefined;
  }

  async writeTile(tile: Tile, bytes: Uint8Array): Promise<void> {
    await this.#write(tilePath(tile), bytes);
  }

  async removeTile(tile: Tile): Promise<void> {
    await rm(this.#path(tile), { force: true });
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
  async keepContradiction(head: string, size: number): Promise<string> {
    const name = `contradiction-${size}.head`;
    await this.#write(name, head);
    return join(this.directory, name);
  }

  async #write(name: string, content: string | Uint8Array): Promise<void> {
    const file = join(this.directory, name);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeDurably(file, content);
  }

  async #text(name: string): Promise<string | undefined> {
    const file = join(this.directory, name);
    return existsSync(file) ? readFile(file, "utf8") : undefined;
  }

  #path(tile: Tile): string {
    return join(this.directory, tilePath(tile));
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
