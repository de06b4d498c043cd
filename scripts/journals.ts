/** Journals as whoever copies them reads them: heads, tiles, and proofs that are made of tiles. Nothing of it is verified here. */
import { isJournalName } from "../chaincode/proof/holding-name";
import { consistencyPath, rootOf } from "../chaincode/proof/rfc6962";
import { HASH_BYTES, type Hash } from "../chaincode/proof/sha256";
import { decodeBundle, MAX_ENTRY_BYTES, type Tile, tilePath, TILE_WIDTH } from "../chaincode/proof/tile";
import { MAX_LINE } from "../gateway/evidence/event-stream";
import { Failure } from "./failure";
import { withNodes } from "./journals/nodes";
import type { Source } from "./journals/source";

/** That an earlier tree is in a later one. */
export interface Consistency {
  /** Of the earlier tree. */
  readonly root: Hash;
  /** RFC 6962, 2.1.2. */
  readonly path: readonly Hash[];
}

export class Journals {
  constructor(private readonly source: Source) {}

  /** Names of all of them. @throws Failure `source-wrong` */
  async names(): Promise<readonly string[]> {
    const names = namesIn(await this.#text(undefined, "journals"));
    if (names === undefined) throw this.wrong("journals");
    return names;
  }

  /** The newest head, as a file's content. */
  head(journal: string): Promise<string> {
    return this.#text(journal, "head");
  }

  /** How far the ledger says that the journal reaches, as a file's content; undefined where nobody can be asked, as of a copy. */
  async latest(journal: string): Promise<Uint8Array | undefined> {
    return this.source.read(journal, "latest", MAX_LINE).catch((error: unknown) => {
      if (isLacking(error)) return undefined;
      throw error;
    });
  }

  /** @returns undefined for what is no bundle of that width. @throws Failure `not-found` where the token does not show everything */
  async leaves(journal: string, tile: Tile): Promise<readonly Uint8Array[] | undefined> {
    const read = async (width: number): Promise<readonly Uint8Array[] | undefined> => {
      const bytes = await this.source.read(journal, tilePath({ ...tile, level: "entries", width }), width * (2 + MAX_ENTRY_BYTES));
      return decodeBundle(bytes, width)?.slice(0, tile.width);
    };
    return orWhole(tile, read);
  }

  /** @throws Failure `source-wrong` where its tiles are cut */
  async consistency(journal: string, from: number, to: number): Promise<Consistency> {
    const fetch = (tile: Tile): Promise<Uint8Array> =>
      orWhole(tile, async (width) =>
        (await this.source.read(journal, tilePath({ ...tile, width }), width * HASH_BYTES)).subarray(0, tile.width * HASH_BYTES),
      );
    try {
      return await withNodes(to, fetch, (nodes) => ({ root: rootOf(from, nodes), path: consistencyPath(from, to, nodes) }));
    } catch (error) {
      if (error instanceof RangeError) throw this.wrong(`${journal}/tile`);
      throw error;
    }
  }

  /** It holds what cannot be. */
  wrong(file: string): Failure {
    return new Failure("source-wrong", { place: this.source.place, file });
  }

  async #text(journal: string | undefined, file: string): Promise<string> {
    return Buffer.from(await this.source.read(journal, file, MAX_LINE)).toString("utf8");
  }
}

/** A partial tile may be gone once the whole one is there. */
async function orWhole<T>({ width }: Tile, read: (width: number) => Promise<T>): Promise<T> {
  try {
    return await read(width);
  } catch (error) {
    if (!isLacking(error) || width === TILE_WIDTH) throw error;
    return read(TILE_WIDTH).catch((whole: unknown) => {
      throw isLacking(whole) ? error : whole;
    });
  }
}

const isLacking = (error: unknown): boolean => error instanceof Failure && (error.code === "not-found" || error.code === "source-lacks");

/** A list as a gateway gives it and a copy keeps it. */
function namesIn(text: string): readonly string[] | undefined {
  try {
    const { journals } = JSON.parse(text) as { readonly journals: readonly { readonly journal: string }[] };
    const names = journals.map(({ journal }) => journal);
    return names.every((name) => typeof name === "string" && isJournalName(name)) ? [...new Set(names)] : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
