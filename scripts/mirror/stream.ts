/** A copy of a journal as a stream of events: what is verified of a whole journal is verified of it, and its other files with it. */
import { sameBytes, toBase64 } from "../../chaincode/proof/bytes";
import { canonicalText } from "../../chaincode/proof/canonical";
import { CompactRange } from "../../chaincode/proof/compact-range";
import { leafHash } from "../../chaincode/proof/rfc6962";
import { decodeBundle, type Tile, TILE_WIDTH, tileOf, tilePath } from "../../chaincode/proof/tile";
import { given } from "../../gateway/evidence/errors";
import type { EventLine } from "../../gateway/evidence/event-stream";
import { JOURNAL_FORMAT, type JournalHeader } from "../../gateway/evidence/journal-export";
import { Failure } from "../failure";
import { before } from "./copy";
import { MirrorFiles } from "./files";
import { type MadeTile, Tiles } from "./tiles";

/**
 * @param directory of one journal
 * @throws EvidenceError `stream-malformed`; Failure `mirror-damaged` where its tiles are not its leaves'
 */
export async function* mirrored(directory: string): AsyncGenerator<Uint8Array, void> {
  const files = new MirrorFiles(directory);
  const head = given(await files.head(), "stream-malformed");
  await before(files);
  yield line({ ...head, format: JOURNAL_FORMAT } satisfies JournalHeader);
  const [range, tiles] = [CompactRange.empty(), new Tiles()];
  const compare = async (made: readonly MadeTile[]): Promise<void> => {
    for (const [tile, bytes] of made)
      if (!sameBytes(bytes, (await files.tile(tile)) ?? new Uint8Array()))
        throw new Failure("mirror-damaged", { directory, reason: tilePath(tile) });
  };
  for (let from = 0; from < head.size; from += TILE_WIDTH) {
    const tile = tileOf(head.size, "entries", from / TILE_WIDTH) as Tile;
    const leaves = decodeBundle((await files.tile(tile)) ?? new Uint8Array(), tile.width);
    if (leaves === undefined) throw new Failure("mirror-damaged", { directory, reason: tilePath(tile) });
    for (const leaf of leaves) range.append(leafHash(leaf), (level, _, hash) => tiles.add(level, hash));
    await compare(tiles.full());
    if (range.size === head.size) await compare(tiles.rest());
    for (const [i, leaf] of leaves.entries()) yield line({ index: from + i, leaf: toBase64(leaf) } satisfies EventLine);
  }
}

const line = (value: object): Uint8Array => Buffer.from(`${canonicalText(value)}\n`, "utf8");
